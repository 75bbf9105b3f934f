// The daemon's loop: triggers ask for a pass, passes never overlap, requests for one coalesce.
// Triggers carry no facts; what is true is found by looking.
import { sharedController } from '../abort.ts';
import type { KeyRefresh } from '../api/api-key.ts';
import type { LoadedTree, WidgetDocument } from '../documents/types.ts';
import { ApiError, StateError, UsageError } from '../errors.ts';
import type { WidgetId } from '../widget.ts';
import { backoffMs } from './backoff.ts';
import { ChangeQueue } from './change-queue.ts';
import { coalesceHints, defaultPatience } from './coalesce-hints.ts';
import { LiveMemory } from './live-memory.ts';
import type { LoopDeps, PassFailure, Running, Trigger } from './loop-types.ts';
import { applyPlan, look, planFrom, recordFindings } from './pass.ts';
import { priority } from './priority.ts';
import { isAccountWide } from './send-failure.ts';
import { Sweeps, type SweepTrigger } from './sweeps.ts';

/** A request for a pass. */
interface Ask {
  readonly trigger: Trigger;
  /** Send every valid widget, whatever is recorded. */
  readonly force: boolean;
}

const failedPassBackoff = { baseMs: 2000, capMs: 60_000 };
/** A file that was being written while it was read is looked at again. */
const unsettledMs = 500;
const keyCheckMs = 1000;
/** Watching can go blind without a word: a swapped link, a mount, a lost event. */
const rescanMs = 30_000;

export class Loop {
  readonly #deps: LoopDeps;
  readonly #queue: ChangeQueue;
  readonly #stopping = sharedController();
  readonly #running: Running[] = [];
  readonly #sweeps = new Sweeps((trigger) => this.#sweepOnce(trigger));
  #asked: Ask | null = null;
  #working: Promise<void> | null = null;
  readonly #memory = new LiveMemory();
  #documents: readonly WidgetDocument[] = [];
  #hasSwept = false;
  readonly #failures = { pass: 0, sweep: 0 };
  /** What a failed pass or sweep was to do, until one has done it. */
  readonly #owed = { force: false, resend: false };
  readonly #retries = { pass: new AbortController(), sweep: new AbortController() };
  #until = new AbortController();
  /** What a refused key kept from being done. */
  readonly #afterKey = new Map<'pass' | 'sweep', () => void>();

  constructor(deps: LoopDeps) {
    this.#deps = deps;
    this.#queue = new ChangeQueue(deps.queuePolicy, {
      requests: deps.requests,
      gate: deps.gate,
      send: deps.send,
      observer: { ...deps.observer, outdated: () => this.#ask('outdated') },
      clock: deps.clock,
      random: deps.random,
      onBug: deps.onBug,
    });
  }

  /** Arms every trigger and asks for the first pass. */
  async start(): Promise<void> {
    const { clock, watch, schedule, key, onBug } = this.#deps;
    const hints = coalesceHints(defaultPatience, clock, () => this.#ask('files'));
    this.#running.push({ stop: async () => hints.stop() });
    // Armed before the first look: what changes in between is then seen by one of them.
    this.#running.push(await watch(() => hints.hint()));
    this.#running.push(schedule(() => this.sweep('resync')));
    const forgetKey = key.onRefresh((found) => this.#onKey(found));
    this.#running.push({ stop: async () => forgetKey() });
    // The client refreshes the key before each request; nobody does while nothing is sent.
    void this.#every(keyCheckMs, () => key.refresh()).catch(onBug);
    // As a hint: files that are being written at the moment are let come to rest.
    void this.#every(rescanMs, () => hints.hint()).catch(onBug);
    this.#ask('start');
  }

  /** Changes that wait or are in flight. */
  get pending(): number {
    return this.#queue.size;
  }

  /**
   * Looks at everything that is live and gives refused widgets another try. Where the account
   * cannot be read, every valid widget is sent instead.
   */
  sweep(trigger: SweepTrigger): void {
    if (trigger !== 'start') this.#queue.forgive();
    this.#sweeps.ask(trigger);
  }

  /** Stops the triggers, lets requests in flight end, and resolves when nothing runs any more. */
  async stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#stopping.abort();
    this.#asked = null;
    // The queue first: whatever else takes time to stop, nothing new is sent meanwhile.
    const queueStopped = this.#queue.stop({ deadlineMs });
    await Promise.allSettled(this.#running.map((running) => running.stop()));
    await Promise.all([this.#working, this.#sweeps.stop()]);
    await queueStopped;
  }

  #ask(trigger: Trigger, force = false): void {
    if (this.#stopping.signal.aborted) return;
    const waiting = this.#asked;
    this.#asked = {
      trigger: waiting === null || waiting.trigger === 'files' ? trigger : waiting.trigger,
      force: force || (waiting?.force ?? false),
    };
    this.#working ??= this.#work().catch(this.#deps.onBug);
  }

  async #work(): Promise<void> {
    // A turn of the event loop later, so that requests made together become one pass.
    await Promise.resolve();
    try {
      for (let next = this.#asked; next !== null; next = this.#asked) {
        this.#asked = null;
        await this.#passOnce(next);
      }
    } finally {
      // In the same turn as the last look at requests: whatever comes next begins anew.
      this.#working = null;
    }
  }

  async #passOnce(ask: Ask): Promise<void> {
    const force = ask.force || this.#owed.force;
    this.#owed.force = force;
    const again = () => this.#ask('retry');
    await this.#attempt('pass', { trigger: ask.trigger, again }, async () => {
      await this.#pass({ ...ask, force });
      this.#owed.force = false;
    });
  }

  async #pass({ trigger, force }: Ask): Promise<void> {
    const { state, observer, clock, policy } = this.#deps;
    const startedMs = clock.monotonicMs();
    const recall = (tree: LoadedTree) => {
      const { documents } = tree;
      observer.loaded(tree);
      // Before anything is read, which may take long: what the files no longer say is not sent.
      this.#queue.retain(new Map(documents.map(({ widgetId, hash }) => [widgetId, hash])));
      return this.#memory.recall(documents, state, clock.now().getTime());
    };
    const seen = await look(recall, this.#stopping.signal, this.#deps);
    if (seen === null) return;
    const { documents } = seen.tree;
    const now = clock.now();
    const nowMs = now.getTime();
    this.#documents = documents;
    this.#memory.remember(seen.live, documents, nowMs);
    const plan = planFrom(seen, { ...policy, send: force ? 'all' : 'changed', nowMs }, state);
    applyPlan(plan, this.#queue);
    observer.passed(seen, plan, { trigger, durationMs: clock.monotonicMs() - startedMs });
    this.#askAgainFor(seen.tree);
    const isBusy = (widgetId: WidgetId) => this.#queue.has(widgetId);
    await recordFindings(plan, { state, isBusy }, now);
    if (this.#hasSwept) return;
    this.#hasSwept = true;
    // The first pass of an account has just read all of it, unless it cannot be read.
    const isAllKnown = documents.every(({ widgetId }) => seen.live.widgets.has(widgetId));
    if (this.#deps.live.readable && !isAllKnown) this.sweep('start');
  }

  async #sweepOnce(trigger: SweepTrigger): Promise<void> {
    const owed = this.#owed.resend || trigger === 'resend' ? 'resend' : trigger;
    this.#owed.resend = owed === 'resend';
    const again = () => this.sweep(owed);
    const read = async () => {
      await this.#readEverything(owed);
      this.#owed.resend = false;
      this.#deps.observer.swept();
    };
    await this.#attempt('sweep', { trigger: owed, again }, read).catch(this.#deps.onBug);
  }

  async #readEverything(trigger: SweepTrigger): Promise<void> {
    const { live, clock } = this.#deps;
    const documents = this.#documents;
    const wanted = new Set(documents.map(({ widgetId }) => widgetId));
    const { signal } = this.#stopping;
    const view = await live.read(wanted, { priority: priority.resyncRead, signal });
    if (view === null) return;
    this.#memory.remember(view, documents, clock.now().getTime());
    const blind = !live.readable && trigger !== 'start';
    this.#ask(trigger, trigger === 'resend' || blind);
  }

  /** Whatever stands in the way is said, and the work is done again after a while. */
  async #attempt(
    work: 'pass' | 'sweep',
    { trigger, again }: { trigger: Trigger; again: () => void },
    act: () => Promise<void>,
  ): Promise<void> {
    const { observer, random } = this.#deps;
    this.#retries[work].abort();
    try {
      await act();
      this.#failures[work] = 0;
    } catch (error) {
      if (!isExpected(error)) throw error;
      if (error instanceof ApiError && isAccountWide(error)) {
        this.#afterKey.set(work, again);
        this.#queue.halt(error);
        return;
      }
      this.#failures[work] += 1;
      const retryInMs = backoffMs(this.#failures[work], failedPassBackoff, random) + unsettledMs;
      observer.passFailed(error, { work, trigger, retryInMs });
      this.#retries[work] = this.#later(retryInMs, again);
    }
  }

  #askAgainFor(tree: LoadedTree): void {
    if (tree.held.some((held) => held.code === 'changing-file')) {
      this.#later(unsettledMs, () => this.#ask('unsettled'));
    }
    this.#until.abort();
    if (tree.nextUntil === null) return;
    const waitMs = tree.nextUntil.getTime() - this.#deps.clock.now().getTime();
    this.#until = this.#later(waitMs, () => this.#ask('until'));
  }

  /** Acts after `ms`, unless what it returns is aborted or the loop stops. */
  #later(ms: number, act: () => void): AbortController {
    const timer = new AbortController();
    const stop = () => timer.abort();
    this.#stopping.signal.addEventListener('abort', stop);
    void this.#deps.clock.sleep(ms, timer.signal).then(() => {
      this.#stopping.signal.removeEventListener('abort', stop);
      if (!timer.signal.aborted) act();
    });
    return timer;
  }

  async #every(ms: number, act: () => void): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#deps.clock.sleep(ms, signal);
      if (signal.aborted) return;
      act();
    }
  }

  #onKey(found: Exclude<KeyRefresh, 'same'>): void {
    if (found !== 'changed') {
      this.#deps.observer.keyProblem(found.problem);
      return;
    }
    this.#deps.observer.keyChanged();
    this.#deps.live.forgive();
    this.#memory.forget();
    this.#queue.forgive();
    const waiting = [...this.#afterKey.values()];
    this.#afterKey.clear();
    for (const again of waiting) again();
    this.#ask('key');
  }
}

function isExpected(error: unknown): error is PassFailure {
  return error instanceof UsageError || error instanceof StateError || error instanceof ApiError;
}
