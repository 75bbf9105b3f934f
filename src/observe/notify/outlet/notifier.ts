// Hands each message to the targets that want it, and counts what became of it.
import type { Notification, NotificationType } from '../../../model/notify/notification.ts';
import { type NotifyTarget, wants } from '../target.ts';
import { Delivery, type DeliveryDeps, type DeliveryEnd } from './delivery.ts';

export interface MessageListener {
  /** A target was sent, failed or was dropped the message. */
  readonly onResult?: (end: DeliveryEnd) => void;
  /**
   * Once for each message: `sent` as soon as a target took it, or where none wants it; else what became of
   * the last delivery.
   */
  readonly onEnd: (message: Notification, end: DeliveryEnd) => void;
}

/** The way to the targets, as whoever makes messages has it. */
export interface Outlet {
  /** Whether any target wants such messages. */
  isWanted(type: NotificationType): boolean;
  /** Returns at once. */
  notify(message: Notification, listener: MessageListener): void;
  /** The end is near: nothing waits for its next try any longer. */
  hurry(): void;
  /** Gives what is under way so long, and never longer than `longestStopMs`. */
  stop(deadlineMs?: number): Promise<void>;
}

/** How long the end of the process may be held up by targets alone. */
export const longestStopMs = 5000;

interface Receiver {
  readonly target: NotifyTarget;
  readonly delivery: Delivery;
}

interface Open {
  /** Deliveries under way. */
  left: number;
  readonly listener: MessageListener;
  isEnded: boolean;
}

export class Notifier implements Outlet {
  readonly #receivers: readonly Receiver[];
  readonly #open = new Map<Notification, Open>();
  readonly #counts: Record<DeliveryEnd, number> = { sent: 0, failed: 0, dropped: 0 };

  constructor(targets: readonly NotifyTarget[], deps: Omit<DeliveryDeps, 'onEnd'>) {
    const onEnd = (message: Notification, end: DeliveryEnd) => this.#ended(message, end);
    this.#receivers = targets.map((target) => ({
      target,
      delivery: new Delivery(target, { ...deps, onEnd }),
    }));
  }

  /** Of deliveries: a message to three targets counts three times. */
  get counts(): Readonly<Record<DeliveryEnd, number>> {
    return this.#counts;
  }

  isWanted(type: NotificationType): boolean {
    return this.#receivers.some(({ target }) => target.types.has(type));
  }

  notify(message: Notification, listener: MessageListener): void {
    const receivers = this.#receivers.filter(({ target }) => wants(target, message));
    if (receivers.length === 0) {
      listener.onEnd(message, 'sent');
      return;
    }
    this.#open.set(message, { left: receivers.length, listener, isEnded: false });
    for (const { delivery } of receivers) delivery.add(message);
  }

  hurry(): void {
    for (const { delivery } of this.#receivers) delivery.hurry();
  }

  async stop(deadlineMs = longestStopMs): Promise<void> {
    const waitMs = Math.min(Math.max(deadlineMs, 0), longestStopMs);
    await Promise.all(this.#receivers.map(({ delivery }) => delivery.stop(waitMs)));
  }

  #ended(message: Notification, end: DeliveryEnd): void {
    this.#counts[end] += 1;
    const open = this.#open.get(message);
    if (open === undefined) return;
    open.left -= 1;
    if (open.left === 0) this.#open.delete(message);
    open.listener.onResult?.(end);
    if (open.isEnded || (end !== 'sent' && open.left > 0)) return;
    open.isEnded = true;
    open.listener.onEnd(message, end);
  }
}
