// Which fields that unconfirmed writes have set are there: only a read tells whether a write has landed.
import type { JsonObject } from '../json.ts';
import type { SentValues } from '../state/record.ts';
import { keepIgnored } from './keep-ignored.ts';
import { isShownAs } from './kept-fields.ts';
import { ownValue } from './value-at.ts';

/** Any other value there is not ours to touch. What is ignored was sent as the dashboard had it. */
export function landedFields(
  sent: SentValues,
  body: JsonObject,
  ignore: readonly string[],
): string[] {
  return Object.entries(sent)
    .filter(([name, values]) =>
      values.some((value) => {
        const composed = keepIgnored({ [name]: value }, body, ignore);
        return isShownAs(ownValue(composed, name), ownValue(body, name));
      }),
    )
    .map(([name]) => name);
}
