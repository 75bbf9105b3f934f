// Named values as lines: the names in a column, the values beside them or below.
import { printable } from '../../base/text.ts';
import { displayWidth } from '../width.ts';
import { columnWidth, padding } from './columns.ts';
import type { Paints } from './value-swatch.ts';

export interface Row {
  readonly mark: string;
  readonly name: string;
  /** The first line stands beside the name; where it is empty, the others stand below, near the margin. */
  readonly values: readonly string[];
  /** Already painted; '' for none. */
  readonly note: string;
}

/** A text among the rows is a line of its own. */
export function renderRows(rows: readonly (Row | string)[]): string[] {
  const names = rows.flatMap((row) => (typeof row === 'string' ? [] : [row.name]));
  const width = columnWidth(names, 32);
  return rows.flatMap((row) => (typeof row === 'string' ? [row] : renderRow(row, width)));
}

function renderRow({ mark, name, values, note }: Row, width: number): string[] {
  const [first = '', ...rest] = values;
  const aside = note === '' ? '' : `  ${note}`;
  const head = `${mark} ${name}`;
  // What takes several lines begins below the name, near the margin: it needs the width.
  if (first === '') return [`${head}${aside}`, ...rest.map((line) => `    ${line}`)];
  const indent = ' '.repeat(Math.max(width, displayWidth(name)) + 4);
  const below = rest.map((line) => indent + line);
  const lines = [`${head}${padding(name, width)}  ${first}`, ...below];
  return [...lines.slice(0, -1), `${lines.at(-1)}${aside}`];
}

/** What is equal and not shown, and how much of it. */
export function leftOut(amount: number, noun: string, colours: Paints): string {
  return colours.dim(`… ${amount} equal ${amount === 1 ? noun : pluralOf(noun)} …`);
}

/** The beginning of what is equal, to know it by. */
export function equalText(text: string, colours: Paints): string {
  const characters = [...text];
  if (characters.length <= longestEqual || colours.isFull) return colours.dim(printable(text));
  const start = characters.slice(0, longestEqual).join('');
  const rest = leftOut(characters.length - longestEqual, 'character', colours);
  return `${colours.dim(printable(start))} ${rest}`;
}

const longestEqual = 72;

function pluralOf(noun: string): string {
  return noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
