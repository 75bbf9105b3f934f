// A place in a widget's body as people write it.
import { fromPointer } from '../base/json/json.ts';
import { printable } from '../base/text.ts';

/** A JSON Pointer for people: `/style_params/font size` is `style_params["font size"]`, the whole body `''`. */
export function fieldName(pointer: string): string {
  return nameOfPath(fromPointer(pointer));
}

/** `style_params.button.color`, `action_buttons[2]["a b"]`. */
export function nameOfPath(segments: readonly (string | number)[]): string {
  const parts = segments.map((segment) => {
    if (/^\d+$/.test(String(segment))) return `[${segment}]`;
    return /^[\w-]+$/.test(String(segment)) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
  });
  return printable(parts.join('').replace(/^\./, ''));
}
