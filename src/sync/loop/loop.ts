// The daemon's loop: triggers add a key to the work queue, and what is true is found by looking.

import type { KeyRefresh } from '../../api/api-key.ts';
import { sharedController } from '../../base/abort.ts';
import { ApiError, messageOf, StateError, UsageError } from '../../base/errors.ts';
import { Ticker } from '../../base/ticker.ts';
import { briefWaitMs } from '../../config/rate.ts';
import type { Unsettled } from '../../model/document.ts';
import { isAccountWide } from '../../model/send-failure.ts';
import type { SweepTrigger, SyncEvent, Trigger, Work, WorkFailure } from '../events.ts';
import { ChangeQueue } from '../queue/change-queue.ts';
import type { QueuedChange } from '../queue/queued-changes.ts';
import { priority } from '../rate/priority.ts';
import { ChangeGate } from './change-gate.ts';
import { DaemonPass } from './daemon-pass.ts';
import { FileTriggers } from './file-triggers.ts';
import type { LoopDeps, Running } from './loop-types.ts';
import { looksAtNotes } from './notes/look-at-notes.ts';
import { type Ask, runPass } from './run-pass.ts';
import { WorkQueue } from './work-queue.ts';

export class Loop {
  readonly #deps: LoopDeps;
  readonly #work: WorkQueue;
  readonly #changes: ChangeQueue;
  readonly #gate: ChangeGate;
  readonly #files: FileTriggers;
  readonly #pass: DaemonPass;
  readonly #stopping = sharedController();
  readonly #ticker: Ticker;
  readonly #running: Running[] = [];
  /** Aborted where the files of the sweep that is under way are gone. */
  #reading = sharedController();
  /** The work that a refused key kept from being done. */
  readonly #afterKey = new Map<Work, Trigger>();
  /** Since when, on the monotonic clock, the files cannot be believed; null while they can. */
  #unsettledSinceMs: number | null = null;
  #hasSwept = false;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
    const emit = (event: SyncEvent) => this.#onEvent(event);
    const run = {
      pass: (ask: Ask) => this.#try('pass', ask, () => this.#runPass(ask)),
      sweep: (ask: Ask) => {
        // A re-send that is owed is one, whatever brings it.
        const asked = ask.force ? { ...ask, trigger: 'resend' as const } : ask;
        return this.#try('sweep', asked, () => this.#runSweep(asked));
      },
    };
    this.#work = new WorkQueue({ ...deps, run });
    this.#changes = new ChangeQueue(deps.queuePolicy, { ...deps, emit });
    this.#gate = new ChangeGate(deps.changeGate);
    this.#files = new FileTriggers({
      ...deps,
      onLook: () => {
        if (this.#isHeldBack) this.#pass.lookAside();
        this.#work.add('pass', 'files');
      },
      onPolling: (why, intervalMs) => deps.emit({ kind: 'files-polled', why, intervalMs }),
    });
    this.#ticker = deps.ticker ?? new Ticker(deps.clock);
    this.#pass = new DaemonPass({
      ...deps,
      changes: this.#changes,
      changeGate: this.#gate,
      files: this.#files,
      work: this.#work,
      onSettled: () => {
        this.#unsettledSinceMs = null;
        this.#work.resume('sweep');
      },
      stopping: this.#stopping.signal,
    });
  }

  /** A pass that reads what is live may have to wait for long: the files are looked at meanwhile. */
  get #isHeldBack(): boolean {
    const { limiter } = this.#deps;
    return limiter.isPaused || (limiter.wait?.forMs ?? 0) > briefWaitMs;
  }

  /** Arms every trigger and asks for the first pass. */
  async start(): Promise<void> {
    const { schedule, key, onBug } = this.#deps;
    this.#running.push(this.#files);
    // Armed before the first look: what changes in between is then seen by one of them.
    await this.#files.start();
    this.#running.push(schedule(() => this.sweep('resync'), this.#ticker));
    const forgetKey = key.onRefresh((found) => this.#onKey(found));
    this.#running.push({ stop: async () => forgetKey() });
    // The client refreshes the key before each request, and while nothing is sent it would stay as it is.
    const looks = [
      () => void key.refresh(),
      () => this.#askIfApproved(),
      ...this.#looksAtNotes(),
    ].map((look) => this.#ticker.each(look, onBug));
    for (const leave of looks) this.#running.push({ stop: async () => leave() });
    this.#followTenure();
    this.#work.add('pass', 'start');
  }

  /** Changes that wait or are in flight. */
  get pending(): number {
    return this.#changes.size;
  }

  /** The same, in the order in which they go. */
  queued(): QueuedChange[] {
    return this.#changes.list();
  }

  /**
   * Looks at everything that is live and gives refused widgets another try. Where the account was
   * never readable, every valid widget is sent instead.
   */
  sweep(trigger: SweepTrigger): void {
    if (trigger !== 'start') this.#changes.retryRejected();
    this.#work.add('sweep', trigger, { force: trigger === 'resend' });
  }

  /** Stops the triggers, lets requests in flight end, and resolves when nothing runs any more. */
  async stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#stopping.abort();
    // The queue first: whatever else takes time to stop, nothing new is sent meanwhile.
    const stopped = [this.#changes.stop({ deadlineMs }), this.#work.stop()];
    this.#reading.abort();
    await Promise.allSettled(this.#running.map((running) => running.stop()));
    await Promise.all(stopped);
  }

  /** From the moment in which it is over nothing leaves, and what has left is reset: another one may send. */
  #followTenure(): void {
    const { ended } = this.#deps.state.tenure;
    const end = () => {
      this.#stopping.abort();
      this.#changes.abandon(messageOf(ended.reason));
      void this.#work.stop();
      this.#reading.abort();
    };
    ended.addEventListener('abort', end);
    this.#running.push({ stop: async () => ended.removeEventListener('abort', end) });
    if (ended.aborted) end();
  }

  async #runPass(ask: Ask): Promise<void> {
    const report = await runPass(this.#pass, ask);
    if (!('unsettled' in report)) {
      // The first pass of an account has just read all of it, unless it cannot be read.
      const isUnread = this.#deps.live.readable && !this.#pass.hasSeenAll;
      if (!this.#hasSwept && isUnread) this.sweep('start');
      this.#hasSwept = true;
    } else if (report.unsettled !== null) this.#postpone(report.unsettled, ask);
  }

  /** Nothing is decided from files that cannot be believed; the same is asked for again. */
  #postpone(unsettled: Unsettled, { trigger }: Ask): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#unsettledSinceMs ??= nowMs;
    this.#work.pause('sweep');
    if (isLost(unsettled)) {
      this.#changes.discardWaiting();
      this.#reading.abort();
      this.#reading = sharedController();
    }
    if (isOutOfSight(unsettled)) this.#files.looked(0, null);
    const sinceMs = nowMs - this.#unsettledSinceMs;
    this.#deps.emit({ kind: 'files-unsettled', unsettled, sinceMs, trigger });
    if (unsettled.retryInMs !== null) this.#work.addAfter('pass', unsettled.retryInMs, trigger);
  }

  async #runSweep(ask: Ask): Promise<void> {
    const { live, emit } = this.#deps;
    const { trigger } = ask;
    const { signal } = this.#reading;
    const wanted = this.#pass.concernedIds;
    const view = await live.read(wanted, { priority: priority.resyncRead, signal });
    if (view === null) return this.#work.add('sweep', trigger);
    this.#pass.onLive(view);
    this.#work.done('sweep');
    const isBlind = !live.readable && trigger !== 'start';
    this.#work.add('pass', trigger, { force: ask.force || isBlind });
    emit({ kind: 'sweep-ended' });
  }

  /** Runs the work. An error that may come in its way is told, and the work is done again after a while. */
  async #try(work: Work, { trigger }: Ask, run: () => Promise<void>): Promise<void> {
    const again = work === 'pass' ? 'retry' : trigger;
    try {
      await run();
      this.#work.forget(work);
    } catch (error) {
      if (!isExpected(error)) throw error;
      // Whatever was under way ends with it.
      if (this.#deps.state.tenure.ended.aborted) return;
      if (error instanceof ApiError && isAccountWide(error)) {
        this.#afterKey.set(work, again);
        this.#deps.emit({ kind: 'work-halted', work, trigger });
        return this.#changes.halt(error);
      }
      // Files can be looked at meanwhile; what needs an answer of the API would only wait there.
      const waitMs = error instanceof ApiError ? (this.#deps.limiter.wait?.forMs ?? 0) : 0;
      const retryInMs = this.#work.addRateLimited(work, again, waitMs);
      this.#deps.emit({ kind: 'work-failed', work, error, trigger, retryInMs });
    }
  }

  /** The loop hears of changes before the listeners do. */
  #onEvent(event: SyncEvent): void {
    if (event.kind === 'change-outdated') this.#work.add('pass', 'outdated');
    if (event.kind === 'change-ended' && event.outcome.status === 'applied') {
      this.#gate.applied(event.outcome.change);
    }
    this.#deps.emit(event);
  }

  async #askIfApproved(): Promise<void> {
    if (await this.#gate.isApproved()) this.#work.add('pass', 'approved');
  }

  #looksAtNotes(): (() => Promise<void>)[] {
    return looksAtNotes({
      ...this.#deps,
      files: () => this.#pass.files,
      isBusy: (widgetId) => this.#changes.has(widgetId),
      onChanged: (trigger) => this.#work.add('pass', trigger),
      onResync: () => this.sweep('signal'),
      onTrouble: this.#deps.changeGate.onTrouble,
      stopping: this.#stopping.signal,
    });
  }

  #onKey(found: Exclude<KeyRefresh, 'same'>): void {
    const { emit, live } = this.#deps;
    if (found === 'mended') return emit({ kind: 'key-usable' });
    if (found !== 'changed') return emit({ kind: 'key-unusable', problem: found.problem });
    emit({ kind: 'key-changed' });
    live.reset();
    this.#pass.forgetLive();
    this.#changes.retryRejected();
    for (const [work, trigger] of this.#afterKey) this.#work.add(work, trigger);
    this.#afterKey.clear();
    this.#work.add('pass', 'key');
  }
}

function isExpected(error: unknown): error is WorkFailure {
  return error instanceof UsageError || error instanceof StateError || error instanceof ApiError;
}

function isOutOfSight({ code }: Unsettled): boolean {
  return code === 'missing' || code === 'unreadable';
}

/** The files are gone: what they asked for so far is not wanted until they are back. */
function isLost(unsettled: Unsettled): boolean {
  return isOutOfSight(unsettled) || unsettled.code === 'emptied';
}
