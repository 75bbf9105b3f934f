// Colours as they look, beside their spelling, where a terminal can show them.
import type { Colors } from 'picocolors/types.js';
import type { Json } from '../../base/json/json.ts';
import { hexOf } from '../../face/colour.ts';
import { swatch } from '../swatch.ts';
import { isColourField } from './is-colour-field.ts';

/** Colours of the texts, and what shows a colour itself; absent on a terminal of few colours. */
export interface Paints extends Colors {
  /** Of `#rrggbb`: two cells of it. */
  readonly swatch?: (hex: string) => string;
  /** Only where true: what is equal in two texts is shown whole as well. */
  readonly isFull?: true;
}

/** For a terminal that takes 24 bits of colour. */
export function paintsWithSwatches(colours: Colors): Paints {
  return { ...colours, swatch };
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
