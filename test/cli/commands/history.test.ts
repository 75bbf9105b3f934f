import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { StateError, UsageError } from '../../../src/base/errors.ts';
import { history } from '../../../src/cli/commands/history.ts';
import { type HistoryWords, readHistoryWords } from '../../../src/cli/commands/history-words.ts';
import { readSettings } from '../../../src/config/settings.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import type { HistoryEntry } from '../../../src/status/history-entry.ts';
import {
  ava,
  ben,
  entryOf,
  recordOf,
  stateOptions,
  temporaryDirectory,
} from '../../state/fixtures/state-options.ts';
import { runHere } from '../../support/program.ts';
import { capturedWorld, pipe } from '../fixtures/captured-world.ts';

afterEach(() => vi.unstubAllEnvs());

const writes: readonly Partial<HistoryEntry>[] = [
  { file: 'ava.yaml', reason: 'new', revision: null, fields: ['/widget_type', '/display_name'] },
  {
    file: 'clients/ben.yaml',
    widgetId: ben,
    time: new Date('2026-03-01T20:30:00Z'),
    revision: '4f5e6d7c8b9a',
    fields: ['/style_params/font~1size'],
  },
  { file: 'ava.yaml', time: new Date('2026-03-02T06:00:00Z'), reason: 'forced', fields: [] },
];

async function stateWith(entries: readonly Partial<HistoryEntry>[]): Promise<string> {
  const directory = await temporaryDirectory();
  const store = await openState(stateOptions(directory));
  for (const changes of entries) {
    const record = recordOf(changes.widgetId ?? ava);
    await store.confirm(record, { ...entryOf(record), ...changes });
  }
  await store.close();
  return directory;
}

async function run(state: string, words: Partial<HistoryWords> = {}, screen = pipe) {
  const world = capturedWorld(screen);
  const settings = readSettings({ state }, {});
  const request = { settings, ...readHistoryWords({ limit: '20', ...words }, world.clock.now()) };
  const code = await history(request, world);
  return { code, ...world.printed };
}

describe('history', () => {
  test('lists the confirmed writes, newest last, in UTC', async () => {
    const { code, stdout, stderr } = await run(await stateWith(writes));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual([
      '2026-03-01T08:00:00Z  ava.yaml          3c90c3cc  new     -',
      '    widget_type, display_name',
      '',
      '2026-03-01T20:30:00Z  clients/ben.yaml  7f1b2c3d  edited  4f5e6d7',
      '    style_params["font/size"]',
      '',
      '2026-03-02T06:00:00Z  ava.yaml          3c90c3cc  forced  abc123',
    ]);
  });

  test('shows the last ones of one widget', async () => {
    const state = await stateWith(writes);
    expect((await run(state, { limit: '1' })).stdout).toMatch(
      /^[^\n]*ava\.yaml[^\n]*forced[^\n]*\n$/,
    );
    expect((await run(state, { widget: ben })).stdout).toMatch(
      /^[^\n]*ben\.yaml.*\n {4}style_params.*\n$/,
    );
  });

  test('takes the beginning of an id where one widget has it, as plan and status shorten it', async () => {
    const near = `${ben.slice(0, 9)}ffff${ben.slice(13)}` as WidgetId;
    const state = await stateWith([...writes, { file: 'near.yaml', widgetId: near }]);
    const shown = async (widget: string) => (await run(state, { widget, json: true })).stdout;
    expect(await shown(ava.slice(0, 8))).toBe(await shown(ava));
    expect(await shown(near.slice(0, 10))).toBe(await shown(near));
    await expect(run(state, { widget: ben.slice(0, 9) })).rejects.toThrow(
      `--widget: 7f1b2c3d- begins the ids of 2 widgets, give more of it: ${ben}, ${near}`,
    );
    // The second one ends an id.
    for (const none of ['abcdef', ava.slice(-8)]) {
      await expect(run(state, { widget: none })).rejects.toThrow(
        new UsageError(
          `--widget: no widget whose id begins with ${none} has a record; give the whole id`,
        ),
      );
    }
  });

  test('of a whole id is shown though the record of the widget is lost', async () => {
    const state = await stateWith(writes);
    await rm(join(state, 'widgets'), { recursive: true });
    expect((await run(state, { widget: ben })).stdout).toContain('clients/ben.yaml');
  });

  test.each(['7F1B2C3D', '7f1b'])('on the command line takes %s', async (widget) => {
    const state = await stateWith(writes);
    const { code, stdout } = await runHere(['history', '--state', state, '--widget', widget]);
    expect({ code, lines: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, lines: 2 });
  });

  test.each(['7f1', '7f1b2c3d0d44', '-f1b', `${ben}0`])(
    'on the command line refuses %j, which begins no id, or too many',
    async (widget) => {
      const { code, stderr } = await runHere(['history', `--widget=${widget}`]);
      const words = `--widget: expected a widget id (a UUID), or at least its first 4 characters, found "${widget}"`;
      expect({ code, stderr }).toEqual({ code: 1, stderr: `widget-sync: ${words}\n` });
    },
  );

  test('shortens the fields, and only them, to the width of a terminal', async () => {
    const fields = Array.from({ length: 12 }, (_, index) => `/attributes/field_${index}`);
    const state = await stateWith([{ file: 'ava.yaml', fields }]);
    const screen = { columns: 72, env: { NO_COLOR: '1' } };
    const [, line = ''] = (await run(state, {}, screen)).stdout.split('\n');
    expect(line).toHaveLength(72);
    expect(line).toMatch(/^ {4}attributes\.field_0, .*…$/);
    expect((await run(state, { full: true }, screen)).stdout).toContain('attributes.field_11');
    expect((await run(state)).stdout).toContain('attributes.field_11');
  });

  test('makes what stands in the file harmless', async () => {
    const { stdout } = await run(await stateWith([{ file: '\u001b]0;title\u0007.yaml' }]));
    expect(stdout).toContain('\\u001b]0;title\\u0007.yaml');
  });

  test('prints the lines of the file with --json', async () => {
    const { stdout } = await run(await stateWith(writes), { json: true, limit: '2' });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      {
        time: '2026-03-01T20:30:00.000Z',
        widget_id: ben,
        file: 'clients/ben.yaml',
        reason: 'edited',
        hash: recordOf(ben).hash,
        revision: '4f5e6d7c8b9a',
        fields: ['/style_params/font~1size'],
        attempts: 1,
      },
      expect.objectContaining({ reason: 'forced', fields: [] }),
    ]);
  });

  test('says on stderr how many lines are damaged, and shows the others', async () => {
    const state = await stateWith(writes);
    await appendFile(join(state, 'history.ndjson'), '{"time":\n');
    const one = await run(state, { json: true });
    expect(one.stderr).toBe('widget-sync: 1 line of the history is damaged and left out\n');
    expect(one.stdout.trimEnd().split('\n')).toHaveLength(3);
    await appendFile(join(state, 'history.ndjson'), 'torn');
    const two = await run(state);
    expect(two).toMatchObject({
      code: 0,
      stderr: 'widget-sync: 2 lines of the history are damaged and left out\n',
    });
  });

  test('says plainly that nothing was written', async () => {
    const empty = await temporaryDirectory();
    const nothing = `No confirmed write is recorded in ${empty}.\n`;
    expect(await run(empty)).toEqual({ code: 0, stdout: nothing, stderr: '' });
    expect(await run(empty, { json: true })).toEqual({ code: 0, stdout: '', stderr: '' });
    const state = await stateWith([{}]);
    expect((await run(state, { widget: ben })).stdout).toBe(
      `No confirmed write to widget ${ben} is recorded in ${state}.\n`,
    );
  });

  test('of a state directory that does not exist is an error, not an empty one', async () => {
    const missing = join(await temporaryDirectory(), 'state');
    const words = `there is no state directory ${missing}`;
    await expect(run(missing)).rejects.toThrow(words);
    await expect(run(missing, { json: true })).rejects.toThrow(StateError);
  });

  test('that cannot be read is an error, not an empty one', async () => {
    const state = await temporaryDirectory();
    await mkdir(join(state, 'history.ndjson'));
    await expect(run(state)).rejects.toThrow(StateError);
  });
});
