// Mistakes of form: where they were made, in words that need no knowledge of YAML.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readContent } from '../../../src/documents/check/file-content.ts';
import { law } from '../../support/law.ts';

const head = 'widget_id: 3c90c3cc-0d44-4b50-8888-8dd25736052a\nwidget_type: chat\n';

function findingsOf(text: string) {
  return readContent(new TextEncoder().encode(text)).findings;
}

/** `line:column summary detail` of the syntax errors below the head, whose first line is 3. */
function told(body: string): string[] {
  return findingsOf(`${head}${body}`)
    .filter(({ code }) => code === 'yaml-syntax')
    .map(({ range: { start }, summary, detail }) => {
      return `${start.line}:${start.column} ${summary} ${detail}`;
    });
}

describe('a quote that is not closed is told where it opens', () => {
  test.each([
    [
      'at the end of the file, lines below',
      'name: "a\nbubble_text: hi\ndescription: x',
      '3:7',
      '"',
    ],
    ['on its line', 'name: "a\nbubble_text: "hi"\n', '3:7', '"'],
    ['in a list', "user_opening_messages:\n- 'a\n- b\n", '4:3', "'"],
    ['in brackets', 'attributes: {a: "x}\nname: y\n', '3:17', '"'],
    ['in brackets of several lines', 'attributes: {a: 1,\n  b: "x\n  }\nname: y\n', '4:6', '"'],
    ['where the next quote closes it', 'attributes:\n  a: "x\n  b: "c"\nname: y\n', '4:6', '"'],
    ['below other lines', "attributes:\n  b: 1\nname: 'a\nbubble_text: 'b'\n", '5:7', "'"],
  ])('%s', (_, body, place, quote) => {
    const [only, ...others] = told(body);
    expect(only).toMatch(new RegExp(`^${place} .*the quote ${quote} is not closed.*Close it`));
    expect(others).toEqual([]);
  });

  test('and what is wrong before it is told too', () => {
    expect(told('name: @a\nbubble_text: "hi\n').map((line) => line.split(' ')[0])).toEqual([
      '3:7',
      '4:14',
    ]);
  });

  test('but a quote within a text stands where it ends the text', () => {
    expect(told("intro_message: 'it's here'\n")[0]).toMatch(/^3:20 .*goes on after its end.*''/);
  });
});

describe('a bracket that is not closed is told where it opens', () => {
  test.each([
    ['[', 'attributes:\n  a: [1, 2\nname: x\n', /^4:6 .*the bracket \[ is not closed.*\]/],
    ['{', 'attributes: {\na: 1\n}\nname: y\n', /^3:13 .*the bracket \{ is not closed.*indent/],
    ['[ in {', 'attributes: {a: [1, 2}\n', /^3:17 .*the bracket \[/],
  ])('%s', (_, body, words) => {
    expect(told(body)).toEqual([expect.stringMatching(words)]);
  });

  test.each([
    ['a colour', 'style_params: {color: #fff}\nname: x\n', '3:23'],
    ['a text', 'user_opening_messages: [Sale #2 today, Hi]\n', '3:30'],
  ])('unless a # ate it: %s', (_, body, place) => {
    expect(told(body)).toEqual([
      expect.stringMatching(new RegExp(`^${place} .*what follows # is a comment.*in quotes`)),
    ]);
  });
});

describe('wrong indentation is told where it stands', () => {
  test.each([
    ['deeper than the field above', 'attributes:\n  a: 1\n   b: 2\n', '5:4'],
    ['deeper than a quoted text above', 'name: "x"\n   bubble_text: y\n', '4:4'],
    ['less deep', 'attributes:\n  a: 1\n b: 2\n', '5:2'],
    ['of a field at the top', '  name: x\n', '3:3'],
    ['after an empty line', 'name: x\n\n   bubble_text: y\n', '5:4'],
    ['of an entry', 'user_opening_messages:\n  - a\n - b\n', '5:2'],
    ['of a field of an entry', 'action_buttons:\n  - label: a\n     url: b\n', '5:6'],
    ['of a field of an entry, less deep', 'action_buttons:\n  - a: 1\n    b: 2\n   c: 3\n', '6:4'],
    ['of an entry among fields', 'style_params:\n  a: 1\n  - b\n', '5:3'],
    ['of a field among entries', 'attributes:\n  - b\n  c: d\n', '5:3'],
    ['of a line of a text', 'intro_message: |\n    text\n  two\n', '5:3'],
    ['with Windows line ends', 'attributes:\r\n  a: 1\r\n   b: 2\r\n', '5:4'],
  ])('%s', (_, body, place) => {
    expect(told(body)).toEqual([
      expect.stringMatching(new RegExp(`^${place} .*begins in another column.*same column`)),
    ]);
  });
});

test.each([
  ['name #1: x\n', /^3:1 .*no colon.*#1: x is read as a comment/],
  ['intro_message: We are #1 in town\n  and open\n', /^4:3 .*#1 in town is read as a comment/],
  ['style_params: {color: #fff,\n  width: 3}\n', /^4:3 .*#fff, is read as a comment/],
])('a # that may have eaten what is missed is named: %j', (body, words) => {
  expect(told(body)).toEqual([expect.stringMatching(words)]);
});

describe('no finding speaks as only YAML does', () => {
  const jargon =
    /mapping|implicit|scalar|\bnodes?\b|sequence|collection|\btokens?\b|\bflow\b|\bmap\b/i;
  const scraps = [
    ...['name', 'attributes', ': ', '\n', ' ', '  ', '- ', '? ', '[', ']', '{', '}', ',', '"', "'"],
    ...[
      '&a ',
      '*a',
      '& ',
      '* ',
      '!!str ',
      '!x ',
      '|',
      '>',
      '|x',
      '#',
      ' #x',
      '\t',
      '\\',
      '\\q',
      '@',
    ],
    ...['%', '`', '---', '...', '%YAML 1.1\n', '%TAG x\n', '<<', '5', 'null', 'widget_type'],
  ];

  law.prop([fc.array(fc.constantFrom(...scraps), { maxLength: 30 })])('of scraps', (parts) => {
    for (const { summary, detail } of findingsOf(`${head}${parts.join('')}`)) {
      expect(`${summary} ${detail}`).not.toMatch(jargon);
    }
  });

  test.each([
    'attributes: [a]\n',
    'style_params: text\n',
    'attributes: {1: a}\n',
    'attributes: {? [a] : b}\n',
    `attributes: ${'['.repeat(70)}${']'.repeat(70)}\n`,
    'name: !include x\n',
  ])('of a value: %j', (body) => {
    const findings = findingsOf(`${head}${body}`);
    expect(findings).not.toEqual([]);
    for (const { summary, detail } of findings) expect(`${summary} ${detail}`).not.toMatch(jargon);
  });

  test.each(['- a\n- b\n', 'just text\n'])('of a whole file: %j', (text) => {
    for (const { summary, detail } of findingsOf(text)) {
      expect(`${summary} ${detail}`).not.toMatch(jargon);
    }
  });
});
