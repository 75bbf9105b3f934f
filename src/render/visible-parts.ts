// What of a plan visitors will see: the parts of the picture that its writes paint anew.
import { count, listed } from '../base/text.ts';
import { faceOf, partThatChanges, sceneOf, slotsOf } from '../face/faces.ts';
import type { Part } from '../face/slots.ts';
import { leafDifferences } from '../model/diff-fields.ts';
import type { Change, Plan } from '../model/plan.ts';
import { asJson } from '../model/widget.ts';

/** Each once, in the order of the fields that paint them. Where another scene is set, all of that. */
export function visibleParts({ spec, resets, base, fields }: Painting): Part[] {
  const after = { ...base?.body, ...asJson(spec), ...resets };
  const isOtherScene = fields.some(
    ({ path, from }) => path === '/widget_type' && sceneOf(from) !== sceneOf(after['widget_type']),
  );
  const ofScene = isOtherScene
    ? slotsOf(sceneOf(after['widget_type']), faceOf(after)).map(([, { part }]) => part)
    : [];
  const painted = fields
    .flatMap(leafDifferences)
    .map(({ path }) => partThatChanges(path, { before: base?.body ?? after, after }));
  return [...new Set([...ofScene, ...painted.filter((part) => part !== null)])];
}

type Painting = Pick<Change, 'spec' | 'resets' | 'base' | 'fields'>;

export interface Visible {
  /** Widgets whose looks a write changes. */
  readonly widgets: number;
  /** Parts of their pictures, those of each widget counted. */
  readonly parts: number;
}

export function countVisible({ changes }: Pick<Plan, 'changes'>): Visible {
  const parts = changes.map((change) => visibleParts(change).length);
  return {
    widgets: parts.filter((amount) => amount > 0).length,
    parts: parts.reduce((sum, amount) => sum + amount, 0),
  };
}

/** Named, as long as they are few. */
const mostNamed = 5;

/** `Visible to visitors: 2 widgets, 3 parts (header, launcher)`; null where nothing is to be written. */
export function visibleWords(plan: Pick<Plan, 'changes'>): string | null {
  if (plan.changes.length === 0) return null;
  const { widgets, parts } = countVisible(plan);
  if (widgets === 0) return 'Visible to visitors: nothing';
  const names = [...new Set(plan.changes.flatMap(visibleParts))].map(partName);
  const amounts = `${count(widgets, 'widget')}, ${count(parts, 'part')}`;
  return `Visible to visitors: ${amounts} (${listed(names, mostNamed)})`;
}

function partName(part: Part): string {
  return part.replaceAll('-', ' ');
}
