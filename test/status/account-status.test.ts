import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import { accountStatus } from '../../src/status/account-status.ts';
import type { StatusRecord } from '../../src/status/status-record.ts';
import { type WidgetState, widgetStates } from '../../src/status/widget-status.ts';
import { foundAt, queuedOf, recordOf, statusOf } from '../state/fixtures/state-options.ts';
import { law } from '../support/law.ts';
import { anyStatus } from './fixtures/any-status.ts';

const file = 'a.yaml';
const at = { widgetId: 'a', file };
const since = foundAt;
const nextTry = new Date('2026-03-01T09:20:00Z');

const held = { ...at, code: 'yaml-syntax', message: 'not closed', line: 3, until: null, since };
const suspended = { ...held, code: 'suspended', message: 'for now', line: null, until: nextTry };
const unknown = { ...held, widgetId: null };
const failed = {
  ...{ ...at, name: 'New name', widgetType: 'chat', error: 'it answered 503', httpStatus: 503 },
  ...{ attempts: 2, time: since, line: null, since },
};
const drifted = { ...at, why: 'policy' as const, until: null, fields: ['/name'], since };
const orphaned = { ...at, since };
const queued = queuedOf('a', { file });
const recorded = recordOf('a' as WidgetId, { file, revision: 'abc' });

type Case = [
  when: string,
  state: WidgetState | null,
  found: Partial<StatusRecord>,
  isGone?: boolean,
];

const states: Case[] = [
  ['nothing was found', 'applied', {}],
  ['its file is broken', 'held', { held: [held] }],
  ['its file is broken and does not say whose it is', 'held', { held: [unknown] }],
  [
    'its file is broken, and its failure is still known',
    'held',
    { held: [held], failed: [failed] },
  ],
  ['its file is suspended', 'suspended', { held: [suspended] }],
  ['it is suspended and fought over', 'suspended', { held: [suspended], drifted: [drifted] }],
  ['an attempt failed', 'failed', { failed: [failed] }],
  ['an attempt failed and another follows', 'failed', { failed: [failed], queue: [queued] }],
  ['a change waits', 'pending', { queue: [queued] }],
  ['a change waits, and drift is left', 'pending', { queue: [queued], drifted: [drifted] }],
  ['all is sent again', 'applied', { queue: [{ ...queued, reason: 'forced', fields: [] }] }],
  ['what drifted is sent again', 'pending', { queue: [{ ...queued, reason: 'forced' }] }],
  ['drift is only reported', 'drifted', { drifted: [drifted] }],
  ['it has no file', 'orphaned', { orphaned: [orphaned] }],
  ['its file has become that of a broken one', 'held', { orphaned: [orphaned], held: [unknown] }],
  ['the account has it no longer', null, {}, true],
  ['the account has it no longer, and a file wants it', 'held', { held: [held] }, true],
];

describe('a recorded widget', () => {
  test.each<Case>(states)('of which %s is %s', (_, state, found, isGone) => {
    const record = isGone ? { ...recorded, isGone: true as const } : recorded;
    const { widgets, counts } = accountStatus([record], statusOf(found));
    expect(widgets.map((widget) => widget.state)).toEqual(state === null ? [] : [state]);
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    expect(total).toBe(widgets.length);
    for (const widget of widgets) {
      expect(widget).toMatchObject({ ...at, name: 'Ava', widgetType: 'chat', revision: 'abc' });
    }
  });
});

describe('a widget says', () => {
  const only = (found: Partial<StatusRecord>, records: AppliedRecord[] = [recorded]) =>
    accountStatus(records, statusOf(found)).widgets[0];

  test('when it was confirmed, where it is applied', () => {
    const { appliedAt } = recorded;
    expect(only({})).toMatchObject({ reason: null, since: appliedAt, appliedAt, queued: null });
  });

  test('which line of its file is to be mended', () => {
    const told = { code: 'yaml-syntax', line: 3, reason: 'not closed', since };
    expect(only({ held: [held] })).toMatchObject(told);
  });

  test('when a suspension ends', () => {
    expect(only({ held: [suspended] })).toMatchObject({ until: nextTry, line: null });
  });

  test('who it is, where it was never applied', () => {
    const named = { name: 'Jo', widgetType: 'form' };
    const waits = queuedOf('j', { ...named, file: 'j.yaml', reason: 'new' });
    expect(only({ queue: [waits] }, [])).toMatchObject({
      ...{ widgetId: 'j', file: 'j.yaml', ...named, state: 'pending' },
      ...{ reason: 'new; next in the line', appliedAt: null, revision: null, queued: waits },
    });
  });

  test.each<[string, Parameters<typeof queuedOf>[1]]>([
    ['1 field edited; next in the line', {}],
    ['2 fields edited; place 7 in the line', { fields: ['/a', '/b'], place: 7 }],
    ['1 field drifted; on its way', { reason: 'drifted', phase: 'in-flight', place: null }],
    ['new; the plan waits for an approval', { reason: 'new', phase: 'refused', place: null }],
    [
      '1 field edited; to be sent; it answered 503',
      { phase: 'backing-off', place: null, answered: 'it answered 503', nextTry },
    ],
  ])('of its change: %s', (reason, changes) => {
    const until = changes?.nextTry ?? null;
    expect(only({ queue: [queuedOf('a', { file, ...changes })] })).toMatchObject({ reason, until });
  });

  test('of a failure whether another attempt follows, and when', () => {
    const waits = queuedOf('a', { file, phase: 'backing-off', place: null, nextTry });
    expect(only({ failed: [failed], queue: [waits] })).toMatchObject({
      ...{ reason: 'it answered 503; tried 2 times', until: nextTry, queued: waits },
    });
    const refused = { ...failed, error: 'no such field', httpStatus: 422, attempts: 1, line: 4 };
    expect(only({ failed: [refused] })).toMatchObject({
      reason: 'no such field; the same content is not sent again before a full resync or SIGHUP',
      ...{ until: null, line: 4, queued: null },
    });
    for (const httpStatus of [408, 429, 503, null]) {
      const later = { ...failed, error: 'not now', httpStatus, attempts: 1 };
      expect(only({ failed: [later] })).toMatchObject({ reason: 'not now' });
    }
  });

  test.each([
    ['policy', ['/name'], 'name was changed in the dashboard, and that is only reported'],
    [
      'fought-over',
      ['/name', '/a~1b'],
      'name, ["a/b"] were changed in the dashboard again and again: it is fought over',
    ],
  ] as const)('of drift (%s) which fields and what follows', (why, fields, reason) => {
    expect(only({ drifted: [{ ...drifted, why, fields }] })).toMatchObject({ reason });
  });
});

describe('files that declare one widget', () => {
  const twice = (path: string) => ({ ...held, code: 'duplicate-id', file: path, message: 'twice' });
  const rows = (paths: readonly string[], records = [recorded]) => {
    const { widgets, counts } = accountStatus(records, statusOf({ held: paths.map(twice) }));
    expect(counts.held).toBe(widgets.length);
    return widgets.map((one) => [one.file, one.widgetId, one.appliedAt !== null]);
  };

  test.each([[['a.yaml', 'b.yaml']], [['b.yaml', 'a.yaml']]])(
    '%j are a row each, and the record is that of its own file',
    (paths) => {
      expect(rows(paths)).toEqual([
        ['a.yaml', 'a', true],
        ['b.yaml', 'a', false],
      ]);
    },
  );

  test('are a row each, also where the widget was applied from none of them, or never', () => {
    expect(rows(['b.yaml', 'c.yaml', 'd.yaml']).map(([path]) => path)).toEqual([
      ...['b.yaml', 'c.yaml', 'd.yaml'],
    ]);
    expect(rows(['b.yaml', 'c.yaml'], [])).toEqual([
      ['b.yaml', 'a', false],
      ['c.yaml', 'a', false],
    ]);
  });
});

describe('any account', () => {
  const anyRecord = fc
    .record({
      widgetId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      file: fc.constantFrom('1', '2', '3'),
      isGone: fc.boolean(),
    })
    .map(({ widgetId, isGone, ...where }) => {
      const gone = isGone ? { isGone: true as const } : {};
      return { ...recordOf(widgetId as WidgetId, where), ...gone };
    });
  const anyRecords = fc.uniqueArray(anyRecord, { selector: ({ widgetId }) => widgetId });

  law.prop([anyRecords, fc.option(anyStatus)], { numRuns: 1000 })(
    'has each widget once, in one state, and counts that add up',
    (records, record) => {
      const { widgets, counts } = accountStatus(records, record);
      const ids = widgets.map(({ widgetId, file }) => widgetId ?? `file ${file}`);
      expect(new Set(ids).size).toBe(ids.length);
      for (const state of widgetStates) {
        expect(counts[state]).toBe(widgets.filter((widget) => widget.state === state).length);
      }
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(widgets.length);
      const ranks = widgets.map(({ state }) => widgetStates.indexOf(state));
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    },
  );

  law.prop([anyRecords, anyStatus], { numRuns: 1000 })(
    'leaves out no record and no finding',
    (records, record) => {
      const { widgets } = accountStatus(records, record);
      const known = new Set<string | null>(widgets.map(({ widgetId }) => widgetId));
      const files = new Set(widgets.map(({ file }) => file));
      for (const { widgetId, isGone } of records) if (!isGone) expect(known).toContain(widgetId);
      for (const finding of [...record.failed, ...record.drifted, ...record.orphaned]) {
        expect(known).toContain(finding.widgetId);
      }
      for (const { widgetId, file: broken } of record.held) {
        if (widgetId === null) expect(files).toContain(broken);
        else expect(known).toContain(widgetId);
      }
    },
  );
});

test('10,000 widgets cost few milliseconds', () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => `${n}-0d44` as WidgetId);
  const records = ids.map((widgetId) => recordOf(widgetId));
  const record = statusOf({
    queue: ids.slice(0, 5000).map((id) => queuedOf(id)),
    failed: ids.slice(0, 1000).map((widgetId) => ({ ...failed, widgetId })),
    held: ids.slice(6000, 7000).map((widgetId) => ({ ...held, widgetId })),
  });
  const taken = Array.from({ length: 5 }, () => {
    const startedMs = performance.now();
    expect(accountStatus(records, record).widgets).toHaveLength(10_000);
    return performance.now() - startedMs;
  });
  // About 20 ms; far more only where it grows faster than the account, whatever runs beside this.
  expect(Math.min(...taken)).toBeLessThan(400);
});
