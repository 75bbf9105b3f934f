// The pairs of text and ground that visitors have to read, and those that a file makes hard to read.
// Pure; nothing about where in the file they stand.
import type { JsonObject } from '../base/json/json.ts';
import { black, contrastOf, hexOfRgb, over, parseColour, type Rgb, white } from './colour.ts';
import { faceOf, paintedIn, placesOf, sceneOf, setValue } from './faces.ts';
import { type Face, type Slot, type SlotName, slots } from './slots.ts';
import { suggestColour } from './suggest-colour.ts';

interface Pair {
  readonly name: string;
  readonly text: SlotName | 'white';
  readonly ground: SlotName | 'white';
  /** WCAG 2.2: 4.5 for text (1.4.3), 3 for signs (1.4.11). */
  readonly least: number;
}

export const pairs: readonly Pair[] = [
  { name: 'header', text: 'headerInk', ground: 'headerGround', least: 4.5 },
  { name: "assistant's messages", text: 'assistantInk', ground: 'assistantGround', least: 4.5 },
  { name: "visitor's messages", text: 'visitorInk', ground: 'visitorGround', least: 4.5 },
  {
    name: 'opening suggestions',
    text: 'suggestionInk',

    ground: 'white',
    least: 4.5,
  },
  {
    name: 'action buttons',
    text: 'buttonInk',

    ground: 'white',
    least: 4.5,
  },
  { name: 'launcher', text: 'white', ground: 'launcherGround', least: 3 },
];

/** One side of a pair. */
export interface Side {
  /** The field that says it, or would; null where no field does, which is white then. */
  readonly pointer: string | null;
  /** As it is declared; null where the file declares nothing, so that the vendor's default paints. */
  readonly declared: string | null;
  /** As it is seen: `#rrggbb`. */
  readonly hex: string;
}

export interface LowContrast {
  /** `visitor's messages`. */
  readonly pair: string;
  readonly text: Side;
  readonly ground: Side;
  readonly ratio: number;
  readonly least: number;
  /** What would do: a field and its value, `#rrggbb`. */
  readonly suggestion: { readonly pointer: string; readonly hex: string };
}

/**
 * The pairs of which a body declares a side, and that stand too close together. What it does not
 * declare is taken for the vendor's default. What is no colour makes no pair.
 */
export function lowContrasts(body: JsonObject): LowContrast[] {
  const scene = sceneOf(body['widget_type']);
  const isThere = (side: Pair['text']) =>
    side === 'white' || (slots[side] as Slot).scenes.includes(scene);
  const face = faceOf(body);
  const found: LowContrast[] = [];
  for (const pair of pairs) {
    if (!isThere(pair.text) || !isThere(pair.ground)) continue;
    const low = lowContrastOf(pair, body, face);
    // Chips and buttons may share a colour, which is worth one word.
    const isSaid = found.some(({ suggestion }) => suggestion.pointer === low?.suggestion.pointer);
    if (low !== null && !isSaid) found.push(low);
  }
  return found;
}

function lowContrastOf(
  { name, text, ground, least }: Pair,
  body: JsonObject,
  face: Face,
): LowContrast | null {
  const [below, above] = [declaredSide(ground, body, face), declaredSide(text, body, face)];
  if (below === null || above === null) return null;
  if (below.declared === null && above.declared === null) return null;
  const groundRgb = seen(below, white);
  const textRgb = groundRgb === null ? null : seen(above, groundRgb);
  if (groundRgb === null || textRgb === null) return null;
  const ratio = contrastOf(textRgb, groundRgb);
  if (ratio >= least) return null;
  const suggestion = suggest([above, textRgb], [below, groundRgb], least);
  if (suggestion === null) return null;
  return {
    pair: name,
    text: { ...above, hex: hexOfRgb(textRgb) },
    ground: { ...below, hex: hexOfRgb(groundRgb) },
    ratio,
    least,
    suggestion,
  };
}

type Declared = Omit<Side, 'hex'> & { readonly css: string };

/** Null where nothing is painted, or what stands there is no text. */
function declaredSide(name: Pair['text'], body: JsonObject, face: Face): Declared | null {
  if (name === 'white') return { pointer: null, declared: null, css: '#ffffff' };
  const slot: Slot = slots[name];
  if (slot.needs !== undefined && !isFilled(slot.needs, body)) return null;
  const { value, from } = paintedIn(name, body, face);
  if (typeof value !== 'string' || slot.doubtful?.includes(from ?? '')) return null;
  return {
    pointer: from ?? placesOf(slot, face)[0] ?? null,
    declared: from === null ? null : value,
    css: value,
  };
}

function isFilled(pointer: string, body: JsonObject): boolean {
  const list = setValue(pointer, body);
  return Array.isArray(list) && list.length > 0;
}

function seen({ css }: Declared, ground: Rgb): Rgb | null {
  const colour = parseColour(css);
  return colour === null ? null : over(colour, ground);
}

/** The text is moved, or the ground where the text is plain white or black, which is meant so. */
function suggest(
  [text, textRgb]: [Declared, Rgb],
  [ground, groundRgb]: [Declared, Rgb],
  least: number,
): LowContrast['suggestion'] | null {
  const isPlain = [white, black].some((plain) => hexOfRgb(plain) === hexOfRgb(textRgb));
  const movesGround = ground.pointer !== null && (isPlain || text.pointer === null);
  const pointer = movesGround ? ground.pointer : text.pointer;
  const hex = movesGround
    ? suggestColour(groundRgb, textRgb, least)
    : suggestColour(textRgb, groundRgb, least);
  return pointer === null || hex === null ? null : { pointer, hex };
}
