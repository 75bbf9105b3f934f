// A widget as the dashboard has left it: what was applied, with the fields that drifted.
import { fromPointer, isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';
import type { ReportedDrift } from '../../model/plan.ts';

const drifted = new WeakMap<ReportedDrift, JsonObject>();

/** The same value for the same drift: it was found in one pass, over one record. */
export function withDrift(spec: JsonObject, drift: ReportedDrift): JsonObject {
  const known = drifted.get(drift);
  if (known !== undefined) return known;
  const body = drift.fields.reduce(
    (rest, { path, from }) => withValue(rest, fromPointer(path), from),
    spec,
  );
  drifted.set(drift, body);
  return body;
}

/** Without the member where `value` is undefined. */
function withValue(
  body: JsonObject,
  [name = '', ...within]: readonly string[],
  value: Json | undefined,
): JsonObject {
  const { [name]: earlier, ...rest } = body;
  if (within.length > 0) {
    const inner = isJsonObject(earlier) ? earlier : {};
    return { ...rest, [name]: withValue(inner, within, value) };
  }
  return value === undefined ? rest : { ...rest, [name]: value };
}
