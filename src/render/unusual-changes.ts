// What is allowed and yet hardly ever meant: a person should look twice.
import type { FieldChange } from '../model/plan.ts';

/**
 * A widget that has a type keeps it for life in the dashboard: a file that gives it another one mostly
 * carries the id of another widget.
 */
export function isUnusual({ path, from, to }: Pick<FieldChange, 'path' | 'from' | 'to'>): boolean {
  const hadOne = from !== undefined && from !== null && from !== '';
  return path === '/widget_type' && hadOne && to !== undefined;
}
