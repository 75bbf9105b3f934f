// An API that takes less than the rate allows: what it is asked, what is told, and what the next process
// knows.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { learntLimitFile } from '../../src/state/file/usage/learnt-limit.ts';
import { fastClock } from '../support/fast-clock.ts';
import { runIn } from '../support/program.ts';
import { waitFor } from '../support/sandbox.ts';
import { few } from '../support/soak.ts';
import { watchLostTime } from '../support/stalls.ts';
import { startHere } from '../support/start-here.ts';
import {
  applyLines,
  askEveryMs,
  generousMs,
  openWorkspace,
  said,
  type Workspace,
} from '../support/workspace.ts';

const widgets = few(24, { soak: 40 });
/** As many writes, and a read, at 3 a second. */
const demandedMs = (widgets / 3) * 1000;

function editAll({ write }: Workspace, name: string): void {
  for (let n = 0; n < widgets; n += 1) write(n, name);
}

test('a limit of 3 a second under a rate of 20 is found in one apply, and known to the next', async () => {
  const workspace = await openWorkspace({ widgets });
  const { sandbox, quickly, cwd } = workspace;
  sandbox.setFaults([{ kind: 'limit', requests: 3 }]);
  for (const [name, isLearnt] of [
    ['first', false],
    ['second', true],
  ] as const) {
    const from = sandbox.requests.length;
    editAll(workspace, name);
    const lostMs = watchLostTime();
    const { code, stdout, stderr } = await quickly('apply', '--rate', '20/s', '--json');
    expect(applyLines(stdout).at(-1)).toMatchObject({ applied: widgets, failed: 0 });
    expect(code).toBe(0);
    const requests = sandbox.requests.slice(from);
    const starts = requests.map(({ startedAtMs }) => startedAtMs);
    const tookMs = Math.max(...starts) - Math.min(...starts);
    expect(tookMs).toBeLessThan(1.5 * demandedMs + Math.min(lostMs(), demandedMs / 2));
    const refused = requests.filter(({ status }) => status === 429).length;
    expect(refused).toBeLessThanOrEqual(Math.ceil(requests.length / (isLearnt ? 10 : 4)));
    const told = stderr.split('\n').filter((line) => line.includes('--rate allows 20/s'));
    expect(told.length).toBeLessThanOrEqual(isLearnt ? 1 : 3);
    if (!isLearnt) expect(told[0]).toContain('the API takes about 3/s, --rate allows 20/s');
  }
  const learnt = readFileSync(join(cwd, '.widget-sync', learntLimitFile), 'utf8');
  expect(JSON.parse(learnt)).toMatchObject({
    api_url: sandbox.url,
    limit: { about: expect.closeTo(3, 0) },
  });
  sandbox.setFaults(null);
  editAll(workspace, 'third');
  const { stdout } = await workspace.quickly('plan', '--rate', '20/s');
  expect(stdout.split('\n').slice(-5)).toEqual([
    expect.stringContaining('at 20/s'),
    expect.stringMatching(/^The API takes about [23](\.\d)?\/s: at that it takes \d+ s$/),
    expect.stringContaining('no git checkout'),
    expect.stringContaining('Checksum'),
    '',
  ]);
  writeFileSync(join(cwd, '.widget-sync', learntLimitFile), learnt.slice(0, 30));
  expect((await workspace.quickly('apply', '--rate', '20/s')).code).toBe(0);
});

test('a daemon says and shows what it waits for, and goes on by itself', async () => {
  const workspace = await openWorkspace({ widgets: 2 });
  const { sandbox, runHere, arrival, cwd } = workspace;
  sandbox.setFaults([{ kind: 'status', status: 429, retryAfter: '7', times: 1 }]);
  const daemon = runHere('--log-format', 'json');
  const line = await daemon.waitForLog(
    said('nothing is sent for now: the API asks for it (Retry-After)'),
  );
  expect(line).toMatchObject({
    level: 'info',
    wait_ms: expect.closeTo(7000, -2),
    until: expect.any(String),
  });
  const retry = await daemon.waitForLog(said('not read, trying again'));
  expect(retry['retry_in_ms']).toBeGreaterThan(6000);
  const shown = async (...flags: string[]) => {
    const { stdout } = await runIn({ cwd, env: {} }, [
      'status',
      '--api-url',
      sandbox.url,
      ...flags,
    ]);
    return stdout;
  };
  const status = async () => JSON.parse(await shown('--json'));
  await expect
    .poll(async () => (await status()).waiting, { timeout: 5000, interval: askEveryMs })
    .toMatchObject({ why: 'the API asks for it (Retry-After)' });
  const { waiting } = await status();
  expect(Math.abs(Date.parse(waiting.until) - Date.parse(String(line['until'])))).toBeLessThan(100);
  expect(await shown()).toMatch(/^Waiting: nothing is sent before 2.*Retry-After/m);
  await Promise.all([arrival(0, 'first'), arrival(1, 'first')]);
  await waitFor(sandbox, () => sandbox.requests.length === 5, generousMs);
  await expect
    .poll(async () => (await status()).waiting, { timeout: 5000, interval: askEveryMs })
    .toBeNull();
});

test('a daemon that is refused everything for two minutes logs an error, and a line when it is over', async () => {
  const api = { isOpen: true };
  const workspace = await openWorkspace({
    widgets: 1,
    onRequest: () => (api.isOpen ? undefined : { kind: 'status', status: 429 }),
  });
  const { cwd, env, sandbox, write } = workspace;
  const place = [join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync')];
  const flags = ['--api-url', sandbox.url, '--resync', 'off', '--timeout', '1h'];
  const daemon = startHere(['run', ...place, ...flags], env, fastClock(60));
  await workspace.arrival(0, 'first');
  api.isOpen = false;
  write(0, 'second');
  const refused = 'the API refuses every request for its limit (429)';
  await daemon.waitForLog(({ level, msg }) => level === 'error' && msg === refused, generousMs);
  api.isOpen = true;
  await daemon.waitForLog(({ msg }) => msg === 'the API takes requests again', generousMs);
  await workspace.arrival(0, 'second');
});
