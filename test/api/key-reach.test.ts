// Where the key must not be reachable from: other processes, and the words of a command line.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commandNames } from '../support/command-names.ts';
import { runHere } from '../support/program.ts';

const src = fileURLToPath(new URL('../../src', import.meta.url));
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => [path, readFileSync(join(src, path), 'utf8')] as const);

test('nothing but the browser of a preview is started, which inherits nothing that this one has', () => {
  const starts =
    /['"](node:)?(child_process|worker_threads|cluster)['"]|process\.(binding|dlopen)\b/;
  expect(sources.length).toBeGreaterThan(50);
  const starting = sources.filter(([, text]) => starts.test(text));
  expect(starting.map(([path]) => path)).toEqual(['cli/preview/take-pictures.ts']);
  const [, text = ''] = starting[0] ?? [];
  expect(text).toContain("env: { PATH: path, HOME: home ?? profile, LANG: 'C.UTF-8' }");
});

test('only the process edge reads the environment of the process', () => {
  const readers = sources.filter(([, text]) => /process\.env\b/.test(text));
  expect(readers.map(([path]) => path)).toEqual(['main.ts']);
});

test('these are all the commands', async () => {
  const { stdout } = await runHere(['--help']);
  const named = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  expect(named.filter((name) => name !== 'help')).toEqual(commandNames);
});

test.each(commandNames)('%s has no flag that takes a key', async (command) => {
  const { stdout, code } = await runHere([command, '--help']);
  expect(code).toBe(0);
  const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
  expect(flags).toContain('--help');
  expect(flags.filter((flag) => /key|token|secret|password|credential/.test(flag ?? ''))).toEqual(
    [],
  );
});
