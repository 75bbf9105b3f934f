// Where a text is to be read as a colour: "red" is one in `header_color`, and a word elsewhere.
import { fromPointer } from '../../base/json/json.ts';

/** Of a JSON Pointer: its last name speaks of a colour, as all fields and known styles that take one do. */
export function isColourField(pointer: string): boolean {
  return /colou?r$/i.test(fromPointer(pointer).at(-1) ?? '');
}
