// A service that is away for a while, under a daemon with much to send: how often it is asked, what is
// said, and that everything arrives.
import { expect, test } from 'vitest';
import { runIn } from '../support/program.ts';
import { waitFor } from '../support/sandbox.ts';
import {
  bothModes,
  fileName,
  named,
  numbers,
  patienceMs,
  shown,
  startScene,
} from '../support/watched-tree.ts';
import { askEveryMs } from '../support/workspace.ts';

const outageMs = 3000;
const down = { kind: 'answer', status: 503, body: '<h1>Service Unavailable</h1>' } as const;

/** Four may be under way when it begins, and full jitter may make a few of the first pauses short. */
const fewRequests = 25;

// Side by side, since most of their time is waiting.
test('a service that is down for three seconds is tried a few times by 50 edits, which then all arrive', async () => {
  await Promise.all(bothModes.map(expectFewTries));
});

async function expectFewTries(live: (typeof bothModes)[number]): Promise<void> {
  const scene = await startScene({ runs: 'here', widgets: 50, live });
  const { tree, daemon, faults, settled } = scene;
  const { sandbox, root } = tree;
  let beganAtMs: number | null = null;
  let hasBeenShown = false;
  const away = () => {
    beganAtMs ??= performance.now();
    return hasBeenShown && performance.now() - beganAtMs > outageMs ? undefined : down;
  };
  faults.writes = away;
  faults.reads = away;
  for (const n of numbers(50)) tree.write(fileName(n), named(n, 'second'));
  const opened = await daemon.waitForLog(isDown, patienceMs);
  expect(opened).toMatchObject({ level: 'warn', failures: 5 });
  await expect
    .poll(async () => (await status(root, sandbox.url)).stdout, {
      timeout: patienceMs,
      interval: askEveryMs,
    })
    .toMatch(/^Blocked: the service has been failing since .*503/m);
  hasBeenShown = true;
  const hasArrived = (n: number) => shown(sandbox, n)?.['display_name'] === 'second';
  await waitFor(sandbox, () => numbers(50).every(hasArrived), 2 * patienceMs);
  const failed = sandbox.requests.slice(settled).filter((request) => request.status === 503);
  expect(failed.length, `--live ${live}`).toBeLessThanOrEqual(fewRequests);
  await daemon.said('applied', 2 * 50);
  await daemon.said('the service is back', 1);
  expect(daemon.lines('the service is down: one request at a time tries it')).toHaveLength(1);
  expect(daemon.lines('the service is back')).toMatchObject([{ level: 'info' }]);
  await expect
    .poll(async () => (await status(root, sandbox.url)).stdout, {
      timeout: patienceMs,
      interval: askEveryMs,
    })
    .not.toContain('Blocked');
  expect(await daemon.stop()).toMatchObject({ code: 0, stderr: '' });
}

function isDown({ msg }: { msg: string }): boolean {
  return msg === 'the service is down: one request at a time tries it';
}

function status(cwd: string, url: string) {
  return runIn({ cwd, env: {} }, ['status', '--api-url', url]);
}

test('a daemon that is told to stop while the service is down does not wait for it', async () => {
  const { tree, daemon, faults } = await startScene({ runs: 'here', widgets: 10 });
  faults.writes = () => down;
  faults.reads = () => down;
  for (const n of numbers(10)) tree.write(fileName(n), named(n, 'second'));
  await daemon.waitForLog(isDown, patienceMs);
  expect(await daemon.stop()).toMatchObject({ code: 0, stderr: '' });
  expect(daemon.lines('the service is back')).toEqual([]);
});
