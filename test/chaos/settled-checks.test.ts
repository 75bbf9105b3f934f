// The checks of a world that has come to rest can fail, and their excuses are not for everyone.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { Entry } from './journal.ts';
import {
  afterFirst,
  files,
  first,
  id,
  read,
  releasing,
  request,
  second,
  seed,
  suffering,
  write,
} from './made-up-past.ts';
import type { WidgetNow } from './now.ts';
import { type Excuses, excusesOf, findDifferences, hashOf } from './settled-checks.ts';

const record = {
  widget_id: id,
  file: 'a.yaml',
  hash: hashOf(second),
  spec: second.fields,
  unconfirmed_hash: null,
};
const status = { pending: 0, blocked: null, held: [], failed: [], orphaned: [], drifted: [] };

/** The second content is applied, and what the first one had added is released. */
const settled: WidgetNow = {
  ...{ n: 0, widgetId: id, path: 'a.yaml', standing: 'valid' },
  spans: files[0]?.spans ?? [],
  live: { ...seed, ...releasing },
  record,
  entries: [write(1100, first.fields), write(2100, releasing, afterFirst)],
  recordedRuns: new Set([1]),
  ...{ reads: [], edits: [], run: 1 },
};
const calm = { isKeyRefused: false };

test('a settled world has nothing to complain about', () => {
  expect(findDifferences({ ...calm, widgets: [settled], status }, 'none')).toEqual([]);
});

const held = { file: 'a.yaml', widget_id: id };

test.each<[complaint: string, widget: Partial<WidgetNow>, status: JsonObject]>([
  ['display_name is "x"', { live: { ...settled.live, display_name: 'x' } }, {}],
  ['bubble_text is "one" though', { live: { ...settled.live, bubble_text: 'one' } }, {}],
  ['description is null though', { live: { ...settled.live, description: null } }, {}],
  ['no record', { record: null }, {}],
  ['the record says hash', { record: { ...record, hash: hashOf(first) } }, {}],
  ['the record says file', { record: { ...record, file: 'b.yaml' } }, {}],
  ['the record says spec', { record: { ...record, spec: first.fields } }, {}],
  ['the record says unconfirmed_hash', { record: { ...record, unconfirmed_hash: 'x' } }, {}],
  ['the status holds a.yaml', {}, { held: [held] }],
  ['the status holds a.yaml', {}, { held: [{ ...held, widget_id: null }] }],
  ['the status does not hold a.yaml', { standing: 'held' }, {}],
  ['the status has as orphaned []', { standing: 'gone' }, {}],
  ['the status has as failed', {}, { failed: [held] }],
  ['1 pending', {}, { pending: 1 }],
  ['blocked: no key', {}, { blocked: 'no key' }],
])('complains of what is not settled: %s', (complaint, widget, more) => {
  const now = { ...calm, widgets: [{ ...settled, ...widget }], status: { ...status, ...more } };
  expect(findDifferences(now, 'reported').join('\n')).toContain(complaint);
});

test('a broken file that was renamed leaves a widget that seems to have none', () => {
  const lost: WidgetNow = { ...settled, standing: 'held', path: 'b.yaml' };
  const inStatus = { held: [{ file: 'b.yaml', widget_id: null }], orphaned: [held] };
  expect(
    findDifferences({ ...calm, widgets: [lost], status: { ...status, ...inStatus } }, 'none'),
  ).toEqual([]);
  const named = { ...inStatus, held: [{ file: 'b.yaml', widget_id: id }] };
  expect(
    findDifferences({ ...calm, widgets: [lost], status: { ...status, ...named } }, 'none'),
  ).toEqual([expect.stringContaining('as orphaned')]);
});

test('a widget that the status calls drifted may differ until everything was sent again, if it has drifted', () => {
  const drifted = {
    ...settled,
    live: { ...settled.live, display_name: 'x' },
    edits: [drift(2500)],
  };
  const now = { ...calm, widgets: [drifted], status: { ...status, drifted: [held] } };
  const complaint = ['a.yaml: display_name is "x", not "w0 v2"'];
  expect(findDifferences(now, 'reported')).toEqual([]);
  expect(findDifferences(now, 'none')).toEqual(complaint);
  const untouched = { ...drifted, edits: [] };
  expect(findDifferences({ ...now, widgets: [untouched] }, 'reported')).toEqual(complaint);
});

const drift = (atMs: number) => ({ widgetId: id, fields: { header_color: 'drifted' }, atMs });
const refused = (body: JsonObject, daemon = 1): Entry => ({
  ...{ request: request(2100, { body, status: 422 }), daemon },
  ...{ stored: null, shown: null },
});
const lied = (startedAtMs: number) => ({
  ...suffering('not-stored', write(startedAtMs, releasing)),
  stored: null,
});
const applied = settled.entries;

test.each<[why: string, widget: Partial<WidgetNow>, excuse: string | null]>([
  ['nothing was recorded of it', {}, null],
  ['somebody changed it', { edits: [drift(2500)] }, 'drift'],
  ['somebody changed it before its last write', { edits: [drift(1500)] }, null],
  ['somebody changed what no file declares', { edits: [{ ...drift(2500), fields: {} }] }, null],
  ['a read was stale', { reads: [suffering('stale', read(2500))] }, 'stale read'],
  ['a read was stale before', { reads: [suffering('stale', read(1500))] }, null],
  ['another process read it stale', { reads: [suffering('stale', read(2500, seed, 2))] }, null],
  ['the API lied about a write', { entries: [...applied, lied(2500)] }, 'not stored'],
  ['the API lied about a write before', { entries: [lied(1500), ...applied] }, null],
  ['a write landed late', { entries: [write(2100, releasing, seed, true)] }, 'late write'],
  ['it was refused', { entries: [...applied, refused(second.fields)] }, 'refused'],
  ['another content was refused', { entries: [...applied, refused(first.fields)] }, null],
  ['another process was refused', { entries: [...applied, refused(second.fields, 2)] }, null],
  ['it failed', { entries: [...applied, suffering('reset', write(2500, releasing))] }, null],
])('before anybody helps, a widget may differ or not: %s', (_, widget, excuse) => {
  const differing = { ...settled, live: { ...settled.live, header_color: 'x' }, ...widget };
  const declared = { ...second.fields, header_color: 'y' };
  const [old, last] = settled.spans;
  const content = { ...second, fields: declared };
  const spans = old === undefined || last === undefined ? [] : [old, { ...last, content }];
  const now = { ...calm, widgets: [{ ...differing, spans }], status };
  expect(excusesOf(now, 'recorded')).toEqual(excuse === null ? [] : [excuse]);
  expect(findDifferences(now, 'recorded').length > 0).toBe(excuse === null);
});

test('a content that was refused may count as failed until somebody helps, and no other one', () => {
  const entries = [...applied, refused(second.fields)];
  const failed = { ...status, failed: [held] };
  const found = (widget: WidgetNow, excuses: Excuses) =>
    findDifferences({ ...calm, widgets: [widget], status: failed }, excuses);
  expect(found({ ...settled, entries }, 'recorded')).toEqual([]);
  expect(found({ ...settled, entries }, 'reported')).toHaveLength(1);
  expect(found(settled, 'recorded')).toHaveLength(1);
});

test('a refused key excuses everything while the status says so, until somebody helps', () => {
  const now = { widgets: [{ ...settled, record: null }], isKeyRefused: true };
  const blocked = { ...now, status: { ...status, blocked: 'the key' } };
  expect(findDifferences(blocked, 'recorded')).toEqual([]);
  expect(excusesOf(blocked, 'recorded')).toEqual(['the key was refused']);
  expect(findDifferences(blocked, 'reported')).not.toEqual([]);
  expect(findDifferences({ ...now, status }, 'recorded')).not.toEqual([]);
});

test.each(['held', 'gone'] as const)('what is %s stays recorded as it was applied', (standing) => {
  const [old] = settled.spans;
  if (old === undefined) throw new Error('no content');
  const spans = [old, { content: null, fromMs: 2000, toMs: Number.POSITIVE_INFINITY }];
  const found = (more: JsonObject) => {
    const widget = { ...settled, standing, spans, record: { ...record, ...more } };
    return findDifferences({ ...calm, widgets: [widget], status }, 'none').join('\n');
  };
  const complaint = 'the record holds what no file has ever declared';
  expect(found({ hash: hashOf(first), spec: first.fields })).not.toContain(complaint);
  expect(found({ hash: 'x', spec: first.fields })).toContain(complaint);
  expect(found({ hash: hashOf(first), spec: second.fields })).toContain(complaint);
});

test('an undeclared field may be what a stale read has brought back, and no other read', () => {
  const revived = { ...releasing, intro_message: 'old' };
  const found = (shown: Entry) => {
    const entries = [...applied, write(2500, revived, { ...seed, ...releasing })];
    const live = { ...seed, ...revived };
    const widget = { ...settled, entries, live, reads: [shown] };
    return findDifferences({ ...calm, widgets: [widget], status }, 'none');
  };
  const old = { ...seed, intro_message: 'old' };
  expect(found(suffering('stale', read(2400, old)))).toEqual([]);
  expect(found(read(2400, old))).toHaveLength(1);
  expect(found(suffering('stale', read(2600, old)))).toHaveLength(1);
  expect(found(suffering('stale', read(2400, old, 2)))).toHaveLength(1);
  expect(found(suffering('stale', read(2400)))).toHaveLength(1);
});

test('what the API claims to have stored, and gave back otherwise, may differ until it is sent again', () => {
  const echo = { ...second.fields, display_name: 'x' };
  const kept: WidgetNow = {
    ...settled,
    live: { ...settled.live, display_name: 'x' },
    record: { ...record, echo },
    entries: [...settled.entries, lied(2500)],
  };
  expect(findDifferences({ ...calm, widgets: [kept], status }, 'reported')).toEqual([]);
  expect(findDifferences({ ...calm, widgets: [kept], status }, 'none')).toHaveLength(1);
  const [entry] = settled.entries;
  if (entry === undefined) throw new Error('no entry');
  const ofAnother = { ...suffering('not-stored', entry), stored: null };
  const unexplained = { ...kept, entries: [...settled.entries, ofAnother] };
  expect(findDifferences({ ...calm, widgets: [unexplained], status }, 'reported')).toHaveLength(1);
});

test('what the API only claims to have stored is released as if it were', () => {
  const fields = { ...first.fields, display_name: 'w0 v0', description: 'mine' };
  const declaring = write(500, fields);
  const spans = [{ content: { marker: 'w0 v0', fields }, fromMs: 0, toMs: 1000 }, ...settled.spans];
  const lie = { ...declaring.request, fault: 'not-stored' };
  const found = (request: Entry['request'], description: string | null) =>
    findDifferences(
      {
        ...calm,
        widgets: [
          {
            ...{ ...settled, spans, live: { ...settled.live, description } },
            entries: [...settled.entries, { ...declaring, request, stored: null }],
          },
        ],
        status,
      },
      'none',
    );
  expect(found(lie, null)).toEqual([]);
  expect(found(lie, String(seed['description']))).toEqual([]);
  expect(found(lie, 'mine')).toHaveLength(1);
  expect(found({ ...declaring.request, status: 500 }, null)).toHaveLength(1);
});

test.each<[why: string, entries: Entry[]]>([
  ['its write landed late', [write(1000, releasing), write(1100, first.fields, seed, true)]],
  ['nothing was confirmed by then', [{ ...write(1100, first.fields), request: unanswered() }]],
])('a field may be left behind where %s', (_, entries) => {
  const left = { ...settled, live: { ...settled.live, bubble_text: 'one' }, entries };
  expect(findDifferences({ ...calm, widgets: [left], status }, 'none')).toEqual([]);
});

test('a write that was answered may be the first one again where the process was killed before it was recorded', () => {
  const entries = [write(1100, first.fields), { ...write(2100, second.fields), daemon: 2 }];
  const left = { ...settled, live: { ...settled.live, bubble_text: 'one' }, entries };
  const found = (...runs: number[]) =>
    findDifferences(
      { ...calm, widgets: [{ ...left, recordedRuns: new Set(runs) }], status },
      'none',
    );
  expect(found(2)).toEqual([]);
  expect(found(1, 2)).toHaveLength(1);
});

function unanswered(): Entry['request'] {
  return request(1100, { body: first.fields, status: null });
}
