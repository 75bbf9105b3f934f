// A phone around what stands on its screen.
import { icon } from '../draw/icons.ts';
import { type Box, boxShape, circleShape, shadowOf, textIn } from '../draw/shapes.ts';
import { initialsOf } from '../text/plain-text.ts';

export const device: Box = { x: 56, y: 16, width: 288, height: 608 };
export const screen: Box = { x: 63, y: 23, width: 274, height: 594 };
export const screenCornerPx = 31;

export function deviceFrame(screenFill: string): string {
  return (
    shadowOf(device, 38, 10) +
    boxShape(device, 38, { fill: '#0b1220' }) +
    boxShape(screen, screenCornerPx, { fill: screenFill })
  );
}

interface Face {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly fill: string;
}

/** Two letters of the name, or a bot for a name without any. */
export function initialsCircle(name: string, { x, y, radius, fill }: Face): string {
  const ground = circleShape(x, y, radius, { fill });
  const letters = initialsOf(name);
  if (letters === '') return ground + icon('bot', { x, y, size: radius * 1.25 }, '#ffffff');
  const box = { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
  const size = Math.round(radius * 0.76);
  return ground + textIn(box, letters, { size, weight: 'bold', fill: '#ffffff', align: 'middle' });
}
