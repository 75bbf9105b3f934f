// What YAML makes less of than the file says: held where a value is gone, told where one may be.
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { readContent } from '../../../src/documents/check/file-content.ts';
import type { Finding } from '../../../src/model/document.ts';

const head = 'widget_id: 3c90c3cc-0d44-4b50-8888-8dd25736052a\nwidget_type: chat\n';

function read(body: string) {
  return readContent(new TextEncoder().encode(`${head}${body}`));
}

/** `severity code line:column` of each finding; the first line below the head is 3. */
function told(body: string): string[] {
  return read(body).findings.map(({ severity, code, range: { start } }) => {
    return `${severity} ${code} ${start.line}:${start.column}`;
  });
}

function only(body: string): Finding {
  const [finding, ...others] = read(body).findings;
  expect(others).toEqual([]);
  if (finding === undefined) throw new Error(`nothing is said of ${JSON.stringify(body)}`);
  return finding;
}

/** What the finding says to write instead. */
function advice(body: string): string | undefined {
  return /(?:quote it): (.*?)\. If /.exec(only(body).detail)?.[1];
}

describe('a value that a # made null holds the file', () => {
  test.each([
    ['a text', 'display_name: #1 Bakery', '3:15', 'display_name: "#1 Bakery"'],
    ['behind a tab', 'display_name:\t#1', '3:15', 'display_name: "#1"'],
    ['a heading', 'name: ## heading', '3:7', 'name: "## heading"'],
    ['a # alone', 'name: #', '3:7', 'name: "#"'],
    ['a remark', 'intro_message: # none yet', '3:16', 'intro_message: "# none yet"'],
    ['a colour', 'header_color: #14532d', '3:15', 'header_color: "#14532d"'],
    ['a colour with a digit missing', 'header_color: #14532', '3:15', 'header_color: "#14532"'],
    ['a comment behind it', 'name: #1 # the best', '3:7', 'name: "#1" # the best'],
    ['quotes and backslashes', 'name: #1 "Ava" \\ co', '3:7', 'name: "#1 \\"Ava\\" \\\\ co"'],
    ['on the next line', 'header_color:\n  #14532d', '4:3', 'header_color: "#14532d"'],
    ['below a comment', 'header_color:\n  # mine\n\n  #14532d', '6:3', 'header_color: "#14532d"'],
    ['behind an anchor', 'name: &a #1\ndisplay_name: *a', '3:10', 'name: "#1"'],
    ['behind a tag', 'name: !!str #1', '3:13', 'name: "#1"'],
    ['behind the sign of a block', 'intro_message: > #1', '3:18', 'intro_message: "#1"'],
    ['before a Windows line end', 'name: #2 b  \r\nbubble_text: x\r\n', '3:7', 'name: "#2 b"'],
    ['an entry', 'user_opening_messages:\n- #1\n- b', '4:3', '- "#1"'],
    ['an entry of free settings', 'action_buttons:\n  - #1 b', '4:5', '- "#1 b"'],
    ['a field of an entry', 'action_buttons:\n  - label: #1\n    url: x', '4:12', 'label: "#1"'],
    ['an inner field', 'style_params:\n  "a b": #1', '4:10', '"a b": "#1"'],
    ['between brackets', 'style_params: {x: #1\n  }', '3:19', 'x: "#1"'],
    ['between brackets, with more', 'style_params: {x: #1, w: 2\n  }', '3:19', 'x: "#1", w: 2'],
    ['of a key with a ?', 'style_params:\n  ? a\n  : #1', '5:5', 'a: "#1"'],
  ])('%s', (_, body, place, line) => {
    expect(told(body)).toEqual([`error swallowed-comment ${place}`]);
    expect(read(body).widget).toBeNull();
    expect(advice(body)).toBe(line);
  });

  test.each([
    ['attributes: #x', /write attributes: \{\}/],
    ['user_opening_messages: # none', /write user_opening_messages: \[\]/],
    ['org_id: #7', /write org_id: null/],
    ['remove_branding: # yes', /write remove_branding: null/],
    ['sync: #x', /put it on a line of its own/],
  ])('%s is not told to quote what would be refused', (body, words) => {
    expect(told(body)).toEqual([expect.stringMatching(/^error swallowed-comment/)]);
    expect(only(body).detail).toMatch(words);
    expect(only(body).detail).not.toContain('quote it');
  });

  test('a list between brackets that is left empty', () => {
    const body = 'style_params: {colours: [ #fff,\n  #000\n  ]}';
    expect(told(body)).toEqual(['error swallowed-comment 3:27']);
  });

  test.each(['null', '~', 'NULL'])('but %s written out is meant, with a comment too', (nothing) => {
    expect(told(`name: ${nothing} #1\nheader_color: ${nothing}`)).toEqual([]);
  });

  test('and the advice of a text of any kind reads back as that text', () => {
    for (const text of [
      '#1 Bäckerei',
      '#"',
      "#'",
      '#\\n',
      '#{a: [b]}',
      '#a: b',
      '#\u061ca\u200fb',
      '#%@`',
    ]) {
      const line = advice(`name: ${text}`) ?? '';
      expect(parseYaml(line)).toEqual({ name: text });
    }
  });

  test('a very long one is not repeated', () => {
    expect(only(`name: #${'x'.repeat(5000)}`).detail).toMatch(/put all of it in quotes/);
  });
});

describe('a text that a # cut is a warning', () => {
  test.each([
    ['at its end', 'bubble_text: Sale #2 today', '3:19', 'bubble_text: "Sale #2 today"'],
    ['before a comment', 'name: Sale #2 # x', '3:12', 'name: "Sale #2" # x'],
    ['of several lines', 'name: foo\n  bar  #x y', '4:8', 'name: "foo bar  #x y"'],
    ['at its beginning', 'name: #1 Bakery\n  and more', '3:7', 'name: "#1 Bakery and more"'],
    ['of an entry', 'user_opening_messages:\n- ok #2', '4:6', '- "ok #2"'],
    ['of an entry at its beginning', 'action_buttons:\n- #1\n  and', '4:3', '- "#1 and"'],
    ['of an inner field', 'attributes:\n  a: Flat 5 #2', '4:13', 'a: "Flat 5 #2"'],
    ['that looks like a number', 'attributes:\n  a: 05 #2', '4:9', 'a: "05 #2"'],
    ['before a Windows line end', 'name: Sale #2\r\n', '3:12', 'name: "Sale #2"'],
    ['of a reason', 'sync:\n  reason: spring #3', '4:18', 'reason: "spring #3"'],
  ])('%s', (_, body, place, line) => {
    expect(told(body)).toEqual([`warning swallowed-comment ${place}`]);
    expect(read(body).widget).not.toBeNull();
    expect(advice(body)).toBe(line);
  });

  test('an entry between brackets that a # took', () => {
    const body = 'user_opening_messages: [Hi, #2 please,\n  Bye]';
    expect(told(body)).toEqual(['warning swallowed-comment 3:29']);
  });

  test('and an error where what is left is refused', () => {
    expect(told('name: 5 #2 Main')).toEqual(['error swallowed-comment 3:9']);
    expect(advice('name: 5 #2 Main')).toBe('name: "5 #2 Main"');
  });

  test.each([
    ['a proper comment', 'bubble_text: Sale # 2 today'],
    ['more than one #', 'name: Ava ## the assistant'],
    ['a # within a word', 'name: C#\nbubble_text: x#1'],
    ['behind a quoted text', 'header_color: "#14532d" #green'],
    [
      'behind what is no text',
      'org_id: 7d1f5b0e-9a63-4c1e-b3d5-52f0c8a4e611 #acme\nremove_branding: true #yes',
    ],
    ['on lines of their own', '#name: x\nstyle_params:\n  #a: 1\n  b: 2 # two\n#c\n'],
    ['between entries', 'style_params: {l: [\n  a, # one\n  #b\n  c]}'],
    ['behind a key with a value below', 'attributes: #old\n  a: 1\nname: # for the header\n  Ava'],
    ['in quotes and blocks', 'name: "#1 #2"\nintro_message: |\n  #1\n  a #2\n'],
    ['in keys and anchors', 'attributes: &a#b\n  "#1": x\n  a#b: x\n'],
  ])('nothing is said of %s', (_, body) => {
    expect(told(body)).toEqual([]);
  });
});

describe('a key with nothing behind it is a warning', () => {
  test.each([
    [
      'at the end',
      'intro_message:',
      '3:1',
      /sent as null, which clears the live field.*intro_message: null/,
    ],
    ['before another', 'intro_message: \nname: x', '3:1', /clears/],
    ['before a comment line', 'intro_message:\n# greeting\nname: x', '3:1', /clears/],
    ['before an indented comment', 'intro_message:\n  # greeting\nname: x', '3:1', /clears/],
    ['with an anchor that is named', 'name: &x\nbubble_text: *x', '3:1', /clears/],
    ['within a field', 'style_params:\n  width:', '4:3', /^It is sent as null\. .*width: null/],
    ['between brackets', 'style_params: {w: , h: 1}', '3:16', /w: null/],
    ['without a colon', 'style_params: {w, h: 1}', '3:16', /w: null/],
    ['an entry', 'action_buttons:\n  - a\n  -\n', '5:4', /- null/],
  ])('%s', (_, body, place, words) => {
    expect(told(body)).toEqual([`warning blank-value ${place}`]);
    expect(only(body).detail).toMatch(words);
    expect(read(body).widget).not.toBeNull();
  });

  test('unless null is refused there, which is said', () => {
    expect(told('attributes:')).toEqual(['error wrong-type 3:1']);
  });
});

describe('a number that is sent in another spelling is a warning', () => {
  test.each([
    ['+14155550100', '14155550100'],
    ['007', '7'],
    ['1.10', '1.1'],
    ['1234567e8', '123456700000000'],
    ['0x1F', '31'],
    ['0o17', '15'],
    ['.5', '0.5'],
    ['1.', '1'],
    ['1e3', '1000'],
    ['12e03', '12000'],
    ['-0', '0'],
    ['1.0', '1'],
    ['0.1234567890123456789', '0.12345678901234568'],
  ])('%s, sent as %s', (written, sent) => {
    const body = `attributes:\n  phone: ${written}`;
    expect(told(body)).toEqual(['warning respelled-number 4:10']);
    expect(only(body).summary).toContain(`sent as ${sent}, not as ${written}`);
    expect(advice(body)).toBe(`phone: "${written}"`);
    expect(JSON.stringify(read(body).widget?.spec)).toContain(`"phone":${sent}`);
  });

  test.each([
    ['in a list', 'action_buttons:\n- 007', '4:3'],
    ['in style_params, between brackets', 'style_params: {a: [1, 1.10]}', '3:23'],
    ['once, where an alias repeats it', 'attributes: {a: &x 007, b: *x}', '3:20'],
  ])('%s', (_, body, place) => {
    expect(told(body)).toEqual([`warning respelled-number ${place}`]);
  });

  test.each([
    ...[
      '10',
      '1.5',
      '-3',
      '0',
      '1e+21',
      '1_000',
      '2024-01-01',
      'yes',
      'no',
      'on',
      '12:30',
      '1.2.3',
    ],
    ...['"007"', "'+1'", 'true', 'null', '0b1', '08:00', '+1 415 555 0100'],
  ])('nothing is said of %s', (written) => {
    expect(told(`attributes: {a: ${written}}`)).toEqual([]);
  });

  test('nor where it is refused, and told to be quoted', () => {
    expect(told('name: 007')).toEqual(['error wrong-type 3:7']);
  });
});

test('a file of very many of them is read quickly, and held', () => {
  const many = Array.from({ length: 20_000 }, (_, n) => `  a${n}:`).join('\n');
  const { findings, widget } = read(`attributes:\n${many}\n  last: #1`);
  expect(widget).toBeNull();
  expect(findings.filter(({ severity }) => severity === 'error')).toHaveLength(1);
  expect(findings.length).toBeLessThanOrEqual(101);
});

describe('a text that YAML takes for an anchor or a tag', () => {
  test.each([
    ['an anchor alone', 'name: &more', '3:7', 'name: "&more"'],
    ['a ! alone', 'name: !', '3:7', 'name: "!"'],
    ['of an inner field', 'style_params: {x: &y, z: 1}', '3:19', 'x: "&y"'],
  ])('holds the file where nothing is left: %s', (_, body, place, line) => {
    expect(told(body)).toEqual([`error swallowed-mark ${place}`]);
    expect(read(body).widget).toBeNull();
    expect(advice(body)).toBe(line);
  });

  test.each([
    ['an anchor', 'name: &Friends Bakery', '3:7', 'name: "&Friends Bakery"'],
    ['a lone !', 'name: ! urgent', '3:7', 'name: "! urgent"'],
    ['an entry', 'user_opening_messages:\n  - &you and me', '4:5', '- "&you and me"'],
    ['between brackets', 'user_opening_messages: [a, &b c]', '3:28', '"&b c"'],
    ['a number in free settings', 'attributes: {floor: &no 5}', '3:21', 'floor: "&no 5"'],
  ])('is told where the rest is sent: %s', (_, body, place, line) => {
    expect(told(body)).toEqual([`warning swallowed-mark ${place}`]);
    expect(read(body).widget).not.toBeNull();
    expect(advice(body)).toBe(line);
  });

  test.each([
    ['an alias names it', 'name: &n Ava\ndisplay_name: *n'],
    ['an alias within free settings names it', 'attributes: {a: &n Ava, b: [*n]}'],
    ['the text is in quotes', 'name: &n "Ava"'],
    ['it stands on a line of its own', 'name: &n\n  Ava'],
    ['null is written out', 'name: &n null'],
    ['a tag says what is meant', 'attributes: {a: !!str 5}'],
    ['no other text may stand there', 'remove_branding: &n true'],
    ['it marks a list', 'user_opening_messages: &n [a]'],
  ])('is none where %s', (_, body) => {
    expect(told(body)).toEqual([]);
  });
});
