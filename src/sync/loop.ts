// The daemon's loop: triggers ask for a pass, passes never overlap, requests for one coalesce.
// Triggers carry no facts; what is true is found by looking.
import type { ApiKey, KeyRefresh } from '../api/api-key.ts';
import type { Clock } from '../clock.ts';
import type { WidgetDirectory } from '../documents/widget-directory.ts';
import { StateError, UsageError } from '../errors.ts';
import type { StateStore } from '../state/store.ts';
import { ChangeQueue, type QueuePolicy } from './change-queue.ts';
import { coalesceHints, defaultPatience } from './coalesce-hints.ts';
import type { Attempt, QueueObserver } from './outcome.ts';
import { applyPlan, type Look, look, refreshRecords } from './pass.ts';
import type { SendRequest } from './send-change.ts';

export type Trigger =
  | 'start'
  | 'files'
  | 'resync'
  | 'signal'
  | 'key'
  | 'unsettled'
  | 'outdated'
  | 'retry';

export interface LoopObserver extends Omit<QueueObserver, 'outdated'> {
  passed(look: Look, facts: { trigger: Trigger; durationMs: number }): void;
  /** The directory or the state could not be used; looked at again in `retryInMs`. */
  passFailed(error: UsageError | StateError, facts: { trigger: Trigger; retryInMs: number }): void;
  /** The key file changed and cannot be used; the earlier key stays in force. */
  keyProblem(problem: string): void;
}

/** Something that was started. */
export interface Running {
  stop(): Promise<void>;
}

export interface LoopDeps {
  readonly directory: Pick<WidgetDirectory, 'load'>;
  readonly state: StateStore;
  readonly key: ApiKey;
  readonly send: (request: SendRequest) => Promise<Attempt>;
  readonly queuePolicy: QueuePolicy;
  readonly observer: LoopObserver;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onBug: (error: unknown) => void;
  /** Starts watching the files; resolves once nothing can be missed any more. */
  readonly watch: (onHint: () => void) => Promise<Running>;
  /** Starts the resync schedule. */
  readonly schedule: (onDue: () => void) => Running;
}

const failedPassRetryMs = 5000;
/** A file that was being written while it was read is looked at again. */
const unsettledMs = 500;
const keyCheckMs = 1000;

export class Loop {
  readonly #deps: LoopDeps;
  readonly #queue: ChangeQueue;
  readonly #stopping = new AbortController();
  readonly #running: Running[] = [];
  #requested: { trigger: Trigger; everything: boolean } | null = null;
  #working: Promise<void> | null = null;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
    this.#queue = new ChangeQueue(deps.queuePolicy, {
      send: deps.send,
      observer: { ...deps.observer, outdated: () => this.#request('outdated') },
      clock: deps.clock,
      random: deps.random,
      onBug: deps.onBug,
    });
  }

  /** Arms every trigger and asks for the first pass. */
  async start(): Promise<void> {
    const { clock, watch, schedule } = this.#deps;
    const hints = coalesceHints(defaultPatience, clock, () => this.#request('files'));
    this.#running.push({ stop: async () => hints.stop() });
    // Armed before the first look: what changes in between is then seen by one of them.
    this.#running.push(await watch(() => hints.hint()));
    this.#running.push(schedule(() => this.resync('resync')));
    const forgetKey = this.#deps.key.onRefresh((found) => this.#onKey(found));
    this.#running.push({ stop: async () => forgetKey() });
    void this.#watchKey().catch(this.#deps.onBug);
    this.#request('start');
  }

  /** Sends every valid widget again, whatever is recorded, and gives refused ones another try. */
  resync(trigger: 'resync' | 'signal'): void {
    this.#queue.forgive();
    this.#request(trigger, { everything: true });
  }

  /** Stops the triggers, lets requests in flight end, and resolves when nothing runs any more. */
  async stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#stopping.abort();
    this.#requested = null;
    await Promise.all(this.#running.map((running) => running.stop()));
    await this.#working;
    await this.#queue.stop({ deadlineMs });
  }

  #request(
    trigger: Trigger,
    { everything }: { everything: boolean } = { everything: false },
  ): void {
    if (this.#stopping.signal.aborted) return;
    const waiting = this.#requested;
    this.#requested = {
      trigger: waiting?.everything ? waiting.trigger : trigger,
      everything: everything || (waiting?.everything ?? false),
    };
    this.#working ??= this.#work()
      .catch(this.#deps.onBug)
      .finally(() => {
        this.#working = null;
      });
  }

  async #work(): Promise<void> {
    // A turn of the event loop later, so that requests made together become one pass.
    await Promise.resolve();
    for (let next = this.#requested; next !== null; next = this.#requested) {
      this.#requested = null;
      await this.#pass(next.trigger, next.everything);
    }
  }

  async #pass(trigger: Trigger, everything: boolean): Promise<void> {
    const { directory, state, observer, clock } = this.#deps;
    const startedMs = clock.monotonicMs();
    try {
      const seen = look({ send: everything ? 'all' : 'changed' }, { directory, state });
      applyPlan(seen.plan, this.#queue);
      observer.passed(seen, { trigger, durationMs: clock.monotonicMs() - startedMs });
      if (seen.tree.held.some((held) => held.code === 'changing-file')) {
        this.#requestIn(unsettledMs, 'unsettled', everything);
      }
      await refreshRecords(seen.plan, state);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof StateError)) throw error;
      observer.passFailed(error, { trigger, retryInMs: failedPassRetryMs });
      this.#requestIn(failedPassRetryMs, 'retry', everything);
    }
  }

  #requestIn(ms: number, trigger: Trigger, everything: boolean): void {
    void this.#deps.clock.sleep(ms, this.#stopping.signal).then(() => {
      this.#request(trigger, { everything });
    });
  }

  /** The client refreshes the key before each request; nobody does while nothing is sent. */
  async #watchKey(): Promise<void> {
    const { key, clock } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      key.refresh();
      await clock.sleep(keyCheckMs, signal);
    }
  }

  #onKey(found: Exclude<KeyRefresh, 'same'>): void {
    if (found !== 'changed') {
      this.#deps.observer.keyProblem(found.problem);
      return;
    }
    this.#queue.forgive();
    this.#request('key');
  }
}
