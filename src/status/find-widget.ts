// The widgets that a person means by a file, an id or its beginning, or a name.
import { listed } from '../base/text.ts';
import type { WidgetStatus } from './widget-status.ts';

/** Fewer characters of an id are too few to mean one widget. */
export const shortestIdStart = 4;

/** What a widget can be found by. */
export type Findable = Pick<WidgetStatus, 'widgetId' | 'file' | 'name'>;

/**
 * The best kind of match alone: an id or a file before the beginning of an id, that before a name. A file may be named
 * from its directory, from within that, or from above, as plans and problems print it.
 */
export function findWidgets<Widget extends Findable>(
  widgets: readonly Widget[],
  asked: string,
): Widget[] {
  const text = asked.trim();
  const lower = text.toLowerCase();
  const file = text.replace(/^\.\//, '');
  const kinds: ((widget: Widget) => boolean)[] = [
    (widget) => widget.widgetId === lower || widget.file === file,
    ({ widgetId }) => text.length >= shortestIdStart && (widgetId?.startsWith(lower) ?? false),
    ({ name }) => name?.toLowerCase() === lower,
    (widget) => file !== '' && widget.file.endsWith(`/${file}`),
  ];
  for (const isMeant of kinds) {
    const found = widgets.filter(isMeant);
    if (found.length > 0) return found;
  }
  return longest(widgets.filter((widget) => file.endsWith(`/${widget.file}`)));
}

/** Of `clients/prod/ava.yaml` the file `prod/ava.yaml`, and not `ava.yaml`. */
function longest<Widget extends Findable>(widgets: Widget[]): Widget[] {
  const most = Math.max(...widgets.map(({ file }) => file.length));
  return widgets.filter(({ file }) => file.length === most);
}

const mostNamed = 10;

/** For a sentence, to choose from. */
export function listFound(found: readonly Findable[]): string {
  const names = found.map(({ file, widgetId }) => `${file} (${widgetId?.slice(0, 8) ?? '?'})`);
  return listed(names, mostNamed);
}
