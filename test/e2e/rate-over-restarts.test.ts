// What one process has spent of the rate is spent for the next one: by the requests that the server sees.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { usageFile } from '../../src/state/file/usage/rate-usage.ts';
import type { Running } from '../support/command.ts';
import { maxStartsInWindow, waitFor } from '../support/sandbox.ts';
import { few, inSoak } from '../support/soak.ts';
import { generousMs, openWorkspace, said, type Workspace } from '../support/workspace.ts';

const hourMs = 3_600_000;
const waiting = 'nothing is sent for now: earlier runs have used up --rate';

/** Writes only: each of them is a request, and no request is anything else. */
const five = ['--rate', '5/h', '--live', 'off', '--log-format', 'json'];

function spentPath({ cwd }: Workspace): string {
  return join(cwd, '.widget-sync', usageFile);
}

test('a daemon that is killed again and again sends no more than the rate allows to one', async () => {
  // A kill finds some requests unanswered, others answered, and some that were never sent.
  const workspace = await openWorkspace({
    widgets: 12,
    onWrite: () => ({ kind: 'delay', delayMs: 100 }),
  });
  const { sandbox, run } = workspace;
  for (const arrived of inSoak ? [1, 2, 3] : [1, 3]) {
    const daemon = run(...five, '--concurrency', '1');
    await waitFor(sandbox, () => sandbox.requests.length >= arrived, generousMs);
    daemon.signal('SIGKILL');
    await daemon.finished;
  }
  for (let n = 0; n < few(1, { soak: 3 }); n += 1) {
    const daemon = run(...five, '--concurrency', '4');
    const line = await daemon.waitForLog(said(waiting));
    expect(line).toMatchObject({ level: 'info', rate: '5/h', wait_ms: expect.any(Number) });
    daemon.signal('SIGKILL');
    await daemon.finished;
    expect(daemon.log().filter(said(waiting))).toHaveLength(1);
  }
  expect(sandbox.requests.length).toBeGreaterThanOrEqual(3);
  expect(maxStartsInWindow(sandbox.requests, hourMs)).toBeLessThanOrEqual(5);
});

test('an apply after an apply has what the first one left, and says what it waits for', async () => {
  const { sandbox, applyHere, quickly } = await openWorkspace({ widgets: 3 });
  expect((await quickly('apply', ...five)).code).toBe(0);
  expect(sandbox.requests).toHaveLength(3);

  const second = applyHere(...five, '--force', '--concurrency', '3');
  await waitFor(sandbox, () => sandbox.requests.length === 5, generousMs);
  await waitForWarning(second, waiting);
  second.signal('SIGTERM');
  const { code, stdout, stderr } = await second.finished;
  expect([code, sandbox.requests.length]).toEqual([1, 5]);
  expect(stdout).toContain('not sent: the process was told to stop');
  expect(stderr.split(waiting)).toHaveLength(2);
});

test('a damaged account of what was spent holds everything for a window, and says why', async () => {
  const workspace = await openWorkspace({ widgets: 1 });
  const { sandbox, applyHere, cwd } = workspace;
  mkdirSync(join(cwd, '.widget-sync'));
  writeFileSync(spentPath(workspace), '{"version":1,"und');
  const held = applyHere(...five);
  await waitForWarning(held, waiting);
  held.signal('SIGTERM');
  const { stderr } = await held.finished;
  expect(stderr).toContain('a full window is taken as used up');
  expect(sandbox.requests).toEqual([]);
});

test('where it cannot be written, requests go on, with one warning', async () => {
  const workspace = await openWorkspace({ widgets: 4 });
  const { sandbox, quickly, cwd } = workspace;
  mkdirSync(join(cwd, '.widget-sync', usageFile), { recursive: true });
  // The window of a second is over before anybody would want to be told of it.
  const { code, stderr } = await quickly('apply', '--live', 'off', '--rate', '50/s');
  expect([code, sandbox.requests.length]).toEqual([0, 4]);
  expect(stderr.split('how much of --rate is used up cannot')).toHaveLength(2);
  expect(stderr).toContain('cannot be written');
});

async function waitForWarning({ stderr }: Running, text: string): Promise<void> {
  await expect.poll(stderr, { timeout: generousMs, interval: 10 }).toContain(text);
}
