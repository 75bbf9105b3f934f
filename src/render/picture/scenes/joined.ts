// Drawings put together: on top of each other, and moved to where they belong.
import { element } from '../draw/svg.ts';
import type { Drawing } from './scene.ts';

/** The first one is the lowest. */
export function joined(drawings: readonly Drawing[]): Drawing {
  return {
    svg: drawings.map(({ svg }) => svg).join(''),
    parts: drawings.flatMap(({ parts }) => parts),
  };
}

/** Lower by so many px: what is drawn first and placed later, when its height is known. */
export function lowered({ svg, parts }: Drawing, by: number): Drawing {
  return {
    svg: svg === '' ? '' : element('g', { transform: `translate(0 ${by})` }, svg),
    parts: parts.map((part) => ({ ...part, box: { ...part.box, y: part.box.y + by } })),
  };
}
