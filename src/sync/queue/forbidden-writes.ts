// Tells whether a refusal to write (403) concerns the key or one widget. A key may be good for all widgets
// but one, and a firewall before the API objects to what one widget holds: neither may keep the others
// waiting.
import { ApiError } from '../../base/errors.ts';
import type { Attempt } from '../../model/outcome.ts';
import { isAccountWide, type SendFailure } from '../../model/send-failure.ts';
import type { WidgetId } from '../../model/widget.ts';

/** So many widgets in a row, and none written among them, are refused before it counts as the key's. */
const manyWidgets = 10;

export class ForbiddenWrites {
  readonly #inARow = new Set<WidgetId>();

  /** The failure that says that no other write can succeed either; null: the attempt says no such thing. */
  refusalOfKey(widgetId: WidgetId, attempt: Attempt): SendFailure | null {
    if (attempt.status === 'applied') this.clear();
    if (attempt.status !== 'failed') return null;
    const { error } = attempt;
    if (isAccountWide(error)) return error;
    // A read that a write needs first is refused for now only.
    const isForbidden = error instanceof ApiError && error.status === 403;
    if (!isForbidden || error.retry === 'later') return null;
    this.#inARow.add(widgetId);
    return this.#inARow.size >= manyWidgets ? error : null;
  }

  /** The key is another one, or all are to have another try. */
  clear(): void {
    this.#inARow.clear();
  }
}
