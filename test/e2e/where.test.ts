// What has become of a commit, asked beside a daemon that acts on it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { openState } from '../../src/state/file/file-store.ts';
import { commitAll, git, initRepository } from '../documents/repository.ts';
import { stateOptions } from '../state/fixtures/state-options.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { readWhereJson } from '../support/json-shapes.ts';
import { runHere } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import {
  askEveryMs,
  generousMs,
  openWorkspace,
  said,
  type Workspace,
  type WorkspaceOptions,
} from '../support/workspace.ts';

async function checkout(options: WorkspaceOptions): Promise<Workspace> {
  const workspace = await openWorkspace(options);
  initRepository(workspace.cwd);
  writeFile(workspace.cwd, '.gitignore', '.widget-sync\n');
  commitAll(workspace.cwd);
  return workspace;
}

/** Without a key: nobody is asked. */
const where = ({ cwd }: Workspace, range: string, ...flags: string[]) =>
  runHere(['where', range, join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync'), ...flags]);

async function told(workspace: Workspace, range: string) {
  const { code, stdout } = await where(workspace, range, '--json');
  const value = readWhereJson(stdout);
  expect(code).toBe(value.done ? 0 : 1);
  const states = value.widgets.map((one: { file: string; state: string }) => [one.file, one.state]);
  return { ...value, states: Object.fromEntries(states) };
}

test('`where HEAD --wait` ends once the last widget of the commit is confirmed', async () => {
  const delayed = { kind: 'delay', delayMs: 300 } as const;
  const workspace = await checkout({ widgets: 4, onWrite: () => delayed });
  expect((await workspace.quickly('apply')).code).toBe(0);
  for (const n of [0, 1, 2]) workspace.write(n, 'second');
  commitAll(workspace.cwd);
  // Asked before the daemon runs: also that it sees the commit is waited for.
  const asked = where(workspace, 'HEAD', '--wait', '60s');
  workspace.runHere('--concurrency', '1');
  const { code, stdout, stderr } = await asked;
  const endedMs = performance.now();
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('waiting: 0 of 3'),
  });
  expect(stdout).toContain('Of 3 widgets: 3 live.');
  expect(workspace.writes()).toHaveLength(7);
  // The writes were over, and not long before.
  const lastMs = Math.max(...workspace.writes().map(({ endedAtMs }) => endedAtMs ?? Number.NaN));
  expect(endedMs).toBeGreaterThan(lastMs);
  expect(endedMs - lastMs).toBeLessThan(1000);
});

test('what is refused, held, superseded and live is told apart, of one commit and of a range', async () => {
  const refused = { kind: 'answer', status: 422, body: { detail: 'not that' } } as const;
  const workspace = await checkout({
    widgets: 5,
    onWrite: ({ path }) => (path.includes(widgetId(0)) ? refused : undefined),
  });
  const { cwd } = workspace;
  workspace.write(0, 'refused');
  writeFile(cwd, 'widgets/w1.yaml', `widget_id: ${widgetId(1)}\nwidget_type: chat\n  oops: [\n`);
  workspace.write(2, 'second');
  workspace.write(3, 'second');
  const first = commitAll(cwd);
  workspace.write(2, 'third');
  const second = commitAll(cwd);
  const daemon = workspace.runHere();
  await Promise.all([2, 3, 4].map((n) => daemon.waitForLog(said('applied', n))));
  await daemon.waitForLog(said('failed', 0));
  // The status is written soon after.
  await expect
    .poll(async () => (await told(workspace, first)).states['w0.yaml'], {
      timeout: generousMs,
      interval: askEveryMs,
    })
    .toBe('failed');

  const ofFirst = await told(workspace, first);
  expect(ofFirst.states).toEqual({
    'w0.yaml': 'failed',
    'w1.yaml': 'held',
    'w2.yaml': 'superseded',
    'w3.yaml': 'live',
  });
  expect(ofFirst).toMatchObject({
    commit: { id: first, subject: 'Edit widgets', author: 'Test' },
    ...{ after: null, seen: 'yes', last_pass: { revision: second }, done: false },
    widgets: [
      { widget_id: widgetId(0), done: false, reason: expect.stringContaining('not that') },
      { widget_id: widgetId(1), done: false, code: 'yaml-syntax', line: expect.any(Number) },
      { done: true, revision: second, reason: `by ${second.slice(0, 8)}, which is live` },
      { done: true, revision: second, since: expect.any(String), reason: null },
    ],
  });
  expect((await told(workspace, 'HEAD')).states).toEqual({ 'w2.yaml': 'live' });
  const range = await told(workspace, 'HEAD~2..HEAD');
  expect(range.states).toMatchObject({ 'w0.yaml': 'failed', 'w2.yaml': 'live', 'w3.yaml': 'live' });
  expect(range.after.id).toBe(git(cwd, 'rev-parse', 'HEAD~2'));
  const text = await where(workspace, 'HEAD~1', '--wait', '300ms');
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(/^[0-9a-f]{8} Edit widgets \(Test, /);
  expect(text.stdout).toMatch(/failed\s+w0\.yaml .*not that/);
  expect(text.stdout).toContain('Of 4 widgets: 1 live, 1 superseded, 1 held, 1 failed.');

  // What is mended later supersedes what never was live.
  workspace.write(1, 'mended');
  commitAll(cwd);
  await daemon.waitForLog(said('applied', 1));
  expect((await told(workspace, first)).states['w1.yaml']).toBe('superseded');
});

test('what is removed, suspended, taken back or not seen yet is said to be', async () => {
  const workspace = await checkout({ widgets: 4 });
  const { cwd } = workspace;
  expect((await workspace.quickly('apply')).code).toBe(0);
  const root = git(cwd, 'rev-parse', 'HEAD');
  expect(await told(workspace, root)).toMatchObject({ seen: 'yes', done: true });

  rmSync(join(cwd, 'widgets/w0.yaml'));
  workspace.write(1, 'second', 'sync: { suspend: true, reason: a fair }\n');
  workspace.write(2, 'second');
  const commit = commitAll(cwd);
  const unseen = await told(workspace, commit);
  expect(unseen).toMatchObject({ seen: 'no', done: false, last_pass: { revision: root } });
  expect(unseen.states).toEqual({
    'w0.yaml': 'removed',
    'w1.yaml': 'waits',
    'w2.yaml': 'waits',
  });
  expect((await where(workspace, commit)).stdout).toContain(
    `Not seen here yet: the last pass was at ${root.slice(0, 8)}`,
  );

  // Reverted before anybody has looked: the content from before is still live, and on purpose.
  workspace.write(2, 'first');
  commitAll(cwd);
  expect((await workspace.quickly('apply')).code).toBe(0);
  const seen = await told(workspace, commit);
  expect(seen.states).toEqual({
    'w0.yaml': 'removed',
    'w1.yaml': 'suspended',
    'w2.yaml': 'superseded',
  });
  expect(seen.widgets.find(({ file }: { file: string }) => file === 'w1.yaml').reason).toContain(
    'a fair',
  );
  writeFile(cwd, 'README.md', 'No widget.\n');
  commitAll(cwd);
  const none = await where(workspace, 'HEAD', '--wait', '60s');
  expect(none.code).toBe(0);
  expect(none.stdout).toContain('changed no widget file');
});

test('waiting ends where it is in vain', async () => {
  const workspace = await checkout({ widgets: 2 });
  expect((await workspace.quickly('apply')).code).toBe(0);
  workspace.write(0, 'second');
  writeFile(workspace.cwd, 'widgets/w1.yaml', `widget_id: ${widgetId(1)}\nwidget_type: [\n`);
  commitAll(workspace.cwd);
  workspace.runHere();
  const beganMs = performance.now();
  const { code, stdout } = await where(workspace, 'HEAD', '--wait', '60s');
  expect(code).toBe(1);
  expect(stdout).toContain('Of 2 widgets: 1 live, 1 held.');
  expect(performance.now() - beganMs).toBeLessThan(generousMs);
});

test('waiting ends once the daemon has not run for long, and says so', async () => {
  const workspace = await checkout({ widgets: 1 });
  expect((await workspace.quickly('apply')).code).toBe(0);
  const directory = join(workspace.cwd, '.widget-sync');
  const store = await openState(stateOptions(directory, { apiUrl: workspace.sandbox.url }));
  const { status } = await store.status();
  if (status === null) throw new Error('apply has left no status');
  const { time } = status;
  const killed = { pid: 4711, host: hostname(), startedAt: time, heartbeat: time, endedAt: null };
  const lifetime = { ...status.lifetime, ...killed };
  await store.reportStatus({ ...status, command: 'run', lifetime });
  await store.close();
  workspace.write(0, 'second');
  commitAll(workspace.cwd);
  // Sleeping takes no time.
  let sleptMs = 0;
  const clock: Clock = {
    now: () => new Date(Date.now() + sleptMs),
    monotonicMs: () => performance.now() + sleptMs,
    sleep: async (ms) => {
      sleptMs += ms;
    },
  };
  const words = ['where', 'HEAD', join(workspace.cwd, 'widgets'), '--state', directory];
  const { code, stdout } = await runHere([...words, '--wait', '1h'], {}, Math.random, clock);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /The daemon does not run any more \(process 4711 on .*\): nothing is sent/,
  );
  expect(sleptMs).toBeGreaterThan(10_000);
  expect(sleptMs).toBeLessThan(60_000);
});

describe('what cannot be told ends with 2', () => {
  test.each<[string, string[], string]>([
    ['an unknown commit', ['nowhere'], 'names no commit'],
    ['an unknown end of a range', ['HEAD..nowhere'], 'names no commit'],
    ['three dots', ['HEAD...HEAD'], 'a range has two dots'],
    ['what is empty', [''], 'is empty'],
    ['an odd duration', ['HEAD', '--wait', 'soon'], '--wait: expected a duration'],
    ['an option in its place', ['--upload-pack=x'], 'unknown option'],
    ['a way out', ['../..'], 'names no commit'],
  ])('%s', async (_, words, message) => {
    const workspace = await checkout({ widgets: 1 });
    const { code, stdout, stderr } = await runHere([
      'where',
      ...words,
      ...(words.length > 0 && !words[0]?.startsWith('-') ? [join(workspace.cwd, 'widgets')] : []),
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('outside a checkout, and where nothing was ever applied', async () => {
    const workspace = await checkout({ widgets: 1 });
    const plain = await runHere(['where', 'HEAD', temporaryDirectory()]);
    expect(plain).toMatchObject({ code: 2, stdout: '' });
    expect(plain.stderr).toContain('in no git checkout');
    const never = await where(workspace, 'HEAD', '--wait', '300ms');
    expect(never).toMatchObject({ code: 2, stdout: '' });
    expect(never.stderr).toContain('there is no state directory');
  });

  test('where the names of the repository are kept in reftables', async () => {
    const workspace = await checkout({ widgets: 1 });
    writeFileSync(join(workspace.cwd, '.git', 'HEAD'), 'ref: refs/heads/.invalid\n');
    const { code, stderr } = await runHere(['where', 'HEAD', join(workspace.cwd, 'widgets')]);
    expect(code).toBe(2);
    expect(stderr).toContain('keeps its names in reftables, which are not read here');
  });

  test("where git's files are no files", async () => {
    const workspace = await checkout({ widgets: 1 });
    const alternates = join(workspace.cwd, '.git', 'objects', 'info', 'alternates');
    mkdirSync(dirname(alternates), { recursive: true });
    writeFileSync(alternates, `${'x'.repeat(300)}\n`);
    const { code, stderr } = await runHere(['where', 'nowhere', join(workspace.cwd, 'widgets')]);
    expect(code).toBe(2);
    expect(stderr).not.toContain('bug');
  });

  test('where a shallow clone lacks the parent', async () => {
    const workspace = await checkout({ widgets: 1 });
    workspace.write(0, 'second');
    commitAll(workspace.cwd);
    const clone = join(temporaryDirectory(), 'clone');
    git(workspace.cwd, 'clone', '-q', '--depth=1', `file://${workspace.cwd}`, clone);
    const { code, stderr } = await runHere(['where', 'HEAD', join(clone, 'widgets')]);
    expect(code).toBe(2);
    expect(stderr).toContain('git fetch --deepen=1');
  });
});
