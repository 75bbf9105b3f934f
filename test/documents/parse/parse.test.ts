import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Json } from '../../../src/base/json/json.ts';
import { readContent } from '../../../src/documents/check/file-content.ts';
import { parse } from '../../../src/documents/parse/parse.ts';
import { hashSpec, type WidgetSpec } from '../../../src/model/widget.ts';
import { anyCharacter } from '../../support/any-character.ts';
import { law } from '../../support/law.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const widgetId = '3c90c3cc-0d44-4b50-8888-8dd25736052a';

// YAML has no lone surrogates, and its printable set leaves out most control characters.
const text = fc.string({ unit: anyCharacter }).filter((value) => !/\p{Surrogate}/u.test(value));
const key = text.filter((name) => name !== '<<');
const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }));
/** Minus zero is zero in JSON; integers beyond 2^53 are refused on purpose. */
const isCarried = (value: number) =>
  !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value));
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    number.filter(isCarried),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const free = fc.dictionary(key, json, { maxKeys: 5, noNullPrototype: true });

const body = fc.record(
  {
    widget_type: fc.constantFrom('chat', 'sms', null),
    org_id: fc.option(fc.uuid()),
    name: fc.option(text),
    intro_message: fc.option(text),
    header_color: fc.option(text),
    remove_branding: fc.option(fc.boolean()),
    user_opening_messages: fc.array(text),
    action_buttons: fc.array(json),
    attributes: free,
    style_params: fc.option(free),
  },
  { requiredKeys: ['widget_type'], noNullPrototype: true },
);

describe('reading', () => {
  law.prop([body])('gives back what was written', (spec) => {
    const written = stringify(
      { widget_id: widgetId, ...spec },
      {
        version: '1.2',
        aliasDuplicateObjects: false,
        // Written as a block, ' \n' loses its space: `stringify` forgets the indentation indicator.
        blockQuote: false,
      },
    );
    const { widget, findings } = readContent(encode(written));
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(widget?.spec).toEqual(spec);
  });

  law.prop([body])('gives one hash whatever the order of the keys', (spec) => {
    const reversed = Object.fromEntries(Object.entries(spec).reverse());
    const { widget } = readContent(encode(JSON.stringify({ ...reversed, widget_id: widgetId })));
    expect(widget?.hash).toBe(hashSpec(spec as WidgetSpec));
  });

  law.prop([fc.uint8Array({ maxLength: 200 })])('never throws for any bytes', (bytes) => {
    const { widget, findings } = readContent(bytes);
    expect(widget !== null || findings.length > 0).toBe(true);
  });

  const scraps = [
    'widget_id',
    ': ',
    '\n',
    ' ',
    '- ',
    '? ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '&a ',
    '*a',
    '!!str ',
    '!x ',
    '|',
    '>',
    '#',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '<<',
    '\t',
    '\r',
    '\\',
    '1e999',
    '\ufeff',
    'é',
  ];
  law.prop([fc.array(fc.constantFrom(...scraps), { maxLength: 40 })])(
    'never throws for scraps of YAML, and every place is in the file',
    (parts) => {
      const content = parts.join('');
      const lines = content.split('\n').length;
      const { widget, findings } = readContent(encode(content));
      expect(widget !== null || findings.length > 0).toBe(true);
      for (const { range } of findings) {
        expect(range.start.line).toBeLessThanOrEqual(lines);
        expect(range.start.column).toBeGreaterThanOrEqual(1);
        expect(range.end.line).toBeGreaterThanOrEqual(range.start.line);
      }
    },
  );

  test.each(['- ', '? ', '[', '{', '[a: ', '{a: ', '&a '])(
    'half a megabyte of %j is refused, and neither hangs nor kills the process',
    (unit) => {
      const { widget, findings } = readContent(encode(unit.repeat(250_000 / unit.length)));
      expect(widget).toBeNull();
      expect(findings.length).toBeGreaterThan(0);
      expect(findings.length).toBeLessThanOrEqual(11);
    },
  );

  test('64 levels are read and 65 are not, also through aliases', () => {
    const nested = (levels: number) => `${'{a: '.repeat(levels)}1${'}'.repeat(levels)}`;
    const codes = (yaml: string) => parse(encode(yaml)).findings.map(({ code }) => code);
    expect(codes(nested(64))).toEqual([]);
    expect(codes(nested(65))).toEqual(['too-deep']);
    expect(codes(`a: &x ${nested(40)}\nb: ${'['.repeat(22)}*x${']'.repeat(22)}`)).toEqual([]);
    expect(codes(`a: &x ${nested(40)}\nb: ${'['.repeat(30)}*x${']'.repeat(30)}`)).toEqual([
      'too-deep',
    ]);
  });

  test('a key named __proto__ is an own key like any other', () => {
    const { value } = parse(encode('attributes: {__proto__: {polluted: true}}'));
    expect(Object.keys(value?.['attributes'] as object)).toEqual(['__proto__']);
    expect(JSON.stringify(value)).toBe('{"attributes":{"__proto__":{"polluted":true}}}');
  });
});

describe('a JSON Pointer finds its place', () => {
  const file = parse(
    encode(
      'name: Ava\nattributes:\n  a/b: [x, {c: 1}]\n  again: *none\nempty:\nbase: &b {deep: 1}\ncopy: *b\n',
    ),
  );
  test.each([
    ['/name', 'value', 1, 7],
    ['/name', 'key', 1, 1],
    ['/attributes/a~1b/1/c', 'value', 3, 16],
    ['/attributes/a~1b/0', 'value', 3, 9],
    ['/attributes', 'value', 2, 1],
    ['/empty', 'value', 5, 1],
    ['/copy/deep', 'value', 6, 17],
    ['/name/none/such', 'value', 1, 1],
    ['/attributes/missing', 'value', 2, 1],
    ['/missing', 'value', 1, 1],
    ['', 'value', 1, 1],
  ] as const)('%s (%s) at %i:%i', (pointer, part, line, column) => {
    expect(file.place(pointer, part).start).toEqual({ line, column });
  });
});
