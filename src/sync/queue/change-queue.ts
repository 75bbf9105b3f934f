// Changes on their way to the API: one slot per widget, the newest content wins, two requests for
// one widget are never in flight together. Knows nothing of files, passes or HTTP.
import { sharedController } from '../../base/abort.ts';
import type { Attempt } from '../../model/outcome.ts';
import type { Change } from '../../model/plan.ts';
import { isWorthRetrying, type SendFailure, UnexpectedError } from '../../model/send-failure.ts';
import type { WidgetId } from '../../model/widget.ts';
import { refusedWords } from '../rate/limit-patience.ts';
import { priority, priorityByReason } from '../rate/priority.ts';
import { isLimit } from '../rate/request-outcome.ts';
import { ForbiddenWrites } from './forbidden-writes.ts';
import { lineUp } from './line-up.ts';
import { nextTryOf } from './next-try.ts';
import { OpenSlots } from './open-slots.ts';
import type { QueueDeps, QueuePolicy } from './queue-deps.ts';
import {
  beginAnew,
  leaveNextToPass,
  nextAttempt,
  noteUnread,
  openSlot,
  outcomeOf,
  priorityOf,
  type Slot,
  takeNext,
  triesOf,
} from './queue-slot.ts';
import { RefusedContents } from './rejected-content.ts';
import { sendSafely } from './send-safely.ts';

export class ChangeQueue {
  readonly #deps: QueueDeps;
  readonly #policy: QueuePolicy;
  readonly #slots = new OpenSlots();
  readonly #refused = new RefusedContents();
  readonly #forbidden = new ForbiddenWrites();
  readonly #inFlight = sharedController();
  #waiting = sharedController();
  /** Counts forgivenesses: a refusal of a request from before one says nothing about the key now. */
  #era = 0;
  #halted = false;
  #stopped = false;
  /** Why nothing that waits will be sent; null while it will. */
  #gaveUp: string | null = null;

  constructor(policy: QueuePolicy, deps: QueueDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  /** Changes that wait or are in flight. */
  get size(): number {
    return this.#slots.size;
  }

  /** Whether a change of this widget waits or is in flight. */
  has(widgetId: WidgetId): boolean {
    return this.#slots.of(widgetId) !== undefined;
  }

  get halted(): boolean {
    return this.#halted;
  }

  /** Asks for a change. It replaces one that waits for the same widget, unless both say the same. */
  submit(change: Change): void {
    if (this.#stopped) return;
    const slot = this.#slots.of(change.widgetId);
    if (slot !== undefined) return this.#resubmit(slot, change);
    if (this.#refused.has(change) && change.reason !== 'forced') return;
    this.#refused.forget(change.widgetId);
    this.#open(change);
  }

  /**
   * Drops what waits for a widget whose file no longer asks for that content, or for nothing: these
   * are the hashes of the contents that are still wanted.
   */
  retain(wanted: ReadonlyMap<WidgetId, string>): void {
    // What was not sent is still to be told, and a plan made during the stop asks for it in vain.
    if (this.#stopped) return;
    for (const slot of this.#slots.all()) {
      const { widgetId, hash } = slot.change;
      if (wanted.get(widgetId) === hash) continue;
      this.#drop(slot);
    }
    this.#refused.retain(wanted);
  }

  /** Drops whatever waits: its files are gone for now, and ask for it again once they are back. */
  recall(): void {
    if (this.#stopped) return;
    for (const slot of this.#slots.all()) this.#drop(slot);
  }

  #drop(slot: Slot): void {
    slot.next = null;
    if (slot.phase === 'in-flight') slot.outdated = true;
    else this.#slots.close(slot);
  }

  /** Something outside has changed (the key, a resync is due): refusals are worth another try. */
  forgive(): void {
    this.#refused.clear();
    this.#forbidden.clear();
    this.#era += 1;
    if (!this.#halted || this.#stopped) return;
    this.#halted = false;
    this.#gaveUp = null;
    this.#waiting = sharedController();
    this.#deps.observer.resumed();
    this.#deps.requests.start();
  }

  /** Resolves when nothing waits and nothing is in flight. */
  idle(): Promise<void> {
    return this.#slots.idle();
  }

  /** Starts nothing more, and gives what is in flight `deadlineMs` to end before it is aborted. */
  async stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#stopped = true;
    this.#giveUp('the process was told to stop');
    const patience = new AbortController();
    const late = this.#deps.clock.sleep(deadlineMs, patience.signal).then(() => {
      this.#inFlight.abort();
    });
    await this.idle();
    patience.abort();
    await late;
  }

  #resubmit(slot: Slot, change: Change): void {
    slot.outdated = false;
    const sameContent = slot.change.hash === change.hash;
    if (slot.phase === 'in-flight') {
      slot.next = sameContent ? null : change;
      return;
    }
    const hurry = priorityByReason[change.reason] > priorityByReason[slot.change.reason];
    const before = priorityOf(slot);
    slot.change = sameContent ? { ...change, committedAtMs: slot.change.committedAtMs } : change;
    if (!sameContent) beginAnew(slot);
    const waits = slot.phase === 'backing-off' && (!sameContent || change.reason === 'forced');
    if (waits || hurry || priorityOf(slot) > before) this.#enqueue(slot);
  }

  #open(change: Change): void {
    const slot = openSlot(change, this.#deps.clock.monotonicMs());
    this.#slots.add(slot);
    this.#enqueue(slot);
  }

  #enqueue(slot: Slot): void {
    slot.wake.abort();
    slot.leaveLine();
    slot.phase = 'queued';
    const ticket = Symbol();
    slot.ticket = ticket;
    const { requests, onBug } = this.#deps;
    const place = { requests, priority: priorityOf(slot), onBug };
    const run = () => this.#run(slot, ticket).catch((bug) => this.#break(slot, bug));
    slot.leaveLine = lineUp(run, place);
  }

  /** Told before the slot is closed: whoever waits for the queue to be idle has to have heard of it. */
  #break(slot: Slot, bug: unknown): void {
    this.#deps.onBug(bug);
    if (this.#slots.of(slot.change.widgetId) === slot) this.#slots.close(slot);
  }

  async #run(slot: Slot, ticket: symbol): Promise<void> {
    if (slot.ticket !== ticket) return;
    const { gate } = this.#deps;
    const waiting = this.#waiting.signal;
    const isFailedTry = gate.outage !== null && triesOf(slot) > 0;
    const permit = await gate.take(isFailedTry ? priority.failedTry : priorityOf(slot), waiting);
    // The wait may have been long: only now is it settled what is sent, and whether at all.
    if (slot.ticket !== ticket) {
      permit?.giveBack();
      return;
    }
    if (permit === null) {
      this.#enqueue(slot);
      return;
    }
    slot.phase = 'in-flight';
    const era = this.#era;
    const inFlight = this.#inFlight.signal;
    const request = { ...nextAttempt(slot), waiting, permit, inFlight };
    const attempt = await sendSafely(this.#deps.send, request);
    if (attempt.status !== 'withdrawn') slot.attempts += 1;
    this.#settle(slot, attempt, era);
    if (slot.outdated) this.#deps.observer.outdated();
  }

  /** Decides what follows an attempt: an end, a newer content, another try, or a halt. */
  #settle(slot: Slot, attempt: Attempt, era: number): void {
    const { observer, clock } = this.#deps;
    if (attempt.status === 'applied') observer.outcome(outcomeOf(slot, attempt, clock));
    const refusedKey = this.#forbidden.refusalOfKey(slot.change.widgetId, attempt);
    if (refusedKey !== null && era === this.#era) this.halt(refusedKey);
    if (attempt.status === 'failed' && attempt.error instanceof UnexpectedError) {
      this.#refused.add(slot.change);
      // Told also where something newer has come meanwhile.
      if (!this.#stopped) leaveNextToPass(slot);
      return this.#end(slot, attempt);
    }

    if (this.#gaveUp !== null) return this.#end(slot, attempt);
    const isUnsent = attempt.status === 'withdrawn' || refusedKey !== null;
    if (isUnsent && takeNext(slot)) return this.#enqueue(slot);
    // It was planned from a record that did not know of this write: what that added would stay.
    if (slot.next !== null) slot.outdated = true;
    if (slot.outdated || attempt.status === 'applied') return this.#slots.close(slot);
    if (isUnsent) return this.#enqueue(slot);
    if (isLimit(attempt.error)) return this.#settleTurnedAway(slot, attempt);
    if (isWorthRetrying(attempt.error) && triesOf(slot) < this.#policy.maxAttempts) {
      return this.#retryLater(slot, attempt.error);
    }
    if (!isWorthRetrying(attempt.error)) this.#refused.add(slot.change);
    this.#end(slot, attempt);
  }

  /** By the limit of the API, which does not count against the change. */
  #settleTurnedAway(slot: Slot, attempt: Extract<Attempt, { status: 'failed' }>): void {
    const { refusedForMs } = this.#deps.gate;
    const { limitPatienceMs = Number.POSITIVE_INFINITY } = this.#policy;
    slot.turnedAway += 1;
    if (refusedForMs < limitPatienceMs) return this.#retryLater(slot, attempt.error);
    this.#giveUp(refusedWords(refusedForMs));
    this.#end(slot, attempt);
  }

  #retryLater(slot: Slot, error: SendFailure): void {
    const { observer, clock } = this.#deps;
    noteUnread(slot, error);
    const { sleepMs, retryInMs } = nextTryOf(slot, error, { ...this.#deps, ...this.#policy });
    observer.retrying(slot.change, error, { attempts: slot.attempts, retryInMs });
    slot.phase = 'backing-off';
    slot.wake = new AbortController();
    const { signal } = slot.wake;
    void clock.sleep(sleepMs, signal).then(() => {
      if (!signal.aborted) this.#enqueue(slot);
    });
  }

  /** Nothing more is sent: the API refuses the key. */
  halt(error: SendFailure): void {
    if (this.#halted) return;
    this.#halted = true;
    this.#deps.requests.pause();
    this.#waiting.abort();
    this.#deps.observer.halted(error);
    if (this.#policy.onRefusedKey === 'give-up') this.#giveUp('the API refused the key');
  }

  /** Ends every slot that is not in flight; those in flight end by themselves. */
  #giveUp(why: string): void {
    this.#gaveUp ??= why;
    this.#waiting.abort();
    for (const slot of this.#slots.all()) {
      if (slot.phase === 'in-flight') continue;
      this.#deps.observer.outcome({ status: 'unsent', change: slot.change, why });
      this.#slots.close(slot);
    }
  }

  /** The end of a slot whose attempt was its last. */
  #end(slot: Slot, attempt: Attempt): void {
    const { observer, clock } = this.#deps;
    if (attempt.status === 'failed') observer.outcome(outcomeOf(slot, attempt, clock));
    const unsent = slot.next ?? (attempt.status === 'withdrawn' ? slot.change : null);
    if (unsent !== null) {
      const why = this.#gaveUp ?? 'it is no longer wanted';
      observer.outcome({ status: 'unsent', change: unsent, why });
    }
    this.#slots.close(slot);
  }
}
