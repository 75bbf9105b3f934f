// How one text may be spelt by whatever it passes through on its way: JSON in JSON, URLs in URLs, forms,
// HTML, YAML, JSON Pointers, other capitals. A list of whole spellings never ends, so each character is
// looked for as itself and in each of its escapes.

/**
 * Matches the text in any usual spelling, wherever it stands, and each one to its end. Takes no longer
 * than in proportion to what it is matched with.
 */
export function patternOfSpellings(text: string): RegExp {
  // A run of backslashes is one token: it grows as a whole.
  const tokens = text.match(/\\+|[^\\]/gu) ?? [];
  // The escapes first: of a % in a URL the character itself is only the beginning.
  // The look ahead changes nothing in what is matched: without it, V8 writes code for each escape many times
  // over, and compiling the pattern of a key takes four times as long.
  const spelled = tokens.map(
    (token) => `(?:(?=[%\\\\&])(?:${escapesOf(token).join('|')})|${itselfOf(token).join('|')})`,
  );
  return new RegExp(spelled.join(''), 'gi');
}

/** The token itself, and what the single formats make of this very character. */
function itselfOf(token: string): string[] {
  const own = named[token] ?? [];
  if (token.startsWith('\\')) return backslashes.map((times) => `\\\\{${times * token.length}}`);
  if (/^[a-z0-9]$/i.test(token)) return [token];
  return [...own, `(?:\\\\{7}|\\\\{3}|\\\\{1,2})?${token.replace(/[$()*+./?[\\\]^{|}-]/, '\\$&')}`];
}

/** JSON doubles them, and once more for each string that the JSON stands in. */
const backslashes = [8, 4, 2, 1] as const;

const named: Readonly<Record<string, readonly string[]>> = {
  '"': ['&quot;'],
  "'": ['&apos;'],
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  // RFC 6901.
  '~': ['~0'],
  '/': ['~1'],
};

/** By number: in a URL, also one within others; in JSON and YAML; in HTML. Each capital has its own number. */
function escapesOf(token: string): string[] {
  return inBothCases(token).flatMap((one) => [
    [...one].map(percentEncoded).join(''),
    [...one].map(numbered).join(''),
  ]);
}

function inBothCases(token: string): string[] {
  return /^[a-z]$/i.test(token) ? [token.toLowerCase(), token.toUpperCase()] : [token];
}

function percentEncoded(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%(?:25){0,3}${hex(byte)}`).join('');
}

function numbered(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const units = character.split('').map((unit) => hex(unit.charCodeAt(0)).padStart(4, '0'));
  const forms = [
    units.map((unit) => `\\\\{1,8}u${unit}`).join(''),
    `\\\\{1,8}(?:${code < 0x100 ? `x${hex(code)}|` : ''}U${hex(code).padStart(8, '0')})`,
    `&#0{0,5}${code};`,
    `&#x0{0,5}${code.toString(16)};`,
  ];
  return `(?:${forms.join('|')})`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
