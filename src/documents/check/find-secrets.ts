// API keys in a file: it is committed, and what it declares is shown on live websites.
import { fromPointer, isJsonObject, type Json, toPointer } from '../../base/json/json.ts';
import {
  hideSecrets,
  holdsRegistered,
  looksLikeKey,
  ownersOfRegistered,
  placesOfRegistered,
} from '../../base/secrets.ts';
import type { Finding } from '../../model/document.ts';
import { errorAt, type Said, shownField, warningAt } from '../parse/finding.ts';
import type { ParsedFile } from '../parse/parse.ts';
import { startOfFile } from '../parse/source-text.ts';

/** A text in a file, a field's name among them. */
interface Text {
  readonly pointer: string;
  readonly part: 'key' | 'value';
  readonly text: string;
}

/** An error where it is a key in force, a warning where it only looks like one. */
export function findKeys(file: ParsedFile): Finding[] {
  const declared = keysDeclared(file);
  return declared.some(({ code }) => code === 'holds-key')
    ? declared
    : [...declared, ...keyBeside(file)];
}

/** Pure, and of the name alone: the same bytes may stand under another one. */
export function keyInName(path: string): Finding[] {
  return holdsRegistered(path) ? [errorAt(startOfFile, 'holds-key', inName(path))] : [];
}

function keysDeclared(file: ParsedFile): Finding[] {
  const { value } = file;
  if (value === null || !mayHoldKey(JSON.stringify(value))) return [];
  return textsOf(value, []).flatMap((text) => findingAt(text, file) ?? []);
}

/** In what is no value: a comment, an anchor, a tag, or a file that cannot be read as YAML. */
function keyBeside({ source }: ParsedFile): Finding[] {
  const [first] = placesOfRegistered(source.text);
  return first === undefined
    ? []
    : [errorAt(source.range(...first), 'holds-key', besideValues(source.text))];
}

/**
 * Leaves out findings where a key stands or is quoted: a parser quotes what it took for one piece,
 * which may be half of a key, and is not recognised as one. It is told once the key is gone.
 */
export function awayFromKeys(
  findings: readonly Finding[],
  { source }: Pick<ParsedFile, 'source'>,
): readonly Finding[] {
  if (findings.length === 0) return findings;
  const keys = placesOfRegistered(source.text);
  return findings.filter(({ range, detail }) => {
    if (holdsRegistered(detail)) return false;
    const [start, end] = [source.offset(range.start), source.offset(range.end)];
    return keys.every(([from, to]) => end < from || to < start);
  });
}

const besideValues = (text: string): Said => ({
  summary: `the file holds ${keyIn(text)}`,
  detail:
    'Whatever stands in a file is committed, comments included. Remove the key here; once it was pushed, replace it by a new one.',
});

const inName = (path: string): Said => ({
  summary: `${keyIn(path)} stands in the name of the file, or of its folder`,
  detail:
    'Names are committed, recorded and logged. Rename it; once it was pushed or applied, replace the key by a new one.',
});

/** Whose key it is, where a process has several: the file may be another account's, and so be shown to its people. */
function keyIn(text: string): string {
  const owners = ownersOfRegistered(text);
  const named = owners.map((owner) => `the account ${owner}`).join(' and of ');
  return named === '' ? 'the API key' : `the API key of ${named}`;
}

function mayHoldKey(text: string): boolean {
  return holdsRegistered(text) || looksLikeKey(text);
}

function findingAt({ pointer, part, text }: Text, file: ParsedFile): Finding | null {
  const at = file.place(pointer, part);
  // Before it is cut: half a key would not be recognised.
  const name = shownField(fromPointer(pointer).map(hideSecrets));
  if (holdsRegistered(text)) {
    return errorAt(at, 'holds-key', {
      summary: `${name} holds ${keyIn(text)}`,
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
