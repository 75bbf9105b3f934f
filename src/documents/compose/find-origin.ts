// Which layer a value of a composed file comes from, and what it won over. Pure; asked for what is shown only.
import { fromPointer, isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';
import { ownValue } from '../../model/value-at.ts';
import type { Layer } from './compose-layers.ts';

export interface FoundOrigin {
  readonly layer: Layer;
  readonly pointer: string;
  /** The layers that say it too and are weaker, the strongest first. Objects that merge win over none. */
  readonly over: readonly Layer[];
}

/**
 * The strongest layer that has a value at the pointer, which may lead into lists; null where the composed file has
 * none there. An object that several layers say is the strongest one's.
 */
export function findOrigin(
  fragments: readonly Layer[],
  omit: readonly string[],
  own: Layer,
  pointer: string,
): FoundOrigin | null {
  const path = fromPointer(pointer);
  const isOmitted = omit.some((one) => isPrefix(fromPointer(one), path));
  const inherited = isOmitted ? [] : [...fragments].reverse();
  const sayers: { layer: Layer; value: Json }[] = [];
  for (const layer of [own, ...inherited]) {
    const { value, isCutOff } = look(layer.value, path);
    if (value !== undefined) sayers.push({ layer, value });
    if (isCutOff) break;
  }
  const [strongest, ...weaker] = sayers;
  if (strongest === undefined) return null;
  const won = isJsonObject(strongest.value) ? fromFirstReplaced(weaker) : weaker;
  return { layer: strongest.layer, pointer, over: won.map(({ layer }) => layer) };
}

/** What is merged is not won over; what an object replaces is, with all that this would have replaced. */
function fromFirstReplaced<Sayer extends { readonly value: Json }>(
  weaker: readonly Sayer[],
): readonly Sayer[] {
  const at = weaker.findIndex(({ value }) => !isJsonObject(value));
  return at === -1 ? [] : weaker.slice(at);
}

/** The value at a path; `isCutOff` where something on the way replaces whatever weaker layers have beneath it. */
function look(
  value: JsonObject,
  path: readonly string[],
): { readonly value: Json | undefined; readonly isCutOff: boolean } {
  let at: Json | undefined = value;
  for (const name of path) {
    if (at === undefined) return { value: undefined, isCutOff: false };
    if (!isJsonObject(at)) return { value: inList(at, path, value), isCutOff: true };
    at = ownValue(at, name);
  }
  return { value: at, isCutOff: false };
}

/** Also through the entries of a list, which replaces a weaker one whole. */
function inList(reached: Json, path: readonly string[], whole: JsonObject): Json | undefined {
  if (!Array.isArray(reached)) return undefined;
  return path.reduce<Json | undefined>((at, name) => {
    if (!Array.isArray(at)) return ownValue(at, name);
    return /^(?:0|[1-9]\d*)$/.test(name) ? at[Number(name)] : undefined;
  }, whole);
}

function isPrefix(prefix: readonly string[], path: readonly string[]): boolean {
  return prefix.length <= path.length && prefix.every((name, index) => name === path[index]);
}
