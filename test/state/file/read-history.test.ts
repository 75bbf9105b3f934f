import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import { chunkBytes, readHistory } from '../../../src/state/file/read-history.ts';
import { formatHistoryEntry } from '../../../src/state/history-format.ts';
import type { HistoryEntry } from '../../../src/status/history-entry.ts';
import { law } from '../../support/law.ts';
import {
  ava,
  ben,
  entryOf,
  recordOf,
  stateOptions,
  temporaryDirectory,
} from '../fixtures/state-options.ts';

const ofAll = { limit: 100, widgetId: null };

async function historyOf(content: string | Uint8Array): Promise<string> {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'history.ndjson'), content);
  return directory;
}

function entry(changes: Partial<HistoryEntry> = {}): HistoryEntry {
  return { ...entryOf(recordOf(ava)), ...changes };
}

describe('history', () => {
  test('is what was confirmed, newest last', async () => {
    const directory = await temporaryDirectory();
    const store = await openState(stateOptions(directory));
    const written = [entry(), entry({ widgetId: ben, revision: null }), entry({ attempts: 3 })];
    for (const one of written) await store.confirm(recordOf(one.widgetId), one);
    await store.close();
    expect(await readHistory(directory, ofAll)).toEqual({ entries: written, damaged: 0 });
  });

  test('of a new state directory, or of none, is empty', async () => {
    const directory = await temporaryDirectory();
    const nothing = { entries: [], damaged: 0 };
    expect(await readHistory(directory, ofAll)).toEqual(nothing);
    expect(await readHistory(join(directory, 'missing'), ofAll)).toEqual(nothing);
    expect(await readHistory(await historyOf(''), ofAll)).toEqual(nothing);
  });

  test('gives the newest of one widget, however far back they are', async () => {
    const files = ['1', '2', '3'].map((file) => entry({ file }));
    const others = Array.from({ length: 2_000 }, () => entry({ widgetId: ben }));
    const lines = [...files, ...others].map(formatHistoryEntry);
    const directory = await historyOf(`${lines.join('\n')}\n`);
    const { entries } = await readHistory(directory, { limit: 2, widgetId: ava });
    expect(entries.map(({ file }) => file)).toEqual(['2', '3']);
  });

  test('reads no further back than it has to', async () => {
    const directory = await historyOf('');
    const path = join(directory, 'history.ndjson');
    // A hole that takes no room on the disk, and would take minutes to read.
    await truncate(path, 2 ** 30);
    await appendFile(path, `\n${formatHistoryEntry(entry())}\n`.repeat(4));
    expect((await readHistory(directory, { ...ofAll, limit: 3 })).entries).toHaveLength(3);
  });

  test('counts no damage from before the entries that are asked for', async () => {
    const lines = Array.from({ length: 2_000 }, () => formatHistoryEntry(entry()));
    const directory = await historyOf(`torn at the very beginning\n${lines.join('\n')}\n`);
    expect((await readHistory(directory, { ...ofAll, limit: 3 })).damaged).toBe(0);
    expect((await readHistory(directory, { ...ofAll, limit: 3_000 })).damaged).toBe(1);
  });

  test.each([
    ['torn', '{"time":"2026-'],
    ['no object', '[1]'],
    ['of no widget', changed({ widget_id: 'ava' })],
    ['without a time', changed({ time: undefined })],
    ['with a number for a time', changed({ time: 5 })],
    ['with a file that is none', changed({ file: null })],
    ['with fields that are no list', changed({ fields: '/name' })],
    ['of another program', '{"level":30,"msg":"started"}'],
  ])('counts a line that is %s, and gives the others', async (_, line) => {
    const good = formatHistoryEntry(entry());
    const directory = await historyOf(`${good}\n${line}\n${good}\n`);
    const expected = { entries: [entry(), entry()], damaged: 1 };
    expect(await readHistory(directory, ofAll)).toEqual(expected);
  });

  test('that cannot be read says so', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'history.ndjson'));
    const reading = readHistory(directory, ofAll);
    await expect(reading).rejects.toThrow(StateError);
    await expect(reading).rejects.toThrow(/^cannot read the history .*EISDIR/);
  });

  test.skipIf(process.platform === 'win32')('says so of a pipe as of a pipe', async () => {
    const directory = await temporaryDirectory();
    execFileSync('mkfifo', [join(directory, 'history.ndjson')]);
    await expect(readHistory(directory, ofAll)).rejects.toThrow(/a pipe .* remove it/);
  });
});

function changed(changes: object): string {
  return JSON.stringify({ ...JSON.parse(formatHistoryEntry(entry())), ...changes });
}

describe('reading from the end', () => {
  test.each([-2, -1, 0, 1, 2])(
    'loses nothing where a line begins %i bytes from the edge of what is read at once',
    async (offset) => {
      const first = entry({ file: 'first.yaml' });
      const room =
        chunkBytes + offset - Buffer.byteLength(`${formatHistoryEntry(entry({ file: '' }))}\n`);
      const last = entry({ file: 'x'.repeat(room) });
      const directory = await historyOf(
        [first, last].map((one) => `${formatHistoryEntry(one)}\n`).join(''),
      );
      expect(await readHistory(directory, ofAll)).toEqual({ entries: [first, last], damaged: 0 });
    },
  );

  // Texts of up to some 300 kB, in characters of one to four bytes: longer than what is read at once.
  const longText = fc
    .tuple(fc.constantFrom('x', 'é', '€', '🙂', 'a🙂é'), fc.nat({ max: 80_000 }))
    .map(([text, times]) => text.repeat(times));
  const line = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .record({ widgetId: fc.constantFrom(ava, ben), file: fc.oneof(fc.string(), longText) })
        .map((parts) => formatHistoryEntry(entry(parts))),
    },
    { weight: 1, arbitrary: fc.oneof(fc.constant(''), longText, fc.constant('{"time":"2026-')) },
  );

  law.prop(
    [
      fc.array(line, { maxLength: 12 }),
      fc.constantFrom('', '\n'),
      fc.nat({ max: 12 }),
      fc.constantFrom(null, ava),
    ],
    { numRuns: 60 },
  )('gives what reading the whole file gives', async (lines, end, limit, widgetId) => {
    const directory = await historyOf(lines.join('\n') + end);
    const request = { limit, widgetId };
    expect(await readHistory(directory, request)).toEqual(await readNaively(directory, request));
  });
});

/** The same, with the whole file in memory. */
async function readNaively(
  directory: string,
  { limit, widgetId }: { limit: number; widgetId: string | null },
) {
  const text = await readFile(join(directory, 'history.ndjson'), 'utf8');
  const entries: HistoryEntry[] = [];
  let damaged = 0;
  for (const one of text.split('\n').filter(Boolean).reverse()) {
    if (entries.length === limit) break;
    try {
      const stored = JSON.parse(one);
      if (widgetId !== null && stored.widget_id !== widgetId) continue;
      entries.unshift(entry({ widgetId: stored.widget_id, file: stored.file }));
    } catch {
      // Nothing in it says that it is of this widget.
      if (widgetId === null) damaged += 1;
    }
  }
  return { entries, damaged };
}
