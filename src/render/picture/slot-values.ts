// Values of the face's slots as a picture takes them: one line of text, a colour, a list. A value of a
// kind that its slot cannot show is as if it were not there.
import type { Json, JsonObject } from '../../base/json/json.ts';
import { isJsonObject } from '../../base/json/json.ts';
import { NumberText } from '../../base/json/number-text.ts';
import { hexOf, parseColour, type Rgb, white } from '../../face/colour.ts';
import { type Painted, paintedIn } from '../../face/faces.ts';
import type { Face, SlotName } from '../../face/slots.ts';
import type { Some } from './scenes/scene.ts';
import { plainText } from './text/plain-text.ts';

/** A body, seen with one face. */
export interface Seen {
  readonly body: JsonObject;
  readonly face: Face;
}

/** Characters that are shown of a text at most. */
export const most = { name: 60, intro: 600, suggestion: 80, placeholder: 120, card: 160 } as const;
/** Entries that are shown of a list at most. */
export const mostEntries = { suggestions: 8, buttons: 6, attributes: 6 } as const;

const nothing: JsonObject = {};

function painted({ body, face }: Seen, slot: SlotName): Painted {
  return paintedIn(slot, body, face);
}

function defaultOf({ face }: Seen, slot: SlotName): Json {
  return paintedIn(slot, nothing, face).value;
}

export function slotText(seen: Seen, slot: SlotName, length: number): string {
  const shown = textOf(painted(seen, slot).value, length);
  return shown === '' ? textOf(defaultOf(seen, slot), length) : shown;
}

/** `#rrggbb`, as it is seen on a ground. What is no colour paints nothing, and the default shows. */
export function slotColour(seen: Seen, slot: SlotName, ground = '#ffffff'): string {
  const on = parseColour(ground)?.rgb ?? white;
  return (
    hexOfValue(painted(seen, slot).value, on) ?? hexOfValue(defaultOf(seen, slot), on) ?? '#000000'
  );
}

function hexOfValue(value: Json, ground: Rgb): string | null {
  return typeof value === 'string' ? hexOf(value, ground) : null;
}

export function isSlotTrue(seen: Seen, slot: SlotName): boolean {
  return painted(seen, slot).value === true;
}

export function isSlotSet(seen: Seen, slot: SlotName): boolean {
  return painted(seen, slot).from !== null;
}

export function slotEntries(seen: Seen, slot: SlotName): readonly Json[] {
  const { value } = painted(seen, slot);
  return Array.isArray(value) ? value : [];
}

/** Whether `textOf` has anything to show of it. */
export function isShownAsText(value: Json): boolean {
  if (typeof value === 'string') return value.trim() !== '';
  return value instanceof NumberText || typeof value === 'number' || typeof value === 'boolean';
}

/** '' for what is no text: null, a list, a mapping. */
export function textOf(value: Json | undefined, length: number): string {
  if (typeof value === 'string') return plainText(value, length);
  if (value instanceof NumberText) return plainText(value.text, length);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The first entries, as they are shown; of the others only the number is. */
export function firstOf<Entry, Shown>(
  entries: readonly Entry[],
  count: number,
  show: (entry: Entry) => Shown,
): Some<Shown> {
  return { shown: entries.slice(0, count).map(show), more: Math.max(0, entries.length - count) };
}

export function slotMembers(seen: Seen, slot: SlotName): [string, Json][] {
  const { value } = painted(seen, slot);
  return isJsonObject(value) ? Object.entries(value) : [];
}

/** A free setting as people say it: `weekdays 08:00–18:00, sunday none`. */
export function valueText(value: Json, length: number): string {
  return plainText(said(value, 3), length);
}

/** Of a list or mapping the first entries: nobody reads more of it here. */
const mostSaid = 12;

function said(value: Json, levels: number): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value;
  if (value instanceof NumberText) return value.text;
  if (typeof value !== 'object') return String(value);
  if (levels === 0) return '…';
  if (Array.isArray(value)) {
    return value
      .slice(0, mostSaid)
      .map((entry) => said(entry, levels - 1))
      .join(', ');
  }
  const { open, close } = value;
  if (typeof open === 'string' && typeof close === 'string') return `${open}–${close}`;
  return Object.entries(value)
    .slice(0, mostSaid)
    .map(([name, entry]) => `${name.replaceAll('_', ' ')} ${said(entry, levels - 1)}`)
    .join(', ');
}
