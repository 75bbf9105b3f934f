// `apply` after a process that was killed while it sent.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { openRateUsage, usageFile } from '../../../src/state/file/usage/rate-usage.ts';
import { widgetId } from '../../support/sandbox.ts';
import { openWorkspace } from '../../support/workspace.ts';

/** As a process leaves its page that is killed while it sends this content to the widget. */
async function leavePage(cwd: string, n: number, hash: string, timeoutMs: number): Promise<void> {
  const directory = join(cwd, '.widget-sync');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const rate = { limit: 5, windowMs: 1000 };
  const warn = () => {};
  const page = await openRateUsage({ directory, rate, timeoutMs, clock: systemClock, warn });
  await page.keep([{ widgetId: widgetId(n), hash }]);
  page.close();
}

const recorded = (cwd: string) => readdirSync(join(cwd, '.widget-sync', 'widgets')).sort();

test('records what is live as its file has it, unless other content may still arrive', async () => {
  const { cwd, quickly } = await openWorkspace({ widgets: 2 });
  expect((await quickly('apply')).code).toBe(0);
  const files = [0, 1].map((n) => `${widgetId(n)}.json`);
  expect(recorded(cwd)).toEqual(files);
  await leavePage(cwd, 1, 'f'.repeat(64), 30_000);
  expect((await quickly('apply')).code).toBe(0);
  expect(recorded(cwd)).toEqual(files.slice(0, 1));
});

test('waits with other content until it would have been given up, and says so', async () => {
  const { cwd, quickly, sandbox } = await openWorkspace({ widgets: 2 });
  await leavePage(cwd, 1, 'f'.repeat(64), 1500);
  const { code, stderr } = await quickly('apply', '--log-format', 'json');
  expect(code).toBe(0);
  expect(stderr).toContain('what an earlier process was sending to this widget may still arrive');
  const writes = sandbox.requests.filter(({ method }) => method === 'PUT');
  expect(writes.map((one) => one.widgetId)).toEqual([widgetId(0), widgetId(1)]);
});

test('an end in good order leaves nothing that may still arrive', async () => {
  const { cwd, quickly } = await openWorkspace({ widgets: 2 });
  expect((await quickly('apply')).code).toBe(0);
  const page = JSON.parse(readFileSync(join(cwd, '.widget-sync', usageFile), 'utf8'));
  expect(page).toMatchObject({ under_way: 0 });
  expect(page).not.toHaveProperty('over_in_ms');
});
