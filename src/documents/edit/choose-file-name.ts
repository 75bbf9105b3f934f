// A widget's name as people gave it → the name of its file: readable, safe on every file system, and
// not taken. Pure.
import type { JsonObject } from '../../base/json/json.ts';
import type { WidgetId } from '../../model/widget.ts';

/** Characters of a file's name before `.yaml`. */
const longestStem = 60;

/** Letters that Unicode does not take apart into an ASCII letter and a mark. */
const spelledOut: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
};

/** Names that Windows keeps for devices, whatever the extension. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * From the widget's name, else its display name, else its type. `taken` holds names in lower case;
 * where one is taken, or says too little, part of the id follows.
 */
export function widgetFileName(
  { widgetId, fields }: { readonly widgetId: WidgetId; readonly fields: JsonObject },
  taken: ReadonlySet<string>,
): string {
  const named = [fields['name'], fields['display_name']].map(slug).find((one) => one !== '');
  const base = named ?? (slug(fields['widget_type']) || 'widget');
  const suffixes = [widgetId.slice(0, 8), widgetId];
  const isEnough = named !== undefined && !device.test(named);
  const stems = [...(isEnough ? [base] : []), ...suffixes.map((id) => withSuffix(base, id))];
  const free = stems.find((stem) => !taken.has(`${stem}.yaml`));
  if (free !== undefined) return `${free}.yaml`;
  for (let number = 2; ; number += 1) {
    const name = `${withSuffix(base, `${widgetId}-${number}`)}.yaml`;
    if (!taken.has(name)) return name;
  }
}

function withSuffix(base: string, suffix: string): string {
  return `${cut(base, longestStem - suffix.length - 1)}-${suffix}`;
}

/** Lower-case ASCII letters and digits, words joined by `-`; '' for what has none. */
function slug(name: unknown): string {
  if (typeof name !== 'string') return '';
  const ascii = name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\0-\x7f]/g, (letter) => spelledOut[letter] ?? letter)
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return cut(ascii, longestStem);
}

/** At the end of a word, where that leaves most of it. */
function cut(stem: string, length: number): string {
  if (stem.length <= length) return stem;
  const head = stem.slice(0, length + 1);
  const wordEnd = head.lastIndexOf('-');
  return head.slice(0, wordEnd > length / 2 ? wordEnd : length).replace(/-+$/, '');
}
