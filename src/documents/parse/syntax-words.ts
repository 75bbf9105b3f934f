// The YAML library's words for a mistake of form → ours: what is wrong and what to do, for people who
// write widgets and need not know what YAML calls its parts. Pure; places are for others to say.
import { quoted } from './finding.ts';

export interface Mistake {
  /** `quote`, `bracket`: one that is not closed; `indentation`: a line that begins in the wrong column. */
  readonly kind: 'quote' | 'bracket' | 'indentation' | 'other';
  readonly summary: string;
  readonly detail: string;
}

type Words = (match: RegExpExecArray) => Mistake;
type Rule = readonly [message: RegExp, words: Words];

const commas = 'Separate entries within brackets by commas, and put a text in quotes.';
const noText = 'Remove it, or put the text that it belongs to in quotes.';
const notIndented = other(
  'a text of several lines is not indented as it began',
  'Begin all lines of a text below | or > in one column, to the right of the field.',
);

/** The messages are those of the `yaml` package, version 2; the first rule that matches counts. */
const rules: readonly Rule[] = [
  [/^Missing closing (["'])quote/, ([, quote = '"']) => unclosedQuote(quote)],
  [/ end with a ([\]}])$/, ([, bracket]) => unclosedBracket(bracket === ']' ? '[' : '{', bracket)],
  [/^(?:All \w+ items must start|Sequence item without|A block sequence may not)/, indentation],
  [/^Flow end indicator/, indentation],
  [/^Block scalars? (?:lines|values|with|in)/, () => notIndented],
  [
    /^Block scalar header includes extra characters: (.*)$/,
    ([, found = '']) =>
      other(
        `${quoted(found)} cannot begin a text of several lines`,
        'Begin the text on the line below the | or >, or put the value in quotes.',
      ),
  ],
  [
    /^Implicit map keys need to be followed/,
    () =>
      other(
        'a field has no colon',
        'Look for a missing colon, space after a colon, quote or bracket here or just above.',
      ),
  ],
  [
    /^Implicit keys /,
    () =>
      other(
        'a field has no colon',
        'A field is written "name: value" on one line; look for a missing colon, or a missing space after it.',
      ),
  ],
  [
    /^Nested mappings are not allowed/,
    () =>
      other(
        'a second field on the same line',
        'If the value is a text that holds a colon, put it in quotes.',
      ),
  ],
  [
    /^Unexpected block-seq-ind on same line/,
    () =>
      other(
        'a list begins on the line of its field',
        'Begin the list on the next line. If the value is a text, put it in quotes.',
      ),
  ],
  [/^Unexpected [\w-]+ at node end/, () => other('a value goes on after its end', goesOn)],
  [/^Block collections are not allowed within/, () => other('a comma is missing', commas)],
  [/^Missing , /, () => other('a comma is missing', commas)],
  [/^Missing space after :/, () => other('a space is missing after a colon', commas)],
  [/^Unexpected empty item/, () => other('a comma too many', commas)],
  [/^Unexpected ([^\w\s]) in/, ([, sign]) => other(`a ${sign} too many`, noText)],
  [
    /^Unexpected [\w-]+ token in YAML stream: "(.*)"$/,
    ([, sign = '']) => other(`${quoted(sign)} belongs to nothing before it`, noText),
  ],
  [
    /^Plain value cannot start with .*?(\S+)$/,
    ([, sign = '']) =>
      other(
        `a text without quotes cannot begin with ${sign === 'character' ? 'a tab' : sign}`,
        'Put the value in quotes.',
      ),
  ],
  [
    /^Comments must be separated/,
    () =>
      other(
        'a # stands directly behind something else',
        'Put a space before it if a comment begins there, or put the text that it belongs to in quotes.',
      ),
  ],
  [
    /^Tabs are not allowed/,
    () => other('Tabs are not allowed as indentation', 'Indent with spaces.'),
  ],
  [
    /^Invalid escape sequence (.*)$/,
    ([, found = '']) =>
      other(
        `${quoted(found)} means nothing within double quotes`,
        'In double quotes write a backslash as \\\\, or use single quotes.',
      ),
  ],
  [
    /^(?:Anchor|Alias) (?:cannot|ending)/,
    () => other('an & or * has no proper name behind it', 'If a text is meant, put it in quotes.'),
  ],
  [
    /^(?:An alias node|A node can have|Anchors and tags|Tags and anchors)/,
    () =>
      other(
        'an anchor (&name), alias (*name) or tag (!name) stands where it cannot',
        'Remove it, or put the value in quotes if it is a text.',
      ),
  ],
  [
    /^The : indicator must be at most 1024/,
    () =>
      other('a name is longer than 1,024 characters', 'Look for a missing quote, or shorten it.'),
  ],
];

const goesOn =
  "The quote, bracket or *name before it has ended the value: put the whole text in quotes. Within double quotes a quote is written \\\", within single quotes ''.";

/** `message` is the library's, without its place. */
export function explainSyntax(message: string): Mistake {
  for (const [pattern, words] of rules) {
    const match = pattern.exec(message);
    if (match !== null) return words(match);
  }
  return other(
    'the text is not understood from here on',
    'Mend this line, or put its value in quotes; the other fields are checked once it can be read.',
  );
}

export function unclosedQuote(quote: string): Mistake {
  const within = quote === '"' ? '\\"' : "''";
  return {
    kind: 'quote',
    summary: `the quote ${quote} is not closed`,
    detail: `Close it with ${quote} at the end of the text. Within the text, write ${within} for it.`,
  };
}

function unclosedBracket(opening: string, closing = ''): Mistake {
  return {
    kind: 'bracket',
    summary: `the bracket ${opening} is not closed`,
    detail: `Close it with ${closing}, and indent the lines within it.`,
  };
}

export function indentation(): Mistake {
  return {
    kind: 'indentation',
    summary: 'this line begins in another column than the lines it belongs to',
    detail:
      'Begin it in the same column as the other fields or entries beside it. If it goes on with the text above, put that whole text in quotes.',
  };
}

function other(summary: string, detail: string): Mistake {
  return { kind: 'other', summary, detail };
}
