// Hands each message to the targets that want it, and counts what became of it.
import type { Notification, NotificationType } from '../../model/notify/notification.ts';
import { Delivery, type DeliveryDeps, type DeliveryEnd } from './delivery.ts';
import { type NotifyTarget, wants } from './target.ts';

export interface NotifierDeps extends Omit<DeliveryDeps, 'onEnd'> {
  /** A target was sent, failed or was dropped a message. */
  readonly onResult?: (end: DeliveryEnd) => void;
  /**
   * Once for each message: `sent` as soon as a target took it, or where none wants it; else what became of
   * the last delivery.
   */
  readonly onEnd: (message: Notification, end: DeliveryEnd) => void;
}

/** How long the end of the process may be held up by targets alone. */
export const longestStopMs = 5000;

interface Receiver {
  readonly target: NotifyTarget;
  readonly delivery: Delivery;
}

export class Notifier {
  readonly #receivers: readonly Receiver[];
  readonly #deps: NotifierDeps;
  /** Deliveries under way, by message; gone once its end was said. */
  readonly #open = new Map<Notification, number>();
  readonly #counts: Record<DeliveryEnd, number> = { sent: 0, failed: 0, dropped: 0 };

  constructor(targets: readonly NotifyTarget[], deps: NotifierDeps) {
    this.#deps = deps;
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

  /** Whether any target wants such messages. */
  isWanted(type: NotificationType): boolean {
    return this.#receivers.some(({ target }) => target.types.has(type));
  }

  /** Returns at once. */
  notify(message: Notification): void {
    const receivers = this.#receivers.filter(({ target }) => wants(target, message));
    if (receivers.length === 0) {
      this.#deps.onEnd(message, 'sent');
      return;
    }
    this.#open.set(message, receivers.length);
    for (const { delivery } of receivers) delivery.add(message);
  }

  /** The end is near: nothing waits for its next try any longer. */
  hurry(): void {
    for (const { delivery } of this.#receivers) delivery.hurry();
  }

  /** Waits so long, and never longer than `longestStopMs`. */
  async stop(deadlineMs = longestStopMs): Promise<void> {
    const waitMs = Math.min(Math.max(deadlineMs, 0), longestStopMs);
    await Promise.all(this.#receivers.map(({ delivery }) => delivery.stop(waitMs)));
  }

  #ended(message: Notification, end: DeliveryEnd): void {
    this.#counts[end] += 1;
    this.#deps.onResult?.(end);
    const left = (this.#open.get(message) ?? 0) - 1;
    if (end !== 'sent' && left > 0) {
      this.#open.set(message, left);
      return;
    }
    if (this.#open.delete(message)) this.#deps.onEnd(message, end);
  }
}
