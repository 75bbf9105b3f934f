// What the window of a chat has around its messages, and a form too: ground, text box, last line, and
// the closed launcher beside it.
import { icon } from '../draw/icons.ts';
import {
  type Box,
  boxShape,
  circleShape,
  halfRounded,
  linesIn,
  shadowOf,
  textIn,
} from '../draw/shapes.ts';
import { element } from '../draw/svg.ts';
import { breakLines, fitLine } from '../text/break-lines.ts';
import { directionOf } from '../text/plain-text.ts';
import { textWidth } from '../text/text-width.ts';
import type { Drawing, PlacedPart } from './scene.ts';

export const cornerPx = 12;
export const brandingHeightPx = 30;
export const textBoxHeightPx = 46;
const line = '#e5e7eb';

export function windowGround(box: Box): string {
  return shadowOf(box, cornerPx, 10) + boxShape(box, cornerPx, { fill: '#ffffff' });
}

export function ruleAt({ x, width }: Box, y: number): string {
  return boxShape({ x, y, width, height: 1 }, 0, { fill: line });
}

/** One line in the header, cut to its width, with the point that says "here". */
export function headerTitle(box: Box, title: string, ink: string): string {
  const font = { size: 17, weight: 'bold' } as const;
  const shown = fitLine(title, font, box.width - 32);
  const width = textWidth(shown, font);
  const isRtl = directionOf(shown) === 'rtl';
  const dot = isRtl ? box.x + box.width - width - 17 : box.x + width + 17;
  const middle = box.y + box.height / 2;
  return (
    textIn(box, shown, { ...font, fill: ink }) +
    circleShape(dot, middle, 6, { fill: '#22c55e', stroke: '#94a3b8', strokeWidth: 1.5 })
  );
}

export function headerGround(box: Box, fill: string): string {
  return halfRounded(box, { top: cornerPx }, fill);
}

export function textBox(box: Box, placeholder: string, sendInk: string): Drawing {
  const font = { size: 14.5 };
  const room = { ...box, x: box.x + 16, width: box.width - 104 };
  const middle = box.y + box.height / 2;
  const right = box.x + box.width;
  const svg =
    ruleAt(box, box.y) +
    textIn(room, fitLine(placeholder, font, room.width), { ...font, fill: '#6b7280' }) +
    icon('mic', { x: right - 60, y: middle, size: 20 }, '#1f2937') +
    icon('send', { x: right - 28, y: middle, size: 18 }, sendInk);
  return { svg, parts: [{ part: 'textbox', box: shrunk(box), radius: 8 }] };
}

/** Inside of its edges, so that a mark does not run along the window's. */
function shrunk({ x, y, width, height }: Box): Box {
  return { x: x + 8, y: y + 6, width: width - 16, height: height - 12 };
}

export function brandingLine(box: Box, hasBranding: boolean): Drawing {
  const text = element(
    'text',
    {
      x: box.x + box.width / 2,
      y: box.y + box.height / 2 + 4.3,
      'font-size': 12,
      'text-anchor': 'middle',
      fill: '#374151',
    },
    `powered by ${element('tspan', { 'font-weight': 700 }, 'Insighto.AI')}`,
  );
  const part: PlacedPart = {
    part: 'branding',
    box: { x: box.x + 90, y: box.y + 5, width: box.width - 180, height: box.height - 10 },
    radius: 6,
    ...(hasBranding ? {} : { absent: 'no branding' }),
  };
  return { svg: hasBranding ? ruleAt(box, box.y) + text : '', parts: [part] };
}

/** The round button that opens the window, and the card beside it, below the window. */
export function closedLauncher(
  window: Box,
  { ground, text }: { readonly ground: string; readonly text: string },
): Drawing {
  const radius = 28;
  const x = window.x + window.width - radius;
  const y = window.y + window.height + 20 + radius;
  const round = { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
  const svg =
    shadowOf(round, radius, 8) +
    circleShape(x, y, radius, { fill: ground }) +
    icon('speech', { x, y, size: 30 }, '#ffffff');
  const card = bubbleCard(round.x - 14, y, text);
  return {
    svg: svg + card.svg,
    parts: [...card.parts, { part: 'launcher', box: round, radius }],
  };
}

function bubbleCard(right: number, middle: number, text: string): Drawing {
  const font = { size: 14 };
  const lines = breakLines(text, font, { width: 228, mostLines: 2 });
  const widest = Math.max(66, ...lines.map((one) => textWidth(one, font)));
  const width = Math.ceil(widest + 30);
  const height = lines.length > 1 ? 54 : 40;
  const box = { x: right - width, y: middle - height / 2, width, height };
  if (lines.length === 0) {
    return { svg: '', parts: [{ part: 'bubble-card', box, radius: 8, absent: 'no text' }] };
  }
  const ground = shadowOf(box, 8, 8) + boxShape(box, 8, { fill: '#ffffff' });
  const written = linesIn(box, lines, { ...font, fill: '#111827', align: 'middle' });
  return { svg: ground + written, parts: [{ part: 'bubble-card', box, radius: 8 }] };
}
