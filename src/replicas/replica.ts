// One replica: keeps a session alive, claims its share of the accounts, and gives back what is too much. What is
// done for an account it does not know: it says which accounts this process holds, and for how long.
import { messageOf, StateError } from '../base/errors.ts';
import type { Tenure } from '../state/tenure.ts';
import { momentOf, type ReplicaClock } from './furthest-clock.ts';
import { inTime } from './in-time.ts';
import {
  type Beat,
  type LivingSession,
  type ReplicaInfo,
  type ReplicaSession,
  type ReplicaStore,
  silenceMs,
} from './replica-store.ts';
import {
  type HeldTenure,
  type SessionRules,
  SessionTenure,
  SessionTerm,
  sessionRules,
} from './session-tenure.ts';
import { type ShareRules, Shares } from './shares.ts';

export interface ReplicaRules extends SessionRules, ShareRules {
  /** At most so many in one statement: a beat never waits long for it. */
  readonly claimMost: number;
}

export const replicaRules: ReplicaRules = {
  ...sessionRules,
  claimMost: 500,
  freeBeats: 5,
  returnMs: silenceMs,
  settledMs: 60_000,
  askAgainMs: 60_000,
  giveBackMost: 10,
};

/** However many accounts are released one after the other, others look no more often. */
const soonestBeatMs = 100;

export interface ReplicaDeps {
  readonly store: Pick<ReplicaStore, 'begin'>;
  readonly clock: ReplicaClock;
  readonly info: ReplicaInfo;
  readonly rules?: ReplicaRules;
  /** This process holds the account, until `tenure.ended` or `release`. */
  readonly onClaimed: (account: string, tenure: HeldTenure) => void;
  /** Another replica should have it: to be released once nothing of it runs here. */
  readonly onGiveBack: (account: string) => void;
  readonly onEvent: (event: ReplicaEvent) => void;
}

export type ReplicaEvent =
  | { readonly kind: 'begun'; readonly session: string }
  /** Nothing is held any more, and another session is begun as soon as that is possible. */
  | { readonly kind: 'lost'; readonly session: string; readonly why: string; readonly held: number }
  /** No session can be begun: it is tried again and again. */
  | { readonly kind: 'unreachable'; readonly message: string }
  | { readonly kind: 'bug'; readonly error: unknown };

/** A session, as long as it is alive. */
interface Living {
  readonly session: ReplicaSession;
  readonly term: SessionTerm;
  /** The sessions that were alive at its last beat. */
  seen: readonly LivingSession[];
  readonly tenures: Map<string, SessionTenure>;
  /** Released here, and not yet in the store; by name. */
  readonly freed: Map<string, SessionTenure>;
  releasing: Promise<void> | null;
}

export class Replica {
  readonly #deps: ReplicaDeps;
  readonly #rules: ReplicaRules;
  readonly #shares: Shares;
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<void>;
  /** Aborted when the next look is to come sooner. */
  #waiting = new AbortController();
  #wanted: ReadonlySet<string> = new Set();
  readonly #leaving = new Set<string>();
  #living: Living | null = null;

  constructor(deps: ReplicaDeps) {
    this.#deps = deps;
    this.#rules = deps.rules ?? replicaRules;
    this.#shares = new Shares(deps.info.replica, this.#rules);
    this.#stopped = this.#run();
  }

  /** The accounts that this process is able to hold. Those that it holds by now it goes on holding. */
  want(accounts: ReadonlySet<string>): void {
    this.#wanted = accounts;
  }

  /** Null: it is held elsewhere, or nowhere. */
  tenureOf(account: string): Tenure | null {
    return this.#living?.tenures.get(account) ?? null;
  }

  /** Its own session, and those that were alive at its last beat; null: it has none now. */
  sessions(): { readonly own: string; readonly living: readonly LivingSession[] } | null {
    if (this.#living === null) return null;
    return { own: this.#living.session.number, living: this.#living.seen };
  }

  /** Nothing of what the tenure allowed runs here any more: whoever wants the account may have it at once. */
  release(account: string, tenure: Tenure): void {
    const living = this.#living;
    const held = living?.tenures.get(account);
    // It may be a tenure of a session before.
    if (living === null || held === undefined || held !== tenure) return;
    this.#drop(living, account, 'it was released');
    living.freed.set(account, held);
    living.releasing ??= this.#releaseFreed(living);
  }

  /** Ends the session; to be called once nothing runs that writes. What is held is free from then on. */
  async stop(): Promise<void> {
    this.#wanted = new Set();
    this.#stopping.abort();
    this.#waiting.abort();
    await this.#stopped;
  }

  async #run(): Promise<void> {
    // A turn later, so that whoever made this knows it before it hears anything.
    await Promise.resolve();
    while (!this.#stopping.signal.aborted) {
      const triedMs = this.#deps.clock.monotonicMs();
      try {
        const living = await this.#begin();
        await this.#live(living);
      } catch (error) {
        this.#say(error);
      }
      if (this.#stopping.signal.aborted) return;
      this.#waiting = new AbortController();
      await this.#waitUntil(triedMs + this.#rules.beatMs);
    }
  }

  #say(error: unknown): void {
    const { onEvent } = this.#deps;
    if (error instanceof StateError) onEvent({ kind: 'unreachable', message: error.message });
    else onEvent({ kind: 'bug', error });
  }

  async #begin(): Promise<Living> {
    const { store, clock, info, onEvent } = this.#deps;
    const term = new SessionTerm(clock, this.#rules.holdMs, momentOf(clock));
    const session = await store.begin(info);
    session.ended.addEventListener('abort', () => term.end());
    if (session.ended.aborted) term.end();
    term.over.addEventListener('abort', () => this.#waiting.abort());
    session.onFreed(() => this.#waiting.abort());
    onEvent({ kind: 'begun', session: session.number });
    return { session, term, seen: [], tenures: new Map(), freed: new Map(), releasing: null };
  }

  /** Until the session is over, or the process stops. */
  async #live(living: Living): Promise<void> {
    const { session, term } = living;
    this.#living = living;
    let why = 'the store has ended its session, or cannot be reached';
    try {
      while (term.leftMs() > 0 && !this.#stopping.signal.aborted) await this.#beat(living);
      if (this.#stopping.signal.aborted) why = 'it is stopping';
      await living.releasing;
    } catch (error) {
      if (!(error instanceof StateError)) this.#deps.onEvent({ kind: 'bug', error });
      why = messageOf(error);
    }
    this.#end(living, why);
    await session.end();
  }

  #end({ session, term, tenures }: Living, why: string): void {
    term.end();
    this.#living = null;
    this.#leaving.clear();
    this.#shares.lost(session.number);
    const held = tenures.size;
    for (const tenure of tenures.values()) tenure.end(why);
    if (!this.#stopping.signal.aborted) {
      this.#deps.onEvent({ kind: 'lost', session: session.number, why, held });
    }
  }

  async #beat(living: Living): Promise<void> {
    const { clock } = this.#deps;
    this.#waiting = new AbortController();
    const sentAt = momentOf(clock);
    const beat = await inTime(living.session.beat(), living.term, clock);
    if (!beat.sessions.some(({ number }) => number === living.session.number)) {
      throw new StateError('the store does not count its session as alive');
    }
    living.term.renew(sentAt);
    living.seen = beat.sessions;
    const isDone = await this.#share(living, beat);
    if (isDone) await this.#waitUntil(sentAt.monotonicMs + this.#rules.beatMs);
    await clock.sleep(sentAt.monotonicMs + soonestBeatMs - clock.monotonicMs(), living.term.over);
  }

  /** Whether there is nothing left to claim at once. */
  async #share(living: Living, beat: Beat): Promise<boolean> {
    const { clock, onGiveBack } = this.#deps;
    const { tenures } = living;
    // What a failover lost, perhaps: whoever claims it next gets a token of its own.
    for (const { name } of beat.unheld) this.#drop(living, name, 'the store knows it as free');
    const nowMs = clock.monotonicMs();
    const looked = { beat, nowMs, wanted: this.#wanted, held: new Set(tenures.keys()) };
    for (const account of this.#shares.toGiveBack(looked, this.#leaving)) {
      this.#leaving.add(account);
      onGiveBack(account);
    }
    const names = this.#shares.toClaim(looked);
    await this.#claim(living, names.slice(0, this.#rules.claimMost));
    return names.length <= this.#rules.claimMost;
  }

  async #claim(living: Living, names: readonly string[]): Promise<void> {
    const { session, term, tenures } = living;
    if (names.length === 0) return;
    for (const answer of await inTime(session.claim(names), term, this.#deps.clock)) {
      this.#shares.isHeld(answer.name);
      if (answer.kind === 'held') continue;
      const tenure = new SessionTenure(answer.token, term);
      tenures.set(answer.name, tenure);
      if (this.#wanted.has(answer.name)) this.#deps.onClaimed(answer.name, tenure);
      else this.release(answer.name, tenure);
    }
  }

  /** One statement at a time; what is released meanwhile shares the next. */
  async #releaseFreed(living: Living): Promise<void> {
    const { session, term, freed } = living;
    try {
      // A turn later: what ends together is released together.
      await Promise.resolve();
      while (freed.size > 0 && term.leftMs() > 0) {
        const tenures = [...freed].map(([name, { token }]) => ({ name, token }));
        freed.clear();
        await inTime(session.release(tenures), term, this.#deps.clock);
      }
    } catch (error) {
      // Whether they are free is not known: with the session they are.
      if (!(error instanceof StateError)) this.#deps.onEvent({ kind: 'bug', error });
      term.end();
    } finally {
      living.releasing = null;
    }
  }

  #drop({ tenures }: Living, account: string, why: string): void {
    this.#leaving.delete(account);
    tenures.get(account)?.end(why);
    tenures.delete(account);
  }

  async #waitUntil(atMs: number): Promise<void> {
    const leftMs = atMs - this.#deps.clock.monotonicMs();
    if (leftMs > 0) await this.#deps.clock.sleep(leftMs, this.#waiting.signal);
  }
}
