// What a text may spell from one place on: the counterpart of the patterns in spellings.ts, for ASCII. Where
// they look for one word in all of its spellings, this reads a spelling whose word is not known yet.

/** One character that may stand at a place, in lower case, and where the text goes on behind it. */
export interface Spelled {
  readonly character: string;
  readonly end: number;
  readonly form: 'percent' | 'number' | 'itself';
}

/** Whether a character stands for itself alone, as nearly all do: no spelling begins with it. */
export function isPlain(code: number): boolean {
  return code !== percent && code !== backslash && code !== ampersand && code !== tilde;
}

const [percent, backslash, ampersand, tilde] = [0x25, 0x5c, 0x26, 0x7e];
const firstBeyondAscii = 0x80;

/** A character of ASCII in lower case, and any other as nothing. */
export function folded(code: number): string {
  return code < firstBeyondAscii ? String.fromCharCode(code).toLowerCase() : '';
}

/**
 * Every character that the text may spell at the place, a backslash only where it is escaped: how many of them
 * count as one depends on what is looked for, which `endsOfBackslashes` is told.
 */
export function spelledAt(text: string, at: number): Spelled[] {
  const code = text.charCodeAt(at);
  switch (code) {
    case percent:
      return [...percentEncodedAt(text, at), itself('%', at + 1)];
    case backslash:
      return afterBackslashes(text, at);
    case ampersand:
      return [...entitiesAt(text, at), itself('&', at + 1)];
    case tilde:
      return [...pointerAt(text, at), itself('~', at + 1)];
    default:
      // Also behind the end, where there is no code.
      return code < firstBeyondAscii ? [itself(folded(code), at + 1)] : [];
  }
}

function itself(character: string, end: number): Spelled {
  return { character, end, form: 'itself' };
}

function numbered(code: number, end: number): Spelled[] {
  return code < firstBeyondAscii ? [{ character: folded(code), end, form: 'number' }] : [];
}

/** In a URL, and in one that stands in others: of a % that is encoded, 25 is left. */
function percentEncodedAt(text: string, at: number): Spelled[] {
  const found: Spelled[] = [];
  for (let place = at + 1; place <= at + 7; place += 2) {
    const digits = text.slice(place, place + 2);
    if (!/^[\da-f]{2}$/i.test(digits)) break;
    const character = folded(Number.parseInt(digits, 16));
    if (character !== '') found.push({ character, end: place + 2, form: 'percent' });
    if (digits !== '25') break;
  }
  return found;
}

// JSON doubles the backslash of an escape, and once more for each string that the JSON stands in.
const mostBackslashes = 8;
const backslashesBeforeSign = [1, 2, 3, 7];

function afterBackslashes(text: string, at: number): Spelled[] {
  const count = backslashesAt(text, at, mostBackslashes + 1);
  if (count > mostBackslashes) return [];
  const place = at + count;
  const sign = text.charCodeAt(place);
  const found = numbersAt(text, place);
  if (!isLetterOrDigit(sign) && sign < firstBeyondAscii && backslashesBeforeSign.includes(count)) {
    found.push(itself(folded(sign), place + 1));
  }
  return found;
}

function backslashesAt(text: string, at: number, most: number): number {
  let count = 0;
  while (count < most && text.charCodeAt(at + count) === backslash) count += 1;
  return count;
}

function isLetterOrDigit(code: number): boolean {
  return /^[a-z0-9]$/i.test(String.fromCharCode(code));
}

/** What JSON and YAML write behind a backslash. */
function numbersAt(text: string, at: number): Spelled[] {
  const forms = [/u[\da-f]{4}/iy, /x[\da-f]{2}/iy, /u[\da-f]{8}/iy];
  return forms.flatMap((form) => {
    form.lastIndex = at;
    const [digits] = form.exec(text) ?? [];
    if (digits === undefined) return [];
    return numbered(Number.parseInt(digits.slice(1), 16), at + digits.length);
  });
}

const entities: Readonly<Record<string, string>> = {
  quot: '"',
  apos: "'",
  amp: '&',
  lt: '<',
  gt: '>',
};

function entitiesAt(text: string, at: number): Spelled[] {
  const entity =
    /&(?:#0{0,5}(?<decimal>[1-9]\d{0,2})|#x0{0,5}(?<hex>[1-9a-f][\da-f]?)|(?<name>[a-z]{2,4}));/iy;
  entity.lastIndex = at;
  const found = entity.exec(text);
  if (found === null) return [];
  const { decimal, hex, name = '' } = found.groups ?? {};
  const end = at + found[0].length;
  if (decimal !== undefined) return numbered(Number(decimal), end);
  if (hex !== undefined) return numbered(Number.parseInt(hex, 16), end);
  const character = entities[name.toLowerCase()];
  return character === undefined ? [] : [itself(character, end)];
}

/** RFC 6901. */
function pointerAt(text: string, at: number): Spelled[] {
  const next = text.charAt(at + 1);
  if (next === '0') return [itself('~', at + 2)];
  return next === '1' ? [itself('/', at + 2)] : [];
}

const backslashesForOne = [1, 2, 4, 8];

/** Where a run of so many backslashes may end that begins at the place: JSON doubles it as a whole. */
export function endsOfBackslashes(text: string, at: number, length: number): number[] {
  const written = backslashesAt(text, at, length * mostBackslashes);
  const ends = backslashesForOne.map((times) => times * length).filter((count) => count <= written);
  const escaped = (['percent', 'number'] as const).flatMap((form) => {
    let reached = [at];
    for (let count = 0; count < length && reached.length > 0; count += 1) {
      reached = reached.flatMap((place) =>
        spelledAt(text, place)
          .filter((spelled) => spelled.form === form && spelled.character === '\\')
          .map(({ end }) => end),
      );
    }
    return reached;
  });
  return [...ends.map((count) => at + count), ...escaped];
}
