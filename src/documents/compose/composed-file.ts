// One widget file with what it inherits, made again for what is shown: where each value stands, and what it won
// over. Pure: the places of a layer's values are asked for.
import type { JsonObject } from '../../base/json/json.ts';
import type { Origin, Range } from '../../model/document.ts';
import { composeLayers, type Layer } from './compose-layers.ts';
import { findOrigin } from './find-origin.ts';

/** The place of a value, and of the same in weaker layers, the strongest first. */
export interface ValueOrigin extends Origin {
  readonly over: readonly Origin[];
}

export interface ComposedFile {
  /** The weakest first; none of a file without `extends`. */
  readonly fragments: readonly Layer[];
  /** JSON Pointers. */
  readonly omit: readonly string[];
  readonly own: Layer;
  /** All of them laid over each other: the body and `sync`. */
  readonly value: JsonObject;
  /** Of a JSON Pointer's key, or of an entry of a list; null where `value` has nothing there. */
  origin(pointer: string): ValueOrigin | null;
}

/** `placeIn` gives the range of what the layer has at a JSON Pointer. */
export function composedFile(
  { fragments, omit, own }: Pick<ComposedFile, 'fragments' | 'omit' | 'own'>,
  placeIn: (layer: Layer, pointer: string) => Range,
): ComposedFile {
  return {
    ...{ fragments, omit, own },
    value: composeLayers(fragments, omit, own),
    origin(pointer) {
      const found = findOrigin(fragments, omit, own, pointer);
      if (found === null) return null;
      const placed = (layer: Layer): Origin => ({
        file: layer.file,
        range: placeIn(layer, pointer),
      });
      return { ...placed(found.layer), over: found.over.map(placed) };
    },
  };
}
