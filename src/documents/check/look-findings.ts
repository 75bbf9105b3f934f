// What visitors will see of a body, where it is not what is meant: colours that are none, texts that
// are hard to read, fields that paint nothing. Which field paints what is known to face/.
import { fromPointer, type JsonObject } from '../../base/json/json.ts';
import { closestName } from '../../base/suggest-name.ts';
import { colourNames, parseColour, ratioText } from '../../face/colour.ts';
import { type LowContrast, lowContrasts, type Side } from '../../face/contrast.ts';
import { colourPointers, isSceneKnown, setValue } from '../../face/faces.ts';
import { unpaintedNotes } from '../../face/unpainted-notes.ts';
import {
  type BodyFinding,
  type BodyPlace,
  noteAt,
  quoted,
  type Said,
  shown,
  shownField,
  valueIn,
  warningAt,
} from '../parse/finding.ts';

/**
 * Warnings, and nothing about values that the schema refuses. In a file with errors a colour that is not
 * declared may be the one that is misspelt: nothing follows from its default.
 */
export function lookFindings(
  body: JsonObject,
  { hasErrors }: { readonly hasErrors: boolean },
): BodyFinding[] {
  if (!isSceneKnown(body['widget_type'])) return [];
  const low = lowContrasts(body).filter(
    ({ text, ground }) => !hasErrors || (isCertain(text) && isCertain(ground)),
  );
  return [...colourFindings(body), ...contrastFindings(low)];
}

/** Declared, or the white that is no field. */
function isCertain({ pointer, declared }: Side): boolean {
  return pointer === null || declared !== null;
}

function colourFindings(body: JsonObject): BodyFinding[] {
  return colourPointers(body).flatMap((pointer) => {
    const text = setValue(pointer, body);
    if (typeof text !== 'string' || parseColour(text) !== null) return [];
    return warningAt(valueIn(pointer), 'not-a-colour', explainColour(pointer, text));
  });
}

/** Where a colour is spelt in a way that can be guessed, the line that was meant. */
function explainColour(pointer: string, text: string): Said {
  const field = shownField(fromPointer(pointer));
  const meant = colourMeant(text);
  const name = fromPointer(pointer).at(-1) ?? '';
  return {
    summary: `${field} ${shown(text)} is no colour`,
    detail:
      meant === null
        ? `${whyNoColour(text)} Write it as CSS does: "#1f2937", a name such as navy, or rgb(31 41 55).`
        : `Did you mean ${name}: "${meant}"?`,
  };
}

function colourMeant(text: string): string | null {
  if (text.length > longestGuessed) return null;
  // Quotes of a word processor, or quotes within quotes; what ends a line of CSS.
  const bare = text.replace(/^[\s"'“”„‘’«»`]+|[\s"'“”„‘’«»`;,]+$/g, '');
  const spelled = [bare, `#${bare}`].find((one) => parseColour(one) !== null);
  if (spelled !== undefined) return spelled;
  return /^[a-z]+$/i.test(bare) ? closestName(bare, colourNames()) : null;
}

const longestGuessed = 60;

function whyNoColour(text: string): string {
  const digits = /^#([\da-f]+)$/i.exec(text.trim())?.[1];
  if (digits !== undefined) return `Hex has 3, 4, 6 or 8 digits, not ${digits.length}.`;
  if (/^\s*(?:var|env|attr)\(/i.test(text))
    return 'A variable of the page is not known to the widget.';
  if (/^\s*(?:currentcolor|inherit|initial|unset|revert)\s*$/i.test(text))
    return 'It depends on the page around it.';
  if (/gradient\(|^\s*url\(/i.test(text)) return 'A gradient or an image does not do here.';
  return 'A browser would not take it.';
}

function contrastFindings(found: readonly LowContrast[]): BodyFinding[] {
  return found.map((low) => {
    const { text, ground, suggestion } = low;
    const declared = [text, ground].filter((side) => side.declared !== null);
    const [first] = declared;
    const at = declared.find(({ pointer }) => pointer === suggestion.pointer) ?? first;
    const place = valueIn(at?.pointer ?? '');
    return warningAt(place, 'low-contrast', explainContrast(low));
  });
}

function explainContrast({ pair, text, ground, ratio, least, suggestion }: LowContrast): Said {
  return {
    summary: `${pair}: ${sideText(text)} on ${sideText(ground)} has contrast ${ratioText(ratio)}`,
    detail: `${least} is needed. ${shownField(fromPointer(suggestion.pointer))}: "${suggestion.hex}" would do.`,
  };
}

function sideText({ pointer, declared, hex }: Side): string {
  if (pointer === null) return 'white';
  const field = shownField(fromPointer(pointer));
  if (declared === null) return `${field} (${hex} unless it is declared)`;
  return declared === hex ? `${field} ${hex}` : `${field} ${quoted(declared)} (${hex})`;
}

/** For a body without errors. */
export function lookNotes(body: JsonObject): BodyFinding[] {
  return unpaintedNotes(body).map(({ pointers: [pointer = ''], summary, detail }) => {
    const at: BodyPlace = { pointer, part: 'key' };
    return noteAt(at, 'not-painted', { summary, detail });
  });
}
