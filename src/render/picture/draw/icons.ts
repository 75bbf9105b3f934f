// Small drawings, each made for a square of 24 px and scaled to where it stands. A widget's own images
// are never fetched: these stand for them.
import { element } from './svg.ts';

interface Glyph {
  readonly d: string;
  /** Drawn as lines of this width; filled otherwise. */
  readonly line?: number;
}

const glyphs = {
  back: { d: 'M15 5l-7 7 7 7', line: 2.2 },
  bot: {
    d: 'M12 2.5a1.4 1.4 0 0 1 1.4 1.4c0 .5-.3 1-.7 1.2V7H16a4 4 0 0 1 4 4v5a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4v-5a4 4 0 0 1 4-4h3.3V5.1a1.4 1.4 0 0 1 .7-2.6zM9 11.2a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4zm6 0a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4zM1.8 12h1.4v4H1.8zm19 0h1.4v4h-1.4z',
  },
  calendar: { d: 'M4.5 6.5h15v13h-15zM4.5 10.5h15M8.5 4v4M15.5 4v4', line: 1.8 },
  call: {
    d: 'M6.6 3.5l3 .6 1.2 4-2 1.7a12 12 0 0 0 5.4 5.4l1.7-2 4 1.2.6 3c0 1.6-1.3 2.7-2.9 2.6C9.9 19.5 4.5 14.1 4 6.4c-.1-1.6 1-2.9 2.6-2.9z',
  },
  chevron: { d: 'M9 5l7 7-7 7', line: 2 },
  chevronBack: { d: 'M15 5l-7 7 7 7', line: 2 },
  close: { d: 'M6 6l12 12M18 6L6 18', line: 2 },
  hangUp: {
    d: 'M12 8.5c-3.6 0-6.9 1-9 2.8-1 .8-1.2 2.3-.5 3.4l1.1 1.7 4-1.3.4-3.1a14 14 0 0 1 8 0l.4 3.1 4 1.3 1.1-1.7c.7-1.1.5-2.6-.5-3.4-2.1-1.8-5.4-2.8-9-2.8z',
  },
  info: {
    d: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 11v5.5M12 7.6v.2',
    line: 1.9,
  },
  mic: {
    d: 'M12 3a3.2 3.2 0 0 1 3.2 3.2v5.1a3.2 3.2 0 0 1-6.4 0V6.2A3.2 3.2 0 0 1 12 3zM5.8 11.2h1.7a4.5 4.5 0 0 0 9 0h1.7a6.2 6.2 0 0 1-5.3 6.1v2h2.3V21H8.8v-1.7h2.3v-2a6.2 6.2 0 0 1-5.3-6.1z',
  },
  pdf: { d: 'M6.5 3.5h7.5l4 4v13h-11.5zM13.5 3.5v4.5h4.5M9 13h6M9 16.5h6', line: 1.7 },
  plus: { d: 'M12 5v14M5 12h14', line: 2 },
  quote: {
    d: 'M4 5.5h16v10.5h-9l-4 3.5v-3.5H4zM8 9.3h8M8 12.3h5',
    line: 1.7,
  },
  reset: { d: 'M18.5 9a7 7 0 1 0 .6 4.5M18.9 4.5V9h-4.5', line: 2 },
  send: { d: 'M3.5 20l18-8-18-8 3 6.8 8.5 1.2-8.5 1.2z' },
  speech: {
    d: 'M6 4h12a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3h-3l-3 3.2L9 17H6a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3zM8.7 8.5v.8M15.3 8.5v.8M8.5 12.2c1.8 2 5.2 2 7 0',
    line: 1.8,
  },
} as const satisfies Record<string, Glyph>;

export type IconName = keyof typeof glyphs;

export function isIconName(name: string): name is IconName {
  return Object.hasOwn(glyphs, name);
}

interface Place {
  /** Of its middle. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export function icon(name: IconName, { x, y, size }: Place, color: string): string {
  const glyph: Glyph = glyphs[name];
  const scale = Math.round((size / 24) * 1000) / 1000;
  const half = size / 2;
  const transform = `translate(${round(x - half)} ${round(y - half)}) scale(${scale})`;
  const drawn =
    glyph.line === undefined
      ? { fill: color, 'fill-rule': 'evenodd' }
      : {
          fill: 'none',
          stroke: color,
          'stroke-width': glyph.line,
          'stroke-linecap': 'round',
          'stroke-linejoin': 'round',
        };
  return element('path', { d: glyph.d, transform, ...drawn });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
