import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { hashSpec } from '../../src/model/widget.ts';
import { formatRecord, parseRecord } from '../../src/state/format/record-format.ts';
import { ava, ben, recordOf, specOf } from '../state/fixtures/state-options.ts';
import { anyCharacter } from '../support/any-character.ts';
import { law } from '../support/law.ts';
import { unconfirmed } from '../support/trails.ts';

const apiUrl = 'https://api.example.com';
const record = recordOf(ava, {
  spec: specOf({ widget_type: 'chat', display_name: 'Ava', attributes: { a: [1, { b: null }] } }),
  echo: { display_name: 'ava' },
  trail: unconfirmed(),
});
const text = formatRecord(record, { apiUrl, reader: '1.0.0' });
const stored = JSON.parse(text) as JsonObject;

/** A record that is taken is believed in everything: also where the disk, or a person, changed it. */
function expectSound(changed: string): void {
  const parsed = parseRecord(changed, ava, apiUrl);
  if ('damage' in parsed) {
    expect(parsed.damage).not.toBe('');
    return;
  }
  const { widgetId, hash, spec, appliedAt, corrections, file, sync } = parsed.record;
  expect(widgetId).toBe(ava);
  expect(hash).toBe(hashSpec(spec));
  expect(Number.isNaN(appliedAt.getTime())).toBe(false);
  expect(Number.isSafeInteger(corrections) && corrections >= 0).toBe(true);
  expect(file).not.toBe('');
  expect(sync.ignore.every((path) => typeof path === 'string')).toBe(true);
  // What was taken can be written again, and is then the same.
  const again = formatRecord(parsed.record, { apiUrl, reader: parsed.reader });
  expect(parseRecord(again, ava, apiUrl)).toEqual(parsed);
}

describe('a record on disk', () => {
  law.prop([fc.nat({ max: text.length }), fc.nat({ max: 3 }), fc.string({ maxLength: 3 })], {
    numRuns: 1000,
  })('with any few characters replaced is damaged, or sound', (at, removed, added) => {
    expectSound(text.slice(0, at) + added + text.slice(at + removed));
  });

  // Not `fc.webUrl`, which takes more than a second to begin with.
  const otherAddress = fc
    .tuple(
      fc.constantFrom('http', 'https'),
      fc.domain(),
      fc.nat({ max: 65_535 }),
      fc.constantFrom('', '/api'),
    )
    .map(([scheme, host, port, path]) => `${scheme}://${host}:${port}${path}`);

  const nearlyPolicy = fc.record({
    drift: fc.constantFrom('correct', 'off', 'on', 1, null),
    ignore: fc.array(fc.oneof(fc.string(), fc.nat(), fc.constant(null)), { maxLength: 2 }),
  });
  const anyValue = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.integer({ min: -3, max: 3 }),
    fc.double({ noNaN: true }),
    nearlyPolicy,
  );
  law.prop([fc.constantFrom(...Object.keys(stored)), anyValue], {
    numRuns: 2000,
  })('with any value in any place is damaged, or sound', (name, value) => {
    expectSound(JSON.stringify({ ...stored, [name]: value as Json }));
  });

  law.prop([fc.subarray(Object.keys(stored), { minLength: 1 })])(
    'that lacks anything is damaged',
    (missing) => {
      const left = Object.entries(stored).filter(([name]) => !missing.includes(name));
      expect(parseRecord(JSON.stringify(Object.fromEntries(left)), ava, apiUrl)).toHaveProperty(
        'damage',
      );
    },
  );

  law.prop([fc.oneof(fc.string({ unit: anyCharacter }), fc.json())])(
    'that is anything else is damaged',
    (other) => {
      expect(parseRecord(other, ava, apiUrl)).toHaveProperty('damage');
    },
  );

  law.prop([fc.oneof(fc.integer(), fc.jsonValue())])(
    'of another format is not taken',
    (version) => {
      fc.pre(version !== 1);
      const other = JSON.stringify({ ...stored, version: version as Json });
      expect(parseRecord(other, ava, apiUrl)).toHaveProperty('damage');
    },
  );

  law.prop([otherAddress])('of another account or another widget is not taken', (other) => {
    fc.pre(other !== apiUrl);
    expect(parseRecord(text, ava, other)).toHaveProperty('damage');
    expect(parseRecord(text, ben, apiUrl)).toHaveProperty('damage');
  });
});
