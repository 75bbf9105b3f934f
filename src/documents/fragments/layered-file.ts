// A widget file with what it extends, and where in these what is found in the whole of them stands.
import { join } from 'node:path';
import { fromPointer, toPointer } from '../../base/json/json.ts';
import type { Problem } from '../../model/document.ts';
import type { FileContent } from '../check/file-content.ts';
import type { Layer } from '../compose/compose-layers.ts';
import { findOrigin } from '../compose/find-origin.ts';
import type { BodyFinding } from '../parse/finding.ts';
import { startOfFile } from '../parse/source-text.ts';
import type { Chain } from './fragment-chains.ts';
import type { Fragment } from './fragment-files.ts';
import type { ValuePlaces } from './value-places.ts';

/** A widget file that extends others, as it was read. */
export interface LayeredFile {
  /** From the widget directory, with forward slashes. */
  readonly file: string;
  /** The widget directory, absolute. */
  readonly root: string;
  /** SHA-256 (hex) of its bytes. */
  readonly bytes: string;
  readonly content: FileContent;
  readonly chain: Chain;
}

/** A finding of the whole, where the field stands that it is about. */
export function placedIn(
  layered: LayeredFile,
  { pointer, part, ...said }: BodyFinding,
  places: Pick<ValuePlaces, 'place'>,
): Problem {
  const { layer, pointer: found } = nearestOrigin(layered, pointer);
  const fragment = layered.chain.fragments.find(({ file }) => file === layer.file);
  const place =
    fragment === undefined
      ? { path: join(layered.root, layered.file), digest: layered.bytes, kind: 'widget' as const }
      : { path: fragment.path ?? '', digest: fragment.digest ?? '', kind: 'fragment' as const };
  return { ...said, file: layer.file, range: places.place(place, found, part) ?? startOfFile };
}

/** Of the value, or of the nearest object around it that any layer has. */
function nearestOrigin(
  { file, chain, content }: LayeredFile,
  pointer: string,
): { readonly layer: Layer; readonly pointer: string } {
  const { layer } = content;
  const isParsed = layer !== undefined && 'value' in layer;
  const own = { file, value: (isParsed ? layer.value : null) ?? {} };
  const omit = isParsed ? layer.omit.map(({ text }) => text) : [];
  const path = fromPointer(pointer);
  for (let depth = path.length; depth > 0; depth -= 1) {
    const at = toPointer(path.slice(0, depth));
    const origin = findOrigin(layersOf(chain.fragments), omit, own, at);
    if (origin !== null) return origin;
  }
  return { layer: own, pointer: '' };
}

export function layersOf(fragments: readonly Fragment[]): Layer[] {
  return fragments.map(({ file, content }) => ({ file, value: content.value ?? {} }));
}
