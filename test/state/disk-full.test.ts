// A disk that becomes full at any of the writes: what was said to be written is on it, what was not is
// said, and with room again the same writes succeed and nothing is missing.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../src/base/errors.ts';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import { readApproval, writeApproval } from '../../src/state/file/decisions.ts';
import { openState } from '../../src/state/file/file-store.ts';
import { readState, readStatus } from '../../src/state/file/file-view.ts';
import { readHistory } from '../../src/state/file/read-history.ts';
import { mountDisk, whyNoMount } from './fixtures/small-disk.ts';
import {
  ava,
  ben,
  entryOf,
  recordOf,
  specOf,
  stateOptions,
  statusOf,
} from './fixtures/state-options.ts';

const why = whyNoMount();
const apiUrl = 'https://api.example.com';
const now = new Date('2026-03-02T09:00:00Z');
const pageBytes = 4096;

/** Of three pages: one is not enough for it. */
function large(id: AppliedRecord['widgetId'], letter: string): AppliedRecord {
  const spec = specOf({ widget_type: 'chat', intro_message: letter.repeat(2.5 * pageBytes) });
  return recordOf(id, { spec });
}

/** The failure, or null; anything but a StateError is thrown on. */
function tried(write: Promise<void>): Promise<StateError | null> {
  return write.then(
    () => null,
    (error: unknown) => {
      if (error instanceof StateError) return error;
      throw error;
    },
  );
}

interface Disk {
  readonly directory: string;
  fill(): void;
  free(): void;
}

const kinds: [string, (left: number) => Disk][] = [
  ['pages', (left) => diskOf('size=256k', (dir) => leavePages(dir, left))],
  ['names', (left) => diskOf('size=1m,nr_inodes=30', (dir) => leaveNames(dir, left))],
];

function diskOf(limit: string, fill: (directory: string) => void): Disk {
  const disk = mountDisk(limit);
  const filler = join(disk, 'filler');
  return {
    directory: join(disk, 'state'),
    fill: () => fill(disk),
    free: () => rmSync(filler, { recursive: true }),
  };
}

/** Takes what there is, and gives some of it back. */
function leavePages(disk: string, left: number): void {
  const sizes = execFileSync('df', ['--block-size=4096', '--output=avail', disk]).toString();
  const free = Number(sizes.split('\n')[1]);
  execFileSync('mkdir', [join(disk, 'filler')]);
  if (free > left) writeFileSync(join(disk, 'filler/0'), Buffer.alloc((free - left) * pageBytes));
}

function leaveNames(disk: string, left: number): void {
  execFileSync('mkdir', [join(disk, 'filler')]);
  const counts = execFileSync('df', ['--output=iavail', disk]).toString();
  const free = Number(counts.split('\n')[1]);
  for (let n = 0; n < free - left; n += 1) writeFileSync(join(disk, 'filler', String(n)), '');
}

describe.skipIf(why !== null)(`on a small disk of its own (${why ?? 'tmpfs'})`, () => {
  const lefts = [0, 1, 2, 3, 4, 5, 7, 9, 12];
  const cases = kinds.flatMap(([kind, make]) => lefts.map((left) => ({ kind, left, make })));

  test.each(cases)('with $left $kind left', async ({ left, make }) => {
    const { directory, fill, free } = make(left);
    const store = await openState(stateOptions(directory));
    await store.confirm(recordOf(ava), entryOf(recordOf(ava)));
    fill();

    const records = [large(ava, 'a'), large(ben, 'b')];
    const writes = () => [
      ...records.map((record) => tried(store.confirm(record, entryOf(record)))),
      tried(store.reportStatus(statusOf())),
      tried(writeApproval(directory, { checksum: 'c', time: now })),
    ];
    const failures = await Promise.all(writes());
    for (const failure of failures) {
      if (failure !== null)
        expect(failure.message).toMatch(/^cannot write .*no space is left; free/);
    }
    const [, benFailed, statusFailed, approvalFailed] = failures;
    // What is known is what is on the disk, and nothing that stood there is gone.
    const onDisk = await readState(stateOptions(directory));
    expect([...onDisk.records]).toEqual([...store.records]);
    expect(store.records.has(ava)).toBe(true);
    expect(store.records.has(ben)).toBe(benFailed === null);
    expect((await readStatus(directory, apiUrl)).status === null).toBe(statusFailed !== null);
    expect((await readApproval(directory, now)) === null).toBe(approvalFailed !== null);
    const told = await readHistory(directory, { limit: 99, widgetId: null });
    expect(told.damaged).toBe(0);
    expect(told.entries.length).toBeGreaterThan(0);

    free();
    expect(await Promise.all(writes())).toEqual([null, null, null, null]);
    await store.close();
    const again = await readState(stateOptions(directory));
    expect([...again.records.values()]).toEqual(records);
    const history = await readHistory(directory, { limit: 99, widgetId: null });
    // Whatever was confirmed has its line, though its record could not be written.
    expect([history.entries.length, history.damaged]).toEqual([1 + 2 + 2, 0]);
    const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
