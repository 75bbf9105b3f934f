// What a shell, an editor and `man` read, from the command itself and in the programs that read it.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
import { commandNames } from '../../support/command-names.ts';
import { runHere } from '../../support/program.ts';

describe('completion in bash', () => {
  let script = '';
  beforeAll(async () => {
    script = (await runHere(['completion', 'bash'])).stdout;
  });

  /** What bash would offer for the last of these words. */
  function offered(words: readonly string[], cwd = '/'): string[] {
    const line = words.map((word) => `'${word}'`).join(' ');
    const asked = `${script}
COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}
compopt() { :; }
_widget_sync
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const printed = execFileSync('bash', ['--norc', '-c', asked], { cwd, encoding: 'utf8' });
    return printed.split('\n').filter((word) => word !== '');
  }

  test('offers every command, and help', () => {
    expect(offered(['widget-sync', ''])).toEqual(
      expect.arrayContaining([...commandNames, 'help', '--version']),
    );
    expect(offered(['widget-sync', 'pl'])).toEqual(['plan']);
  });

  test.each([
    [['plan', '--detailed'], ['--detailed-exitcode']],
    [
      ['store', ''],
      ['init', 'import', 'export'],
    ],
    [['state', ''], ['move']],
    [
      ['plan', '--live', ''],
      ['auto', 'off'],
    ],
    [['validate', '--format', 's'], ['sarif']],
    [
      ['preview', '--before', ''],
      ['applied', 'live'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['help', 'expl'], ['explain']],
    [['plan', '--rate', ''], []],
  ])('%j', (words, expected) => {
    expect(offered(['widget-sync', ...words])).toEqual(expected);
  });

  test('offers directories and files where such are meant', () => {
    const cwd = temporaryDirectory();
    writeFile(cwd, 'widgets/a.yaml', '');
    writeFile(cwd, 'wide.yaml', '');
    expect(offered(['widget-sync', 'plan', 'wid'], cwd)).toEqual(['widgets']);
    expect(offered(['widget-sync', 'plan', '--root', 'wid'], cwd)).toEqual(['widgets']);
    const files = offered(['widget-sync', 'plan', '--accounts', 'wid'], cwd);
    expect(files.sort()).toEqual(['wide.yaml', 'widgets']);
  });
});

test.each([
  ['zsh', '#compdef widget-sync\n'],
  ['fish', '# fish completion for widget-sync'],
])('completion for %s names every command with its flags', async (shell, begin) => {
  const { code, stdout } = await runHere(['completion', shell]);
  expect(code).toBe(0);
  expect(stdout.startsWith(begin)).toBe(true);
  for (const name of commandNames) expect(stdout).toMatch(new RegExp(`\\b${name}\\b`));
  expect(stdout).toContain('detailed-exitcode');
  const cwd = temporaryDirectory();
  // Fish reads no script from the kind of pipe that Node has.
  writeFile(cwd, 'script', stdout);
  const check = spawnSync(shell, ['-n', join(cwd, 'script')]);
  // Only where that shell is installed.
  if (check.error === undefined) expect(check.status).toBe(0);
});

test('the manual page has every command and option, and groff finds no fault in it', async () => {
  const { code, stdout } = await runHere(['man']);
  expect(code).toBe(0);
  for (const name of commandNames) expect(stdout).toContain(`.SS "widget\\-sync ${name}`);
  expect(stdout).toContain('\\fB\\-\\-detailed\\-exitcode\\fR');
  // A line that begins with a point is an order: only known ones may.
  const orders = stdout.match(/^[.']\S*/gm) ?? [];
  expect(new Set(orders)).toEqual(new Set(['.TH', '.SH', '.B', '.I', '.TP', '.SS']));
  const check = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], { input: stdout });
  if (check.error === undefined) expect(check.stderr.toString()).toBe('');
});

describe('schema', () => {
  const root = join(import.meta.dirname, '../../../schemas');

  test.each([
    [[], 'widget.schema.json'],
    [['accounts'], 'accounts.schema.json'],
    [['output/plan'], 'output/plan.schema.json'],
  ])('%j is the file that comes with the program', async (words, file) => {
    const { code, stdout } = await runHere(['schema', ...words]);
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync(join(root, file), 'utf8'));
  });

  test('--list names them, and each can be printed', async () => {
    const { stdout } = await runHere(['schema', '--list']);
    const names = stdout.trimEnd().split('\n');
    expect(names).toEqual(expect.arrayContaining(['widget', 'fragment', 'output/validate']));
    for (const name of names) {
      const { stdout: text } = await runHere(['schema', name]);
      expect(JSON.parse(text)).toHaveProperty('$schema');
    }
  });

  test.each([
    ['wiget', 'did you mean widget?'],
    ['../package', '`widget-sync schema --list` names all'],
  ])('%s is refused', async (name, says) => {
    const { code, stderr } = await runHere(['schema', name]);
    expect(code).toBe(1);
    expect(stderr).toContain(says);
  });
});

test('an unknown shell is refused', async () => {
  const { code, stderr } = await runHere(['completion', 'tcsh']);
  expect(code).toBe(1);
  expect(stderr).toContain('expected one of bash, zsh, fish, found "tcsh"');
});
