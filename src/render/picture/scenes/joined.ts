// Drawings on top of each other, the first one lowest.
import type { Drawing } from './scene.ts';

export function joined(drawings: readonly Drawing[]): Drawing {
  return {
    svg: drawings.map(({ svg }) => svg).join(''),
    parts: drawings.flatMap(({ parts }) => parts),
  };
}
