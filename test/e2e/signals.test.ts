// How the built command ends when it is told to, with work half done.
import { expect, test } from 'vitest';
import type { FaultHook } from '../../src/sandbox/faults.ts';
import type { Sandbox } from '../../src/sandbox/start-sandbox.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { applyLines, deferred, generousMs, openWorkspace, said } from '../support/workspace.ts';

const stopping = said('stopping: requests in flight may end');

test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
  'on %s the daemon lets requests in flight end, records them, starts none, and exits with 0',
  async (signal) => {
    const { release, onRequest } = heldRequests();
    const { sandbox, run, write, recorded } = await openWorkspace({ widgets: 5, onRequest });
    const daemon = run('--concurrency', '2');
    await inFlight(sandbox, 2);
    daemon.signal(signal);
    await daemon.waitForLog(stopping);
    write(4, 'second');
    release();
    expect((await daemon.finished).code).toBe(0);

    expect(sandbox.requests.map((request) => request.status)).toEqual([200, 200]);
    const sent = sandbox.requests.map((request) => request.widgetId);
    for (let n = 0; n < 5; n += 1) {
      const name = sent.includes(widgetId(n)) ? 'first' : null;
      expect(sandbox.widget(widgetId(n))?.['display_name']).toBe(name);
      expect(recorded(n)).toBe(name);
    }
  },
);

test('what a stopped daemon had not sent is sent by the next one, and nothing twice', async () => {
  const { release, onRequest } = heldRequests();
  const { sandbox, run, apply } = await openWorkspace({ widgets: 4, onRequest });
  const daemon = run('--concurrency', '1');
  await inFlight(sandbox, 1);
  daemon.signal('SIGTERM');
  await daemon.waitForLog(stopping);
  release();
  await daemon.finished;
  const { code, stdout } = await apply('--json').finished;
  expect(code).toBe(0);
  expect(applyLines(stdout).at(-1)).toMatchObject({ applied: 3, unchanged: 1, failed: 0 });
  expect(new Set(sandbox.requests.map((request) => request.widgetId)).size).toBe(4);
  expect(sandbox.requests).toHaveLength(4);
});

test.each<[string, NodeJS.Signals]>([
  ['apply', 'SIGINT'],
  ['run', 'SIGTERM'],
])('a second signal ends %s at once, whatever is in flight', async (command, signal) => {
  const workspace = await openWorkspace({ widgets: 2, onRequest: () => ({ kind: 'hang' }) });
  const started =
    command === 'run'
      ? workspace.run('--concurrency', '1')
      : workspace.apply('--json', '--concurrency', '1');
  await inFlight(workspace.sandbox, 1);
  started.signal(signal);
  await started.waitForLog((line) => stopping(line) || unsent(line));
  const signalledAtMs = performance.now();
  started.signal(signal);
  expect((await started.finished).code).toBe(1);
  // Half of the time that requests in flight are given to end.
  expect(performance.now() - signalledAtMs).toBeLessThan(5_000);
  expect(workspace.sandbox.requests).toHaveLength(1);
});

test('an interrupted apply lets requests in flight end, says what was not sent, and exits with 1', async () => {
  const { release, onRequest } = heldRequests();
  const { sandbox, apply, recorded } = await openWorkspace({ widgets: 5, onRequest });
  const command = apply('--json', '--concurrency', '2');
  await inFlight(sandbox, 2);
  command.signal('SIGINT');
  await command.waitForLog(unsent);
  release();
  const { code, stdout } = await command.finished;
  expect(code).toBe(1);
  expect(sandbox.requests.map((request) => request.status)).toEqual([200, 200]);
  const lines = applyLines(stdout);
  expect(lines.filter((line) => line.status === 'applied')).toHaveLength(2);
  expect(lines.filter((line) => line.attempts === 0)).toHaveLength(3);
  expect(lines.at(-1)).toMatchObject({ type: 'summary', applied: 2, failed: 3 });
  expect([0, 1, 2, 3, 4].filter((n) => recorded(n) === 'first')).toHaveLength(2);
});

test('a daemon that was asked to wait an hour still stops at once', async () => {
  const { sandbox, run } = await openWorkspace({
    widgets: 3,
    onRequest: () => ({ kind: 'answer', status: 429, headers: { 'Retry-After': '3600' } }),
  });
  const daemon = run('--concurrency', '1');
  await daemon.waitForLog(said('not applied, trying again'));
  const signalledAtMs = performance.now();
  daemon.signal('SIGTERM');
  expect((await daemon.finished).code).toBe(0);
  expect(performance.now() - signalledAtMs).toBeLessThan(5_000);
  expect(sandbox.requests).toHaveLength(1);
});

test('an edit that comes during a resync does not end it', async () => {
  const { sandbox, run, write, arrival, requestsFor } = await openWorkspace({ widgets: 8 });
  const daemon = run('--rate', '10/s', '--concurrency', '1');
  await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((n) => daemon.waitForLog(said('applied', n))));
  daemon.signal('SIGHUP');
  await waitFor(sandbox, () => sandbox.requests.length > 8, generousMs);
  write(7, 'second');
  await arrival(7, 'second');
  await waitFor(
    sandbox,
    () => [0, 1, 2, 3, 4, 5, 6].every((n) => requestsFor(n).length === 2),
    generousMs,
  );
});

function unsent(line: Record<string, unknown>): boolean {
  return line['type'] === 'outcome' && line['attempts'] === 0;
}

/** Every request stays in flight until the release. */
function heldRequests(): { release: () => void; onRequest: FaultHook } {
  const { promise, resolve } = deferred();
  return { release: resolve, onRequest: () => promise.then(() => undefined) };
}

/** Resolves when this many requests have arrived whole and none was answered. */
function inFlight(sandbox: Sandbox, count: number): Promise<void> {
  const whole = () => sandbox.requests.filter((request) => request.body !== null).length === count;
  return waitFor(sandbox, whole, generousMs);
}
