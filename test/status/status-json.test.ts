import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../src/base/json/json.ts';
import { fits } from '../../src/base/json/json-schema.ts';
import { stringifyJson } from '../../src/base/json/json-text.ts';
import { pendingOf, readStatusJson, statusJson } from '../../src/status/status-json.ts';
import { statusSchema } from '../../src/status/status-schema.ts';
import {
  obstacleOf,
  queuedOf,
  statusOf,
  unknownLifetime,
} from '../state/fixtures/state-options.ts';
import { law } from '../support/law.ts';
import { anyStatus } from './fixtures/any-status.ts';

law.prop([anyStatus])('a status is read back from its JSON as it was', (status) => {
  const text = stringifyJson(statusJson(status));
  const json = parseJson(text);
  expect(isJsonObject(json) && readStatusJson(json)).toEqual(status);
});

law.prop([anyStatus])('its JSON says why nothing is sent, and how much waits', (status) => {
  const { blocked, pending } = statusJson(status);
  expect({ blocked, pending }).toEqual({
    blocked: status.obstacles[0]?.says ?? null,
    pending: status.queue.length,
  });
});

const damages: readonly Json[] = [null, 'no time', '', -1, 1.5, true, [], {}, ['x'], [{}]];

law.prop([anyStatus, fc.nat(), fc.constantFrom(...damages)], { numRuns: 500 })(
  'what fits its schema is what ajv says fits it',
  (status, at, damage) => {
    const { blind, blocked, pending, ...json } = JSON.parse(stringifyJson(statusJson(status)));
    const damaged = damagedAt({ ...json, is_blind: blind }, at, damage);
    expect(fits(statusSchema, damaged)).toBe(ajvFits(damaged));
  },
);

const ajv = new Ajv({ allowUnionTypes: true });
ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)));
const ajvFits = ajv.compile(statusSchema);

/** The same with one of its values replaced: the n-th, as they are met on the way down. */
function damagedAt(json: JsonObject, at: number, damage: Json): JsonObject {
  const places: (() => void)[] = [];
  const copy = structuredClone(json);
  const visit = (value: Json) => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      const parent = value as JsonObject;
      const child = parent[key];
      places.push(() => {
        parent[key] = damage;
      });
      if (child !== undefined) visit(child);
    }
  };
  visit(copy);
  places[at % places.length]?.();
  return copy;
}

describe('the status of an earlier version', () => {
  const time = new Date('2026-03-01T09:12:00Z');
  /** As 0.2.0-dev wrote it before widgets had states. */
  const stored: JsonObject = {
    ...{ time: time.toISOString(), command: 'run', directory: 'widgets', revision: 'abc' },
    ...{ source: 'published', blocked: 'the API refuses the key (401)' },
    waiting: { why: 'the API asks for it', until: '2026-03-01T09:20:00.000Z' },
    ...{ api_rate: '3/s', blind: true, refused_checksum: null, pending: 4 },
    held: [{ widget_id: null, file: 'a.yaml', code: 'yaml-syntax', message: 'not closed' }],
    failed: [
      {
        ...{ widget_id: 'b', file: 'b.yaml', error: 'no', http_status: null, attempts: 2 },
        time: '2026-03-01T09:11:00.000Z',
      },
    ],
    drifted: [{ widget_id: 'c', file: 'c.yaml', why: 'policy', until: null, fields: ['/name'] }],
    orphaned: [{ widget_id: 'd', file: 'd.yaml' }],
    kept: [],
  };

  test('is read: what it did not tell is not known, or counts from its last pass', () => {
    const since = time;
    expect(readStatusJson(stored)).toEqual({
      ...statusOf({ time, revision: 'abc', source: 'published', apiRate: '3/s', isBlind: true }),
      ...{ commit: null, lifetime: unknownLifetime, queue: [], unnamed: 4 },
      obstacles: [{ ...obstacleOf('the API refuses the key (401)'), since }],
      waiting: {
        why: 'the API asks for it',
        until: new Date('2026-03-01T09:20:00Z'),
        reason: null,
      },
      held: [
        {
          ...{ widgetId: null, file: 'a.yaml', code: 'yaml-syntax', message: 'not closed' },
          ...{ line: null, until: null, since },
        },
      ],
      failed: [
        {
          ...{ widgetId: 'b', file: 'b.yaml', error: 'no', httpStatus: null, attempts: 2 },
          ...{ time: new Date('2026-03-01T09:11:00Z'), name: null, widgetType: null },
          ...{ line: null, since },
        },
      ],
      drifted: [
        {
          ...{ widgetId: 'c', file: 'c.yaml', why: 'policy', until: null },
          ...{ fields: ['/name'], since },
        },
      ],
      orphaned: [{ widgetId: 'd', file: 'd.yaml', since }],
    });
  });

  test('is told with as many pending as it counted', () => {
    const status = readStatusJson(stored);
    expect(status && statusJson(status)).toMatchObject({ pending: 4, blocked: stored['blocked'] });
    expect(pendingOf(statusOf({ queue: [queuedOf('a')] }))).toBe(1);
  });

  test.each(Object.keys(stored))('without %s is none, where every version has that', (key) => {
    const { [key]: _, ...others } = stored;
    const added = ['source', 'waiting', 'api_rate', 'blind', 'refused_checksum', 'kept'];
    expect(readStatusJson(others) === null).toBe(!added.includes(key));
  });
});
