import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { loopback } from '../../src/base/net/listen.ts';
import { openListener } from '../../src/sandbox/listener.ts';

async function open() {
  const server = createServer((_, response) => response.end('here'));
  const listener = await openListener(server, 0);
  onTestFinished(() => listener.close());
  const ask = async () => (await fetch(`http://${loopback}:${listener.port}`)).text();
  return { server, listener, ask };
}

test('a port that somebody took during an outage is waited for', async () => {
  const { server, listener, ask } = await open();
  const failed = once(server, 'error');
  const other = createServer((_, response) => response.end('another'));
  const taken = once(other, 'listening');

  listener.refuseFor(500);
  other.listen(listener.port, loopback);
  await taken;

  expect(await failed).toMatchObject([{ code: 'EADDRINUSE' }]);
  expect(await ask()).toBe('another');
  other.closeAllConnections();
  other.close();
  await expect.poll(() => ask().catch(() => null), { timeout: 20_000 }).toBe('here');
});

test('an outage in an outage is the first one', async () => {
  const { server, listener, ask } = await open();
  const back = once(server, 'listening');
  const startedAtMs = performance.now();

  listener.refuseFor(300);
  listener.refuseFor(1);

  await back;
  // Timers may fire up to a millisecond early on the finer clock.
  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(299);
  expect(await ask()).toBe('here');
});

test('closing during an outage ends it, and may be asked for twice', async () => {
  const { listener, ask } = await open();
  listener.refuseFor(3_600_000);

  await Promise.all([listener.close(), listener.close()]);
  listener.refuseFor(1);

  await expect(ask()).rejects.toThrow();
});
