// What people were told as text on disk, and back.
import type { FromSchema } from 'json-schema-to-ts';
import { isJsonObject, parseJson } from '../base/json/json.ts';
import { fitting } from '../base/json/json-schema.ts';
import {
  type Announcement,
  notificationJson,
  notificationStates,
  notificationTypes,
  severities,
} from '../model/notify/notification.ts';

export function formatAnnouncements(
  announcements: readonly Announcement[],
  apiUrl: string,
): string {
  const stored = announcements.map(({ message, since, members, isTold }) => ({
    message: notificationJson(message),
    since: since.toISOString(),
    members: members.map(({ key, subject }) => ({ key, subject })),
    told: isTold,
  }));
  return `${JSON.stringify({ version: formatVersion, api_url: apiUrl, announcements: stored })}\n`;
}

/** Null for anything that `formatAnnouncements` did not write; none for another API. */
export function parseAnnouncements(text: string, apiUrl: string): Announcement[] | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['version'] !== formatVersion) return null;
  if (stored['api_url'] !== apiUrl) return typeof stored['api_url'] === 'string' ? [] : null;
  const { announcements } = stored;
  const list = fitting<StoredAnnouncement[]>(
    { type: 'array', items: schema },
    announcements ?? null,
  );
  return list?.map(toAnnouncement) ?? null;
}

const formatVersion = 1;

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const textOrNull = { type: ['string', 'null'] } as const;

const messageSchema = {
  type: 'object',
  properties: {
    account: text,
    id: text,
    type: { enum: notificationTypes },
    state: { enum: notificationStates },
    severity: { enum: severities },
    ...{ time, cause: text, title: text, text },
    ends: { type: 'array', items: text },
    count: { type: 'integer', minimum: 0 },
    widgets: {
      type: 'array',
      items: {
        type: 'object',
        properties: { widget_id: textOrNull, file: text, name: textOrNull },
        required: ['widget_id', 'file', 'name'],
      },
    },
    fields: {
      type: 'array',
      items: { type: 'object', properties: { path: text }, required: ['path'] },
    },
    commit: {
      type: ['object', 'null'],
      properties: { id: text, subject: text, author: text, time },
      required: ['id', 'subject', 'author', 'time'],
    },
    source: {
      type: 'object',
      properties: { directory: text, host: text },
      required: ['directory', 'host'],
    },
  },
  required: [
    ...(['id', 'type', 'state', 'severity', 'time', 'cause', 'ends', 'title', 'text'] as const),
    ...(['count', 'widgets', 'fields', 'commit', 'source'] as const),
  ],
} as const;

const schema = {
  type: 'object',
  properties: {
    message: messageSchema,
    since: time,
    members: {
      type: 'array',
      items: {
        type: 'object',
        properties: { key: text, subject: textOrNull },
        required: ['key', 'subject'],
      },
    },
    told: { type: 'boolean' },
  },
  required: ['message', 'since', 'members', 'told'],
} as const;

type StoredAnnouncement = FromSchema<typeof schema>;

function toAnnouncement({ message, since, members, told }: StoredAnnouncement): Announcement {
  const { id, type, state, severity, cause, ends, title, text: body, count, source } = message;
  return {
    message: {
      ...{ id, type, state, severity, cause, ends, title, text: body, count },
      time: new Date(message.time),
      widgets: message.widgets.map(({ widget_id, file, name }) => ({
        ...{ widgetId: widget_id, file, name },
      })),
      fields: message.fields.map(({ path }) => path),
      commit: message.commit && {
        id: message.commit.id,
        subject: message.commit.subject,
        author: message.commit.author,
        time: new Date(message.commit.time),
      },
      source: {
        ...(message.account !== undefined && { account: message.account }),
        ...{ directory: source.directory, host: source.host },
      },
    },
    since: new Date(since),
    members: members.map(({ key, subject }) => ({ key, subject })),
    isTold: told,
  };
}
