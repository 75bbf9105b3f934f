// The pictures that pages name: drawn when a browser asks for one, and the last of them kept.
import { drawWidget } from '../../render/page/draw-widget.ts';
import { buildScene } from '../../render/picture/build-scene.ts';
import { renderPicture } from '../../render/picture/render-picture.ts';
import {
  bodiesIn,
  digestsOf,
  type PictureDigests,
  type ServedWidgets,
  type WidgetSource,
} from './served-widgets.ts';

/** Names in memory: twice as many widgets as an account is thought to have. */
const mostNamed = 60_000;
/** Those of a page and of what is opened from there; 2 to 8 KB each. */
const mostDrawn = 400;

type Side = keyof PictureDigests;

export class Pictures {
  readonly #widgets: ServedWidgets;
  readonly #named = new Map<string, { readonly widgetId: string; readonly side: Side }>();
  readonly #drawn = new Map<string, string>();

  constructor(widgets: ServedWidgets) {
    this.#widgets = widgets;
  }

  /** The names under which the widget's pictures can be asked for; null where there are none. */
  of(widgetId: string | null): PictureDigests | null {
    const source = widgetId === null ? null : this.#widgets.sourceOf(widgetId);
    if (widgetId === null || source === null) return null;
    const digests = digestsOf(source);
    for (const side of ['after', 'now', 'small'] as const) {
      const digest = digests[side];
      if (digest !== null)
        keep(this.#named, { key: digest, value: { widgetId, side }, most: mostNamed });
    }
    return digests;
  }

  /** Null for a name that no page gave, or whose widget has moved on since and is not kept. */
  svg(digest: string): string | null {
    const drawn = this.#drawn.get(digest) ?? this.#draw(digest);
    if (drawn !== null) keep(this.#drawn, { key: digest, value: drawn, most: mostDrawn });
    return drawn;
  }

  #draw(digest: string): string | null {
    const named = this.#named.get(digest);
    const source = named === undefined ? null : this.#widgets.sourceOf(named.widgetId);
    if (named === undefined || source === null) return null;
    // It may be drawn otherwise by now, and a name stands for one picture.
    return digestsOf(source)[named.side] === digest ? draw(source, named.side) : null;
  }
}

function draw(source: WidgetSource, side: Side): string | null {
  const bodies = bodiesIn(source);
  if (side === 'small' && bodies.before !== null) return renderPicture(buildScene(bodies.before));
  const drawn = drawWidget(bodies);
  return side === 'now' ? (drawn?.before ?? null) : (drawn?.after ?? null);
}

interface Kept<Value> {
  readonly key: string;
  readonly value: Value;
  readonly most: number;
}

/** The newest stay. */
function keep<Value>(all: Map<string, Value>, { key, value, most }: Kept<Value>): void {
  all.delete(key);
  all.set(key, value);
  if (all.size <= most) return;
  for (const oldest of all.keys()) {
    all.delete(oldest);
    break;
  }
}
