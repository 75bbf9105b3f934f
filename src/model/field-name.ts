// A JSON Pointer as people write paths.
import { fromPointer } from '../base/json/json.ts';
import { printable } from '../base/text.ts';

/** `/style_params/font size` is `style_params."font size"`. */
export function fieldName(pointer: string): string {
  return fromPointer(pointer)
    .map((key) => (/^[\w-]+$/.test(key) ? key : printable(JSON.stringify(key))))
    .join('.');
}
