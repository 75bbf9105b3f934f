// Rows in columns that line up. Cells hold text from files and from the API, so every one is made
// harmless to the terminal here, where no caller can forget it; a key is hidden before anything is cut.

import { stripVTControlCharacters } from 'node:util';
import { hideRegistered } from '../base/secrets.ts';
import { printable } from '../base/text.ts';
import { alignedWidth } from './diff/columns.ts';
import { cutToWidth, displayWidth } from './width.ts';

export interface Cell {
  readonly text: string;
  /** Colours: they may surround the text, but add nothing that takes room. */
  readonly paint: (text: string) => string;
}

export type Row = readonly (string | Cell)[];

const gap = '  ';
/** The few cells far longer than this stand out alone instead of moving all others. */
const longestAligned = 48;
/** The last column keeps this much, even where the terminal then has to wrap. */
const shortestLast = 8;

/** Null for a pipe, and for a terminal that does not say: nothing is then shortened. */
export function widthOf({
  isTerminal,
  columns,
}: {
  readonly isTerminal: boolean;
  readonly columns: number;
}): number | null {
  return isTerminal && columns > 0 ? columns : null;
}

/** One line a row. Only the last column is shortened, so that what identifies a row stays whole. */
export function renderTable(rows: readonly Row[], width: number | null): string[] {
  const cells = rows.map((row) => row.map(harmless));
  const widths = columnWidths(cells);
  return cells.map((row) => renderRow(row, widths, width));
}

/** As `renderTable`; but where a last cell does not fit, all of them stand whole below their rows. */
export function renderTableWhole(rows: readonly Row[], width: number | null): string[] {
  const inLine = renderTable(rows, null);
  if (width === null || inLine.every((line) => visibleWidth(line) <= width)) return inLine;
  const heads = renderTable(
    rows.map((row) => row.slice(0, -1)),
    null,
  );
  return rows.flatMap((row, index) => {
    const head = heads[index] ?? '';
    const last = index === 0 ? undefined : row.at(-1);
    if (last === undefined) return [head];
    const { text, paint } = harmless(last);
    return [head, ...wrapWords(text, width - indent.length).map((line) => indent + paint(line))];
  });
}

const indent = '    ';

function visibleWidth(line: string): number {
  return displayWidth(stripVTControlCharacters(line));
}

/** A word that is wider than that has a line of its own, for the terminal to break. */
function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

function harmless(cell: string | Cell): Cell {
  const { text, paint } = typeof cell === 'string' ? { text: cell, paint: unpainted } : cell;
  return { text: printable(hideRegistered(text)), paint };
}

function unpainted(text: string): string {
  return text;
}

function columnWidths(rows: readonly (readonly Cell[])[]): number[] {
  const columns: number[][] = [];
  for (const row of rows) {
    for (const [column, { text }] of row.entries()) {
      columns[column] ??= [];
      columns[column].push(displayWidth(text));
    }
  }
  return columns.map((widths) => alignedWidth(widths, longestAligned));
}

function renderRow(row: readonly Cell[], widths: readonly number[], most: number | null): string {
  const end = row.findLastIndex(({ text }) => text !== '');
  const last = row[end];
  if (last === undefined) return '';
  let line = '';
  let used = 0;
  for (const [column, { text, paint }] of row.slice(0, end).entries()) {
    const blanks = Math.max(0, (widths[column] ?? 0) - displayWidth(text));
    line += paint(text) + ' '.repeat(blanks) + gap;
    used += displayWidth(text) + blanks + gap.length;
  }
  if (most === null || end < widths.length - 1) return line + last.paint(last.text);
  return line + last.paint(cutToWidth(last.text, Math.max(most - used, shortestLast)));
}
