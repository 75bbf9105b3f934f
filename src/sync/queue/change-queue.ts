// Changes on their way to the API: one per widget, the newest content wins, two requests for
// one widget are never in flight together. Knows nothing of files, passes or HTTP.
import { sharedController } from '../../base/abort.ts';
import type { Attempt, Outcome } from '../../model/outcome.ts';
import type { Change } from '../../model/plan.ts';
import { isWorthRetrying, type SendFailure, UnexpectedError } from '../../model/send-failure.ts';
import type { WidgetId } from '../../model/widget.ts';
import { refusedWords } from '../rate/limit-patience.ts';
import { priority, priorityByReason } from '../rate/priority.ts';
import { isLimit } from '../rate/request-outcome.ts';
import { AttemptSlots } from './attempt-slots.ts';
import { ChangeWaits } from './change-waits.ts';
import { ForbiddenWrites } from './forbidden-writes.ts';
import {
  beginAnew,
  leaveNextToPass,
  nextAttempt,
  outcomeOf,
  type PendingChange,
  pendingSince,
  priorityOf,
  takeNext,
  triesOf,
} from './pending-change.ts';
import { PendingChanges } from './pending-changes.ts';
import type { QueueDeps, QueuePolicy } from './queue-deps.ts';
import { listQueued, type QueuedChange } from './queued-changes.ts';
import { RejectedContents } from './rejected-content.ts';
import { sendSafely } from './send-safely.ts';

export class ChangeQueue {
  readonly #deps: QueueDeps;
  readonly #policy: QueuePolicy;
  readonly #pending = new PendingChanges();
  readonly #waits: ChangeWaits;
  readonly #refused = new RejectedContents();
  readonly #forbidden = new ForbiddenWrites();
  readonly #inFlight = sharedController();
  #waiting = sharedController();
  /**
   * Counts the calls of `retryRejected`: a refusal of a request from before one says nothing about the key
   * now.
   */
  #era = 0;
  #halted = false;
  #stopped = false;
  /** Why nothing that waits will be sent; null while it will. */
  #gaveUp: string | null = null;

  constructor(policy: QueuePolicy, deps: QueueDeps) {
    this.#policy = policy;
    this.#deps = deps;
    this.#waits = new ChangeWaits(deps, policy, (pending) => this.#enqueue(pending));
  }

  /** Changes that wait or are in flight. */
  get size(): number {
    return this.#pending.size;
  }

  /** Whether a change of this widget waits or is in flight. */
  has(widgetId: WidgetId): boolean {
    return this.#pending.of(widgetId) !== undefined;
  }

  /** These, in the order in which they go. */
  list(): QueuedChange[] {
    return listQueued(this.#pending.all(), this.#deps.clock);
  }

  get halted(): boolean {
    return this.#halted;
  }

  /** Asks for a change. It replaces one that waits for the same widget, unless both say the same. */
  submit(change: Change): void {
    if (this.#stopped) return;
    const found = this.#pending.of(change.widgetId);
    if (found !== undefined) return this.#resubmit(found, change);
    if (this.#refused.has(change) && change.reason !== 'forced') return;
    this.#refused.forget(change.widgetId);
    const pending = pendingSince(this.#deps.clock.monotonicMs(), change);
    this.#pending.add(pending);
    this.#enqueue(pending);
  }

  /**
   * Drops what waits for a widget whose file no longer asks for that content, or for nothing: these
   * are the contents that are still wanted.
   */
  retain(wanted: readonly Pick<Change, 'widgetId' | 'hash'>[]): void {
    // Changes that were not sent are still to be told of, and a plan made during the stop asks in vain.
    if (this.#stopped) return;
    // As it mostly is, each time that hundreds of accounts look at what has not changed.
    if (this.#pending.size === 0 && this.#refused.isEmpty) return;
    const hashes = new Map(wanted.map(({ widgetId, hash }) => [widgetId, hash]));
    for (const pending of this.#pending.all()) {
      const { widgetId, hash } = pending.change;
      if (hashes.get(widgetId) !== hash) this.#drop(pending);
    }
    this.#refused.retain(hashes);
  }

  /** Drops all that waits: the files are gone for now, and ask for it again once they are back. */
  discardWaiting(): void {
    if (this.#stopped) return;
    for (const pending of this.#pending.all()) this.#drop(pending);
  }

  #drop(pending: PendingChange): void {
    pending.next = null;
    if (pending.phase === 'in-flight') pending.outdated = true;
    else this.#pending.close(pending);
  }

  /** Something outside has changed (the key, a resync is due): refusals are worth another try. */
  retryRejected(): void {
    this.#refused.clear();
    this.#forbidden.clear();
    this.#era += 1;
    if (!this.#halted || this.#stopped) return;
    this.#halted = false;
    this.#gaveUp = null;
    this.#waiting = sharedController();
    this.#deps.emit({ kind: 'sending-resumed' });
    this.#deps.limiter.start();
  }

  /** Resolves when nothing waits and nothing is in flight. */
  idle(): Promise<void> {
    return this.#pending.idle();
  }

  /** Starts nothing more, and gives what is in flight `deadlineMs` to end before it is aborted. */
  async stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#stopped = true;
    this.#giveUp('the process was told to stop');
    const ended = new AbortController();
    const late = this.#deps.clock.sleep(deadlineMs, ended.signal).then(() => {
      this.#inFlight.abort();
    });
    await this.idle();
    ended.abort();
    await late;
  }

  /** At once: nothing more is sent, and what is in flight is given up and reset. */
  abandon(why: string): void {
    this.#stopped = true;
    this.#giveUp(why);
    this.#inFlight.abort();
  }

  #resubmit(pending: PendingChange, change: Change): void {
    pending.outdated = false;
    const sameContent = pending.change.hash === change.hash;
    if (pending.phase === 'in-flight') {
      pending.next = sameContent ? null : change;
      return;
    }
    const hurry = priorityByReason[change.reason] > priorityByReason[pending.change.reason];
    const before = priorityOf(pending, this.#deps.limiter);
    pending.change = sameContent
      ? { ...change, committedAtMs: pending.change.committedAtMs }
      : change;
    if (!sameContent) beginAnew(pending);
    const isWorthATry = hurry || !sameContent || change.reason === 'forced';
    const isAhead = priorityOf(pending, this.#deps.limiter) > before;
    if (pending.phase === 'backing-off' ? isWorthATry : isAhead) this.#enqueue(pending);
  }

  #enqueue(pending: PendingChange): void {
    if (this.#waits.holds(pending)) return;
    const signal = this.#pending.lineUp(pending, priorityOf(pending, this.#deps.limiter));
    void this.#attempt(pending, signal).catch((bug) => this.#break(pending, bug));
  }

  /** Told before the change is closed: a caller that waits for the queue to be idle has to have heard of it. */
  #break(pending: PendingChange, bug: unknown): void {
    this.#deps.onBug(bug);
    if (this.#pending.of(pending.change.widgetId) === pending) this.#pending.close(pending);
  }

  async #attempt(pending: PendingChange, wait: AbortSignal): Promise<void> {
    const { limiter, send } = this.#deps;
    const slots = new AttemptSlots(pending, limiter);
    const slot = await slots.take(pending.turn.priority, wait);
    if (slot === null || wait.aborted || this.#halted) {
      slots.release();
      if (!wait.aborted) this.#enqueue(pending);
      return;
    }
    // The wait may have been long: only now is it settled what is sent.
    pending.phase = 'in-flight';
    const era = this.#era;
    const [waiting, inFlight] = [this.#waiting.signal, this.#inFlight.signal];
    const nextSlot = () => slots.take(priority.begun, waiting);
    try {
      const request = { ...nextAttempt(pending), slot, nextSlot, waiting, inFlight };
      const attempt = await sendSafely(send, request);
      if (attempt.status !== 'withdrawn') pending.attempts += 1;
      this.#settle(pending, attempt, era);
    } finally {
      // Not before: the next one would start although the key is refused.
      slots.release();
    }
    if (pending.outdated) this.#deps.emit({ kind: 'change-outdated' });
  }

  /** Decides what follows an attempt: an end, a newer content, another try, or a halt. */
  #settle(pending: PendingChange, attempt: Attempt, era: number): void {
    if (attempt.status === 'applied') this.#tell(outcomeOf(pending, attempt, this.#deps.clock));
    const refusedKey = this.#forbidden.refusalOfKey(pending.change.widgetId, attempt);
    if (refusedKey !== null && era === this.#era) this.halt(refusedKey);
    if (attempt.status === 'failed' && attempt.error instanceof UnexpectedError) {
      this.#refused.add(pending.change);
      // Told also where something newer has come meanwhile.
      if (!this.#stopped) leaveNextToPass(pending);
      return this.#end(pending, attempt);
    }

    if (this.#gaveUp !== null) return this.#end(pending, attempt);
    const isUnsent = attempt.status === 'withdrawn' || refusedKey !== null;
    if (isUnsent && takeNext(pending)) return this.#enqueue(pending);
    // It was planned from a record that did not know of this write: what that added would stay.
    if (pending.next !== null) pending.outdated = true;
    if (pending.outdated || attempt.status === 'applied') return this.#pending.close(pending);
    if (isUnsent) return this.#enqueue(pending);
    if (isLimit(attempt.error)) return this.#settleTurnedAway(pending, attempt);
    if (isWorthRetrying(attempt.error) && triesOf(pending) < this.#policy.maxAttempts) {
      return this.#waits.afterFailure(pending, attempt.error);
    }
    if (!isWorthRetrying(attempt.error)) this.#refused.add(pending.change);
    this.#end(pending, attempt);
  }

  /** By the limit of the API, which does not count against the change. */
  #settleTurnedAway(pending: PendingChange, attempt: Extract<Attempt, { status: 'failed' }>): void {
    const { refusedForMs } = this.#deps.limiter;
    const { limitPatienceMs = Number.POSITIVE_INFINITY } = this.#policy;
    pending.turnedAway += 1;
    if (refusedForMs < limitPatienceMs) return this.#waits.afterFailure(pending, attempt.error);
    this.#giveUp(refusedWords(refusedForMs));
    this.#end(pending, attempt);
  }

  /** Nothing more is sent: the API refuses the key. */
  halt(error: SendFailure): void {
    if (this.#halted) return;
    this.#halted = true;
    this.#deps.limiter.pause();
    this.#waiting.abort();
    const isFinal = this.#policy.onRefusedKey === 'give-up';
    this.#deps.emit({ kind: 'sending-halted', error, isFinal });
    if (isFinal) this.#giveUp('the API refused the key');
  }

  /** Ends every change that is not in flight; those in flight end by themselves. */
  #giveUp(why: string): void {
    this.#gaveUp ??= why;
    this.#waiting.abort();
    for (const pending of this.#pending.all()) {
      if (pending.phase === 'in-flight') continue;
      this.#tell({ status: 'unsent', change: pending.change, why });
      this.#pending.close(pending);
    }
  }

  /** The end of a change whose attempt was its last. */
  #end(pending: PendingChange, attempt: Attempt): void {
    if (attempt.status === 'failed') this.#tell(outcomeOf(pending, attempt, this.#deps.clock));
    const unsent = pending.next ?? (attempt.status === 'withdrawn' ? pending.change : null);
    const why = this.#gaveUp ?? 'it is no longer wanted';
    if (unsent !== null) this.#tell({ status: 'unsent', change: unsent, why });
    this.#pending.close(pending);
  }

  #tell(outcome: Outcome): void {
    this.#deps.emit({ kind: 'change-ended', outcome });
  }
}
