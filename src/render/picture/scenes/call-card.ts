// A telephone line: whom one reaches, how the call begins, and what is set for it.
import { icon } from '../draw/icons.ts';
import { around, type Box, boxShape, circleShape, linesIn, textIn } from '../draw/shapes.ts';
import { breakLines } from '../text/break-lines.ts';
import { deviceFrame, initialsCircle, screen } from './device.ts';
import { joined } from './joined.ts';
import type { CallCardScene, Drawing } from './scene.ts';

const middle = screen.x + screen.width / 2;
const pale = '#94a3b8';
const controlsY = screen.y + screen.height - 60;
const side = 18;

export function drawCallCard(scene: CallCardScene): Drawing {
  const name = drawName(scene);
  const greeting = drawGreeting(scene.greeting, bottomOf(name) + 16);
  const attributes = drawAttributes(scene.attributes, bottomOf(greeting) + 16);
  const ground = { svg: deviceFrame('#0f172a'), parts: [] };
  return joined([ground, name, greeting, attributes, { svg: controls(), parts: [] }]);
}

function bottomOf({ parts }: Drawing): number {
  const { y, height } = around(parts.map(({ box }) => box));
  return y + height;
}

function drawName({ title, channel }: CallCardScene): Drawing {
  const font = { size: 19, weight: 'bold' } as const;
  const width = screen.width - 2 * side;
  const lines = breakLines(title, font, { width, mostLines: 2 });
  const top = screen.y + 24;
  const room = { x: screen.x + side, y: top + 74, width, height: lines.length * 26 };
  const below = { ...room, y: room.y + room.height + 2, height: 18 };
  const svg =
    initialsCircle(title, { x: middle, y: top + 32, radius: 32, fill: '#475569' }) +
    linesIn(room, lines, { ...font, fill: '#ffffff', align: 'middle' }) +
    textIn(below, channel, { size: 13, fill: pale, align: 'middle' });
  const box = { x: room.x, y: top - 4, width, height: below.y + below.height - top + 4 };
  return { svg, parts: [{ part: 'header', box, radius: 10 }] };
}

function drawGreeting(text: string, y: number): Drawing {
  const font = { size: 14.5 };
  const width = screen.width - 2 * side;
  const lines = breakLines(`“${text}”`, font, { width: width - 32, mostLines: 7 });
  const box = { x: screen.x + side, y, width, height: 52 + lines.length * 20 };
  const written = { x: box.x + 16, y: box.y + 38, width: width - 32, height: lines.length * 20 };
  const svg =
    boxShape(box, 14, { fill: '#1e293b' }) +
    soundWave(box.y + 22) +
    linesIn(written, lines, { ...font, fill: '#f1f5f9' });
  return { svg, parts: [{ part: 'intro', box, radius: 14 }] };
}

const waves = [3, 6, 10, 6, 14, 9, 17, 12, 8, 18, 11, 6, 13, 16, 9, 5, 11, 7, 4, 3];

function soundWave(y: number): string {
  const step = 6;
  const left = middle - ((waves.length - 1) * step) / 2;
  return waves
    .map((height, at) =>
      boxShape({ x: left + at * step - 1.5, y: y - height / 2, width: 3, height }, 1.5, {
        fill: '#38bdf8',
      }),
    )
    .join('');
}

function drawAttributes(attributes: CallCardScene['attributes'], y: number): Drawing {
  const width = screen.width - 2 * side;
  const rows = attributeRows(attributes, y);
  const height = rows.reduce((sum, row) => sum + row.height, 0);
  const box: Box = {
    x: screen.x + side - 5,
    y: y - 4,
    width: width + 10,
    height: Math.max(26, height + 5),
  };
  if (rows.length === 0) {
    return { svg: '', parts: [{ part: 'attributes', box, radius: 6, absent: 'nothing set' }] };
  }
  return {
    svg: rows.map(({ svg }) => svg).join(''),
    parts: [{ part: 'attributes', box, radius: 6 }],
  };
}

const rowFont = { size: 12.5 };
const rowLinePx = 17;
const left = { x: screen.x + side, width: 88 };
const right = { x: left.x + left.width + 8, width: screen.width - 2 * side - left.width - 8 };

/** Down to the buttons; where not all fit, the last row says how many more there are. */
function attributeRows({ shown, more }: CallCardScene['attributes'], top: number) {
  const rows: { readonly svg: string; readonly height: number }[] = [];
  let y = top;
  for (const [name, value] of shown) {
    const named = breakLines(name, rowFont, { width: left.width, mostLines: 2 });
    const said = breakLines(value, rowFont, { width: right.width, mostLines: 3 });
    const height = Math.max(1, named.length, said.length) * rowLinePx;
    if (y + height > controlsY - 42 - rowLinePx) break;
    const svg =
      linesIn({ ...left, y, height: named.length * rowLinePx }, named, { ...rowFont, fill: pale }) +
      linesIn({ ...right, y, height: said.length * rowLinePx }, said, {
        ...rowFont,
        fill: '#e2e8f0',
      });
    rows.push({ svg, height: height + 5 });
    y += height + 5;
  }
  const hidden = more + shown.length - rows.length;
  if (hidden > 0) {
    const svg = textIn({ ...left, y, height: rowLinePx }, `+${hidden}`, { ...rowFont, fill: pale });
    rows.push({ svg, height: rowLinePx });
  }
  return rows;
}

function controls(): string {
  const at = (dx: number, radius: number, fill: string) =>
    circleShape(middle + dx, controlsY, radius, { fill });
  return (
    at(-78, 21, '#334155') +
    icon('mic', { x: middle - 78, y: controlsY, size: 21 }, '#ffffff') +
    at(0, 26, '#dc2626') +
    icon('hangUp', { x: middle, y: controlsY - 1, size: 28 }, '#ffffff') +
    at(78, 21, '#334155') +
    icon('plus', { x: middle + 78, y: controlsY, size: 21 }, '#ffffff')
  );
}
