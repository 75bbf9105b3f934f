// What is allowed and yet hardly ever meant: a person should look twice.
import type { FieldChange } from '../model/plan.ts';
import { isUnpublished } from '../model/snapshot/unpublished.ts';

/**
 * A widget that has a type keeps it for life in the dashboard: a file that gives it another one mostly
 * carries the id of another widget.
 */
export function isUnusual({ path, from, to }: Pick<FieldChange, 'path' | 'from' | 'to'>): boolean {
  // Of a value that is not known nobody can say that it was a type.
  const isKnown = from !== undefined && from !== null && !isUnpublished(from);
  const hadOne = isKnown && from !== '';
  return path === '/widget_type' && hadOne && to !== undefined;
}
