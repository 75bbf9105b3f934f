// What requests of earlier holders may still write. Until these are over, no other content is sent to their
// widgets, and none is believed where it is read: theirs could land on top of it. The same content may be sent
// and believed, whichever of the two comes last.
import type { Clock } from '../../base/clock.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { InheritedWrite } from '../../state/state-store.ts';

/** What is to be written, or was read. */
interface Content {
  readonly widgetId: WidgetId;
  readonly hash: string;
}

export class InheritedWrites {
  readonly #writes: readonly InheritedWrite[];
  readonly #clock: Pick<Clock, 'now' | 'monotonicMs'>;

  constructor(writes: readonly InheritedWrite[], clock: Pick<Clock, 'now' | 'monotonicMs'>) {
    this.#writes = writes;
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#writes.length === 0;
  }

  /** When the content may be sent, on the monotonic clock; null: now. */
  heldUntilMs(content: Content): number | null {
    const untilMs = this.#overAtMs(content);
    return untilMs > this.#clock.monotonicMs() ? untilMs : null;
  }

  /** Whether a read of this wall time says nothing of the widget once the content is sent. */
  isTooEarly(content: Content, readAtMs: number): boolean {
    const untilMs = this.#overAtMs(content);
    if (untilMs === Number.NEGATIVE_INFINITY) return false;
    const wallMs = this.#clock.now().getTime() - this.#clock.monotonicMs();
    return readAtMs < wallMs + untilMs;
  }

  #overAtMs({ widgetId, hash }: Content): number {
    const others = this.#writes.filter(
      (write) =>
        (write.widgetId === null || write.widgetId === widgetId) &&
        (write.hash === null || !hash.startsWith(write.hash)),
    );
    return Math.max(...others.map(({ untilMs }) => untilMs));
  }
}
