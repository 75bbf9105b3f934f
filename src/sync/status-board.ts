// What stands in the state directory for `status`: the findings of the last pass and the failures
// since. Watches the loop; decides nothing.
import type { Clock } from '../clock.ts';
import { ApiError, messageOf } from '../errors.ts';
import type { Plan } from '../plan/types.ts';
import type { FailedStatus, StatusRecord } from '../state/status-record.ts';
import type { StateStore } from '../state/store.ts';
import type { WidgetId } from '../widget.ts';
import type { Outcome } from './outcome.ts';
import type { SendFailure } from './send-failure.ts';

export interface StatusBoardDeps {
  readonly state: Pick<StateStore, 'reportStatus'>;
  readonly clock: Clock;
  /** The status could not be written: nothing depends on it, so it is said and no more. */
  readonly onFailure: (message: string) => void;
}

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
  readonly #stopped = new AbortController();
  readonly #pending = new Set<WidgetId>();
  #plan: Plan | null = null;
  #time = new Date(0);
  #writing: Promise<void> | null = null;

  constructor(origin: StatusOrigin, deps: StatusBoardDeps) {
    this.#origin = origin;
    this.#deps = deps;
  }

  passed(plan: Plan): void {
    this.#plan = plan;
    this.#time = this.#deps.clock.now();
    const wanted = new Set(plan.changes.map(({ widgetId }) => widgetId));
    for (const widgetId of this.#failed.keys()) {
      if (!wanted.has(widgetId)) this.#failed.delete(widgetId);
    }
    this.#pending.clear();
    for (const widgetId of wanted) this.#pending.add(widgetId);
    this.#changed();
  }

  /** An attempt failed and others follow: until one succeeds, the widget counts as failed. */
  retrying(change: { widgetId: WidgetId; file: string }, error: SendFailure, attempts: number) {
    this.#fail(change, error, attempts);
    this.#changed();
  }

  ended(outcome: Outcome): void {
    const { widgetId } = outcome.change;
    if (outcome.status === 'failed') this.#fail(outcome.change, outcome.error, outcome.attempts);
    if (outcome.status === 'applied') this.#failed.delete(widgetId);
    if (outcome.status !== 'unsent') this.#pending.delete(widgetId);
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
  }

  #changed(): void {
    if (this.#stopped.signal.aborted) return;
    this.#writing ??= this.#deps.clock.sleep(quietMs, this.#stopped.signal).then(() => {
      this.#writing = null;
      return this.#stopped.signal.aborted ? undefined : this.#write();
    });
  }

  async #write(): Promise<void> {
    if (this.#plan === null) return;
    try {
      await this.#deps.state.reportStatus(this.#status(this.#plan));
    } catch (error) {
      this.#deps.onFailure(messageOf(error));
    }
  }

  #status(plan: Plan): StatusRecord {
    return {
      ...this.#origin,
      time: this.#time,
      revision: plan.revision,
      pending: this.#pending.size,
      held: plan.held,
      failed: [...this.#failed.values()],
      drifted: plan.drifted.map(({ widgetId, file, why, untilMs, fields }) => ({
        widgetId,
        file,
        why,
        until: untilMs === null ? null : new Date(untilMs),
        fields: fields.map(({ path }) => path),
      })),
      orphaned: plan.orphaned,
    };
  }
}
