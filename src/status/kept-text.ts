// A field of which the API keeps something otherwise than it was sent, for people.
import { stringifyJson } from '../base/json/json-text.ts';
import { fieldName } from '../model/field-name.ts';
import type { UnappliedField } from '../model/unapplied-fields.ts';

/** As `name "sent" → "kept"`. */
export function keptText({ path, sent, kept }: UnappliedField): string {
  const [before, after] = [sent, kept].map((value) => {
    return value === undefined ? 'nothing' : stringifyJson(value);
  });
  return `${fieldName(path)} ${before} → ${after}`;
}
