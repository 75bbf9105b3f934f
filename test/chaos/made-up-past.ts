// A small past for the tests of the checks: one widget, whose file held one content after another.
import type { JsonObject } from '../../src/base/json/json.ts';
import { widgetId } from '../support/sandbox.ts';
import { type Content, seedFields } from './contents.ts';
import type { Entry } from './journal.ts';
import type { Past } from './requests-checks.ts';

export const id = widgetId(0);
export const first: Content = {
  marker: 'w0 v1',
  fields: { display_name: 'w0 v1', bubble_text: 'one', widget_type: 'chat' },
};
export const second: Content = {
  marker: 'w0 v2',
  fields: { display_name: 'w0 v2', widget_type: 'chat' },
};
export const seed: JsonObject = { id, ...seedFields(0) };
export const files: Past['files'] = [
  {
    widgetId: id,
    spans: [
      { content: first, fromMs: 1000, toMs: 2000 },
      { content: second, fromMs: 2000, toMs: Number.POSITIVE_INFINITY },
    ],
  },
];

let turn = 0;

/** A request at that time which was answered 10 ms later. */
export function request(
  startedAtMs: number,
  more: Partial<Entry['request']> = {},
): Entry['request'] {
  return {
    ...{ method: 'PUT', path: `/api/v1/widget/${id}`, widgetId: id, body: null },
    ...{ startedAtMs, endedAtMs: startedAtMs + 10, status: 200, fault: null },
    ...more,
  };
}

/** A write that the account stored on top of `before`. */
export function write(startedAtMs: number, body: JsonObject, before = seed, isLate = false): Entry {
  turn += 1;
  const stored = { before, after: { ...before, ...body }, turn, isLate };
  return { request: request(startedAtMs, { body }), daemon: 1, stored, shown: null };
}

export function read(startedAtMs: number, shown: JsonObject = seed, daemon = 1): Entry {
  const asked = request(startedAtMs, { method: 'GET' });
  return { request: asked, daemon, stored: null, shown: new Map([[id, shown]]) };
}

/** The same request, but with this fault. */
export function suffering(fault: string, entry: Entry): Entry {
  return { ...entry, request: { ...entry.request, fault } };
}

export function past(...entries: Entry[]): Past {
  return { entries, edits: [], files, outages: [], leaps: [], requestsPerSecond: 3 };
}

export const afterFirst: JsonObject = { ...seed, ...first.fields };
export const releasing: JsonObject = { ...second.fields, bubble_text: null };
