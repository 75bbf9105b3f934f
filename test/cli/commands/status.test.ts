import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { StateError, UsageError } from '../../../src/base/errors.ts';
import { status } from '../../../src/cli/commands/status.ts';
import { readSettings } from '../../../src/config/settings.ts';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import type { FailedStatus, HeldStatus, StatusRecord } from '../../../src/status/status-record.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import {
  ava,
  ben,
  recordOf,
  stateOptions,
  statusOf,
  temporaryDirectory,
} from '../../state/fixtures/state-options.ts';
import { capturedWorld, pipe, type Screen } from '../fixtures/captured-world.ts';

afterEach(() => vi.unstubAllEnvs());

const apiUrl = 'https://api.example.com';
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
};
const broken: HeldStatus = {
  widgetId: null,
  file: 'cleo.yaml',
  code: 'yaml-syntax',
  message: 'the quote is not closed',
};
const failed: FailedStatus = {
  widgetId: ava,
  file: 'clients/ava.yaml',
  error: 'the API answered 503: try later',
  httpStatus: 503,
  attempts: 4,
  time: new Date('2026-03-01T09:14:58Z'),
};
const everything = statusOf({
  revision: '4f5e6d7c8b9a',
  pending: 1,
  held: [suspended, broken],
  failed: [failed],
  drifted: [
    { widgetId: ava, file: 'clients/ava.yaml', why: 'policy', until: null, fields: ['/name'] },
    {
      widgetId: ben,
      file: 'ben.yaml',
      why: 'fought-over',
      until: new Date('2026-03-01T10:00:00Z'),
      fields: ['/header_color', '/style_params/font~1size'],
    },
  ],
  orphaned: [{ widgetId: ben, file: 'ben.yaml' }],
  kept: [
    {
      widgetId: ava,
      file: 'clients/ava.yaml',
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
  readonly screen?: Screen;
  /** Null: none is named. */
  readonly url?: string | null;
}

async function run(state: string, { json = false, screen = pipe, url = apiUrl }: RunOptions = {}) {
  const world = capturedWorld(screen);
  const named = url === null ? {} : { apiUrl: url };
  const settings = readSettings({ state, ...named, logLevel: 'silent' }, {});
  const code = await status({ settings, json }, world);
  return { code, ...world.printed };
}

describe('status for people', () => {
  test('shows what is applied, and when who looked last', async () => {
    const { code, stdout, stderr } = await run(await stateWith([asAva, asBen], statusOf()));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "APPLIED           WIDGET    WHEN                  REVISION  HASH
      ben.yaml          7f1b2c3d  2026-03-01T09:11:00Z  -         69a39446
      clients/ava.yaml  3c90c3cc  2026-03-01T08:00:00Z  4f5e6d7c  69a39446

      Last pass 2026-03-01T09:12:00Z (3 min ago), by run over widgets.
      No process has this state directory open.
      2 applied, 0 held, 0 failed, 0 drifted, 0 orphaned.
      "
    `);
  });

  test('shows everything that stands in the way with its reason', async () => {
    const { code, stdout } = await run(await stateWith([asAva, asBen], everything));
    expect(code).toBe(1);
    expect(stdout).toMatchInlineSnapshot(`
      "APPLIED           WIDGET    WHEN                  REVISION  HASH
      ben.yaml          7f1b2c3d  2026-03-01T09:11:00Z  -         69a39446
      clients/ava.yaml  3c90c3cc  2026-03-01T08:00:00Z  4f5e6d7c  69a39446

      HELD       WIDGET    CODE         REASON
      ben.yaml   7f1b2c3d  suspended    suspended: a campaign runs
      cleo.yaml  unknown   yaml-syntax  the quote is not closed

      FAILED            WIDGET    LAST TRIED            ATTEMPTS  ERROR
      clients/ava.yaml  3c90c3cc  2026-03-01T09:14:58Z  4         the API answered 503: try later

      DRIFTED           WIDGET    CORRECTION                                    FIELDS
      clients/ava.yaml  3c90c3cc  only reported                                 name
      ben.yaml          7f1b2c3d  fought over, not before 2026-03-01T10:00:00Z  header_color, style_params["font/size"]

      KEPT OTHERWISE    WIDGET    SINCE                 FIELDS (SENT → KEPT BY THE API)
      clients/ava.yaml  3c90c3cc  2026-03-01T08:00:00Z  header_color "#FFF" → "red", name "Ava" → "ava" (another spelling), style_params.dark true → nothing

      ORPHANED  WIDGET    REASON
      ben.yaml  7f1b2c3d  applied once, no file now; stays as it is

      Last pass 2026-03-01T09:12:00Z (3 min ago), by run over widgets at 4f5e6d7c.
      1 change was still pending when it ended; the next run or apply looks again.
      No process has this state directory open.
      2 applied, 2 held, 1 failed, 2 drifted, 1 orphaned, 1 kept otherwise.
      "
    `);
  });

  test('says until when nothing is sent and why, while somebody waits for it', async () => {
    const waiting = {
      why: 'the API asks for it (Retry-After)',
      until: new Date('2026-03-01T09:15:12Z'),
    };
    const state = await stateWith([asAva], statusOf({ pending: 3, waiting, apiRate: '3/s' }));
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
    const directory = await stateWith([asAva], statusOf({ pending: 2 }));
    const store = await openState(stateOptions(directory, { command: 'run' }));
    const asked = await run(directory);
    await store.close();
    expect(asked.stdout).toMatch(
      /by run over widgets\.\n2 changes pending: not sent yet, or not answered\.\nProcess /,
    );
    expect((await run(directory)).stdout).toContain(
      '\n2 changes were still pending when it ended;',
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
    const state = await stateWith([asAva], statusOf({ blocked, pending: 2 }));
    const { code, stdout } = await run(state);
    expect(code).toBe(1);
    expect(stdout.split('\n\n').slice(1)).toEqual([
      'Blocked: the API refuses the key (401)\\u001b[2J',
      'Last pass 2026-03-01T09:12:00Z (3 min ago), by run over widgets.\n' +
        '2 changes were still pending when it ended; the next run or apply looks again.\n' +
        'No process has this state directory open.\n' +
        '1 applied, 0 held, 0 failed, 0 drifted, 0 orphaned.\n',
    ]);
  });

  test('is coloured on a terminal, with the same columns, cut to its width', async () => {
    const state = await stateWith([asAva, asBen], everything);
    const { stdout } = await run(state, { screen: { columns: 72, env: { FORCE_COLOR: '1' } } });
    const lines = stripVTControlCharacters(stdout).split('\n');
    expect(stdout).not.toBe(lines.join('\n'));
    expect(lines).toContain(
      'clients/ava.yaml  3c90c3cc  2026-03-01T09:14:58Z  4         the API ans…',
    );
    expect(lines).toContain('ben.yaml   7f1b2c3d  suspended    suspended: a campaign runs');
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
    expect(stdout).toMatch(/No pass is recorded\.\nNo process has .*\.\n1 applied, 0 held/);
  });
});

describe('the exit code of status', () => {
  test.each<[number, string, Partial<StatusRecord>]>([
    [0, 'for nothing', {}],
    [0, 'for a suspension: it is meant', { held: [suspended] }],
    [0, 'for drift that is reported as told', { drifted: everything.drifted }],
    [0, 'for an orphan', { orphaned: everything.orphaned }],
    [0, 'for changes that wait', { pending: 3 }],
    [1, 'for a broken file', { held: [suspended, broken] }],
    [
      1,
      'for a widget that the account does not have',
      { held: [{ ...broken, code: 'not-in-account' }] },
    ],
    [1, 'for a failure', { failed: [failed] }],
    [1, 'where nothing can be sent at all', { blocked: 'no answer from api.example.com' }],
  ])('is %i %s', async (expected, _, changes) => {
    const state = await stateWith([asAva], statusOf(changes));
    expect((await run(state)).code).toBe(expected);
    expect((await run(state, { json: true })).code).toBe(expected);
  });
});

describe('status --json', () => {
  test('has everything in full', async () => {
    const { code, stdout } = await run(await stateWith([asAva, asBen], everything), { json: true });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchInlineSnapshot(`
      {
        "api_rate": null,
        "applied": [
          {
            "applied_at": "2026-03-01T09:11:00.000Z",
            "file": "ben.yaml",
            "hash": "69a394460a90a3ced3b717352f59f5218a25f5aa1fe3d6fc8effa8d816873388",
            "revision": null,
            "widget_id": "7f1b2c3d-0d44-4b50-8888-8dd257360000",
          },
          {
            "applied_at": "2026-03-01T08:00:00.123Z",
            "file": "clients/ava.yaml",
            "hash": "69a394460a90a3ced3b717352f59f5218a25f5aa1fe3d6fc8effa8d816873388",
            "revision": "4f5e6d7c8b9a",
            "widget_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
          },
        ],
        "blind": false,
        "blocked": null,
        "command": "run",
        "directory": "widgets",
        "drifted": [
          {
            "fields": [
              "/name",
            ],
            "file": "clients/ava.yaml",
            "until": null,
            "why": "policy",
            "widget_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
          },
          {
            "fields": [
              "/header_color",
              "/style_params/font~1size",
            ],
            "file": "ben.yaml",
            "until": "2026-03-01T10:00:00.000Z",
            "why": "fought-over",
            "widget_id": "7f1b2c3d-0d44-4b50-8888-8dd257360000",
          },
        ],
        "failed": [
          {
            "attempts": 4,
            "error": "the API answered 503: try later",
            "file": "clients/ava.yaml",
            "http_status": 503,
            "time": "2026-03-01T09:14:58.000Z",
            "widget_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
          },
        ],
        "format_version": "1.0",
        "held": [
          {
            "code": "suspended",
            "file": "ben.yaml",
            "message": "suspended: a campaign runs",
            "widget_id": "7f1b2c3d-0d44-4b50-8888-8dd257360000",
          },
          {
            "code": "yaml-syntax",
            "file": "cleo.yaml",
            "message": "the quote is not closed",
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
            "file": "clients/ava.yaml",
            "since": "2026-03-01T08:00:00.000Z",
            "widget_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
          },
        ],
        "orphaned": [
          {
            "file": "ben.yaml",
            "widget_id": "7f1b2c3d-0d44-4b50-8888-8dd257360000",
          },
        ],
        "pending": 1,
        "process": null,
        "refused_checksum": null,
        "revision": "4f5e6d7c8b9a",
        "source": "checkout",
        "summary": {
          "applied": 2,
          "drifted": 2,
          "failed": 1,
          "held": 2,
          "kept": 1,
          "orphaned": 1,
        },
        "time": "2026-03-01T09:12:00.000Z",
        "waiting": null,
      }
    `);
    expect(Object.keys(JSON.parse(stdout))).toEqual([
      'format_version',
      ...['time', 'command', 'directory', 'revision', 'source'],
      ...['blocked', 'waiting', 'api_rate', 'blind', 'refused_checksum', 'pending'],
      'process',
      ...['applied', 'held', 'failed', 'drifted', 'orphaned', 'kept', 'summary'],
    ]);
  });

  test('has the same keys where nothing is recorded', async () => {
    const { code, stdout } = await run(await temporaryDirectory(), { json: true });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      format_version: '1.0',
      ...{ time: null, command: null, directory: null, revision: null, source: null },
      ...{ waiting: null, api_rate: null },
      ...{ blocked: null, blind: null, refused_checksum: null, pending: null, process: null },
      ...{ applied: [], held: [], failed: [], drifted: [], orphaned: [], kept: [] },
      summary: { applied: 0, held: 0, failed: 0, drifted: 0, orphaned: 0, kept: 0 },
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
    const state = await stateWith([asAva], everything);
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
