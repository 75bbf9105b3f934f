// Entries of a written mapping or list, added and removed by splices of the text, on lines of their
// own or within brackets. Pure.
import type { Json } from '../json.ts';
import type { Manner } from './replace-value.ts';
import { columnOf, isAtLineStart, lineEnd, lineStart, type Splice } from './splice.ts';
import { flowPair, flowValue, listEntry, mappingEntry } from './write-value.ts';
import type { WrittenCollection } from './written-tree.ts';

/** `key` is null for an entry of a list. */
export interface NewEntry {
  readonly key: string | null;
  readonly value: Json;
}

/** After the entry of that index; -1 is before all of them. The collection has at least one. */
export function addEntries(
  within: WrittenCollection,
  index: number,
  added: readonly NewEntry[],
  manner: Manner,
): Splice {
  return within.isFlow
    ? addInBrackets(within, index, added, manner)
    : addLines(within, index, added, manner);
}

function addLines(
  { entries }: WrittenCollection,
  index: number,
  added: readonly NewEntry[],
  { text, lineEnd: eol, texts }: Manner,
): Splice {
  const first = entries[0]?.start ?? 0;
  const indent = columnOf(text, first);
  const below = `${eol}${' '.repeat(indent)}`;
  const place = { indent, lineEnd: eol, texts };
  const lines = added.map(({ key, value }) =>
    key === null ? listEntry(value, place) : mappingEntry(key, value, place),
  );
  const previous = entries[index];
  if (previous === undefined) {
    return { start: first, end: first, text: lines.map((line) => line + below).join('') };
  }
  const at = lineEnd(text, previous.value.end);
  return { start: at, end: at, text: lines.map((line) => below + line).join('') };
}

function addInBrackets(
  { entries }: WrittenCollection,
  index: number,
  added: readonly NewEntry[],
  { text, lineEnd: eol, texts }: Manner,
): Splice {
  const written = added.map(({ key, value }) =>
    key === null ? flowValue(value, texts) : flowPair(key, value, texts),
  );
  const first = entries[0]?.start ?? 0;
  const previous = entries[index];
  if (previous === undefined) {
    return { start: first, end: first, text: written.map((one) => `${one}, `).join('') };
  }
  const at = previous.value.end;
  const end = lineEnd(text, at);
  const rest = text.slice(at, end);
  // An entry on a line of its own is followed by one.
  const comma = /^[ \t]*(,?)[ \t]*(?:#.*)?$/.exec(rest);
  if (comma === null || !isAtLineStart(text, previous.start)) {
    return { start: at, end: at, text: written.map((one) => `, ${one}`).join('') };
  }
  const below = `${eol}${' '.repeat(columnOf(text, previous.start))}`;
  const lines = written.map((one) => below + one).join(',');
  const comment = comma[1] === '' ? rest : rest.replace(',', '');
  return { start: at, end, text: `,${comment}${lines}${comma[1]}` };
}

/** Some entry stays: a collection that loses all of them is replaced as a whole. */
export function removeEntry(within: WrittenCollection, index: number, { text }: Manner): Splice {
  const entry = within.entries[index];
  if (entry === undefined) return { start: 0, end: 0, text: '' };
  const { start } = entry;
  const { end } = entry.value;
  const rest = /^[ \t]*,?[ \t]*(?:#.*)?$/.test(text.slice(end, lineEnd(text, end)));
  if (isAtLineStart(text, start) && rest) return removeLines(text, start, end);
  const next = within.entries[index + 1];
  if (next !== undefined && (within.isFlow || !text.slice(end, next.start).includes('#'))) {
    return { start, end: next.start, text: '' };
  }
  // The first of several entries on a dash's line, with comments before the next one.
  if (!within.isFlow) {
    const dash = text.slice(0, start).trimEnd().length;
    return { start: dash, end: lineEnd(text, end), text: '' };
  }
  const previous = within.entries[index - 1];
  const between = previous === undefined ? '#' : text.slice(previous.value.end, start);
  return /[#\n]/.test(between) || previous === undefined
    ? { start, end, text: '' }
    : { start: previous.value.end, end, text: '' };
}

/** With the line's end; at the end of a file without one, with the end of the line before. */
function removeLines(text: string, start: number, end: number): Splice {
  const from = lineStart(text, start);
  const last = text.indexOf('\n', end);
  if (last !== -1) return { start: from, end: last + 1, text: '' };
  const before = from === 0 ? 0 : lineEnd(text, lineStart(text, from - 1));
  return { start: before, end: text.length, text: '' };
}
