// What the events of one account come to: the findings of the last pass, and what failed since. Listens,
// decides nothing, and writes nothing.
import type { Clock } from '../../base/clock.ts';
import { ApiError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json/json.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { Commit } from '../../model/commit.ts';
import type { LoadedTree } from '../../model/document.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Change, HeldWidget, Plan, ReportedDrift, UnappliedWidget } from '../../model/plan.ts';
import type { SendFailure } from '../../model/send-failure.ts';
import { asJson, type WidgetId } from '../../model/widget.ts';
import { readLagMs } from '../../plan/uncertain/read-through.ts';
import type {
  DriftedStatus,
  FailedStatus,
  FilesStatus,
  HeldStatus,
  Named,
  QueuedStatus,
  StatusRecord,
  UnappliedStatus,
} from '../../status/status-record.ts';
import { nameIn } from '../../status/widget-name.ts';
import { type Listener, listenerOf, type Refusal } from '../../sync/events.ts';
import type { QueuedChange } from '../../sync/queue/queued-changes.ts';
import { isLimit } from '../../sync/rate/request-outcome.ts';
import { refusalProblems } from '../rejection-problems.ts';

export type Findings = Omit<
  StatusRecord,
  'command' | 'directory' | 'obstacles' | 'waiting' | 'apiRate' | 'isBlind' | 'lifetime' | 'queue'
>;

export interface FindingsDeps {
  readonly clock: Pick<Clock, 'now'>;
  readonly directory: Pick<WidgetDirectory, 'locate' | 'compose'>;
}

export class StatusFindings {
  readonly #deps: FindingsDeps;
  readonly #failed = new Map<WidgetId, FailedStatus>();
  #kept = new Map<WidgetId, UnappliedStatus>();
  #plan: Plan | null = null;
  #commit: Commit | null = null;
  #lines = new Map<string, number>();
  #source: StatusRecord['source'] = null;
  #time: Date | null = null;
  #refusal: Refusal | null = null;
  #lastWrite: Date | null = null;
  #lastResync: Date | null = null;
  #files: FilesStatus = { lookedAt: null, found: 0, unsettled: null };
  #unsent: Change[] = [];
  /** When widgets were written that no read has shown since. */
  readonly #unseen = new Map<string, Date>();

  constructor(deps: FindingsDeps) {
    this.#deps = deps;
  }

  readonly hear: Listener = listenerOf({
    'files-loaded': ({ tree }) => {
      this.#source = tree.source;
      const found = tree.documents.length + tree.held.length;
      this.#files = { lookedAt: this.#deps.clock.now(), found, unsettled: null };
    },
    'files-unsettled': ({ unsettled: { code, message: says }, sinceMs }) => {
      const since = new Date(this.#deps.clock.now().getTime() - sinceMs);
      this.#files = { ...this.#files, unsettled: { code, says, since } };
    },
    'widget-read': ({ body }) => this.#seen(body),
    'plan-made': ({ tree, plan, refusal }) => this.#planned(tree, plan, refusal),
    'record-forgotten': ({ widget }) => void this.#unseen.delete(widget.widgetId),
    'finding-unsaved': ({ widget, error }) => this.#fail({ ...widget, ...unnamed }, error, 0),
    'change-ended': ({ outcome }) => this.#ended(outcome),
    // An attempt failed and others follow: until one succeeds, the widget counts as failed. That the API
    // takes no more for now is no failure of a widget, and stands elsewhere.
    'change-retried': ({ change, error, attempts }) => {
      if (!isLimit(error))
        this.#fail(failing(change), error, attempts, this.#placeOf(change, error));
    },
    'sweep-ended': () => {
      this.#lastResync = this.#deps.clock.now();
    },
  });

  /** What earlier processes wrote and no read has shown. */
  carry(unseen: Iterable<readonly [string, Date]>): void {
    for (const [widgetId, writtenAt] of unseen) this.#unseen.set(widgetId, writtenAt);
  }

  /** Changes of the last plan that were given up, such as for the end of the process. */
  get unsentChanges(): readonly Change[] {
    return this.#unsent;
  }

  get hasPlan(): boolean {
    return this.#plan !== null;
  }

  get lastWrite(): Date | null {
    return this.#lastWrite;
  }

  /** When everything that is live was read last. */
  get lastResync(): Date | null {
    return this.#lastResync;
  }

  /** The changes of a plan that is not sent. */
  get refusedChanges(): readonly Change[] {
    return this.#refusal === null ? [] : (this.#plan?.changes ?? []);
  }

  list(): Findings {
    const plan = this.#plan;
    const since = this.#time ?? this.#deps.clock.now();
    return {
      time: this.#time,
      revision: plan?.revision ?? null,
      commit: this.#commit,
      source: this.#source,
      files: this.#files,
      unseen: [...this.#unseen.keys()].sort(),
      refusedChecksum: this.#refusal?.checksum ?? null,
      held:
        plan?.held.map((held) => {
          const line = this.#lines.get(held.file) ?? null;
          return heldStatus(held, { line, since });
        }) ?? [],
      failed: [...this.#failed.values()],
      drifted: plan?.drifted.map((drift) => driftedStatus(drift, since)) ?? [],
      orphaned: plan?.orphaned.map(({ widgetId, file }) => ({ widgetId, file, since })) ?? [],
      kept: [...this.#kept.values()],
    };
  }

  #planned(tree: LoadedTree, plan: Plan, refusal: Refusal | null): void {
    this.#plan = plan;
    this.#time = this.#deps.clock.now();
    this.#commit = tree.commit ?? null;
    this.#refusal = refusal;
    this.#unsent = [];
    const errors = tree.problems.filter(({ severity }) => severity === 'error');
    // The first one of each file counts.
    this.#lines = new Map(errors.reverse().map(({ file, range }) => [file, range.start.line]));
    this.#kept = new Map(plan.kept.map((kept) => [kept.widgetId, unappliedStatus(kept)]));
    const wanted = new Set(plan.changes.map(({ widgetId }) => widgetId));
    for (const widgetId of this.#failed.keys()) {
      if (!wanted.has(widgetId)) this.#failed.delete(widgetId);
    }
    for (const { widgetId } of plan.gone) this.#unseen.delete(widgetId);
  }

  #ended(outcome: Outcome): void {
    const { change } = outcome;
    const { widgetId, file } = change;
    if (outcome.status === 'failed') {
      const { error, attempts } = outcome;
      this.#fail(failing(change), error, attempts, this.#placeOf(change, error));
    }
    if (outcome.status === 'unsent') this.#unsent.push(change);
    if (outcome.status !== 'applied') return;
    this.#lastWrite = this.#deps.clock.now();
    this.#unseen.set(widgetId, this.#lastWrite);
    this.#failed.delete(widgetId);
    this.#kept.delete(widgetId);
    const { kept: fields, keptSince: since } = outcome;
    if (since !== undefined) this.#kept.set(widgetId, { widgetId, file, since, fields });
  }

  /** A read right after a write may still show what was there before. */
  #seen({ id }: JsonObject): void {
    const writtenAt = typeof id === 'string' ? this.#unseen.get(id) : undefined;
    if (writtenAt === undefined) return;
    const ageMs = this.#deps.clock.now().getTime() - writtenAt.getTime();
    if (ageMs >= readLagMs) this.#unseen.delete(String(id));
  }

  #fail(
    at: Named & { readonly widgetId: WidgetId; readonly file: string },
    error: SendFailure,
    attempts: number,
    { line, aside }: Blamed = noPlace,
  ): void {
    const httpStatus = error instanceof ApiError ? error.status : null;
    const time = this.#deps.clock.now();
    const since = this.#failed.get(at.widgetId)?.since ?? time;
    const what = { error: error.message + aside, httpStatus, attempts, time, line, since };
    this.#failed.set(at.widgetId, { ...at, ...what });
  }

  /** Of the first field that the API named. */
  #placeOf(change: Change, error: SendFailure): Blamed {
    const [problem] = refusalProblems(change, error, this.#deps.directory);
    if (problem === undefined) return noPlace;
    const { line } = problem.range.start;
    if (problem.file === change.file) return { line, aside: '' };
    return { line: null, aside: ` (at ${problem.file}:${line})` };
  }
}

/** What a failure is blamed on: a line of the widget's file, or words that name one of a fragment. */
interface Blamed {
  readonly line: number | null;
  readonly aside: string;
}

const noPlace: Blamed = { line: null, aside: '' };

const unnamed: Named = { name: null, widgetType: null };

function namesOf({ spec }: Change): Named {
  return { name: nameIn(asJson(spec)), widgetType: spec.widget_type ?? null };
}

function failing(change: Change) {
  const { widgetId, file } = change;
  return { widgetId, file, ...namesOf(change) };
}

export function queuedStatus(queued: QueuedChange): QueuedStatus {
  const { change, phase, place, attempts, failure, nextTry, since } = queued;
  const { widgetId, file, reason, revision } = change;
  return {
    ...{ widgetId, file, ...namesOf(change), reason, revision },
    fields: change.fields.map(({ path }) => path),
    ...{ phase, place, attempts, since, nextTry },
    answered: failure?.message ?? null,
    httpStatus: failure instanceof ApiError ? failure.status : null,
  };
}

export function heldStatus(
  { widgetId, file, code, message, until }: HeldWidget,
  { line, since }: Pick<HeldStatus, 'line' | 'since'>,
): HeldStatus {
  const where = code === 'suspended' ? null : line;
  return { widgetId, file, code, message, line: where, until: until ?? null, since };
}

export function notInQueue(change: Change, phase: 'refused' | 'unsent', since: Date): QueuedStatus {
  const nothing = { place: null, attempts: 0, failure: null, nextTry: null };
  return { ...queuedStatus({ change, phase: 'queued', ...nothing, since }), phase };
}

function unappliedStatus({ sinceMs, ...kept }: UnappliedWidget): UnappliedStatus {
  return { ...kept, since: new Date(sinceMs) };
}

function driftedStatus(drift: ReportedDrift, since: Date): DriftedStatus {
  const { widgetId, file, why, untilMs, fields } = drift;
  const until = untilMs === null ? null : new Date(untilMs);
  return { widgetId, file, why, until, fields: fields.map(({ path }) => path), since };
}
