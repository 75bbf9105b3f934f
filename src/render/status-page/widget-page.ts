// One widget: its state and why, how it looks now and after, what its file says, and the last writes.
import type { JsonObject } from '../../base/json/json.ts';
import { toPointer } from '../../base/json/json.ts';
import { count } from '../../base/text.ts';
import type { Problem } from '../../model/document.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { Explanation, Gate } from '../../status/explain/explanation.ts';
import type { HistoryEntry } from '../../status/history-entry.ts';
import type { WidgetState, WidgetStatus } from '../../status/widget-status.ts';
import { isColourField } from '../diff/is-colour-field.ts';
import { drawWidget } from '../page/draw-widget.ts';
import type { SourceLine } from '../page/excerpt.ts';
import { declaredValue } from '../page/field-change.ts';
import { type Content, type Html, html } from '../page/html.ts';
import type { PreviewStatus, WidgetBodies } from '../page/preview-model.ts';
import { problemList } from '../page/problem-list.ts';
import { noPicture, widgetPictures } from '../page/widget-card.ts';
import { channelName } from '../picture/channels.ts';
import { explanationHeadline, gateStateWords, gateWords } from '../status/explanation-text.ts';
import { awayHtml } from './ages.ts';
import { askedNothing, type Moment, operatorPage, type Place, shortRevision } from './layout.ts';
import { statePill } from './state-words.ts';
import { reasonHtml } from './status-page.ts';
import { writesTable } from './writes-table.ts';

export interface WidgetDetail {
  readonly widgetId: WidgetId;
  readonly widget: WidgetStatus;
  /** Null where nothing is known of it but that its file cannot be used. */
  readonly bodies: WidgetBodies | null;
  /** The names of its pictures, by which `/pictures/` has them. */
  readonly pictures: { readonly now: string | null; readonly after: string } | null;
  readonly problems: readonly Problem[];
  readonly sourceLine: SourceLine;
  /** Newest last. */
  readonly writes: readonly HistoryEntry[];
  readonly explanation: Explanation;
}

export function widgetPage(moment: Moment, detail: WidgetDetail): string {
  const { widget, problems, sourceLine, writes, explanation } = detail;
  const { name, file, state } = widget;
  const title = name ?? file;
  const looks = section('pictures', 'How it looks', pictures(title, detail, moment.place));
  const way = section('why', 'On its way', gateList(explanation));
  // What keeps a widget comes before how it looks; of one that is live there is nothing to say.
  const isLive = explanation.verdict.state === 'passed';
  return operatorPage(moment, {
    title: `${title} – widget-sync`,
    at: null,
    asked: askedNothing,
    main: html`<h1><bdi>${title}</bdi></h1>
<div class="verdict">${statePill(state)}${reasonHtml(widget, moment.nowMs)}</div>
${facts(widget, moment)}
${section('problems', 'What is wrong with the file', problemList(problems, sourceLine))}
${isLive ? [looks, way] : [way, looks]}
${section('declared', state === 'held' ? 'What was applied last' : 'What its file declares', declaredFields(detail.bodies?.declared ?? null))}
${section('writes', 'Last writes', writes.length > 0 && writesTable(writes, { ...moment, names: null }))}`,
  });
}

function section(id: string, title: string, content: Html | null | false): Html | null {
  if (content === null || content === false) return null;
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;
}

function facts(widget: WidgetStatus, { nowMs }: Moment): Html {
  const { widgetId, file, widgetType, since, appliedAt, revision, queued } = widget;
  const told: (readonly [string, Content])[] = [
    ['File', html`<code>${file}</code>`],
    ['Id', widgetId !== null && html`<code>${widgetId}</code>`],
    ['Type', widgetType !== null && channelName(widgetType)],
    ['So since', since !== null && awayHtml(since, nowMs)],
    [
      'Applied',
      appliedAt === null
        ? 'never'
        : html`${awayHtml(appliedAt, nowMs)}${revision !== null && html` from <code>${shortRevision(revision)}</code>`}`,
    ],
    ['Attempts', queued !== null && queued.attempts > 0 && queued.attempts],
    ['Answered', queued?.answered ?? null],
  ];
  return html`<dl class="facts">${told
    .filter(([, value]) => value !== null && value !== false)
    .map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

const statuses: { readonly [state in WidgetState]: PreviewStatus } = {
  applied: 'same',
  pending: 'changed',
  failed: 'changed',
  drifted: 'changed',
  held: 'same',
  suspended: 'waiting',
  orphaned: 'same',
};

const afterwards: { readonly [state in WidgetState]?: string } = {
  drifted: 'As the file declares it',
  suspended: 'After the suspension',
};

function pictures(title: string, detail: WidgetDetail, { base }: Place): Html {
  const { widgetId, widget, bodies } = detail;
  const drawn = bodies && drawWidget(bodies);
  const names = detail.pictures;
  if (bodies === null || drawn === null || names === null) return noPicture;
  const shown = {
    widget: { widgetId, status: bodies.before === null ? 'new' : statuses[widget.state], bodies },
    title,
    afterwards: afterwards[widget.state] ?? 'After this change',
    addressOf: ({ side }: { side: 'before' | 'after' }) =>
      `${base}/pictures/${side === 'before' ? names.now : names.after}.svg`,
  } as const;
  return html`<div class="card differ">${widgetPictures(drawn, shown)}</div>`;
}

/** Those that passed are folded away: they are many, and what matters is where it stands. */
function gateList(explanation: Explanation): Html {
  const { gates } = explanation;
  const last = gates.findLastIndex(({ state }) => state !== 'not-reached');
  const reached = gates.slice(0, last + 1);
  const passed = reached.filter(({ state }) => state === 'passed');
  const others = reached.filter(({ state }) => state !== 'passed').map(gateItem);
  const ahead = gates.slice(last + 1).map(({ gate }) => gateWords[gate]);
  const beyond =
    ahead.length > 0 &&
    html`<li class="not-reached"><span class="word">${gateStateWords['not-reached']}</span>: ${ahead.join(', ')}</li>`;
  return html`<p>${explanationHeadline(explanation)}</p>
${passed.length > 0 && html`<details id="passed"><summary>${count(passed.length, 'gate')} passed</summary><ol class="gates">${passed.map(gateItem)}</ol></details>`}
${(others.length > 0 || ahead.length > 0) && html`<ol class="gates">${others}${beyond}</ol>`}`;
}

function gateItem({ gate, state, says, act, isToMend }: Gate): Html {
  // What is meant so is no fault.
  const isMeant = state === 'stopped' && !isToMend;
  return html`<li class="${isMeant ? 'waits' : state}"><strong>${gateWords[gate]}</strong> <span class="word">${isMeant ? 'meant so' : gateStateWords[state]}</span>${says !== '' && `: ${says}`}${act !== null && html`<p class="act">${act}</p>`}</li>`;
}

function declaredFields(declared: JsonObject | null): Html | null {
  const fields = Object.entries(declared ?? {});
  if (fields.length === 0) return null;
  return html`<dl class="fields">${fields.map(
    ([name, value]) =>
      html`<div><dt><code>${name}</code></dt><dd>${declaredValue(value, { isColour: isColourField(toPointer([name])) })}</dd></div>`,
  )}</dl>`;
}
