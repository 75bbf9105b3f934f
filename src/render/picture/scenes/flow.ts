// Small boxes in rows, as many as fit: chips and pills.
import type { Box } from '../draw/shapes.ts';

export interface Sized<Entry> {
  readonly entry: Entry;
  readonly width: number;
}

interface Room {
  /** Its top is where the first row begins; its width is what a row may take. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly rowHeight: number;
  readonly mostRows: number;
  readonly align: 'start' | 'middle' | 'end';
}

export interface Placed<Entry> {
  readonly entry: Entry;
  readonly box: Box;
}

/** Between two boxes, beside and below each other, in px. */
export const gapPx = 6;

/** Those that fit into the rows, in their order. */
export function flow<Entry>(entries: readonly Sized<Entry>[], room: Room): Placed<Entry>[] {
  const rows: Sized<Entry>[][] = [];
  let used = 0;
  for (const one of entries) {
    if (rows.length === 0 || used + one.width > room.width) {
      if (rows.length === room.mostRows) break;
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(one);
    used += one.width + gapPx;
  }
  return rows.flatMap((row, at) => placeRow(row, at, room));
}

function placeRow<Entry>(row: readonly Sized<Entry>[], at: number, room: Room): Placed<Entry>[] {
  const { rowHeight } = room;
  const width = row.reduce((sum, one) => sum + one.width + gapPx, -gapPx);
  const free = room.width - width;
  const shares = { start: 0, middle: 0.5, end: 1 };
  let x = room.x + free * shares[room.align];
  return row.map(({ entry, width }) => {
    const box = { x, y: room.y + at * (rowHeight + gapPx), width, height: rowHeight };
    x += width + gapPx;
    return { entry, box };
  });
}

/** As `flow`; where not all fit, the last box says how many more there are, made by `rest`. */
export function flowWithRest<Entry>(
  entries: readonly Sized<Entry>[],
  more: number,
  room: Room,
  rest: (count: number) => Sized<Entry>,
): Placed<Entry>[] {
  for (let kept = entries.length; kept >= 0; kept -= 1) {
    const hidden = entries.length - kept + more;
    const all = [...entries.slice(0, kept), ...(hidden > 0 ? [rest(hidden)] : [])];
    const placed = flow(all, room);
    if (placed.length === all.length) return placed;
  }
  return [];
}

export function heightOfRows(placed: readonly Placed<unknown>[]): number {
  const first = placed[0]?.box;
  const last = placed.at(-1)?.box;
  return first === undefined || last === undefined ? 0 : last.y + last.height - first.y;
}
