// Widgets as an API might hold them, with texts chosen to break whatever writes YAML carelessly.
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { anyCharacter } from '../support/any-character.ts';

export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '   ',
  '\n',
  '\n\n',
  ' \n ',
  'one\ntwo',
  'one\ntwo\n',
  'one\ntwo\n\n\n',
  '\none',
  '\n  one\n two',
  '  one\ntwo',
  'one \ntwo\t\n',
  'one\n  \ntwo',
  'one\n ',
  'one\n   \n\n',
  '\tone\ntwo',
  'one\n\ttwo',
  'one\r\ntwo\r\n',
  'one\rtwo',
  ' leading',
  'trailing ',
  '# no comment',
  'a # b',
  'a: b',
  'a:',
  ': a',
  'yes',
  'No',
  'null',
  '~',
  'true',
  '0123',
  '0x1F',
  '0o17',
  '1e3',
  '1_000',
  '12:30',
  '2026-12-24',
  '9007199254740993',
  '-9007199254740993',
  '.inf',
  '.NaN',
  '-',
  '- a',
  '? a',
  '---',
  '--- a\n...\n---\n',
  '...',
  '<<',
  '<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n',
  '>>>>>>> main',
  '%YAML 1.1\n---\n',
  '&a',
  '*a',
  '!tag',
  '|',
  '>-',
  '@a',
  '`a`',
  '"',
  "'",
  `"'"`,
  "it's",
  'say "hi"',
  '\\n',
  '\\',
  '[a, b]',
  '{a: b}',
  ', a',
  '#1f2937',
  '👋🏽 Hi',
  'e\u0301 \u00e9',
  '\u202eevil',
  '\u2028\u2029\u0085',
  '\ufeffBOM',
  '\u0000\u0001\u001b[31m\u007f',
  '\u00a0nbsp\u00a0',
  `${'word '.repeat(60)}end`,
  `${'word '.repeat(30)}\n${'long  double  spaces '.repeat(20)}`,
  'x'.repeat(3000),
  `${'Hello there.\n\n'.repeat(5)}Bye`,
  'a\n\n\n\nb\n',
];

const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom(...hostileTexts),
      fc.constantFrom(' ', '\n', 'word', ': ', ' #', '\n\n', '  ', 'a', '"', "'", ', ', '\t'),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** Any text that UTF-8 can carry. */
export const text = fc.oneof(
  fc.constantFrom(...hostileTexts),
  pieces,
  fc.string({ unit: anyCharacter, maxLength: 20 }).filter((value) => !/\p{Surrogate}/u.test(value)),
);

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'width', 'font size', 'yes', '1', '<<', '__proto__', '', ' ', '- x'),
  text,
);

/** What a strict reading accepts: integers beyond 2^53 are refused, minus zero is zero. */
const number = fc
  .oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .filter((value) => !Object.is(value, -0))
  .filter((value) => !/^-?\d+$/.test(String(value)) || Number.isSafeInteger(value));

export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

export const object: fc.Arbitrary<JsonObject> = fc.dictionary(key, json, {
  maxKeys: 5,
  noNullPrototype: true,
});

const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 5 });

const fields = {
  widget_type: fc.constantFrom('chat', 'sms', null),
  assistant_id: orNull(fc.uuid()),
  name: orNull(text),
  description: orNull(text),
  display_name: orNull(text),
  intro_message: orNull(text),
  attributes: object,
  user_opening_messages: fc.array(text, { maxLength: 4 }),
  header_color: orNull(fc.constantFrom('#fff', 'red', '#1F2937', 'rgb(1, 2, 3)')),
  bubble_text: orNull(text),
  remove_branding: fc.constantFrom(true, false, null),
  action_buttons: fc.array(json, { maxLength: 3 }),
  style_params: orNull(object),
};

/** Every field of a live widget that can be declared, or some of them; always the type. */
export const widgetFields: fc.Arbitrary<JsonObject> = fc.record(fields, {
  requiredKeys: ['widget_type'],
  noNullPrototype: true,
}) as fc.Arbitrary<JsonObject>;
