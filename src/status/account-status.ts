// Puts each widget of an account into exactly one state, from what is recorded of it and what the last
// pass found. The file, the command, the page and the metrics all show this one value.
import { count } from '../base/text.ts';
import type { AppliedRecord } from '../model/applied-record.ts';
import { fieldName } from '../model/field-name.ts';
import { asJson } from '../model/widget.ts';
import { refusalOf, untilWords } from './refusal.ts';
import type {
  DriftedStatus,
  FailedStatus,
  HeldStatus,
  Named,
  OrphanedStatus,
  QueuedStatus,
  StatusRecord,
} from './status-record.ts';
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
    const { widgetId, file, isGone } = applied;
    seen.add(widgetId);
    const finding = found.of(widgetId, file);
    if (finding !== null || !isGone)
      widgets.push(widgetStatus(finding ?? fromRecord(applied), applied));
  }
  for (const [key, finding] of found.all()) {
    if (!seen.has(key) && !found.isOfRecord(key)) widgets.push(widgetStatus(finding, null));
  }
  return { record, ...inOrder(widgets) };
}

/** Why a widget is in its state. */
type Finding = Pick<
  WidgetStatus,
  'widgetId' | 'file' | 'state' | 'reason' | 'code' | 'line' | 'since' | 'until' | 'queued'
> &
  Partial<Named>;

/** Of a record the name is known also where the finding does not tell it. */
function widgetStatus(finding: Finding, record: AppliedRecord | null): WidgetStatus {
  const { widgetId, file, state, reason, code, line, since, until, queued } = finding;
  return {
    widgetId: record?.widgetId ?? widgetId,
    file,
    name: record === null ? (finding.name ?? null) : nameIn(asJson(record.spec)),
    widgetType: (record === null ? finding.widgetType : record.spec.widget_type) ?? null,
    state,
    reason,
    code,
    line,
    since,
    until,
    queued,
    appliedAt: record?.appliedAt ?? null,
    revision: record?.revision ?? null,
    ...(record?.isEdited && { isEdited: true }),
  };
}

function fromRecord({ widgetId, file, appliedAt: since }: AppliedRecord): Finding {
  return { widgetId, file, state: 'applied', ...quiet, since, queued: null };
}

const quiet = { reason: null, code: null, line: null, until: null };

/** The findings by widget, or, where a broken file does not say which widget it is, by file. */
class Findings {
  readonly #byKey = new Map<string, Finding>();
  readonly #ofRecords = new Set<string>();

  constructor(record: StatusRecord | null) {
    if (record === null) return;
    const queue = new Map(record.queue.map((queued) => [queued.widgetId, queued]));
    // The first one counts: these stand in the order in which they explain best what keeps a widget.
    for (const held of record.held) this.#add(fromHeld(held));
    for (const failed of record.failed) {
      this.#add(fromFailed(failed, queue.get(failed.widgetId) ?? null));
    }
    for (const queued of record.queue) {
      // What is sent again alters nothing: the widget is as git declares it.
      if (queued.reason !== 'forced' || queued.fields.length > 0) this.#add(fromQueued(queued));
    }
    for (const drifted of record.drifted) this.#add(fromDrifted(drifted));
    for (const orphaned of record.orphaned) this.#add(fromOrphaned(orphaned));
  }

  #add(finding: Finding): void {
    const { widgetId, file, code } = finding;
    const key = widgetId ?? file;
    const first = this.#byKey.get(key);
    if (first === undefined) this.#byKey.set(key, finding);
    // Of files that declare one widget each is to be mended.
    else if (code === 'duplicate-id' && first.file !== file) this.#byKey.set(file, finding);
  }

  /** Of a recorded widget: by its id, or by the file that it was applied from. */
  of(widgetId: string, file: string): Finding | null {
    const byId = this.#byKey.get(widgetId);
    const byFile = this.#byKey.get(file);
    if (byId !== undefined && byFile?.widgetId === widgetId) {
      // Its own file is the widget's; the other one stands for itself.
      this.#byKey.set(file, byId);
      return byFile;
    }
    if (byId !== undefined && byId.state !== 'orphaned') return byId;
    if (byFile === undefined) return byId ?? null;
    this.#ofRecords.add(file);
    return byFile;
  }

  isOfRecord(key: string): boolean {
    return this.#ofRecords.has(key);
  }

  all(): Iterable<[string, Finding]> {
    return this.#byKey;
  }
}

function fromHeld({ widgetId, file, code, message, line, until, since }: HeldStatus): Finding {
  const state: WidgetState = code === 'suspended' ? 'suspended' : 'held';
  return { widgetId, file, state, reason: message, code, line, until, since, queued: null };
}

function fromFailed(failed: FailedStatus, queued: QueuedStatus | null): Finding {
  const { widgetId, file, name, widgetType, line, since } = failed;
  const reason = `${failed.error}${againWords(failed, queued)}`;
  const until = queued?.nextTry ?? null;
  const state = 'failed';
  return {
    widgetId,
    file,
    name,
    widgetType,
    state,
    reason,
    code: null,
    line,
    until,
    since,
    queued,
  };
}

function fromQueued(queued: QueuedStatus): Finding {
  const { widgetId, file, name, widgetType, nextTry: until, since } = queued;
  return {
    widgetId,
    file,
    name,
    widgetType,
    state: 'pending',
    reason: pendingWords(queued),
    code: null,
    line: null,
    until,
    since,
    queued,
  };
}

function fromDrifted({ widgetId, file, why, until, fields, since }: DriftedStatus): Finding {
  const reason = driftWords(why, fields);
  return { widgetId, file, state: 'drifted', ...quiet, reason, until, since, queued: null };
}

function fromOrphaned({ widgetId, file, since }: OrphanedStatus): Finding {
  const reason = 'applied once, no file now; the widget stays as it is';
  return { widgetId, file, state: 'orphaned', ...quiet, reason, since, queued: null };
}

function againWords(
  failed: Pick<FailedStatus, 'attempts' | 'httpStatus'>,
  queued: QueuedStatus | null,
): string {
  const { attempts } = failed;
  const tries = attempts > 1 ? `; tried ${attempts} times` : '';
  if (queued !== null || refusalOf(failed) === null) return tries;
  return `${tries}; ${untilWords}`;
}

function pendingWords({ reason, fields, phase, place, answered }: QueuedStatus): string {
  const what = reason === 'new' ? 'new' : `${count(fields.length, 'field')} ${reason}`;
  if (phase === 'unplanned') return `${reason}; no plan could be made of it yet`;
  if (phase === 'refused') return `${what}; the plan waits for an approval`;
  if (phase === 'unsent') return `${what}; the process ended before it was sent`;
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

/** The worst first, then by file, and how many there are of each state. */
function inOrder(widgets: readonly WidgetStatus[]): Pick<AccountStatus, 'widgets' | 'counts'> {
  const byState = new Map(widgetStates.map((state) => [state, [] as WidgetStatus[]]));
  for (const widget of widgets) byState.get(widget.state)?.push(widget);
  const lists = [...byState];
  return {
    widgets: lists.flatMap(([, list]) => list.sort(byFile)),
    counts: Object.fromEntries(lists.map(([state, { length }]) => [state, length])) as StateCounts,
  };
}

function byFile(a: WidgetStatus, b: WidgetStatus): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.widgetId ?? '') < (b.widgetId ?? '') ? -1 : 1;
}

/** Of an account of which nothing is known. */
export const unknownAccount: AccountStatus = accountStatus([], null);
