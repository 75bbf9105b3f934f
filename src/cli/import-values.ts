// What `import --update` brings into a file: the live values of the fields that it declares and that
// are git's. Pure.
import { fromPointer, isJsonObject, type Json, type JsonObject } from '../json.ts';

/**
 * The declared fields as they should read. A field that the API does not have stays as it is, and so
 * does what the file says belongs to the dashboard.
 */
export function wantedFields(
  declared: JsonObject,
  live: JsonObject,
  ignore: readonly string[],
): JsonObject {
  const names = Object.keys(declared).filter((name) => Object.hasOwn(live, name));
  let wanted: JsonObject = Object.fromEntries(names.map((name) => [name, live[name] as Json]));
  for (const pointer of ignore) {
    wanted = keepAt(wanted, declared, fromPointer(pointer)) as JsonObject;
  }
  return { ...declared, ...wanted };
}

/** `live`, but with what `declared` has at the path, or without anything there where it has nothing. */
function keepAt(live: Json, declared: Json, path: readonly string[]): Json {
  const [segment, ...rest] = path;
  if (segment === undefined) return declared;
  if (isJsonObject(live) && isJsonObject(declared)) {
    const kept = keptMember(live, declared, [segment, ...rest]);
    const others = Object.entries(live).filter(([key]) => key !== segment);
    return Object.fromEntries(kept === undefined ? others : [...others, [segment, kept]]);
  }
  if (Array.isArray(live) && Array.isArray(declared)) {
    return live.map((item, index) => {
      const own = declared[index];
      return String(index) === segment && own !== undefined ? keepAt(item, own, rest) : item;
    });
  }
  return live;
}

function keptMember(
  live: JsonObject,
  declared: JsonObject,
  [segment = '', ...rest]: readonly string[],
): Json | undefined {
  const theirs = Object.hasOwn(live, segment) ? live[segment] : undefined;
  const own = Object.hasOwn(declared, segment) ? declared[segment] : undefined;
  if (rest.length === 0 || theirs === undefined || own === undefined) {
    return rest.length === 0 ? own : theirs;
  }
  return keepAt(theirs, own, rest);
}
