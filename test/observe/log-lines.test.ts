import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { StateError, UsageError } from '../../src/base/errors.ts';
import type { HeldFile, LoadedTree, Problem } from '../../src/model/document.ts';
import type { Change, Plan, ReportedDrift, UnappliedWidget } from '../../src/model/plan.ts';
import { logOutcomes, logSending } from '../../src/observe/log-changes.ts';
import { logPasses } from '../../src/observe/log-passes.ts';
import { logReads } from '../../src/observe/log-reads.ts';
import type { SyncEvent, Trigger } from '../../src/sync/events.ts';
import { apiError, keyRefused, named, planOf, unavailable } from '../support/changes.ts';
import { widgetId } from '../support/sandbox.ts';

interface Line extends Record<string, unknown> {
  readonly level: string;
  readonly msg: string;
}

/** A narrator and the lines that it has written since they were last taken. */
function narrator(locate = (): Problem['range'] | null => null) {
  const lines: Line[] = [];
  const log = pino(
    { level: 'trace', base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  const noTree = {
    notes: [],
    fragments: [],
    nextUntil: null,
    committedAt: null,
    source: 'plain',
    folders: new Map(),
  } as const;
  const listeners = [
    logOutcomes(log, { locate, compose: () => null }),
    logSending(log),
    logPasses(log),
  ];
  const hear = (event: SyncEvent) => {
    for (const listener of listeners) listener(event);
  };
  const pass = (found: Partial<LoadedTree & Plan>, trigger: Trigger = 'files') => {
    const { documents = [], problems = [], held = [] } = found;
    const tree = { documents, problems, held, ...noTree, revision: null };
    const plan = planOf({ ...found, held });
    hear({ kind: 'files-loaded', tree });
    const onFiles = taken();
    hear({ kind: 'plan-made', tree, plan, refusal: null, trigger, durationMs: 12.4 });
    // The summary first, wherever it was said.
    const [summary, ...others] = taken();
    return summary === undefined ? onFiles : [summary, ...onFiles, ...others];
  };
  const taken = () => lines.splice(0);
  /** All but the summary that opens every pass. */
  const news = (found: Partial<LoadedTree & Plan>) => pass(found).slice(1);
  return { hear, pass, news, taken };
}

const range = { start: { line: 3, column: 5 }, end: { line: 3, column: 9 } };
const problem: Problem = {
  severity: 'error',
  code: 'wrong-type',
  file: 'ava.yaml',
  range,
  summary: 'name is not a text',
  detail: 'Expected a text or null, found 7.',
};
const broken: HeldFile = {
  file: 'ava.yaml',
  widgetId: widgetId(1),
  code: 'wrong-type',
  message: 'x',
};
const suspended: HeldFile = { file: 'ben.yaml', widgetId: null, code: 'suspended', message: 'x' };
const missing: HeldFile = {
  file: 'dee.yaml',
  widgetId: widgetId(4),
  code: 'not-in-account',
  message: 'none',
};
const change = named(1, 'Ava', 'edited');
const at = { widgetId: change.widgetId, file: change.file };
const adoption = {
  ...at,
  document: change,
  echo: null,
  applied: null,
  live: { body: {}, readAtMs: 0 },
};
const kept: UnappliedWidget = {
  ...at,
  sinceMs: 0,
  fields: [{ path: '/name', sent: 'Ava', kept: 'Eve' }],
};
const respelled: UnappliedWidget = {
  ...at,
  sinceMs: 0,
  fields: [{ path: '/name', sent: 'Ava', kept: 'ava', spelling: true }],
};
const drift: ReportedDrift = {
  ...at,
  fields: [{ path: '/name', from: 'theirs', to: 'ours', by: 'dashboard', released: false }],
  why: 'policy',
  untilMs: null,
};
const orphan = { file: 'cleo.yaml', widgetId: widgetId(3) };

describe('a pass', () => {
  test('is summed up in numbers', () => {
    const { pass } = narrator();
    const [line] = pass(
      { changes: [named(1, 'Ava')], held: [broken], orphaned: [orphan] },
      'start',
    );
    expect(line).toEqual({
      level: 'info',
      msg: 'looked',
      trigger: 'start',
      revision: null,
      update: 1,
      adopt: 0,
      unchanged: 0,
      held: 1,
      orphaned: 1,
      drifted: 0,
      kept: 0,
      total: 2,
      duration_ms: 12,
    });
  });

  test.each<[string, Partial<LoadedTree & Plan>, Trigger, string]>([
    ['that files asked for and that found nothing', {}, 'files', 'debug'],
    ['that files asked for and that found a change', { changes: [named(1, 'A')] }, 'files', 'info'],
    ['that files asked for and that found a problem', { problems: [problem] }, 'files', 'info'],
    ['at the start', {}, 'start', 'info'],
    ['that a person asked for and that found nothing', {}, 'signal', 'info'],
    ['of the schedule that found nothing', {}, 'resync', 'debug'],
    ['that adopted a widget', { adopted: [adoption] }, 'resync', 'info'],
    ['that found drift to report', { drifted: [drift] }, 'resync', 'info'],
  ])('%s is told accordingly', (_, found, trigger, level) => {
    expect(narrator().pass(found, trigger)[0]?.level).toBe(level);
  });

  test('that finds only what was said before is a quiet one', () => {
    const { pass } = narrator();
    const found = { problems: [problem], held: [broken, suspended], orphaned: [orphan] };
    pass(found);
    expect(pass(found)).toMatchObject([{ level: 'debug', msg: 'looked' }]);
  });
});

test('a pass that files asked for says of what still waits for its turn nothing more', () => {
  const { pass } = narrator();
  const levelOf = (changes: Change[], trigger: Trigger) => pass({ changes }, trigger)[0]?.level;
  const ava = named(1, 'Ava');
  expect(levelOf([ava], 'files')).toBe('info');
  expect(levelOf([ava], 'files')).toBe('debug');
  expect(levelOf([ava], 'resync')).toBe('info');
  expect(levelOf([ava, named(2, 'Ben')], 'files')).toBe('info');
  expect(levelOf([named(1, 'Ann')], 'files')).toBe('info');
});

describe('each situation is said once', () => {
  const warning: Problem = { ...problem, severity: 'warning', code: 'no-widgets' };
  test.each<[string, Partial<LoadedTree & Plan>, object]>([
    [
      'a problem',
      { problems: [problem] },
      {
        level: 'error',
        msg: 'name is not a text',
        file: 'ava.yaml',
        line: 3,
        column: 5,
        code: 'wrong-type',
        detail: 'Expected a text or null, found 7.',
      },
    ],
    ['a warning', { problems: [warning] }, { level: 'warn', msg: 'name is not a text' }],
    [
      'a suspended file',
      { held: [suspended] },
      { level: 'info', msg: 'held', file: 'ben.yaml', code: 'suspended', detail: 'x' },
    ],
    [
      'a widget that the account lacks',
      { held: [missing] },
      {
        level: 'warn',
        msg: 'held',
        file: 'dee.yaml',
        widget_id: widgetId(4),
        code: 'not-in-account',
        detail: 'none',
      },
    ],
    [
      'a write that did not stick, as its record or a read has shown',
      { kept: [kept] },
      {
        level: 'warn',
        msg: 'the API kept another value',
        file: 'w1.yaml',
        field: '/name',
        sent: 'Ava',
        kept: 'Eve',
      },
    ],
    [
      'a spelling that only reads show',
      { kept: [respelled] },
      {
        level: 'info',
        msg: 'the API spells it its own way: taken for what was sent',
        file: 'w1.yaml',
        field: '/name',
        sent: 'Ava',
        kept: 'ava',
      },
    ],
    [
      'drift that is left',
      { drifted: [drift] },
      {
        level: 'warn',
        msg: 'drifted: changed in the dashboard, and left so',
        file: 'w1.yaml',
        fields: ['/name'],
        until: null,
      },
    ],
    [
      'a widget that is fought over',
      { drifted: [{ ...drift, why: 'fought-over', untilMs: 0 }] },
      {
        level: 'warn',
        msg: 'fought over: git and the dashboard keep changing it back; corrected again later',
        file: 'w1.yaml',
        fields: ['/name'],
        until: '1970-01-01T00:00:00.000Z',
      },
    ],
    [
      'a difference that the file ignores',
      { ignored: [{ ...at, paths: ['/name'] }] },
      {
        level: 'info',
        msg: 'differs where the file ignores it',
        widget_id: widgetId(1),
        fields: ['/name'],
      },
    ],
    [
      'an orphaned widget',
      { orphaned: [orphan] },
      {
        level: 'warn',
        msg: 'orphaned: no file declares it now; it stays as it is',
        file: 'cleo.yaml',
        widget_id: widgetId(3),
      },
    ],
  ])('%s, and again when it comes back', (_, found, line) => {
    const { news } = narrator();
    expect(news(found)).toMatchObject([line]);
    expect(news(found)).toEqual([]);
    news({});
    expect(news(found)).toMatchObject([line]);
  });

  test('also when others come and go', () => {
    const { news } = narrator();
    const other = { ...problem, file: 'ben.yaml' };
    news({ problems: [problem] });
    expect(news({ problems: [problem, other] })).toMatchObject([{ file: 'ben.yaml' }]);
    expect(news({ problems: [problem] })).toEqual([]);
  });

  test.each([
    ['place', { range: { ...range, start: { line: 4, column: 5 } } }],
    ['value', { detail: 'Expected a text or null, found 8.' }],
  ])('but a problem with another %s is another one', (_, difference) => {
    const { news } = narrator();
    news({ problems: [problem] });
    expect(news({ problems: [{ ...problem, ...difference }] })).toHaveLength(1);
  });
});

test('a file that is mended, or gone, is no longer held: said once', () => {
  const { news } = narrator();
  news({ held: [broken, suspended], problems: [problem] });
  expect(news({ held: [suspended] })).toEqual([
    { level: 'info', msg: 'no longer held', file: 'ava.yaml' },
  ]);
  expect(news({ held: [suspended] })).toEqual([]);
});

test('an orphan whose file is back is no longer one: said once', () => {
  const { news } = narrator();
  news({ orphaned: [orphan] });
  const back = { ...orphan, file: 'shop/cleo.yaml' };
  const held: HeldFile = { ...back, code: 'duplicate-id', message: 'x' };
  const said = {
    level: 'info',
    msg: 'no longer orphaned: a file is there again',
    file: 'shop/cleo.yaml',
    widget_id: widgetId(3),
  };
  expect(news({ held: [held, held] })).toEqual([said]);
  const found = {
    adopted: [
      { ...back, document: change, echo: null, applied: null, live: { body: {}, readAtMs: 0 } },
    ],
  };
  expect(news(found).map(({ msg }) => msg)).not.toContain(said.msg);
  news({ orphaned: [orphan] });
  expect(news(found)).toEqual([said]);
  news({ orphaned: [orphan] });
  expect(news({}), 'nor does a record that is gone speak for it').toEqual([]);
});

describe('a change', () => {
  const about = { file: 'w1.yaml', widget_id: widgetId(1) };

  test('that was applied is told with its fields, and each value that the API changed', () => {
    const { hear, taken } = narrator();
    const kept = [{ path: '/display_name', sent: 'Ava', kept: 'AVA' }];
    const facts = { attempts: 2, durationMs: 80.6, httpStatus: 200 };
    hear({ kind: 'change-ended', outcome: { status: 'applied', change, kept, ...facts } });
    expect(taken()).toEqual([
      {
        level: 'info',
        msg: 'applied',
        ...about,
        reason: 'edited',
        revision: change.revision,
        attempts: 2,
        duration_ms: 81,
        fields: ['/widget_type', '/display_name'],
      },
      {
        level: 'warn',
        msg: 'the API kept another value',
        ...about,
        field: '/display_name',
        sent: 'Ava',
        kept: 'AVA',
      },
    ]);
  });

  test('that was applied is told with the fields that it set back', () => {
    const { hear, taken } = narrator();
    const released = { path: '/name', from: 'A', to: null, by: 'git', released: true } as const;
    const facts = { attempts: 1, durationMs: 1, httpStatus: 200, kept: [] };
    const fields = [...change.fields, released];
    hear({
      kind: 'change-ended',
      outcome: { status: 'applied', change: { ...change, fields }, ...facts },
    });
    expect(taken()).toMatchObject([
      { fields: ['/widget_type', '/display_name', '/name'], released: ['/name'] },
    ]);
  });

  test('that failed is told with what the API refused, at its place in the file', () => {
    const { hear, taken } = narrator(() => range);
    const error = apiError({ refusedFields: [{ path: '/name', message: 'Too long' }] }, 'no');
    hear({
      kind: 'change-ended',
      outcome: { status: 'failed', change, error, attempts: 1, durationMs: 5 },
    });
    expect(taken()).toEqual([
      { level: 'error', msg: 'failed', ...about, attempts: 1, error: 'no' },
      {
        level: 'error',
        msg: 'the API refused name',
        file: 'w1.yaml',
        line: 3,
        column: 5,
        code: 'refused-by-api',
        detail: 'Too long',
      },
    ]);
  });

  test('that was not sent is told with the reason', () => {
    const { hear, taken } = narrator();
    hear({
      kind: 'change-ended',
      outcome: { status: 'unsent', change, why: 'the process was told to stop' },
    });
    expect(taken()).toEqual([
      { level: 'info', msg: 'not sent', ...about, why: 'the process was told to stop' },
    ]);
  });

  test('that is tried again is a warning', () => {
    const { hear, taken } = narrator();
    hear({ kind: 'change-retried', change, error: unavailable, attempts: 3, retryInMs: 1234.5 });
    expect(taken()).toEqual([
      {
        level: 'warn',
        msg: 'not applied, trying again',
        ...about,
        attempts: 3,
        retry_in_ms: 1235,
        error: unavailable.message,
      },
    ]);
  });
});

const failed = { kind: 'work-failed', work: 'pass', retryInMs: 5000 } as const;

test.each<[string, SyncEvent, object]>([
  [
    'a refused key',
    { kind: 'sending-halted', error: keyRefused, isFinal: false },
    {
      level: 'error',
      msg: 'the API refuses the key: nothing is sent until the key changes or a resync is due',
      error: keyRefused.message,
    },
  ],
  [
    'a refused key that ends it all',
    { kind: 'sending-halted', error: keyRefused, isFinal: true },
    { level: 'error', msg: 'the API refuses the key: nothing more is sent' },
  ],
  ['its end', { kind: 'sending-resumed' }, { level: 'info', msg: 'sending again' }],
  ['another key', { kind: 'key-changed' }, { level: 'info', msg: 'the key has changed' }],
  ['a sweep', { kind: 'sweep-ended' }, { level: 'debug', msg: 'read what is live' }],
  [
    'a key file that cannot be used',
    { kind: 'key-unusable', problem: 'empty' },
    { level: 'error', error: 'empty' },
  ],
  [
    'a directory that cannot be read',
    { ...failed, error: new UsageError('gone'), trigger: 'files' },
    { level: 'error', msg: 'cannot look', trigger: 'files', retry_in_ms: 5000, error: 'gone' },
  ],
  [
    'a state that cannot be written',
    { ...failed, error: new StateError('full'), trigger: 'key' },
    { level: 'error', msg: 'cannot look', trigger: 'key', error: 'full' },
  ],
])('%s is one line', (_, event, line) => {
  const { hear, taken } = narrator();
  hear(event);
  expect(taken()).toMatchObject([line]);
});

test('what keeps from looking is said once for as long as it is the same, and when it is over', () => {
  const { hear, taken, news } = narrator();
  const levels = () => taken().map(({ level, msg }) => `${level} ${msg}`);
  const fail = (work: 'pass' | 'sweep', message: string) =>
    hear({
      ...{ kind: 'work-failed', error: new UsageError(message), work },
      ...{ trigger: 'resync', retryInMs: 5000 },
    });
  fail('sweep', 'refused');
  fail('sweep', 'refused');
  fail('sweep', 'refused otherwise');
  expect(levels()).toEqual(['error cannot look', 'debug cannot look', 'error cannot look']);
  // Passes that need not read go on meanwhile.
  expect(news({})).toEqual([]);
  hear({ kind: 'sweep-ended' });
  hear({ kind: 'sweep-ended' });
  expect(levels()).toEqual([
    'debug read what is live',
    'info can look again',
    'debug read what is live',
  ]);
  fail('sweep', 'refused otherwise');
  expect(levels()).toEqual(['error cannot look']);
});

describe('reading what is live', () => {
  const told = () => {
    const lines: Line[] = [];
    const log = pino(
      {
        level: 'trace',
        base: null,
        timestamp: false,
        formatters: { level: (level) => ({ level }) },
      },
      { write: (line: string) => void lines.push(JSON.parse(line)) },
    );
    return { hear: logReads(log), lines };
  };

  test('is told where it cannot be, and where it is tried again', () => {
    const { hear, lines } = told();
    hear({ kind: 'account-unreadable', error: apiError({ status: 403 }, 'may not') });
    hear({ kind: 'read-retried', error: unavailable, attempts: 2, retryInMs: 12.6 });
    hear({ kind: 'widget-unread', widgetId: widgetId(1), error: unavailable });
    hear({ kind: 'account-readable' });
    expect(lines).toEqual([
      {
        level: 'warn',
        msg: 'the account cannot be read: drift is not seen, and only declared fields are sent',
        error: 'may not',
      },
      {
        level: 'warn',
        msg: 'not read, trying again',
        attempts: 2,
        retry_in_ms: 13,
        error: unavailable.message,
      },
      {
        level: 'warn',
        msg: 'could not be read: compared with what was last applied instead',
        widget_id: widgetId(1),
        error: unavailable.message,
      },
      {
        level: 'info',
        msg: 'the account can be read after all: what is live counts from now on',
      },
    ]);
  });

  test('says of each field that breaks the contract one line, however many widgets have it', () => {
    const { hear, lines } = told();
    for (const n of [1, 2, 3]) {
      const body = { id: widgetId(n), widget_type: 'chat', sparkle: n, name: n };
      hear({ kind: 'widget-read', body });
    }
    expect(lines).toMatchObject([{ field: 'sparkle' }, { field: 'name' }]);
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });
});

describe('files that cannot be believed', () => {
  const moving = { code: 'moving', message: 'the files are changing', retryInMs: 100 } as const;
  const locked = { code: 'git', message: 'git is writing', retryInMs: 100 } as const;
  const conflict = { code: 'git', message: 'a merge is in progress', retryInMs: null } as const;
  const older = { code: 'behind', message: 'older files', retryInMs: 5000 } as const;
  const contested = { ...older, retryInMs: null };
  const gone = { code: 'missing', message: 'no directory', retryInMs: null } as const;

  test.each([
    ['by themselves soon are not told', moving, 0, 'debug'],
    ['by git soon are not told', locked, 9000, 'debug'],
    ['by git, but late, are', locked, 10_000, 'warn'],
    ['by a person alone are told at once', conflict, 0, 'warn'],
    ['once newer ones are here soon are not told', older, 9000, 'debug'],
    ['once newer ones are here, but late, are', older, 10_000, 'warn'],
    ['once a person says which is newer are told at once', contested, 0, 'warn'],
    ['when the directory is back are told at once', gone, 0, 'warn'],
  ])('and will be %s', (_, unsettled, sinceMs, level) => {
    const { hear, taken } = narrator();
    hear({ kind: 'files-unsettled', unsettled, sinceMs, trigger: 'files' });
    expect(taken()).toMatchObject([{ level, detail: unsettled.message }]);
  });
});
