// Confirmed writes as a table, newest first.
import { fieldName } from '../../model/field-name.ts';
import type { HistoryEntry } from '../../status/history-entry.ts';
import { fieldChange } from '../page/field-change.ts';
import { type Html, html } from '../page/html.ts';
import { legendEntry } from '../picture/legend.ts';
import { fieldChanges } from '../status/history-text.ts';
import { awayHtml } from './ages.ts';
import { type Moment, revisionHtml } from './layout.ts';

export interface WritesOptions extends Pick<Moment, 'nowMs' | 'place'> {
  /**
   * The names of the widgets that have a page, by id, null for one without a name; null for a table of one
   * widget, which need not say whose they are.
   */
  readonly names: ReadonlyMap<string | null, string | null> | null;
}

/** `entries`: newest last, as the history has them. */
export function writesTable(entries: readonly HistoryEntry[], options: WritesOptions): Html {
  const { names } = options;
  const heads = ['When', ...(names === null ? [] : ['Widget']), 'Why', 'What', 'Commit'];
  return html`<table class="writes"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${[...entries].reverse().map((entry) => row(entry, options))}</tbody></table>`;
}

function row(entry: HistoryEntry, { nowMs, place, names }: WritesOptions): Html {
  const { time, widgetId, file, reason, attempts } = entry;
  const title = html`<bdi>${names?.get(widgetId) ?? file}</bdi>`;
  const whose =
    names !== null &&
    html`<th scope="row">${names.has(widgetId) ? html`<a href="${place.base}/widgets/${widgetId}">${title}</a>` : title}<p class="place"><code>${file}</code></p></th>`;
  const tries = attempts > 1 ? `, attempt ${attempts}` : '';
  return html`<tr><td class="when">${awayHtml(time, nowMs)}</td>${whose}<td class="why">${reason}${tries}</td><td class="what">${whatChanged(entry)}</td><td class="commit">${commitHtml(entry)}</td></tr>
`;
}

function commitHtml({ revision, commit, isEdited }: HistoryEntry): Html | null {
  const id = commit?.id ?? revision;
  return id === null
    ? null
    : revisionHtml(id, { commit: commit ?? null, isEdited: isEdited === true });
}

const mostFields = 8;

function whatChanged(entry: HistoryEntry): Html {
  const { reason, fields, after } = entry;
  if (reason === 'forgotten') {
    return html`<span class="soft">its record was removed; the widget stays</span>`;
  }
  if (fields.length === 0) return html`<span class="soft">no field: sent again</span>`;
  const more = fields.length - mostFields;
  const rest = more > 0 && html`<p class="soft">… and ${more} more</p>`;
  // Earlier versions kept no values.
  if (after === undefined) {
    const names = fields.slice(0, mostFields).map((path) => html`<code>${fieldName(path)}</code> `);
    return html`${names}${rest}`;
  }
  const changes = fieldChanges(entry).slice(0, mostFields);
  return html`${changes.map(
    (change) => html`<code>${fieldName(change.path)}</code>${fieldChange(legendEntry(0, change))}`,
  )}${rest}`;
}
