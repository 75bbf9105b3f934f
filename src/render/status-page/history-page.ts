// The last confirmed writes of the account.
import type { HistoryEntry } from '../../status/history-entry.ts';
import { html } from '../page/html.ts';
import { askedNothing, type Moment, operatorPage } from './layout.ts';
import { writesTable } from './writes-table.ts';

/** As many as are looked through; `widget-sync history` has all. */
export const writesOnPage = 200;

/** `entries`: newest last. */
export function historyPage(moment: Moment, entries: readonly HistoryEntry[]): string {
  const names = new Map(moment.account.widgets.map(({ widgetId, name }) => [widgetId, name]));
  const isCut = entries.length >= writesOnPage;
  return operatorPage(moment, {
    title: 'History – widget-sync',
    at: 'history',
    asked: askedNothing,
    main: html`<h1>Last writes</h1>
${
  entries.length === 0
    ? html`<p class="empty">No write was confirmed yet.</p>`
    : writesTable(entries, { ...moment, names })
}
${isCut && html`<p class="soft">The last ${writesOnPage}. <code>widget-sync history</code> shows more.</p>`}`,
  });
}
