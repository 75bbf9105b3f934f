// Looks at what there is to tell a moment after somebody has said that it is another, and when something has
// lasted long enough; hands the messages to the targets, and keeps what was told.
import type { Clock } from '../../base/clock.ts';
import { StateError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Timers } from '../../base/timers.ts';
import type { Announcement, Notification } from '../../model/notify/notification.ts';
import type { Occasion } from './announce.ts';
import type { DeliveryEnd } from './outlet/delivery.ts';
import type { MessageListener, Outlet } from './outlet/notifier.ts';
import type { Sighting } from './settling.ts';
import { Tracker } from './tracker.ts';

export interface TellerDeps {
  readonly outlet: Outlet;
  /** How often what lasts is told once more, in milliseconds; null: never. */
  readonly againMs: number | null;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly source: Notification['source'];
  readonly log: Log;
  /** Throws `StateError`. */
  readonly save: (announcements: readonly Announcement[]) => Promise<void>;
  readonly onResult?: MessageListener['onResult'];
  readonly see: () => Seen;
}

/** What there is at one moment. */
export interface Seen extends Omit<Sighting, 'nowMs'> {
  readonly commit: Notification['commit'];
  /** What is to be told beside causes, once those have been. */
  readonly also?: (occasion: Occasion) => Notification | null;
}

const bugWords = 'unexpected error; this is a bug';

/** Changes come in bursts. */
const quietMs = 1000;

/** What was told; none where that cannot be read: what lasts is told again. */
export async function readTold(
  read: () => Promise<readonly Announcement[]>,
  log: Pick<Log, 'warn'>,
): Promise<readonly Announcement[]> {
  return await read().catch((error: unknown) => {
    if (!(error instanceof StateError)) throw error;
    log.warn({ error: error.message }, 'what was notified cannot be read');
    return [];
  });
}

export class Teller {
  readonly #deps: TellerDeps;
  readonly #listener: MessageListener;
  readonly #tracker: Tracker;
  readonly #stopped = new AbortController();
  readonly #timers: Timers;
  #soon: AbortController | null = null;
  #later: AbortController | null = null;
  #saving: Promise<void> | null = null;
  #isUnsaved = false;
  #complained = '';

  constructor(announcements: readonly Announcement[], deps: TellerDeps) {
    this.#deps = deps;
    this.#timers = new Timers(deps.clock, this.#stopped.signal);
    this.#listener = {
      ...(deps.onResult !== undefined && { onResult: deps.onResult }),
      onEnd: (message, end) => this.#ended(message, end),
    };
    this.#tracker = new Tracker(announcements, {
      againMs: deps.againMs,
      isWanted: (type) => deps.outlet.isWanted(type),
    });
  }

  /** What there is may be another now. Returns at once. */
  changed(): void {
    this.#soon ??= this.#timers.later(quietMs, () => this.#look());
  }

  occasion(commit: Notification['commit']): Occasion {
    const { clock, newId, source } = this.#deps;
    return { now: clock.now(), newId, source, commit };
  }

  tell(message: Notification): void {
    this.#deps.outlet.notify(message, this.#listener);
  }

  /** Nobody looks after it any more: what was told is over, for this reason. */
  endAll(why: string): void {
    this.#stopped.abort();
    const messages = this.#tracker.endAll(this.occasion(null), why);
    for (const message of messages) this.tell(message);
    if (messages.length > 0) this.#save();
  }

  /** Gives messages under way so long, and a few seconds at most; none is made any more. */
  async stop(deadlineMs?: number): Promise<void> {
    this.#stopped.abort();
    await this.#deps.outlet.stop(deadlineMs);
    await this.#saving;
  }

  /** A bug here must not stop the daemon. */
  #look(): void {
    this.#soon?.abort();
    this.#soon = null;
    try {
      this.#lookNow();
    } catch (err) {
      this.#deps.log.error({ err }, bugWords);
    }
  }

  #lookNow(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const { commit, also, ...seen } = this.#deps.see();
    const occasion = this.occasion(commit);
    const { messages, isChanged, nextMs } = this.#tracker.look({ ...occasion, ...seen, nowMs });
    for (const message of messages) this.tell(message);
    const another = also?.(occasion) ?? null;
    if (another !== null) this.tell(another);
    if (isChanged) this.#save();
    this.#later?.abort();
    this.#later = nextMs === null ? null : this.#timers.later(nextMs - nowMs, () => this.#look());
  }

  #ended(message: Notification, end: DeliveryEnd): void {
    if (this.#tracker.ended(message, end)) this.#save();
  }

  /** One write at a time, of what is the newest then. */
  #save(): void {
    this.#isUnsaved = true;
    this.#saving ??= this.#saveAll();
  }

  async #saveAll(): Promise<void> {
    while (this.#isUnsaved) {
      this.#isUnsaved = false;
      try {
        await this.#deps.save(this.#tracker.announcements);
        this.#complained = '';
      } catch (error) {
        if (error instanceof StateError) this.#complain(error.message);
        else this.#deps.log.error({ err: error }, bugWords);
      }
    }
    this.#saving = null;
  }

  #complain(error: string): void {
    if (error !== this.#complained) {
      this.#deps.log.warn({ error }, 'what was notified cannot be kept');
    }
    this.#complained = error;
  }
}
