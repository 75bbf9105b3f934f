// Tells people what the status of an account comes to. Looks at it a moment after it has changed, and when
// something has lasted long enough; whatever becomes of the messages, nobody waits for them.
import type { Clock } from '../../base/clock.ts';
import { ApiError, StateError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Timers } from '../../base/timers.ts';
import type { Announcement, Notification } from '../../model/notify/notification.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { AccountStatus } from '../../status/widget-status.ts';
import {
  type Emit,
  type Listener,
  listenerOf,
  type Work,
  type WorkFailure,
} from '../../sync/events.ts';
import type { Occasion } from './announce.ts';
import { AppliedBatch } from './applied-batch.ts';
import { findCauses } from './causes.ts';
import type { DeliveryEnd } from './outlet/delivery.ts';
import type { MessageListener, Outlet } from './outlet/notifier.ts';
import { Tracker } from './tracker.ts';

export interface NotifyingDeps {
  readonly outlet: Outlet;
  /** How often what lasts is told once more, in milliseconds; null: never. */
  readonly againMs: number | null;
  /** The newest. */
  readonly status: () => AccountStatus;
  readonly state: Pick<StateStore, 'announcements' | 'saveAnnouncements'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly source: Notification['source'];
  readonly emit: Emit;
  readonly log: Log;
}

const bugWords = 'unexpected error; this is a bug';

/** Null: the files, the state or the request itself, which last until somebody mends them. */
function blameFor(error: WorkFailure): 'service' | 'key' | null {
  if (!(error instanceof ApiError)) return null;
  if (error.scope === 'account') return 'key';
  return error.retry === 'later' ? 'service' : null;
}

/** Changes come in bursts. */
const quietMs = 1000;

/** Never rejects: where what was told cannot be read, what lasts is told again. */
export async function startNotifying(deps: NotifyingDeps): Promise<Notifying> {
  const announcements = await deps.state.announcements().catch((error: unknown) => {
    if (!(error instanceof StateError)) throw error;
    deps.log.warn({ error: error.message }, 'what was notified cannot be read');
    return [];
  });
  return new Notifying(announcements, deps);
}

export class Notifying {
  readonly #deps: NotifyingDeps;
  readonly #listener: MessageListener;
  readonly #tracker: Tracker;
  readonly #applied = new AppliedBatch();
  readonly #stopped = new AbortController();
  readonly #timers: Timers;
  #soon: AbortController | null = null;
  #later: AbortController | null = null;
  #hasPassed = false;
  #hasAnswered = false;
  #troubledUntil: Date | null = null;
  readonly #blamed = new Map<Work, 'service' | 'key'>();
  #saving: Promise<void> | null = null;
  #isUnsaved = false;
  #complained = '';

  constructor(announcements: readonly Announcement[], deps: NotifyingDeps) {
    this.#deps = deps;
    this.#timers = new Timers(deps.clock, this.#stopped.signal);
    this.#listener = {
      onResult: (result) => deps.emit({ kind: 'notification-ended', result }),
      onEnd: (message, end) => this.#ended(message, end),
    };
    this.#tracker = new Tracker(announcements, {
      againMs: deps.againMs,
      isWanted: (type) => deps.outlet.isWanted(type),
    });
  }

  /** Returns at once. */
  readonly hear: Listener = listenerOf({
    'status-changed': () => {
      this.#soon ??= this.#timers.later(quietMs, () => this.#look());
    },
    'plan-made': () => {
      this.#hasPassed = true;
      this.#blamed.delete('pass');
    },
    'sweep-ended': () => {
      this.#hasAnswered = true;
      this.#blamed.delete('sweep');
    },
    'files-unsettled': () => void this.#blamed.delete('pass'),
    'work-failed': ({ work, error }) => {
      const blamed = blameFor(error);
      if (blamed === null) this.#blamed.delete(work);
      else this.#blamed.set(work, blamed);
    },
    'outage-ended': () => this.#answered(),
    'sending-resumed': () => this.#answered(),
    'change-ended': ({ outcome }) => {
      if (outcome.status === 'applied') this.#hasAnswered = true;
      if (this.#deps.outlet.isWanted('widgets.applied')) this.#applied.add(outcome);
    },
  });

  /** The end is near: what waits for its next try has it now, and so has what is still made. */
  hurry(): void {
    this.#deps.outlet.hurry();
  }

  /** Gives messages under way so long, and a few seconds at most; none is made any more. */
  async stop(deadlineMs?: number): Promise<void> {
    this.#stopped.abort();
    const applied = this.#applied.takeAll(this.#occasion(this.#deps.status()));
    if (applied !== null) this.#notify(applied);
    await this.#deps.outlet.stop(deadlineMs);
    await this.#saving;
  }

  #answered(): void {
    this.#hasAnswered = true;
    this.#troubledUntil = this.#deps.clock.now();
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
    const { clock } = this.#deps;
    const status = this.#deps.status();
    const occasion = this.#occasion(status);
    const found = findCauses(status, {
      troubledUntil: this.#troubledUntil,
      blamed: this.#blamed,
    });
    if (found.isTroubled) this.#troubledUntil = occasion.now;
    const nowMs = clock.monotonicMs();
    const { messages, isChanged, nextMs } = this.#tracker.look({
      ...{ ...occasion, found, nowMs },
      ...{ hasPassed: this.#hasPassed, hasAnswered: this.#hasAnswered },
    });
    for (const message of messages) this.#notify(message);
    const applied = this.#applied.take(status.record?.queue ?? [], occasion);
    if (applied !== null) this.#notify(applied);
    if (isChanged) this.#save();
    this.#later?.abort();
    this.#later = nextMs === null ? null : this.#timers.later(nextMs - nowMs, () => this.#look());
  }

  #notify(message: Notification): void {
    this.#deps.outlet.notify(message, this.#listener);
  }

  #occasion({ record }: AccountStatus): Occasion {
    const { clock, newId, source } = this.#deps;
    return { now: clock.now(), newId, source, commit: record?.commit ?? null };
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
        await this.#deps.state.saveAnnouncements(this.#tracker.announcements);
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
