// Remembers which causes last and who was told of them, and says what is to be told now: once when one has
// lasted for a while, once when it is over. Gets time and the causes as they are; sends and keeps nothing.
import type {
  Announcement,
  Member,
  Notification,
  NotificationType,
} from '../../model/notify/notification.ts';
import { outageLastsMs } from '../log-outage.ts';
import { announce, announceAgain, announceEnds, type Occasion } from './announce.ts';
import { type Cause, type Found, keyOf, obstacleWords } from './causes.ts';
import type { DeliveryEnd } from './delivery.ts';

export interface TrackerPolicy {
  /** How often what lasts is told once more, in milliseconds; null: never. */
  readonly againMs: number | null;
  /** Nothing else is told. */
  readonly isWanted: (type: NotificationType) => boolean;
}

/** What this process has seen by now: an earlier one's causes are over only where it can know that. */
export interface Evidence {
  /** A pass was made: what is wrong with files and widgets is known. */
  readonly hasPassed: boolean;
  /** The API has answered: it is up, and takes the key. */
  readonly hasAnswered: boolean;
}

export interface Moment extends Occasion, Evidence {
  readonly found: Found;
  /** On a clock that never steps. */
  readonly nowMs: number;
}

export interface Step {
  readonly messages: readonly Notification[];
  /** Whether `announcements` are others now. */
  readonly isChanged: boolean;
  /** When to look again at the latest, on the clock of `nowMs`; null: when something is found. */
  readonly nextMs: number | null;
}

/** It has to last so long before it is told, and be gone so long before it is over. */
export const settleMs = 10_000;
/** What else is found of one type waits so long for the next go: a fault that spreads is no flood. */
export const paceMs = 60_000;

export class Tracker {
  readonly #policy: TrackerPolicy;
  #announcements: readonly Announcement[];
  /** Those of an earlier process that nobody took. */
  readonly #unsent: Set<string>;
  /** Those that no target took after all its tries. */
  readonly #lost = new Set<string>();
  /** Since when each cause is there, or a member is gone. */
  #sinceMs: ReadonlyMap<string, number> = new Map();
  #goneMs: ReadonlyMap<string, number> = new Map();
  readonly #seen = new Set<string>();
  readonly #lastGoMs = new Map<NotificationType, number>();

  constructor(announcements: readonly Announcement[], policy: TrackerPolicy) {
    this.#announcements = announcements;
    this.#policy = policy;
    this.#unsent = new Set(
      announcements.filter(({ isTold }) => !isTold).map(({ message }) => message.id),
    );
  }

  get announcements(): readonly Announcement[] {
    return this.#announcements;
  }

  /** What is to be told now. */
  look(moment: Moment): Step {
    const before = this.#announcements;
    const { nowMs, found } = moment;
    this.#sinceMs = timed(found.present.keys(), this.#sinceMs, nowMs);
    for (const key of accountCauses.keys()) {
      if (found.present.has(key)) this.#seen.add(key);
    }
    const messages = [
      ...this.#sendUnsent(moment),
      ...this.#clear(moment),
      ...this.#raise(moment),
      ...this.#remind(moment),
    ];
    return {
      messages,
      isChanged: before !== this.#announcements,
      nextMs: this.#nextMs(moment),
    };
  }

  /** A delivery of it ended. Returns whether `announcements` are others now. */
  ended({ id, state }: Notification, end: DeliveryEnd): boolean {
    const one = this.#announcements.find(({ message }) => message.id === id);
    if (one === undefined) return false;
    if (state === 'cleared') {
      // What found no time at the end is for the next process.
      if (end === 'dropped') return false;
      this.#announcements = this.#announcements.filter((other) => other !== one);
      return true;
    }
    if (end !== 'sent') {
      this.#lost.add(id);
      return false;
    }
    this.#replace(one, { ...one, isTold: true });
    return true;
  }

  #sendUnsent({ found }: Moment): Notification[] {
    const messages: Notification[] = [];
    for (const { message, members } of this.#announcements) {
      if (!this.#unsent.has(message.id)) continue;
      const isSo = members.some(({ key }) => found.present.has(key));
      if (message.state !== 'cleared' && !isSo) continue;
      this.#unsent.delete(message.id);
      messages.push(message);
    }
    return messages;
  }

  #clear(moment: Moment): Notification[] {
    const { nowMs } = moment;
    const raised = this.#announcements.filter(({ message }) => message.state === 'raised');
    const members = raised.flatMap((one) => one.members);
    const gone = members.filter((member) => this.#isGone(member, moment));
    this.#goneMs = timed(
      gone.map(({ key }) => key),
      this.#goneMs,
      nowMs,
    );
    const over = raised.filter((one) => one.members.every((member) => this.#isOver(member, nowMs)));
    if (over.length === 0) return [];
    const told = over.filter(({ message, isTold }) => isTold || !this.#isLost(message.id));
    const ends = [...byType(told, ({ message }) => message.type).values()].flatMap((of) =>
      announceEnds(of, moment),
    );
    const rest = this.#announcements.filter((one) => !over.includes(one));
    this.#announcements = [...rest, ...ends];
    return ends.map(({ message }) => message);
  }

  /** Nobody took it, and nobody will: its end would mean nothing to anybody. */
  #isLost(id: string): boolean {
    return this.#lost.delete(id) || this.#unsent.delete(id);
  }

  #isOver({ key }: Member, nowMs: number): boolean {
    const goneMs = this.#goneMs.get(key);
    return goneMs !== undefined && nowMs - goneMs >= settleMs;
  }

  #isGone({ key, subject }: Member, { found, hasPassed, hasAnswered }: Moment): boolean {
    if (found.present.has(key)) return false;
    if (subject !== null) return hasPassed && !found.undecided.has(subject);
    if (this.#seen.has(key)) return true;
    const by = accountCauses.get(key);
    return by === 'pass' || by === 'changes' ? hasPassed : hasPassed && hasAnswered;
  }

  #raise(moment: Moment): Notification[] {
    const { found, nowMs } = moment;
    const known = this.#known();
    const due = [...found.present.values()].filter(
      (one) => this.#isNew(one, known) && nowMs >= this.#dueMs(one),
    );
    const raised = [...byType(due, ({ type }) => type)].flatMap(([type, causes]) => {
      this.#lastGoMs.set(type, nowMs);
      return announce(causes, moment);
    });
    if (raised.length > 0) this.#announcements = [...this.#announcements, ...raised];
    return raised.map(({ message }) => message);
  }

  #known(): ReadonlySet<string> {
    const raised = this.#announcements.filter(({ message }) => message.state === 'raised');
    return new Set(raised.flatMap(({ members }) => members.map(({ key }) => key)));
  }

  #isNew({ key, type }: Cause, known: ReadonlySet<string>): boolean {
    return this.#policy.isWanted(type) && !known.has(key);
  }

  #dueMs({ key, type, subject, mayBeHiccup }: Cause): number {
    const lastsMs = mayBeHiccup ? outageLastsMs : settleMs;
    const settledMs = (this.#sinceMs.get(key) ?? 0) + lastsMs;
    const lastGoMs = this.#lastGoMs.get(type);
    if (subject === null || lastGoMs === undefined) return settledMs;
    return Math.max(settledMs, lastGoMs + paceMs);
  }

  #remind(moment: Moment): Notification[] {
    const messages: Notification[] = [];
    for (const one of this.#announcements) {
      if (moment.now.getTime() < this.#againAtMs(one)) continue;
      if (!one.members.some(({ key }) => moment.found.present.has(key))) continue;
      const again = announceAgain(one, moment);
      this.#replace(one, again);
      messages.push(again.message);
    }
    return messages;
  }

  /** On the wall clock, which lasts over restarts. */
  #againAtMs({ message }: Announcement): number {
    const { againMs } = this.#policy;
    const isOpen = againMs !== null && message.state === 'raised';
    return isOpen ? message.time.getTime() + againMs : Number.POSITIVE_INFINITY;
  }

  #replace(one: Announcement, by: Announcement): void {
    this.#announcements = this.#announcements.map((other) => (other === one ? by : other));
  }

  #nextMs({ found, now, nowMs }: Moment): number | null {
    const known = this.#known();
    let next = Number.POSITIVE_INFINITY;
    const consider = (atMs: number) => {
      if (atMs > nowMs && atMs < next) next = atMs;
    };
    for (const one of found.present.values()) {
      if (this.#isNew(one, known)) consider(this.#dueMs(one));
    }
    for (const goneMs of this.#goneMs.values()) consider(goneMs + settleMs);
    for (const one of this.#announcements) {
      consider(nowMs + this.#againAtMs(one) - now.getTime());
    }
    return Number.isFinite(next) ? next : null;
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

function byType<Item>(
  items: readonly Item[],
  typeOf: (item: Item) => NotificationType,
): Map<NotificationType, Item[]> {
  const groups = new Map<NotificationType, Item[]>();
  for (const item of items) {
    const group = groups.get(typeOf(item));
    if (group === undefined) groups.set(typeOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
