// Which face a widget is drawn with. Pure; the table of slots says what each face reads.
import type { JsonObject } from '../../base/json/json.ts';
import { setValue } from '../../face/faces.ts';
import { type Face, type Slot, slots } from '../../face/slots.ts';

/**
 * No field says which face a page embeds. What only the new face reads is declared for that one: a
 * body with any of it is drawn so.
 */
export function faceOf(body: JsonObject): Face {
  const onlyNew = Object.values<Slot>(slots).filter(({ only }) => only === 'new');
  const isNew = onlyNew.some(({ from }) => from.some((at) => setValue(at, body) !== undefined));
  return isNew ? 'new' : 'classic';
}
