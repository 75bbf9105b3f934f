// The form of a status as JSON: of the file, and of `status --json`. A key that earlier versions did not
// have says what it is where it is missing.
import type { Json } from '../base/json/json.ts';
import type { StoredSchema } from '../base/json/json-schema.ts';
import { obstacleKinds, waitingReasons } from './status-record.ts';

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

interface Properties {
  readonly [name: string]: StatusSchema;
}

/** Every key that does not say what it is where it is missing has to be there. */
function objectOf(properties: Properties): StatusSchema {
  const names = Object.keys(properties);
  const required = names.filter((name) => properties[name]?.default === undefined);
  return { type: 'object', properties, required };
}

function objectOrNull(properties: Properties): StatusSchema {
  return { ...objectOf(properties), type: ['object', 'null'], default: null };
}

function listOf(properties: Properties): StatusSchema {
  return { ...listOfEarlier(properties), default: [] };
}

/** One that every version has. */
function listOfEarlier(properties: Properties): StatusSchema {
  return { type: 'array', items: objectOf(properties) };
}

export const statusSchema: StatusSchema = objectOf({
  time: { type: ['string', 'null'], format: 'date-time' },
  command: text,
  directory: text,
  revision: { type: ['string', 'null'] },
  commit: objectOrNull({ id: text, subject: text, author: text, time }),
  source: { enum: ['checkout', 'published', 'plain', null], default: null },
  obstacles: listOf({ by: { enum: obstacleKinds }, says: text, since: time }),
  files: objectOrNull({
    looked_at: timeOrNull,
    found: { type: 'integer', minimum: 0 },
    unsettled: objectOrNull({ code: text, says: text, since: time }),
  }),
  waiting: objectOrNull({
    why: text,
    until: time,
    reason: { enum: [...waitingReasons, null], default: null },
  }),
  api_rate: textOrNull,
  is_blind: { type: 'boolean', default: false },
  refused_checksum: textOrNull,
  lifetime: {
    default: {},
    ...objectOf({
      pid: countOrNull,
      host: textOrNull,
      started_at: timeOrNull,
      heartbeat: timeOrNull,
      ended_at: timeOrNull,
      last_resync: timeOrNull,
      next_resync: timeOrNull,
      last_write: timeOrNull,
    }),
  },
  unseen: { type: 'array', default: [], items: text },
  queue: listOf({
    ...at,
    ...named,
    reason: { enum: ['new', 'edited', 'drifted', 'forced'] },
    fields: texts,
    revision: textOrNull,
    phase: { enum: ['queued', 'in-flight', 'backing-off', 'refused', 'unsent', 'unplanned'] },
    place: countOrNull,
    attempts: { type: 'integer', minimum: 0 },
    answered: textOrNull,
    http_status: countOrNull,
    next_try: timeOrNull,
    since: time,
  }),
  held: listOfEarlier({
    widget_id: { type: ['string', 'null'] },
    file: text,
    code: text,
    message: text,
    line: countOrNull,
    until: timeOrNull,
    since: time,
  }),
  failed: listOfEarlier({
    ...at,
    ...named,
    error: text,
    http_status: countOrNull,
    attempts: { type: 'integer', minimum: 0 },
    time,
    line: countOrNull,
    since: time,
  }),
  drifted: listOfEarlier({
    ...at,
    why: { enum: ['policy', 'fought-over'] },
    until: { type: ['string', 'null'], format: 'date-time' },
    fields: texts,
    since: time,
  }),
  orphaned: listOfEarlier({ ...at, since: time }),
  kept: listOf({
    ...at,
    since: time,
    fields: {
      type: 'array',
      title: 'as is',
      items: objectOf({ path: text }),
    },
  }),
});

/** The keys that follow from others: every version writes them, for whoever reads the file. */
export const derived = {
  blocked: { type: ['string', 'null'] },
  pending: { type: 'integer', minimum: 0 },
} as const satisfies Properties;
