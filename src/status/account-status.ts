// Puts each widget of an account into exactly one state, from what is recorded of it and what the last
// pass found. The file, the command, the page and the metrics all show this one value.
import { count } from '../base/text.ts';
import type { AppliedRecord } from '../model/applied-record.ts';
import { fieldName } from '../model/field-name.ts';
import { asJson } from '../model/widget.ts';
import type { FailedStatus, HeldStatus, QueuedStatus, StatusRecord } from './status-record.ts';
import { nameIn } from './widget-name.ts';
import {
  type AccountStatus,
  type StateCounts,
  type WidgetState,
  type WidgetStatus,
  widgetStates,
} from './widget-status.ts';

export function accountStatus(
  records: Iterable<AppliedRecord>,
  record: StatusRecord | null,
): AccountStatus {
  const found = new Findings(record);
  const widgets: WidgetStatus[] = [];
  const seen = new Set<string>();
  for (const applied of records) {
    seen.add(applied.widgetId);
    const finding = found.of(applied.widgetId, applied.file);
    if (applied.isGone && finding === null) continue;
    widgets.push({ ...asApplied(applied), ...finding });
  }
  for (const [key, finding] of found.all()) {
    if (!seen.has(key) && !found.isOfRecord(key)) widgets.push({ ...unrecorded, ...finding });
  }
  widgets.sort(byStateAndFile);
  return { record, widgets, counts: countStates(widgets) };
}

const unrecorded = { name: null, widgetType: null, appliedAt: null, revision: null };

function asApplied(record: AppliedRecord): WidgetStatus {
  const { widgetId, file, spec, appliedAt, revision, isEdited } = record;
  return {
    widgetId,
    file,
    name: nameIn(asJson(spec)),
    widgetType: spec.widget_type ?? null,
    state: 'applied',
    ...quiet,
    since: appliedAt,
    queued: null,
    appliedAt,
    revision,
    ...(isEdited && { isEdited }),
  };
}

const quiet = { reason: null, code: null, line: null, until: null };

/** What of a widget's status the last pass tells. */
type Finding = Omit<WidgetStatus, 'name' | 'widgetType' | 'appliedAt' | 'revision' | 'isEdited'> &
  Partial<Pick<WidgetStatus, 'name' | 'widgetType'>>;

/** The findings by widget, or, where a broken file does not say which widget it is, by file. */
class Findings {
  readonly #byKey = new Map<string, Finding>();
  readonly #ofRecords = new Set<string>();

  constructor(record: StatusRecord | null) {
    if (record === null) return;
    const queue = new Map(record.queue.map((queued) => [queued.widgetId, queued]));
    // The first one counts: these stand in the order in which they explain best what keeps a widget.
    for (const held of record.held) this.#add(fromHeld(held));
    for (const { widgetId, file, name, widgetType, ...failed } of record.failed) {
      const queued = queue.get(widgetId) ?? null;
      const at = { widgetId, file, ...(queued ?? { name, widgetType }) };
      const again = queued?.nextTry ?? null;
      const reason = `${failed.error}${againWords(failed, queued)}`;
      const facts = { ...quiet, reason, line: failed.line, until: again, since: failed.since };
      this.#add({ ...placeOf(at), state: 'failed', ...facts, queued });
    }
    for (const queued of record.queue) {
      // What is sent again alters nothing: the widget is as git declares it.
      if (queued.reason === 'forced' && queued.fields.length === 0) continue;
      const facts = { ...quiet, reason: pendingWords(queued), until: queued.nextTry };
      this.#add({ ...placeOf(queued), state: 'pending', ...facts, since: queued.since, queued });
    }
    for (const { widgetId, file, why, until, fields, since } of record.drifted) {
      const reason = driftWords(why, fields);
      const facts = { ...quiet, reason, until, since, queued: null };
      this.#add({ widgetId, file, state: 'drifted', ...facts });
    }
    for (const { widgetId, file, since } of record.orphaned) {
      const reason = 'applied once, no file now; the widget stays as it is';
      this.#add({ widgetId, file, state: 'orphaned', ...quiet, reason, since, queued: null });
    }
  }

  #add(finding: Finding): void {
    const key = finding.widgetId ?? finding.file;
    if (!this.#byKey.has(key)) this.#byKey.set(key, finding);
  }

  /** Of a recorded widget: by its id, or by the file that it was applied from. */
  of(widgetId: string, file: string): Finding | null {
    const byId = this.#byKey.get(widgetId);
    if (byId !== undefined && byId.state !== 'orphaned') return withoutNames(byId);
    const byFile = this.#byKey.get(file);
    if (byFile === undefined) return byId === undefined ? null : withoutNames(byId);
    this.#ofRecords.add(file);
    return { ...byFile, widgetId };
  }

  isOfRecord(key: string): boolean {
    return this.#ofRecords.has(key);
  }

  all(): Iterable<[string, Finding]> {
    return this.#byKey;
  }
}

/** The record's own name is as good, and there also where the finding has none. */
function withoutNames({ name: _, widgetType: __, ...finding }: Finding): Finding {
  return finding;
}

function placeOf({
  widgetId,
  file,
  name,
  widgetType,
}: Pick<QueuedStatus, 'widgetId' | 'file' | 'name' | 'widgetType'>) {
  return { widgetId, file, name, widgetType };
}

function fromHeld({ widgetId, file, code, message, line, until, since }: HeldStatus): Finding {
  const state: WidgetState = code === 'suspended' ? 'suspended' : 'held';
  return { widgetId, file, state, reason: message, code, line, until, since, queued: null };
}

function againWords(
  { attempts, httpStatus }: Pick<FailedStatus, 'attempts' | 'httpStatus'>,
  queued: QueuedStatus | null,
): string {
  const tries = attempts > 1 ? `; tried ${attempts} times` : '';
  const isRefused = httpStatus !== null && httpStatus >= 400 && httpStatus < 500;
  if (queued !== null || !isRefused) return tries;
  return `${tries}; sent again once the file changes, or by a full resync`;
}

function pendingWords({ reason, fields, phase, place, answered }: QueuedStatus): string {
  const what = reason === 'new' ? 'new' : `${count(fields.length, 'field')} ${reason}`;
  if (phase === 'refused') return `${what}; the plan waits for an approval`;
  if (phase === 'in-flight') return `${what}; on its way`;
  const last = answered === null ? '' : `; ${answered}`;
  if (place === 1) return `${what}; next in the line${last}`;
  return place === null
    ? `${what}; to be sent${last}`
    : `${what}; place ${place} in the line${last}`;
}

function driftWords(why: 'policy' | 'fought-over', fields: readonly string[]): string {
  const names = fields.map(fieldName).join(', ');
  const were = fields.length === 1 ? 'was' : 'were';
  const what = `${names} ${were} changed in the dashboard`;
  if (why === 'policy') return `${what}, and that is only reported`;
  return `${what} again and again: it is fought over`;
}

const rank: { readonly [state in WidgetState]?: number } = Object.fromEntries(
  widgetStates.map((state, index) => [state, index]),
);

function byStateAndFile(a: WidgetStatus, b: WidgetStatus): number {
  if (a.state !== b.state) return (rank[a.state] ?? 0) - (rank[b.state] ?? 0);
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.widgetId ?? '') < (b.widgetId ?? '') ? -1 : 1;
}

function countStates(widgets: readonly WidgetStatus[]): StateCounts {
  const counts = Object.fromEntries(widgetStates.map((state) => [state, 0]));
  for (const { state } of widgets) counts[state] = (counts[state] ?? 0) + 1;
  return counts as StateCounts;
}
