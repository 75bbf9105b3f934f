// The widgets of an account, each with its state: 200 on a page, found by state, name, file or id.
import { isUuid } from '../../model/widget.ts';
import type { WidgetStatus } from '../../status/widget-status.ts';
import { type Content, Html, html } from '../page/html.ts';
import { channelName } from '../picture/channels.ts';
import { pictureHeightPx, pictureWidthPx } from '../picture/render-picture.ts';
import { utcTime } from '../time.ts';
import { awayHtml, timeHtml } from './ages.ts';
import { type Asked, type Moment, operatorPage, type Place, shortRevision } from './layout.ts';
import { pageLinks, pageOf } from './page-links.ts';
import { filterStates, statePill, stateWords } from './state-words.ts';

/** The name of a widget's small picture, by which `/pictures/` has it; null where there is none. */
export type ThumbnailOf = (widgetId: string | null) => string | null;

export function statusPage(moment: Moment, asked: Asked, thumbnailOf: ThumbnailOf): string {
  const { widgets } = moment.account;
  const found = widgetsFound(widgets, asked);
  const shown = pageOf(found, asked.page);
  const title = asked.state === null ? 'Widgets' : `Widgets: ${stateWords[asked.state]}`;
  return operatorPage(moment, {
    title: `${title} – widget-sync`,
    at: 'widgets',
    asked,
    main: html`<h1 class="sr">${title}</h1>
${filters(moment, asked)}
${found.length === 0 ? emptyNote(moment, asked) : table(shown.items, { ...moment, thumbnailOf })}
${pageLinks(`${moment.place.base}/`, asked, shown)}`,
  });
}

function widgetsFound(
  widgets: readonly WidgetStatus[],
  { state, query }: Asked,
): readonly WidgetStatus[] {
  const wanted = query.trim().toLowerCase();
  const ofState = state === null ? widgets : widgets.filter((widget) => widget.state === state);
  if (wanted === '') return ofState;
  return ofState.filter(({ name, file, widgetId }) =>
    [name, file, widgetId].some((text) => text?.toLowerCase().includes(wanted)),
  );
}

function filters({ account, place }: Moment, { state, query }: Asked): Html {
  const link = (to: Asked['state'], count: number, words: string) => {
    const isHere = to === state;
    const target = new URLSearchParams({
      ...(to !== null && { state: to }),
      ...(query !== '' && { q: query }),
    }).toString();
    const kind = to === null || count === 0 ? '' : to;
    return html`<li><a id="f-${to ?? 'all'}" class="${kind}" href="${place.base}/${target !== '' && `?${target}`}"${isHere && html` aria-current="true"`}><strong>${count}</strong> ${words}</a></li>`;
  };
  const { widgets, counts } = account;
  return html`<ul class="filters" aria-label="Filter by state">${[
    link(null, widgets.length, widgets.length === 1 ? 'widget' : 'widgets'),
    ...filterStates.map((one) => link(one, counts[one], stateWords[one])),
  ]}</ul>`;
}

function emptyNote({ account, place }: Moment, { query, state }: Asked): Html {
  if (account.widgets.length === 0) {
    return html`<div class="empty"><p>No widget is known yet. Widgets appear here once a file declares them.</p></div>`;
  }
  const ofState = state === null ? '' : ` that is ${stateWords[state]}`;
  const named = query === '' ? '' : ` with “${query}” in its name, file or id`;
  return html`<p class="empty">There is no widget${ofState}${named}. <a href="${place.base}/">Show all</a></p>`;
}

interface RowOptions extends Pick<Moment, 'nowMs' | 'place'> {
  readonly thumbnailOf: ThumbnailOf;
}

function table(widgets: readonly WidgetStatus[], options: RowOptions): Html {
  return html`<table class="widgets"><thead><tr><th scope="col"><span class="sr">Picture</span></th><th scope="col">Widget</th><th scope="col">State</th><th scope="col">Applied</th></tr></thead>
<tbody>${widgets.map((widget) => row(widget, options))}</tbody></table>`;
}

function row(widget: WidgetStatus, { nowMs, place: at, thumbnailOf }: RowOptions): Html {
  const { widgetId, file, name, widgetType, state, code, appliedAt, revision } = widget;
  // The page of the widget is that of the file that it was applied from.
  const isCopy = code === 'duplicate-id' && appliedAt === null;
  const title = html`<bdi>${name ?? file}</bdi>`;
  const picture = pictureHtml(thumbnailOf(widgetId), at);
  // A name of its own says what the file is about; the file's name is that already.
  const place = name === null ? null : html`<code>${file}</code>`;
  const type = widgetType === null ? null : html`<span>${channelName(widgetType)}</span>`;
  return html`<tr><td class="thumb">${picture}</td>
<th scope="row">${widgetId === null || isCopy ? title : linkTo(widgetId, title, at)}<p class="place">${place}${place !== null && type !== null && ' · '}${type}</p></th>
<td class="state">${statePill(state)}${reasonHtml(widget, nowMs)}</td>
<td class="applied">${appliedAt === null ? html`<span class="never">never</span>` : awayHtml(appliedAt, nowMs)}${revision !== null && html`<code>${shortRevision(revision)}</code>`}</td></tr>
`;
}

/** An id is plain, and there are many. */
export function linkTo(widgetId: string, title: Html, { base }: Place): Html {
  const id = isUuid(widgetId) ? new Html(widgetId) : widgetId;
  return html`<a id="w-${id}" href="${base}/widgets/${id}">${title}</a>`;
}

const [size, loading] = [
  `width="${pictureWidthPx}" height="${pictureHeightPx}"`,
  'alt="" loading="lazy" decoding="async"',
];

function pictureHtml(digest: string | null, { base }: Place): Html | null {
  return digest === null
    ? null
    : new Html(`<img src="${base}/pictures/${digest}.svg" ${size} ${loading}>`);
}

/** Why it is so, where, and until when; nothing for what is applied. */
export function reasonHtml(widget: WidgetStatus, nowMs: number): Content {
  const { reason, code, line, until, queued } = widget;
  if (reason === null) return null;
  const where = line === null ? '' : `, line ${line}`;
  const what = code === null || code === 'suspended' ? null : html`<code>${code}</code>${where}: `;
  const beside = code === null && line !== null ? ` (line ${line})` : '';
  return html`<p class="reason">${what}${reason}${beside}${until !== null && endHtml(until, { reason, isTry: queued?.nextTry != null, nowMs })}</p>`;
}

interface End {
  readonly reason: string;
  /** The next try, not the end of a suspension. */
  readonly isTry: boolean;
  readonly nowMs: number;
}

function endHtml(until: { getTime(): number; toISOString(): string }, end: End): Html {
  if (end.isTry) return html`; next try ${awayHtml(until, end.nowMs)}`;
  const isNamed = end.reason.includes(until.toISOString());
  if (isNamed) return html` (${awayHtml(until, end.nowMs)})`;
  return html`; until ${timeHtml(until, utcTime(until.getTime()))}`;
}
