import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json/json.ts';
import { formatRecord, parseRecord } from '../../../src/state/format/record-format.ts';
import { findMalformed, recordSchema } from '../../../src/state/format/record-schema.ts';
import { law } from '../../support/law.ts';
import { ava } from '../fixtures/state-options.ts';

const apiUrl = 'https://api.example.com';

/** With every key that a record may have. */
const whole = {
  version: 1,
  api_url: apiUrl,
  widget_id: ava,
  file: 'ava.yaml',
  digest: 'a'.repeat(64),
  extends: ['../_brand.yaml', '_ava.yaml'],
  hash: '414c5d5df8c2956cff61c11de5f83836e5877e0449e3fbf3feb4bc005098186c',
  spec: { attributes: { a: 2, b: 1 }, widget_type: 'chat' },
  sync: { drift: 'report', ignore: ['/name'] },
  echo: { widget_type: 'CHAT' },
  revision: 'abc123',
  edited: true,
  applied_at: '2026-03-01T08:00:00.123Z',
  unconfirmed_hash: 'b'.repeat(64),
  unconfirmed_at: '2026-03-01T08:00:10.000Z',
  several_unconfirmed: true,
  unconfirmed_values: { bubble_text: ['Hi', null] },
  unconfirmed_before: { bubble_text: 'before' },
  replaced: { widget_type: null },
  replaced_before: [{ at: '2026-03-01T07:59:59.000Z', values: { name: 'x' } }],
  left_beside: { name: null },
  gone: true,
  spelling: 'unread',
  kept_since: '2026-03-01T07:00:00.000Z',
  kept_beside: { name: 'x' },
  corrections: 2,
  reader: '0.2.0',
  root: '/srv/widgets',
} satisfies JsonObject;
const { unconfirmed_at, several_unconfirmed, unconfirmed_values, unconfirmed_before, ...rest } =
  whole;
/** With those alone that an unconfirmed write may not have. */
const untold = { ...rest, unconfirmed_hash: null, echo_unknown: true, sent_again: true };

test.each<[string, JsonObject]>([
  ['an unconfirmed write', whole],
  ['a confirmed one', untold],
])('the record of %s is written as it was read, key by key', (_, stored) => {
  const parsed = parseRecord(JSON.stringify(stored), ava, apiUrl);
  if ('damage' in parsed) throw new Error(parsed.damage);
  const { record, reader, root = '' } = parsed;
  expect(JSON.parse(formatRecord(record, { apiUrl, reader, root }))).toEqual(stored);
});

test('a write that was sent at no time is malformed', () => {
  expect(findMalformed({ ...rest, unconfirmed_hash: 'b'.repeat(64) })).toBe('unconfirmed_at');
  expect(findMalformed({ ...rest, unconfirmed_hash: null })).toBeNull();
});

describe('the check by the schema', () => {
  const ajv = new Ajv({ allowUnionTypes: true, strictTypes: false });
  ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
  const accepts = ajv.compile(recordSchema);
  const stored: JsonObject = { ...whole, echo_unknown: true, sent_again: true };
  const anyValue = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json),
    fc.constantFrom<Json>(null, true, '', 'read', 'off', -1, 0.5, 1e300, [], {}, [{}], { a: [] }),
    fc.constantFrom<Json>(...Object.values(stored)),
    fc.constantFrom<Json>({ drift: null, ignore: ['[api key]'] }, { drift: 'on', ignore: [] }),
  );

  law.prop([fc.constantFrom(...Object.keys(stored)), fc.option(anyValue, { nil: undefined })], {
    numRuns: 2000,
  })('says what ajv says, whatever one key holds', (name, value) => {
    const { [name]: _, ...others } = stored;
    const changed = value === undefined ? others : { ...others, [name]: value };
    // What the schema cannot say: that a mark has a time.
    fc.pre(name !== 'unconfirmed_at' || value !== undefined);
    expect(findMalformed(changed)).toBe(accepts(changed) ? null : name);
  });
});
