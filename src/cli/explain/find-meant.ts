// The one widget that a person means, among thousands, without understanding all of them.
import type { AppliedRecord } from '../../model/applied-record.ts';
import { parseWidgetId } from '../../model/widget.ts';
import type { StateView } from '../../state/state-store.ts';
import { accountStatus } from '../../status/account-status.ts';
import type { Subject } from '../../status/explain/explanation.ts';
import {
  type Findable,
  findWidgets,
  listFound,
  shortestIdStart,
} from '../../status/find-widget.ts';
import type { StatusRecord } from '../../status/status-record.ts';

export interface Meant {
  readonly widget: Subject;
  readonly applied: AppliedRecord | null;
}

/** What the words lead to; `says`: what is wrong with them. */
export type Finding =
  | { readonly found: 'one'; readonly meant: Meant }
  /** A file that nobody has seen yet. */
  | { readonly found: 'unseen'; readonly meant: Meant }
  | { readonly found: 'none'; readonly says: string }
  | { readonly found: 'several'; readonly says: string; readonly widgets: readonly Subject[] };

export const unnamed =
  'name the widget to explain: its file, its id or the first 4 characters of that, or its name';

export async function findMeant(
  asked: string,
  record: StatusRecord | null,
  view: Pick<StateView, 'search'>,
): Promise<Finding> {
  const file = asked.trim().replace(/^\.\//, '');
  const records = await searchRecords(file, record, view);
  const { widgets } = accountStatus(records, record && near(record, asked, records));
  const inFiles = heldIn(record, file);
  const found: readonly Subject[] = inFiles === null ? findWidgets(widgets, asked) : [inFiles];
  const [widget, ...others] = found;
  if (widget === undefined) {
    if (/\.ya?ml$/i.test(file)) {
      return { found: 'unseen', meant: { widget: notSeen(file), applied: null } };
    }
    const says = `no widget is known by the file, id or name ${asked} (of an id at least ${shortestIdStart} characters); widget-sync status lists all`;
    return { found: 'none', says };
  }
  if (others.length > 0) {
    const says = `${asked} means ${found.length} widgets, name one of them by its id or its file: ${listFound(found)}`;
    return { found: 'several', says, widgets: found };
  }
  const { widgetId } = widget;
  const id = parseWidgetId(widgetId);
  const known = records.find((one) => one.widgetId === widgetId);
  const applied = known ?? (id === null ? null : ((await view.search(id))[0] ?? null));
  return { found: 'one', meant: { widget, applied } };
}

/** Those that the words may mean. What the status names by its very file or id need not be looked for. */
async function searchRecords(
  file: string,
  record: StatusRecord | null,
  view: Pick<StateView, 'search'>,
): Promise<AppliedRecord[]> {
  const lower = file.toLowerCase();
  const exact = record === null ? [] : findingsOf(record).filter(isExact);
  const ids = exact.flatMap(({ widgetId }) => parseWidgetId(widgetId) ?? []);
  if (exact.length === 0 || ids.length < exact.length) return await view.search(file);
  const found = await Promise.all([...new Set(ids)].map((id) => view.search(id)));
  return found.flat();

  function isExact(one: Findable): boolean {
    return one.file === file || one.widgetId === lower;
  }
}

function findingsOf({ held, failed, queue, drifted, orphaned }: StatusRecord): Findable[] {
  const unnamed = [...held, ...drifted, ...orphaned].map((one) => ({ ...one, name: null }));
  return [...unnamed, ...failed, ...queue];
}

/** Without what cannot be meant: to put thousands of widgets into their states takes its time. */
function near(
  record: StatusRecord,
  asked: string,
  records: readonly AppliedRecord[],
): StatusRecord {
  const ids = new Set<string | null>(records.map(({ widgetId }) => widgetId));
  const files = new Set(records.map(({ file }) => file));
  const isNear = (one: Omit<Findable, 'name'> & { readonly name?: string | null }) =>
    ids.has(one.widgetId) ||
    files.has(one.file) ||
    findWidgets([{ name: null, ...one }], asked).length > 0;
  return {
    ...record,
    held: record.held.filter(isNear),
    failed: record.failed.filter(isNear),
    queue: record.queue.filter(isNear),
    drifted: record.drifted.filter(isNear),
    orphaned: record.orphaned.filter(isNear),
  };
}

/** Of two files that declare one widget each may be asked for. */
function heldIn(record: StatusRecord | null, file: string): Subject | null {
  const held = record?.held.find((one) => one.file === file);
  return held === undefined ? null : { widgetId: held.widgetId, file, name: null };
}

function notSeen(file: string): Subject {
  return { widgetId: null, file, name: null };
}
