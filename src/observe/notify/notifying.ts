// Tells people what the status of an account comes to; whatever becomes of the messages, nobody waits for them.
import type { Clock } from '../../base/clock.ts';
import { ApiError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
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
import { AppliedBatch } from './applied-batch.ts';
import { findCauses } from './causes.ts';
import type { Outlet } from './outlet/notifier.ts';
import { readTold, type Seen, Teller } from './teller.ts';

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

/** Null: the files, the state or the request itself, which last until somebody mends them. */
function blameFor(error: WorkFailure): 'service' | 'key' | null {
  if (!(error instanceof ApiError)) return null;
  if (error.scope === 'account') return 'key';
  return error.retry === 'later' ? 'service' : null;
}

/** Never rejects: where what was told cannot be read, what lasts is told again. */
export async function startNotifying(deps: NotifyingDeps): Promise<Notifying> {
  return new Notifying(await readTold(() => deps.state.announcements(), deps.log), deps);
}

export class Notifying {
  readonly #deps: NotifyingDeps;
  readonly #teller: Teller;
  readonly #applied = new AppliedBatch();
  #hasPassed = false;
  #hasAnswered = false;
  #troubledUntil: Date | null = null;
  readonly #blamed = new Map<Work, 'service' | 'key'>();

  constructor(announcements: readonly Announcement[], deps: NotifyingDeps) {
    this.#deps = deps;
    this.#teller = new Teller(announcements, {
      ...deps,
      save: (told) => deps.state.saveAnnouncements(told),
      onResult: (result) => deps.emit({ kind: 'notification-ended', result }),
      see: () => this.#see(),
    });
  }

  /** Returns at once. */
  readonly hear: Listener = listenerOf({
    'status-changed': () => this.#teller.changed(),
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
    const applied = this.#applied.takeAll(this.#teller.occasion(this.#commit));
    if (applied !== null) this.#teller.tell(applied);
    await this.#teller.stop(deadlineMs);
  }

  /** As `stop`, of an account that nobody follows any more: nothing of it needs a hand. */
  async leave(deadlineMs?: number): Promise<void> {
    this.#teller.endAll('The account is not in the file of accounts any more.');
    await this.stop(deadlineMs);
  }

  get #commit(): Notification['commit'] {
    return this.#deps.status().record?.commit ?? null;
  }

  #answered(): void {
    this.#hasAnswered = true;
    this.#troubledUntil = this.#deps.clock.now();
  }

  #see(): Seen {
    const status = this.#deps.status();
    const found = findCauses(status, {
      troubledUntil: this.#troubledUntil,
      blamed: this.#blamed,
    });
    if (found.isTroubled) this.#troubledUntil = this.#deps.clock.now();
    return {
      ...{ found, hasPassed: this.#hasPassed, hasAnswered: this.#hasAnswered },
      commit: status.record?.commit ?? null,
      also: (occasion) => this.#applied.take(status.record?.queue ?? [], occasion),
    };
  }
}
