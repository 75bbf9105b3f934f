import { describe, expect, test } from 'vitest';
import { readContent, rememberedContent } from '../../../src/documents/check/file-content.ts';
import { parseInstant } from '../../../src/documents/check/parse-timestamp.ts';
import { loadTree } from '../../../src/documents/tree/build-tree.ts';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

const ids = [
  '3c90c3cc-0d44-4b50-8888-8dd25736052a',
  '0e4f7a92-3b6c-4d18-a5e2-6c9d1f8b7340',
  '91e5c07b-d2a8-4f6d-a914-7b3f6028ce5d',
] as const;
const encode = (text: string) => new TextEncoder().encode(text);
const widget = (sync: string, id: string = ids[0]) =>
  `widget_id: ${id}\nwidget_type: chat\nsync: ${sync}\n`;

/** The files' own texts stand for their digests. */
function load(texts: readonly string[], now: string) {
  const contents = new Map(texts.map((text) => [text, readContent(encode(text))]));
  const files = texts.map((digest, index) => ({
    path: `${index}.yaml`,
    digest,
    settlesInMs: 0,
    youngForMs: 0,
  }));
  return loadTree(files, (digest) => contents.get(digest) ?? readContent(encode(digest)), {
    now: new Date(now),
  });
}

describe('an instant', () => {
  test.each([
    ['2026-12-24', '2026-12-24T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2026-12-24T18:00:00Z', '2026-12-24T18:00:00.000Z'],
    ['2026-12-24t18:00:00.25z', '2026-12-24T18:00:00.250Z'],
    ['2026-12-24T18:00:00+01:00', '2026-12-24T17:00:00.000Z'],
    ['2026-12-31T23:30:00-05:30', '2027-01-01T05:00:00.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(parseInstant(text)?.toISOString()).toBe(instant);
  });

  test.each([
    ...['', '2026', '2026-12', '2026-02-30', '2027-02-29', '2026-13-01', '2026-00-10', '2026-1-1'],
    ...['2026-12-24T18:00:00', '2026-12-24T18:00Z', '2026-12-24 18:00:00Z', '2026-12-24T24:00:00Z'],
    ...['2026-12-24T18:60:00Z', '2026-12-24T18:00:60Z', '2026-02-30T18:00:00Z', ' 2026-12-24'],
    ...['2026-12-24T18:00:00+24:00', '2026-12-24T18:00:00+0100', '24.12.2026', 'tomorrow'],
  ])('%j is none', (text) => {
    expect(parseInstant(text)).toBeNull();
  });
});

describe('a policy', () => {
  test.each([
    ['{}', { drift: null, ignore: [] }],
    ['{drift: report}', { drift: 'report', ignore: [] }],
    [
      '{ignore: [/name, /style_params/a~1b]}',
      { drift: null, ignore: ['/name', '/style_params/a~1b'] },
    ],
    ['{suspend: false, reason: x, drift: off}', { drift: 'off', ignore: [] }],
  ])('of %s is %j', (sync, policy) => {
    expect(load([widget(sync)], '2026-12-01').documents[0]?.sync).toEqual(policy);
  });

  test('of a file without sync says nothing, and never changes the hash', () => {
    const [plain] = load([`widget_id: ${ids[0]}\nwidget_type: chat\n`], '2026-12-01').documents;
    expect(plain?.sync).toEqual({ drift: null, ignore: [] });
    expect(load([widget('{drift: off}')], '2026-12-01').documents[0]?.hash).toBe(plain?.hash);
  });
});

describe('a suspended file', () => {
  test.each([
    ['{suspend: true}', 'sync.suspend is true'],
    ['{suspend: true, reason: the Christmas page}', 'the Christmas page'],
    ['{suspend: true, until: 2026-12-24}', 'sync.suspend is true until 2026-12-24T00:00:00.000Z'],
    [
      '{suspend: true, until: 2026-12-24T18:00:00+01:00, reason: "two\\n lines\\e[31m"}',
      'two lines\\u001b[31m, until 2026-12-24T17:00:00.000Z',
    ],
  ])('%s is held: %s', (sync, message) => {
    const { documents, held, problems } = load([widget(sync)], '2026-12-01');
    expect([documents, problems]).toEqual([[], []]);
    expect(held).toMatchObject([{ file: '0.yaml', widgetId: ids[0], code: 'suspended', message }]);
  });

  test.each([
    ['2026-12-23T23:59:59.999Z', 'held', []],
    ['2026-12-24T00:00:00.000Z', 'documents', ['no-effect']],
    ['2027-06-01T00:00:00.000Z', 'documents', ['no-effect']],
  ] as const)('until 2026-12-24 is at %s among the %s, which warns of %j', (now, list, codes) => {
    const tree = load([widget('{suspend: true, until: 2026-12-24, drift: off}')], now);
    expect(tree[list]).toHaveLength(1);
    expect(tree.documents.length + tree.held.length).toBe(1);
    expect(tree.problems.map(({ code }) => code)).toEqual(codes);
  });

  test('that has ended is told where its end stands, and stays usable', () => {
    const text = widget('\n  suspend: true\n  until: 2026-12-24');
    const { problems } = load([text], '2026-12-25');
    expect(problems).toMatchObject([
      { severity: 'warning', code: 'no-effect', range: { start: { line: 5, column: 10 } } },
    ]);
    expect(problems[0]?.summary).toContain('sync.until has passed');
    expect(problems[0]?.detail).toMatch(/2026-12-24T00:00:00.000Z.*kept as declared.*Remove/);
  });

  test('the earliest end that is still to come is the time to look again', () => {
    const files = [
      widget('{suspend: true, until: 2026-12-31}', ids[0]),
      widget('{suspend: true, until: 2026-12-24}', ids[1]),
      widget('{suspend: true}', ids[2]),
    ];
    const at = (now: string) => load(files, now).nextUntil?.toISOString() ?? null;
    expect(at('2026-12-01')).toBe('2026-12-24T00:00:00.000Z');
    expect(at('2026-12-24')).toBe('2026-12-31T00:00:00.000Z');
    expect(at('2026-12-31')).toBeNull();
  });

  test('becomes a document as time passes, though its bytes are not read again', () => {
    const dir = temporaryDirectory();
    put(dir, 'ava.yaml', widget('{suspend: true, until: 2026-12-24}'));
    let now = new Date('2026-12-23');
    const clock = { now: () => now, monotonicMs: () => 0, sleep: async () => {} };
    const directory = openWidgetDirectory(dir, { clock });
    expect(directory.load().held).toHaveLength(1);
    now = new Date('2026-12-25');
    expect(directory.load()).toMatchObject({ documents: [{ file: 'ava.yaml' }], nextUntil: null });
  });

  test('whose bytes were applied is remembered as the document that it was then', () => {
    const bytes = encode(widget('{suspend: true, until: 2026-12-24, ignore: [/name]}'));
    const known = readContent(bytes).widget;
    if (known === null) throw new Error('the file is valid');
    expect(known.sync).toEqual({ drift: null, ignore: ['/name'] });
    expect(rememberedContent(bytes, known)).toMatchObject({ widget: known, suspension: null });
  });
});

describe('a pointer into a list is refused, since a list is ignored whole', () => {
  test.each([
    ['/action_buttons/0/id', '', '/action_buttons'],
    ['/action_buttons/0', '', '/action_buttons'],
    ['/action_buttons/-', '', '/action_buttons'],
    ['/action_buttons/label', '', '/action_buttons'],
    ['/user_opening_messages/1', '', '/user_opening_messages'],
    ['/style_params/l/0', 'style_params: {l: [a]}', '/style_params/l'],
    ['/style_params/l/-', 'style_params: {l: []}', '/style_params/l'],
    ['/attributes/a~1b/l/1/x', 'attributes: {a/b: {l: [a]}}', '/attributes/a~1b/l'],
    ['/attributes/l/0/1', 'attributes: {l: [[a]]}', '/attributes/l'],
    ['/style_params/l/0', 'attributes: &a {l: [a]}\nstyle_params: *a', '/style_params/l'],
  ])('%s, beside %j', (pointer, body, whole) => {
    const { documents, held, problems } = load(
      [`${widget(`{ignore: [${pointer}]}`)}${body}`],
      '2026-12-01',
    );
    expect(documents).toEqual([]);
    expect(held).toMatchObject([{ code: 'invalid-value' }]);
    expect(problems.map(({ range }) => range.start)).toEqual([{ line: 3, column: 17 }]);
    expect(problems[0]?.summary).toContain(`${JSON.stringify(pointer)} cannot be ignored: `);
    expect(problems[0]?.detail).toContain(`A list is ignored whole: write ${whole},`);
  });

  test.each([
    ['/action_buttons', ''],
    ['/style_params/0/x', 'style_params: {a: 1}'],
    ['/style_params/l/0', ''],
    ['/style_params/l/0', 'style_params: {k: 1}'],
  ])('but not %s, beside %j', (pointer, body) => {
    const { documents, problems } = load(
      [`${widget(`{ignore: [${pointer}]}`)}${body}`],
      '2026-12-01',
    );
    expect(problems).toEqual([]);
    expect(documents).toHaveLength(1);
  });
});

describe('what is ignored to no effect is a warning', () => {
  test.each([
    ['/name', 'name: Ava', /name is both declared and ignored.*never sent/],
    ['/name', 'name: null', /both declared/],
    ['/style_params', 'style_params: {w: 1}', /both declared/],
    ['/style_params/a~1b', 'style_params: {a/b: 1, c: 2}', /style_params\["a\/b"\] is both/],
    ['/name/first', '', /leads to nothing.*Write \/name/],
  ])('%s, beside %j', (pointer, body, words) => {
    const text = `${widget(`{ignore: [/bubble_text, ${pointer}]}`)}${body}`;
    const { documents, problems } = load([text], '2026-12-01');
    expect(documents).toHaveLength(1);
    expect(problems).toMatchObject([
      { severity: 'warning', code: 'no-effect', range: { start: { line: 3, column: 31 } } },
    ]);
    expect(`${problems[0]?.summary} ${problems[0]?.detail}`).toMatch(words);
  });

  test.each([
    ['/style_params/w', 'style_params: {h: 1}'],
    ['/style_params/w', 'style_params: null'],
    ['/style_params/w/x', 'style_params: {w: 1}'],
  ])('but not %s, beside %j', (pointer, body) => {
    expect(load([`${widget(`{ignore: [${pointer}]}`)}${body}`], '2026-12-01').problems).toEqual([]);
  });
});
