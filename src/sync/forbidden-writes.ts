// Whose a refusal to write (403) is. A key may be good for all widgets but one, and a firewall before
// the API objects to what one widget holds: neither may keep the others waiting.
import { ApiError } from '../errors.ts';
import type { WidgetId } from '../widget.ts';
import type { Attempt } from './outcome.ts';
import { isAccountWide } from './send-failure.ts';

/** So many widgets in a row, and none written among them, are refused before it counts as the key's. */
const manyWidgets = 10;

export class ForbiddenWrites {
  readonly #inARow = new Set<WidgetId>();

  /** Whether this attempt says that no other write can succeed either. */
  refusesKey(widgetId: WidgetId, attempt: Attempt): boolean {
    if (attempt.status === 'applied') this.clear();
    if (attempt.status !== 'failed') return false;
    const { error } = attempt;
    if (isAccountWide(error)) return true;
    // A read that a write needs first is refused for now only.
    const isForbidden = error instanceof ApiError && error.status === 403;
    if (!isForbidden || error.retry === 'later') return false;
    this.#inARow.add(widgetId);
    return this.#inARow.size >= manyWidgets;
  }

  /** The key is another one, or all are to have another try. */
  clear(): void {
    this.#inARow.clear();
  }
}
