// What people know a widget by.
import type { JsonObject } from '../base/json/json.ts';

/** Its name, or what visitors see; null where it has neither. */
export function nameIn(body: JsonObject): string | null {
  for (const name of [body['name'], body['display_name']]) {
    if (typeof name === 'string' && name.trim() !== '') return name;
  }
  return null;
}
