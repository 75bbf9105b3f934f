// When a cause has lasted long enough to be told, and been gone long enough to be over. Gets time and the
// causes as they are; knows nothing of messages.
import type { Member, NotificationType } from '../../model/notify/notification.ts';
import { outageLastsMs } from '../log-outage.ts';
import { type Cause, type Found, keyOf, obstacleWords } from './causes.ts';

/** What is there now, and how much this process can know: an earlier one's causes may be over, or not seen yet. */
export interface Sighting {
  readonly found: Found;
  /** On a clock that never steps. */
  readonly nowMs: number;
  /** A pass was made: what is wrong with files and widgets is known. */
  readonly hasPassed: boolean;
  /** The API has answered: it is up, and takes the key. */
  readonly hasAnswered: boolean;
}

/** It has to last so long before it is told, and be gone so long before it is over. */
const settleMs = 10_000;
/** What else is found of one type waits so long for the next go: a fault that spreads is no flood. */
const paceMs = 60_000;

/** What was raised so often within an hour comes and goes: it has to be gone for longer before it is over. */
const flapping = { times: 3, withinMs: 3_600_000, settleMs: 600_000 } as const;

export class Settling {
  /** Since when each cause is there, or a member is gone. */
  #sinceMs: ReadonlyMap<string, number> = new Map();
  #goneMs: ReadonlyMap<string, number> = new Map();
  readonly #seen = new Set<string>();
  readonly #lastGoMs = new Map<NotificationType, number>();
  /** When each cause was raised lately. */
  readonly #raisedMs = new Map<string, readonly number[]>();

  /** `told`: what may be over. */
  look(sighting: Sighting, told: readonly Member[]): void {
    const { found, nowMs } = sighting;
    this.#sinceMs = timed(found.present.keys(), this.#sinceMs, nowMs);
    for (const key of accountCauses.keys()) {
      if (found.present.has(key)) this.#seen.add(key);
    }
    const gone = told.filter((member) => this.#isGone(member, sighting));
    const keys = gone.map(({ key }) => key);
    this.#goneMs = timed(keys, this.#goneMs, nowMs);
  }

  /** For how long all of them have been gone; null while that is not sure. */
  overForMs(members: readonly Member[], nowMs: number): number | null {
    let lastMs = 0;
    for (const { key } of members) {
      const goneMs = this.#goneMs.get(key);
      if (goneMs === undefined || nowMs < this.#endMs(key, goneMs)) return null;
      lastMs = Math.max(lastMs, goneMs);
    }
    return nowMs - lastMs;
  }

  #endMs(key: string, goneMs: number): number {
    const isFlapping = this.#raisesSince(key, goneMs - flapping.withinMs).length >= flapping.times;
    return goneMs + (isFlapping ? flapping.settleMs : settleMs);
  }

  #raisesSince(key: string, sinceMs: number): number[] {
    return (this.#raisedMs.get(key) ?? []).filter((raisedMs) => raisedMs >= sinceMs);
  }

  /** When it may be told. */
  dueMs({ key, type, subject, mayBeHiccup }: Cause): number {
    const lastsMs = mayBeHiccup ? outageLastsMs : settleMs;
    const settledMs = (this.#sinceMs.get(key) ?? 0) + lastsMs;
    const lastGoMs = this.#lastGoMs.get(type);
    if (subject === null || lastGoMs === undefined) return settledMs;
    return Math.max(settledMs, lastGoMs + paceMs);
  }

  /** They are told now. */
  raised(causes: readonly Cause[], nowMs: number): void {
    const sinceMs = nowMs - flapping.withinMs;
    for (const key of this.#raisedMs.keys()) {
      if (this.#raisesSince(key, sinceMs).length === 0) this.#raisedMs.delete(key);
    }
    for (const { key, type } of causes) {
      this.#lastGoMs.set(type, nowMs);
      this.#raisedMs.set(key, [...this.#raisesSince(key, sinceMs), nowMs]);
    }
  }

  /** When what is gone will be over. */
  get endsMs(): number[] {
    return [...this.#goneMs].map(([key, goneMs]) => this.#endMs(key, goneMs));
  }

  #isGone({ key, subject }: Member, { found, hasPassed, hasAnswered }: Sighting): boolean {
    if (found.present.has(key)) return false;
    if (subject !== null) return hasPassed && !found.undecided.has(subject);
    if (this.#seen.has(key)) return true;
    const by = accountCauses.get(key);
    return by === 'pass' || by === 'changes' ? hasPassed : hasPassed && hasAnswered;
  }
}

/** The causes that concern the whole account. */
const accountCauses: ReadonlyMap<string, keyof typeof obstacleWords> = new Map(
  Object.entries(obstacleWords).map(([by, { type }]) => [
    keyOf(type, null, by),
    by as keyof typeof obstacleWords,
  ]),
);

/** The keys that are there now, each with the time at which it came. */
function timed(
  keys: Iterable<string>,
  before: ReadonlyMap<string, number>,
  nowMs: number,
): ReadonlyMap<string, number> {
  return new Map([...keys].map((key) => [key, before.get(key) ?? nowMs]));
}
