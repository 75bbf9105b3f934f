// Entries of a written mapping or list, added and removed by splices of the text, on lines of their
// own or within brackets, each with the comments that belong to it. Pure.
import type { Json } from '../../base/json/json.ts';
import { columnOf, isAtLineStart, lineEnd, lineStart, type Splice } from '../write/splice.ts';
import { flowPair, flowValue, listEntry, mappingEntry } from '../write/write-value.ts';
import { spanOf } from './entry-comments.ts';
import type { Manner } from './replace-value.ts';
import type { WrittenCollection } from './source-map.ts';

/** `key` is null for an entry of a list. */
export interface NewEntry {
  readonly key: string | null;
  readonly value: Json;
}

/** An entry as it is written, or is to be. */
export interface EntryText {
  /** Lines of comments above it, with their indentation and line ends. */
  readonly lead: string;
  readonly text: string;
  /** The text behind it and its comma: the comment at its end, with the space before it. */
  readonly trail: string;
}

/** In a collection of the same column; '' where there is none. */
export function entryText(within: WrittenCollection, index: number, text: string): EntryText {
  const span = spanOf(within, index, text);
  if (span === null) return { lead: '', text: '', trail: '' };
  const { start, end } = span;
  const column = columnOf(text, start);
  const above = text.slice(span.leadStart, Math.max(span.leadStart, lineStart(text, start)));
  return {
    // Deeper than the entry, it might become a line of a block text that it comes below.
    lead: above.replace(/^[ \t]+/gm, (indent) => indent.slice(0, column)),
    text: text.slice(start, end),
    trail: text.slice(span.trailStart, span.trailEnd),
  };
}

/** After the entry of that index; -1 is before all of them. The collection has at least one. */
export function addEntries(
  within: WrittenCollection,
  index: number,
  added: readonly NewEntry[],
  manner: Manner,
): Splice {
  const { texts } = manner;
  const place = { indent: columnOf(manner.text, within.entries[0]?.start ?? 0), ...manner };
  const written = added.map(({ key, value }) => {
    if (within.isFlow) return key === null ? flowValue(value, texts) : flowPair(key, value, texts);
    return key === null ? listEntry(value, place) : mappingEntry(key, value, place);
  });
  return insertEntries(
    within,
    index,
    written.map((text) => ({ lead: '', text, trail: '' })),
    manner,
  );
}

export function insertEntries(
  within: WrittenCollection,
  index: number,
  added: readonly EntryText[],
  manner: Manner,
): Splice {
  if (within.isFlow) return insertInBrackets(within, index, added, manner);
  const { text, lineEnd: eol } = manner;
  const pad = ' '.repeat(columnOf(text, within.entries[0]?.start ?? 0));
  const lines = added.map((one) => `${one.lead}${pad}${one.text}${one.trail}`);
  const previous = spanOf(within, index, text);
  if (previous === null) return insertAtStart(within, added, lines, manner);
  const at = previous.trailEnd;
  return { start: at, end: at, text: lines.map((line) => eol + line).join('') };
}

/** `lines` are the entries as they stand on lines of their own, commas included. */
function insertAtStart(
  within: WrittenCollection,
  added: readonly EntryText[],
  lines: readonly string[],
  { text, lineEnd: eol }: Manner,
): Splice {
  const { start, leadStart: at } = spanOf(within, 0, text) ?? { start: 0, leadStart: 0 };
  if (isAtLineStart(text, start)) {
    const above = lines.map((line) => line + eol).join('');
    const [end, { lead }] = [lineStart(text, start), entryText(within, 0, text)];
    // Comments deeper than the first entry would become lines of a block text above them.
    return lead === text.slice(at, end)
      ? { start: at, end: at, text: above }
      : { start: at, end, text: above + lead };
  }
  const below = eol + ' '.repeat(columnOf(text, start));
  if (added.every(({ lead, trail }) => lead + trail === '')) {
    const between = within.isFlow ? ', ' : below;
    return { start, end: start, text: added.map((one) => one.text + between).join('') };
  }
  // A comment has to begin on a line of its own, not on that of a dash or a bracket.
  const from = text.slice(0, start).trimEnd().length;
  return { start: from, end: start, text: lines.map((line) => eol + line).join('') + below };
}

function insertInBrackets(
  within: WrittenCollection,
  index: number,
  added: readonly EntryText[],
  manner: Manner,
): Splice {
  const { text, lineEnd: eol } = manner;
  const pad = ' '.repeat(columnOfLines(within, index, text));
  const linesUntil = (lastComma: string) =>
    added.map(({ lead, text: one, trail }, nth) => {
      const comma = nth === added.length - 1 ? lastComma : ',';
      return `${lead}${pad}${one}${comma}${trail}`;
    });
  const previous = spanOf(within, index, text);
  if (previous === null) return insertAtStart(within, added, linesUntil(','), manner);
  const { start, end, trailStart, endsLine, hasComma } = previous;
  const closing = lineEnd(text, end);
  const comment = endsLine ? text.slice(trailStart, closing) : '';
  const isOnItsOwn = endsLine && (isAtLineStart(text, start) || comment.trim() !== '');
  if (!isOnItsOwn && added.every(({ lead, trail }) => lead + trail === '')) {
    return { start: end, end, text: added.map((one) => `, ${one.text}`).join('') };
  }
  const lines = linesUntil(hasComma ? ',' : '').map((line) => eol + line);
  return {
    start: end,
    end: endsLine ? closing : trailStart,
    text: `,${comment}${lines.join('')}${endsLine ? '' : eol + pad}`,
  };
}

/** That of an entry nearby which begins its line. */
function columnOfLines({ entries }: WrittenCollection, index: number, text: string): number {
  const nearby = entries.slice(Math.max(0, index), index + 2);
  const start = nearby.find((entry) => isAtLineStart(text, entry.start)) ?? nearby[0];
  return columnOf(text, start?.start ?? 0);
}

/** Some entry stays: a collection that loses all of them is replaced as a whole. */
export function removeEntry(within: WrittenCollection, index: number, { text }: Manner): Splice {
  const span = spanOf(within, index, text);
  if (span === null) return { start: 0, end: 0, text: '' };
  const { start, end, endsLine, trailEnd } = span;
  if (isAtLineStart(text, start) && endsLine) return removeLines(text, span.leadStart, trailEnd);
  const next = within.entries[index + 1];
  if (next !== undefined && !text.slice(end, next.start).includes('#')) {
    return { start, end: next.start, text: '' };
  }
  // The first of several entries on a dash's line, with comments before the next one.
  if (!within.isFlow) {
    const dash = text.slice(0, start).trimEnd().length;
    return { start: dash, end: trailEnd, text: '' };
  }
  const previous = within.entries[index - 1];
  // The first one on the bracket's line, with comments before the next one.
  if (previous === undefined) return { start, end: trailEnd, text: '' };
  const between = text.slice(previous.value.end, start);
  return /[#\n]/.test(between)
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
