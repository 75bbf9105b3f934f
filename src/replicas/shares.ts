// Which accounts a replica is to claim, and which it is to give back, from what it saw at its beats. Decides
// only; whom an account belongs to is settled by the claim itself.
import { ownerOf } from './rendezvous.ts';
import type { Beat, LivingSession, UnheldAccount } from './replica-store.ts';

export interface ShareRules {
  /** What is free at so many looks in a row anybody claims: whoever's share it is does not want it. */
  readonly freeBeats: number;
  /** A restart of the store ends all sessions at once. So long the accounts wait for who held them. */
  readonly returnMs: number;
  /** Accounts move to a replica only once it has lived for so long. */
  readonly settledMs: number;
  /** So often it is asked whether accounts of its share still have a row: somebody may have deleted it. */
  readonly askAgainMs: number;
  /** At most so many are being given back at a time. */
  readonly giveBackMost: number;
}

export interface Looked {
  readonly beat: Beat;
  /** Monotonic. */
  readonly nowMs: number;
  /** The accounts that this replica is able to hold. */
  readonly wanted: ReadonlySet<string>;
  readonly held: ReadonlySet<string>;
}

export class Shares {
  readonly #me: string;
  readonly #rules: ShareRules;
  /** The sessions that this process had before, whose accounts it goes on with. */
  readonly #formers = new Set<string>();
  /** Accounts that have a row: a beat tells whenever they are free. */
  readonly #known = new Set<string>();
  #askedMs: number | null = null;
  /**
   * Whoever comes, or comes back, looks once before it claims what others may have held: those that come together
   * share from the start, and a store that ends all sessions at once does not leave all to the first.
   */
  #isNew = true;
  /** At how many looks in a row each was free. */
  readonly #freeFor = new Map<string, number>();
  /** When each living replica, and each session ended by a restart, was seen first. */
  #replicasSince = new Map<string, number>();
  #endedSince = new Map<string, number>();
  /** Accounts whose owner lets them lie: they stay here as long as it lives. */
  readonly #leftBy = new Map<string, string>();

  constructor(me: string, rules: ShareRules) {
    this.#me = me;
    this.#rules = rules;
  }

  /** A session of this process is over. */
  lost(session: string): void {
    this.#formers.add(session);
    this.#isNew = true;
  }

  /** The store said so: it has a row, and somebody holds it. */
  isHeld(account: string): void {
    this.#known.add(account);
    this.#freeFor.delete(account);
  }

  /** To be asked once after each beat. */
  toClaim({ beat, nowMs, wanted, held }: Looked): string[] {
    const living = this.#look(beat, nowMs);
    this.#askAgain(living, held, nowMs);
    const free = this.#freeOf(beat, wanted, held);
    for (const name of this.#freeFor.keys()) if (!free.has(name)) this.#freeFor.delete(name);
    const claimed: string[] = [];
    for (const [name, last] of free) {
      if (last !== null && this.#mayReturn(last, nowMs)) continue;
      const freeFor = (this.#freeFor.get(name) ?? 0) + 1;
      this.#freeFor.set(name, freeFor);
      const owner = ownerOf(name, living);
      const isFormer = last !== null && this.#formers.has(last.session);
      if (owner !== this.#me && !isFormer && freeFor < this.#rules.freeBeats) continue;
      if (owner !== this.#me && owner !== null && !isFormer) this.#leftBy.set(name, owner);
      if (isFormer || !this.#isNew) claimed.push(name);
    }
    this.#isNew = false;
    return claimed;
  }

  /** `leaving`: those that are being given back already. */
  toGiveBack({ nowMs, wanted, held }: Looked, leaving: ReadonlySet<string>): string[] {
    const { settledMs, giveBackMost } = this.#rules;
    const settled = [...this.#replicasSince]
      .filter(([replica, sinceMs]) => replica === this.#me || nowMs - sinceMs >= settledMs)
      .map(([replica]) => replica);
    const given: string[] = [];
    if (settled.length < 2) return given;
    for (const name of held) {
      if (leaving.size + given.length >= giveBackMost) break;
      if (leaving.has(name) || !wanted.has(name)) continue;
      const owner = ownerOf(name, settled);
      if (owner !== this.#me && owner !== this.#leftBy.get(name)) given.push(name);
    }
    return given;
  }

  #look({ sessions, unheld }: Beat, nowMs: number): readonly string[] {
    const living = [...new Set(sessions.filter(takesShare).map(({ replica }) => replica))];
    const ended = unheld.flatMap(({ last }) => (last === null ? [] : [last.session]));
    this.#replicasSince = seenSince(this.#replicasSince, living, nowMs);
    this.#endedSince = seenSince(this.#endedSince, ended, nowMs);
    for (const [name, owner] of this.#leftBy) {
      if (!this.#replicasSince.has(owner)) this.#leftBy.delete(name);
    }
    return living;
  }

  #askAgain(living: readonly string[], held: ReadonlySet<string>, nowMs: number): void {
    this.#askedMs ??= nowMs;
    if (nowMs - this.#askedMs < this.#rules.askAgainMs) return;
    this.#askedMs = nowMs;
    for (const name of this.#known) {
      if (!held.has(name) && ownerOf(name, living) === this.#me) this.#known.delete(name);
    }
  }

  #freeOf(
    { unheld }: Beat,
    wanted: ReadonlySet<string>,
    held: ReadonlySet<string>,
  ): ReadonlyMap<string, UnheldAccount['last']> {
    const free = new Map<string, UnheldAccount['last']>();
    for (const { name, last } of unheld) {
      this.#known.add(name);
      if (wanted.has(name) && !held.has(name)) free.set(name, last);
    }
    for (const name of wanted) {
      if (!this.#known.has(name) && !held.has(name)) free.set(name, null);
    }
    return free;
  }

  #mayReturn({ session, byRestart }: NonNullable<UnheldAccount['last']>, nowMs: number): boolean {
    if (!byRestart || this.#formers.has(session)) return false;
    return nowMs - (this.#endedSince.get(session) ?? nowMs) < this.#rules.returnMs;
  }
}

function takesShare({ command }: LivingSession): boolean {
  return command === 'run';
}

function seenSince(
  before: ReadonlyMap<string, number>,
  seen: readonly string[],
  nowMs: number,
): Map<string, number> {
  return new Map(seen.map((one) => [one, before.get(one) ?? nowMs]));
}
