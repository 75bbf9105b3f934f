// The form of a status as JSON: of the file, and of `status --json`. A key that earlier versions did not
// have says what it is where it is missing.
import type { Json } from '../base/json/json.ts';
import type { StoredSchema } from '../base/json/json-schema.ts';
import { obstacleKinds } from '../status/status-record.ts';

/** `default`: what a missing key stands for. `title: 'as is'`: names below it are not ours to spell. */
export interface StatusSchema extends StoredSchema {
  readonly default?: Json;
  readonly title?: 'as is';
  readonly items?: StatusSchema;
  readonly properties?: { readonly [name: string]: StatusSchema };
}

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'], default: null } as const;
const countOrNull = { type: ['integer', 'null'], minimum: 0, default: null } as const;
const time = { type: 'string', format: 'date-time' } as const;
const timeOrNull = { type: ['string', 'null'], format: 'date-time', default: null } as const;
const texts = { type: 'array', items: text } as const;
const named = { name: textOrNull, widget_type: textOrNull } as const;
const at = { widget_id: text, file: text } as const;

function listOf(properties: { readonly [name: string]: StatusSchema }): StatusSchema {
  return { type: 'array', default: [], items: { type: 'object', properties } };
}

function objectOrNull(properties: { readonly [name: string]: StatusSchema }): StatusSchema {
  return { type: ['object', 'null'], default: null, properties };
}

export const statusSchema: StatusSchema = {
  type: 'object',
  properties: {
    time: { type: ['string', 'null'], format: 'date-time' },
    command: text,
    directory: text,
    revision: { type: ['string', 'null'] },
    commit: objectOrNull({ id: text, subject: text, author: text, time }),
    source: { enum: ['checkout', 'published', 'plain', null], default: null },
    obstacles: listOf({ by: { enum: obstacleKinds }, says: text, since: time }),
    waiting: objectOrNull({ why: text, until: time }),
    api_rate: textOrNull,
    is_blind: { type: 'boolean', default: false },
    refused_checksum: textOrNull,
    lifetime: {
      type: 'object',
      default: {},
      properties: {
        pid: countOrNull,
        host: textOrNull,
        started_at: timeOrNull,
        heartbeat: timeOrNull,
        ended_at: timeOrNull,
        last_resync: timeOrNull,
        next_resync: timeOrNull,
        last_write: timeOrNull,
      },
    },
    queue: listOf({
      ...at,
      ...named,
      reason: { enum: ['new', 'edited', 'drifted', 'forced'] },
      fields: texts,
      revision: textOrNull,
      phase: { enum: ['queued', 'in-flight', 'backing-off', 'refused'] },
      place: countOrNull,
      attempts: { type: 'integer', minimum: 0 },
      answered: textOrNull,
      http_status: countOrNull,
      next_try: timeOrNull,
      since: time,
    }),
    held: listOf({
      widget_id: { type: ['string', 'null'] },
      file: text,
      code: text,
      message: text,
      line: countOrNull,
      until: timeOrNull,
      since: time,
    }),
    failed: listOf({
      ...at,
      ...named,
      error: text,
      http_status: countOrNull,
      attempts: { type: 'integer', minimum: 0 },
      time,
      line: countOrNull,
      since: time,
    }),
    drifted: listOf({
      ...at,
      why: { enum: ['policy', 'fought-over'] },
      until: { type: ['string', 'null'], format: 'date-time' },
      fields: texts,
      since: time,
    }),
    orphaned: listOf({ ...at, since: time }),
    kept: listOf({
      ...at,
      since: time,
      fields: {
        type: 'array',
        title: 'as is',
        items: { type: 'object', properties: { path: text }, required: ['path'] },
      },
    }),
  },
};
