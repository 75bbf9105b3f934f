// `status` beside a daemon that runs, ends and is killed, as a monitor and somebody on call ask it.
import { expect, test } from 'vitest';
import { runHere, waitForOutput } from '../support/program.ts';
import { startHere } from '../support/start-here.ts';
import {
  fileName,
  named,
  patienceMs,
  startScene,
  startTree,
  type Tree,
} from '../support/watched-tree.ts';
import { askEveryMs } from '../support/workspace.ts';

const wordsOf = ({ root, sandbox }: Tree, ...flags: string[]) => [
  ...['status', '--state', `${root}/.widget-sync`, '--api-url', sandbox.url],
  ...flags,
];

test('status fails beside a daemon that was killed, and not after one that was stopped', async () => {
  const tree = await startTree({ widgets: 2 });
  const monitor = () => runHere(wordsOf(tree, '--json', '--max-age', '1m'));
  const asked = () => runHere(wordsOf(tree, '--json'));

  const stopped = await tree.watchHere();
  await stopped.said('applied', 2);
  expect(await monitor()).toMatchObject({ code: 0 });
  stopped.signal('SIGTERM');
  expect(await stopped.finished).toMatchObject({ code: 0 });
  const ended = await asked();
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ daemon: 'ended', process: null });
  expect((await monitor()).code).toBe(1);

  const killed = await tree.watch();
  const isAnew = async () => JSON.parse((await asked()).stdout).lifetime.pid === killed.child.pid;
  await expect.poll(isAnew, { timeout: patienceMs, interval: askEveryMs }).toBe(true);
  expect(await monitor()).toMatchObject({ code: 0 });
  killed.signal('SIGKILL');
  await killed.finished;
  for (const { code, stdout } of [await asked(), await monitor()]) {
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      daemon: 'gone',
      summary: { states: { applied: 2 } },
    });
  }
  const told = await runHere(wordsOf(tree));
  expect(told.stdout).toContain(
    `The daemon does not run any more (process ${killed.child.pid} on `,
  );
});

test('status --watch shows each change of a daemon, until it is stopped', async () => {
  const { tree, daemon, faults } = await startScene({ runs: 'here', widgets: 2 });
  await daemon.said('applied', 2);
  const text = startHere(wordsOf(tree, '--watch'), {});
  const json = startHere(wordsOf(tree, '--watch', '--json'), {});
  await waitForOutput(text, /^2 applied, /m);
  await waitForOutput(json, /"applied":2/);

  faults.writes = () => ({ kind: 'answer', status: 422, body: '{"detail": "no such colour"}' });
  tree.write(fileName(0), named(0, 'Refused'));
  await waitForOutput(text, /^FAILED .*\n.*no such colour/m);
  await waitForOutput(json, /"failed":1/);
  faults.writes = () => undefined;
  tree.write(fileName(0), named(0, 'Taken'));
  await waitForOutput(text, /1 failed\.\n[\s\S]*2 applied, .* 0 failed\./);
  await waitForOutput(json, /"failed":1[\s\S]*"applied":2,"[^\n]*"failed":0/);

  for (const watching of [text, json]) watching.signal('SIGINT');
  expect(await text.finished).toMatchObject({ code: 0, stderr: '' });
  const { code, stdout } = await json.finished;
  expect(code).toBe(0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const states = lines.map(({ summary }) => JSON.stringify(summary.states));
  // Another state each time, and none because time has passed.
  expect(lines.length).toBeLessThan(12);
  expect(states.at(-1)).toBe(states[0]);
  expect(new Set(states).size).toBeGreaterThan(1);
});
