// The README promises names; this keeps the names true.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addCommands } from '../src/cli/command-line.ts';
import type { Surroundings } from '../src/cli/process-context.ts';
import { options } from '../src/config/settings.ts';
import { heldCodes, problemCodes } from '../src/model/problem-codes.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const { scripts } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { scripts: Record<string, string> };

test.each(Object.entries({ ...problemCodes, ...heldCodes }))(
  'lists the code %s with its meaning',
  (code, meaning) => {
    expect(readme).toContain(`| \`${code}\` | ${meaning} |`);
  },
);

test('lists no code that does not exist', () => {
  const section = readme.slice(readme.indexOf('## Problem codes'), readme.indexOf('## Decisions'));
  const listed = [...section.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code]) => code);
  expect(listed.sort()).toEqual(Object.keys({ ...problemCodes, ...heldCodes }).sort());
});

test.each(Object.values(options))('lists $flag with its variable and default', (option) => {
  const [flag = ''] = option.flag.split(' ');
  const line = readme.split('\n').find((one) => one.startsWith(`| \`${flag} `)) ?? '';
  expect(line).toContain(`\`${option.env}\``);
  expect(line).toContain(`\`${option.fallback}\``);
});

test.each(flagsOfCommands())('knows %s', (flag) => {
  const table = readme.slice(readme.indexOf('### Options'), readme.indexOf('| exit code |'));
  const names = [...table.matchAll(/`(--[a-z-]+)/g)].map(([, name]) => name);
  expect(names).toContain(flag);
});

/** All that any command takes. */
function flagsOfCommands(): string[] {
  const program = new Command();
  const nobody: Partial<Surroundings> = {};
  addCommands(program, nobody as Surroundings, () => {});
  const flags = program.commands.flatMap((command) => command.options.map(({ long }) => long));
  return [...new Set(flags.filter((long) => long != null))].sort();
}

test('names only npm scripts that exist', () => {
  const named = [...readme.matchAll(/npm run ([a-z]+)/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});

test('has no line of prose that is wider than 108 columns', () => {
  const prose = readme.replace(/^```[\s\S]*?^```$/gm, '').split('\n');
  const wide = prose.filter((line) => [...line].length > 108 && !line.startsWith('|'));
  expect(wide).toEqual([]);
});
