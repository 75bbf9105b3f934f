// What a widget is before and after a write, as bodies that a picture can be drawn from.
import type { JsonObject } from '../../base/json/json.ts';
import { diffFields } from '../../model/diff-fields.ts';
import type { Change } from '../../model/plan.ts';
import { isSameNothing, settableFields } from '../../model/widget-fields.ts';
import { composeBody } from '../../plan/compare/compose-body.ts';
import type { WidgetBodies } from './preview-model.ts';

/** What a write leaves: what the file declares, over what is known of the rest. */
export function bodyAfter(
  write: Pick<Change, 'spec' | 'resets' | 'possiblyLeft' | 'sync'>,
  before: JsonObject | null,
): JsonObject {
  return composeBody(write, before && { body: before, readAtMs: 0 });
}

/** Another spelling of nothing is no change: both get that of the body after. */
export function bodiesOf(
  before: JsonObject | null,
  after: JsonObject | null,
  declared: JsonObject | null,
): WidgetBodies {
  const now = before && settableFields(before);
  if (now === null || after === null) return { before: now, after, declared, changes: [] };
  for (const [name, to] of Object.entries(after)) {
    if (isSameNothing(name, now[name], to)) now[name] = to;
  }
  return { before: now, after, declared, changes: diffFields(now, after) };
}
