import { connect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import type { Fault, FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import {
  describeSandbox,
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../src/sandbox/start-sandbox.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';

const id = widgetId(1);
const started: Sandbox[] = [];

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const widgets = [{ widgetId: id, fields: { widget_type: 'chat', name: 'before' } }];
  const sandbox = await startSandbox({ widgets, ...options });
  started.push(sandbox);
  return sandbox;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((sandbox) => sandbox.close()));
});

function put(sandbox: Sandbox, name: string, init: RequestInit & { key?: string } = {}) {
  return fetch(`${sandbox.url}/api/v1/widget/${id}?api_key=${init.key ?? 'in-secret'}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ widget_type: 'chat', name }),
    ...init,
  });
}

/** The first request suffers the fault, the later ones do not. */
function once(fault: Fault): FaultHook {
  const faults = [fault];
  return () => faults.shift();
}

describe('the sandbox', () => {
  test('shows its widgets, and takes more while it runs', async () => {
    const sandbox = await start();

    sandbox.seed([{ widgetId: widgetId(2), fields: { widget_type: 'sms' } }]);

    expect(sandbox.widgets()).toHaveLength(2);
    expect(sandbox.widget(widgetId(2))).toMatchObject({ widget_type: 'sms', attributes: {} });
    expect(sandbox.widget(widgetId(3))).toBeNull();
    expect(sandbox.widget('nonsense')).toBeNull();
  });

  test('accepts any key that begins with in-, until it is given one of its own', async () => {
    const sandbox = await start();
    expect((await put(sandbox, 'a', { key: 'in-whatever' })).status).toBe(200);
    expect((await put(sandbox, 'a', { key: 'sk-whatever' })).status).toBe(401);
    expect((await put(sandbox, 'a', { key: 'in-' })).status).toBe(401);

    sandbox.setApiKey('in-rotated');

    expect((await put(sandbox, 'b', { key: 'in-whatever' })).status).toBe(401);
    expect((await put(sandbox, 'c', { key: 'in-rotated' })).status).toBe(200);
  });

  test('takes a bearer token in place of the key', async () => {
    const sandbox = await start({ apiKey: 'token' });
    const path = `${sandbox.url}/api/v1/widget/${id}`;
    const statusWith = async (authorization: string) =>
      (await fetch(path, { headers: { authorization } })).status;

    expect(await statusWith('Bearer token')).toBe(200);
    expect(await statusWith('Bearer another')).toBe(401);
  });

  test.each([
    ['text/plain', 422],
    ['application/json; charset=utf-8', 200],
    ['application/merge-patch+json', 200],
  ])('reads a body of type %s as FastAPI does: %i', async (contentType, status) => {
    const sandbox = await start();

    const response = await put(sandbox, 'after', { headers: { 'content-type': contentType } });

    expect(response.status).toBe(status);
  });

  test('says which port is in use', async () => {
    const { port } = await start();

    const second = startSandbox({ port });

    await expect(second).rejects.toThrow(UsageError);
    await expect(second).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
  });

  test('tells a person where it is and which key to use', async () => {
    const sandbox = await start();

    expect(describeSandbox(sandbox).join('\n')).toContain(`${sandbox.url}, with 1 widget`);
    expect(describeSandbox(sandbox).join('\n')).toContain('in-sandbox');
    expect(describeSandbox(sandbox).join('\n')).toContain('leaves the fields that it omits alone');
    const replacing = await start({ put: 'replace' });
    expect(describeSandbox(replacing).join('\n')).toContain('omits to their defaults');
  });

  test('is silent, also when its hook fails and when connections break', async () => {
    const spies = [
      vi.spyOn(process.stdout, 'write'),
      vi.spyOn(process.stderr, 'write'),
      ...(['log', 'info', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level)),
    ];
    try {
      const sandbox = await start({
        onRequest: ({ method }) => {
          if (method === 'PUT') throw new Error('hook broke');
          return { kind: 'reset' };
        },
      });

      const response = await put(sandbox, 'after');
      await expect(fetch(sandbox.url)).rejects.toThrow();

      expect(response.status).toBe(500);
      expect(await response.text()).toContain('hook broke');
      for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });
});

describe('the log of requests', () => {
  test('holds method, path without the key, body, times and status', async () => {
    const sandbox = await start();

    await put(sandbox, 'after');
    await fetch(`${sandbox.url}/api/v1/widget?size=5&api_key=in-secret&page=2`);

    expect(sandbox.requests).toEqual([
      {
        method: 'PUT',
        path: `/api/v1/widget/${id}`,
        widgetId: id,
        body: { widget_type: 'chat', name: 'after' },
        startedAtMs: expect.any(Number),
        endedAtMs: expect.any(Number),
        status: 200,
        fault: null,
      },
      expect.objectContaining({ path: '/api/v1/widget?size=5&page=2', widgetId: null, body: null }),
    ]);
    expect(JSON.stringify(sandbox.requests)).not.toContain('secret');
  });

  test('has a request before its body has arrived', async () => {
    const sandbox = await start();
    const socket = connect(sandbox.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `PUT /api/v1/widget/${id}?api_key=in-secret HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n`,
    );

    await waitFor(sandbox, ({ requests }) => requests.length === 1, 5_000);
    expect(sandbox.requests[0]).toMatchObject({ endedAtMs: null, status: null });

    socket.destroy();
    await waitFor(sandbox, ({ requests }) => requests[0]?.endedAtMs !== null, 5_000);
    expect(sandbox.requests[0]).toMatchObject({ status: null });
  });
});

describe('a fault', () => {
  test('answer: says what it is told, and stores nothing', async () => {
    const headers = { 'retry-after': '7' };
    const sandbox = await start({
      onRequest: once({ kind: 'answer', status: 429, headers, body: { detail: 'slow down' } }),
    });

    const refused = await put(sandbox, 'after');

    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('7');
    expect(await refused.json()).toEqual({ detail: 'slow down' });
    expect(sandbox.widget(id)).toMatchObject({ name: 'before' });
    expect((await put(sandbox, 'after')).status).toBe(200);
    expect(sandbox.requests.map(({ status }) => status)).toEqual([429, 200]);
  });

  test('answer: text goes out as it is, and may be missing', async () => {
    const html = { 'content-type': 'text/html' };
    const answers: Fault[] = [
      { kind: 'answer', status: 502, headers: html, body: '<h1>Bad Gateway</h1>' },
      { kind: 'answer', status: 503 },
    ];
    const sandbox = await start({ onRequest: () => answers.shift() });

    const page = await put(sandbox, 'a');
    expect(page.headers.get('content-type')).toBe('text/html');
    expect(await page.text()).toBe('<h1>Bad Gateway</h1>');
    expect(await (await put(sandbox, 'b')).text()).toBe('');
  });

  test.each<Fault & { kind: 'store-then' }>([
    { kind: 'store-then', ending: { kind: 'answer', status: 502 } },
    { kind: 'store-then', ending: { kind: 'reset' } },
  ])('store-then $ending.kind: stored, but the client does not know', async (fault) => {
    const sandbox = await start({ onRequest: once(fault) });

    const status = await put(sandbox, 'after').then(
      (response) => response.status,
      () => null,
    );

    expect(status).toBe(fault.ending.kind === 'answer' ? 502 : null);
    expect(sandbox.widget(id)).toMatchObject({ name: 'after' });
  });

  test('reset: the connection breaks, and nothing is stored', async () => {
    const sandbox = await start({ onRequest: once({ kind: 'reset' }) });

    await expect(put(sandbox, 'after')).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });

    expect(sandbox.widget(id)).toMatchObject({ name: 'before' });
    await waitFor(sandbox, ({ requests }) => requests[0]?.endedAtMs !== null, 5_000);
    expect(sandbox.requests[0]).toMatchObject({ status: null });
  });

  test('delay: handled later, even when the client is gone by then', async () => {
    const sandbox: Sandbox = await start({
      onRequest: async () => {
        await waitFor(sandbox, ({ requests }) => requests[0]?.endedAtMs !== null, 5_000);
        return { kind: 'delay', delayMs: 20 };
      },
    });
    const gone = new AbortController();
    const request = put(sandbox, 'after', { signal: gone.signal });
    await waitFor(sandbox, ({ requests }) => (requests[0]?.body ?? null) !== null, 5_000);

    gone.abort();

    await expect(request).rejects.toThrow();
    await vi.waitFor(() => expect(sandbox.widget(id)).toMatchObject({ name: 'after' }), 5_000);
    expect(sandbox.requests[0]).toMatchObject({ status: null });
  });

  test('delay: the answer waits as long as it is told', async () => {
    const sandbox = await start({ onRequest: once({ kind: 'delay', delayMs: 30 }) });

    expect((await put(sandbox, 'after')).status).toBe(200);

    const [request] = sandbox.requests;
    // Timers may fire up to a millisecond early on the finer clock.
    expect((request?.endedAtMs ?? 0) - (request?.startedAtMs ?? 0)).toBeGreaterThanOrEqual(29);
  });

  test('hang: ends when the client gives up, and nothing is stored', async () => {
    const sandbox = await start({ onRequest: once({ kind: 'hang' }) });
    const patience = new AbortController();
    const request = put(sandbox, 'after', { signal: patience.signal });
    await waitFor(sandbox, ({ requests }) => requests.length === 1, 5_000);
    expect(sandbox.requests[0]?.endedAtMs).toBeNull();

    patience.abort();

    await expect(request).rejects.toThrow();
    await waitFor(sandbox, ({ requests }) => requests[0]?.endedAtMs !== null, 5_000);
    expect(sandbox.widget(id)).toMatchObject({ name: 'before' });
  });
});

describe('closing', () => {
  test.each<Fault>([{ kind: 'hang' }, { kind: 'delay', delayMs: 3_600_000 }])(
    'does not wait for a request that suffers $kind',
    async (fault) => {
      const sandbox = await start({ onRequest: () => fault });
      const request = put(sandbox, 'after').catch((error: unknown) => error);
      await waitFor(sandbox, ({ requests }) => requests.length === 1, 5_000);

      await sandbox.close();

      expect(await request).toBeInstanceOf(Error);
      expect(sandbox.widget(id)).toMatchObject({ name: 'before' });
    },
  );

  test('frees the port, and may be asked for twice', async () => {
    const sandbox = await start();
    await put(sandbox, 'keeps a connection open');

    await Promise.all([sandbox.close(), sandbox.close()]);

    const again = await start({ port: sandbox.port });
    expect(again.port).toBe(sandbox.port);
  });
});
