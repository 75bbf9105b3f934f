// The changes that wait, in the order in which they go, with every field.
import { count } from '../../base/text.ts';
import type { Change } from '../../model/plan.ts';
import type { TypedCommand } from '../../status/explain/explanation.ts';
import { approvalCommand } from '../../status/explain/plan-gates.ts';
import type { WidgetStatus } from '../../status/widget-status.ts';
import { type Html, html } from '../page/html.ts';
import { fieldTable } from './field-table.ts';
import { askedNothing, type Moment, operatorPage } from './layout.ts';
import { pageLinks, pageOf } from './page-links.ts';
import { statePill } from './state-words.ts';
import { linkTo, reasonHtml } from './status-page.ts';

export interface PlanSource {
  /** Null where the newest plan no longer has it. */
  readonly changeOf: (widgetId: string) => Change | null;
  readonly command: TypedCommand;
}

export function planPage(moment: Moment, page: number, { changeOf, command }: PlanSource): string {
  const { widgets, record } = moment.account;
  const order = new Map(record?.queue.map(({ widgetId }, at) => [widgetId, at]));
  const placeOf = ({ widgetId }: WidgetStatus) => order.get(widgetId ?? '') ?? order.size;
  const waiting = widgets.filter(({ queued }) => queued !== null);
  const shown = pageOf(
    [...waiting].sort((a, b) => placeOf(a) - placeOf(b)),
    page,
  );
  const approval = record && approvalCommand(record, command);
  const failed = waiting.filter(({ state }) => state === 'failed').length;
  return operatorPage(moment, {
    title: 'Waiting changes – widget-sync',
    at: 'plan',
    asked: askedNothing,
    main: html`<h1>${waiting.length === 0 ? 'Nothing waits' : `${count(waiting.length, 'change')} waiting`}</h1>
${waiting.length === 0 && html`<p class="calm">Every widget that has a usable file is as git declares it, or will not be changed.</p>`}
${failed > 0 && html`<p class="soft">Of these ${failed} failed, and will be tried again.</p>`}
${approval !== null && html`<p class="note">The plan is sent once a person approves it: <code>${approval}</code></p>`}
${shown.items.map((widget) => change(widget, { ...moment, changeOf }))}
${pageLinks(`${moment.place.base}/plan`, askedNothing, shown)}`,
  });
}

type ChangeOptions = Pick<PlanSource, 'changeOf'> & Pick<Moment, 'nowMs' | 'place'>;

function change(widget: WidgetStatus, { nowMs, place, changeOf }: ChangeOptions): Html {
  const { widgetId, file, name, state } = widget;
  const found = widgetId === null ? null : changeOf(widgetId);
  const title = html`<bdi>${name ?? file}</bdi>`;
  return html`<section class="card waiting"><h2>${widgetId === null ? title : linkTo(widgetId, title, place)}</h2>
<p class="about"><code>${file}</code> ${statePill(state)}</p>
${reasonHtml(widget, nowMs)}
${found !== null && fieldTable(found.fields)}</section>
`;
}
