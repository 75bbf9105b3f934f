// Marks on what changes: a dashed outline and a badge with its numbers, over all that is drawn.
import type { Part } from '../../../face/slots.ts';
import type { PlacedPart } from '../scenes/scene.ts';
import { type Box, boxShape, textIn } from './shapes.ts';
import { element } from './svg.ts';

/** The numbers that stand at a part. */
export type Marks = ReadonlyMap<MarkedPart, readonly number[]>;
/** `all`: the picture as a whole, as where the channel changes. */
export type MarkedPart = Part | 'all';

const magenta = '#a21caf';
const outline = '#c026d3';
/** Between a part and its outline, in px. */
const clearancePx = 4;
const badgeHeightPx = 20;
const whole: Box = { x: 12, y: 10, width: 376, height: 620 };

type MarkedPlace = Omit<PlacedPart, 'part'> & { readonly part: MarkedPart };

/** `marks` by part, or `all` for the picture as a whole. A part that is not drawn is not marked. */
export function marksOver(parts: readonly PlacedPart[], marks: Marks): string {
  const placed: readonly MarkedPlace[] = [
    ...(marks.has('all') ? [{ part: 'all', box: whole, radius: 14 } as const] : []),
    ...parts.filter(({ part }) => marks.has(part)),
  ];
  const badges: Box[] = [];
  const outlines: string[] = [];
  for (const one of placed) {
    const numbers = marks.get(one.part) ?? [];
    const frame = one.part === 'all' ? one.box : grown(one.box);
    outlines.push(outlineOf(frame, one.radius + clearancePx));
    if (one.absent !== undefined) outlines.push(absence(one, one.absent));
    badges.push(badgePlace(frame, numbers, badges));
  }
  const written = placed.map(({ part }, at) => {
    const box = badges[at];
    return box === undefined ? '' : badge(box, marks.get(part) ?? []);
  });
  return [...outlines, ...written].join('');
}

function grown({ x, y, width, height }: Box): Box {
  const by = clearancePx;
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

function outlineOf(box: Box, radius: number): string {
  return element('rect', {
    ...box,
    rx: Math.min(radius, box.height / 2),
    fill: 'none',
    stroke: outline,
    'stroke-width': 2.5,
    'stroke-dasharray': '7 4',
  });
}

function absence({ box, radius }: MarkedPlace, said: string): string {
  const ground = boxShape(box, Math.min(radius, box.height / 2), {
    fill: '#ffffff',
    opacity: 0.75,
  });
  return ground + textIn(box, said, { size: 12, fill: '#6b7280', align: 'middle', italic: true });
}

/** On a corner of its outline, the first one where no other badge is in the way. */
function badgePlace(frame: Box, numbers: readonly number[], others: readonly Box[]): Box {
  const width = Math.max(badgeHeightPx, 9 + textOf(numbers).length * 7.5);
  const { x, y } = frame;
  const [right, low] = [x + frame.width, y + frame.height];
  const corners = [
    [right - 6, y],
    [x + 6, y],
    [right - 6, low],
    [x + 6, low],
    [right - 6, y + frame.height / 2],
    [x + 6, y + frame.height / 2],
  ] as const;
  const places = corners.map(([cx, cy]) => ({
    x: Math.min(Math.max(cx - width / 2, 4), 396 - width),
    y: Math.min(Math.max(cy - badgeHeightPx / 2, 4), 636 - badgeHeightPx),
    width,
    height: badgeHeightPx,
  }));
  const [first = frame] = places;
  return places.find((place) => others.every((other) => !meets(place, other))) ?? first;
}

function meets(a: Box, b: Box): boolean {
  const apartX = a.x + a.width + 3 < b.x || b.x + b.width + 3 < a.x;
  const apartY = a.y + a.height + 3 < b.y || b.y + b.height + 3 < a.y;
  return !(apartX || apartY);
}

function badge(box: Box, numbers: readonly number[]): string {
  const ground = { fill: magenta, stroke: '#ffffff', strokeWidth: 2 };
  const style = { size: 12, weight: 'bold', fill: '#ffffff', align: 'middle' } as const;
  return boxShape(box, badgeHeightPx / 2, ground) + textIn(box, textOf(numbers), style);
}

/** `5`, `5 6`; of many, which follow each other, the first and the last. */
function textOf(numbers: readonly number[]): string {
  return numbers.length > 3 ? `${numbers[0]}–${numbers.at(-1)}` : numbers.join(' ');
}
