// The writes that have left and are not recorded. Whoever loses the tenure leaves them as suspects: they may land
// on top of what a successor writes.
import type { Clock } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json/json.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { Suspect } from '../../state/state-store.ts';

interface Send extends Suspect {
  /** When it was given up, on the monotonic clock; null: it is under way, or was answered. */
  givenUpAtMs: number | null;
}

/** A process that stood still gives up and learns that it has lost the tenure in the same moment, more or less. */
const latelyMs = 60_000;

export class UnsettledSends {
  readonly #sends = new Map<WidgetId, Send>();
  readonly #clock: Pick<Clock, 'monotonicMs'>;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** It is about to leave. */
  begun(
    widgetId: WidgetId,
    { hash, sent }: { readonly hash: string; readonly sent: JsonObject },
  ): void {
    this.#sends.delete(widgetId);
    this.#sends.set(widgetId, { widgetId, hash, sent, givenUpAtMs: null });
    this.#forgetOld();
  }

  /** No answer came, or none that says what has become of it. */
  givenUp(widgetId: WidgetId): void {
    const send = this.#sends.get(widgetId);
    if (send !== undefined) send.givenUpAtMs = this.#clock.monotonicMs();
  }

  /** It is recorded, or was certainly not stored. */
  settled(widgetId: WidgetId): void {
    this.#sends.delete(widgetId);
  }

  /** An outage may leave every widget here, the oldest first. */
  #forgetOld(): void {
    for (const [widgetId, send] of this.#sends) {
      if (this.#isLately(send)) return;
      this.#sends.delete(widgetId);
    }
  }

  /** Whether it may be news. */
  #isLately({ givenUpAtMs }: Send): boolean {
    return givenUpAtMs === null || givenUpAtMs >= this.#clock.monotonicMs() - latelyMs;
  }

  /** Those that may still land, or have landed lately without a record of it. */
  suspects(): Suspect[] {
    return [...this.#sends.values()]
      .filter((send) => this.#isLately(send))
      .map(({ widgetId, hash, sent }) => ({ widgetId, hash, sent }));
  }
}
