// What a power failure, or a disk without a journal, may leave of each file: cut anywhere. What is whole
// is read, nothing else is made up, and the next write stands whole.
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openState } from '../../src/state/file/file-store.ts';
import { readState, readStatus } from '../../src/state/file/file-view.ts';
import { readHistory } from '../../src/state/file/read-history.ts';
import { few } from '../support/soak.ts';
import {
  ava,
  ben,
  entryOf,
  foundAt,
  recordOf,
  stateOptions,
  statusOf,
  temporaryDirectory,
} from './fixtures/state-options.ts';

const apiUrl = 'https://api.example.com';

/** A directory with two records, two lines of history and a status. */
async function filled() {
  const directory = await temporaryDirectory();
  const store = await openState(stateOptions(directory));
  for (const id of [ava, ben]) await store.confirm(recordOf(id), entryOf(recordOf(id)));
  const held = { widgetId: ava, file: 'a.yaml', code: 'suspended', message: 'für später' };
  const dated = { line: null, until: null, since: foundAt };
  await store.reportStatus(statusOf({ held: [{ ...held, ...dated }] }));
  await store.close();
  return directory;
}

/** Within a line one byte is as good as the next. */
const oneIn = few(3, { soak: 1 });

/** From the longest to none: every one beside the end of a line, and one in so many of the others. */
function eachCut(path: string): number[] {
  const bytes = readFileSync(path);
  expect(bytes.length).toBeGreaterThan(200);
  const isBesideEnd = (at: number) => bytes.subarray(Math.max(0, at - 2), at + 2).includes('\n');
  const all = Array.from(bytes, (_, n) => bytes.length - 1 - n);
  return all.filter((at) => at % oneIn === 0 || isBesideEnd(at));
}

test('a record is none unless only its last line end is gone, and the other one stands', async () => {
  const directory = await filled();
  const path = join(directory, 'widgets', `${ava}.json`);
  const [lineEnd, ...cuts] = eachCut(path);
  truncateSync(path, lineEnd);
  const { records } = await readState(stateOptions(directory));
  expect([...records.values()]).toEqual([recordOf(ava), recordOf(ben)]);
  for (const length of cuts) {
    truncateSync(path, length);
    const options = stateOptions(directory);
    const state = await readState(options);
    expect([...state.records.values()], `of ${length} bytes`).toEqual([recordOf(ben)]);
    expect(options.warnings, `of ${length} bytes`).toHaveLength(1);
  }
});

test('a status is none unless only its last line end is gone', async () => {
  const directory = await filled();
  const path = join(directory, 'status.json');
  const [lineEnd, ...cuts] = eachCut(path);
  truncateSync(path, lineEnd);
  expect((await readStatus(directory, apiUrl)).status).not.toBeNull();
  for (const length of cuts) {
    truncateSync(path, length);
    expect((await readStatus(directory, apiUrl)).status, `of ${length} bytes`).toBeNull();
  }
});

test('a history has the lines that are whole, and the next line does not hurt them', async () => {
  const directory = await filled();
  const path = join(directory, 'history.ndjson');
  const whole = readFileSync(path);
  const firstEnd = whole.indexOf('\n');
  const store = await openState(stateOptions(directory));
  for (const length of eachCut(path)) {
    writeFileSync(path, whole.subarray(0, length));
    const lines = length >= whole.length - 1 ? 2 : length >= firstEnd ? 1 : 0;
    const torn = [0, firstEnd, firstEnd + 1, whole.length - 1].includes(length) ? 0 : 1;
    const before = await readHistory(directory, { limit: 9, widgetId: null });
    expect([before.entries.length, before.damaged], `${length} bytes`).toEqual([lines, torn]);
    // Each of them is forced to the disk: not for every length.
    if (length % 39 !== 0) continue;
    await store.confirm(recordOf(ben), entryOf(recordOf(ben)));
    const after = await readHistory(directory, { limit: 9, widgetId: null });
    expect([after.entries.length, after.damaged], `${length} bytes`).toEqual([lines + 1, torn]);
  }
  await store.close();
});

test('zeros where the end of a history should be cost one line', async () => {
  const directory = await filled();
  appendFileSync(join(directory, 'history.ndjson'), Buffer.alloc(4096));
  const store = await openState(stateOptions(directory));
  await store.confirm(recordOf(ava), entryOf(recordOf(ava)));
  await store.close();
  const { entries, damaged } = await readHistory(directory, { limit: 9, widgetId: null });
  expect([entries.length, damaged]).toEqual([3, 1]);
});
