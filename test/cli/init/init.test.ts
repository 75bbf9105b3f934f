// What a repository begins with: made once, whole, and never over what is there.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { makeCheckout, runCommand, temporaryDirectory, writeFile } from '../../support/command.ts';
import { runIn } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';

const root = join(import.meta.dirname, '../../..');

/** Every file below, by its path, with its content and when it was written. */
function filesOf(directory: string) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile() && !/\/\.git(\/|$)/.test(entry.parentPath))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [
        path.slice(directory.length + 1),
        { text: readFileSync(path, 'utf8'), writtenAt: statSync(path).mtimeMs },
      ]),
  );
}

function checkout(): string {
  const cwd = temporaryDirectory();
  makeCheckout(cwd);
  return cwd;
}

const init = (cwd: string, ...words: string[]) => runIn({ cwd, env: {} }, ['init', ...words]);

const always = [
  '.gitignore',
  '.pre-commit-config.yaml',
  'schemas/fragment.schema.json',
  'schemas/widget.schema.json',
];

test('writes what a repository begins with, says so of each file, and says what comes next', async () => {
  const cwd = checkout();
  const { code, stdout, stderr } = await init(cwd);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect([...filesOf(cwd).keys()].sort()).toEqual(always);
  expect(stdout).toBe(
    [
      'wrote    schemas/widget.schema.json',
      'wrote    schemas/fragment.schema.json',
      'wrote    .pre-commit-config.yaml',
      'wrote    .gitignore',
      '',
      'Next:',
      '  widget-sync import   # writes a file for each widget of the account',
      '  widget-sync plan     # shows what apply would do',
      '  widget-sync apply    # pushes what differs, and records it',
      '',
    ].join('\n'),
  );
});

test('a second run writes nothing', async () => {
  const cwd = checkout();
  await init(cwd);
  const before = filesOf(cwd);
  const { code, stdout } = await init(cwd);
  expect(code).toBe(0);
  expect(stdout.match(/^(wrote|is there|differs)/gm)).toEqual(always.map(() => 'is there'));
  expect(filesOf(cwd)).toEqual(before);
});

test('what people have otherwise stays as it is, and the file of this version is named', async () => {
  const cwd = checkout();
  writeFile(cwd, 'schemas/widget.schema.json', '{}');
  writeFile(cwd, '.pre-commit-config.yaml', 'repos: []\n');
  const { code, stdout } = await init(cwd);
  expect(code).toBe(0);
  expect(readFileSync(join(cwd, 'schemas/widget.schema.json'), 'utf8')).toBe('{}');
  expect(readFileSync(join(cwd, '.pre-commit-config.yaml'), 'utf8')).toBe('repos: []\n');
  const named = [...stdout.matchAll(/^differs {2}(\S+): it stays as it is; .* (\/\S+)$/gm)];
  expect(named.map(([, path]) => path)).toEqual([
    'schemas/widget.schema.json',
    '.pre-commit-config.yaml',
  ]);
  for (const [, , source = ''] of named) expect(statSync(source).size).toBeGreaterThan(100);
});

test('other ends of lines are no difference', async () => {
  const cwd = checkout();
  const text = readFileSync(join(root, 'schemas/widget.schema.json'), 'utf8');
  writeFile(cwd, 'schemas/widget.schema.json', text.replaceAll('\n', '\r\n'));
  expect((await init(cwd)).stdout).toContain('is there schemas/widget.schema.json\n');
});

describe('.gitignore', () => {
  test.each([
    ['dist', 'dist\n.widget-sync/\n'],
    ['dist\n', 'dist\n.widget-sync/\n'],
    ['# .widget-sync/\n!.widget-sync/\n', '# .widget-sync/\n!.widget-sync/\n.widget-sync/\n'],
    ['', '.widget-sync/\n'],
  ])('%j gets a line, and keeps its own', async (before, after) => {
    const cwd = checkout();
    writeFile(cwd, '.gitignore', before);
    chmodSync(join(cwd, '.gitignore'), 0o640);
    const { stdout } = await init(cwd);
    expect(stdout).toContain('wrote    .gitignore: added .widget-sync/\n');
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe(after);
    expect(statSync(join(cwd, '.gitignore')).mode & 0o777).toBe(0o640);
  });

  test.each([
    '.widget-sync',
    '/.widget-sync/',
    '.widget-sync*/',
    '**/.widget-sync/ ',
    'a\r\n.widget-sync/\r\n',
  ])('%j says it already', async (text) => {
    const cwd = checkout();
    writeFile(cwd, '.gitignore', text);
    expect((await init(cwd)).stdout).toContain('is there .gitignore\n');
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe(text);
  });

  test('leaves out what npm installs, where there is a package.json', async () => {
    const cwd = checkout();
    writeFile(cwd, 'package.json', '{}');
    await init(cwd);
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('.widget-sync/\nnode_modules/\n');
  });
});

describe('nothing is written where something stands in the way of one file', () => {
  const outside = () => {
    const path = temporaryDirectory();
    writeFile(path, 'kept', 'kept');
    return path;
  };

  test.each([
    [
      'a link in place of a folder',
      (cwd: string) => symlinkSync(outside(), join(cwd, 'schemas')),
      'schemas is a link, on the way to schemas/widget.schema.json, and init writes through none',
    ],
    [
      'a link that leads nowhere',
      (cwd: string) => symlinkSync('nowhere', join(cwd, '.pre-commit-config.yaml')),
      '.pre-commit-config.yaml is a link, and init writes through none',
    ],
    [
      'a link in place of a .gitignore that lacks the line',
      (cwd: string) => symlinkSync(join(outside(), 'kept'), join(cwd, '.gitignore')),
      'add .widget-sync/ to what it names',
    ],
    [
      'a folder in place of a file',
      (cwd: string) => mkdirSync(join(cwd, '.gitignore')),
      '.gitignore is no file: move it away',
    ],
    [
      'a file in place of a folder',
      (cwd: string) => writeFile(cwd, 'schemas', ''),
      'schemas/widget.schema.json: a file stands where a folder has to be',
    ],
  ])('%s', async (_, put, says) => {
    const cwd = checkout();
    put(cwd);
    const before = readdirSync(cwd).sort();
    const { code, stdout, stderr } = await init(cwd);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^widget-sync: .*\n$/);
    expect(stderr).toContain(says);
    expect(readdirSync(cwd).sort()).toEqual(before);
  });

  test('but a link to a file that is as it should be is fine', async () => {
    const cwd = checkout();
    writeFile(cwd, 'ignored', '.widget-sync/\n');
    symlinkSync('ignored', join(cwd, '.gitignore'));
    symlinkSync(join(root, 'schemas'), join(cwd, 'schemas'));
    const { code, stdout } = await init(cwd);
    expect(code).toBe(0);
    expect(stdout.match(/^is there .*$/gm)).toHaveLength(3);
    expect(lstatSync(join(cwd, '.gitignore')).isSymbolicLink()).toBe(true);
  });
});

test('a folder that is missing is made, and one that cannot be is told of', async () => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'file', '');
  expect(await init(cwd, 'file')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'widget-sync: file cannot be set up: it is a file, or lies below one\n',
  });
  const { code, stdout } = await init(cwd, "a b/it's");
  expect(code).toBe(0);
  expect(stdout).toContain("wrote    a b/it's/schemas/widget.schema.json\n");
  expect(stdout).toContain("\nNext:\n  cd 'a b/it'\\''s'\n  git init ");
  expect([...filesOf(join(cwd, "a b/it's")).keys()].sort()).toEqual(always);
});

test('a folder in which nothing may be made is told of', async () => {
  const cwd = checkout();
  chmodSync(cwd, 0o555);
  onTestFinished(() => chmodSync(cwd, 0o755));
  // Nothing is kept from root.
  const nobody = { user: { uid: 65_534, gid: 65_534 } };
  const options = { cwd, ...(process.getuid?.() === 0 && nobody) };
  const { code, stdout, stderr } = await runCommand(['init'], options);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^widget-sync: cannot write schemas\/widget.schema.json: EACCES.*\n$/);
  expect(existsSync(join(cwd, 'schemas'))).toBe(false);
});

test('below the top of a checkout, what is read at the top only is left out, or refused', async () => {
  const cwd = checkout();
  mkdirSync(join(cwd, 'chat'));
  const { code, stdout } = await init(cwd, 'chat');
  expect(code).toBe(0);
  expect(stdout).toContain(
    `left out chat/.pre-commit-config.yaml: pre-commit reads it at the top of the checkout only, ${cwd}\n`,
  );
  expect(existsSync(join(cwd, 'chat/.pre-commit-config.yaml'))).toBe(false);
  expect(existsSync(join(cwd, 'chat/schemas/widget.schema.json'))).toBe(true);
  const refused = await init(cwd, 'chat', '--ci', 'github');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain(`--ci github is for the top of the checkout, ${cwd}: `);
});

test.each([
  [
    'github',
    ['.github/workflows/widget-sync-apply.yml', '.github/workflows/widget-sync-plan.yml'],
    [
      'Put the owner of the repository of widget-sync for YOUR_ACCOUNT in .github/workflows/widget-sync-plan.yml and .github/workflows/widget-sync-apply.yml.',
      'The workflows take the key from the secret INSIGHTO_API_KEY.',
    ],
  ],
  [
    'gitlab',
    ['.gitlab-ci.yml'],
    [
      'The jobs run what package.json names, and build nothing: npm install --save-dev, with a tarball of widget-sync.',
      'They take the key from the masked variable INSIGHTO_API_KEY.',
    ],
  ],
])('--ci %s writes the published files, and says what is left to do', async (ci, files, says) => {
  const cwd = checkout();
  const { code, stdout } = await init(cwd, '--ci', ci);
  expect(code).toBe(0);
  const written = filesOf(cwd);
  expect([...written.keys()].sort()).toEqual([...always, ...files].sort());
  const published = ci === 'github' ? 'workflows/github-' : '';
  for (const path of files) {
    const name = path.replace(/^.*widget-sync-|^\./, '');
    const text = readFileSync(join(root, `deploy/${published}${name}`), 'utf8');
    expect(written.get(path)?.text, path).toBe(text);
  }
  for (const line of says) expect(stdout).toContain(`\n${line}\n`);
  const second = await init(cwd, '--ci', ci);
  expect(second.stdout).not.toMatch(/^(wrote|differs)/m);
  expect(filesOf(cwd)).toEqual(written);
});

test('what was done already is not asked for', async () => {
  const cwd = checkout();
  const path = '.github/workflows/widget-sync-plan.yml';
  const plan = readFileSync(join(root, 'deploy/workflows/github-plan.yml'), 'utf8');
  writeFile(cwd, path, plan.replace('YOUR_ACCOUNT/', 'fernwood/'));
  const { stdout } = await init(cwd, '--ci', 'github');
  expect(stdout).toContain(`differs  ${path}: it stays as it is; `);
  expect(stdout).toContain('for YOUR_ACCOUNT in .github/workflows/widget-sync-apply.yml.\n');
  writeFile(cwd, 'package.json', '{ "devDependencies": { "widget-sync": "file:a.tgz" } }');
  expect((await init(cwd, '--ci', 'gitlab')).stdout).not.toContain('package.json names');
});

test('an unknown CI is refused', async () => {
  const { code, stderr } = await init(temporaryDirectory(), '--ci', 'jenkins');
  expect(code).toBe(1);
  expect(stderr).toBe('widget-sync: --ci: expected one of github, gitlab, none, found "jenkins"\n');
});

test('what import writes afterwards finds the schema, and the hook checks it', async () => {
  const cwd = checkout();
  await init(cwd);
  const sandbox = await startSandbox({
    widgets: [{ widgetId: widgetId(1), fields: { name: 'Ava', widget_type: 'chat' } }],
  });
  onTestFinished(() => sandbox.close());
  const env = { INSIGHTO_API_KEY: 'in-test', WIDGET_SYNC_API_URL: sandbox.url };
  const imported = await runIn({ cwd, env }, ['import']);
  expect(imported).toMatchObject({ code: 0, stderr: '' });
  const [first = ''] = readFileSync(join(cwd, 'widgets/ava.yaml'), 'utf8').split('\n');
  const named = first.replace('# yaml-language-server: $schema=', '');
  expect(existsSync(join(cwd, 'widgets', named))).toBe(true);

  const { repos } = parse(readFileSync(join(cwd, '.pre-commit-config.yaml'), 'utf8'));
  const [hook] = repos[0].hooks;
  expect(hook.pass_filenames).toBe(false);
  // Before any widget is imported, the first commit is of these alone.
  const starts = (path: string) =>
    new RegExp(hook.files).test(path) && !new RegExp(hook.exclude).test(path);
  expect(['.pre-commit-config.yaml', '.github/workflows/a.yml'].filter(starts)).toEqual([]);
  expect(starts('widgets/ava.yaml')).toBe(true);
  const words = hook.entry.replace('npx --no -- widget-sync ', '').split(' ');
  expect(await runIn({ cwd, env: {} }, words)).toMatchObject({ code: 0 });
  writeFile(cwd, 'widgets/ava.yaml', 'widget_id: 1');
  expect(await runIn({ cwd, env: {} }, words)).toMatchObject({ code: 1 });
  expect((await init(cwd)).stdout).toContain('\n  widget-sync validate   # ');
});
