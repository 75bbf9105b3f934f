// Writes the state of things for `status`: the findings of the last pass and the failures
// since. Listens to what happens; decides nothing.
import type { Clock } from '../base/clock.ts';
import { ApiError, messageOf } from '../base/errors.ts';
import { briefWaitMs, formatPerSecond } from '../config/rate.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Plan, ReportedDrift, UnappliedWidget } from '../model/plan.ts';
import type { SendFailure } from '../model/send-failure.ts';
import type {
  DriftedStatus,
  FailedStatus,
  StatusRecord,
  UnappliedStatus,
} from '../model/status-record.ts';
import type { WidgetId } from '../model/widget.ts';
import type { StateStore } from '../state/state-store.ts';
import { type Listener, listenerOf, type Refusal } from '../sync/events.ts';
import { describeRefusal } from '../sync/loop/change-gate.ts';
import type { ApiPace } from '../sync/rate/api-pace.ts';
import { limitPatienceMs, refusedWords } from '../sync/rate/limit-patience.ts';
import type { RateLimiter } from '../sync/rate/rate-limiter.ts';
import { isLimit } from '../sync/rate/request-outcome.ts';
import { waitWords } from '../sync/rate/wait.ts';
import { laterOf } from './log-outage.ts';
import { isWorthSaying } from './log-trouble.ts';

export interface StatusReporterDeps {
  readonly state: Pick<StateStore, 'reportStatus'>;
  readonly clock: Clock;
  /** Changes that wait or are in flight. */
  readonly pending: () => number;
  /** Whether decisions rest on what is live. */
  readonly live: { readonly readable: boolean };
  /** The reason that keeps requests from starting. */
  readonly limiter: Pick<RateLimiter, 'wait' | 'refusedForMs' | 'outage'>;
  readonly pace: Pick<ApiPace, 'about'>;
  /** The status could not be written: nothing depends on it, so it is said and no more. */
  readonly onFailure: (message: string) => void;
}

/** The things that can stand in the way, worst first; each goes away by itself only. */
const obstacles = ['key', 'service', 'pass', 'changes', 'sweep'] as const;

type Obstacle = (typeof obstacles)[number];

export interface StatusOrigin {
  readonly command: string;
  readonly directory: string;
}

/** Outcomes come in bursts; the file is written at most this often. */
const quietMs = 500;

export class StatusReporter {
  readonly #origin: StatusOrigin;
  readonly #deps: StatusReporterDeps;
  readonly #failed = new Map<WidgetId, FailedStatus>();
  #kept = new Map<WidgetId, UnappliedStatus>();
  readonly #stopped = new AbortController();
  #plan: Plan | null = null;
  #source: StatusRecord['source'] = null;
  readonly #obstacles = new Map<Obstacle, string>();
  #time: Date | null = null;
  #refusedChecksum: string | null = null;
  /** Since when the service has been down, and what it failed of last. */
  #outage = { since: '', error: '' };
  #writing: Promise<void> | null = null;

  constructor(origin: StatusOrigin, deps: StatusReporterDeps) {
    this.#origin = origin;
    this.#deps = deps;
  }

  readonly hear: Listener = listenerOf({
    'files-loaded': ({ tree }) => {
      this.#source = tree.source;
      this.#changed();
    },
    'files-unsettled': ({ unsettled, sinceMs }) => {
      if (isWorthSaying(unsettled, sinceMs)) this.#block('pass', unsettled.message);
    },
    'plan-made': ({ plan, refusal }) => this.#planned(plan, refusal),
    'finding-unsaved': ({ widget, error }) => this.#fail(widget, error, 0),
    'work-failed': ({ work, error }) => this.#block(work, error.message),
    'sweep-ended': () => this.#block('sweep', null),
    'change-ended': ({ outcome }) => this.#ended(outcome),
    // An attempt failed and others follow: until one succeeds, the widget counts as failed. That the API
    // takes no more for now is no failure of a widget, and stands elsewhere.
    'change-retried': ({ change, error, attempts }) =>
      isLimit(error) ? this.#changed() : this.#fail(change, error, attempts),
    'sending-halted': ({ error }) => this.#block('key', error.message),
    'sending-resumed': () => this.#block('key', null),
    'rate-waiting': () => this.#changed(),
    'limit-learnt': () => this.#changed(),
    'outage-began': ({ since, error, nextTryInMs }) => {
      this.#outage = { since: since.toISOString(), error: error.message };
      this.#blockUntilNextTry(nextTryInMs);
    },
    'outage-continued': ({ nextTryInMs }) => this.#blockUntilNextTry(nextTryInMs),
    'outage-ended': () => this.#block('service', null),
  });

  #planned(plan: Plan, refusal: Refusal | null): void {
    this.#plan = plan;
    this.#time = this.#deps.clock.now();
    this.#kept = new Map(plan.kept.map((kept) => [kept.widgetId, unappliedStatus(kept)]));
    const wanted = new Set(plan.changes.map(({ widgetId }) => widgetId));
    for (const widgetId of this.#failed.keys()) {
      if (!wanted.has(widgetId)) this.#failed.delete(widgetId);
    }
    this.#refusedChecksum = refusal?.checksum ?? null;
    this.#block('changes', refusal && describeRefusal(refusal));
    this.#block('pass', null);
  }

  #ended(outcome: Outcome): void {
    const { widgetId, file } = outcome.change;
    if (outcome.status === 'failed') this.#fail(outcome.change, outcome.error, outcome.attempts);
    if (outcome.status === 'applied') {
      this.#failed.delete(widgetId);
      this.#kept.delete(widgetId);
      const { kept: fields, keptSince: since } = outcome;
      if (since !== undefined) this.#kept.set(widgetId, { widgetId, file, since, fields });
    }
    this.#changed();
  }

  #blockUntilNextTry(nextTryInMs: number): void {
    const { clock, limiter } = this.#deps;
    const next = new Date(clock.now().getTime() + laterOf(nextTryInMs, limiter)).toISOString();
    const { since, error } = this.#outage;
    this.#block(
      'service',
      `the service has been failing since ${since}, one request at a time tries it, the next one at ${next}: ${error}`,
    );
  }

  /** Something stands in the way of looking or sending; null: no longer. */
  #block(obstacle: Obstacle, why: string | null): void {
    if (why === null) this.#obstacles.delete(obstacle);
    else this.#obstacles.set(obstacle, why);
    this.#changed();
  }

  /** Writes what is not written yet, and nothing after that. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#writing;
    await this.#write();
  }

  #fail(change: { widgetId: WidgetId; file: string }, error: SendFailure, attempts: number): void {
    const httpStatus = error instanceof ApiError ? error.status : null;
    const { widgetId, file } = change;
    const time = this.#deps.clock.now();
    this.#failed.set(widgetId, {
      widgetId,
      file,
      error: error.message,
      httpStatus,
      attempts,
      time,
    });
    this.#changed();
  }

  #changed(): void {
    if (this.#stopped.signal.aborted) return;
    this.#writing ??= this.#deps.clock.sleep(quietMs, this.#stopped.signal).then(() => {
      this.#writing = null;
      return this.#stopped.signal.aborted ? undefined : this.#write();
    });
  }

  async #write(): Promise<void> {
    if (this.#plan === null && this.#obstacles.size === 0 && this.#waiting() === null) return;
    try {
      await this.#deps.state.reportStatus(this.#status());
    } catch (error) {
      this.#deps.onFailure(messageOf(error));
    }
  }

  #waiting(): StatusRecord['waiting'] {
    const { wait } = this.#deps.limiter;
    if (wait === null || wait.forMs <= briefWaitMs) return null;
    const until = new Date(this.#deps.clock.now().getTime() + wait.forMs);
    return { why: waitWords[wait.reason], until };
  }

  #worst(): string | null {
    const worst = obstacles.find((obstacle) => this.#obstacles.has(obstacle));
    return (worst && this.#obstacles.get(worst)) ?? this.#limit();
  }

  /** A short while of it is how a limit is found. */
  #limit(): string | null {
    const { refusedForMs } = this.#deps.limiter;
    return refusedForMs < limitPatienceMs ? null : refusedWords(refusedForMs);
  }

  #status(): StatusRecord {
    const plan = this.#plan;
    const { about } = this.#deps.pace;
    return {
      ...this.#origin,
      time: this.#time,
      revision: plan?.revision ?? null,
      source: this.#source,
      blocked: this.#worst(),
      waiting: this.#waiting(),
      apiRate: about === null ? null : formatPerSecond(about),
      isBlind: !this.#deps.live.readable,
      refusedChecksum: this.#refusedChecksum,
      pending: this.#deps.pending(),
      held: plan?.held ?? [],
      failed: [...this.#failed.values()],
      drifted: plan?.drifted.map(driftedStatus) ?? [],
      orphaned: plan?.orphaned ?? [],
      kept: [...this.#kept.values()],
    };
  }
}

function unappliedStatus({ sinceMs, ...kept }: UnappliedWidget): UnappliedStatus {
  return { ...kept, since: new Date(sinceMs) };
}

function driftedStatus({ widgetId, file, why, untilMs, fields }: ReportedDrift): DriftedStatus {
  const until = untilMs === null ? null : new Date(untilMs);
  return { widgetId, file, why, until, fields: fields.map(({ path }) => path) };
}
