// What a change does to a widget's picture: numbers that before and after share, their legend, and what
// cannot be seen. Refuses to know which field paints what: that is asked of face/.
import type { JsonObject } from '../../base/json/json.ts';
import { partThatChanges } from '../../face/faces.ts';
import { diffFields, type FieldDifference, leafDifferences } from '../../model/diff-fields.ts';
import { fieldName } from '../../model/field-name.ts';
import { bodyFields } from '../../model/widget.ts';
import { buildScene } from './build-scene.ts';
import type { MarkedPart, Marks } from './draw/marks.ts';
import { type LegendEntry, legendEntry } from './legend.ts';
import { drawScene } from './render-picture.ts';
import type { PictureScene } from './scenes/scene.ts';

export interface MarkedChange {
  readonly scenes: Scenes;
  /** For both pictures. */
  readonly marks: Marks;
  /** By number, from 1. */
  readonly legend: readonly LegendEntry[];
  /** Changed fields that no part of the pictures shows, as people write them. */
  readonly notInPicture: readonly string[];
}

interface Scenes {
  readonly before: PictureScene;
  readonly after: PictureScene;
}

interface Bodies {
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** Numbers go from top to bottom, as the parts stand afterwards; those of one part follow each other. */
export function markChanges(before: JsonObject, after: JsonObject): MarkedChange {
  const bodies = { before, after };
  const scenes = { before: buildScene(before), after: buildScene(after) };
  const differences = diffFields(before, after).flatMap(leafDifferences).sort(bySchema);
  const found = differences.map((difference) => ({
    difference,
    part: markedPart(difference.path, bodies),
  }));
  const places = placesOf(scenes);
  const placeOf = (part: MarkedPart | null) => places.indexOf(part ?? 'all');
  const seen = found
    .filter(({ part }) => part !== null)
    .sort((a, b) => placeOf(a.part) - placeOf(b.part));
  const marks = new Map<MarkedPart, number[]>();
  seen.forEach(({ part }, at) => {
    const key = part ?? 'all';
    marks.set(key, [...(marks.get(key) ?? []), at + 1]);
  });
  return {
    scenes,
    marks,
    legend: seen.map(({ difference }, at) => legendEntry(at + 1, difference)),
    notInPicture: found
      .filter(({ part }) => part === null)
      .map(({ difference }) => fieldName(difference.path)),
  };
}

function bySchema(a: FieldDifference, b: FieldDifference): number {
  const rank = ({ path }: FieldDifference) => bodyFields.indexOf(path.split('/')[1] ?? '');
  return rank(a) - rank(b) || (a.path < b.path ? -1 : 1);
}

function markedPart(path: string, bodies: Bodies): MarkedPart | null {
  if (path === '/widget_type') return changesAll(bodies) ? 'all' : null;
  return partThatChanges(path, bodies);
}

/** Some types are drawn alike: from one to the other nothing is seen. */
function changesAll({ before, after }: Bodies): boolean {
  const { widget_type = null } = before;
  const drawn = (body: JsonObject) => {
    const { label: _, ...scene } = buildScene(body);
    return JSON.stringify(scene);
  };
  return drawn({ ...after, widget_type }) !== drawn(after);
}

/** As they stand in the pictures; the picture as a whole comes first. */
function placesOf({ before, after }: Scenes): MarkedPart[] {
  const parts = [after, before].flatMap((scene) => drawScene(scene).parts);
  return ['all', ...parts.map(({ part }) => part)];
}
