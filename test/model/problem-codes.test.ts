import { describe, expect, test } from 'vitest';
import { readContent } from '../../src/documents/check/file-content.ts';
import { type ProblemCode, problemCodes } from '../../src/model/problem-codes.ts';

const id = 'widget_id: 3c90c3cc-0d44-4b50-8888-8dd25736052a';
const head = `${id}\nwidget_type: chat\n`;
const bytes = (...values: number[]) => Uint8Array.from(values);
const encode = (text: string) => new TextEncoder().encode(text);

/** Text after a good head, so that line 3 is the first line of each row. */
type Row = [ProblemCode, string | Uint8Array, number, number, RegExp];

const afterHead: Row[] = [
  ['duplicate-key', 'name: a\n"name": b', 4, 1, /name stands twice.*line 3/],
  ['duplicate-key', 'attributes: {a: 1, a: 2}', 3, 20, /a stands twice/],
  ['duplicate-key', 'attributes: {a: &x b, b: 1, *x : 2}', 3, 29, /b stands twice/],
  ['unknown-tag', 'name: !include x.yaml', 3, 7, /!include.*without a tag/],
  ['unknown-tag', 'name: !!binary aGk=', 3, 7, /!!binary/],
  ['unknown-tag', 'attributes: !!set {a}', 3, 13, /!!set/],
  ['unknown-tag', 'name: !e!x y', 3, 7, /!e!/],
  ['undefined-alias', 'name: *base', 3, 7, /\*base stands for nothing.*No anchor &base/],
  ['undefined-alias', 'name: *n\ndescription: &n x', 3, 7, /stands before it/],
  ['undefined-alias', 'attributes: &a {me: *a}', 3, 21, /inside the very value/],
  ['unsafe-integer', 'attributes: {a: 9007199254740993}', 3, 17, /rounded.*Quote it/],
  [
    'unsafe-integer',
    'attributes: {a: -0xfffffffffffffffff, b: 0xfffffffffffffffff}',
    3,
    42,
    /2\^53/,
  ],
  ['not-finite-number', 'attributes: {a: 1e400}', 3, 17, /1e400/],
  ['not-finite-number', 'attributes: {a: [.nan]}', 3, 18, /\.nan/],
  ['not-finite-number', 'attributes: {a: -.inf}', 3, 17, /-\.inf/],
  ['invalid-unicode', 'name: "\\ud800"', 3, 7, /half a character/],
  ['invalid-unicode', 'attributes: {"\\udc00": 1}', 3, 14, /surrogate/],
  ['not-a-mapping', 'attributes: {1: a}', 3, 14, /key is not a text.*found 1.*"1"/],
  ['not-a-mapping', 'attributes: {null: a}', 3, 14, /key is not a text/],
  ['not-a-mapping', 'attributes: {? [a] : b}', 3, 16, /key is not a text/],
  [
    'unknown-field',
    'header_colour: red',
    3,
    1,
    /unknown field header_colour.*Did you mean header_color\?/,
  ],
  ['unknown-field', 'headerColor: red', 3, 1, /Did you mean header_color\?/],
  ['unknown-field', 'n\u0430me: x', 3, 1, /Did you mean name\?.*It holds U\+0430, /],
  ['unknown-field', '\u00a0name: x', 3, 1, /Did you mean name\?.*It holds U\+00A0, /],
  ['unknown-field', 'zzzz: 1', 3, 1, /unknown field zzzz.*The fields are widget_id, /],
  ['unknown-field', 'sync: {suspended: true}', 3, 8, /sync\.suspended.*Did you mean suspend\?/],
  [
    'unknown-field',
    '<<: {name: a}',
    3,
    1,
    /merge keys.*_brand.yaml, and name it under extends.*alias/,
  ],
  ['unknown-field', 'style_params: {<<: {a: 1}}', 3, 16, /merge keys/],
  [
    'unknown-field',
    'x-name: &n Ava',
    3,
    1,
    /unknown field x-name.*under extends.*anchor \(&name\)/,
  ],
  ['unknown-field', 'sync: {x-drift: off}', 3, 8, /Did you mean drift\?/],
  ['unknown-field', '__proto__: {}', 3, 1, /unknown field __proto__/],
  ['read-only-field', 'bubble_bot_icon: x', 3, 1, /set by the API.*Remove it/],
  ['read-only-field', 'id: x', 3, 1, /set by the API.*widget_id/],
  ['wrong-type', 'name: 007', 3, 7, /not a number.*Quote it: "007"/],
  ['wrong-type', 'org_id: 123', 3, 9, /org_id must be a text.*Expected a UUID.*from the dashboard/],
  ['wrong-type', 'user_opening_messages: a, b', 3, 24, /Write a list: \["a, b"\]/],
  ['wrong-type', 'name: true', 3, 7, /a text or null, not true.*Quote it: "true"/],
  ['wrong-type', 'name: [a, b]', 3, 7, /a text or null, not a list.*\["a","b"\]/],
  ['wrong-type', 'user_opening_messages:\n- Hours: 9-5\n- b\n', 4, 3, /in quotes: "Hours: 9-5"\./],
  ['wrong-type', 'name: [a,\n  b]', 3, 1, /Correct the value/],
  ['wrong-type', 'remove_branding: yes', 3, 18, /true, false or null.*found "yes".*YAML 1\.2/],
  ['wrong-type', 'sync:', 3, 1, /Write fields below it, or remove the line/],
  ['wrong-type', 'attributes:', 3, 1, /does not accept null.*\{\}/],
  ['wrong-type', 'user_opening_messages: null', 3, 24, /does not accept null.*\[\]/],
  ['wrong-type', 'action_buttons: ~', 3, 17, /does not accept null.*\[\]/],
  ['wrong-type', 'user_opening_messages: Hello', 3, 24, /Write a list: \[Hello\]/],
  ['wrong-type', 'user_opening_messages:\n- a\n- 5', 5, 3, /user_opening_messages\[1\].*"5"/],
  ['wrong-type', 'style_params: text', 3, 15, /a set of fields or null/],
  ['invalid-format', 'org_id: fernwood', 3, 9, /org_id is not a UUID.*found "fernwood"/],
  ['invalid-format', 'sync: {until: tomorrow}', 3, 15, /sync\.until is not a date or.*"tomorrow"/],
  ['invalid-format', 'sync: {until: 2026-02-30}', 3, 15, /no calendar has 2026-02-30/],
  ['invalid-format', 'sync: {until: 2026-12-24T18:00:00}', 3, 15, /Add the zone: .*18:00:00Z/],
  ['invalid-format', 'sync: {ignore: [bubble_text]}', 3, 17, /Did you mean \/bubble_text\?/],
  ['invalid-format', 'sync: {ignore: [buble_text.x]}', 3, 17, /Did you mean \/bubble_text\/x\?/],
  // A pointer to no field would be refused next.
  ['invalid-format', 'sync: {ignore: [bubble]}', 3, 17, /found "bubble"\.$/],
  ['invalid-format', 'sync: {ignore: [/a~2]}', 3, 17, /is not a JSON Pointer/],
  [
    'invalid-value',
    'sync: {ignore: [/name, /buble_text/x]}',
    3,
    24,
    /Did you mean \/bubble_text\/x\?/,
  ],
  ['invalid-value', 'sync:\n  ignore:\n  - /widget_type', 5, 5, /requires widget_type/],
  ['invalid-value', 'sync: {ignore: [/widget_id]}', 3, 17, /no field of the body/],
  ['invalid-value', 'sync: {ignore: [/sync/drift]}', 3, 17, /no field of the body/],
  ['invalid-value', 'sync: {ignore: [/bubble_bot_icon]}', 3, 17, /set by the API/],
  ['invalid-value', 'sync: {ignore: [/zzzz]}', 3, 17, /No field of the body is called zzzz/],
  ['invalid-value', 'sync: {ignore: [""]}', 3, 17, /names the whole body/],
  ['invalid-value', 'sync: {drift: correkt}', 3, 15, /Did you mean correct\?/],
  ['wrong-type', 'sync: {ignore: [5]}', 3, 17, /sync\.ignore\[0\]/],
  ['no-effect', 'sync: {until: 2026-12-24}', 3, 15, /no effect without suspend: true/],
  [
    'no-effect',
    'sync:\n  suspend: false\n  until: 2026-12-24',
    5,
    10,
    /Add suspend: true, or remove/,
  ],
  ['swallowed-comment', 'header_color: #1f2937', 3, 15, /comment.*header_color: "#1f2937"/],
  ['swallowed-comment', 'bubble_text: Sale #2', 3, 19, /bubble_text is cut.*"Sale #2"/],
  ['swallowed-mark', 'bubble_text: &more', 3, 14, /is null.*bubble_text: "&more".*: null/],
  ['swallowed-mark', 'name: &Friends Bakery', 3, 7, /name is cut.*"&Friends Bakery"/],
  ['blank-value', 'intro_message:', 3, 1, /nothing behind it.*clears.*intro_message: null/],
  ['respelled-number', 'attributes: {a: 007}', 3, 17, /sent as 7, not as 007.*a: "007"/],
  ['like-a-key', 'name: in-abcdefgh12345678', 3, 7, /name holds what looks like.*remove it/],
  ['like-a-key', 'attributes: {in-abcdefgh12345678: 1}', 3, 14, /replace it by a new one/],
  [
    'not-a-colour',
    'header_color: ffffff',
    3,
    15,
    /header_color "ffffff" is no colour Did you mean header_color: "#ffffff"\?/,
  ],
  ['not-a-colour', 'header_color: “#14532d”', 3, 15, /Did you mean header_color: "#14532d"\?/],
  ['not-a-colour', 'header_color: "‘green’;"', 3, 15, /Did you mean header_color: "green"\?/],
  ['not-a-colour', 'header_color: rgb(0a)', 3, 15, /"rgb\(0a\)" is no colour.*would not take it/],
  ['not-a-colour', 'header_color: gren', 3, 15, /Did you mean header_color: "green"\?/],
  ['not-a-colour', 'header_color: "#12345"', 3, 15, /3, 4, 6 or 8 digits, not 5\. Write it as CSS/],
  ['not-a-colour', 'header_color: blue-ish', 3, 15, /"blue-ish" is no colour.*rgb\(31 41 55\)/],
  ['not-a-colour', 'header_color: var(--brand)', 3, 15, /variable of the page is not known/],
  ['not-a-colour', 'header_color: currentColor', 3, 15, /It depends on the page around it\./],
  ['not-a-colour', 'header_color: inherit', 3, 15, /It depends on the page around it\./],
  ['not-a-colour', 'header_color: "linear-gradient(red, blue)"', 3, 15, /A gradient or an image/],
  [
    'low-contrast',
    'user_text_message_color: white\nuser_message_color: "#16a34a"',
    4,
    21,
    /^visitor's messages: user_text_message_color white \(#ffffff\) on user_message_color #16a34a has contrast 3\.2 4\.5 is needed\. user_message_color: "#00893a" would do\.$/,
  ],
  [
    'low-contrast',
    'user_opening_messages: [Hours?]\nice_break_color: "#dcfce7"',
    4,
    18,
    /^opening suggestions: ice_break_color #dcfce7 on white has contrast 1\.0 /,
  ],
  [
    'empty-suggestion',
    'user_opening_messages:\n- a\n- " "',
    5,
    3,
    /user_opening_messages\[1\] is empty.*Write a text/,
  ],
  [
    'double-suggestion',
    'user_opening_messages: [a, b, "a "]',
    3,
    31,
    /user_opening_messages\[2\] says what user_opening_messages\[0\] says.*"a" twice/,
  ],
  [
    'not-painted',
    'bot_icon_color: red\nbubble_color: blue',
    4,
    1,
    /bubble_color is not painted while bot_icon_color is declared/,
  ],
  [
    'long-name',
    'display_name: Fernwood Outfitters',
    3,
    15,
    /has 19 characters, of which the new chat window shows 12.*"Fernwood Out…"/,
  ],
  ['yaml-syntax', 'name: a: b', 3, 7, /not well-formed.*put it in quotes/],
  ['yaml-syntax', 'attributes:\n\ta: 1', 4, 1, /Tabs.*Indent with spaces/],
  [
    'yaml-syntax',
    'name: *bold* text',
    3,
    14,
    /goes on after its end.*name.*the whole text in quotes/,
  ],
  ['yaml-syntax', 'name: "a', 3, 7, /the quote " is not closed/],
  ['yaml-syntax', 'name: a\u0000b', 3, 8, /control character U\+0000/],
  [
    'conflict-marker',
    '<<<<<<< HEAD\nname: a\n=======\nname: b\n>>>>>>> main',
    3,
    1,
    /merge conflict/,
  ],
  ['conflict-marker', 'name: b\n>>>>>>> main', 4, 1, /merge conflict/],
  ['multiple-documents', '---\nname: b', 3, 1, /more than one YAML document/],
  ['multiple-documents', '...\n---\n', 3, 1, /more than one YAML document/],
];

const whole: Row[] = [
  ['not-utf8', bytes(0x61, 0x3a, 0x20, 0xff), 1, 4, /not UTF-8/],
  ['not-utf8', bytes(0xff, 0xfe, 0x61, 0x00), 1, 1, /UTF-16/],
  ['yaml-version', `# c\n%YAML 1.1\n---\n${head}`, 2, 1, /YAML 1\.1.*yes.*Remove/],
  ['too-deep', `${head}attributes: {a: ${'['.repeat(70)}${']'.repeat(70)}}`, 3, 81, /64 levels/],
  ['not-a-mapping', '- a\n- b', 1, 1, /does not consist of fields.*found \["a","b"\]/],
  ['not-a-mapping', 'just text', 1, 1, /found "just text"/],
  ['missing-field', '', 1, 1, /the file is empty.*widget_id and widget_type/],
  ['missing-field', '# only a comment\n', 1, 1, /declares nothing/],
  ['missing-field', '---\n', 1, 1, /declares nothing/],
  ['missing-field', 'widget_type: chat', 1, 1, /widget_id is missing.*dashboard/],
  ['missing-field', id, 1, 1, /widget_type is missing/],
  [
    'invalid-value',
    `${id}\nwidget_type: chta`,
    2,
    14,
    /cannot be "chta".*Did you mean chat\?.*sms/,
  ],
  ['invalid-value', `${id}\nwidget_type: 5`, 2, 14, /cannot be 5.*Expected one of chat/],
  ['wrong-type', 'widget_id: 123\nwidget_type: chat', 1, 12, /Expected a UUID.*found 123/],
  ['wrong-type', 'widget_id: null\nwidget_type: chat', 1, 12, /widget_id must be a text/],
  ['invalid-format', 'widget_id: 42-x\nwidget_type: chat', 1, 12, /widget_id is not a UUID/],
  [
    'several-sms',
    `${id}\nwidget_type: sms\nintro_message: ${'a'.repeat(161)}`,
    3,
    16,
    /takes 2 SMS: 161 characters in GSM-7 One SMS holds 160/,
  ],
  [
    'several-sms',
    `${id}\nwidget_type: sms\nintro_message: “${'a'.repeat(69)}”`,
    3,
    16,
    /takes 2 SMS: 71 characters in UCS-2 .*were it not for “, ”\./,
  ],
  ['alias-bomb', `${head}attributes:\n${bomb()}`, 10, 11, /more than 1 MiB/],
];

/** Each line is ten times the one before it. */
function bomb(): string {
  const tenfold = (name: string) => `[${Array(10).fill(name).join(',')}]`;
  return Array.from(
    { length: 9 },
    (_, n) => ` a${n}: &a${n} ${n === 0 ? '["lol"]' : tenfold(`*a${n - 1}`)}`,
  ).join('\n');
}

const table = [
  ...afterHead.map((row): Row => [row[0], `${head}${row[1]}`, row[2], row[3], row[4]]),
  ...whole,
];

describe('every way a file can be wrong has its code, its place and its words', () => {
  test.each(table)('%s: %j', (...row) => {
    const [code, content, line, column, words] = row;
    const { widget, ...said } = readContent(
      typeof content === 'string' ? encode(content) : content,
    );
    const findings = [...said.findings, ...said.notes];
    expect(findings.map((finding) => finding.code)).toEqual(expect.arrayContaining([code]));
    const finding = findings.find((one) => one.code === code);
    expect(finding?.range.start).toEqual({ line, column });
    expect(`${finding?.summary} ${finding?.detail}`).toMatch(words);
    expect(widget === null).toBe(finding?.severity === 'error');
  });

  test.each(table)('and nothing else is said of %s: %j', (code, content) => {
    const said = readContent(typeof content === 'string' ? encode(content) : content);
    const findings = [...said.findings, ...said.notes];
    expect([...new Set(findings.map((finding) => finding.code))]).toEqual([code]);
  });

  test('the tables of this room leave out no code but those that other tests cover', () => {
    const elsewhere = [
      'unreadable-file',
      'changing-file',
      'holds-key',
      'file-too-large',
      'duplicate-id',
      'skipped-link',
      'other-ending',
      'link-outside',
      'stale-lock',
      'hidden-git',
      'no-widgets',
      'refused-by-api',
      'missing-fragment',
      'fragment-outside',
      'not-a-fragment',
      'too-many-fragments',
      'extends-cycle',
      'fragment-field',
      'broken-fragment',
    ];
    const covered = new Set([...table.map(([code]) => code), ...elsewhere]);
    expect(Object.keys(problemCodes).filter((code) => !covered.has(code as ProblemCode))).toEqual(
      [],
    );
  });
});

describe('all problems of a file are given at once', () => {
  test('those of its form and those of its fields, sorted by place', () => {
    const text = `widget_id: nope\nbubble_text: 5\nname: x\nname: y\nfoo_bar_baz: !x y\nattributes: {a: .inf}\nid: x\nbubble_color: #fff\n`;
    const { findings } = readContent(encode(text));
    expect(findings.map(({ code, range }) => `${range.start.line} ${code}`)).toEqual([
      '1 missing-field',
      '1 invalid-format',

      '2 wrong-type',
      '4 duplicate-key',
      '5 unknown-field',
      '5 unknown-tag',
      '6 not-finite-number',
      '7 read-only-field',
      '8 swallowed-comment',
    ]);
  });

  test('several syntax errors, one a line, and no guesses about fields', () => {
    const { findings } = readContent(encode(`${head}name: @a\ndisplay_name: \`b\nunknown: 1\n`));
    expect(findings.map(({ code, range }) => [code, range.start.line])).toEqual([
      ['yaml-syntax', 3],
      ['yaml-syntax', 4],
    ]);
  });

  test('both of two conflicts', () => {
    const conflict = '<<<<<<< HEAD\nname: a\n||||||| base\n=======\nname: b\n>>>>>>> main\n';
    const { findings } = readContent(encode(`${head}${conflict}${conflict}`));
    expect(findings.map(({ range }) => range.start.line)).toEqual([3, 9]);
  });
});

describe('what looks wrong and is not', () => {
  test.each([
    ['a byte order mark', `\ufeff${head}`],
    ['Windows line endings', head.replaceAll('\n', '\r\n')],
    ['======= in a block text', `${head}description: |\n  Title\n  =======\n  <<<<<<< shown\n`],
    ['%YAML 1.2', `%YAML 1.2\n---\n${head}`],
    ['%YAML in a text', `${head}description: |\n  %YAML 1.1\n`],
    ['an anchor with two aliases', `${head}attributes: {a: &x {b: 1}, c: *x, d: *x}`],
    ['a quoted << in a free mapping', `${head}attributes: {"<<": 1}`],
    ['a colour that is null on purpose', `${head}header_color: null # none`],
    ['2^53 - 1', `${head}attributes: {a: 9007199254740991}`],
    ['a pair of surrogates', `${head}name: "\\ud83d\\ude00"`],
    ['JSON', '{"widget_id": "3C90C3CC-0d44-4b50-8888-8dd25736052a", "widget_type": null}'],
    [
      'all of sync',
      `${head}sync: {suspend: true, reason: x, until: 2026-12-24, drift: off, ignore: [/name, /style_params/a~1b]}`,
    ],
    ['one final ...', `${head}...\n`],
  ])('%s', (_, text) => {
    const { findings, widget } = readContent(encode(text));
    expect(findings).toEqual([]);
    expect(widget?.widgetId).toBe('3c90c3cc-0d44-4b50-8888-8dd25736052a');
  });
});

describe('the widget id of a broken file is told where it can be', () => {
  const known = '3c90c3cc-0d44-4b50-8888-8dd25736052a';
  test.each([
    ['a syntax error', `${head}name: "a`, known],
    [
      'a conflict with the id on both sides',
      `<<<<<<< a\n${id}\n=======\n${id} # x\n>>>>>>> b`,
      known,
    ],
    ['broken UTF-8', Uint8Array.from([...encode(head), 0xff]), known],
    ['a wrong field', `${head}nope: 1`, known],
    ['the id twice, the same', `${id}\n${id}`, known],
    ['the id twice, different', `${id}\n${id.replace('3c', '4c')}`, null],
    ['an id that is no UUID', 'widget_id: abc', null],
    ['an id only in a comment', `# ${id}`, null],
  ])('%s', (_, content, expected) => {
    const { widgetId, widget } = readContent(
      typeof content === 'string' ? encode(content) : content,
    );
    expect(widgetId).toBe(expected);
    expect(widget).toBeNull();
  });
});
