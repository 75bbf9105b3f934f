// One widget's pictures, and what is said beside them.
import { fromPointer } from '../../base/json/json.ts';
import { fieldName } from '../../model/field-name.ts';
import type { WidgetId } from '../../model/widget.ts';
import { buildScene } from '../picture/build-scene.ts';
import { type LegendEntry, legendEntry } from '../picture/legend.ts';
import { linesBeneath } from '../picture/lines-beneath.ts';
import { markChanges } from '../picture/mark-changes.ts';
import { renderPicture } from '../picture/render-picture.ts';
import type { WidgetBodies } from './preview-model.ts';

export interface Drawn {
  /** SVG, the same one as `after` where nothing differs; null where nothing is known of before. */
  readonly before: string | null;
  readonly after: string;
  /** By their numbers, which stand in both pictures. */
  readonly legend: readonly LegendEntry[];
  /** What changes and is not to be seen, by the name of the field. */
  readonly unseen: readonly Unseen[];
  readonly notes: readonly string[];
}

/** One picture of a widget, before or after. */
export interface WidgetPicture {
  readonly widgetId: WidgetId;
  readonly side: 'before' | 'after';
  readonly svg: string;
}

/** Null where a mapping came as a whole, of which some is seen: then no value says what is not. */
export interface Unseen {
  readonly field: string;
  readonly change: LegendEntry | null;
}

const drawn = new WeakMap<WidgetBodies, Drawn | null>();

/** Null where nothing is known of the widget. Drawn once, however often it is asked for. */
export function drawWidget(bodies: WidgetBodies): Drawn | null {
  const earlier = drawn.get(bodies);
  if (earlier !== undefined) return earlier;
  const made = draw(bodies);
  drawn.set(bodies, made);
  return made;
}

function draw({ before, after, declared, changes }: WidgetBodies): Drawn | null {
  const shown = after ?? before;
  if (shown === null) return null;
  const changed = changes.map(({ path }) => fromPointer(path)[0] ?? '');
  const notes = declared === null ? [] : linesBeneath(declared, changed);
  if (before === null || changes.length === 0) {
    const picture = renderPicture(buildScene(shown));
    const now = before === null ? null : picture;
    return { before: now, after: picture, legend: [], unseen: [], notes };
  }
  const { scenes, marks, legend, notInPicture } = markChanges(before, shown);
  const byField = new Map(changes.map((change) => [fieldName(change.path), change]));
  return {
    before: renderPicture(scenes.before, marks),
    after: renderPicture(scenes.after, marks),
    legend,
    unseen: notInPicture.map((field) => {
      const change = byField.get(field);
      return { field, change: change === undefined ? null : legendEntry(0, change) };
    }),
    notes,
  };
}
