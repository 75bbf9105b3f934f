// A request that was given up must not arrive later, behind a newer one. What has reached the server's
// machine cannot be taken back: these requests are larger than what a machine takes in for a listener
// that does not read.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect as connectTo, createServer as createNetServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { WidgetApi } from '../../src/api/widget-api.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { startProxy, startTlsFront } from '../support/https-proxy.ts';
import { answer, confirmed, connect, failureOf, listen, widgetId } from './loopback.ts';

const roads = ['http', 'https', 'https through a proxy'] as const;

test.each(roads)('%s: what was given up after the timeout does not arrive later', async (road) => {
  const world = await startWorld(road);
  const { api, received } = world;
  await put(api, 'first');
  world.stall();
  const left = nextLeft();
  const failure = failureOf(put(api, 'older'));
  await left;
  world.ring();
  expect((await failure).message).toMatch(/within 30 s/);

  expect(await put(api, 'newer')).toMatchObject({ httpStatus: 200 });
  await world.readOn();
  expect(received).toEqual(['first', 'newer']);
});

test.each(roads)('%s: what was called back by a stop does not arrive later', async (road) => {
  const world = await startWorld(road);
  const { api, received } = world;
  await put(api, 'first');
  world.stall();
  const stop = new AbortController();
  const left = nextLeft();
  const failure = failureOf(put(api, 'older', stop.signal));
  await left;
  stop.abort();
  expect((await failure).message).toMatch(/aborted/);
  await api.close();
  await world.readOn();
  expect(received).toEqual(['first']);
});

test('a connection that is idle is closed in peace', async () => {
  const ends: string[] = [];
  const server = createServer((_, response) => answer(200, confirmed)(response));
  server.on('connection', (socket) => {
    socket.on('error', () => ends.push('reset')).on('end', () => ends.push('ended'));
    socket.on('close', () => ends.push('closed'));
  });
  const port = await listen(server);
  const api = connect(`http://127.0.0.1:${port}`);
  await put(api, 'first');
  await api.close();
  await vi.waitFor(() => expect(ends).toContain('closed'));
  expect(ends).not.toContain('reset');
});

const large = 'x'.repeat(1024 * 1024);

function put(api: WidgetApi, name: string, signal = new AbortController().signal) {
  const description = name === 'older' ? large : null;
  return api.putWidget(widgetId, { widget_type: 'chat', name, description }, signal);
}

/** A server behind a relay, which stops reading from its client when it is told to. */
async function startWorld(road: (typeof roads)[number]) {
  const received: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await wholeBody(request);
    if (body === null) return;
    received.push(JSON.parse(body).name);
    answer(200, confirmed)(response);
  });
  const port = await listen(server);
  const tlsPort = road === 'http' ? port : await startTlsFront(port);
  const isProxied = road === 'https through a proxy';
  const relay = await startRelay(isProxied ? (await startProxy(tlsPort)).port : tlsPort);
  const clock = handClock();
  if (road !== 'http') vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const relayUrl = `http://127.0.0.1:${relay.port}`;
  const baseUrl = isProxied ? 'https://api.example.test' : relayUrl.replace('http', road);
  const proxy = isProxied ? { url: relayUrl, authorization: null, variable: 'HTTPS_PROXY' } : null;
  return {
    ...relay,
    ...clock,
    received,
    api: connect(baseUrl, { clock, proxy, timeoutMs: 30_000 }),
  };
}

/** Null where the request breaks off. */
async function wholeBody(request: IncomingMessage): Promise<string | null> {
  return await text(request).catch(() => null);
}

/** When the next request has left this process, and is with the kernel. */
async function nextLeft(): Promise<void> {
  const socket = await new Promise<Socket>((resolve) => {
    const onSend = (message: unknown) => {
      unsubscribe('undici:client:sendHeaders', onSend);
      resolve((message as { socket: Socket }).socket);
    };
    subscribe('undici:client:sendHeaders', onSend);
  });
  while (socket.writableLength > 0) await once(socket, 'drain');
}

async function startRelay(toPort: number) {
  const pairs: {
    readonly client: Socket;
    readonly server: Socket;
    readonly end: Promise<unknown>;
  }[] = [];
  let stalled: typeof pairs = [];
  const relay = createNetServer((client) => {
    const server = connectTo(toPort, '127.0.0.1');
    pairs.push({ client, server, end: new Promise((resolve) => server.on('close', resolve)) });
    client.on('error', () => {}).on('close', () => server.resume().end());
    server.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.pipe(server, { end: false });
    server.pipe(client);
  });
  const port = await listen(relay);
  return {
    port,
    /** Those who are connected by now are read no more. */
    stall() {
      stalled = pairs.splice(0);
      for (const { client } of stalled) client.unpipe().pause();
    },
    /** Passes on what has arrived of them meanwhile, to its end. */
    async readOn() {
      for (const { client, server } of stalled) client.pipe(server, { end: false });
      await Promise.all(stalled.map(({ end }) => end));
    },
  };
}

/** Sleepers wake when the test says so. */
function handClock(): Clock & { ring(): void } {
  const sleepers = new Set<() => void>();
  return {
    ...systemClock,
    sleep: (_, signal) =>
      new Promise((resolve) => {
        sleepers.add(resolve);
        signal?.addEventListener('abort', () => resolve());
      }),
    ring: () => {
      for (const wake of sleepers) wake();
    },
  };
}
