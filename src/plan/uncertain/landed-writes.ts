// Which fields that unconfirmed writes have set are there: only a read tells whether a write has landed.
import type { JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord, SentValues } from '../../model/applied-record.ts';
import { keepIgnored } from '../../model/ignored-fields.ts';
import { isShownAs } from '../../model/unapplied-fields.ts';
import { ownValue, sameValue } from '../../model/value-at.ts';

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

type Unheard = Pick<AppliedRecord, 'unconfirmedBefore' | 'unconfirmedFields'>;

/** Whether a field holds, letter by letter, what an unconfirmed body set: no other spelling of ours. */
export function isJustAsSent(
  name: string,
  { unconfirmedFields }: Unheard,
  body: JsonObject,
): boolean {
  const sent = unconfirmedFields?.[name] ?? [];
  return sent.some((value) => sameValue(value, ownValue(body, name)));
}

/** Whether it holds what the bodies were sent upon: spelled much like theirs, that is not ours yet. */
export function stoodBefore(name: string, applied: Unheard, body: JsonObject): boolean {
  const before = ownValue(applied.unconfirmedBefore ?? {}, name);
  const isAsBefore = before !== undefined && sameValue(before, ownValue(body, name));
  return isAsBefore && !isJustAsSent(name, applied, body);
}
