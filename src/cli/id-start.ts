// Widgets that are named on the command line by the beginning of their ids, as the reports shorten them.
import { UsageError } from '../base/errors.ts';
import { count, listed } from '../base/text.ts';
import { parseWidgetId, type WidgetId } from '../model/widget.ts';

/** A widget id or at least its first 4 characters, in lower case. Throws what was expected. */
export function startOfIdFrom(text: string): string {
  const isStart =
    parseWidgetId(text + '00000000-0000-4000-8000-000000000000'.slice(text.length)) !== null;
  if (text.length < 4 || !isStart) {
    throw new Error('a widget id (a UUID), or at least its first 4 characters');
  }
  return text.toLowerCase();
}

export interface Known {
  readonly widgetIds: readonly WidgetId[];
  /** The place that was searched, in words that follow "no widget whose id begins with …". */
  readonly lack: string;
}

/** The one known widget whose id begins so. Throws `UsageError` where that is not one widget. */
export function oneStartingWith(start: string, flag: string, { widgetIds, lack }: Known): WidgetId {
  const found = widgetIds.filter((widgetId) => widgetId.startsWith(start)).sort();
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only === undefined) {
    throw new UsageError(
      `${flag}: no widget whose id begins with ${start} ${lack}; give the whole id`,
    );
  }
  throw new UsageError(
    `${flag}: ${start} begins the ids of ${count(found.length, 'widget')}, give more of it: ${listed(found, mostNamed)}`,
  );
}

const mostNamed = 5;
