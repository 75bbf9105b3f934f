// Texts of a file that a channel cuts, sends in parts or shows for nothing. docs/colours.md names
// the source of each limit.
import type { JsonObject } from '../../base/json/json.ts';
import { listed } from '../../base/text.ts';
import { isSceneKnown, partOf, sceneOf } from '../../face/faces.ts';
import { longestNewTitle } from '../../face/slots.ts';
import { smsSegments } from '../../face/sms-segments.ts';
import { type BodyFinding, noteAt, quoted, shown, valueIn, warningAt } from '../parse/finding.ts';

/** Warnings, and nothing about values that the schema refuses. */
export function textFindings(body: JsonObject): BodyFinding[] {
  return isSceneKnown(body['widget_type']) ? suggestionFindings(body) : [];
}

/** For a body without errors. */
export function textNotes(body: JsonObject): BodyFinding[] {
  return [...nameNotes(body), ...smsNotes(body)];
}

/** Nobody mends more at a time. */
const mostWarnings = 100;

function suggestionFindings(body: JsonObject): BodyFinding[] {
  const entries = body['user_opening_messages'];
  if (!Array.isArray(entries) || partOf('/user_opening_messages', body) === null) return [];
  const places = new Map<string, number>();
  const found: BodyFinding[] = [];
  for (const [index, entry] of entries.entries()) {
    if (typeof entry !== 'string' || found.length === mostWarnings) continue;
    const text = entry.trim();
    const first = places.get(text);
    if (first === undefined) places.set(text, index);
    if (text !== '' && first === undefined) continue;
    const at = valueIn(`/user_opening_messages/${index}`);
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

function nameNotes(body: JsonObject): BodyFinding[] {
  const name = body['display_name'];
  if (typeof name !== 'string' || sceneOf(body['widget_type']) !== 'window') return [];
  const characters = [...name];
  if (characters.length <= longestNewTitle) return [];
  const at = valueIn('/display_name');
  return [
    noteAt(at, 'long-name', {
      summary: `display_name has ${characters.length} characters, of which the new chat window shows ${longestNewTitle}`,
      detail: `A page that embeds chat-widget-v2 shows "${quoted(characters.slice(0, longestNewTitle).join(''))}…"; the classic window shows all of it.`,
    }),
  ];
}

function smsNotes(body: JsonObject): BodyFinding[] {
  const text = body['intro_message'];
  if (body['widget_type'] !== 'sms' || typeof text !== 'string') return [];
  const { encoding, places, segments, others } = smsSegments(text);
  if (segments < 2) return [];
  const at = valueIn('/intro_message');
  return [
    noteAt(at, 'several-sms', {
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
