// One changed field as a line of the legend: what it was and what it is, by kind, so that whoever shows
// it can give colours a swatch and say of a list what came and went.
import { canonicalJson, isJsonObject, type Json } from '../../base/json/json.ts';
import { hexOf } from '../../face/colour.ts';
import type { FieldDifference } from '../../model/diff-fields.ts';
import { fieldName } from '../../model/field-name.ts';
import { isColourField } from '../diff/is-colour-field.ts';

/** A value is absent where the field was not set, or no longer is. */
interface Values {
  readonly before?: Json;
  readonly after?: Json;
}

export type LegendValues = Values &
  (
    | {
        readonly kind: 'colour';
        /** As `#rrggbb`, what is seen on white; null for what is no colour. */
        readonly swatches: { readonly before: string | null; readonly after: string | null };
      }
    | {
        readonly kind: 'list';
        /** Entries as people name them. Both are empty where only the order has changed. */
        readonly went: readonly string[];
        readonly came: readonly string[];
      }
    | { readonly kind: 'text' | 'other' }
  );

export type LegendEntry = LegendValues & {
  /** As it stands in both pictures. */
  readonly number: number;
  /** As people write it: `style_params.placeholder`. */
  readonly field: string;
};

export function legendEntry(number: number, difference: FieldDifference): LegendEntry {
  return { number, field: fieldName(difference.path), ...legendValues(difference) };
}

function legendValues({ path, from, to }: FieldDifference): LegendValues {
  const values: Values = {
    ...(from === undefined ? {} : { before: from }),
    ...(to === undefined ? {} : { after: to }),
  };
  if (isColourField(path)) {
    return { ...values, kind: 'colour', swatches: { before: swatch(from), after: swatch(to) } };
  }
  if (Array.isArray(from) || Array.isArray(to)) {
    const [before, after] = [from, to].map((list) => (Array.isArray(list) ? list : []));
    return { ...values, kind: 'list', ...whatMoved(before ?? [], after ?? []) };
  }
  return { ...values, kind: [from, to].some(isText) ? 'text' : 'other' };
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'string';
}

function swatch(value: Json | undefined): string | null {
  return typeof value === 'string' ? hexOf(value) : null;
}

function whatMoved(before: readonly Json[], after: readonly Json[]) {
  return { went: missingFrom(after, before), came: missingFrom(before, after) };
}

/** The entries of `list` that `other` lacks, each as often as it lacks it. */
function missingFrom(other: readonly Json[], list: readonly Json[]): string[] {
  const counts = new Map<string, number>();
  for (const entry of other) {
    const key = canonicalJson(entry);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return list
    .filter((entry) => {
      const key = canonicalJson(entry);
      const left = counts.get(key) ?? 0;
      counts.set(key, left - 1);
      return left <= 0;
    })
    .map(entryText);
}

/** A text itself, a button by its label and where it leads. */
function entryText(entry: Json): string {
  if (typeof entry === 'string') return entry;
  if (!isJsonObject(entry) || typeof entry['label'] !== 'string') return canonicalJson(entry);
  const { label, link } = entry;
  return typeof link === 'string' ? `${label} (${link})` : label;
}
