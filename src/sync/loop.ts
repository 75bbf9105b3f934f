// The daemon's loop: triggers ask for a pass, passes never overlap, requests for one coalesce.
// Triggers carry no facts; what is true is found by looking.
import { sharedController } from '../abort.ts';
import type { KeyRefresh } from '../api/api-key.ts';
import type { LoadedTree, Unsettled, WidgetDocument } from '../documents/types.ts';
import type { ApiError } from '../errors.ts';
import type { WidgetId } from '../widget.ts';
import { Attempts } from './attempts.ts';
import { ChangeGuard } from './change-guard.ts';
import { ChangeQueue } from './change-queue.ts';
import { Delays } from './delays.ts';
import { FileTriggers } from './file-triggers.ts';
import { LiveMemory } from './live-memory.ts';
import { LookAgain } from './look-again.ts';
import type { Ask, LoopDeps, Running, Trigger } from './loop-types.ts';
import { applyPlan, look, planFrom, recordFindings, type Sight } from './pass.ts';
import { priority } from './priority.ts';
import { Sweeps, type SweepTrigger } from './sweeps.ts';

const checkMs = 1000;

export class Loop {
  readonly #deps: LoopDeps;
  readonly #queue: ChangeQueue;
  readonly #stopping = sharedController();
  readonly #running: Running[] = [];
  readonly #sweeps: Sweeps;
  readonly #files: FileTriggers;
  readonly #delays: Delays;
  readonly #attempts: Attempts;
  readonly #guard: ChangeGuard;
  readonly #lookAgain: LookAgain;
  /** Since when, on the monotonic clock, the files cannot be believed; null while they can. */
  #postponedSinceMs: number | null = null;
  /** The commit of the last pass; undefined before the first. */
  #revision: string | null | undefined = undefined;
  #asked: Ask | null = null;
  #working: Promise<void> | null = null;
  readonly #memory = new LiveMemory();
  #documents: readonly WidgetDocument[] = [];
  #hasSwept = false;
  /** What a failed pass was to send, until one has sent it. */
  #owesForce = false;

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
    this.#files = new FileTriggers({
      ...deps,
      onLook: () => this.#ask('files'),
      onPolling: deps.observer.polling,
    });
    this.#guard = new ChangeGuard({ ...deps.guard, onRefused: deps.observer.refused });
    this.#delays = new Delays(deps.clock, this.#stopping.signal);
    this.#lookAgain = new LookAgain(deps.clock, this.#delays, (trigger) => this.#ask(trigger));
    const halt = (error: ApiError) => this.#queue.halt(error);
    this.#attempts = new Attempts({ ...deps, delays: this.#delays, halt });
    this.#sweeps = new Sweeps({
      attempts: this.#attempts,
      sweep: (trigger, signal) => this.#sweep(trigger, signal),
      onBug: deps.onBug,
    });
  }

  /** Arms every trigger and asks for the first pass. */
  async start(): Promise<void> {
    const { schedule, key, onBug } = this.#deps;
    this.#running.push(this.#files);
    // Armed before the first look: what changes in between is then seen by one of them.
    await this.#files.start();
    this.#running.push(schedule(() => this.sweep('resync')));
    const forgetKey = key.onRefresh((found) => this.#onKey(found));
    this.#running.push({ stop: async () => forgetKey() });
    // The client refreshes the key before each request; nobody does while nothing is sent.
    void this.#delays.every(checkMs, () => void key.refresh()).catch(onBug);
    void this.#delays.every(checkMs, () => this.#askIfApproved()).catch(onBug);
    this.#ask('start');
  }

  async #askIfApproved(): Promise<void> {
    if (await this.#guard.isApproved()) this.#ask('approved');
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
    const stopped = [this.#queue.stop({ deadlineMs }), this.#sweeps.stop()];
    await Promise.allSettled(this.#running.map((running) => running.stop()));
    await Promise.all([this.#working, ...stopped]);
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
    const force = ask.force || this.#owesForce;
    this.#owesForce = force;
    const again = () => this.#ask('retry');
    await this.#attempts.attempt('pass', { trigger: ask.trigger, again }, () =>
      this.#pass({ ...ask, force }),
    );
  }

  async #pass(ask: Ask): Promise<void> {
    const { state, observer, clock } = this.#deps;
    const startedMs = clock.monotonicMs();
    const recall = (tree: LoadedTree) => {
      const { documents } = tree;
      this.#files.looked(clock.monotonicMs() - startedMs, tree.folders);
      observer.loaded(tree);
      // Before anything is read, which may take long: what the files no longer say is not sent.
      this.#queue.retain(new Map(documents.map(({ widgetId, hash }) => [widgetId, hash])));
      return this.#memory.recall(documents, state, clock.now().getTime());
    };
    const seen = await look(recall, this.#stopping.signal, this.#deps);
    if (seen === null) return;
    if ('unsettled' in seen) {
      this.#memory.remember(seen.live, seen.documents, clock.now().getTime());
      return this.#postpone(seen.unsettled, ask);
    }
    this.#postponedSinceMs = null;
    await this.#act(seen, { ...ask, startedMs });
    this.#owesForce = false;
    this.#sweeps.resume();
  }

  async #act(seen: Sight, ask: Ask & { readonly startedMs: number }): Promise<void> {
    const { state, observer, clock, policy } = this.#deps;
    const { documents } = seen.tree;
    const now = clock.now();
    const nowMs = now.getTime();
    this.#documents = documents;
    this.#memory.remember(seen.live, documents, nowMs);
    const approved = await this.#guard.approval();
    // How long a commit took to be live can be told of the one that has just arrived: what an older
    // one brought is sent now for another reason.
    const isNewCommit = this.#revision !== undefined && this.#revision !== seen.tree.revision;
    this.#revision = seen.tree.revision;
    const tree = isNewCommit ? seen.tree : { ...seen.tree, committedAt: null };
    const plan = planFrom(
      { ...seen, tree },
      { ...policy, send: ask.force ? 'all' : 'changed', nowMs },
      state,
    );
    const isAdmitted = this.#guard.admits(plan, approved, (change) => this.#queue.isNews(change));
    if (isAdmitted) applyPlan(plan, this.#queue);
    const durationMs = clock.monotonicMs() - ask.startedMs;
    observer.passed(seen, plan, { trigger: ask.trigger, durationMs });
    this.#lookAgain.for(seen.tree);
    const isBusy = (widgetId: WidgetId) => this.#queue.has(widgetId);
    await this.#guard.used(approved);
    await recordFindings(plan, { state, isBusy }, now);
    if (this.#hasSwept) return;
    this.#hasSwept = true;
    // The first pass of an account has just read all of it, unless it cannot be read.
    const isAllKnown = documents.every(({ widgetId }) => seen.live.widgets.has(widgetId));
    if (this.#deps.live.readable && !isAllKnown) this.sweep('start');
  }

  /** Nothing is decided from files that cannot be believed; the same is asked for again. */
  #postpone(unsettled: Unsettled, { trigger }: Ask): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#postponedSinceMs ??= nowMs;
    this.#sweeps.hold();
    if (isLost(unsettled)) {
      this.#queue.recall();
      this.#sweeps.interrupt();
    }
    if (isOutOfSight(unsettled)) this.#files.looked(0, null);
    this.#deps.observer.postponed(unsettled, { sinceMs: nowMs - this.#postponedSinceMs });
    const { retryInMs } = unsettled;
    if (retryInMs === null) return;
    this.#attempts.again('pass', retryInMs, () => this.#ask(trigger));
  }

  async #sweep(trigger: SweepTrigger, signal: AbortSignal): Promise<boolean> {
    const { live, clock, observer } = this.#deps;
    const documents = this.#documents;
    const wanted = new Set(documents.map(({ widgetId }) => widgetId));
    const view = await live.read(wanted, { priority: priority.resyncRead, signal });
    if (view === null) return false;
    this.#memory.remember(view, documents, clock.now().getTime());
    const isBlind = !live.readable && trigger !== 'start';
    this.#ask(trigger, trigger === 'resend' || isBlind);
    observer.swept();
    return true;
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
    this.#attempts.keyChanged();
    this.#ask('key');
  }
}

function isOutOfSight({ code }: Unsettled): boolean {
  return code === 'missing' || code === 'unreadable';
}

/** What the files asked for so far is nobody's wish until they are back. */
function isLost(unsettled: Unsettled): boolean {
  return isOutOfSight(unsettled) || unsettled.code === 'emptied';
}
