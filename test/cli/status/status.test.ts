import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { StateError, UsageError } from '../../../src/base/errors.ts';
import { version } from '../../../src/base/version.ts';
import { status } from '../../../src/cli/status/status.ts';
import { readSettings } from '../../../src/config/settings.ts';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import type { FailedStatus, HeldStatus, StatusRecord } from '../../../src/status/status-record.ts';
import type { WidgetState } from '../../../src/status/widget-status.ts';
import {
  ava,
  ben,
  foundAt,
  obstacleOf,
  queuedOf,
  recordOf,
  stateOptions,
  statusOf,
  temporaryDirectory,
  unknownLifetime,
} from '../../state/fixtures/state-options.ts';
import { capturedWorld, pipe, type Screen } from '../fixtures/captured-world.ts';

afterEach(() => vi.unstubAllEnvs());

const apiUrl = 'https://api.example.com';
const dora = '0d0ad0ad-0d44-4b50-8888-8dd257360000';
const asAva = recordOf(ava, { file: 'clients/ava.yaml', revision: '4f5e6d7c8b9a' });
const asBen = recordOf(ben, {
  file: 'ben.yaml',
  revision: null,
  appliedAt: new Date('2026-03-01T09:11:00Z'),
});

const suspended: HeldStatus = {
  widgetId: ben,
  file: 'ben.yaml',
  code: 'suspended',
  message: 'suspended: a campaign runs',
  line: null,
  until: new Date('2026-03-01T11:00:00Z'),
  since: foundAt,
};
const broken: HeldStatus = {
  widgetId: null,
  file: 'cleo.yaml',
  code: 'yaml-syntax',
  message: 'the quote is not closed',
  line: 3,
  until: null,
  since: foundAt,
};
const failed: FailedStatus = {
  widgetId: ava,
  file: 'clients/ava.yaml',
  error: 'the API answered 503: try later',
  httpStatus: 503,
  attempts: 4,
  time: new Date('2026-03-01T09:14:58Z'),
  ...{ name: 'Ava', widgetType: 'chat', line: null, since: foundAt },
};
/** The widgets of `everything`, one in each state and one more that is applied. */
const names = ['ava', 'ben', 'cleo', 'dora', 'eva', 'finn', 'gus', 'hal'] as const;
type Name = (typeof names)[number];

function at(name: Name) {
  const number = String(names.indexOf(name) + 1).padStart(8, '0');
  return { widgetId: `${number}-0d44-4b50-8888-8dd25736052a` as WidgetId, file: `${name}.yaml` };
}

/** What is recorded of them: all but Cleo, whose file says not who it is, and Dora, who is new. */
const eachRecorded = names
  .filter((name) => name !== 'cleo' && name !== 'dora')
  .map((name) => {
    const { widgetId, file } = at(name);
    return recordOf(widgetId, { file, revision: '4f5e6d7c8b9a' });
  });

const everything = statusOf({
  revision: '4f5e6d7c8b9a',
  commit: { id: '4f5e6d7c8b9a', subject: 'Greet', author: 'Mia Ng', time: foundAt },
  queue: [
    queuedOf(at('dora').widgetId, { ...at('dora'), reason: 'new', name: 'Dora' }),
    queuedOf(at('ava').widgetId, {
      ...{ ...at('ava'), phase: 'backing-off', place: null, attempts: 4 },
      ...{ answered: failed.error, httpStatus: 503, nextTry: new Date('2026-03-01T09:15:42Z') },
    }),
  ],
  held: [{ ...suspended, ...at('ben') }, broken],
  failed: [{ ...failed, ...at('ava') }],
  drifted: [
    { ...at('eva'), why: 'policy', until: null, fields: ['/name'], since: foundAt },
    {
      ...at('finn'),
      why: 'fought-over',
      until: new Date('2026-03-01T10:00:00Z'),
      fields: ['/header_color', '/style_params/font~1size'],
      since: foundAt,
    },
  ],
  orphaned: [{ ...at('gus'), since: foundAt }],
  kept: [
    {
      ...at('hal'),
      since: new Date('2026-03-01T08:00:00Z'),
      fields: [
        { path: '/header_color', sent: '#FFF', kept: 'red' },
        { path: '/name', sent: 'Ava', kept: 'ava', spelling: true },
        { path: '/style_params/dark', sent: true },
      ],
    },
  ],
});

async function stateWith(
  records: readonly AppliedRecord[],
  lastPass: StatusRecord | null,
  api = apiUrl,
) {
  const directory = await temporaryDirectory();
  const store = await openState(stateOptions(directory, { apiUrl: api }));
  for (const record of records) await store.save(record);
  if (lastPass !== null) await store.reportStatus(lastPass);
  await store.close();
  return directory;
}

interface RunOptions {
  readonly json?: boolean;
  readonly widget?: string;
  readonly only?: readonly WidgetState[];
  readonly maxAgeMs?: number;
  readonly screen?: Screen;
  /** Null: none is named. */
  readonly url?: string | null;
}

async function run(state: string, options: RunOptions = {}) {
  const { json = false, screen = pipe, url = apiUrl } = options;
  const { widget = null, only = null, maxAgeMs = null } = options;
  const world = capturedWorld(screen);
  const named = url === null ? {} : { apiUrl: url };
  const settings = readSettings({ state, ...named, logLevel: 'silent' }, {});
  const request = { settings, json, widget, only, maxAgeMs, watch: false };
  const code = await status(request, world);
  return { code, ...world.printed };
}

describe('status for people', () => {
  test('shows what is applied, and when who looked last', async () => {
    const { code, stdout, stderr } = await run(await stateWith([asAva, asBen], statusOf()));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "APPLIED           WIDGET    WHEN                  REVISION
      ben.yaml          7f1b2c3d  2026-03-01T09:11:00Z  -
      clients/ava.yaml  3c90c3cc  2026-03-01T08:00:00Z  4f5e6d7c

      Last pass 2026-03-01T09:12:00Z (3 min ago), by run over widgets.
      No process has this state directory open.
      2 applied, 0 orphaned, 0 suspended, 0 pending, 0 drifted, 0 held, 0 failed.
      "
    `);
  });

  test('shows everything that stands in the way with its reason', async () => {
    const { code, stdout } = await run(await stateWith(eachRecorded, everything));
    expect(code).toBe(1);
    expect(stdout).toMatchInlineSnapshot(`
      "APPLIED   WIDGET    WHEN                  REVISION
      hal.yaml  00000008  2026-03-01T08:00:00Z  4f5e6d7c

      KEPT OTHERWISE  WIDGET    SINCE                 FIELDS (SENT → KEPT BY THE API)
      hal.yaml        00000008  2026-03-01T08:00:00Z  header_color "#FFF" → "red", name "Ava" → "ava" (another spelling), style_params.dark true → nothing

      ORPHANED  WIDGET    FOR    WHY
      gus.yaml  00000007  5 min  applied once, no file now; the widget stays as it is

      SUSPENDED  WIDGET    FOR    WHY
      ben.yaml   00000002  5 min  suspended: a campaign runs; it ends in 1 h 45 min

      PENDING    WIDGET    FOR    WHY
      dora.yaml  00000004  5 min  new; next in the line

      DRIFTED    WIDGET    FOR    WHY
      eva.yaml   00000005  5 min  name was changed in the dashboard, and that is only reported
      finn.yaml  00000006  5 min  header_color, style_params["font/size"] were changed in the dashboard again and again: it is fought over; it may be corrected again in 45 min

      HELD       WIDGET   FOR    WHY
      cleo.yaml  unknown  5 min  yaml-syntax, line 3: the quote is not closed

      FAILED    WIDGET    FOR    WHY
      ava.yaml  00000001  5 min  the API answered 503: try later; tried 4 times; next try in 42 s

      Last pass 2026-03-01T09:12:00Z (3 min ago), by run over widgets at 4f5e6d7c “Greet”, Mia Ng.
      2 changes were still in the queue when it ended; the next run or apply looks again.
      No process has this state directory open.
      1 applied, 1 orphaned, 1 suspended, 1 pending, 2 drifted, 1 held, 1 failed, 1 kept otherwise.
      "
    `);
  });

  test('says until when nothing is sent and why, while somebody waits for it', async () => {
    const waiting = {
      why: 'the API asks for it (Retry-After)',
      until: new Date('2026-03-01T09:15:12Z'),
      reason: 'retry-after' as const,
    };
    const state = await stateWith([asAva], statusOf({ waiting, apiRate: '3/s' }));
    const learnt = 'The API takes about 3/s, less than --rate allows.';
    expect((await run(state)).stdout).not.toContain('Waiting');
    const daemon = await openState({ ...stateOptions(state), command: 'run' });
    const { code, stdout } = await run(state);
    await daemon.close();
    expect(code).toBe(0);
    expect(stdout).toContain(
      `Waiting: nothing is sent before 2026-03-01T09:15:12Z (12 s from now): ${waiting.why}.`,
    );
    expect(stdout).toContain(learnt);
  });

  test('says that newer files are waited for, while somebody does', async () => {
    const says = 'these files (4f5e6d7c) are older than those that were followed last';
    const unsettled = { code: 'behind', says, since: new Date('2026-03-01T09:14:20Z') };
    const files = { lookedAt: null, found: 1, unsettled };
    const state = await stateWith([asAva], statusOf({ files }));
    expect((await run(state)).stdout).not.toContain('Waiting for files');
    const daemon = await openState({ ...stateOptions(state), command: 'run' });
    const { stdout } = await run(state);
    await daemon.close();
    expect(stdout).toContain(`Waiting for files (for 40 s): ${says}.`);
  });

  test('names the process that has the state open, as long as it has', async () => {
    const directory = await stateWith([asAva], statusOf());
    const store = await openState(stateOptions(directory, { command: 'run' }));
    const { stdout } = await run(directory);
    expect(stdout).toContain(
      `\nProcess ${process.pid} (widget-sync run, since 2026-03-02T09:00:00.000Z) has this state directory open.\n`,
    );
    const json = JSON.parse((await run(directory, { json: true })).stdout);
    const since = '2026-03-02T09:00:00.000Z';
    expect(json.process).toEqual({ pid: process.pid, host: hostname(), command: 'run', since });
    await store.close();
    expect((await run(directory)).stdout).toContain(
      '\nNo process has this state directory open.\n',
    );
  });

  test('says of what is pending that somebody is at it, as long as somebody is', async () => {
    const directory = await stateWith(
      [asAva],
      statusOf({ queue: [queuedOf(ava), queuedOf(dora)] }),
    );
    const store = await openState(stateOptions(directory, { command: 'run' }));
    const asked = await run(directory);
    await store.close();
    expect(asked.stdout).toMatch(
      /by run over widgets\.\n2 changes in the queue: not sent yet, or not answered\.\nProcess /,
    );
    expect((await run(directory)).stdout).toContain(
      '\n2 changes were still in the queue when it ended;',
    );
  });

  test('names the process also where it has recorded nothing yet', async () => {
    const directory = await temporaryDirectory();
    const store = await openState(stateOptions(directory, { command: 'run' }));
    const { stdout } = await run(directory);
    expect(stdout).toContain(`for ${apiUrl} yet.\nProcess ${process.pid} (widget-sync run, since `);
    await store.close();
  });

  test('says that nothing is read of what is live, since no drift would be shown either', async () => {
    const told = (isBlind: boolean) =>
      stateWith([asAva], statusOf({ isBlind })).then(async (state) => (await run(state)).stdout);
    expect(await told(true)).toContain('\nBlind: reads are off or refused; drift is not seen');
    expect(await told(false)).not.toContain('Blind');
  });

  test('says that half a checkout would not be seen where no git directory is', async () => {
    const told = (source: StatusRecord['source']) =>
      stateWith([asAva], statusOf({ source })).then(async (state) => (await run(state)).stdout);
    expect(await told('plain')).toContain('\nPlain: no git checkout and no published link; ');
    for (const other of ['checkout', 'published', null] as const) {
      expect(await told(other)).not.toContain('Plain');
    }
  });

  test('says why nothing can be sent, next to the sum', async () => {
    const blocked = 'the API refuses the key (401)\u001b[2J';
    const state = await stateWith([asAva], statusOf({ obstacles: [obstacleOf(blocked, 'key')] }));
    const { code, stdout } = await run(state);
    expect(code).toBe(1);
    expect(stdout.split('\n\n').slice(1)).toEqual([
      'Blocked: the API refuses the key (401)\\u001b[2J',
      'Last pass 2026-03-01T09:12:00Z (3 min ago), by run over widgets.\n' +
        'No process has this state directory open.\n' +
        '1 applied, 0 orphaned, 0 suspended, 0 pending, 0 drifted, 0 held, 0 failed.\n',
    ]);
  });

  test('is coloured on a terminal, and says all of it where that is narrow', async () => {
    const state = await stateWith(eachRecorded, everything);
    const { stdout } = await run(state, { screen: { columns: 72, env: { FORCE_COLOR: '1' } } });
    const lines = stripVTControlCharacters(stdout).split('\n');
    expect(stdout).not.toBe(lines.join('\n'));
    const at = lines.findIndex((line) => line.startsWith('FAILED'));
    expect(lines.slice(at, at + 4)).toEqual([
      'FAILED    WIDGET    FOR',
      'ava.yaml  00000001  5 min',
      '    the API answered 503: try later; tried 4 times; next try in 42 s',
      '',
    ]);
    expect(lines).toContain('dora.yaml  00000004  5 min  new; next in the line');
  });

  test('makes what stands in the files harmless', async () => {
    const record = recordOf(ava, { file: '\u001b[2Ja.yaml' });
    const message = 'two\nlines';
    const lastPass = statusOf({ directory: 'w\u0007', held: [{ ...broken, message }] });
    const { stdout } = await run(await stateWith([record], lastPass));
    expect(stdout).toContain('\\u001b[2Ja.yaml');
    expect(stdout).toContain('two\\u000alines');
    expect(stdout).toContain('over w\\u0007.');
  });

  test.each([
    ['2026-03-01T09:15:00Z', 'just now'],
    ['2026-03-01T09:14:59Z', '1 s ago'],
    ['2026-03-01T09:14:47Z', '13 s ago'],
    ['2026-03-01T09:13:01Z', '1 min 59 s ago'],
    ['2026-03-01T09:20:00Z', 'just now'],
    ['2026-03-01T09:13:00Z', '2 min ago'],
    ['2026-03-01T07:16:00Z', '1 h 59 min ago'],
    ['2026-03-01T07:15:00Z', '2 h ago'],
    ['2026-02-27T09:15:00Z', '2 d ago'],
  ])('says of a pass at %s that it was %s', async (time, age) => {
    const { stdout } = await run(await stateWith([], statusOf({ time: new Date(time) })));
    expect(stdout).toContain(`(${age}), by run over widgets.`);
  });

  test('says that no pass is recorded where only records are', async () => {
    const { code, stdout } = await run(await stateWith([asAva], null));
    expect(code).toBe(0);
    expect(stdout).toMatch(/No pass is recorded\.\nNo process has .*\.\n1 applied, 0 orphaned/);
  });
});

describe('the exit code of status', () => {
  test.each<[number, string, Partial<StatusRecord>]>([
    [0, 'for nothing', {}],
    [0, 'for a suspension: it is meant', { held: [suspended] }],
    [0, 'for drift that is reported as told', { drifted: everything.drifted }],
    [0, 'for an orphan', { orphaned: everything.orphaned }],
    [0, 'for changes that wait', { queue: [queuedOf(ava)] }],
    [1, 'for a broken file', { held: [suspended, broken] }],
    [
      1,
      'for a widget that the account does not have',
      { held: [{ ...broken, code: 'not-in-account' }] },
    ],
    [1, 'for a failure', { failed: [failed] }],
    [1, 'where nothing can be sent at all', { obstacles: [obstacleOf('no answer')] }],
  ])('is %i %s', async (expected, _, changes) => {
    const state = await stateWith([asAva], statusOf(changes));
    expect((await run(state)).code).toBe(expected);
    expect((await run(state, { json: true })).code).toBe(expected);
  });
});

describe('status of some widgets', () => {
  test.each<[string, RunOptions, readonly Name[], number]>([
    ['by file', { widget: 'hal.yaml' }, ['hal'], 0],
    ['by the beginning of an id', { widget: '00000001' }, ['ava'], 1],
    ['by name, of each that has it', { widget: 'dora' }, ['dora'], 0],
    ['in one state', { only: ['failed'] }, ['ava'], 1],
    ['in several', { only: ['drifted', 'applied'] }, ['eva', 'finn', 'hal'], 0],
    ['that are held, without the suspended', { only: ['held'] }, ['cleo'], 1],
    ['by file, if in that state', { widget: 'hal.yaml', only: ['failed'] }, [], 0],
  ])('%s shows these, and ends as they are', async (_, options, shown, expected) => {
    const state = await stateWith(eachRecorded, everything);
    const { code, stdout } = await run(state, options);
    const json = JSON.parse((await run(state, { ...options, json: true })).stdout);
    expect(code).toBe(expected);
    const files = json.widgets.map((widget: { file: string }) => widget.file);
    expect(files.toSorted()).toEqual(shown.map((name) => `${name}.yaml`));
    for (const name of names) {
      expect(stdout.includes(`${name}.yaml`), name).toBe(shown.includes(name));
    }
    for (const list of ['applied', 'held', 'failed', 'drifted', 'orphaned', 'kept', 'queue']) {
      for (const { file } of json[list]) expect(files, list).toContain(file);
    }
    // What is not shown still counts.
    expect(stdout).toContain('1 applied, 1 orphaned, 1 suspended, 1 pending, 2 drifted, 1 held');
    expect(Object.values(json.summary.states)).toEqual([1, 1, 2, 1, 1, 1, 1]);
  });

  test('says what is in the way of all of them, and fails for it', async () => {
    const obstacles = [obstacleOf('the API refuses the key (401)', 'key')];
    const state = await stateWith(eachRecorded, { ...everything, obstacles });
    const { code, stdout } = await run(state, { widget: 'hal.yaml' });
    expect(code).toBe(1);
    expect(stdout).toContain('Blocked: the API refuses the key (401)');
  });

  test('of which none is known says so', async () => {
    const state = await stateWith(eachRecorded, everything);
    await expect(run(state, { widget: 'nobody\n' })).rejects.toThrow(
      '--widget: no widget is known by the file, id or name nobody\\u000a; widget-sync status lists all',
    );
  });
});

describe('status of a daemon', () => {
  const at = (time: string) => new Date(`2026-03-01T${time}Z`);
  const began = { ...unknownLifetime, pid: 4711, host: hostname(), startedAt: at('08:00:00') };
  const stateOf = (lifetime: Partial<StatusRecord['lifetime']>, command = 'run') =>
    stateWith([asAva], statusOf({ command, lifetime: { ...began, ...lifetime } }));

  const heldSince = (state: string, since: Date) =>
    openState({
      ...{ ...stateOptions(state), command: 'run' },
      clock: { now: () => since, monotonicMs: () => 0 },
    });

  test('that was killed fails, and says when it was seen last', async () => {
    const state = await stateOf({ heartbeat: at('09:13:20') });
    const { code, stdout } = await run(state);
    expect(code).toBe(1);
    expect(stdout).toContain(
      `The daemon does not run any more (process 4711 on ${hostname()}, last seen 1 min 40 s ago): nothing is sent until it is started again.`,
    );
    const json = await run(state, { json: true });
    expect(JSON.parse(json.stdout)).toMatchObject({ daemon: 'gone', lifetime: { pid: 4711 } });
    expect(json.code).toBe(1);
  });

  test('that ended in good order is fine, unless one has to run', async () => {
    const state = await stateOf({ heartbeat: at('09:13:20'), endedAt: at('09:13:30') });
    expect(await run(state)).toMatchObject({
      code: 0,
      stdout: expect.not.stringMatching('daemon'),
    });
    const { code, stdout } = await run(state, { maxAgeMs: 60_000 });
    expect(code).toBe(1);
    expect(stdout).toContain('No daemon runs: the last one ended 1 min 30 s ago.');
  });

  test.each([
    [14_000, 1],
    [15_000, 0],
  ])('that may be silent for %i ms: %i', async (maxAgeMs, expected) => {
    const state = await stateOf({ heartbeat: at('09:14:45') });
    const daemon = await heldSince(state, at('08:00:00'));
    const { code } = await run(state, { maxAgeMs });
    await daemon.close();
    expect(code).toBe(expected);
  });

  test('that is there and has done nothing for long fails', async () => {
    const state = await stateOf({ heartbeat: at('09:10:00') });
    const daemon = await heldSince(state, at('08:00:00'));
    const { code, stdout } = await run(state);
    await daemon.close();
    expect(code).toBe(1);
    expect(stdout).toContain(
      `The daemon is there and writes no status (process 4711 on ${hostname()}, last seen 5 min ago): it hangs, or cannot write the state directory. Look at its log; where it hangs, end it with kill -9 4711 and start it again.`,
    );
  });

  test('that works says since when, and when it was seen to', async () => {
    const heartbeat = at('09:14:50');
    const state = await stateWith(
      [asAva],
      statusOf({ lifetime: { ...began, pid: process.pid, heartbeat } }),
    );
    const daemon = await heldSince(state, at('08:00:00'));
    const { stdout } = await run(state);
    await daemon.close();
    expect(stdout).toContain(
      `(widget-sync run, since 2026-03-01T08:00:00.000Z) has this state directory open, seen to work 10 s ago.`,
    );
  });

  test('that was never started fails only where one has to run', async () => {
    const states = [stateOf({}, 'apply'), stateWith([asAva], null), temporaryDirectory()];
    for (const state of await Promise.all(states)) {
      expect((await run(state)).code).toBe(0);
      const { code, stdout } = await run(state, { maxAgeMs: 60_000 });
      expect(code).toBe(1);
      expect(stdout).toContain('No daemon runs.');
    }
  });

  test('says when everything was read last, and is again', async () => {
    const resyncs = { lastResync: at('09:00:00'), nextResync: at('10:00:00') };
    const state = await stateOf({ heartbeat: at('09:14:50'), ...resyncs });
    expect((await run(state)).stdout).toContain('\nFull resync: last 2026-03-01T09:00:00Z.\n');
    const daemon = await openState({ ...stateOptions(state), command: 'run' });
    expect((await run(state)).stdout).toContain(
      '\nFull resync: last 2026-03-01T09:00:00Z, next 2026-03-01T10:00:00Z.\n',
    );
    await daemon.close();
  });
});

describe('status --json', () => {
  test('has everything in full', async () => {
    const { code, stdout } = await run(await stateWith(eachRecorded, everything), { json: true });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchInlineSnapshot(`
      {
        "api_rate": null,
        "applied": [
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "file": "ava.yaml",
            "hash": "69a394460a90a3ced3b717352f59f5218a25f5aa1fe3d6fc8effa8d816873388",
            "revision": "4f5e6d7c8b9a",
            "widget_id": "00000001-0d44-4b50-8888-8dd25736052a",
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "file": "ben.yaml",
            "hash": "69a394460a90a3ced3b717352f59f5218a25f5aa1fe3d6fc8effa8d816873388",
            "revision": "4f5e6d7c8b9a",
            "widget_id": "00000002-0d44-4b50-8888-8dd25736052a",
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "file": "eva.yaml",
            "hash": "69a394460a90a3ced3b717352f59f5218a25f5aa1fe3d6fc8effa8d816873388",
            "revision": "4f5e6d7c8b9a",
            "widget_id": "00000005-0d44-4b50-8888-8dd25736052a",
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "file": "finn.yaml",
            "hash": "69a394460a90a3ced3b717352f59f5218a25f5aa1fe3d6fc8effa8d816873388",
            "revision": "4f5e6d7c8b9a",
            "widget_id": "00000006-0d44-4b50-8888-8dd25736052a",
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "file": "gus.yaml",
            "hash": "69a394460a90a3ced3b717352f59f5218a25f5aa1fe3d6fc8effa8d816873388",
            "revision": "4f5e6d7c8b9a",
            "widget_id": "00000007-0d44-4b50-8888-8dd25736052a",
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "file": "hal.yaml",
            "hash": "69a394460a90a3ced3b717352f59f5218a25f5aa1fe3d6fc8effa8d816873388",
            "revision": "4f5e6d7c8b9a",
            "widget_id": "00000008-0d44-4b50-8888-8dd25736052a",
          },
        ],
        "asked_at": "2026-03-01T09:15:00.000Z",
        "blind": false,
        "blocked": null,
        "command": "run",
        "commit": {
          "author": "Mia Ng",
          "id": "4f5e6d7c8b9a",
          "subject": "Greet",
          "time": "2026-03-01T09:10:00.000Z",
        },
        "daemon": "none",
        "directory": "widgets",
        "drifted": [
          {
            "fields": [
              "/name",
            ],
            "file": "eva.yaml",
            "since": "2026-03-01T09:10:00.000Z",
            "until": null,
            "why": "policy",
            "widget_id": "00000005-0d44-4b50-8888-8dd25736052a",
          },
          {
            "fields": [
              "/header_color",
              "/style_params/font~1size",
            ],
            "file": "finn.yaml",
            "since": "2026-03-01T09:10:00.000Z",
            "until": "2026-03-01T10:00:00.000Z",
            "why": "fought-over",
            "widget_id": "00000006-0d44-4b50-8888-8dd25736052a",
          },
        ],
        "failed": [
          {
            "attempts": 4,
            "error": "the API answered 503: try later",
            "file": "ava.yaml",
            "http_status": 503,
            "line": null,
            "name": "Ava",
            "since": "2026-03-01T09:10:00.000Z",
            "time": "2026-03-01T09:14:58.000Z",
            "widget_id": "00000001-0d44-4b50-8888-8dd25736052a",
            "widget_type": "chat",
          },
        ],
        "files": null,
        "format_version": "1.0",
        "held": [
          {
            "code": "suspended",
            "file": "ben.yaml",
            "line": null,
            "message": "suspended: a campaign runs",
            "since": "2026-03-01T09:10:00.000Z",
            "until": "2026-03-01T11:00:00.000Z",
            "widget_id": "00000002-0d44-4b50-8888-8dd25736052a",
          },
          {
            "code": "yaml-syntax",
            "file": "cleo.yaml",
            "line": 3,
            "message": "the quote is not closed",
            "since": "2026-03-01T09:10:00.000Z",
            "until": null,
            "widget_id": null,
          },
        ],
        "kept": [
          {
            "fields": [
              {
                "kept": "red",
                "path": "/header_color",
                "sent": "#FFF",
              },
              {
                "kept": "ava",
                "path": "/name",
                "sent": "Ava",
                "spelling": true,
              },
              {
                "path": "/style_params/dark",
                "sent": true,
              },
            ],
            "file": "hal.yaml",
            "since": "2026-03-01T08:00:00.000Z",
            "widget_id": "00000008-0d44-4b50-8888-8dd25736052a",
          },
        ],
        "lifetime": {
          "ended_at": null,
          "heartbeat": null,
          "host": null,
          "last_resync": null,
          "last_write": null,
          "next_resync": null,
          "pid": null,
          "started_at": null,
        },
        "obstacles": [],
        "orphaned": [
          {
            "file": "gus.yaml",
            "since": "2026-03-01T09:10:00.000Z",
            "widget_id": "00000007-0d44-4b50-8888-8dd25736052a",
          },
        ],
        "pending": 2,
        "process": null,
        "queue": [
          {
            "answered": null,
            "attempts": 0,
            "fields": [
              "/name",
            ],
            "file": "dora.yaml",
            "http_status": null,
            "name": "Dora",
            "next_try": null,
            "phase": "queued",
            "place": 1,
            "reason": "new",
            "revision": null,
            "since": "2026-03-01T09:10:00.000Z",
            "widget_id": "00000004-0d44-4b50-8888-8dd25736052a",
            "widget_type": "chat",
          },
          {
            "answered": "the API answered 503: try later",
            "attempts": 4,
            "fields": [
              "/name",
            ],
            "file": "ava.yaml",
            "http_status": 503,
            "name": null,
            "next_try": "2026-03-01T09:15:42.000Z",
            "phase": "backing-off",
            "place": null,
            "reason": "edited",
            "revision": null,
            "since": "2026-03-01T09:10:00.000Z",
            "widget_id": "00000001-0d44-4b50-8888-8dd25736052a",
            "widget_type": "chat",
          },
        ],
        "refused_checksum": null,
        "revision": "4f5e6d7c8b9a",
        "source": "checkout",
        "summary": {
          "applied": 6,
          "drifted": 2,
          "failed": 1,
          "held": 2,
          "kept": 1,
          "orphaned": 1,
          "states": {
            "applied": 1,
            "drifted": 2,
            "failed": 1,
            "held": 1,
            "orphaned": 1,
            "pending": 1,
            "suspended": 1,
          },
        },
        "time": "2026-03-01T09:12:00.000Z",
        "unseen": [],
        "version": "0.2.0",
        "waiting": null,
        "widgets": [
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "code": null,
            "file": "ava.yaml",
            "line": null,
            "name": "Ava",
            "reason": "the API answered 503: try later; tried 4 times",
            "revision": "4f5e6d7c8b9a",
            "since": "2026-03-01T09:10:00.000Z",
            "state": "failed",
            "until": "2026-03-01T09:15:42.000Z",
            "widget_id": "00000001-0d44-4b50-8888-8dd25736052a",
            "widget_type": "chat",
          },
          {
            "applied_at": null,
            "code": "yaml-syntax",
            "file": "cleo.yaml",
            "line": 3,
            "name": null,
            "reason": "the quote is not closed",
            "revision": null,
            "since": "2026-03-01T09:10:00.000Z",
            "state": "held",
            "until": null,
            "widget_id": null,
            "widget_type": null,
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "code": null,
            "file": "eva.yaml",
            "line": null,
            "name": "Ava",
            "reason": "name was changed in the dashboard, and that is only reported",
            "revision": "4f5e6d7c8b9a",
            "since": "2026-03-01T09:10:00.000Z",
            "state": "drifted",
            "until": null,
            "widget_id": "00000005-0d44-4b50-8888-8dd25736052a",
            "widget_type": "chat",
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "code": null,
            "file": "finn.yaml",
            "line": null,
            "name": "Ava",
            "reason": "header_color, style_params["font/size"] were changed in the dashboard again and again: it is fought over",
            "revision": "4f5e6d7c8b9a",
            "since": "2026-03-01T09:10:00.000Z",
            "state": "drifted",
            "until": "2026-03-01T10:00:00.000Z",
            "widget_id": "00000006-0d44-4b50-8888-8dd25736052a",
            "widget_type": "chat",
          },
          {
            "applied_at": null,
            "code": null,
            "file": "dora.yaml",
            "line": null,
            "name": "Dora",
            "reason": "new; next in the line",
            "revision": null,
            "since": "2026-03-01T09:10:00.000Z",
            "state": "pending",
            "until": null,
            "widget_id": "00000004-0d44-4b50-8888-8dd25736052a",
            "widget_type": "chat",
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "code": "suspended",
            "file": "ben.yaml",
            "line": null,
            "name": "Ava",
            "reason": "suspended: a campaign runs",
            "revision": "4f5e6d7c8b9a",
            "since": "2026-03-01T09:10:00.000Z",
            "state": "suspended",
            "until": "2026-03-01T11:00:00.000Z",
            "widget_id": "00000002-0d44-4b50-8888-8dd25736052a",
            "widget_type": "chat",
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "code": null,
            "file": "gus.yaml",
            "line": null,
            "name": "Ava",
            "reason": "applied once, no file now; the widget stays as it is",
            "revision": "4f5e6d7c8b9a",
            "since": "2026-03-01T09:10:00.000Z",
            "state": "orphaned",
            "until": null,
            "widget_id": "00000007-0d44-4b50-8888-8dd25736052a",
            "widget_type": "chat",
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "code": null,
            "file": "hal.yaml",
            "line": null,
            "name": "Ava",
            "reason": null,
            "revision": "4f5e6d7c8b9a",
            "since": "2026-03-01T08:00:00.123Z",
            "state": "applied",
            "until": null,
            "widget_id": "00000008-0d44-4b50-8888-8dd25736052a",
            "widget_type": "chat",
          },
        ],
      }
    `);
    expect(Object.keys(JSON.parse(stdout))).toEqual([
      ...['format_version', 'version', 'asked_at'],
      ...['time', 'command', 'directory', 'revision', 'commit', 'source'],
      ...[
        'obstacles',
        'files',
        'waiting',
        'api_rate',
        'refused_checksum',
        'lifetime',
        'unseen',
        'queue',
      ],
      ...['blind', 'blocked', 'pending', 'process', 'daemon'],
      ...['applied', 'held', 'failed', 'drifted', 'orphaned', 'kept', 'widgets', 'summary'],
    ]);
  });

  test('has the same keys where nothing is recorded', async () => {
    const { code, stdout } = await run(await temporaryDirectory(), { json: true });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      ...{ format_version: '1.0', version, asked_at: '2026-03-01T09:15:00.000Z' },
      ...{ time: null, command: null, directory: null, revision: null, commit: null, source: null },
      ...{ files: null, unseen: [] },
      ...{ waiting: null, api_rate: null, obstacles: [], lifetime: null, queue: [] },
      ...{ blocked: null, blind: null, refused_checksum: null, pending: null, process: null },
      ...{ applied: [], held: [], failed: [], drifted: [], orphaned: [], kept: [], widgets: [] },
      daemon: 'none',
      summary: {
        ...{ applied: 0, held: 0, failed: 0, drifted: 0, orphaned: 0, kept: 0 },
        states: {
          ...{ applied: 0, pending: 0, failed: 0, held: 0, suspended: 0, drifted: 0 },
          orphaned: 0,
        },
      },
    });
  });
});

describe('a state directory', () => {
  test('that does not exist is an error, and not made; an empty one is not', async () => {
    const parent = await temporaryDirectory();
    const missing = join(parent, 'state');
    const words = `there is no state directory ${missing}: nothing was applied yet, or --state`;
    await expect(run(missing)).rejects.toThrow(words);
    await expect(run(missing, { json: true })).rejects.toThrow(StateError);
    expect(await readdir(parent)).toEqual([]);
    expect(await run(parent)).toEqual({
      code: 0,
      stdout: `Nothing is recorded in the state directory ${parent} for ${apiUrl} yet.\n`,
      stderr: '',
    });
  });

  test.each<[string, readonly AppliedRecord[], StatusRecord | null]>([
    ['in its records and its status', [asAva], everything],
    ['in its records alone', [asAva, asBen], null],
    ['in its status alone', [], everything],
  ])('of another API than the one named is refused: %s', async (_, records, lastPass) => {
    const state = await stateWith(records, lastPass);
    const asked = run(state, { url: 'https://other.example.com' });
    await expect(asked).rejects.toThrow(
      `${state} belongs to ${apiUrl}, not to https://other.example.com: give ${apiUrl} with --api-url`,
    );
    await expect(asked).rejects.toThrow(StateError);
  });

  test('of several APIs shows what is asked for', async () => {
    const state = await stateWith([asAva], null);
    const other = 'https://other.example.com';
    // Earlier versions let two share a directory; this one opens it for neither but its own.
    const beside = await stateWith([asBen], statusOf(), other);
    await cp(beside, state, { recursive: true });
    const shown = async (url: string | null) =>
      JSON.parse((await run(state, { json: true, url })).stdout).applied;
    expect(await shown(apiUrl)).toMatchObject([{ widget_id: ava }]);
    expect(await shown(other)).toMatchObject([{ widget_id: ben }]);
    // Nobody's in particular: that of the last pass.
    expect(await shown(null)).toMatchObject([{ widget_id: ben }]);
  });

  test('is shown whosever it is where no API is named, with a word on whose', async () => {
    const state = await stateWith(eachRecorded, everything);
    const named = await run(state);
    const unnamed = await run(state, { url: null });
    expect(unnamed.stdout).toBe(named.stdout);
    expect(unnamed.code).toBe(named.code);
    expect(named.stderr).toBe('');
    expect(unnamed.stderr).toBe(
      `widget-sync: ${state} is the state of ${apiUrl}; commands that ask or send need --api-url for it\n`,
    );
  });

  test('is found however the API is spelt, and can be asked while a daemon holds it', async () => {
    const state = await temporaryDirectory();
    const daemon = await openState(stateOptions(state));
    await daemon.save(asAva);
    const { stdout } = await run(state, { url: 'https://API.example.com:443/' });
    expect(stdout).toContain('clients/ava.yaml');
    await daemon.close();
  });

  test('with a damaged record shows the others', async () => {
    const state = await stateWith([asAva, asBen], statusOf());
    await writeFile(join(state, 'widgets', `${ava}.json`), '{');
    const { stdout } = await run(state, { json: true });
    expect(JSON.parse(stdout).applied).toEqual([expect.objectContaining({ widget_id: ben })]);
  });

  test.each([
    ['cut short', '{"version": 1, "api_u'],
    ['of a later version', '{"version": 2, "api_url": "https://api.example.com"}'],
  ])('whose word on the last pass is %s fails, and says so', async (_, text) => {
    const state = await stateWith([asAva], statusOf({ failed: [failed] }));
    await writeFile(join(state, 'status.json'), text);
    const { code, stdout, stderr } = await run(state);
    expect(code).toBe(1);
    expect(stderr).toMatch(/last pass found is not known: .*status\.json is damaged/);
    expect(stdout).toContain('clients/ava.yaml');
    expect(stdout).not.toContain('No pass is recorded');
  });

  test('that cannot be read, or for an API that cannot be, is an error', async () => {
    const state = await temporaryDirectory();
    await mkdir(join(state, 'status.json'));
    await expect(run(state)).rejects.toThrow(StateError);
    await expect(run(state, { url: 'ftp://example.com' })).rejects.toThrow(UsageError);
  });
});
