// A real process that writes to a bounded history and is killed, again and again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { readHistory } from '../../../src/state/file/read-history.ts';
import { temporaryDirectory } from '../fixtures/state-options.ts';

const room = 4_000;

/** Writes lines until it is killed, and says the number of each once it is written. */
const script = `
  import { openHistoryLines } from './src/state/file/history-writer.ts';
  const [path = '', first = ''] = process.argv.slice(2);
  const lines = openHistoryLines(path, { warn: console.error, mostBytes: ${room} });
  const hash = 'a'.repeat(64);
  const widgetId = '3c90c3cc-0d44-4b50-8888-8dd25736052a';
  const rest = { file: 'ava.yaml', reason: 'edited', hash, revision: null, fields: [] };
  for (let n = Number(first); ; n += 1) {
    lines.add({ time: new Date(n), widgetId, ...rest, after: { text: 'x'.repeat(400) }, attempts: n });
    await lines.write();
    process.stdout.write(n + '\\n');
  }
`;

async function compiled(directory: string): Promise<string> {
  const outfile = join(directory, 'writer.mjs');
  const resolveDir = join(import.meta.dirname, '../../..');
  await build({
    stdin: { contents: script, resolveDir, loader: 'ts' },
    ...{ bundle: true, platform: 'node', format: 'esm', outfile },
  });
  return outfile;
}

/** Starts with this number; gives the last one that was said, once the process has said so many and is dead. */
async function writeUntilKilled(words: readonly string[], many: number): Promise<number> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints += text;
  });
  const said: number[] = [];
  const output = createInterface(child.stdout).on('line', (line) => {
    said.push(Number(line));
    if (said.length === many) child.kill('SIGKILL');
  });
  await Promise.all([once(child, 'close'), once(output, 'close')]);
  expect(complaints).toBe('');
  return said.at(-1) ?? Number.NaN;
}

test('kills lose no line that was written, whatever the files are then', async () => {
  const directory = await temporaryDirectory();
  const writer = await compiled(directory);
  const path = join(directory, 'history.ndjson');
  let next = 1;
  for (const [round, many] of [1, 2, 3, 5, 7, 9, 12].entries()) {
    const last = await writeUntilKilled([writer, path, String(next)], many);
    const { entries, damaged } = await readHistory(directory, { limit: 1_000, widgetId: null });
    const numbers = entries.map(({ attempts }) => attempts);
    // The next one may be written already, and not said.
    const newest = numbers.at(-1) ?? 0;
    expect(newest).toBeGreaterThanOrEqual(last);
    expect(numbers).toEqual(numbers.map((_, index) => newest - numbers.length + 1 + index));
    expect(numbers.length).toBeGreaterThan(0);
    // A line under way may be torn by each kill.
    expect(damaged).toBeLessThanOrEqual(round + 1);
    next = newest + 1;
  }
});
