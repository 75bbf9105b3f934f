// Remembers who was told of which causes, and says what is to be told now: once when one has lasted for a
// while, once when it is over, and in between as often as that is asked for. Sends and keeps nothing.
import type {
  Announcement,
  Notification,
  NotificationType,
} from '../../model/notify/notification.ts';
import { announce, announceAgain, announceEnds, type Occasion, type Over } from './announce.ts';
import type { Cause } from './causes.ts';
import type { DeliveryEnd } from './outlet/delivery.ts';
import { Settling, type Sighting } from './settling.ts';

export interface TrackerPolicy {
  /** How often what lasts is told once more, in milliseconds; null: never. */
  readonly againMs: number | null;
  /** Nothing else is told. */
  readonly isWanted: (type: NotificationType) => boolean;
}

export interface Moment extends Occasion, Sighting {}

export interface Step {
  readonly messages: readonly Notification[];
  /** Whether `announcements` are others now. */
  readonly isChanged: boolean;
  /** When to look again at the latest, on the clock of `nowMs`; null: when something is found. */
  readonly nextMs: number | null;
}

export class Tracker {
  readonly #policy: TrackerPolicy;
  readonly #settling = new Settling();
  #announcements: readonly Announcement[];
  /** Messages of an earlier process that nobody took. */
  readonly #unsent: Set<string>;
  /** Messages that no target took after all its tries. */
  readonly #lost = new Set<string>();

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
    const told = this.#raised.flatMap(({ members }) => members);
    this.#settling.look(moment, told);
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
  ended({ id, state, cause }: Notification, end: DeliveryEnd): boolean {
    const one = this.#announcements.find(({ message }) => message.id === id);
    if (state === 'cleared') {
      // What found no time at the end is for the next process.
      if (one === undefined || end === 'dropped') return false;
      this.#announcements = this.#announcements.filter((other) => other !== one);
      return true;
    }
    if (end !== 'sent') {
      if (one !== undefined) this.#lost.add(id);
      return false;
    }
    // Also by a message that a reminder has followed since.
    const told = this.#raised.find(({ message }) => message.cause === cause);
    if (told === undefined || told.isTold) return false;
    this.#replace(told, { ...told, isTold: true });
    return true;
  }

  /** All that was told is over, and nothing else will be told. */
  endAll(occasion: Occasion, why: string): Notification[] {
    const told = this.#raised.filter((one) => one.isTold || !this.#isLost(one.message.id));
    const over = told.map((one) => ({ one, endedAt: occasion.now, why }));
    const ends = this.#endsOf(over, occasion);
    const others = this.#announcements.filter(({ message }) => message.state !== 'raised');
    this.#announcements = [...others, ...ends];
    return ends.map(({ message }) => message);
  }

  get #raised(): readonly Announcement[] {
    return this.#announcements.filter(({ message }) => message.state === 'raised');
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
    const { now, nowMs } = moment;
    const over = this.#raised.flatMap((one) => {
      const forMs = this.#settling.overForMs(one.members, nowMs);
      return forMs === null ? [] : [{ one, endedAt: new Date(now.getTime() - forMs) }];
    });
    if (over.length === 0) return [];
    const told = over.filter(({ one }) => one.isTold || !this.#isLost(one.message.id));
    const ends = this.#endsOf(told, moment);
    const ended = new Set(over.map(({ one }) => one));
    this.#announcements = [...this.#announcements.filter((one) => !ended.has(one)), ...ends];
    return ends.map(({ message }) => message);
  }

  #endsOf(over: readonly Over[], occasion: Occasion): Announcement[] {
    const types = byType(over, ({ one }) => one.message.type);
    return [...types.values()].flatMap((of) => announceEnds(of, occasion));
  }

  /** Nobody took it, and nobody will: its end would mean nothing to anybody. */
  #isLost(id: string): boolean {
    return this.#lost.delete(id) || this.#unsent.delete(id);
  }

  #raise(moment: Moment): Notification[] {
    const { nowMs } = moment;
    const due = this.#news(moment).filter((one) => nowMs >= this.#settling.dueMs(one));
    this.#settling.raised(due, nowMs);
    const raised = [...byType(due, ({ type }) => type).values()].flatMap((causes) =>
      announce(causes, moment),
    );
    if (raised.length > 0) this.#announcements = [...this.#announcements, ...raised];
    return raised.map(({ message }) => message);
  }

  /** What is there, and was not raised. */
  #news({ found }: Moment): Cause[] {
    const known = new Set(this.#raised.flatMap(({ members }) => members.map(({ key }) => key)));
    return [...found.present.values()].filter(
      ({ key, type }) => this.#policy.isWanted(type) && !known.has(key),
    );
  }

  #remind(moment: Moment): Notification[] {
    const messages: Notification[] = [];
    for (const one of this.#raised) {
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
    return againMs === null ? Number.POSITIVE_INFINITY : message.time.getTime() + againMs;
  }

  #replace(one: Announcement, by: Announcement): void {
    this.#announcements = this.#announcements.map((other) => (other === one ? by : other));
  }

  #nextMs(moment: Moment): number | null {
    const { now, nowMs } = moment;
    const timesMs = [
      ...this.#news(moment).map((one) => this.#settling.dueMs(one)),
      ...this.#settling.endsMs,
      ...this.#raised.map((one) => nowMs + this.#againAtMs(one) - now.getTime()),
    ];
    const next = Math.min(...timesMs.filter((atMs) => atMs > nowMs));
    return Number.isFinite(next) ? next : null;
  }
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
