// The history takes no more room than it may, and what is kept of it is whole at any time.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appendLine } from '../../../src/base/atomic-file.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { historyFile, makeRoom } from '../../../src/state/file/history-files.ts';
import { openHistoryLines } from '../../../src/state/file/history-writer.ts';
import { readHistory } from '../../../src/state/file/read-history.ts';
import { formatHistoryEntry } from '../../../src/state/history-format.ts';
import type { HistoryEntry } from '../../../src/status/history-entry.ts';
import {
  ava,
  ben,
  fullEntryOf,
  recordOf,
  temporaryDirectory,
  type Warning,
} from '../fixtures/state-options.ts';

const ofAll = { limit: 1_000_000, widgetId: null };
const room = 8_000;

function entry(n: number, changes: Partial<HistoryEntry> = {}): HistoryEntry {
  return { ...fullEntryOf(recordOf(ava)), attempts: n, ...changes };
}

async function opened(mostBytes: number | null = room) {
  const directory = await temporaryDirectory();
  const warnings: Warning[] = [];
  const warn = (message: string, fields: object) => void warnings.push({ message, fields });
  const lines = openHistoryLines(historyFile(directory), { warn, mostBytes });
  return {
    directory,
    warnings,
    lines,
    async tell(...numbers: readonly number[]) {
      for (const n of numbers) {
        lines.add(entry(n));
        await lines.write();
      }
    },
    told: () => numbersIn(directory),
    bytes: () =>
      ['history.ndjson', 'history.1.ndjson']
        .map((name) => join(directory, name))
        .reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0),
  };
}

async function numbersIn(directory: string): Promise<number[]> {
  const { entries, damaged } = await readHistory(directory, ofAll);
  expect(damaged).toBe(0);
  return entries.map(({ attempts }) => attempts);
}

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('the room of the history', () => {
  test('is never exceeded, and the newest half of it is always there', async () => {
    const { tell, told, bytes, warnings } = await opened();
    for (const n of upTo(60)) {
      await tell(n);
      expect(bytes()).toBeLessThanOrEqual(room);
      const numbers = await told();
      expect(numbers).toEqual(upTo(n).slice(-numbers.length));
      const line = formatHistoryEntry(entry(n)).length + 1;
      expect(numbers.length).toBeGreaterThanOrEqual(Math.min(n, Math.floor(room / 2 / line)));
    }
    expect(warnings).toEqual([]);
  });

  test('is all there is where all is kept', async () => {
    const { tell, told, directory } = await opened(null);
    await tell(...upTo(60));
    expect(await told()).toEqual(upTo(60));
    expect(readdirSync(directory)).toEqual(['history.ndjson']);
  });

  test('is enough for a line that is longer than it, whole', async () => {
    const { lines, directory, tell } = await opened();
    await tell(1);
    const long = entry(2, { after: { display_name: 'x'.repeat(3 * room) } });
    lines.add(long);
    await lines.write();
    await tell(3);
    const { entries } = await readHistory(directory, ofAll);
    expect(entries).toEqual([long, entry(3)]);
  });

  test('holds for many lines that were waiting, too', async () => {
    const { lines, bytes, told } = await opened();
    for (const n of upTo(8)) lines.add(entry(n));
    await lines.write();
    expect(bytes()).toBeLessThanOrEqual(room);
    expect((await told()).at(-1)).toBe(8);
  });

  test('is made in a history that grew before it was bounded', async () => {
    const { tell, told, directory } = await opened();
    const old = upTo(50).map((n) => `${formatHistoryEntry(entry(n))}\n`);
    writeFileSync(historyFile(directory), old.join(''));
    await tell(51);
    expect(await told()).toEqual(upTo(51));
    await tell(...upTo(70).slice(51));
    expect((await told()).at(0)).toBeGreaterThan(50);
  });

  test('grows on where its file cannot be moved aside, which is said once', async () => {
    const { tell, told, directory, warnings } = await opened();
    await mkdir(join(directory, 'history.1.ndjson'));
    await tell(...upTo(30));
    expect(warnings).toMatchObject([
      { message: expect.stringContaining('beyond --keep-history'), fields: { keep: room } },
    ]);
    await expect(told()).rejects.toThrow(/^cannot read the history .*history\.1\.ndjson/);
    const lines = readFileSync(historyFile(directory), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(30);
  });
});

/** Ends a process in effect: whatever comes after it is done by the next one. */
class Killed extends Error {}

/** The steps of one write, each of which may be the last of its process. */
const steps = [
  'before the rename',
  'after the rename',
  'within the line',
  'after the line',
] as const;

test.each(steps)('a kill %s loses no line that was written, and tears none of them', async (at) => {
  const directory = await temporaryDirectory();
  const path = historyFile(directory);
  /** One process, that ends at this step of its last line. */
  const write = async (n: number, isLast: boolean) => {
    const line = formatHistoryEntry(entry(n));
    const end = (step: (typeof steps)[number]) => {
      if (isLast && step === at) throw new Killed();
    };
    end('before the rename');
    await makeRoom(path, line.length + 1, room);
    end('after the rename');
    if (isLast && at === 'within the line') {
      writeFileSync(path, line.slice(0, line.length / 2), { flag: 'a' });
      throw new Killed();
    }
    await appendLine(path, line);
    end('after the line');
  };
  let written: number[] = [];
  for (const n of upTo(40)) {
    const isLast = n % 2 === 0;
    const isWritten = await write(n, isLast).then(
      () => true,
      () => at === 'after the line',
    );
    if (isWritten) written = [...written, n];
    const { entries } = await readHistory(directory, ofAll);
    const numbers = entries.map(({ attempts }) => attempts);
    expect(numbers).toEqual(written.slice(-numbers.length));
    expect(numbers.length).toBeGreaterThanOrEqual(Math.min(written.length, 3));
  }
});

test('who reads while files change their places sees each line once, in order', async () => {
  const { tell, told } = await opened();
  let isWriting = true;
  const writing = tell(...upTo(200)).finally(() => {
    isWriting = false;
  });
  const reader = async () => {
    let last = 0;
    while (isWriting) {
      const numbers = await told();
      const first = numbers[0] ?? 1;
      expect(numbers).toEqual(numbers.map((_, index) => first + index));
      expect(numbers.at(-1) ?? 0).toBeGreaterThanOrEqual(last);
      last = numbers.at(-1) ?? 0;
    }
  };
  await Promise.all([writing, reader(), reader()]);
});

test('a widget’s oldest line in a long history is found without reading the others', async () => {
  const directory = await temporaryDirectory();
  const other = `${formatHistoryEntry(entry(2, { widgetId: ben }))}\n`;
  const mine = formatHistoryEntry(entry(1));
  const lines = Math.floor(2 ** 22 / other.length);
  for (const name of ['history.ndjson', 'history.1.ndjson']) {
    writeFileSync(join(directory, name), other.repeat(lines));
  }
  const earlier = join(directory, 'history.1.ndjson');
  writeFileSync(earlier, `${mine}\n${other.repeat(lines)}`);
  const timed = async (widgetId: WidgetId | null, limit: number) => {
    const startMs = performance.now();
    const { entries } = await readHistory(directory, { limit, widgetId });
    return { entries, tookMs: performance.now() - startMs };
  };
  const sought = await timed(ava, 20);
  expect(sought.entries.map(({ attempts }) => attempts)).toEqual([1]);
  const parsed = await timed(null, lines / 2);
  // A quarter of the lines is parsed, which takes a quarter of what it would take for all.
  expect(sought.tookMs).toBeLessThan(parsed.tookMs);
});
