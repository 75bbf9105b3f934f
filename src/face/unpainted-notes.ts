// What a widget declares though nobody will see it, in words. Pure; what is read by which script is in
// the table of slots.
import { isJsonObject, type Json, type JsonObject, toPointer } from '../base/json/json.ts';
import { listed, shorten } from '../base/text.ts';
import { fieldName } from '../model/field-name.ts';
import { isRead, isWithin, sceneOf, setValue, slotsOf } from './faces.ts';
import {
  buttonFields,
  type Face,
  readSilently,
  type Scene,
  scenesOfKnownStyle,
  unread,
} from './slots.ts';

export interface UnpaintedNote {
  /** JSON Pointers of what paints nothing, at least one. */
  readonly pointers: readonly string[];
  /** `bubble_color is not painted while bot_icon_color is declared`. */
  readonly summary: string;
  /** What to do about it. */
  readonly detail: string;
}

/** One note for each reason; a body is what a file declares, or a whole widget. */
export function unpaintedNotes(body: JsonObject): UnpaintedNote[] {
  const scene = sceneOf(body['widget_type']);
  return [
    ...unreadFields(scene, body),
    ...overruledFields(scene, body),
    ...classicFields(scene, body),
    ...unreadButtons(scene, body),
    ...unreadStyle(scene, body),
  ];
}

function unreadFields(scene: Scene, body: JsonObject): UnpaintedNote[] {
  const { fields = [], why = '' } = unread[scene] ?? {};
  const pointers = fields.map((name) => `/${name}`).filter((pointer) => says(pointer, body));
  if (pointers.length === 0) return [];
  return [
    {
      pointers,
      summary: `${named(pointers)} ${isAre(pointers)} not painted: ${why}`,
      detail: `Nothing reads ${itThem(pointers)} while widget_type is ${String(body['widget_type'])}. Remove ${itThem(pointers)}, or leave ${itThem(pointers)} for another type.`,
    },
  ];
}

/** A field that is only a stand-in for others paints nothing while one of them is there. */
function overruledFields(scene: Scene, body: JsonObject): UnpaintedNote[] {
  const notes: UnpaintedNote[] = [];
  for (const [, { from }] of slotsOf(scene)) {
    if (from.length < 2) continue;
    const [first, ...others] = from.filter((pointer) => says(pointer, body));
    for (const pointer of others) {
      const paintsElsewhere = slotsOf(scene).some(([, slot]) => slot.from[0] === pointer);
      if (first === undefined || paintsElsewhere || pointer === '/name') continue;
      notes.push({
        pointers: [pointer],
        summary: `${fieldName(pointer)} is not painted while ${fieldName(first)} is declared`,
        detail: `${fieldName(first)} goes before it. Remove the one or the other.`,
      });
    }
  }
  return notes;
}

/** Which face a page opens is not in its widget; a setting that only the new one reads tells. */
function classicFields(scene: Scene, body: JsonObject): UnpaintedNote[] {
  const onlyOf = (face: Face, other: Face) =>
    slotsOf(scene, face)
      .flatMap(([, { from }]) => from)
      .filter((pointer) => !isRead(pointer, other) && says(pointer, body));
  if (body['style_params'] === undefined) return [];
  const [sign] = onlyOf('new', 'classic');
  if (sign === undefined) return [];
  const pointers = [...new Set(onlyOf('classic', 'new'))];
  if (pointers.length === 0) return [];
  return [
    {
      pointers,
      summary: `${named(pointers)} ${isAre(pointers)} painted by the classic face only`,
      detail: `${fieldName(sign)} is read by the new face (chat-widget-v2) only, which writes its header white, and takes header_color for suggestions and buttons.`,
    },
  ];
}

function unreadButtons(scene: Scene, body: JsonObject): UnpaintedNote[] {
  const entries = body['action_buttons'];
  if (!slotsOf(scene).some(([name]) => name === 'buttons') || !Array.isArray(entries)) return [];
  const pointers = entries.flatMap((entry, index) =>
    isJsonObject(entry)
      ? Object.keys(entry)
          .filter((name) => !buttonFields.includes(name))
          .map((name) => toPointer(['action_buttons', index, name]))
      : [],
  );
  if (pointers.length === 0) return [];
  const isAddress = pointers.some((pointer) => /\/(?:url|href)$/.test(pointer));
  return [
    {
      pointers,
      summary: `${named(pointers)} ${isAre(pointers)} not read`,
      detail: `Of a button the scripts read ${buttonFields.join(', ')}.${isAddress ? ' Write the address as link.' : ''}`,
    },
  ];
}

function unreadStyle(scene: Scene, body: JsonObject): UnpaintedNote[] {
  if (body['style_params'] === undefined || !scenesOfKnownStyle.includes(scene)) return [];
  const { known, names } = knownStyle(scene);
  const pointers = unknownWithin(['style_params'], body['style_params'], known);
  if (pointers.length === 0) return [];
  return [
    {
      pointers,
      summary: `${named(pointers)} ${isAre(pointers)} not read`,
      detail: `No script was seen to read ${itThem(pointers)}. Of style_params ${names} are read.`,
    },
  ];
}

interface KnownStyle {
  /** JSON Pointers. */
  readonly known: readonly string[];
  /** As people write them. */
  readonly names: string;
}

function knownStyle(scene: Scene): KnownStyle {
  const earlier = styleByScene.get(scene);
  if (earlier !== undefined) return earlier;
  const known = [
    ...[...slotsOf(scene), ...slotsOf(scene, 'new')].flatMap(([, { from }]) => from),
    ...(scene === 'ball' ? [] : readSilently),
  ].filter((pointer) => isWithin(pointer, '/style_params'));
  const names = [...new Set(known)].map((pointer) =>
    fieldName(pointer).slice('style_params.'.length),
  );
  const found = { known, names: names.join(', ') };
  styleByScene.set(scene, found);
  return found;
}

// It is the same for every file.
const styleByScene = new Map<Scene, KnownStyle>();

/** The highest places of a value in which nothing known lies. */
function unknownWithin(
  segments: readonly string[],
  value: Json | undefined,
  known: readonly string[],
): string[] {
  const pointer = toPointer(segments);
  if (value === undefined || known.includes(pointer)) return [];
  if (!known.some((place) => isWithin(place, pointer))) return [pointer];
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, within]) =>
    unknownWithin([...segments, name], within, known),
  );
}

/** Nothing is declared by null, an empty text, list or mapping. */
function says(pointer: string, body: JsonObject): boolean {
  const value = setValue(pointer, body);
  return (
    value !== undefined && !(typeof value === 'object' && Object.keys(value as object).length === 0)
  );
}

function named(pointers: readonly string[]): string {
  return listed(
    pointers.map((pointer) => shorten(fieldName(pointer), 60)),
    4,
  );
}

function isAre({ length }: readonly string[]): string {
  return length === 1 ? 'is' : 'are';
}

function itThem({ length }: readonly string[]): string {
  return length === 1 ? 'it' : 'them';
}
