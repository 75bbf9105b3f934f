// Contents that the API refused for good: not sent again until something outside has changed.
import type { Change } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';

type Content = Pick<Change, 'widgetId' | 'hash'>;

export class RejectedContents {
  readonly #hashes = new Map<WidgetId, string>();

  get isEmpty(): boolean {
    return this.#hashes.size === 0;
  }

  add({ widgetId, hash }: Content): void {
    this.#hashes.set(widgetId, hash);
  }

  has({ widgetId, hash }: Content): boolean {
    return this.#hashes.get(widgetId) === hash;
  }

  forget(widgetId: WidgetId): void {
    this.#hashes.delete(widgetId);
  }

  /** Forgets what no file asks for any more. */
  retain(wanted: ReadonlyMap<WidgetId, string>): void {
    for (const [widgetId, hash] of this.#hashes) {
      if (wanted.get(widgetId) !== hash) this.#hashes.delete(widgetId);
    }
  }

  clear(): void {
    this.#hashes.clear();
  }
}
