// Hiding secrets as it once was: a pattern for each of them, and all of them over each text. It is slow where there
// are many, and is what the faster way is held to.
/** Matches the text in any usual spelling, wherever it stands. */
export function patternOfEach(text: string): RegExp {
  // A run of backslashes is one token: it grows as a whole.
  const tokens = text.match(/\\+|[^\\]/gu) ?? [];
  // The escapes first: of a % in a URL the character itself is only the beginning.
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

/** By number: in a URL, also one within others; in JSON and YAML; in HTML. */
function escapesOf(token: string): string[] {
  return [[...token].map(percentEncoded).join(''), [...token].map(numbered).join('')];
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

/** The text without the secrets, the longest first. */
export function hideEach(text: string, secrets: readonly string[]): string {
  return [...secrets]
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replace(patternOfEach(secret), '[api key]'), text);
}
