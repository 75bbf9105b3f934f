// Questions to the table of slots: what a field paints as a body stands, and what stands in a slot.
// Pure; all that is known of the vendor's faces is in the table.
import { fromPointer, type Json, type JsonObject } from '../base/json/json.ts';
import { valueAt } from '../model/value-at.ts';
import {
  colourFields,
  type Face,
  type Part,
  type Scene,
  type Slot,
  type SlotName,
  scenes,
  slots,
} from './slots.ts';

/** Whether the type of a widget, or null, tells what is painted. */
export function isSceneKnown(widgetType: Json | undefined): boolean {
  return (
    widgetType === null || (typeof widgetType === 'string' && Object.hasOwn(scenes, widgetType))
  );
}

/** A widget without a type, or of one that is not known yet, is drawn as a chat. */
export function sceneOf(widgetType: Json | undefined): Scene {
  const known: Readonly<Record<string, Scene>> = scenes;
  return typeof widgetType === 'string' && Object.hasOwn(known, widgetType)
    ? (known[widgetType] ?? 'window')
    : 'window';
}

/**
 * No field says which face a page embeds. What only the new face reads is declared for that one: a
 * body with any of it is meant for it.
 */
export function faceOf(body: JsonObject): Face {
  return onlyOfNew.some((pointer) => setValue(pointer, body) !== undefined) ? 'new' : 'classic';
}

/** The pointers that a slot's value comes from in a face. */
export function placesOf({ from, fromNew = from }: Slot, face: Face): readonly string[] {
  return face === 'new' ? fromNew : from;
}

const allSlots = Object.values<Slot>(slots);
const ofClassic = new Set(allSlots.flatMap((slot) => placesOf(slot, 'classic')));
const ofNew = new Set(allSlots.flatMap((slot) => placesOf(slot, 'new')));
const onlyOfNew = [...ofNew].filter((pointer) => !ofClassic.has(pointer));

/** Whether a face reads what stands at a pointer. */
export function isRead(pointer: string, face: Face): boolean {
  return (face === 'new' ? ofNew : ofClassic).has(pointer);
}

export interface Painted {
  readonly value: Json;
  /** The JSON Pointer that it comes from; null for the vendor's default. */
  readonly from: string | null;
}

/** What stands in a slot: the first pointer that is set, or the vendor's default. */
export function paintedIn(name: SlotName, body: JsonObject, face: Face = 'classic'): Painted {
  const slot: Slot = slots[name];
  for (const from of placesOf(slot, face)) {
    const value = setValue(from, body);
    if (value !== undefined) return { value, from };
  }
  const { otherwise, otherwiseNew = otherwise } = slot;
  return { value: face === 'new' ? otherwiseNew : otherwise, from: null };
}

/** The value at a pointer; undefined for what says nothing: null, the empty text, or no value. */
export function setValue(pointer: string, body: JsonObject): Json | undefined {
  const value = valueAt(body, knownSegments.get(pointer) ?? fromPointer(pointer));
  return value === null || value === '' ? undefined : value;
}

// Each file is asked for all of them: what does not depend on the file is worked out once.
const knownSegments = new Map([...ofClassic, ...ofNew].map((place) => [place, fromPointer(place)]));

/** JSON Pointers of all that is to be a colour. */
export function colourPointers(body: JsonObject): readonly string[] {
  return sceneOf(body['widget_type']) === 'ball' ? coloursOfBall : colourPlaces;
}

const colourPlaces = colourFields.map((name) => `/${name}`);
const coloursOfBall = [...colourPlaces, ...slots.ballGround.from];

/** The slots of a scene as one face reads them, in the table's order. */
export function slotsOf(scene: Scene, face: Face = 'classic'): readonly NamedSlot[] {
  const key = `${scene} ${face}` as const;
  const known = slotsByScene.get(key);
  if (known !== undefined) return known;
  const all = Object.entries(slots) as [SlotName, Slot][];
  const found = all
    .filter(([, slot]) => slot.scenes.includes(scene))
    .map(([name, slot]): NamedSlot => [name, { ...slot, from: placesOf(slot, face) }]);
  slotsByScene.set(key, found);
  return found;
}

type NamedSlot = readonly [SlotName, Slot];
const slotsByScene = new Map<`${Scene} ${Face}`, readonly NamedSlot[]>();

/**
 * The part of the picture that the value at a pointer paints, as the body stands; null where it paints
 * nothing in this scene, or another field goes before it.
 */
export function partOf(pointer: string, body: JsonObject, face: Face = 'classic'): Part | null {
  const found = slotsOf(sceneOf(body['widget_type']), face).find(([, { from, needs }]) => {
    const rank = from.findIndex((place) => isWithin(pointer, place));
    if (rank === -1 || from.slice(0, rank).some((place) => setValue(place, body) !== undefined)) {
      return false;
    }
    return needs === undefined || hasEntries(valueAt(body, fromPointer(needs)));
  });
  return found?.[1].part ?? null;
}

/** The part in which it is seen that the value at a pointer changes; null where nobody sees it. */
export function partThatChanges(
  pointer: string,
  { before, after }: { readonly before: JsonObject; readonly after: JsonObject },
): Part | null {
  return partOf(pointer, after, faceOf(after)) ?? partOf(pointer, before, faceOf(before));
}

/** Whether any scene of any face paints what stands at a pointer, or within it. */
export function isPainted(pointer: string): boolean {
  return [...ofClassic, ...ofNew].some(
    (place) => isWithin(pointer, place) || isWithin(place, pointer),
  );
}

/** Whether a pointer names a place, or something in it. */
export function isWithin(pointer: string, place: string): boolean {
  return pointer === place || pointer.startsWith(`${place}/`);
}

function hasEntries(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length > 0;
}
