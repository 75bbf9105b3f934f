// How the built command ends when it is told to, with work half done.
import { expect, test } from 'vitest';
import type { Ending, FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import { startCommand } from '../support/command.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { inSoak } from '../support/soak.ts';
import {
  applyLines,
  deferred,
  generousMs,
  openWorkspace,
  said,
  type Workspace,
  type WorkspaceOptions,
} from '../support/workspace.ts';

const stopping = said('stopping: requests in flight may end');

// Ctrl-C on a terminal has a test of its own.
test.each<NodeJS.Signals>(inSoak ? ['SIGTERM', 'SIGINT'] : ['SIGTERM'])(
  'on %s the daemon lets requests in flight end, records them, starts none, and exits with 0',
  async (signal) => {
    const { release, onWrite } = heldWrites();
    const workspace = await openWorkspace({ widgets: 5, onWrite });
    const { sandbox, run, write, writes, recorded } = workspace;
    const daemon = run('--concurrency', '2');
    await inFlight(workspace, 2);
    daemon.signal(signal);
    await daemon.waitForLog(stopping);
    write(4, 'second');
    release();
    expect((await daemon.finished).code).toBe(0);

    expect(writes().map((request) => request.status)).toEqual([200, 200]);
    expect(sandbox.requests).toHaveLength(4);
    const sent = writes().map((request) => request.widgetId);
    for (let n = 0; n < 5; n += 1) {
      const name = sent.includes(widgetId(n)) ? 'first' : null;
      expect(sandbox.widget(widgetId(n))?.['display_name']).toBe(name);
      expect(recorded(n)).toBe(name);
    }
  },
);

test('what a stopped daemon had not sent is sent by the next one, and nothing twice', async () => {
  const { release, onWrite } = heldWrites();
  const workspace = await openWorkspace({ widgets: 4, onWrite });
  const { runHere, quickly, writes } = workspace;
  const daemon = runHere('--concurrency', '1');
  await inFlight(workspace, 1);
  daemon.signal('SIGTERM');
  await daemon.waitForLog(stopping);
  release();
  await daemon.finished;
  const { code, stdout } = await quickly('apply', '--json');
  expect(code).toBe(0);
  expect(applyLines(stdout).at(-1)).toMatchObject({ applied: 3, unchanged: 1, failed: 0 });
  expect(new Set(writes().map((request) => request.widgetId)).size).toBe(4);
  expect(writes()).toHaveLength(4);
});

test.each<[string, NodeJS.Signals]>([
  ['apply', 'SIGINT'],
  ['run', 'SIGTERM'],
])('a second signal ends %s at once, whatever is in flight', async (command, signal) => {
  const workspace = await openWorkspace({ widgets: 2, onWrite: () => ({ kind: 'hang' }) });
  const started =
    command === 'run'
      ? workspace.run('--concurrency', '1')
      : workspace.apply('--json', '--concurrency', '1');
  await inFlight(workspace, 1);
  started.signal(signal);
  await started.waitForLog((line) => stopping(line) || unsent(line));
  const signalledAtMs = performance.now();
  started.signal(signal);
  expect((await started.finished).code).toBe(1);
  // Half of the time that requests in flight are given to end.
  expect(performance.now() - signalledAtMs).toBeLessThan(5_000);
  expect(workspace.writes()).toHaveLength(1);
});

test.each<NodeJS.Signals>(['SIGINT', 'SIGHUP'])(
  'an apply that is told to stop by %s lets requests in flight end, says what was not sent, and exits with 1',
  async (signal) => {
    const { release, onWrite } = heldWrites();
    const workspace = await openWorkspace({ widgets: 5, onWrite });
    const { apply, recorded, writes } = workspace;
    const command = apply('--json', '--concurrency', '2');
    await inFlight(workspace, 2);
    command.signal(signal);
    await command.waitForLog(unsent);
    release();
    const { code, stdout } = await command.finished;
    expect(code).toBe(1);
    expect(writes().map((request) => request.status)).toEqual([200, 200]);
    const lines = applyLines(stdout);
    expect(lines.filter((line) => line.status === 'applied')).toHaveLength(2);
    expect(lines.filter((line) => line.attempts === 0)).toHaveLength(3);
    expect(lines.at(-1)).toMatchObject({ type: 'summary', applied: 2, failed: 3 });
    expect([0, 1, 2, 3, 4].filter((n) => recorded(n) === 'first')).toHaveLength(2);
  },
);

test('SIGUSR1 neither opens the debugger of Node nor disturbs the daemon', async () => {
  const { run, write, arrival } = await openWorkspace({ widgets: 1 });
  const daemon = run();
  await daemon.waitForLog(said('applied', 0));
  daemon.signal('SIGUSR1');
  write(0, 'second');
  await arrival(0, 'second');
  daemon.signal('SIGTERM');
  expect(await daemon.finished).toMatchObject({ code: 0, stderr: '' });
});

test('without a terminal SIGHUP asks the daemon to read what is live, each time', async () => {
  const { run, reads, sandbox } = await openWorkspace({ widgets: 1 });
  const daemon = run();
  await daemon.waitForLog(said('applied', 0));
  for (let times = 1; times <= 2; times += 1) {
    const before = reads().length;
    daemon.signal('SIGHUP');
    await waitFor(sandbox, () => reads().length > before, generousMs);
  }
  daemon.signal('SIGTERM');
  expect(await daemon.finished).toMatchObject({ code: 0, stderr: '' });
});

const anHour: Ending = { kind: 'answer', status: 429, headers: { 'Retry-After': '3600' } };

// A process ends with the daemon, whatever that was waiting for: one of them shows it.
test.each<[string, Partial<WorkspaceOptions>, string, 'run' | 'runHere']>([
  [
    'an hour before it may write',
    { onWrite: () => anHour },
    'not applied, trying again',
    'runHere',
  ],
  ['an hour before it may read', { onRequest: () => anHour }, 'not read, trying again', 'runHere'],
  ['for the answer to a read', { onRequest: () => ({ kind: 'hang' }) }, 'started', 'run'],
  [
    'for another key',
    { onRequest: () => ({ kind: 'answer', status: 401 }) },
    'the API refuses',
    'runHere',
  ],
])('a daemon that waits %s still stops at once', async (_, options, complaint, run) => {
  const workspace = await openWorkspace({ widgets: 3, ...options });
  const { sandbox, write, writes } = workspace;
  const daemon = workspace[run]('--concurrency', '1');
  await daemon.waitForLog(({ msg }) => msg.startsWith(complaint));
  await waitFor(sandbox, () => sandbox.requests.length > 0, generousMs);
  write(0, 'second');
  const before = [...sandbox.requests];
  const signalledAtMs = performance.now();
  daemon.signal('SIGTERM');
  expect((await daemon.finished).code).toBe(0);
  expect(performance.now() - signalledAtMs).toBeLessThan(5_000);
  expect(sandbox.requests).toEqual(before);
  expect(writes().length).toBeLessThanOrEqual(1);
});

test.each(inSoak ? ['apply', 'plan'] : ['plan'])(
  '%s that is interrupted while it reads ends at once with 1',
  async (command) => {
    const { cwd, env, sandbox, reads } = await openWorkspace({
      widgets: 2,
      onRequest: () => ({ kind: 'hang' }),
    });
    const started = startCommand([command, '--api-url', sandbox.url], { cwd, env });
    await waitFor(sandbox, () => reads().length === 1, generousMs);
    const signalledAtMs = performance.now();
    started.signal('SIGINT');
    expect((await started.finished).code).toBe(1);
    expect(performance.now() - signalledAtMs).toBeLessThan(5_000);
    expect(sandbox.requests).toHaveLength(1);
  },
);

test.each<[NodeJS.Signals, string]>([
  ['SIGUSR2', 'auto'],
  ['SIGHUP', 'off'],
])(
  'an edit that comes while %s sends everything does not end it (--live %s)',
  async (signal, live) => {
    const { sandbox, runHere, write, writes, arrival } = await openWorkspace({ widgets: 8 });
    const daemon = runHere('--rate', '10/s', '--concurrency', '1', '--live', live);
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((n) => daemon.waitForLog(said('applied', n))));
    daemon.signal(signal);
    await waitFor(sandbox, () => writes().length > 8, generousMs);
    write(7, 'second');
    await arrival(7, 'second');
    const resent = () => [0, 1, 2, 3, 4, 5, 6].every((n) => writes(n).length === 2);
    await waitFor(sandbox, resent, generousMs);
  },
);

function unsent(line: Record<string, unknown>): boolean {
  return line['type'] === 'outcome' && line['attempts'] === 0;
}

/** Every write stays in flight until the release. */
function heldWrites(): { release: () => void; onWrite: FaultHook } {
  const { promise, resolve } = deferred();
  return { release: resolve, onWrite: () => promise.then(() => undefined) };
}

/** Resolves when this many writes have arrived whole and none was answered. */
function inFlight({ sandbox, writes }: Workspace, count: number): Promise<void> {
  const whole = () => writes().filter((request) => request.body !== null).length === count;
  return waitFor(sandbox, whole, generousMs);
}
