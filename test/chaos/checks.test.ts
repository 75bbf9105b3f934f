// The checks of the chaos can fail: each is shown a past that it must complain about.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { widgetId } from '../support/sandbox.ts';
import { type Content, seedFields } from './contents.ts';
import { checkEndings, checkHistory } from './daemon-checks.ts';
import type { Entry } from './journal.ts';
import { checkRequests, overwrittenEdits, type Past, stalestMs } from './requests-checks.ts';
import { findDifferences, hashOf, type WidgetNow } from './settled-checks.ts';

const id = widgetId(0);
const first: Content = {
  marker: 'w0 v1',
  fields: { display_name: 'w0 v1', bubble_text: 'one', widget_type: 'chat' },
};
const second: Content = {
  marker: 'w0 v2',
  fields: { display_name: 'w0 v2', widget_type: 'chat' },
};
const seed: JsonObject = { id, ...seedFields(0) };
const files: Past['files'] = [
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
function request(startedAtMs: number, more: Partial<Entry['request']> = {}): Entry['request'] {
  return {
    ...{ method: 'PUT', path: `/api/v1/widget/${id}`, widgetId: id, body: null },
    ...{ startedAtMs, endedAtMs: startedAtMs + 10, status: 200, fault: null },
    ...more,
  };
}

/** A write that the account stored on top of `before`. */
function write(startedAtMs: number, body: JsonObject, before = seed, isLate = false): Entry {
  turn += 1;
  const stored = { before, after: { ...before, ...body }, turn, isLate };
  return { request: request(startedAtMs, { body }), daemon: 1, stored, shown: null };
}

function read(startedAtMs: number, shown: JsonObject = seed, daemon = 1): Entry {
  const asked = request(startedAtMs, { method: 'GET' });
  return { request: asked, daemon, stored: null, shown: new Map([[id, shown]]) };
}

function past(...entries: Entry[]): Past {
  return { entries, edits: [], files, requestsPerSecond: 3 };
}

const afterFirst = { ...seed, ...first.fields };
const releasing = { ...second.fields, bubble_text: null };

test('an orderly past has nothing to complain about', () => {
  const orderly = past(
    read(900),
    write(1100, first.fields),
    write(2100, releasing, afterFirst),
    read(2200),
  );
  expect(checkRequests(orderly)).toEqual([]);
  expect(stalestMs(orderly)).toBe(0);
});

const person = (name: string) => ({ name });

test.each<[complaint: string, entries: Entry[]]>([
  ['4 requests in one second', [read(0), read(400), read(700), read(999)]],
  [
    'in flight together',
    [write(1100, first.fields), write(1105, first.fields, { ...seed, ...first.fields })],
  ],
  ['never in the tree', [write(1100, { ...first.fields, display_name: 'w0 v9' })]],
  ['never in the tree', [write(1100, { widget_type: 'chat' })]],
  ['not yet in the tree', [write(1900, second.fields)]],
  ['not as in the tree (bubble_text)', [write(1100, { ...first.fields, bubble_text: 'two' })]],
  [
    'an older body after a newer one',
    [write(2100, releasing), write(2200, first.fields, { ...seed, ...releasing })],
  ],
  // Nobody has read that name, or only another process, or only afterwards.
  ['set it: "named: seed 0" → "x"', [write(1100, { ...first.fields, ...person('x') })]],
  [
    'set it',
    [read(900, { ...seed, name: 'x' }, 7), write(1100, { ...first.fields, ...person('x') })],
  ],
  [
    'set it',
    [write(1100, { ...first.fields, ...person('x') }), read(1200, { ...seed, name: 'x' })],
  ],
  // A field is emptied that no file had declared by then.
  ['does not declare intro_message', [write(1100, { ...first.fields, intro_message: null })]],
])('complains: %s', (complaint, entries) => {
  expect(checkRequests(past(...entries)).join('\n')).toContain(complaint);
});

test.each<[what: string, entries: Entry[]]>([
  ['runs of their own', [read(0), read(400), read(700), read(999, seed, 2)]],
  ['a content that came back', [write(1100, first.fields), write(2100, releasing, afterFirst)]],
  [
    'a write that its client had given up',
    [write(2100, releasing), write(2200, first.fields, { ...seed, ...releasing }, true)],
  ],
  [
    'what was read before somebody changed it',
    [
      read(1000),
      write(1100, { ...first.fields, name: String(seed['name']) }, { ...seed, ...person('x') }),
    ],
  ],
])('does not complain of %s', (_, entries) => {
  expect(checkRequests(past(...entries))).toEqual([]);
});

test('an edit by hand that was overwritten is counted with its age', () => {
  const edited = { ...seed, ...person('x') };
  const overwriting = { ...first.fields, name: String(seed['name']) };
  const entries = [read(1000), write(1100, overwriting, edited)];
  const edits = [{ widgetId: id, fields: person('x'), atMs: 1070 }];
  expect(overwrittenEdits({ ...past(...entries), edits })).toEqual([30]);
});

test('a content that was sent after it had left the tree is measured', () => {
  expect(stalestMs(past(write(2300, first.fields)))).toBe(300);
});

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
  hasLateReads: false,
};

test('a settled world has nothing to complain about', () => {
  expect(findDifferences({ widgets: [settled], status }, 'none')).toEqual([]);
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
  const now = { widgets: [{ ...settled, ...widget }], status: { ...status, ...more } };
  expect(findDifferences(now, 'reported').join('\n')).toContain(complaint);
});

test('a broken file that was renamed leaves a widget that seems to have none', () => {
  const lost: WidgetNow = { ...settled, standing: 'held', path: 'b.yaml' };
  const inStatus = { held: [{ file: 'b.yaml', widget_id: null }], orphaned: [held] };
  expect(findDifferences({ widgets: [lost], status: { ...status, ...inStatus } }, 'none')).toEqual(
    [],
  );
  const named = { ...inStatus, held: [{ file: 'b.yaml', widget_id: id }] };
  expect(findDifferences({ widgets: [lost], status: { ...status, ...named } }, 'none')).toEqual([
    expect.stringContaining('as orphaned'),
  ]);
});

test('a widget that the status calls drifted may differ, until everything was sent again', () => {
  const drifted = { ...settled, live: { ...settled.live, display_name: 'x' } };
  const now = { widgets: [drifted], status: { ...status, drifted: [held] } };
  expect(findDifferences(now, 'reported')).toEqual([]);
  expect(findDifferences(now, 'none')).toEqual(['a.yaml: display_name is "x", not "w0 v2"']);
});

test('what the API claims to have stored, and gave back otherwise, may differ until it is sent again', () => {
  const echo = { ...second.fields, display_name: 'x' };
  const [entry] = settled.entries;
  if (entry === undefined) throw new Error('no entry');
  const lie = { ...entry, request: { ...entry.request, fault: 'not-stored' }, stored: null };
  const kept: WidgetNow = {
    ...settled,
    live: { ...settled.live, display_name: 'x' },
    record: { ...record, echo },
    entries: [...settled.entries, lie],
  };
  expect(findDifferences({ widgets: [kept], status }, 'reported')).toEqual([]);
  expect(findDifferences({ widgets: [kept], status }, 'none')).toHaveLength(1);
  const unexplained = { ...kept, entries: settled.entries };
  expect(findDifferences({ widgets: [unexplained], status }, 'reported')).toHaveLength(1);
});

test('what the API only claims to have stored is released as if it were', () => {
  const fields = { ...first.fields, display_name: 'w0 v0', description: 'mine' };
  const declaring = write(500, fields);
  const spans = [{ content: { marker: 'w0 v0', fields }, fromMs: 0, toMs: 1000 }, ...settled.spans];
  const lie = { ...declaring.request, fault: 'not-stored' };
  const found = (request: Entry['request'], description: string | null) =>
    findDifferences(
      {
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
  ['nothing was confirmed by then', [{ ...write(1100, first.fields), request: unheard() }]],
])('a field may be left behind where %s', (_, entries) => {
  const left = { ...settled, live: { ...settled.live, bubble_text: 'one' }, entries };
  expect(findDifferences({ widgets: [left], status }, 'none')).toEqual([]);
});

test('a write that was answered may be the first one again where the process was killed before it was recorded', () => {
  const entries = [write(1100, first.fields), { ...write(2100, second.fields), daemon: 2 }];
  const left = { ...settled, live: { ...settled.live, bubble_text: 'one' }, entries };
  const found = (...runs: number[]) =>
    findDifferences({ widgets: [{ ...left, recordedRuns: new Set(runs) }], status }, 'none');
  expect(found(2)).toEqual([]);
  expect(found(1, 2)).toHaveLength(1);
});

function unheard(): Entry['request'] {
  return request(1100, { body: first.fields, status: null });
}

const ending = { code: null, asked: 'kill', tookMs: 5, hasSpoken: true, stderr: '' } as const;

test.each([
  [{ ...ending, asked: null, code: 1, stderr: 'this is a bug' }, 'ended by itself with 1'],
  [{ ...ending, asked: null }, 'ended by itself with null'],
  [{ ...ending, asked: 'terminate', code: 1 } as const, 'ended with 1 on SIGTERM'],
  [{ ...ending, asked: 'terminate', code: 0, tookMs: 13_000 } as const, 'took 13000 ms to end'],
  [{ ...ending, stderr: 'oops' }, 'wrote to stderr: oops'],
])('complains of an end: %o', (one, complaint) => {
  expect(checkEndings([one], []).join('\n')).toContain(complaint);
});

test('ends that were asked for, or that a full disk explains, are none to complain about', () => {
  const full = { ...ending, asked: null, code: 1, stderr: 'no space is left (ENOSPC)' };
  const stopped = { ...ending, asked: 'terminate', code: 0 } as const;
  expect(checkEndings([ending, full, stopped], [])).toEqual([]);
  expect(checkEndings([], ['this is a bug'])).toHaveLength(1);
});

const line = `${JSON.stringify({ widget_id: id, hash: hashOf(first) })}\n`;

test('history tells each confirmed write once, and no other', () => {
  const entries = [write(1100, first.fields)];
  expect(checkHistory(line, entries, files)).toEqual([]);
  expect(checkHistory(line + line, entries, files)[0]).toContain('2 times, confirmed 1 times');
  expect(checkHistory(line, [], files)[0]).toContain('1 times, confirmed 0 times');
  expect(checkHistory(line.slice(0, 20), entries, files)[0]).toContain('torn');
});
