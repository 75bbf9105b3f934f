import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listenOnLoopback } from '../../../src/base/net/listen.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import { openWorld } from '../../observe/serve/world.ts';
import { stateOptions, statusOf, temporaryDirectory } from '../../state/fixtures/state-options.ts';
import { openAccount } from '../../support/account.ts';
import { runHere } from '../../support/program.ts';

test('0 and one line where the daemon works, by its address or its environment', async () => {
  const { url, port } = await openWorld();
  const well = { code: 0, stdout: 'ok\n', stderr: '' };
  expect(await runHere(['health', '--url', url])).toEqual(well);
  expect(await runHere(['health'], { WIDGET_SYNC_SERVE: `${port}` })).toEqual(well);
  expect(await runHere(['health'], { WIDGET_SYNC_SERVE: `0.0.0.0:${port}` })).toEqual(well);
});

test('1 and one line where it stands still', async () => {
  const liveness = { isAlive: false, silentMs: 420_000 };
  const { url } = await openWorld({ deps: { liveness } });
  expect(await runHere(['health', '--url', `${url}/`])).toEqual({
    code: 1,
    stdout: `${url}/healthz answers 503: no sign of work for 7 min\n`,
    stderr: '',
  });
});

test('1 and one line where nothing answers', async () => {
  const { port, close } = await openWorld();
  await close();
  const answer = await runHere(['health'], { WIDGET_SYNC_SERVE: `${port}` });
  expect(answer).toMatchObject({ code: 1, stderr: '' });
  expect(answer.stdout).toMatch(
    /^http:\/\/127\.0\.0\.1:\d+\/healthz does not answer: .*ECONNREFUSED.*\n$/,
  );
});

test('1 where another server answers, whatever it says', async () => {
  const server = createServer((_, answer) => {
    answer.writeHead(404).end('\u001b[31mnothing\nhere');
  });
  const port = await listenOnLoopback(server, 0);
  onTestFinished(() => void server.close());
  const { code, stdout } = await runHere(['health', '--url', `http://localhost:${port}`]);
  expect([code, stdout]).toEqual([
    1,
    `http://localhost:${port}/healthz answers 404: \\u001b[31mnothing\n`,
  ]);
});

test.each(['localhost:8080', 'http://a/b', 'ftp://a', 'http://me@a', ''])(
  '--url %j is no address',
  async (url) => {
    const { code, stderr } = await runHere(['health', '--url', url]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^widget-sync: --url/);
  },
);

describe('where nothing is served', () => {
  test('goes by the sign of life of a daemon, and asks nobody', async () => {
    const account = await openAccount({ live: [{ name: 'Ava' }] });
    account.declare(0, { name: 'Ava' });
    const daemon = await account.watchHere();
    const requests = account.sandbox.requests.length;
    const state = join(account.dir, '../.widget-sync');
    const check = () => runHere(['health', '--state', state]);
    const well = { code: 0, stdout: 'ok\n', stderr: '' };
    expect(await check()).toEqual(well);
    expect(account.sandbox.requests).toHaveLength(requests);
    await daemon.stop();
    const ended = await check();
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(ended.stdout).toMatch(/^No daemon runs: the last one ended (?:just now|\d+ s ago)\.\n$/);
  });

  test('1 where the daemon has shown no sign of life for more than a minute', async () => {
    const directory = await temporaryDirectory();
    const store = await openState(stateOptions(directory, { command: 'run' }));
    onTestFinished(() => store.close());
    const longAgo = new Date(Date.now() - 61_000);
    const lifetime = { pid: 7, host: hostname(), startedAt: longAgo, heartbeat: longAgo };
    const status = statusOf({ command: 'run' });
    await store.reportStatus({ ...status, lifetime: { ...status.lifetime, ...lifetime } });
    const { code, stdout } = await runHere(['health', '--state', directory]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^The daemon is there and writes no status \(process 7 on \S+, last seen 1 min \d+ s ago\): it hangs, or cannot .*\n$/,
    );
  });

  test('1 where there is no state, whatever the environment serves', async () => {
    const { port } = await openWorld();
    const nowhere = `${await temporaryDirectory()}/none`;
    const { code, stderr } = await runHere(['health', '--state', nowhere], {
      WIDGET_SYNC_SERVE: `${port}`,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^widget-sync: there is no state directory .*none/);
  });
});
