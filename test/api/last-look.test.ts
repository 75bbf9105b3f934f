// The last look: a request whose leave is over by the time that it would be written does not leave.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectTo, createServer as createNetServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { WidgetApi } from '../../src/api/widget-api.ts';
import { TenureLostError } from '../../src/base/errors.ts';
import { startProxy, startTlsFront, tlsCertificate, tlsKey } from '../support/https-proxy.ts';
import { answer, confirmed, connect, listen, spec, widgetId } from './loopback.ts';

const roads = ['http', 'https', 'https through a proxy'] as const;
const { signal } = new AbortController();

const requests: readonly [string, (api: WidgetApi) => Promise<unknown>][] = [
  ['a write', (api) => api.putWidget(widgetId, spec, signal)],
  ['a read', (api) => api.getWidget(widgetId, signal)],
  ['a page of the list', (api) => api.listWidgets(1, 100, signal)],
];

const ways = roads.flatMap((road) => requests.map(([what, ask]) => [what, road, ask] as const));

test.each(ways)('%s that has leave does not leave once that is over (%s)', async (_, road, ask) => {
  const world = await startWorld(road);
  const asked = ask(world.api).catch((error: unknown) => error);
  // It has leave, and its connection is being made.
  await world.connecting;
  world.isMine = false;
  world.pass();
  const error = await asked;
  expect(error).toBeInstanceOf(TenureLostError);
  expect(world.looks).toBe(1);
  expect(world.received).toEqual([]);
  expect(world.ended).toEqual([]);

  // The connection was none the worse for it, and no request is left behind in it.
  world.isMine = true;
  await world.api.putWidget(widgetId, spec, signal);
  expect(world.received).toEqual([`PUT`]);
  expect(world.connections).toBe(1);
  expect(world.ended).toEqual([200]);
});

test.each(['http', 'https'] as const)(
  'the process may stand still right after it: the request is with the kernel by then (%s)',
  async (road) => {
    const { port, seen } = await startThread(road);
    if (road === 'https') vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    const seenWhileStill: number[] = [];
    const mayLeave = () => {
      const before = Atomics.load(seen, 0);
      // Once the turn is over, and before any other: nothing of this process moves until the server has it.
      queueMicrotask(() => {
        Atomics.wait(seen, 0, before, 5000);
        seenWhileStill.push(Atomics.load(seen, 0));
      });
      return true;
    };
    const api = connect(`${road}://127.0.0.1:${port}`, {
      lastLook: () => ({ mayLeave }),
    });
    for (let n = 0; n < 3; n += 1) await api.putWidget(widgetId, spec, signal);
    expect(seenWhileStill).toEqual([1, 2, 3]);
  },
);

// To look may be to find that it is over, which calls back everything in the same moment.
test.each(roads)(
  'what is called back by the look itself does not leave either (%s)',
  async (road) => {
    const world = await startWorld(road);
    const over = new AbortController();
    world.onLook = () => over.abort();
    world.isMine = false;
    world.pass();
    const asked = world.api.putWidget(widgetId, spec, over.signal).catch((error: unknown) => error);
    expect(await asked).toBeInstanceOf(Error);
    await world.api.close();
    expect(world.looks).toBe(1);
    expect(world.received).toEqual([]);
  },
);

/** A server that answers, and counts its requests, also while this thread stands still. */
async function startThread(road: 'http' | 'https') {
  const seen = new Int32Array(new SharedArrayBuffer(4));
  const workerData = {
    seen,
    body: JSON.stringify(confirmed),
    tls: { cert: tlsCertificate, key: tlsKey },
  };
  const thread = new Worker(
    `const { workerData: { seen, body, tls }, parentPort } = require('node:worker_threads');
    const server = require('node:${road}').createServer(tls, (request, response) => {
      Atomics.add(seen, 0, 1);
      Atomics.notify(seen, 0);
      request.resume().on('end', () => response.end(body));
    });
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
    { eval: true, workerData },
  );
  onTestFinished(async () => void (await thread.terminate()));
  const [port] = await once(thread, 'message');
  return { port: Number(port), seen };
}

/** A server behind a gate, which lets nothing of a connection through until it is told to. */
async function startWorld(road: (typeof roads)[number]) {
  const world = {
    isMine: true,
    looks: 0,
    connections: 0,
    received: [] as (string | undefined)[],
    /** Statuses of the requests that were told of as sent. */
    ended: [] as (number | null)[],
    onLook: () => {},
  };
  const server = createServer(async (request, response) => {
    world.received.push(request.method);
    request.resume();
    await once(request, 'end');
    answer(200, confirmed)(response);
  });
  const port = await listen(server);
  const tlsPort = road === 'http' ? port : await startTlsFront(port);
  const isProxied = road === 'https through a proxy';
  const gate = await startGate(isProxied ? (await startProxy(tlsPort)).port : tlsPort);
  if (road !== 'http') vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const gateUrl = `http://127.0.0.1:${gate.port}`;
  const baseUrl = isProxied ? 'https://api.example.test' : gateUrl.replace('http', road);
  const proxy = isProxied ? { url: gateUrl, authorization: null, variable: 'HTTPS_PROXY' } : null;
  const api = connect(baseUrl, {
    proxy,
    lastLook: () => ({
      mayLeave() {
        world.looks += 1;
        world.onLook();
        return world.isMine;
      },
    }),
    onEnded: ({ status }) => void world.ended.push(status),
  });
  return Object.assign(world, {
    api,
    pass: gate.pass,
    connecting: gate.connecting.then(() => {
      world.connections = gate.connections();
    }),
  });
}

async function startGate(toPort: number) {
  let pass = () => {};
  const opened = new Promise<void>((resolve) => {
    pass = resolve;
  });
  let onConnection = () => {};
  let connections = 0;
  const connecting = new Promise<void>((resolve) => {
    onConnection = resolve;
  });
  const gate = createNetServer(async (client) => {
    connections += 1;
    onConnection();
    client.on('error', () => {});
    await opened;
    const server = connectTo(toPort, '127.0.0.1');
    server.on('error', () => client.destroy());
    client.pipe(server).pipe(client);
  });
  return { port: await listen(gate), connecting, pass, connections: () => connections };
}
