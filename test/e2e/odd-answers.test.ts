// Answers that no API of widgets gives, told in words that lead on.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { runIn, withoutBackoff } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

test.each<[what: string, status: number, body: Buffer | null, words: string]>([
  [
    'a refusal whose body is packed though nobody asked for that',
    400,
    gzipSync(JSON.stringify({ detail: 'a reason that is seen all the same' })),
    'The API answered 400 Bad Request: a reason that is seen all the same\n',
  ],
  [
    'a 304, which only a cache gives, and only when asked for it',
    304,
    null,
    'The API answered 304 Not Modified, which is no answer to this request: check --api-url, and any proxy or cache on the way\n',
  ],
])('%s', async (_, status, body, words) => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, body === null ? {} : { 'content-encoding': 'gzip' });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  const cwd = temporaryDirectory();
  writeFile(cwd, 'widgets/a.yaml', `widget_id: ${widgetId(0)}\nwidget_type: chat\nname: A\n`);
  const flags = ['--live', 'off', '--api-url', `http://127.0.0.1:${port}`];
  const env = { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' };
  const { code, stdout } = await runIn({ cwd, env, ...withoutBackoff }, ['apply', ...flags]);
  expect(code).toBe(1);
  expect(stdout).toContain(`failed  widgets/a.yaml: ${words}`);
});
