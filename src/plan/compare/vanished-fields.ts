// Fields that the API no longer speaks of. They were not set back: there is nothing to correct, and what
// was applied is the last that is known.

import type { JsonObject } from '../../base/json/json.ts';
import { isIgnored } from '../../model/ignored-fields.ts';
import type { LiveWidget } from '../../model/plan.ts';
import { ownValue, sameValue } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { bodySchemas, isEmpty, typesOf } from '../../model/widget-fields.ts';
import { sentSince } from '../uncertain/read-through.ts';
import type { WidgetStates } from './attribute-change.ts';

/** By name: what git says of them was applied, and a read that would show even a null does not have them. */
export function vanishedFields({ document, applied }: WidgetStates, live: LiveWidget): string[] {
  if (applied === null) return [];
  const { spec, sync } = document;
  const missing = Object.entries(asJson(spec)).filter(
    ([name, value]) => ownValue(live.body, name) === undefined && !isEmpty(name, value),
  );
  if (missing.length === 0) return [];
  if (leavesOutNulls(live.body, Object.fromEntries(missing))) return [];
  const vanished = missing.filter(
    ([name, value]) =>
      sameValue(ownValue(asJson(applied.spec), name), value) &&
      // Which of several bodies is live is not to be seen then.
      !Object.hasOwn(sentSince(applied), name) &&
      !isIgnored(`/${name}`, sync.ignore),
  );
  return vanished.map(([name]) => name);
}

/**
 * Whether what is absent may be null, as far as one widget tells: it shows no null, and lacks more than
 * what is declared to be something.
 */
function leavesOutNulls(body: JsonObject, missing: JsonObject): boolean {
  const nullable = [...bodySchemas].filter(([, schema]) => typesOf(schema).includes('null'));
  const names = nullable.map(([name]) => name);
  if (names.some((name) => ownValue(body, name) === null)) return false;
  return names.some((name) => !Object.hasOwn(body, name) && !Object.hasOwn(missing, name));
}
