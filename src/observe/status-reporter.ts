// What stands in the state directory for `status`: the findings of the last pass and the failures
// since. Watches the loop; decides nothing.
import type { Clock } from '../base/clock.ts';
import { ApiError, messageOf } from '../base/errors.ts';
import { briefWaitMs, formatPerSecond } from '../config/rate.ts';
import type { LoadedTree } from '../model/document.ts';
import type { Outcome } from '../model/outcome.ts';
import type { KeptWidget, Plan, ReportedDrift, WidgetAt } from '../model/plan.ts';
import type { SendFailure } from '../model/send-failure.ts';
import type {
  DriftedStatus,
  FailedStatus,
  KeptStatus,
  StatusRecord,
} from '../model/status-record.ts';
import type { WidgetId } from '../model/widget.ts';
import type { StateStore } from '../state/state-store.ts';
import type { ApiPace } from '../sync/rate/api-pace.ts';
import { limitPatienceMs, refusedWords } from '../sync/rate/limit-patience.ts';
import type { RateLimiter } from '../sync/rate/rate-limiter.ts';
import { isLimit } from '../sync/rate/request-outcome.ts';

import { waitWords } from '../sync/rate/wait.ts';

export interface StatusBoardDeps {
  readonly state: Pick<StateStore, 'reportStatus'>;
  readonly clock: Clock;
  /** Changes that wait or are in flight. */
  readonly pending: () => number;
  /** Whether decisions rest on what is live. */
  readonly live: { readonly readable: boolean };
  /** What keeps requests from starting. */
  readonly limiter: Pick<RateLimiter, 'wait' | 'refusedForMs'>;
  readonly pace: Pick<ApiPace, 'about'>;
  /** The status could not be written: nothing depends on it, so it is said and no more. */
  readonly onFailure: (message: string) => void;
}

/** What can stand in the way, worst first; each goes away by itself only. */
const obstacles = ['key', 'service', 'pass', 'changes', 'sweep'] as const;

export type Obstacle = (typeof obstacles)[number];

export interface StatusOrigin {
  readonly command: string;
  readonly directory: string;
}

/** Outcomes come in bursts; the file is written at most this often. */
const quietMs = 500;

export class StatusBoard {
  readonly #origin: StatusOrigin;
  readonly #deps: StatusBoardDeps;
  readonly #failed = new Map<WidgetId, FailedStatus>();
  #kept = new Map<WidgetId, KeptStatus>();
  readonly #stopped = new AbortController();
  #plan: Plan | null = null;
  #source: StatusRecord['source'] = null;
  readonly #obstacles = new Map<Obstacle, string>();
  #time: Date | null = null;
  #refusedChecksum: string | null = null;
  #writing: Promise<void> | null = null;

  constructor(origin: StatusOrigin, deps: StatusBoardDeps) {
    this.#origin = origin;
    this.#deps = deps;
  }

  loaded({ source }: Pick<LoadedTree, 'source'>): void {
    this.#source = source;
    this.#changed();
  }

  passed(plan: Plan): void {
    this.#plan = plan;
    this.#time = this.#deps.clock.now();
    this.#kept = new Map(plan.kept.map((kept) => [kept.widgetId, keptStatus(kept)]));
    const wanted = new Set(plan.changes.map(({ widgetId }) => widgetId));
    for (const widgetId of this.#failed.keys()) {
      if (!wanted.has(widgetId)) this.#failed.delete(widgetId);
    }
    this.#changed();
  }

  /** An attempt failed and others follow: until one succeeds, the widget counts as failed. */
  retrying(change: { widgetId: WidgetId; file: string }, error: SendFailure, attempts: number) {
    // That the API takes no more for now is no failure of a widget, and stands elsewhere.
    if (isLimit(error)) return this.refresh();
    this.#fail(change, error, attempts);
    this.#changed();
  }

  ended(outcome: Outcome): void {
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

  /** Something stands in the way of looking or sending; null: no longer. */
  blocked(obstacle: Obstacle, why: string | null): void {
    if (why === null) this.#obstacles.delete(obstacle);
    else this.#obstacles.set(obstacle, why);
    this.#changed();
  }

  /** What the board asks for itself when it writes is another than before. */
  refresh(): void {
    this.#changed();
  }

  /** What a pass found of the widget without a request could not be recorded. */
  unrecorded(widget: WidgetAt, error: SendFailure): void {
    this.#fail(widget, error, 0);
    this.#changed();
  }

  /** A plan waits for a person's approval; null: none does. */
  refused(refusal: { readonly checksum: string; readonly message: string } | null): void {
    this.#refusedChecksum = refusal?.checksum ?? null;
    this.blocked('changes', refusal?.message ?? null);
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

function keptStatus({ sinceMs, ...kept }: KeptWidget): KeptStatus {
  return { ...kept, since: new Date(sinceMs) };
}

function driftedStatus({ widgetId, file, why, untilMs, fields }: ReportedDrift): DriftedStatus {
  const until = untilMs === null ? null : new Date(untilMs);
  return { widgetId, file, why, until, fields: fields.map(({ path }) => path) };
}
