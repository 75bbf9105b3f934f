// One account of a process over time: opened, followed, left in good order, and tried again where that
// failed. What its entry says may change at any moment. Knows nothing of other accounts.
import type { AccountEntry } from '../../accounts/account-entry.ts';
import { changedFields } from '../../accounts/changed-fields.ts';
import { type Backoff, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { StateError, TenureLostError, UsageError } from '../../base/errors.ts';
import type { HeldTenure } from '../../replicas/session-tenure.ts';
import type { SweepTrigger } from '../../sync/events.ts';
import type { FollowedAccount, RunningAccount } from './running-accounts.ts';

/** What the file of accounts says of this one, and, among replicas, whose it is. */
export type Wanted =
  /** `tenure`: under which this replica holds it; absent: nobody shares it. */
  | { readonly kind: 'entry'; readonly entry: AccountEntry; readonly tenure?: HeldTenure }
  /** Another replica is to follow it. */
  | { readonly kind: 'elsewhere' }
  /** It cannot be used now. */
  | { readonly kind: 'held'; readonly message: string }
  | { readonly kind: 'gone' };

type WantedEntry = Wanted & { readonly kind: 'entry' };

export interface Failure {
  readonly error: unknown;
}

/** An account that is being followed. */
export interface Following {
  readonly shown: FollowedAccount;
  /** Resolves with what has ended it: a bug, or `TenureLostError`. */
  readonly broken: Promise<Failure>;
  sweep(trigger: SweepTrigger): void;
  /** Lets requests in flight end, and closes the state. Throws `StateError`. */
  stop(deadline: { readonly deadlineMs: number }): Promise<void>;
}

export interface AccountRunDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /**
   * Opens the account and begins to follow it, once it is its turn; null where the signal aborts before
   * that. Throws `UsageError` or `StateError`; anything else is a bug.
   */
  readonly follow: (
    entry: AccountEntry,
    signal: AbortSignal,
    tenure: HeldTenure | null,
  ) => Promise<Following | null>;
  /** Nothing of it runs, nor is it to: whoever else wants it may have it. */
  readonly onIdle?: () => void;
  /** How long requests in flight may take to end. */
  readonly stopDeadlineMs: number;
  readonly onChange: () => void;
  readonly onEvent: (event: RunEvent) => void;
}

/** What there is to say of it, each time. */
export type RunEvent =
  | { readonly kind: 'held'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string; readonly retryInMs: number }
  | { readonly kind: 'bug'; readonly error: unknown }
  | { readonly kind: 'followed' }
  /** `changed`: what is otherwise in its entry, where that is why. */
  | { readonly kind: 'leaving'; readonly why: WhyLeft; readonly changed: readonly string[] }
  /** The last of its state could not be written. */
  | { readonly kind: 'unclosed'; readonly message: string }
  | { readonly kind: 'left' }
  /** It is not in the file any more, and nothing of it runs. */
  | { readonly kind: 'gone' };

/** `lost`: another replica may hold it now. `elsewhere`: another one should. */
export type WhyLeft = 'changed' | 'held' | 'gone' | 'stop' | 'bug' | 'lost' | 'elsewhere';

/** A key or a state that is missing is mostly put there within seconds. */
const failedBackoff: Backoff = { baseMs: 1000, capMs: 30_000 };
/** What a bug does once it mostly does again, and nobody is to pay for that. */
const bugBackoff: Backoff = { baseMs: 60_000, capMs: 600_000 };
const leastBackoffMs = 500;
/** Who was followed for so long has not failed in a row. */
const soundMs = 600_000;

type Standing = Pick<RunningAccount, 'state' | 'message' | 'retryAt'> & {
  readonly following: Following | null;
};

const opening: Standing = { state: 'opening', message: null, retryAt: null, following: null };

export class AccountRun {
  readonly name: string;
  readonly #deps: AccountRunDeps;
  #wanted: Wanted;
  #entry: AccountEntry | null = null;
  /** Aborted when something else is wanted. */
  #turn = new AbortController();
  #standing = opening;
  /** In a row. */
  #failures = 0;
  #stopByMs: number | null = null;
  /** Resolves once it is gone, or the process stops, and nothing of it runs. */
  readonly ended: Promise<void>;

  constructor(name: string, wanted: Wanted, deps: AccountRunDeps) {
    this.name = name;
    this.#wanted = wanted;
    this.#deps = deps;
    this.ended = this.#keep();
  }

  get shown(): RunningAccount {
    const { following, ...standing } = this.#standing;
    const { name } = this;
    return { name, ...standing, entry: this.#entry, followed: following?.shown ?? null };
  }

  /** From now on; what is under way otherwise is left in good order first. */
  want(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#failures = 0;
    this.#turn.abort();
  }

  sweep(trigger: SweepTrigger): void {
    this.#standing.following?.sweep(trigger);
    // Somebody has mended something, or wants to know: it is tried again at once.
    if (this.#standing.state === 'waiting') this.#turn.abort();
  }

  /** For good. Resolves once nothing of it runs. */
  async stop({ deadlineMs }: { readonly deadlineMs: number }): Promise<void> {
    this.#stopByMs = this.#deps.clock.monotonicMs() + deadlineMs;
    this.#turn.abort();
    await this.ended;
  }

  async #keep(): Promise<void> {
    // A turn later, so that whoever made this knows it before it says anything.
    await Promise.resolve();
    while (this.#stopByMs === null && this.#wanted.kind !== 'gone') {
      this.#turn = new AbortController();
      const { signal } = this.#turn;
      if (this.#wanted.kind === 'entry') await this.#follow(this.#wanted, signal);
      else await this.#rest(this.#wanted, signal);
    }
    this.#deps.onIdle?.();
    if (this.#wanted.kind === 'gone') this.#deps.onEvent({ kind: 'gone' });
  }

  async #rest(wanted: Wanted & { kind: 'held' | 'elsewhere' }, signal: AbortSignal): Promise<void> {
    this.#deps.onIdle?.();
    if (wanted.kind === 'held') {
      const { message } = wanted;
      this.#deps.onEvent({ kind: 'held', message });
      this.#stand({ state: 'held', message, retryAt: null, following: null });
    } else {
      this.#stand({ state: 'elsewhere', message: null, retryAt: null, following: null });
    }
    await aborted(signal);
  }

  /** Once: until something else is wanted, or the wait for the next try is over. */
  async #follow(wanted: WantedEntry, signal: AbortSignal): Promise<void> {
    this.#entry = wanted.entry;
    this.#stand(opening);
    const startedMs = this.#deps.clock.monotonicMs();
    const failure = await this.#followUntil(wanted, signal);
    if (failure === null) return;
    // Whoever shares accounts says what is next: it is held elsewhere, or under another tenure.
    if (wanted.tenure?.ended.aborted) return void (await aborted(signal));
    const ranMs = this.#deps.clock.monotonicMs() - startedMs;
    this.#failures = ranMs > soundMs ? 1 : this.#failures + 1;
    await this.#waitAfter(failure, signal);
  }

  /** Why it is not followed any more; null: something else is wanted. */
  async #followUntil(wanted: WantedEntry, signal: AbortSignal): Promise<Failure | null> {
    const { entry, tenure = null } = wanted;
    try {
      const following = await this.#deps.follow(entry, signal, tenure);
      if (following === null) return null;
      this.#stand({ state: 'running', message: null, retryAt: null, following });
      this.#deps.onEvent({ kind: 'followed' });
      const bug = await Promise.race([aborted(signal), following.broken]);
      await this.#leave(following, bug ?? lossOf(wanted));
      return bug;
    } catch (error) {
      return { error };
    }
  }

  async #leave(following: Following, bug: Failure | null): Promise<void> {
    const { clock, onEvent, stopDeadlineMs } = this.#deps;
    const stopByMs = this.#stopByMs ?? Number.POSITIVE_INFINITY;
    const why = this.#whyLeft(bug);
    onEvent({ kind: 'leaving', why, changed: why === 'changed' ? this.#changed() : [] });
    this.#stand({ state: 'stopping', message: null, retryAt: null, following });
    // Nothing that is in flight may go on once another one sends.
    const deadlineMs = why === 'lost' ? 0 : stopDeadlineMs;
    const leftMs = Math.min(stopByMs - clock.monotonicMs(), deadlineMs);
    try {
      await following.stop({ deadlineMs: Math.max(0, leftMs) });
    } catch (error) {
      // It has ended all the same, and is not to be told as one that is tried again.
      if (!(error instanceof StateError)) throw error;
      onEvent({ kind: 'unclosed', message: error.message });
    }
    onEvent({ kind: 'left' });
  }

  #whyLeft(bug: Failure | null): WhyLeft {
    if (bug !== null) return bug.error instanceof TenureLostError ? 'lost' : 'bug';
    if (this.#stopByMs !== null) return 'stop';
    return this.#wanted.kind === 'entry' ? 'changed' : this.#wanted.kind;
  }

  #changed(): string[] {
    const [before, wanted] = [this.#entry, this.#wanted];
    return before !== null && wanted.kind === 'entry' ? changedFields(before, wanted.entry) : [];
  }

  async #waitAfter({ error }: Failure, signal: AbortSignal): Promise<void> {
    const { clock, random, onEvent } = this.#deps;
    const isExpected = error instanceof UsageError || error instanceof StateError;
    const backoff = isExpected ? failedBackoff : bugBackoff;
    const retryInMs = leastBackoffMs + backoffMs(this.#failures, backoff, random);
    const message = isExpected ? error.message : bugWords;
    onEvent(isExpected ? { kind: 'failed', message, retryInMs } : { kind: 'bug', error });
    const retryAt = new Date(clock.now().getTime() + retryInMs);
    this.#stand({ state: 'waiting', message, retryAt, following: null });
    await clock.sleep(retryInMs, signal);
  }

  #stand(standing: Standing): void {
    this.#standing = standing;
    this.#deps.onChange();
  }
}

const bugWords = 'an unexpected error has ended it; this is a bug, and the log has its stack';

/** Something else is wanted, perhaps because of this. */
function lossOf({ tenure }: WantedEntry): Failure | null {
  return tenure?.ended.aborted ? { error: tenure.ended.reason } : null;
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
