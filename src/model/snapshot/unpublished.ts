// What stands in a plan for a value that may not be shown, or is not known here.
import { isJsonObject, type Json } from '../../base/json/json.ts';

/** No file can declare it, since half a surrogate pair is refused there: it equals no value of git. */
export const unpublished = '\ud800 live';
/** The same of what was applied, where somebody has changed it since: the two differ. */
export const unpublishedApplied = '\ud800 applied';

/** For people. */
export const unpublishedWords = 'another value (not published)';

export function isUnpublished(value: Json | undefined): boolean {
  return value === unpublished || value === unpublishedApplied;
}

/** Whether it is one, or an object with one within. */
export function holdsUnpublished(value: Json | undefined): boolean {
  if (isUnpublished(value)) return true;
  return isJsonObject(value) && Object.values(value).some(holdsUnpublished);
}

/** Whether it says nothing that could be told on: null, or an empty text, list or object. */
export function isNothing(value: Json): boolean {
  if (value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}
