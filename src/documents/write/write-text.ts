// A text → YAML in each style that can carry it. Pure. A style that might not give back exactly the
// same text, or that older YAML readers take for something else, answers null.

/** How a block scalar stands in its file. */
export interface BlockLayout {
  /** Columns of the mapping or list that it stands in. */
  readonly parentIndent: number;
  /** Columns of its own lines: 1 to 9 more than the parent's. */
  readonly indent: number;
  readonly lineEnd: string;
}

/** Where a line of a folded text is broken, where it can be. */
const widestFoldedLine = 96;

/**
 * What no style but double quotes may hold: control characters, line separators, byte order marks,
 * non-characters, halves of surrogate pairs, and overrides of the reading direction, which let a text
 * look like another one.
 */
const onlyEscaped =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]/u;
const eachEscaped = new RegExp(`${onlyEscaped.source}|["\\\\\\n\\t]`, 'gu');

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Carries every text, on one line. */
export function doubleQuoted(text: string): string {
  const escaped = text.replace(eachEscaped, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return shortEscapes[character] ?? `\\u${code}`;
  });
  return `"${escaped}"`;
}

export function singleQuoted(text: string): string | null {
  if (onlyEscaped.test(text) || /[\n\t]/.test(text)) return null;
  return `'${text.replaceAll("'", "''")}'`;
}

/** What YAML 1.1 readers, or people, may take for something else than a text. */
const looksTyped =
  /^(?:~|null|true|false|yes|no|on|off|=|<<|[-+.]?[\d.][\d_.,:eExXoOa-fA-F+-]*|[-+]?\.(?:inf|nan))$/i;

/** Without quotes. In flow collections brackets and commas end a text. */
export function plainText(text: string, place: 'block' | 'flow'): string | null {
  if (text === '' || text !== text.trim() || onlyEscaped.test(text)) return null;
  if (/[\n\t]/.test(text) || /^[-?:,[\]{}#&*!|>'"%@`]/.test(text)) return null;
  if (/: | #|:$/.test(text) || looksTyped.test(text)) return null;
  if (place === 'flow' && /[,[\]{}:]/.test(text)) return null;
  return text;
}

/** Plain where that is beyond doubt, else in double quotes. */
export function inlineText(text: string, place: 'block' | 'flow'): string {
  return plainText(text, place) ?? doubleQuoted(text);
}

export interface BlockText {
  /** `|`, `>2-` and the like. */
  readonly header: string;
  /** The lines below it, without the last line's end. */
  readonly body: string;
}

/** `|`; null for a text that no block can carry. */
export function literalBlock(text: string, layout: BlockLayout): BlockText | null {
  return block('|', text, layout, (lines) => lines);
}

/** `>`; null also for texts with lines that begin or end with a space, which folding treats apart. */
export function foldedBlock(text: string, layout: BlockLayout): BlockText | null {
  if (/^\s|[ \t]$|\n[ \t]/m.test(text.replace(/\n+/g, '\n'))) return null;
  return block('>', text, layout, (lines) =>
    // A line's end reads as a space, so a text's own line break takes one empty line more.
    lines.flatMap((line, index) => (line === '' || index === 0 ? [] : ['']).concat(foldLine(line))),
  );
}

function foldLine(line: string): string[] {
  const folded: string[] = [];
  let current: string | null = null;
  for (const word of line.split(/(?<=[^ \t]) (?=[^ \t])/)) {
    if (current === null) current = word;
    else if (current.length + word.length < widestFoldedLine) current += ` ${word}`;
    else {
      folded.push(current);
      current = word;
    }
  }
  return [...folded, current ?? ''];
}

function block(
  style: '|' | '>',
  text: string,
  { parentIndent, indent, lineEnd }: BlockLayout,
  arrange: (lines: readonly string[]) => readonly string[],
): BlockText | null {
  if (onlyEscaped.test(text) || !/[^ \t\n]/.test(text)) return null;
  const content = text.replace(/\n+$/, '');
  const lineEndsAfter = text.length - content.length;
  const lines = content.split('\n');
  // Without an indicator the first line with content, and no blank one above it, sets the indentation.
  const first = lines.findIndex((line) => line.trim() !== '');
  const needsIndicator = lines.slice(0, first + 1).some((line) => /^[ \t]/.test(line));
  const depth = indent - parentIndent;
  if (depth < 1 || depth > 9) return null;
  const keep = lineEndsAfter === 0 ? '-' : lineEndsAfter === 1 ? '' : '+';
  const written = arrange(lines).map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
  const blank = Array<string>(Math.max(0, lineEndsAfter - 1)).fill('');
  return {
    header: `${style}${needsIndicator ? depth : ''}${keep}`,
    body: [...written, ...blank].join(lineEnd),
  };
}
