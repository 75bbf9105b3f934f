// Texts of a file that a channel cuts, sends in parts or shows for nothing. docs/colours.md names
// the source of each limit.
import type { JsonObject } from '../../base/json/json.ts';
import { listed } from '../../base/text.ts';
import { isSceneKnown, partOf, sceneOf } from '../../face/faces.ts';
import { longestNewTitle } from '../../face/slots.ts';
import { smsSegments } from '../../face/sms-segments.ts';
import type { Finding } from '../../model/document.ts';
import { noteAt, quoted, shown, warningAt } from '../parse/finding.ts';
import type { ParsedFile } from '../parse/parse.ts';

/** Warnings, and nothing about values that the schema refuses. */
export function textFindings(file: ParsedFile): Finding[] {
  const { value } = file;
  if (value === null || !isSceneKnown(value['widget_type'])) return [];
  return suggestionFindings(value, file);
}

/** For a file without errors. */
export function textNotes(file: ParsedFile): Finding[] {
  const body = file.value ?? {};
  return [...nameNotes(body, file), ...smsNotes(body, file)];
}

/** Nobody mends more at a time. */
const mostWarnings = 100;

function suggestionFindings(body: JsonObject, file: ParsedFile): Finding[] {
  const entries = body['user_opening_messages'];
  if (!Array.isArray(entries) || partOf('/user_opening_messages', body) === null) return [];
  const places = new Map<string, number>();
  const found: Finding[] = [];
  for (const [index, entry] of entries.entries()) {
    if (typeof entry !== 'string' || found.length === mostWarnings) continue;
    const text = entry.trim();
    const first = places.get(text);
    if (first === undefined) places.set(text, index);
    if (text !== '' && first === undefined) continue;
    const at = file.place(`/user_opening_messages/${index}`, 'value');
    const what = `user_opening_messages[${index}]`;
    found.push(
      text === ''
        ? warningAt(at, 'empty-suggestion', {
            summary: `${what} is empty`,
            detail:
              'A visitor sees a button without words, which sends none. Write a text, or remove the entry.',
          })
        : warningAt(at, 'double-suggestion', {
            summary: `${what} says what user_opening_messages[${first}] says`,
            detail: `A visitor sees ${shown(text)} twice. Remove one of them.`,
          }),
    );
  }
  return found;
}

function nameNotes(body: JsonObject, file: ParsedFile): Finding[] {
  const name = body['display_name'];
  if (typeof name !== 'string' || sceneOf(body['widget_type']) !== 'window') return [];
  const characters = [...name];
  if (characters.length <= longestNewTitle) return [];
  const place = file.place('/display_name', 'value');
  return [
    noteAt(place, 'long-name', {
      summary: `display_name has ${characters.length} characters, of which the new chat window shows ${longestNewTitle}`,
      detail: `A page that embeds chat-widget-v2 shows "${quoted(characters.slice(0, longestNewTitle).join(''))}…"; the classic window shows all of it.`,
    }),
  ];
}

function smsNotes(body: JsonObject, file: ParsedFile): Finding[] {
  const text = body['intro_message'];
  if (body['widget_type'] !== 'sms' || typeof text !== 'string') return [];
  const { encoding, places, segments, others } = smsSegments(text);
  if (segments < 2) return [];
  const place = file.place('/intro_message', 'value');
  return [
    noteAt(place, 'several-sms', {
      summary: `intro_message takes ${segments} SMS: ${places} characters in ${encoding}`,
      detail:
        encoding === 'GSM-7'
          ? 'One SMS holds 160 of them, and each of several 153. € [ ] { } ~ ^ | and \\ count twice.'
          : `One SMS holds 70 of them, and each of several 67; 160 and 153, were it not for ${listed(
              others.map((sign) => quoted(sign)),
              5,
            )}.`,
    }),
  ];
}
