import { expect, test } from 'vitest';
import { type JsonObject, parseJson } from '../../../src/base/json/json.ts';
import { formatRecord, parseRecord } from '../../../src/state/format/record-format.ts';
import { ava, recordOf } from '../fixtures/state-options.ts';

const apiUrl = 'https://api.example.com';

test('what was kept beside is the same once it was on disk, also numbers that a double rounds', () => {
  const given = '{"b":12345678901234567891,"a":[{"n":0.12345678901234567891}]}';
  const keptBeside = { attributes: parseJson(given) as JsonObject };
  const record = recordOf(ava, { keptBeside, keptSince: new Date('2026-03-01T07:00:00Z') });
  const text = formatRecord(record, { apiUrl, reader: '1.0.0' });
  expect(text).toContain('"b": 12345678901234567891');
  expect(text).toContain('"n": 0.12345678901234567891');
  expect(parseRecord(text, ava, apiUrl)).toMatchObject({ record });
});
