import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import { type HistoryTextOptions, renderHistory } from '../../../src/render/status/history-text.ts';
import type { HistoryEntry } from '../../../src/status/history-entry.ts';
import { ava, entryOf, fullEntryOf, recordOf } from '../../state/fixtures/state-options.ts';

const record = recordOf(ava, { file: 'ava.yaml' });
const full = fullEntryOf(record);
const plainly: HistoryTextOptions = {
  accountOf: null,
  colours: picocolors.createColors(false),
  width: null,
  isFull: false,
};

function text(entries: readonly HistoryEntry[], options: Partial<HistoryTextOptions> = {}) {
  return renderHistory(entries, { ...plainly, ...options });
}

const bodyOf = (changes: Partial<HistoryEntry>, options: Partial<HistoryTextOptions> = {}) =>
  text([{ ...full, ...changes }], options).slice(1);

test('an entry says when, which widget, why, from which commit, and what', () => {
  expect(text([full, { ...full, reason: 'forced', fields: [], before: {}, after: {} }])).toEqual([
    '2026-03-01T08:00:00Z  ava.yaml  3c90c3cc  edited  w-8f3a2c91  a1b2c3d Winter colours (Mia Berg)',
    '    ~ display_name        "Ava" → "Eva"',
    '    ~ style_params.color  "red" → "blue"  (changed in git and in the dashboard; git wins)',
    '',
    '2026-03-01T08:00:00Z  ava.yaml  3c90c3cc  forced  w-8f3a2c91  a1b2c3d Winter colours (Mia Berg)',
  ]);
  expect(text([])).toEqual([]);
});

test.each<[string, Partial<HistoryEntry>, string]>([
  ['whose file was edited since', { isEdited: true }, 'a1b2c3d+edited Winter colours'],
  ['of no commit', { revision: null }, '-'],
  ['of a commit that is not known more of', { revision: 'a1b2c3d4e5f6' }, 'a1b2c3d'],
  ['edited upon such a one', { revision: 'a1b2c3d4e5f6', isEdited: true }, 'a1b2c3d+edited'],
])('a write %s says so', (_, changes, words) => {
  const { commit, ...without } = full;
  const known = 'revision' in changes ? {} : commit && { commit };
  const [head = ''] = text([{ ...without, ...known, ...changes }]);
  expect(head.endsWith(`w-8f3a2c91  ${words}`), head).toBe(true);
});

describe('the values', () => {
  const change = (from: object, to: object, by: HistoryEntry['by'] = {}) => ({
    fields: ['/name'],
    by,
    before: { ...from } as HistoryEntry['before'] & object,
    after: { ...to } as HistoryEntry['after'] & object,
  });

  test.each<[string, Partial<HistoryEntry>, string]>([
    ['that were not there', change({}, { name: 'a' }), '    + name  "a"'],
    ['that were null', change({ name: null }, { name: 'a' }), '    ~ name  null → "a"'],
    [
      'that somebody had changed beside git',
      change({ name: 'b' }, { name: 'a' }, { '/name': 'dashboard' }),
      '    ~ name  "b" → "a"  (changed in the dashboard)',
    ],
    [
      'that a terminal would obey',
      change({ name: '\u001b[2J' }, { name: '\u202e' }),
      '    ~ name  "\\u001b[2J" → "\\u202e"',
    ],
  ])('%s', (_, changes, line) => {
    expect(bodyOf(changes)).toEqual([line]);
  });

  test('that are not known are said to be', () => {
    const { before: _, ...unknown } = full;
    expect(text([unknown]).slice(1)).toEqual([
      '    + display_name        "Eva"',
      '    + style_params.color  "blue"  (changed in git and in the dashboard; git wins)',
      '    (what stood there before was not read)',
    ]);
    expect(bodyOf({ isBeforeAsApplied: true }).at(-1)).toBe(
      '    (nothing was read before it: the values before are those applied last)',
    );
  });

  test('of one long text with one word changed show the word, and whole all of it', () => {
    const words = 'word '.repeat(2_000);
    const changes = change({ name: `${words}old end` }, { name: `${words}new end` });
    const short = bodyOf(changes).join('\n');
    expect(short).toContain('old');
    expect(short).toContain('new');
    expect(short.length).toBeLessThan(500);
    expect(bodyOf(changes, { isFull: true })).toEqual([
      '    name',
      `        - "${words}old end"`,
      `        + "${words}new end"`,
    ]);
  });

  test('that are long and alone are cut to the terminal', () => {
    const changes = change({}, { name: 'x'.repeat(5_000) });
    for (const width of [60, 100]) {
      const [line = '', ...more] = bodyOf(changes, { width });
      expect(more).toEqual([]);
      expect(line).toMatch(/^ {4}\+ name {2}"x+…"$/);
      expect(line.length).toBeLessThanOrEqual(width);
    }
    const nested = change({ name: null }, { name: { a: ['x'.repeat(5_000)] } });
    expect(bodyOf(nested).join('\n').length).toBeLessThan(200);
  });

  test('of many lines end with how many more there are', () => {
    const name = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`member_${n}`, n]));
    const body = bodyOf(change({}, { name }));
    expect(body).toHaveLength(25);
    expect(body.at(-1)).toBe('    … 79 more lines: --full shows all');
    expect(bodyOf(change({}, { name }), { isFull: true }).length).toBeGreaterThan(100);
  });
});

test('an entry of an earlier version has the names of its fields, cut to the terminal', () => {
  const fields = Array.from({ length: 20 }, (_, n) => `/attributes/field_${n}`);
  const entry = { ...entryOf(record), fields };
  const [head, names = ''] = text([entry], { width: 70 });
  expect(head).toBe('2026-03-01T08:00:00Z  ava.yaml  3c90c3cc  edited  abc123');
  expect(names).toHaveLength(70);
  expect(text([entry])[1]).toContain('attributes.field_19');
});

test('a record that was removed is no write', () => {
  const forgotten = { ...full, reason: 'forgotten', fields: [] };
  expect(text([forgotten])).toEqual([
    expect.stringContaining('forgotten'),
    '    its record was removed; the widget stays',
  ]);
});
