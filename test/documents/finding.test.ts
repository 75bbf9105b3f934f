import { expect, test } from 'vitest';
import { sentence } from '../../src/documents/finding.ts';
import { parse } from '../../src/documents/parse.ts';

test('what the parser says of a file is told whole', () => {
  const { findings } = parse(new TextEncoder().encode('a: ['));
  expect(findings).toMatchObject([
    {
      code: 'yaml-syntax',
      summary:
        'not well-formed YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    },
  ]);
});

const word = 'seven77';

test.each([
  ['a short one', 'is whole', 'is whole'],
  ['a long one', `${word} `.repeat(26), `${`${word} `.repeat(24)}…`],
  ['one that ends in time', `${'ab '.repeat(66)}xy`, `${'ab '.repeat(66)}xy`],
  ['one without gaps', 'x'.repeat(300), `${'x'.repeat(199)}…`],
  ['one that a terminal would obey', 'a\u001b[2J', 'a\\u001b[2J'],
])('%s is cut between words, if at all', (_, text, told) => {
  expect(sentence(text)).toBe(told);
});
