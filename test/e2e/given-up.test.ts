// A process that leaves at once takes back what it was sending, as far as it has not arrived.
import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { deferred, listen } from '../api/loopback.ts';
import { startCommand, temporaryDirectory, writeFile } from '../support/command.ts';
import { widgetId } from '../support/sandbox.ts';

/** More than a machine takes in for a listener that does not read. */
const large = 'x'.repeat(1000 * 1024);

test('a second signal takes the write that is in flight back', async () => {
  const arriving = deferred<Socket>();
  const server = createServer((socket) => {
    socket.once('readable', () => arriving.resolve(socket));
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  const cwd = temporaryDirectory();
  const file = `widget_id: ${widgetId(0)}\nwidget_type: chat\ndescription: ${large}\n`;
  writeFile(cwd, 'widgets/a.yaml', file);
  const env = { INSIGHTO_API_KEY: 'in-test' };
  const daemon = startCommand(['run', '--live', 'off', '--api-url', url], { cwd, env });
  const socket = await arriving.promise;
  daemon.signal('SIGTERM');
  await daemon.waitForLog(({ msg }) => msg.startsWith('stopping'));
  daemon.signal('SIGTERM');
  expect((await daemon.finished).code).toBe(1);

  let arrived = 0;
  socket
    .on('error', () => {})
    .on('data', (bytes: Buffer) => {
      arrived += bytes.length;
    });
  await new Promise((resolve) => socket.once('close', resolve));
  expect(arrived).toBeGreaterThan(0);
  expect(arrived).toBeLessThan(large.length);
});
