// API keys in what a file declares: it is committed, and shown on live websites.
import { fromPointer, isJsonObject, type Json, toPointer } from '../json.ts';
import { hideSecrets, holdsRegistered, looksLikeKey } from '../secrets.ts';
import { errorAt, fieldName, warningAt } from './finding.ts';
import type { ParsedFile } from './parse.ts';
import type { Finding } from './types.ts';

/** A text in a file, a field's name among them. */
interface Text {
  readonly pointer: string;
  readonly part: 'key' | 'value';
  readonly text: string;
}

/** An error where it is a key in force, a warning where it only looks like one. */
export function findKeys(file: ParsedFile): Finding[] {
  const { value } = file;
  if (value === null || !mayHoldKey(JSON.stringify(value))) return [];
  return textsOf(value, []).flatMap((text) => findingAt(text, file) ?? []);
}

function mayHoldKey(text: string): boolean {
  return holdsRegistered(text) || looksLikeKey(text);
}

function findingAt({ pointer, part, text }: Text, file: ParsedFile): Finding | null {
  const at = file.place(pointer, part);
  // Before it is cut: half a key would not be recognised.
  const name = fieldName(fromPointer(pointer).map(hideSecrets));
  if (holdsRegistered(text)) {
    return errorAt(at, 'holds-key', {
      summary: `${name} holds the API key`,
      detail:
        'Whatever a file declares is committed and shown to visitors. Remove the key here; once it was pushed or applied, replace it by a new one.',
    });
  }
  if (!looksLikeKey(text)) return null;
  return warningAt(at, 'like-a-key', {
    summary: `${name} holds what looks like an API key`,
    detail:
      'Whatever a file declares is committed and shown to visitors. If it is a key, remove it and replace it by a new one.',
  });
}

function textsOf(value: Json, segments: readonly (string | number)[]): Text[] {
  const pointer = toPointer(segments);
  if (typeof value === 'string') return [{ pointer, part: 'value', text: value }];
  if (Array.isArray(value)) return value.flatMap((item, n) => textsOf(item, [...segments, n]));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    { pointer: toPointer([...segments, name]), part: 'key' as const, text: name },
    ...textsOf(member, [...segments, name]),
  ]);
}
