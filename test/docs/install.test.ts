// docs/install.md, done as it says: the package in an empty folder, and from there to the first apply. Commands that the
// README has beside those are run there, too.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { widgetId } from '../support/sandbox.ts';
import { pageOf, root, sectionOf } from './pages.ts';

const page = pageOf('docs/install.md');

function blocksIn(heading: string): string[] {
  const blocks = sectionOf(page, heading).matchAll(/^```sh\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, text = '']) => text);
}

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** As typed into one shell; `typed` is what the person types while it runs. */
function inShell(script: string, cwd: string, env: NodeJS.ProcessEnv, typed = ''): Promise<Ran> {
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd, env });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  shell.stdin.end(typed);
  return new Promise((resolve, reject) => {
    shell.on('error', reject);
    shell.on('close', (code) => resolve({ code, output }));
  });
}

/** npm has what `npm ci` once fetched, and asks for the rest. */
const isOffline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ENOTCACHED/;

test('the package in an empty folder leads to a first apply', { timeout: 120_000 }, async ({
  skip,
}) => {
  const sandbox = await startSandbox({
    widgets: [
      { widgetId: widgetId(1), fields: { name: 'Ava', widget_type: 'chat', display_name: 'Ava' } },
    ],
  });
  onTestFinished(() => sandbox.close());
  const home = temporaryDirectory();
  const cwd = join(home, 'team');
  const person = { name: 'Mia Berg', email: 'mia@example.com' };
  writeFile(home, '.gitconfig', `[user]\nname = ${person.name}\nemail = ${person.email}\n`);
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    npm_config_cache: execFileSync('npm', ['config', 'get', 'cache'], {
      cwd: root,
      encoding: 'utf8',
    }).trim(),
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    WIDGET_SYNC_API_URL: sandbox.url,
    WIDGET_SYNC_RATE: '1000/s',
  };

  // What the first blocks make, from what was built before.
  writeFile(home, 'widget-sync/.keep', '');
  const packing = ['pack', '--ignore-scripts', '--pack-destination', join(home, 'widget-sync')];
  execFileSync('npm', packing, { cwd: root, stdio: 'ignore' });
  writeFile(cwd, '.keep', '');
  const [first = '', , vendored = ''] = blocksIn('Beside the widgets');
  const begin = first.replace(/^npm install .*\n/m, '');
  const installed = await inShell(`git init -q -b main\n${begin}${vendored}`, cwd, env);
  if (installed.code !== 0 && isOffline.test(installed.output) && process.env['CI'] === undefined) {
    return skip(`LEFT OUT: the registry of npm cannot be reached:\n${installed.output}`);
  }
  expect(installed).toMatchObject({ code: 0 });

  const [key = '', importing = '', editing = ''] = blocksIn('The first fifteen minutes');
  // Once as a person does; then without npm, which takes longer than what it starts.
  const shorter = `npx() { [ "$1 $2 $3" = '--no -- widget-sync' ]; shift 3; node_modules/.bin/widget-sync "$@"; }\n`;
  const [init = '', ...rest] = importing.split('\n');
  const edit = `sed -i 's/^display_name: .*/display_name: Ava from Fernwood/' widgets/ava.yaml\n`;
  const more = /```sh\n([\s\S]*?)^```/m.exec(sectionOf(pageOf('README.md'), 'Use it'))?.[1] ?? '';
  const asking = more.match(/^npx .* widget-sync (?:status|explain|where|history)\b.*$/gm) ?? [];
  expect(asking).toHaveLength(4);
  const script = [key, init, shorter, ...rest, edit, editing, ...asking].join('\n');
  const { code, output } = await inShell(script, cwd, env, 'in-0123456789abcdef0123\n');
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toContain('wrote    .pre-commit-config.yaml\n');
  expect(output).toContain('created widgets/ava.yaml\n');
  expect(output).toContain('\nPlan: 1 to adopt\n');
  expect(output).toContain('\n0 widgets applied, 1 adopted.\n');
  expect(output).not.toContain('+edited');
  expect(output).toContain('~ display_name  "Ava" → "Ava from Fernwood"');
  expect(sandbox.widget(widgetId(1))).toMatchObject({ display_name: 'Ava from Fernwood' });
  // Nothing is left over: neither the state nor what npm installs is for git.
  const git = (...words: string[]) => execFileSync('git', words, { cwd, encoding: 'utf8' });
  expect(git('status', '--porcelain')).toBe('');
  const kept = git('ls-files')
    .split('\n')
    .filter((path) => path !== '' && path !== '.keep');
  expect(kept.sort()).toEqual([
    '.gitignore',
    '.pre-commit-config.yaml',
    'package-lock.json',
    'package.json',
    'schemas/fragment.schema.json',
    'schemas/widget.schema.json',
    `vendor/widget-sync-${versionOf()}.tgz`,
    'widgets/ava.yaml',
  ]);
});

function versionOf(): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}
