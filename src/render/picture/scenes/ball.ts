// A call in the browser: a ball that one taps to speak.
import { icon } from '../draw/icons.ts';
import { type Box, boxShape, circleShape, textIn } from '../draw/shapes.ts';
import { fitLine } from '../text/break-lines.ts';
import { joined } from './joined.ts';
import type { BallScene, Drawing } from './scene.ts';
import { brandingHeightPx, brandingLine, windowGround } from './window.ts';

const window: Box = { x: 40, y: 20, width: 320, height: 600 };
const middle = window.x + window.width / 2;
const radius = 70;
const logoHeightPx = 56;

export function drawBall(scene: BallScene): Drawing {
  const bottom = window.y + window.height;
  const last = { ...window, y: bottom - brandingHeightPx, height: brandingHeightPx };
  return joined([
    { svg: windowGround(window), parts: [] },
    drawHeader(scene),
    drawCall(scene.ground),
    brandingLine(last, scene.hasBranding),
  ]);
}

function drawHeader({ title, hasLogo }: BallScene): Drawing {
  const font = { size: 18, weight: 'bold' } as const;
  const y = window.y + 18;
  const box = {
    x: window.x + 24,
    y,
    width: window.width - 48,
    height: hasLogo ? logoHeightPx + (title === '' ? 12 : 40) : 40,
  };
  const logo = { x: middle - 28, y: y + 4, width: logoHeightPx, height: logoHeightPx };
  const name = { ...box, y: hasLogo ? y + logoHeightPx + 6 : y, height: hasLogo ? 34 : 40 };
  const shown = fitLine(title, font, box.width - 20);
  const svg =
    (hasLogo
      ? boxShape(logo, 12, { fill: '#f1f5f9', stroke: '#cbd5e1' }) +
        textIn(logo, 'logo', { size: 13, fill: '#64748b', align: 'middle' })
      : '') + textIn(name, shown, { ...font, fill: '#111827', align: 'middle' });
  const isEmpty = title === '' && !hasLogo;
  return {
    svg: isEmpty ? '' : svg,
    parts: [{ part: 'header', box, radius: 8, ...(isEmpty ? { absent: 'no title' } : {}) }],
  };
}

function drawCall(ground: string): Drawing {
  const y = window.y + window.height / 2 - 20;
  const light = (r: number, opacity: number) =>
    circleShape(middle, y, r, { fill: '#ffffff', opacity });
  const pill = { x: middle - 52, y: y + radius + 30, width: 104, height: 30 };
  const svg =
    circleShape(middle, y, radius + 18, { fill: ground, opacity: 0.1 }) +
    circleShape(middle, y, radius + 9, { fill: ground, opacity: 0.16 }) +
    circleShape(middle, y, radius, { fill: ground }) +
    light(58, 0.1) +
    light(46, 0.12) +
    light(34, 0.9) +
    icon('mic', { x: middle, y, size: 38 }, ground) +
    boxShape(pill, 15, { fill: '#f8fafc', stroke: '#cbd5e1' }) +
    textIn(pill, 'Tap to speak', { size: 13.5, fill: '#111827', align: 'middle' });
  const box = { x: middle - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
  return { svg, parts: [{ part: 'ball', box, radius }] };
}
