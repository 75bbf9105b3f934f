import { mkdir, open, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openState } from '../../../src/state/file/file-store.ts';
import { openHistoryLines } from '../../../src/state/file/history-writer.ts';
import {
  ava,
  ben,
  entryOf,
  recordOf,
  stateOptions,
  statusOf,
  temporaryDirectory,
  type Warning,
} from '../fixtures/state-options.ts';

/** A history in whose place a folder stands, until it is let. */
async function stuck(mostLines: number) {
  const path = join(await temporaryDirectory(), 'history.ndjson');
  await mkdir(path);
  const warnings: Warning[] = [];
  const warn = (message: string, fields: object) => warnings.push({ message, fields });
  const lines = openHistoryLines(path, { warn, mostLines, mostBytes: null });
  return {
    lines,
    warnings,
    free: () => rmdir(path),
    async tell(...revisions: readonly number[]) {
      for (const n of revisions) {
        lines.add({ ...entryOf(recordOf(ava)), revision: `${n}` });
        await lines.write();
      }
    },
    async revisions() {
      const text = await readFile(path, 'utf8');
      return text
        .trimEnd()
        .split('\n')
        .map((line) => Number(JSON.parse(line).revision));
    },
  };
}

describe('while the history cannot be written', () => {
  test('so many lines are kept and the oldest go, which is said once, and how many at the end', async () => {
    const { lines, warnings, tell, free, revisions } = await stuck(250);
    const written = Array.from({ length: 400 }, (_, n) => n);
    await tell(...written);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('cannot be written now'),
      expect.stringContaining('the oldest go'),
    ]);
    await free();
    await tell(400);
    expect(warnings.slice(2)).toMatchObject([
      { message: expect.stringContaining('can be written again'), fields: { dropped: 151 } },
    ]);
    expect(await revisions()).toEqual([...written, 400].slice(-250));
    await tell(401);
    lines.close();
    expect(warnings).toHaveLength(3);
  });

  test('what is lost in the end is said', async () => {
    const { lines, warnings, tell } = await stuck(2);
    await tell(1, 2, 3);
    lines.close();
    expect(warnings.at(-1)).toMatchObject({
      message: expect.stringContaining('are lost'),
      fields: { lines: 3 },
    });
  });

  test('a try costs no more where many wait than where few do', async () => {
    const sizes: number[] = [];
    const append = async (_: string, text: string) => {
      sizes.push(text.split('\n').length);
      throw new Error('full');
    };
    const lines = openHistoryLines('history.ndjson', { warn: () => {}, mostBytes: null, append });
    for (let n = 0; n < 5000; n += 1) lines.add(entryOf(recordOf(ava)));
    await lines.write();
    await lines.write();
    expect(sizes).toEqual([100, 100]);
  });
});

/** No disk fails at a sync when a test wants it to. Those from the `from`-th on do, until they are let. */
async function failingSyncs(directory: string, from: number) {
  const handle = await open(directory, 'r');
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  const sync: () => Promise<void> = prototype.sync;
  let count = 0;
  const spy = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: unknown) {
    count += 1;
    if (count >= from) throw Object.assign(new Error('EDQUOT: no quota left'), { code: 'EDQUOT' });
    return sync.call(this);
  });
  onTestFinished(() => spy.mockRestore());
  return { heal: () => spy.mockRestore() };
}

// Once, each further try added another copy.
test.each([
  ['the file', 1],
  ['the folder that the file is new in', 2],
])('lines stand once, however often they could not be synced in %s', async (_, from) => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'history.ndjson');
  const warnings: Warning[] = [];
  const warn = (message: string, fields: object) => void warnings.push({ message, fields });
  const lines = openHistoryLines(path, { warn, mostBytes: null });
  const disk = await failingSyncs(directory, from);
  lines.add(entryOf(recordOf(ava)));
  lines.add(entryOf(recordOf(ben)));
  await lines.write();
  expect(lines.areOverdue).toBe(true);
  expect(warnings).toMatchObject([{ fields: { lines: 2, error: 'EDQUOT: no quota left' } }]);
  expect(await readFile(path, 'utf8')).toBe('');
  await lines.write();
  disk.heal();
  await lines.write();
  const written = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(written.map((line) => JSON.parse(line).widget_id)).toEqual([ava, ben]);
});

test.each<[string, (store: Awaited<ReturnType<typeof openState>>) => Promise<void>]>([
  ['a record', (store) => store.save(recordOf(ben))],
  ['a finding', (store) => store.saveUnlessMoved(recordOf(ben), undefined)],
  ['the status', (store) => store.reportStatus(statusOf())],
])('lines that wait are written with %s, once there is room', async (_, write) => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'history.ndjson');
  const store = await openState(stateOptions(directory));
  await mkdir(path);
  await store.confirm(recordOf(ava), entryOf(recordOf(ava)));
  await rmdir(path);
  await write(store);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ widget_id: ava });
  await store.close();
});
