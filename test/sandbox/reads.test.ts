import { afterEach, describe, expect, test } from 'vitest';
import {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../src/sandbox/start-sandbox.ts';
import { widgetId } from '../support/sandbox.ts';

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

const send = (sandbox: Sandbox, below: string, key = 'in-secret', init: RequestInit = {}) =>
  fetch(`${sandbox.url}/api/v1/widget${below}?api_key=${key}`, init);

interface Told {
  readonly data: { readonly name: string; readonly items: readonly { readonly name: string }[] };
}

async function told(response: Promise<Response>): Promise<Told['data']> {
  return ((await (await response).json()) as Told).data;
}

/** The widget's name, as GET one and as the list give it. */
const names = {
  one: async (sandbox: Sandbox) => (await told(send(sandbox, `/${id}`))).name,
  list: async (sandbox: Sandbox) => (await told(send(sandbox, ''))).items[0]?.name,
};

function put(sandbox: Sandbox, name: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ widget_type: 'chat', name });
  return send(sandbox, `/${id}`, 'in-secret', { method: 'PUT', headers, body });
}

describe('an edit by hand', () => {
  test('is what the next read shows, and no request', async () => {
    const sandbox = await start();

    sandbox.edit(id.toUpperCase(), { name: 'by hand', hue: 'red' });

    expect(sandbox.requests).toEqual([]);
    expect(await names.one(sandbox)).toBe('by hand');
    expect(await names.list(sandbox)).toBe('by hand');
    expect(sandbox.widget(id)).toMatchObject({ id, name: 'by hand', hue: 'red' });
  });

  test.each([widgetId(2), 'nonsense'])(
    'of %s, which does not exist, is a mistake',
    async (other) => {
      const sandbox = await start();
      expect(() => sandbox.edit(other, { name: 'x' })).toThrow(`no widget ${other}`);
    },
  );
});

describe('reads that lag', () => {
  test.each(['one', 'list'] as const)('show the former widget so many times: %s', async (kind) => {
    const sandbox = await start();
    sandbox.lagReads(2);

    const { name } = await told(put(sandbox, 'after'));

    expect(name).toBe('after');
    expect(sandbox.widget(id)).toMatchObject({ name: 'after' });
    expect(await names[kind](sandbox)).toBe('before');
    expect(await names[kind](sandbox)).toBe('before');
    expect(await names[kind](sandbox)).toBe('after');
  });

  test('may lag until told otherwise', async () => {
    const sandbox = await start();
    sandbox.lagReads(Infinity);
    await put(sandbox, 'after');
    for (let read = 0; read < 5; read += 1) expect(await names.one(sandbox)).toBe('before');

    sandbox.lagReads(0);

    expect(await names.one(sandbox)).toBe('after');
  });
});

describe('reads that are refused', () => {
  test.each([
    [403, 'This key may not read widgets'],
    [404, 'Not Found'],
    [405, 'Method Not Allowed'],
  ] as const)('are all answered with %i, while writes go through', async (refuseReads, detail) => {
    const sandbox = await start({ refuseReads });

    for (const below of ['', `/${id}`]) {
      const response = await send(sandbox, below);
      expect(response.status).toBe(refuseReads);
      expect(await response.json()).toEqual({ detail });
    }
    expect((await put(sandbox, 'after')).status).toBe(200);
    expect(sandbox.widget(id)).toMatchObject({ name: 'after' });
  });

  test('for lack of permission need a key that is valid', async () => {
    const sandbox = await start({ refuseReads: 403 });
    expect((await send(sandbox, '', 'nonsense')).status).toBe(401);
  });
});
