// Columns of text that line up.
import { displayWidth } from '../width.ts';

export function columnWidth(texts: readonly string[], most: number): number {
  return alignedWidth(texts.map(displayWidth), most);
}

/** Nothing longer moves others, however much of it there is: it would only be wrapped with them. */
const longest = 120;

/**
 * The widest. Where hardly any are wider than `most`, they stand out alone instead of moving all others;
 * where more are, that would be no column any more.
 */
export function alignedWidth(widths: readonly number[], most: number): number {
  const wide = widths.filter((width) => width > most).length;
  const limit = wide * 10 > widths.length ? longest : most;
  return widths.reduce((widest, width) => (width <= limit ? Math.max(widest, width) : widest), 0);
}

export function padding(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text)));
}
