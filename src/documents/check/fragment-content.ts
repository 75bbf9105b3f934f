// The content of a fragment by its bytes, whatever it is called.
import { canonicalJson } from '../../base/json/json.ts';
import { sha256 } from '../../model/widget.ts';
import { parse } from '../parse/parse.ts';
import { bugFinding } from './file-content.ts';
import { type LayerContent, layerContent } from './layer-content.ts';

export interface FragmentContent extends LayerContent {
  /** SHA-256 (hex) over the canonical JSON of its value and what it extends: comments and quotes do not count. */
  readonly meaning: string;
}

/** Never throws: a bug that one fragment meets holds what extends it, and no other file. */
export function readFragment(bytes: Uint8Array): FragmentContent {
  try {
    const content = layerContent(parse(bytes, 'fragment'), 'fragment');
    const paths = content.entries.map(({ text }) => text);
    const meaning = sha256(canonicalJson({ value: content.value, extends: paths }));
    return { ...content, meaning };
  } catch (bug) {
    return { entries: [], omit: [], value: null, findings: [bugFinding(bug)], meaning: '' };
  }
}
