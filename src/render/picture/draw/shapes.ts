// What pictures are made of: boxes, texts and shadows, in px from the top left corner.
import { directionOf } from '../text/plain-text.ts';
import type { Font } from '../text/text-width.ts';
import { element, escapeText } from './svg.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Paint {
  readonly fill: string;
  readonly stroke?: string;
  readonly strokeWidth?: number;
  readonly opacity?: number;
}

export function boxShape(box: Box, radius: number, paint: Paint): string {
  return element('rect', { ...box, rx: radius > 0 ? radius : undefined, ...painted(paint) });
}

export function circleShape(cx: number, cy: number, r: number, paint: Paint): string {
  return element('circle', { cx, cy, r, ...painted(paint) });
}

export function painted({ fill, stroke, strokeWidth, opacity }: Paint) {
  return { fill, stroke, 'stroke-width': strokeWidth, opacity };
}

/** Radii of the two upper or the two lower corners; the others are square. */
export function halfRounded(
  { x, y, width, height }: Box,
  { top = 0, bottom = 0 }: { readonly top?: number; readonly bottom?: number },
  fill: string,
): string {
  const right = x + width;
  const low = y + height;
  const d = [
    `M${x} ${y + top}`,
    top > 0 ? `Q${x} ${y} ${x + top} ${y}` : '',
    `H${right - top}`,
    top > 0 ? `Q${right} ${y} ${right} ${y + top}` : '',
    `V${low - bottom}`,
    bottom > 0 ? `Q${right} ${low} ${right - bottom} ${low}` : '',
    `H${x + bottom}`,
    bottom > 0 ? `Q${x} ${low} ${x} ${low - bottom}` : '',
    'Z',
  ].join('');
  return element('path', { d, fill });
}

/** A soft shadow without a filter: faint boxes that grow, below what is drawn next. */
export function shadowOf({ x, y, width, height }: Box, radius: number, reach = 6): string {
  return [1, 0.75, 0.5, 0.25]
    .map((share) => {
      const grown = reach * share;
      const box = {
        x: x - grown * 0.6,
        y: y - grown * 0.1,
        width: width + grown * 1.2,
        height: height + grown,
      };
      return boxShape(box, radius + grown * 0.6, { fill: '#0f172a', opacity: 0.03 });
    })
    .join('');
}

export interface TextStyle extends Font {
  readonly fill: string;
  /** `start` is the side where the text's own script begins; `left` is left for all. */
  readonly align?: 'start' | 'left' | 'middle' | 'end';
  readonly italic?: true;
  readonly opacity?: number;
}

/** One line in the middle of a box's height. */
export function textIn(box: Box, text: string, style: TextStyle): string {
  return linesIn(box, [text], style);
}

/** Baselines stand so far below the middle of their line, as shares of the size: half of a capital. */
const capital = 0.355;

export function lineHeightOf({ size }: Font): number {
  return Math.round(size * 1.36);
}

/** Lines of one text in the middle of a box's height, one below the other. */
export function linesIn(box: Box, lines: readonly string[], style: TextStyle): string {
  const { size, weight, fill, align = 'start', italic, opacity } = style;
  const direction = directionOf(lines.join(' '));
  const height = lineHeightOf(style);
  const first = box.y + box.height / 2 - ((lines.length - 1) * height) / 2 + size * capital;
  const anchor = align === 'left' ? (direction === 'ltr' ? 'start' : 'end') : align;
  const isLeft = (anchor === 'start') === (direction === 'ltr');
  const x = anchor === 'middle' ? box.x + box.width / 2 : isLeft ? box.x : box.x + box.width;
  return lines
    .map((line, row) =>
      element(
        'text',
        {
          x,
          y: first + row * height,
          'font-size': size,
          'font-weight': weight === 'bold' ? 700 : undefined,
          'font-style': italic ? 'italic' : undefined,
          'text-anchor': anchor === 'start' ? undefined : anchor,
          direction: direction === 'rtl' ? direction : undefined,
          fill,
          opacity,
        },
        escapeText(line),
      ),
    )
    .join('');
}

export function inset({ x, y, width, height }: Box, by: number, byY = by): Box {
  return { x: x + by, y: y + byY, width: width - 2 * by, height: height - 2 * byY };
}

/** The smallest box around all of them. */
export function around(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}
