// The state directory fails under a running daemon. The daemon goes on; what was confirmed is neither
// sent again nor forgotten; and once the obstacle is gone it recovers by itself.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { whyNoMount } from '../state/fixtures/small-disk.ts';
import {
  type Finished,
  type Running,
  runCommand,
  startCommand,
  temporaryDirectory,
  writeFile,
} from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { generousMs, openWorkspace, said, type Workspace } from '../support/workspace.ts';

/** Longer than the first attempts to write a record again are apart, so that some fall into it. */
const whileBrokenMs = 1500;
/** A record of a text this long needs more than one write of the probe. */
const long = 'x'.repeat(8000);

const state = (workspace: Workspace, ...path: string[]) =>
  join(workspace.cwd, '.widget-sync', ...path);
const recordOf = (workspace: Workspace, n: number) =>
  state(workspace, 'widgets', `${widgetId(n)}.json`);

interface Obstacle {
  readonly kind: string;
  readonly isLimit?: true;
  readonly isMount?: true;
  /** What is to be said of it. */
  readonly words: RegExp;
  begin(workspace: Workspace, pid: number, n: number): void;
  end(workspace: Workspace, pid: number, n: number): void;
}

function canLimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Files of that process may not grow beyond it, as on a disk that is full. */
function limitFiles(pid: number, bytes: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
}

const everyObstacle: readonly Obstacle[] = [
  {
    kind: 'no room for the record',
    isLimit: true,
    words: /cannot write the state record .*EFBIG/,
    begin: (_, pid) => limitFiles(pid, '4096'),
    end: (_, pid) => limitFiles(pid, 'unlimited'),
  },
  {
    // A directory alone is replaced.
    kind: 'a mount in its place',
    isMount: true,
    words: /something is mounted where a file is needed; unmount it/,
    begin(workspace, _, n) {
      rmSync(recordOf(workspace, n), { force: true });
      mkdirSync(recordOf(workspace, n));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', recordOf(workspace, n)]);
    },
    end(workspace, _, n) {
      execFileSync('umount', [recordOf(workspace, n)]);
      rmSync(recordOf(workspace, n), { recursive: true });
    },
  },
  {
    kind: 'no directory of records',
    words: /cannot write the state record .*ENOENT/,
    begin: (workspace) => renameSync(state(workspace, 'widgets'), state(workspace, 'aside')),
    end: (workspace) => renameSync(state(workspace, 'aside'), state(workspace, 'widgets')),
  },
];
const mountReason = whyNoMount();
const obstacles = everyObstacle.filter(
  ({ isLimit, isMount }) => (!isLimit || canLimit()) && (!isMount || mountReason === null),
);

const unlimited = canLimit() ? '' : ' (without prlimit: no full disks)';

describe(`while there is no writing a record${unlimited}`, () => {
  /** A daemon that has applied widget 0 and knows no file of widget 1; only a process can be limited. */
  async function startHalf({ isLimit }: Obstacle) {
    const workspace = await openWorkspace({ widgets: 3 });
    rmSync(join(workspace.cwd, 'widgets/w1.yaml'));
    const { daemon, pid } = isLimit ? startApart(workspace) : startBeside(workspace);
    await Promise.all([0, 2].map((n) => daemon.waitForLog(said('applied', n))));
    return { workspace, daemon, pid };
  }

  function startApart(workspace: Workspace): { daemon: Running; pid: number } {
    const daemon = workspace.run();
    return { daemon, pid: daemon.child.pid ?? 0 };
  }

  function startBeside(workspace: Workspace): { daemon: Running; pid: number } {
    return { daemon: workspace.runHere(), pid: process.pid };
  }

  const troubles = ({ level, error }: { level: string; error?: unknown }, words: RegExp) =>
    (level === 'warn' || level === 'error') && words.test(String(error));

  test.each(obstacles.map((one) => [one.kind, one] as const))(
    'an edit is not sent before it can be marked, and once afterwards: %s',
    async (_, obstacle) => {
      const { words, begin, end } = obstacle;
      const { workspace, daemon, pid } = await startHalf(obstacle);
      begin(workspace, pid, 0);
      workspace.write(0, 'edited', `description: ${long}\n`);
      await daemon.waitForLog((line) => troubles(line, words));
      expect(workspace.writes(0)).toHaveLength(1);
      end(workspace, pid, 0);
      await daemon.waitForLog((line) => said('applied', 0)(line) && line['reason'] === 'edited');
      expect(workspace.writes(0)).toHaveLength(2);
      expect([0, 2].map(workspace.recorded)).toEqual(['edited', 'first']);
      daemon.signal('SIGTERM');
      expect(await daemon.finished).toMatchObject({ code: 0, stderr: '' });
    },
  );

  test.each(obstacles.map((one) => [one.kind, one] as const))(
    'a write that was confirmed is not sent again, and is recorded once it can be: %s',
    async (_, obstacle) => {
      const { words, begin, end } = obstacle;
      const { workspace, daemon, pid } = await startHalf(obstacle);
      begin(workspace, pid, 1);
      workspace.write(1, 'new', `description: ${long}\n`);
      await daemon.waitForLog((line) => troubles(line, words));
      await sleep(whileBrokenMs);
      expect(workspace.writes(1)).toHaveLength(1);
      end(workspace, pid, 1);
      await expect.poll(() => workspace.recorded(1), { timeout: generousMs }).toBe('new');
      expect(workspace.writes(1)).toHaveLength(1);
      expect([0, 2].map(workspace.recorded)).toEqual(['first', 'first']);
      daemon.signal('SIGTERM');
      expect(await daemon.finished).toMatchObject({ code: 0, stderr: '' });
      const history = readFileSync(state(workspace, 'history.ndjson'), 'utf8');
      expect(history.match(/\n/g)).toHaveLength(3);
    },
  );

  test.skipIf(!canLimit())(
    'an apply fails, and the next one finds its write done and sends nothing',
    async () => {
      const workspace = await openWorkspace({ widgets: 1 });
      workspace.write(0, 'long', `description: ${long}\n`);
      const env = { ...workspace.env, WIDGET_SYNC_API_URL: workspace.sandbox.url };
      const through = ['prlimit', '--fsize=5000:unlimited', '--'];
      const first = await runCommand(['apply'], { cwd: workspace.cwd, env, through });
      expect(first.code).toBe(1);
      expect(first.stdout).toMatch(/failed .*cannot write the state record/);
      const sent = workspace.writes().length;
      const second = await workspace.quickly('apply');
      expect(second).toMatchObject({ code: 0, stderr: '' });
      expect(workspace.writes()).toHaveLength(sent);
      expect(workspace.recorded(0)).toBe('long');
      expect(sent).toBe(1);
    },
  );
});

describe.skipIf(!canLimit())('while there is no room (needs prlimit)', () => {
  test('for the history, its lines wait and are written whole', async () => {
    const workspace = await openWorkspace({ widgets: 2 });
    const daemon = workspace.run();
    await Promise.all([0, 1].map((n) => daemon.waitForLog(said('applied', n))));
    const history = state(workspace, 'history.ndjson');
    // Long enough that records fit below the limit and another line does not.
    const line = readFileSync(history, 'utf8').split('\n')[0] ?? '';
    appendFileSync(history, `${line}\n`.repeat(60));
    const before = statSync(history).size;
    limitFiles(daemon.child.pid ?? 0, String(before + 50));
    workspace.write(0, 'second');
    await daemon.waitForLog(({ msg }) => msg.startsWith('the history cannot be written now'));
    await expect.poll(() => workspace.recorded(0), { timeout: generousMs }).toBe('second');
    expect(statSync(history).size).toBe(before);
    limitFiles(daemon.child.pid ?? 0, 'unlimited');
    workspace.write(1, 'second');
    await daemon.waitForLog((one) => said('applied', 1)(one) && one['reason'] === 'edited');
    daemon.signal('SIGTERM');
    expect(await daemon.finished).toMatchObject({ code: 0, stderr: '' });
    const shown = await runIn(workspace, ['history', '--limit', '1000', '--json']);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout.trimEnd().split('\n')).toHaveLength(2 + 60 + 2);
    expect(workspace.writes()).toHaveLength(4);
  });

  test('for the log, the daemon goes on without it', async () => {
    const workspace = await openWorkspace({ widgets: 1 });
    const { cwd, env, sandbox } = workspace;
    const log = join(cwd, 'daemon.log');
    writeFile(cwd, 'daemon.log', '\n'.repeat(20_000));
    const daemon = startCommand(['run', '--resync', 'off'], {
      cwd,
      env: { ...env, WIDGET_SYNC_API_URL: sandbox.url },
      through: ['sh', '-c', 'exec "$@" >> daemon.log', 'sh'],
    });
    await expect.poll(() => workspace.recorded(0), { timeout: generousMs }).toBe('first');
    limitFiles(daemon.child.pid ?? 0, String(statSync(log).size));
    workspace.write(0, 'unlogged');
    await workspace.arrival(0, 'unlogged');
    await expect.poll(() => workspace.recorded(0), { timeout: generousMs }).toBe('unlogged');
    limitFiles(daemon.child.pid ?? 0, 'unlimited');
    workspace.write(0, 'logged');
    await workspace.arrival(0, 'logged');
    await expect
      .poll(() => readFileSync(log, 'utf8').match(/"applied"/g)?.length, { timeout: generousMs })
      .toBe(3);
    daemon.signal('SIGTERM');
    expect(await daemon.finished).toMatchObject({
      code: 0,
      stderr:
        'widget-sync: the log cannot be written (the file may not grow, EFBIG): the run goes on, its lines wait\n',
    });
  });
});

describe.skipIf(process.platform === 'win32')(
  'where the history, the status and the approval should be',
  () => {
    const places = ['history.ndjson', 'status.json', 'approved.json'];

    interface Ways {
      ask(workspace: Workspace, command: string): Promise<Finished>;
      run(workspace: Workspace, ...flags: string[]): Running;
      apply(workspace: Workspace): Promise<Finished>;
    }

    const apart: Ways = {
      ask: (workspace, command) => endOf(startCommand([command], workspace)),
      run: (workspace, ...flags) => workspace.run(...flags),
      apply: (workspace) => endOf(workspace.apply()),
    };
    const here: Ways = {
      ask: (workspace, command) => runIn(workspace, [command]),
      run: (workspace, ...flags) => workspace.runHere(...flags),
      apply: (workspace) => workspace.quickly('apply'),
    };

    // Whoever opens a pipe may wait for ever, and only a process can then be ended.
    test.each<[string, (path: string) => void, Ways]>([
      ['a directory', (path) => mkdirSync(path), here],
      ['a pipe', (path) => execFileSync('mkfifo', [path]), apart],
    ])('%s keeps nobody from asking, from stopping, or from applying', async (_, make, ways) => {
      const workspace = await openWorkspace({ widgets: 2 });
      mkdirSync(state(workspace), { recursive: true });
      for (const place of places) make(state(workspace, place));
      const asked = await Promise.all(
        ['status', 'history'].map((command) => ways.ask(workspace, command)),
      );
      expect(asked).toMatchObject([
        { code: 1, stderr: expect.stringContaining('status.json') },
        { code: 1, stderr: expect.stringContaining('history.ndjson') },
      ]);

      const daemon = ways.run(workspace, '--max-changes', '1');
      await daemon.waitForLog(({ msg }) => msg === 'refused: too many changes');
      // The approval is looked for by now, and is none.
      await sleep(whileBrokenMs);
      expect(workspace.writes()).toEqual([]);
      daemon.signal('SIGTERM');
      expect(await endOf(daemon)).toMatchObject({ code: 0, stderr: '' });
      expect((await ways.apply(workspace)).code).toBe(0);
      expect([0, 1].map(workspace.recorded)).toEqual(['first', 'first']);
    });

    /** A command that hangs is killed, and has no exit code. */
    async function endOf(started: Running): Promise<Finished> {
      const patience = setTimeout(() => started.signal('SIGKILL'), generousMs / 2);
      const finished = await started.finished;
      clearTimeout(patience);
      return finished;
    }
  },
);

describe('one state directory and two daemons', () => {
  test('the second refuses and names the first, and starts at once when that was killed', async () => {
    const workspace = await openWorkspace({ widgets: 1 });
    const first = workspace.run();
    await first.waitForLog(said('applied', 0));
    const second = await workspace.quickly('run');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(
      `the state directory .widget-sync is in use by process ${first.child.pid} (widget-sync run, since `,
    );
    expect(second.stderr).toContain('stop it or give --state another directory');
    workspace.write(0, 'after the refusal');
    await workspace.arrival(0, 'after the refusal');

    first.signal('SIGKILL');
    await first.finished;
    const third = workspace.run();
    const spawnedMs = performance.now();
    await third.waitForLog(({ msg }) => msg === 'started');
    const tookMs = performance.now() - spawnedMs;
    const reference = startCommand(['--version'], { cwd: temporaryDirectory() });
    const referenceMs = performance.now();
    await reference.finished;
    // Two seconds, and on a busy machine more by what a process takes to start there.
    expect(tookMs).toBeLessThan(2000 + 4 * (performance.now() - referenceMs));
    await third.waitForLog(({ msg }) => msg === 'looked');
    await waitFor(workspace.sandbox, () => workspace.writes(0).length >= 2, generousMs);
  });
});

test('a state directory that is removed and made again is used again', async () => {
  const workspace = await openWorkspace({ widgets: 1 });
  const daemon = workspace.runHere();
  await daemon.waitForLog(said('applied', 0));
  rmSync(state(workspace), { recursive: true });
  workspace.write(0, 'homeless');
  await daemon.waitForLog(({ level }) => level === 'warn' || level === 'error');
  mkdirSync(state(workspace, 'widgets'), { recursive: true });
  await workspace.arrival(0, 'homeless');
  await expect.poll(() => workspace.recorded(0), { timeout: generousMs }).toBe('homeless');
  daemon.signal('SIGTERM');
  expect(await daemon.finished).toMatchObject({ code: 0, stderr: '' });
});
