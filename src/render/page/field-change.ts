// What became of one field's value, as HTML: colours with what they look like, texts by their words, lists
// by what came and what went.
import type { Json } from '../../base/json/json.ts';
import { hideSecrets } from '../../base/secrets.ts';
import { shorten } from '../../base/text.ts';
import { hexOf } from '../../face/colour.ts';
import { jsonText } from '../diff/json-lines.ts';
import { piecesOf } from '../diff/word-diff.ts';
import type { LegendValues } from '../picture/legend.ts';
import { type Html, html } from './html.ts';
import { swatch } from './swatch.ts';

export function fieldChange(values: LegendValues): Html {
  const { kind, before, after } = values;
  switch (kind) {
    case 'colour':
      return twoLines(colour(before, values.swatches.before), colour(after, values.swatches.after));
    case 'list':
      return listChange(values.went, values.came);
    case 'text':
    case 'other':
      if (typeof before === 'string' && typeof after === 'string') return textChange(before, after);
      return twoLines(valueText(before), valueText(after));
  }
}

/** The value of a field by itself. */
export function declaredValue(value: Json, { isColour }: { readonly isColour: boolean }): Html {
  const hex = isColour && typeof value === 'string' ? hexOf(value) : null;
  if (Array.isArray(value) && value.length > 0) {
    return html`<ul class="entries">${value.map((entry) => html`<li>${valueText(entry)}</li>`)}</ul>`;
  }
  return html`<p class="value">${colour(value, hex)}</p>`;
}

/** Null where the field is not declared. */
function twoLines(before: Html | null, after: Html | null): Html {
  return html`<p class="value">${before === null ? undeclared : html`<del>${before}</del>`}</p><p class="value">${after === null ? undeclared : html`<ins>${after}</ins>`}</p>`;
}

const undeclared = html`<i>not declared</i>`;

function valueText(value: Json | undefined): Html | null {
  if (value === undefined) return null;
  const text = typeof value === 'string' && value.trim() !== '' ? value : jsonText(value);
  return html`<bdi>${cut(text)}</bdi>`;
}

/** Beyond that it would fill the page; the plan shows all of it. */
const longestText = 400;

function cut(text: string): string {
  return shorten(text, longestText + 1);
}

function colour(value: Json | undefined, hex: string | null): Html | null {
  return hex === null ? valueText(value) : html`${swatch(hex)}${valueText(value)}`;
}

/** Less that is equal, and the words of the two texts would only lie among each other. */
const leastEqual = 0.4;

/** Word by word where most words stay. */
function textChange(from: string, to: string): Html {
  // Word by word, a key would not be known for one.
  const [before, after] = [hideSecrets(from), hideSecrets(to)];
  // An id has no words, though its parts may look like some.
  if (!/\s/.test(before.trim())) return twoLines(valueText(before), valueText(after));
  const pieces = piecesOf(cut(before), cut(after));
  const equal = pieces.map(({ kind, to }) => (kind === 'equal' ? to.length : 0));
  const longest = Math.min(longestText, Math.max(before.length, after.length));
  if (equal.reduce((sum, length) => sum + length, 0) < leastEqual * longest) {
    return twoLines(valueText(before), valueText(after));
  }
  const words = pieces.map(({ kind, from, to }) =>
    kind === 'equal'
      ? to
      : html`${from !== '' && html`<del>${from}</del>`}${to !== '' && html`<ins>${to}</ins>`}`,
  );
  return html`<p class="value words" dir="auto">${words}</p>`;
}

const mostEntries = 12;

function listChange(went: readonly string[], came: readonly string[]): Html {
  if (went.length + came.length === 0) return html`<p class="value">in another order</p>`;
  const rows = [
    ...went.map((entry) => html`<li><del><bdi>${cut(entry)}</bdi></del></li>`),
    ...came.map((entry) => html`<li><ins><bdi>${cut(entry)}</bdi></ins></li>`),
  ];
  const more = rows.length - mostEntries;
  return html`<ul class="entries">${rows.slice(0, mostEntries)}${more > 0 && html`<li>… and ${more} more</li>`}</ul>`;
}
