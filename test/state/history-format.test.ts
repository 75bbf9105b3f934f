import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/base/json/json.ts';
import { NumberText } from '../../src/base/json/number-text.ts';
import { byteFilter, type HistoryFilter, isAskedFor } from '../../src/state/history-filter.ts';
import { formatHistoryEntry, parseHistoryEntry } from '../../src/state/history-format.ts';
import { type HistoryEntry, writeId } from '../../src/status/history-entry.ts';
import { anyCharacter } from '../support/any-character.ts';
import { law } from '../support/law.ts';
import { ava, ben, entryOf, fullEntryOf, recordOf } from './fixtures/state-options.ts';

const plain = entryOf(recordOf(ava));
const full = fullEntryOf(recordOf(ava));

describe('a line of history', () => {
  test.each<[string, Partial<HistoryEntry>]>([
    ['with everything', {}],
    ['of an edit that was not committed', { isEdited: true }],
    ['of which nothing was read', { isBeforeAsApplied: true }],
    ['with null, and with what is not there', { before: { a: null }, after: { a: 1, b: null } }],
    ['with nothing that changed', { fields: [], by: {}, before: {}, after: {} }],
    ['with long texts', { before: { a: 'x\n🙂'.repeat(50_000) }, after: { a: '' } }],
    ['with a number that JavaScript rounds', { after: { a: new NumberText('17841405793187219') } }],
    ['with names that objects have', { after: JSON.parse('{"__proto__":{"constructor":1}}') }],
    ['of a record that was removed', { reason: 'forgotten', fields: [], attempts: 0 }],
    ['of a reason to come', { reason: 'undone' }],
  ])('%s is read as it was written', (_, changes) => {
    const entry = { ...full, ...changes };
    const line = formatHistoryEntry(entry);
    expect(line).not.toContain('\n');
    const read = parseHistoryEntry(line);
    expect(read).toEqual(entry);
    expect(read && formatHistoryEntry(read)).toBe(line);
  });

  test('tells what was not there from null', () => {
    const line = formatHistoryEntry({ ...full, before: {}, after: { intro_message: null } });
    const { before, after } = parseHistoryEntry(line) ?? {};
    expect(Object.hasOwn(before ?? {}, 'intro_message')).toBe(false);
    expect(after).toEqual({ intro_message: null });
  });

  test('of version 0.1 is read, and written again to the byte', () => {
    const path = join(import.meta.dirname, 'fixtures/state-of-0.1/state/history.ndjson');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      const entry = parseHistoryEntry(line);
      expect(entry).not.toBeNull();
      expect(entry).not.toHaveProperty('id');
      expect(entry).not.toHaveProperty('before');
      expect(entry && formatHistoryEntry(entry)).toBe(line);
    }
  });

  test.each<[string, object, Partial<HistoryEntry>]>([
    ['a commit without a time', { commit: { id: 'a', subject: 'b', author: 'c' } }, {}],
    ['a commit that is none', { commit: 'a1b2c3d' }, {}],
    ['nobody known who changed it', { by: { '/a': 'me', '/b': 'both' } }, { by: { '/b': 'both' } }],
    ['values that are none', { before: 1, after: null }, {}],
    ['a key of a later version', { weather: 'fair' }, {}],
  ])('with %s is read without', (_, changes, expected) => {
    const line = JSON.stringify({ ...JSON.parse(formatHistoryEntry(plain)), ...changes });
    expect(parseHistoryEntry(line)).toEqual({ ...plain, ...expected });
  });
});

test.each([
  [0, 'w-00000000'],
  [0.5, 'w-80000000'],
  [1 - Number.EPSILON / 2, 'w-ffffffff'],
])('a write is named from %d as %s', (random, id) => {
  expect(writeId(random)).toBe(id);
});

describe('the lines that are ruled out by their bytes', () => {
  const hash = fc.constantFrom('a1b2c3d', 'a1b2c3d4e5f6', 'ffff0000', null);
  const text = fc.oneof(
    fc.constantFrom('', 'ava.yaml', '"revision":"a1b2', '"widget_id":"', '/a', 'style_params'),
    fc.string({ unit: anyCharacter, maxLength: 8 }),
  );
  const name = fc.oneof(fc.constantFrom('name', 'names', 'a/b', 'a~b', 'é"'), text);
  const startMs = Date.UTC(2026, 2, 1);
  const time = fc.integer({ min: -2, max: 2 }).map((days) => startMs + days * 86_400_000);
  const drawn = fc
    .record({ time, widgetId: fc.constantFrom(ava, ben), file: text, revision: hash, name, text })
    .map(({ name: field, text: value, time: atMs, ...entry }) => ({
      ...fullEntryOf(recordOf(ava)),
      ...entry,
      time: new Date(atMs),
      fields: [`/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`, '/display_name'],
      after: { [field]: value as Json },
    }));
  const filter = fc.record({
    widgetId: fc.constantFrom(ava, null),
    file: fc.option(text),
    sinceMs: fc.option(time),
    untilMs: fc.option(time),
    commit: fc.option(fc.constantFrom('a1b2', 'a1b2c3d4', 'ffff')),
    field: fc.option(name),
  });

  law.prop([drawn, filter], { numRuns: 100 })('are none that are asked for', (entry, asked) => {
    const line = Buffer.from(formatHistoryEntry(entry));
    const wanted = isAskedFor(entry, asked);
    if (wanted) expect(isRuledOut(asked, line)).toBe(false);
    // Asked for by what it has, it is found.
    const { widgetId, file, revision, fields } = entry;
    const own = { widgetId, file, commit: revision?.slice(0, 4) ?? null, field: 'display_name' };
    expect(fields).toContain('/display_name');
    const at = { sinceMs: entry.time.getTime(), untilMs: entry.time.getTime() };
    expect(isAskedFor(entry, { ...own, ...at })).toBe(true);
    expect(isRuledOut({ ...own, ...at }, line)).toBe(false);
  });

  test.each<[string, HistoryFilter]>([
    ['widget', { widgetId: ben }],
    ['file', { widgetId: null, file: 'ben.yaml' }],
    ['commit', { widgetId: null, commit: 'ffff' }],
    ['field', { widgetId: null, field: 'bubble_text' }],
    ['beginning', { widgetId: null, sinceMs: plain.time.getTime() + 1 }],
    ['end', { widgetId: null, untilMs: plain.time.getTime() - 1 }],
  ])('are those of another %s', (_, filter) => {
    expect(isAskedFor(full, filter)).toBe(false);
    expect(isRuledOut(filter, Buffer.from(formatHistoryEntry(full)))).toBe(true);
  });

  test('are none that is torn before its time', () => {
    const torn = Buffer.from('{"time":"2026-03-0');
    expect(isRuledOut({ widgetId: null, sinceMs: 0, untilMs: 1 }, torn)).toBe(false);
  });
});

function isRuledOut(filter: HistoryFilter, line: Buffer): boolean {
  const { rulesOut, isOutOfTime } = byteFilter(filter);
  return rulesOut(line) || isOutOfTime(line);
}
