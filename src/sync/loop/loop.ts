// The daemon's loop: triggers ask for a pass, passes never overlap, requests for one coalesce.
// Triggers carry no facts; what is true is found by looking.

import type { KeyRefresh } from '../../api/api-key.ts';
import { sharedController } from '../../base/abort.ts';
import type { ApiError } from '../../base/errors.ts';
import { Delays } from '../../base/timers.ts';
import type { LoadedTree, Unsettled, WidgetDocument } from '../../model/document.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Plan, Policy } from '../../model/plan.ts';
import { UnexpectedError } from '../../model/send-failure.ts';
import type { WidgetId } from '../../model/widget.ts';
import { LiveMemory } from '../live/live-cache.ts';
import { ChangeQueue } from '../queue/change-queue.ts';
import { recordFindings } from '../queue/record-findings.ts';
import { priority } from '../rate/priority.ts';
import { ChangeGuard } from './change-gate.ts';
import { FileTriggers } from './file-triggers.ts';
import type { Ask, LoopDeps, Running, SweepTrigger } from './loop-types.ts';
import {
  applyPlan,
  look,
  orphansOf,
  type Postponed,
  planFrom,
  type Scope,
  type Sight,
} from './pass.ts';
import { Passes } from './pass-requests.ts';
import { LookAgain } from './recheck.ts';
import { Attempts } from './retries.ts';
import { Sweeps } from './sweeps.ts';

const checkMs = 1000;

export class Loop {
  readonly #deps: LoopDeps;
  readonly #queue: ChangeQueue;
  readonly #stopping = sharedController();
  readonly #running: Running[] = [];
  readonly #passes: Passes;
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
  readonly #memory = new LiveMemory();
  /** The widgets that a sweep reads: those that files declare, and orphans. */
  #concerned: readonly Pick<WidgetDocument, 'widgetId' | 'hash'>[] = [];
  #hasSwept = false;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
    this.#queue = new ChangeQueue(deps.queuePolicy, {
      limiter: deps.limiter,
      send: deps.send,
      observer: {
        ...deps.observer,
        outdated: () => this.#passes.ask('outdated'),
        outcome: (outcome) => this.#onOutcome(outcome),
      },
      clock: deps.clock,
      random: deps.random,
      onBug: deps.onBug,
    });
    this.#files = new FileTriggers({
      ...deps,
      onLook: () => this.#passes.ask('files'),
      onPolling: deps.observer.polling,
    });
    this.#guard = new ChangeGuard(deps.guard);
    this.#delays = new Delays(deps.clock, this.#stopping.signal);
    this.#lookAgain = new LookAgain(deps.clock, this.#delays, (trigger) =>
      this.#passes.ask(trigger),
    );
    const halt = (error: ApiError) => this.#queue.halt(error);
    this.#attempts = new Attempts({ ...deps, delays: this.#delays, halt });
    this.#passes = new Passes({
      attempts: this.#attempts,
      pass: (ask) => this.#pass(ask),
      onBug: deps.onBug,
    });
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
    this.#passes.ask('start');
  }

  async #askIfApproved(): Promise<void> {
    if (await this.#guard.isApproved()) this.#passes.ask('approved');
  }

  /** Changes that wait or are in flight. */
  get pending(): number {
    return this.#queue.size;
  }

  /**
   * Looks at everything that is live and gives refused widgets another try. Where the account was
   * never readable, every valid widget is sent instead.
   */
  sweep(trigger: SweepTrigger): void {
    if (trigger !== 'start') this.#queue.forgive();
    this.#sweeps.ask(trigger);
  }

  /** Stops the triggers, lets requests in flight end, and resolves when nothing runs any more. */
  async stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#stopping.abort();
    // The queue first: whatever else takes time to stop, nothing new is sent meanwhile.
    const stopped = [this.#queue.stop({ deadlineMs }), this.#sweeps.stop(), this.#passes.stop()];
    await Promise.allSettled(this.#running.map((running) => running.stop()));
    await Promise.all(stopped);
  }

  /** False when nothing was handed over. */
  async #pass(ask: Ask): Promise<boolean> {
    const startedMs = this.#deps.clock.monotonicMs();
    for (const of of ['pending', 'all'] as const) {
      const seen = await this.#look(of);
      if (seen === null) return false;
      if ('unsettled' in seen) {
        this.#postpone(seen, ask);
        return false;
      }
      this.#postponedSinceMs = null;
      const decision = await this.#act(seen, { ...ask, startedMs, of });
      if (decision === 'look at all') continue;
      this.#sweeps.resume();
      return decision === 'handed over';
    }
    return false;
  }

  #look(of: Scope['of']): Promise<Sight | Postponed | null> {
    const { state, observer, clock } = this.#deps;
    const startedMs = clock.monotonicMs();
    const recall = (tree: LoadedTree) => {
      const { documents } = tree;
      this.#files.looked(clock.monotonicMs() - startedMs, tree.folders);
      observer.loaded(tree);
      // Before anything is read, which may take long: what the files no longer say is not sent.
      this.#queue.retain(new Map(documents.map(({ widgetId, hash }) => [widgetId, hash])));
      const concerned = [...documents, ...orphansOf(tree, state)];
      return this.#memory.recall(concerned, state, clock.now().getTime());
    };
    return look({ recall, of }, this.#stopping.signal, this.#deps);
  }

  /** `look at all`: a person is to be asked, and all of the plan has to be seen for that. */
  async #act(
    seen: Sight,
    ask: Ask & Pick<Scope, 'of'> & { startedMs: number },
  ): Promise<'handed over' | 'refused' | 'look at all'> {
    const { state, observer, clock, live } = this.#deps;
    const now = clock.now();
    const concerned = [...seen.tree.documents, ...orphansOf(seen.tree, state)];
    this.#concerned = concerned;
    this.#memory.remember(seen.live, concerned, now.getTime());
    const isAllKnown = concerned.every(({ widgetId }) => seen.live.widgets.has(widgetId));
    const approved = await this.#guard.prepare();
    // What is only sent again is nobody's to approve, and `widget-sync plan` does not show it.
    const judged = this.#planFrom(seen, 'changed');
    const excess = this.#guard.excessOf(judged, approved);
    const isUnseen = excess !== null && ask.of === 'pending' && live.readable;
    if (isUnseen && this.#guard.asksAnew(excess)) return 'look at all';
    const plan = ask.force && excess === null ? this.#planFrom(seen, 'all') : judged;
    this.#revision = seen.tree.revision;
    if (excess !== null || this.#guard.refuses) observer.refused(excess, plan, ask.trigger);
    this.#guard.decided(plan, excess);
    if (excess === null) applyPlan(plan, this.#queue);
    const durationMs = clock.monotonicMs() - ask.startedMs;
    observer.passed(seen, plan, { trigger: ask.trigger, durationMs });
    this.#lookAgain.for(seen.tree);
    const isBusy = (widgetId: WidgetId) => this.#queue.has(widgetId);
    await this.#guard.keep(approved);
    const unsaved = await recordFindings(plan, { state, isBusy }, now);
    for (const { error, ...widget } of unsaved) {
      if (error instanceof UnexpectedError) observer.unrecorded(widget, error);
    }
    // The first pass of an account has just read all of it, unless it cannot be read.
    if (!this.#hasSwept && live.readable && !isAllKnown) this.sweep('start');
    this.#hasSwept = true;
    return excess === null ? 'handed over' : 'refused';
  }

  #planFrom(seen: Sight, send: Policy['send']): Plan {
    const { state, clock, policy } = this.#deps;
    // How long a commit took to be live can be told of the one that has just arrived: what an older
    // one brought is sent now for another reason.
    const isNewCommit = this.#revision !== undefined && this.#revision !== seen.tree.revision;
    const tree = isNewCommit ? seen.tree : { ...seen.tree, committedAt: null };
    return planFrom({ ...seen, tree }, { ...policy, send, nowMs: clock.now().getTime() }, state);
  }

  /** Nothing is decided from files that cannot be believed; the same is asked for again. */
  #postpone({ unsettled, live, documents }: Postponed, { trigger }: Ask): void {
    const { clock } = this.#deps;
    this.#memory.remember(live, documents, clock.now().getTime());
    const nowMs = clock.monotonicMs();
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
    this.#attempts.again('pass', retryInMs, () => this.#passes.ask(trigger));
  }

  async #sweep(trigger: SweepTrigger, signal: AbortSignal): Promise<boolean> {
    const { live, clock, observer } = this.#deps;
    const concerned = this.#concerned;
    const wanted = new Set(concerned.map(({ widgetId }) => widgetId));
    const view = await live.read(wanted, { priority: priority.resyncRead, signal });
    if (view === null) return false;
    this.#memory.remember(view, concerned, clock.now().getTime());
    const isBlind = !live.readable && trigger !== 'start';
    this.#passes.ask(trigger, { force: trigger === 'resend' || isBlind });
    observer.swept();
    return true;
  }

  #onOutcome(outcome: Outcome): void {
    if (outcome.status === 'applied') this.#guard.applied(outcome.change);
    this.#deps.observer.outcome(outcome);
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
    this.#passes.ask('key');
  }
}

function isOutOfSight({ code }: Unsettled): boolean {
  return code === 'missing' || code === 'unreadable';
}

/** What the files asked for so far is nobody's wish until they are back. */
function isLost(unsettled: Unsettled): boolean {
  return isOutOfSight(unsettled) || unsettled.code === 'emptied';
}
