import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listenOnLoopback } from '../../../src/base/net/listen.ts';
import { openWorld } from '../../observe/serve/world.ts';
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
