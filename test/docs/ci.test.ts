// The workflows of docs/ci.md are those of deploy/, and its steps for many accounts do what it says: their own lines
// are run.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { commitAll, git } from '../documents/repository.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { blocksOf, pageOf, root } from './pages.ts';

const blocks = blocksOf('yaml').filter(({ page }) => page === 'docs/ci.md');
const values = blocks.map(({ text }) => parse(text));
const [steps = []] = values.filter((value) => Array.isArray(value));

test.each(['github-plan.yml', 'github-apply.yml'])('%s is on the page', (name) => {
  const text = readFileSync(join(root, 'deploy/workflows', name), 'utf8');
  expect(blocks.map((block) => block.text)).toContain(text);
});

test('the hook of pre-commit on the page is the one that there is', () => {
  const [hook] = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8'));
  const config = values.find(({ repos }) => repos !== undefined);
  expect(config.repos[0].hooks).toEqual([{ id: hook.id }]);
  expect(hook).toMatchObject({ entry: 'widget-sync validate', pass_filenames: false });
});

test('the page lists the inputs of the action, and its outputs', () => {
  const { inputs, outputs } = parse(readFileSync(join(root, 'action.yml'), 'utf8'));
  const { text } = pageOf('docs/ci.md');
  const section = text.slice(text.indexOf('### The action'), text.indexOf('### Drift'));
  const listed = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  expect(listed).toEqual(Object.keys(inputs));
  for (const name of Object.keys(outputs)) expect(section).toContain(`\`${name}\``);
});

describe('the steps for many accounts', () => {
  const [keys, which] = steps;
  const runStep = (script: string, cwd: string, env: Record<string, string>) =>
    execFileSync('bash', ['-e', '-c', script], { cwd, env: { ...process.env, ...env } });

  test('write each key into a file that nobody else may read', () => {
    const cwd = temporaryDirectory();
    runStep(keys.run, cwd, { KEYS: 'fernwood in-f-0123456789\n\nharbor in-h-0123456789' });
    expect(readdirSync(join(cwd, 'keys'))).toEqual(['fernwood', 'harbor']);
    expect(readFileSync(join(cwd, 'keys/harbor'), 'utf8')).toBe('in-h-0123456789\n');
    expect(statSync(join(cwd, 'keys/harbor')).mode & 0o777).toBe(0o600);
    expect(keys.env.KEYS).toMatch(/^\$\{\{ secrets\.\w+ \}\}$/);
  });

  test.each<[string, (cwd: string) => void, string[]]>([
    ['a widget', (cwd) => writeFile(cwd, 'clients/harbor/widgets/a.yaml', 'x'), ['harbor']],
    [
      'two clients, one with a fragment',
      (cwd) => {
        writeFile(cwd, 'clients/harbor/_brand.yaml', 'x');
        writeFile(cwd, 'clients/fernwood/widgets/a.yaml', 'x');
      },
      ['fernwood', 'harbor'],
    ],
    ['a fragment of all', (cwd) => writeFile(cwd, 'clients/_house.yaml', 'x'), []],
    [
      'the file of accounts and a widget',
      (cwd) => {
        writeFile(cwd, 'accounts.yaml', 'x');
        writeFile(cwd, 'clients/harbor/widgets/a.yaml', 'x');
      },
      [],
    ],
    [
      'a client that goes beside one that changes',
      (cwd) => {
        rmSync(join(cwd, 'clients/fernwood'), { recursive: true });
        writeFile(cwd, 'clients/harbor/widgets/a.yaml', 'x');
      },
      ['harbor'],
    ],
  ])('plan the accounts that %s concerns', (_, change, names) => {
    const [origin, cwd] = [temporaryDirectory(), temporaryDirectory()];
    git(origin, 'init', '-q', '-b', 'main', '--template=');
    for (const name of ['fernwood', 'harbor', 'quill']) {
      writeFile(origin, `clients/${name}/widgets/a.yaml`, 'first');
    }
    commitAll(origin);
    execFileSync('git', ['clone', '-q', origin, cwd]);
    change(cwd);
    commitAll(cwd);
    runStep(which.run, cwd, { GITHUB_BASE_REF: 'main', GITHUB_OUTPUT: join(cwd, 'output') });
    const said = names.map((name) => `--account ${name}`).join(' ');
    expect(readFileSync(join(cwd, 'output'), 'utf8')).toBe(`accounts=${said}\n`);
  });
});
