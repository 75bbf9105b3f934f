// A state that is moved: whole in its new place, refused in both as long as it is not, and never written over.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { cp, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StateError } from '../../../../src/base/errors.ts';
import { fileState } from '../../../../src/state/file/file-store.ts';
import { moveState } from '../../../../src/state/file/move/move-state.ts';
import { StateTakenError } from '../../../../src/state/holder.ts';
import { widgetId } from '../../../support/sandbox.ts';
import {
  ava,
  ben,
  entryOf,
  recordOf,
  stateOptions,
  statusOf,
  temporaryDirectory,
} from '../../fixtures/state-options.ts';

const now = new Date('2026-03-02T10:00:00Z');
const noStop = { aborted: false };
const everyone = { limit: 100, widgetId: null };

/** A place of its own on the other of the two volumes that tests have; null where there is but one. */
const disk = process.env['TMPDIR_ON_DISK'] ?? tmpdir();
const hasTwoVolumes = statSync(disk).dev !== statSync(tmpdir()).dev;

function onDisk(): string {
  const directory = mkdtempSync(join(disk, 'widget-sync-move-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** With everything in it that a state ever holds. */
async function makeState(directory: string): Promise<void> {
  const store = await fileState.open(
    stateOptions(directory, { keepHistoryBytes: 1024, root: '/repo/clients/fernwood' }),
  );
  for (const id of [ava, ben, widgetId(3)])
    await store.confirm(recordOf(id), entryOf(recordOf(id)));
  await store.reportStatus(statusOf());
  await store.saveAllowedChanges(new Map([[ava, 'a'.repeat(64)]]));
  await store.saveAnnouncements([]);
  const usage = await store.openRateUsage({ limit: 5, windowMs: 1000 }, 30_000);
  await usage.keep([{ widgetId: ava, hash: 'a'.repeat(64) }]);
  store.keepLearntLimit({ perSecond: 1, refusedAt: 2, isConfirmed: true, about: 1 });
  const view = fileState.look(stateOptions(directory));
  await view.approve('c'.repeat(64));
  await view.orderForget([ben]);
  await store.close();
}

/** Every file below, by its path, but for what says that the directory was made here, or moved. */
function filesBelow(directory: string): Record<string, string> {
  const all = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile() && entry.name !== '.gitignore');
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(directory.length + 1), readFileSync(path, 'utf8')]),
  );
}

/** What a process that opens the directory is told; null: it is let in. */
async function refusalOf(directory: string): Promise<string | null> {
  try {
    await (await fileState.open(stateOptions(directory))).close();
    return null;
  } catch (error) {
    if (error instanceof StateError) return error.message;
    throw error;
  }
}

async function twoPlaces() {
  const directory = await temporaryDirectory();
  const [from, to] = [join(directory, 'from'), join(directory, 'state/fernwood')] as const;
  await makeState(from);
  return { from, to, before: filesBelow(from) };
}

test('all of it is in the new place, byte for byte, and the old one says where', async () => {
  const { from, to, before } = await twoPlaces();
  const history = await fileState.look(stateOptions(from)).history(everyone);
  expect(history.entries).not.toEqual([]);
  const moved = await moveState({ from, to, now, stop: noStop });

  expect(moved).toEqual({
    records: 3,
    // Whatever a state is made of by now: a file that is missing in the list would have been left.
    entries: [
      'widgets',
      'orders',
      'history.1.ndjson',
      'history.ndjson',
      'status.json',
      'approved.json',
      'admitted.json',
      'spent.json',
      'learnt-limit.json',
      'notified.json',
    ],
    left: [],
    apiUrls: ['https://api.example.com'],
    roots: ['/repo/clients/fernwood'],
  });
  expect(filesBelow(to)).toEqual(before);
  expect(readdirSync(from).sort()).toEqual(['.gitignore', 'moved.json']);
  const told = `the state that was in ${from} was moved to ${to}: name that one with --state`;
  expect(await refusalOf(from)).toContain(told);
  await expect(fileState.look(stateOptions(from)).requireState()).rejects.toThrow(told);
  expect(readdirSync(from), 'nothing is begun there').not.toContain('widgets');

  const store = await fileState.open(stateOptions(to));
  expect(store.records.size).toBe(3);
  expect(await store.approval()).toBe('c'.repeat(64));
  await store.close();
  expect(await fileState.look(stateOptions(to)).history(everyone)).toEqual(history);
});

test('a state may go below the directory that it was in, beside others, and back', async () => {
  const state = join(await temporaryDirectory(), '.widget-sync');
  await makeState(state);
  const before = filesBelow(state);
  await makeState(join(state, 'harbor'));
  const harbor = filesBelow(join(state, 'harbor'));
  await writeFile(join(state, 'notes.txt'), 'mine');

  const { left } = await moveState({ from: state, to: join(state, 'fernwood'), now, stop: noStop });
  expect(left).toEqual(['notes.txt']);
  expect(filesBelow(join(state, 'fernwood'))).toEqual(before);
  expect(filesBelow(join(state, 'harbor'))).toEqual(harbor);

  await moveState({ from: join(state, 'fernwood'), to: state, now, stop: noStop });
  expect(await refusalOf(state)).toBeNull();
  expect(await refusalOf(join(state, 'fernwood'))).toContain(`was moved to ${state}`);
  expect(filesBelow(state)).toMatchObject({ ...before, 'notes.txt': 'mine' });
});

describe.each([
  ['on one volume', false],
  ['between two volumes', true],
])('%s', (_, isFar) => {
  test.skipIf(isFar && !hasTwoVolumes)(
    'wherever a move is interrupted, neither place is taken for the whole, and the same command ends it',
    async () => {
      const { from, before, ...near } = await twoPlaces();
      const to = isFar ? join(onDisk(), 'fernwood') : near.to;
      let looks = 0;
      for (let last = 1; ; last += 1) {
        looks = 0;
        const stop = {
          get aborted() {
            looks += 1;
            return looks > last;
          },
        };
        try {
          await moveState({ from, to, now, stop });
          break;
        } catch (error) {
          expect(String(error)).toContain(
            `is not whole: end the move with: widget-sync state move --from ${from} --to ${to}`,
          );
        }
        for (const place of [from, to]) {
          expect(await refusalOf(place)).toContain('is not whole: end the move with');
          await expect(fileState.look(stateOptions(place)).requireState()).rejects.toThrow(
            'is not whole',
          );
        }
        const both = { ...filesBelow(from), ...filesBelow(to) };
        expect(both).toMatchObject(before);
      }
      expect(looks, 'every entry is a step').toBeGreaterThan(10);
      expect(filesBelow(to)).toEqual(before);
      expect(readdirSync(from).sort()).toEqual(['.gitignore', 'moved.json']);
      expect(await refusalOf(to)).toBeNull();
    },
  );
});

describe('a kill', () => {
  const mark = (other: string) => JSON.stringify({ directory: other, time: now.toISOString() });

  test('between the marks leaves the old place in use, and the move goes on from there', async () => {
    const { from, to } = await twoPlaces();
    await mkdir(to, { recursive: true });
    await writeFile(join(to, 'moving.json'), mark(from));
    expect(await refusalOf(from)).toBeNull();
    expect(await refusalOf(to)).toContain('is not whole');
    const before = filesBelow(from);
    await moveState({ from, to, now, stop: noStop });
    expect(filesBelow(to)).toEqual(before);
  });

  test('between a copy and the end of what was copied leaves both, and half of the next', async () => {
    const { from, to, before } = await twoPlaces();
    await mkdir(join(to, 'widgets'), { recursive: true });
    await cp(join(from, 'widgets'), join(to, 'widgets'), { recursive: true });
    await mkdir(join(to, '.moving-orders.tmp'));
    await writeFile(join(to, '.moving-orders.tmp/half'), '{');
    await writeFile(join(to, 'moving.json'), mark(from));
    await writeFile(join(from, 'moved.json'), mark(to));
    await moveState({ from, to, now, stop: noStop });
    expect(filesBelow(to)).toEqual(before);
    expect(readdirSync(from).sort()).toEqual(['.gitignore', 'moved.json']);
  });

  test('after the last entry leaves the mark alone', async () => {
    const { from, to, before } = await twoPlaces();
    await moveState({ from, to, now, stop: noStop });
    await writeFile(join(to, 'moving.json'), mark(from));
    expect(await refusalOf(to)).toContain('is not whole');
    await moveState({ from, to, now, stop: noStop });
    expect(filesBelow(to)).toEqual(before);
  });
});

describe('nothing is moved', () => {
  type Prepare = (places: { from: string; to: string }) => unknown;
  const open = async (directory: string) => {
    const store = await fileState.open(stateOptions(directory, { command: 'run' }));
    onTestFinished(() => store.close());
  };
  test.each<[string, Prepare, RegExp]>([
    ['while a process holds the old place', ({ from }) => open(from), /from is in use by process/],
    ['while a process holds the new place', ({ to }) => open(to), /fernwood is in use by process/],
    [
      'where the new place holds a state',
      ({ to }) => makeState(to),
      /fernwood holds a state already \(widgets, .*notified\.json\): nothing was moved/,
    ],
    [
      'where the new place has no more than a history',
      async ({ to }) => {
        mkdirSync(to, { recursive: true });
        await writeFile(join(to, 'history.ndjson'), '{}\n');
      },
      /fernwood holds a state already \(history\.ndjson\)/,
    ],
    [
      'where another move to there has not ended',
      async ({ from, to }) => {
        mkdirSync(to, { recursive: true });
        const mark = { directory: `${from}-other`, time: now.toISOString() };
        await writeFile(join(to, 'moving.json'), JSON.stringify(mark));
      },
      /from-other to .*fernwood is not whole: end the move with/,
    ],
    [
      'where a move to elsewhere has not ended',
      async ({ from, to }) => {
        const stop = { aborted: true };
        await moveState({ from, to: `${to}-other`, now, stop }).catch(() => null);
      },
      /fernwood-other is not whole: end the move with/,
    ],
    [
      'twice',
      async ({ from, to }) => {
        await moveState({ from, to: `${to}-other`, now, stop: noStop });
      },
      /was moved to .*fernwood-other: name that one with --state/,
    ],
    [
      'to where widget files are',
      async ({ to }) => {
        await mkdir(to, { recursive: true });
        await writeFile(join(to, 'ava.yaml'), '');
      },
      /fernwood holds ava\.yaml; give the state a directory of its own/,
    ],
    [
      'from nowhere',
      ({ from }) => rmSync(from, { recursive: true }),
      /there is no state directory/,
    ],
    [
      'from where there are only those of accounts',
      async ({ from }) => {
        await rename(from, `${from}-aside`);
        await mkdir(from);
        await rename(`${from}-aside`, join(from, 'harbor'));
      },
      /there is no state in .*from to move; those of .*from\/harbor are: name one of them/,
    ],
  ])('%s', async (_, prepare, words) => {
    const { from, to } = await twoPlaces();
    await prepare({ from, to });
    const before = existsSync(from) ? filesBelow(from) : {};
    await expect(moveState({ from, to, now, stop: noStop })).rejects.toThrow(words);
    expect(existsSync(from) ? filesBelow(from) : {}).toEqual(before);
  });

  test.each<[string, (from: string) => string, RegExp]>([
    ['to itself', (from) => `${from}/../from`, /name the same directory/],
    ['into its own records', (from) => join(from, 'widgets/a'), /widgets, which is moved itself/],
  ])('%s', async (_, toOf, words) => {
    const { from, before } = await twoPlaces();
    const to = toOf(from);
    await expect(moveState({ from, to, now, stop: noStop })).rejects.toThrow(words);
    expect(filesBelow(from)).toEqual(before);
  });

  test('to itself by a link', async () => {
    const { from, to } = await twoPlaces();
    mkdirSync(join(to, '..'), { recursive: true });
    await symlink(from, to);
    const attempt = moveState({ from, to, now, stop: noStop });
    await expect(attempt).rejects.toThrow('name the same directory');
  });

  test('the holder is named as everywhere', async () => {
    const { from, to } = await twoPlaces();
    await open(from);
    const attempt = moveState({ from, to, now, stop: noStop });
    await expect(attempt).rejects.toBeInstanceOf(StateTakenError);
    expect(existsSync(to), 'and nothing is made').toBe(false);
  });
});
