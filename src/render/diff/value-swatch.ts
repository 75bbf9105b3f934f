// Colours as they look, beside their spelling, where a terminal can show them.
import type { Colors } from 'picocolors/types.js';
import type { Json } from '../../base/json/json.ts';
import { hexOf } from '../../face/colour.ts';
import { isColourField } from './is-colour-field.ts';

/** Colours of the texts, and what shows a colour itself; absent on a terminal of few colours. */
export interface Paints extends Colors {
  /** Of `#rrggbb`: two cells of it. */
  readonly swatch?: (hex: string) => string;
}

/** For a terminal that takes 24 bits of colour. */
export function withSwatches(colours: Colors): Paints {
  return { ...colours, swatch };
}

function swatch(hex: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `\u001b[48;2;${red};${green};${blue}m  \u001b[49m`;
}

/**
 * What stands before the value of a field that is to be a colour: its swatch and a space, or as much
 * room, so that the values stay in line. '' for other fields, and where nothing is to be shown.
 */
export function swatchBefore(path: string, value: Json | undefined, paints: Paints): string {
  if (paints.swatch === undefined || value === undefined || !isColourField(path)) return '';
  const hex = typeof value === 'string' ? hexOf(value) : null;
  return hex === null ? '   ' : `${paints.swatch(hex)} `;
}
