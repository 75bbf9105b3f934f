// Messages in a chat window, pills below them and chips: what both faces of a chat are made of.
import { icon } from '../draw/icons.ts';
import { type Box, boxShape, circleShape, inset, linesIn, textIn } from '../draw/shapes.ts';
import { element } from '../draw/svg.ts';
import { breakLines, fitLine } from '../text/break-lines.ts';
import { directionOf } from '../text/plain-text.ts';
import { type Font, textWidth } from '../text/text-width.ts';
import { flowWithRest, type Placed, type Sized } from './flow.ts';
import type { Bubble, Button, Some } from './scene.ts';

const bubbleFont: Font = { size: 14.5 };
const lineHeightPx = 20;
const bubbleWidthPx = 236;

export interface Piece {
  readonly box: Box;
  readonly svg: string;
}

/** `edge` is the x of the side on which it stands. */
interface BubblePlace {
  readonly edge: number;
  readonly y: number;
  readonly from: 'visitor' | 'assistant';
}

export function messageBubble({ ground, ink, text }: Bubble, place: BubblePlace): Piece {
  const lines = breakLines(text, bubbleFont, { width: bubbleWidthPx - 30, mostLines: 2 });
  const width = Math.ceil(Math.max(...lines.map((line) => textWidth(line, bubbleFont))) + 30);
  const height = 17 + lines.length * lineHeightPx;
  const isVisitor = place.from === 'visitor';
  const box = { x: isVisitor ? place.edge - width : place.edge, y: place.y, width, height };
  const align = lines.length === 1 ? 'middle' : 'start';
  const svg =
    element('path', { d: bubblePath(box, isVisitor), fill: ground, ...outlined }) +
    linesIn(inset(box, 15, 0), lines, { ...bubbleFont, fill: ink, align });
  return { box, svg };
}

/** A pale bubble would be lost on white. */
const outlined = { stroke: '#0f172a', 'stroke-opacity': 0.08 };

/** Round corners of 12 px, and one of 4 px where the speaker is. */
function bubblePath({ x, y, width, height }: Box, isVisitor: boolean): string {
  const [left, right] = isVisitor ? [12, 4] : [4, 12];
  const [end, low] = [x + width, y + height];
  return [
    `M${x + 12} ${y}H${end - 12}Q${end} ${y} ${end} ${y + 12}`,
    `V${low - right}Q${end} ${low} ${end - right} ${low}`,
    `H${x + left}Q${x} ${low} ${x} ${low - left}`,
    `V${y + 12}Q${x} ${y} ${x + 12} ${y}Z`,
  ].join('');
}

export function avatar(x: number, y: number): string {
  return circleShape(x, y, 14, { fill: '#e5e7eb' }) + icon('bot', { x, y, size: 18 }, '#4b5563');
}

const pillFont: Font = { size: 13 };
export const pillHeightPx = 30;

interface PillRoom {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly mostRows: number;
}

export function buttonPills(
  { shown, more }: Some<Button>,
  ink: string,
  room: PillRoom,
): readonly Placed<Piece>[] {
  const sized = shown.map((button) => sizedPill(button, room.width));
  const rest = (count: number) => sizedPill({ label: `+${count}`, icon: null }, room.width);
  const rows = { ...room, rowHeight: pillHeightPx, align: 'start' } as const;
  return flowWithRest(sized, more, rows, rest).map(({ entry, box }) => ({
    entry: { box, svg: pill(entry, box, ink) },
    box,
  }));
}

function sizedPill(button: Button, most: number): Sized<Button> {
  const sides = button.icon === null ? 28 : 50;
  const label = fitLine(button.label, pillFont, most - sides);
  return { entry: { ...button, label }, width: Math.ceil(textWidth(label, pillFont) + sides) };
}

function pill({ label, icon: name }: Button, box: Box, ink: string): string {
  const frame = boxShape(inset(box, 0.75), 14, { fill: '#ffffff', stroke: ink, strokeWidth: 1.5 });
  const style = { ...pillFont, fill: ink, align: 'middle' } as const;
  if (name === null) return frame + textIn(box, label, style);
  const isRtl = directionOf(label) === 'rtl';
  const middle = box.y + box.height / 2;
  const at = { x: isRtl ? box.x + box.width - 20 : box.x + 20, y: middle, size: 16 };
  const beside = { ...box, x: isRtl ? box.x + 12 : box.x + 30, width: box.width - 42 };
  return frame + icon(name, at, ink) + textIn(beside, label, style);
}

export function suggestionChips(
  { shown, more }: Some<string>,
  ink: string,
  room: PillRoom,
): readonly Placed<Piece>[] {
  const rest = (count: number) => sizedChip(`+${count}`, room.width);
  const sized = shown.map((text) => sizedChip(text, room.width));
  const rows = { ...room, rowHeight: pillHeightPx, align: 'middle' } as const;
  return flowWithRest(sized, more, rows, rest).map(({ entry, box }) => {
    const frame = boxShape(inset(box, 0.75), 6, {
      fill: '#ffffff',
      stroke: ink,
      strokeWidth: 1.5,
    });
    const svg = frame + textIn(box, entry, { ...pillFont, fill: ink, align: 'middle' });
    return { entry: { box, svg }, box };
  });
}

function sizedChip(text: string, most: number): Sized<string> {
  const label = fitLine(text, pillFont, most - 28);
  return { entry: label, width: Math.ceil(textWidth(label, pillFont) + 28) };
}
