// JSON Pointer → the place in a YAML document where that key or value is written.
import { type Alias, isAlias, isMap, isScalar, isSeq } from 'yaml';
import { fromPointer } from '../../base/json/json.ts';
import type { Range } from '../../model/document.ts';
import type { Part } from './finding.ts';
import type { SourceText } from './source-text.ts';
import { type Node, rangeOf } from './to-json.ts';

export interface Written {
  readonly root: Node | null;
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly source: SourceText;
}

/** The range of the pointer's key or value, or of its nearest ancestor that is there. */
export function locate(written: Written, pointer: string, part: Part): Range {
  let at: Entry = { key: firstKey(written.root), value: written.root };
  let isFound = true;
  for (const segment of fromPointer(pointer)) {
    const next = entryOf(at.value, segment, written.targets);
    if (next === null) {
      isFound = false;
      break;
    }
    at = next;
  }
  const key = at.key === null ? null : written.source.range(...rangeOf(at.key));
  const value = written.source.range(...rangeOf(at.value));
  if (part === 'key' || !isFound) return key ?? value;
  return key !== null && !isPointable(value) ? key : value;
}

/** A value on one line can be pointed at; an empty one, or a block of lines, is better named by its key. */
function isPointable({ start, end }: Range): boolean {
  const isEmpty = start.line === end.line && start.column === end.column;
  return !isEmpty && start.line === end.line;
}

interface Entry {
  /** Null for an entry of a list. */
  readonly key: Node | null;
  readonly value: Node | null;
}

function entryOf(node: Node | null, segment: string, targets: Written['targets']): Entry | null {
  const container = resolve(node, targets);
  if (isMap(container)) {
    for (const { key, value } of container.items as Entry[]) {
      const name = resolve(key, targets);
      if (isScalar(name) && name.value === segment) return { key, value };
    }
  }
  if (isSeq(container) && /^\d+$/.test(segment)) {
    const value = (container.items as Node[])[Number(segment)];
    if (value !== undefined) return { key: null, value };
  }
  return null;
}

function resolve(node: Node | null, targets: Written['targets']): Node | null {
  return isAlias(node) ? (targets.get(node) ?? null) : node;
}

/** A whole mapping is named by its first key: its own range would be all of the file. */
function firstKey(root: Node | null): Node | null {
  return isMap(root) ? ((root.items[0]?.key as Node | undefined) ?? null) : null;
}
