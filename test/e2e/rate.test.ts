// How fast and when requests start, by the clock of the server that they reach. Reads and writes
// count alike.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import type { SandboxRequest } from '../../src/sandbox/request-log.ts';
import { runCommand, writeFile } from '../support/command.ts';
import { startProxy, startTlsFront, tlsCertificate, tlsHost } from '../support/https-proxy.ts';
import { maxInFlightPerWidget, maxStartsInWindow, waitFor, widgetId } from '../support/sandbox.ts';
import { few } from '../support/soak.ts';
import { watchLostTime } from '../support/stalls.ts';
import { deferred, generousMs, openWorkspace, said } from '../support/workspace.ts';

// Side by side, since most of their time is waiting.
test('never more requests start in any second than the rate allows, and no fewer than it demands', async () => {
  await Promise.all([
    expectFullPace(),
    expectFullPaceOfEdits(),
    expectPacedBursts(),
    expectPacedSlowConnections(),
  ]);
});

const files = few(70, { soak: 200 });
const failures = few(4, { soak: 12 });

/** So many files at 20/s: pages of the list, one read to compare, and as many writes as files. */
async function expectFullPace(): Promise<void> {
  const { sandbox, apply, writes, reads } = await openWorkspace({ widgets: files });
  const pages = Math.ceil(files / 100);
  const longestMs = watchDemand(files + pages + 1);
  const { code } = await apply('--rate', '20/s').finished;
  expect(code).toBe(0);
  expect(new Set(writes().map((request) => request.widgetId)).size).toBe(files);
  expect(writes()).toHaveLength(files);
  expect(reads()).toHaveLength(pages + 1);
  expect(maxStartsInWindow(sandbox.requests, 1000)).toBeLessThanOrEqual(20);
  expect(spanMs(sandbox.requests)).toBeLessThan(longestMs());
}

/** The daemon, with as many files that change together; each tenth write fails, but for the last ones. */
async function expectFullPaceOfEdits(): Promise<void> {
  const { sandbox, runHere, write, writes, recorded } = await openWorkspace({
    widgets: files,
    onWrite: (request) => {
      const place = writes().indexOf(request);
      const isFailing = isEdited && place < 10 * failures && place % 10 === 0;
      return isFailing ? { kind: 'answer', status: 500 } : undefined;
    },
  });
  const all = range(0, files);
  let isEdited = false;
  // As the files say already: adopted, without a write.
  for (const n of all) {
    sandbox.edit(widgetId(n), { widget_type: 'chat', display_name: 'first' });
  }
  runHere('--rate', '20/s', '--concurrency', '8');
  const isAdopted = () => all.every((n) => recorded(n) === 'first');
  await expect.poll(isAdopted, { timeout: generousMs, interval: 200 }).toBe(true);
  expect(writes()).toEqual([]);
  isEdited = true;
  const longestMs = watchDemand(files + failures);
  for (const n of all) write(n, 'second');
  const isDone = () => all.every((n) => sandbox.widget(widgetId(n))?.['display_name'] === 'second');
  await waitFor(sandbox, isDone, 3 * generousMs);
  expect(writes()).toHaveLength(files + failures);
  expect(maxStartsInWindow(sandbox.requests, 1000)).toBeLessThanOrEqual(20);
  // Its own process may be late as well, and half a second for each is little on a busy machine.
  expect(spanMs(writes())).toBeLessThan(longestMs() + 1000);
}

/**
 * How long so many requests may take at 20/s, from now on: what the rate demands and a tenth. A busy
 * machine is allowed for, up to as much again.
 */
function watchDemand(requests: number): () => number {
  const lostMs = watchLostTime();
  const demandedMs = (requests / 20) * 1000;
  return () => demandedMs * 1.1 + Math.min(lostMs(), demandedMs);
}

/** The daemon, through bursts of edits, failures, retries and a resync. */
async function expectPacedBursts(): Promise<void> {
  const failing = { seen: 0 };
  const { sandbox, runHere, write, writes, reads, arrival } = await openWorkspace({
    widgets: 15,
    onRequest() {
      failing.seen += 1;
      if (failing.seen % 7 !== 0) return undefined;
      return { kind: 'answer', status: failing.seen % 2 === 0 ? 500 : 503 };
    },
  });
  sandbox.seed(range(15, 30).map((n) => ({ widgetId: widgetId(n), fields: {} })));
  const daemon = runHere('--rate', '20/s', '--concurrency', '8');
  // Each burst comes while the window is partly used by the one before.
  await waitFor(sandbox, () => writes().length >= 15, generousMs);
  for (const n of range(15, 30)) write(n, 'first');
  await Promise.all(range(0, 30).map((n) => arrival(n, 'first')));
  for (const n of range(0, 5)) write(n, 'second');
  await arrival(0, 'second');
  daemon.signal('SIGUSR2');
  const confirmed = (n: number) => writes(n).filter(({ status }) => status === 200).length;
  await waitFor(sandbox, () => range(0, 30).every((n) => confirmed(n) >= 2), generousMs);

  const failed = sandbox.requests.filter((request) => (request.status ?? 0) >= 500);
  expect(failed.length).toBeGreaterThanOrEqual(8);
  expect(reads().length).toBeGreaterThanOrEqual(3);
  expect(maxStartsInWindow(sandbox.requests, 1000)).toBeLessThanOrEqual(20);
  expect(maxInFlightPerWidget(sandbox.requests)).toBe(1);
}

/** Connections that take long to open do not bring requests closer together. */
async function expectPacedSlowConnections(): Promise<void> {
  const { cwd, env, sandbox } = await openWorkspace({ widgets: 12 });
  const proxy = await startProxy(await startTlsFront(sandbox.port), 700);
  writeFile(cwd, 'ca.pem', tlsCertificate);
  const through = {
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    NODE_EXTRA_CA_CERTS: join(cwd, 'ca.pem'),
  };
  const command = ['apply', '--api-url', `https://${tlsHost}`, '--rate', '5/s'];
  const { code } = await runCommand(command, { cwd, env: { ...env, ...through } });
  expect(code).toBe(0);
  expect(sandbox.requests).toHaveLength(14);
  expect(maxStartsInWindow(sandbox.requests, 1000)).toBeLessThanOrEqual(5);
}

test('after a 429 nothing starts until the time that Retry-After names, and then everything is applied', async () => {
  await Promise.all([
    expectWriteHolds(() => ({ header: '2', waitMs: 2000 })),
    expectWriteHolds(asDate),
    expectReadHolds(asDate),
  ]);
});

async function expectWriteHolds(retryAfter: typeof asDate): Promise<void> {
  const three = deferred();
  let answered = { header: 'none', resumeAtMs: Number.POSITIVE_INFINITY };
  // Three are in flight together. The first to arrive is told to wait; the others succeed a
  // little later, which makes room for three more that must not start.
  const onWrite: FaultHook = async (request) => {
    const place = writes().indexOf(request);
    if (place === 2) three.resolve();
    if (place > 2) return undefined;
    await three.promise;
    if (place > 0) return { kind: 'delay', delayMs: 300 };
    const { header, waitMs } = retryAfter();
    answered = { header, resumeAtMs: performance.now() + waitMs };
    return { kind: 'answer', status: 429, headers: { 'Retry-After': header } };
  };
  const { sandbox, runHere, writes, arrival } = await openWorkspace({ widgets: 6, onWrite });
  runHere('--concurrency', '3');
  await Promise.all(range(0, 6).map((n) => arrival(n, 'first')));

  const { header, resumeAtMs } = answered;
  const statuses = sandbox.requests.map((request) => request.status);
  expect(statuses, header).toEqual([200, 200, 429, 200, 200, 200, 200, 200, 200]);
  for (const { startedAtMs } of sandbox.requests.slice(5)) {
    expect(startedAtMs, header).toBeGreaterThanOrEqual(resumeAtMs - dateRoundingMs);
  }
}

async function expectReadHolds(retryAfter: typeof asDate): Promise<void> {
  let resumeAtMs = Number.POSITIVE_INFINITY;
  const { sandbox, runHere, arrival } = await openWorkspace({
    widgets: 2,
    onRequest(request) {
      if (sandbox.requests.indexOf(request) > 0) return undefined;
      const { header, waitMs } = retryAfter();
      resumeAtMs = performance.now() + waitMs;
      return { kind: 'answer', status: 429, headers: { 'Retry-After': header } };
    },
  });
  runHere();
  await Promise.all([0, 1].map((n) => arrival(n, 'first')));
  expect(sandbox.requests.map((request) => request.status)).toEqual([429, 200, 200, 200, 200]);
  const second = sandbox.requests[1]?.startedAtMs;
  expect(second).toBeGreaterThanOrEqual(resumeAtMs - dateRoundingMs);
}

test('an edit made while Retry-After holds everything replaces the content that waits', async () => {
  await Promise.all(['auto', 'off'].map(expectNewestAfterHold));
});

async function expectNewestAfterHold(live: string): Promise<void> {
  const { runHere, write, writes, arrival } = await openWorkspace({
    widgets: 4,
    onWrite: (request) =>
      writes().indexOf(request) === 0
        ? { kind: 'answer', status: 429, headers: { 'Retry-After': '3' } }
        : undefined,
  });
  const daemon = runHere('--concurrency', '1', '--live', live);
  await daemon.waitForLog(said('not applied, trying again'));
  const waiting = range(0, 4).filter((n) => writes(n).length === 0);
  expect(waiting, live).toHaveLength(3);
  for (const n of waiting) write(n, 'second');
  await Promise.all(range(0, 4).map((n) => arrival(n, waiting.includes(n) ? 'second' : 'first')));
  for (const n of waiting) {
    const sent = writes(n).map(({ body }) => (body as { display_name: string }).display_name);
    expect(sent, `--live ${live}`).toEqual(['second']);
  }
}

/** Two clocks that count whole milliseconds, the header's and ours. */
const dateRoundingMs = 2;

/** A full second, between one and a half and two and a half away: the form has no fractions. */
function asDate(): { header: string; waitMs: number } {
  const nowMs = Date.now();
  const date = new Date(Math.ceil((nowMs + 1500) / 1000) * 1000);
  return { header: date.toUTCString(), waitMs: date.getTime() - nowMs };
}

function spanMs(requests: readonly SandboxRequest[]): number {
  const starts = requests.map((request) => request.startedAtMs);
  return Math.max(...starts) - Math.min(...starts);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
