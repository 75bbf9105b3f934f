// What `preview` writes of one widget → one drawing for a page: before and after side by side, and beneath
// them what stands behind the numbers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hexOf } from '../../src/face/colour.ts';
import { boxShape, circleShape, textIn } from '../../src/render/picture/draw/shapes.ts';
import { element, escapeText } from '../../src/render/picture/draw/svg.ts';
import { pictureHeightPx, pictureWidthPx } from '../../src/render/picture/render-picture.ts';
import type { readPreviewJson } from '../support/json-shapes.ts';

type Widget = ReturnType<typeof readPreviewJson>['widgets'][number];
type Change = Widget['changes'][number];
type Value = Change['before'];

const ink = '#0f172a';
const soft = '#475569';
const gap = 24;
const captionPx = 40;
const rowPx = 30;
const legendTop = captionPx + pictureHeightPx + gap / 2;
const width = 2 * pictureWidthPx + 3 * gap;

/** `folder` is the one that the preview wrote. */
export function changePicture(folder: string, widget: Widget): string {
  const sides = [
    { svg: widget.pictures.before, caption: 'Now', x: gap },
    { svg: widget.pictures.after, caption: 'After this change', x: 2 * gap + pictureWidthPx },
  ];
  const height = legendTop + widget.changes.length * rowPx + gap / 2;
  const label = `${widget.name} before and after a change of ${widget.file}`;
  const content = [
    element('title', {}, escapeText(label)),
    boxShape({ x: 0.5, y: 0.5, width: width - 1, height: height - 1 }, 16, {
      fill: '#ffffff',
      stroke: '#cbd5e1',
    }),
    ...sides.map(({ caption, x }) =>
      textIn({ x: x + 2, y: 0, width: 300, height: captionPx }, caption, {
        size: 15,
        weight: 'bold',
        fill: soft,
      }),
    ),
    ...sides.map(({ svg, x }) => placed(readFileSync(join(folder, svg ?? ''), 'utf8'), x)),
    ...widget.changes.map((change, row) => legendRow(change, legendTop + row * rowPx)),
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': label,
    'font-family': "system-ui, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif",
  };
  return `${element('svg', attributes, content.join('\n'))}\n`;
}

/** A drawing within another one has names of its own for what it paints with. */
function placed(svg: string, x: number): string {
  return svg
    .trimEnd()
    .replace('<svg ', `<svg x="${x}" y="${captionPx}" `)
    .replace('id="ground"', `id="ground-${x}"`)
    .replace('url(#ground)', `url(#ground-${x})`);
}

function legendRow({ mark, field, before, after }: Change, y: number): string {
  const row = { y, height: rowPx };
  const middle = y + rowPx / 2;
  const number = circleShape(gap + 12, middle, 10, { fill: '#a21caf' });
  const badge = { ...row, x: gap + 2, width: 20 };
  const name = { size: 14, weight: 'bold', fill: ink } as const;
  return [
    number,
    textIn(badge, String(mark), { size: 12, weight: 'bold', fill: '#ffffff', align: 'middle' }),
    textIn({ ...row, x: gap + 32, width: 200 }, String(field), name),
    ...valueCells(before, after).map(({ x, text, hex }) => {
      const square = { x, y: middle - 7, width: 14, height: 14 };
      const swatch = hex === null ? '' : boxShape(square, 3, { fill: hex, stroke: soft });
      const at = hex === null ? x : x + 22;
      return swatch + textIn({ ...row, x: at, width: 400 }, text, { size: 14, fill: ink });
    }),
  ].join('');
}

interface Cell {
  readonly x: number;
  readonly text: string;
  readonly hex: string | null;
}

function valueCells(before: Value, after: Value): Cell[] {
  const columns = [2 * gap + 210, 2 * gap + pictureWidthPx];
  if (Array.isArray(before) && Array.isArray(after)) {
    const came = after.filter((entry) => !before.includes(entry));
    return [{ x: columns[1] ?? 0, text: `+ ${came.map(String).join(', ')}`, hex: null }];
  }
  return [before, after].map((value, at) => ({
    x: columns[at] ?? 0,
    text: typeof value === 'string' ? value : 'nothing',
    hex: typeof value === 'string' ? hexOf(value) : null,
  }));
}
