// How fast and when requests start, by the clock of the server that they reach.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/request-log.ts';
import { runCommand, writeFile } from '../support/command.ts';
import { startProxy, startTlsFront, tlsCertificate, tlsHost } from '../support/https-proxy.ts';
import { maxInFlightPerWidget, waitFor, widgetId } from '../support/sandbox.ts';
import { shortestExcessMs, watchStalls } from '../support/stalls.ts';
import { deferred, generousMs, openWorkspace } from '../support/workspace.ts';

test('200 files at 20/s: never more than 20 starts in any second, and no slower than that demands', async () => {
  const { sandbox, apply } = await openWorkspace({ widgets: 200 });
  const stalls = watchStalls();
  const { code } = await apply('--rate', '20/s').finished;
  expect(code).toBe(0);
  expect(new Set(sandbox.requests.map((request) => request.widgetId)).size).toBe(200);
  expect(sandbox.requests).toHaveLength(200);
  expect(shortestExcessMs(sandbox.requests, 20, stalls)).toBeGreaterThanOrEqual(1000);
  expect(spanMs(sandbox.requests)).toBeLessThan(10_000 * 1.1 + stalls.lostMs());
});

test('the daemon keeps to the rate through bursts of edits, failures, retries and a resync', async () => {
  const stalls = watchStalls();
  const failing = { seen: 0 };
  const { sandbox, run, write, arrival } = await openWorkspace({
    widgets: 15,
    onRequest() {
      failing.seen += 1;
      if (failing.seen % 7 !== 0) return undefined;
      return { kind: 'answer', status: failing.seen % 2 === 0 ? 500 : 503 };
    },
  });
  sandbox.seed(range(15, 30).map((n) => ({ widgetId: widgetId(n), fields: {} })));
  const daemon = run('--rate', '20/s', '--concurrency', '8');
  // Each burst comes while the window is partly used by the one before.
  await waitFor(sandbox, () => sandbox.requests.length >= 15, generousMs);
  for (const n of range(15, 30)) write(n, 'first');
  await Promise.all(range(0, 30).map((n) => arrival(n, 'first')));
  for (const n of range(0, 5)) write(n, 'second');
  await arrival(0, 'second');
  daemon.signal('SIGHUP');
  const everything = () => range(0, 30).every((n) => confirmed(sandbox.requests, n) >= 2);
  await waitFor(sandbox, everything, generousMs);

  const failed = sandbox.requests.filter((request) => (request.status ?? 0) >= 500);
  expect(failed.length).toBeGreaterThanOrEqual(8);
  expect(shortestExcessMs(sandbox.requests, 20, stalls)).toBeGreaterThanOrEqual(1000);
  expect(maxInFlightPerWidget(sandbox.requests)).toBe(1);
});

test('connections that take long to open do not bring requests closer together', async () => {
  const { cwd, env, sandbox } = await openWorkspace({ widgets: 12 });
  const stalls = watchStalls();
  const proxy = await startProxy(await startTlsFront(sandbox.port), 700);
  writeFile(cwd, 'ca.pem', tlsCertificate);
  const through = {
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    NODE_EXTRA_CA_CERTS: join(cwd, 'ca.pem'),
  };
  const command = ['apply', '--api-url', `https://${tlsHost}`, '--rate', '5/s'];
  const { code } = await runCommand(command, { cwd, env: { ...env, ...through } });
  expect(code).toBe(0);
  // What the two relays of this test add to a request on its way is no part of the command.
  expect(shortestExcessMs(sandbox.requests, 5, stalls)).toBeGreaterThanOrEqual(1000 - relayMs);
});

test('after a 429 nothing starts until the time that Retry-After names, and then everything is applied', async () => {
  const inSeconds = () => ({ header: '2', waitMs: 2000 });
  await Promise.all([inSeconds, asDate].map(expectHold));
});

async function expectHold(retryAfter: typeof asDate): Promise<void> {
  const three = deferred();
  let answered = { header: 'none', resumeAtMs: Number.POSITIVE_INFINITY };
  const { sandbox, run, arrival } = await openWorkspace({
    widgets: 6,
    // Three are in flight together. The first to arrive is told to wait; the others succeed a
    // little later, which makes room for three more that must not start.
    async onRequest(request) {
      const place = sandbox.requests.indexOf(request);
      if (place === 2) three.resolve();
      if (place > 2) return undefined;
      await three.promise;
      if (place > 0) return { kind: 'delay', delayMs: 300 };
      const { header, waitMs } = retryAfter();
      answered = { header, resumeAtMs: performance.now() + waitMs };
      return { kind: 'answer', status: 429, headers: { 'Retry-After': header } };
    },
  });
  run('--concurrency', '3');
  await Promise.all(range(0, 6).map((n) => arrival(n, 'first')));

  const statuses = sandbox.requests.map((request) => request.status);
  const { header, resumeAtMs } = answered;
  expect(statuses, header).toEqual([429, 200, 200, 200, 200, 200, 200]);
  for (const { startedAtMs } of sandbox.requests.slice(3)) {
    expect(startedAtMs, header).toBeGreaterThanOrEqual(resumeAtMs - dateRoundingMs);
  }
}

test('an edit made while Retry-After holds everything replaces the content that waits', async () => {
  const { sandbox, run, write, arrival, requestsFor } = await openWorkspace({
    widgets: 4,
    onRequest: (request) =>
      sandbox.requests.indexOf(request) === 0
        ? { kind: 'answer', status: 429, headers: { 'Retry-After': '3' } }
        : undefined,
  });
  const daemon = run('--concurrency', '1');
  await waitFor(sandbox, () => sandbox.requests[0]?.status === 429, generousMs);
  write(1, 'second');
  await daemon.waitForLog((line) => line.msg === 'looked' && line['trigger'] === 'files');
  await Promise.all([0, 2, 3].map((n) => arrival(n, 'first')));
  await arrival(1, 'second');
  expect(requestsFor(1).map((request) => request.body)).toEqual([
    { widget_type: 'chat', display_name: 'second' },
  ]);
});

const relayMs = 200;

/** Two clocks that count whole milliseconds, one in each process. */
const dateRoundingMs = 2;

/** A full second, between one and a half and two and a half away: the form has no fractions. */
function asDate(): { header: string; waitMs: number } {
  const nowMs = Date.now();
  const date = new Date(Math.ceil((nowMs + 1500) / 1000) * 1000);
  return { header: date.toUTCString(), waitMs: date.getTime() - nowMs };
}

function confirmed(requests: readonly SandboxRequest[], n: number): number {
  return requests.filter(({ widgetId: id, status }) => id === widgetId(n) && status === 200).length;
}

function spanMs(requests: readonly SandboxRequest[]): number {
  const starts = requests.map((request) => request.startedAtMs);
  return Math.max(...starts) - Math.min(...starts);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
