// Every kind of fault as the project's own client meets it, over a real socket.
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { WidgetApi } from '../../../src/api/widget-api.ts';
import type { ApiError } from '../../../src/base/errors.ts';
import type { FaultRule } from '../../../src/sandbox/faults/fault-rules.ts';
import {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../../src/sandbox/start-sandbox.ts';
import { connect, failureOf, listen, secretKey, startServer } from '../../api/loopback.ts';
import { waitFor, widgetId } from '../../support/sandbox.ts';

const id = widgetId(1);
const started: Sandbox[] = [];

async function start(rules: readonly FaultRule[], options: SandboxOptions = {}): Promise<Sandbox> {
  const widgets = [1, 2].map((n) => ({
    widgetId: widgetId(n),
    fields: { widget_type: 'chat', name: 'before' },
  }));
  const sandbox = await startSandbox({ widgets, faults: { seed: 42, rules }, ...options });
  started.push(sandbox);
  return sandbox;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((sandbox) => sandbox.close()));
});

const never = () => new AbortController().signal;
const put = (api: WidgetApi, name = 'after') =>
  api.putWidget(id, { widget_type: 'chat', name }, never());
const get = (api: WidgetApi) => api.getWidget(id, never());
const list = (api: WidgetApi) => api.listWidgets(1, 100, never());

type Failed = Partial<Pick<ApiError, 'status' | 'retry' | 'scope' | 'retryAfterMs'>>;
const later = { retry: 'later', scope: 'widget', retryAfterMs: null } as const;

/** The rule, what becomes of every request, and the name that a write leaves in the store. */
const failing: [string, FaultRule, Failed & { message: RegExp }, 'before' | 'after'][] = [
  [
    'a reset',
    { kind: 'reset' },
    { ...later, status: null, message: /the connection was closed/ },
    'before',
  ],
  [
    'a reset inside the body',
    { kind: 'cut-body' },
    { ...later, status: 200, message: /did not arrive whole: the connection was closed/ },
    'after',
  ],
  [
    'half of its JSON',
    { kind: 'truncated' },
    { ...later, status: 200, message: /its body is not a JSON object/ },
    'after',
  ],
  [
    'a body that is badly packed',
    { kind: 'gzip', stream: 'broken' },
    { ...later, status: 200, message: /said to be gzip and cannot be unpacked/ },
    'after',
  ],
  [
    'a page of HTML with 200',
    { kind: 'status', status: 200, body: 'html' },
    { ...later, status: 200, message: /its body is not a JSON object/ },
    'before',
  ],
  [
    'a body of 50 MiB',
    { kind: 'huge' },
    { ...later, status: 200, message: /larger than 16 MiB/ },
    'after',
  ],
  [
    'a refused key',
    { kind: 'status', status: 401 },
    { retry: 'never', scope: 'account', status: 401, message: /refused the key \(401\)/ },
    'before',
  ],
  ...([408, 425, 429, 500, 502, 503, 504] as const).map((status): (typeof failing)[number] => [
    `${status}`,
    { kind: 'status', status },
    { ...later, status, message: new RegExp(`^The API answered ${status} [^<]*$`) },
    'before',
  ]),
];

describe.each<[string, (api: WidgetApi) => Promise<unknown>]>([
  ['a write', put],
  ['the reading of one', get],
  ['the reading of a page', list],
])('%s', (_, ask) => {
  test.each(failing)('meets %s', async (_what, rule, { message, ...failed }, stored) => {
    const sandbox = await start([{ ...rule, times: 1 }]);
    const api = connect(sandbox.url);

    const error = await failureOf(ask(api));

    expect(error).toMatchObject(failed);
    expect(error.message).toMatch(message);
    if (ask === put) expect(sandbox.widget(id)).toMatchObject({ name: stored });
    expect([...sandbox.faultCounts]).toEqual([[rule.kind, 1]]);
    expect(sandbox.requests).toMatchObject([{ fault: rule.kind, status: error.status }]);
    await ask(api);
    expect(sandbox.requests).toMatchObject([{}, { fault: null, status: 200 }]);
  });

  test('meets a limit, which names no time', async () => {
    const sandbox = await start([{ kind: 'limit', requests: 1, perMs: 60_000 }]);
    const api = connect(sandbox.url);
    await ask(api);
    expect(await failureOf(ask(api))).toMatchObject({ ...later, status: 429, retryAfterMs: null });
    expect(sandbox.requests).toMatchObject([{ fault: null }, { fault: 'limit', status: 429 }]);
  });

  test.each([301, 302, 303, 307, 308] as const)('does not follow %i', async (status) => {
    const elsewhere = await startServer((response) => response.end('{}'));
    const { host } = new URL(elsewhere.baseUrl);
    const sandbox = await start([
      { kind: 'redirect', status, to: elsewhere.baseUrl, times: 1 },
      { kind: 'redirect', status, times: 1 },
    ]);
    const api = connect(sandbox.url);

    const away = await failureOf(ask(api));
    const toItself = await failureOf(ask(api));

    expect(away).toMatchObject({ status, retry: 'later' });
    expect(away.message).toContain(`to ${host}. Redirects are not followed`);
    expect(toItself).toMatchObject({ status, retry: 'later' });
    expect(toItself.message).toContain('to another path of the same host');
    expect(sandbox.requests).toHaveLength(2);
    expect(elsewhere.received).toEqual([]);
  });

  test.each<FaultRule>([
    { kind: 'hang' },
    { kind: 'drip', byteMs: 60_000 },
    { kind: 'delay', delayMs: 60_000 },
  ])('gives up $kind after its own patience', async (rule) => {
    const sandbox = await start([rule]);

    const error = await failureOf(ask(connect(sandbox.url, { timeoutMs: 250 })));

    expect(error).toMatchObject({ ...later, status: null });
    expect(error.message).toMatch(/within 0\.25 s/);
    await waitFor(sandbox, ({ requests }) => requests[0]?.endedAtMs !== null, 10_000);
  });

  test.each<[string, FaultRule]>([
    ['a fixed delay', { kind: 'delay', delayMs: 20 }],
    ['a random delay', { kind: 'delay', delayMs: [0, 20] }],
    ['one byte at a time', { kind: 'drip', byteMs: 0 }],
    ['another content type', { kind: 'content-type' }],
    ['no content type that there is', { kind: 'content-type', contentType: 'x' }],
    ['a packed body for those who ask', { kind: 'gzip', when: 'asked' }],
    ['a packed body that it did not ask for', { kind: 'gzip' }],
  ])('is not disturbed by %s', async (_what, rule) => {
    const sandbox = await start([rule]);
    const asks = 'when' in rule ? [] : [[rule.kind, 1]];

    expect(await ask(connect(sandbox.url))).toBeTruthy();

    if (ask === put) expect(sandbox.widget(id)).toMatchObject({ name: 'after' });
    expect([...sandbox.faultCounts]).toEqual(asks);
  });
});

describe('an answer without a body', () => {
  test.each([undefined, 200, 201, 204])(
    'and with the status %s confirms a write',
    async (status) => {
      const sandbox = await start([{ kind: 'empty', ...(status !== undefined && { status }) }]);
      const confirmation = await put(connect(sandbox.url));
      expect(confirmation).toEqual({ httpStatus: status ?? 200, widget: null });
      expect(sandbox.widget(id)).toMatchObject({ name: 'after' });
    },
  );

  test.each([
    [get, 200],
    [list, 204],
  ] as const)('is none to a read: %s, %i', async (ask, status) => {
    const sandbox = await start([{ kind: 'empty', status }]);
    const error = await failureOf(ask(connect(sandbox.url)));
    expect(error).toMatchObject({ ...later, status });
    expect(error.message).toMatch(/its body is empty/);
  });

  test('leaves a refusal its status', async () => {
    const sandbox = await start([{ kind: 'empty', status: 204 }]);
    const api = connect(sandbox.url);
    const refused = api.putWidget(widgetId(9), { widget_type: 'chat' }, never());
    expect(await failureOf(refused)).toMatchObject({ status: 404 });
  });
});

test('an answer may lack a field', async () => {
  const sandbox = await start([{ kind: 'omit', field: 'name' }]);
  const api = connect(sandbox.url);
  const { widget } = await put(api);
  const { items } = await list(api);
  for (const shown of [widget, await get(api), ...items]) {
    expect(shown).toMatchObject({ widget_type: 'chat', display_name: null });
    expect(shown).not.toHaveProperty('name');
  }
  expect(sandbox.widget(id)).toMatchObject({ name: 'after' });
});

describe('how long the client is told to wait', () => {
  const hour = 3_600_000;
  test.each<[string, number | null]>([
    ['2', 2000],
    ['0', 0],
    ['-5', null],
    ['1e99', null],
    ['99999999999999999999', hour],
    ['1.5', null],
    ['soon', null],
    ['', null],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', hour],
    ['Wed, 31 Feb 2027 07:28:00 GMT', null],
  ])('"%s"', async (retryAfter, retryAfterMs) => {
    for (const status of [408, 425, 429, 503]) {
      const sandbox = await start([{ kind: 'status', status, retryAfter }]);
      const error = await failureOf(put(connect(sandbox.url)));
      expect(error).toMatchObject({ status, retry: 'later', retryAfterMs });
    }
  });

  test.each([
    [600, 590_000, 600_000],
    [-600, 0, 0],
  ])('a date %i s from now', async (retryAfterDate, least, most) => {
    const sandbox = await start([{ kind: 'status', status: 429, retryAfterDate }]);
    const { retryAfterMs } = await failureOf(put(connect(sandbox.url)));
    expect(retryAfterMs).toBeGreaterThanOrEqual(least);
    expect(retryAfterMs).toBeLessThanOrEqual(most);
  });
});

describe('writes and reads that are not what they seem', () => {
  test.each<[FaultRule, number | null]>([
    [{ kind: 'lost-answer' }, null],
    [{ kind: 'lost-answer', status: 504 }, 504],
  ])('%o: stored, and the client is told to try again', async (rule, status) => {
    const sandbox = await start([rule]);
    const api = connect(sandbox.url);

    expect(await failureOf(put(api))).toMatchObject({ status, retry: 'later' });

    expect(sandbox.widget(id)).toMatchObject({ name: 'after' });
    expect(await get(api)).toMatchObject({ name: 'after' });
  });

  test.each([
    ['sent', 'after'],
    ['unchanged', 'before'],
  ] as const)('not stored, confirmed with the widget as %s', async (echo, name) => {
    const sandbox = await start([{ kind: 'not-stored', echo }]);
    const api = connect(sandbox.url);

    expect(await put(api)).toMatchObject({ httpStatus: 200, widget: { id, name } });

    expect(sandbox.widget(id)).toMatchObject({ name: 'before' });
    expect(await get(api)).toMatchObject({ name: 'before' });
  });

  test('stale: every read lags by one write, until it does not', async () => {
    const sandbox = await start([{ kind: 'stale', times: 2 }]);
    const api = connect(sandbox.url);

    expect(await put(api)).toMatchObject({ widget: { name: 'after' } });

    expect(await get(api)).toMatchObject({ name: 'before' });
    expect((await list(api)).items[0]).toMatchObject({ name: 'before' });
    expect(await get(api)).toMatchObject({ name: 'after' });
  });

  test('respell: reads show texts otherwise than the write was confirmed, and ids as they are', async () => {
    const sandbox = await start([{ kind: 'respell', times: 2 }]);
    const api = connect(sandbox.url);
    const fields = { name: ' Ava ', attributes: { Key: ['B', 1, null] }, header_color: null };
    sandbox.edit(id, fields);

    expect(await put(api)).toMatchObject({
      widget: { name: 'after', attributes: fields.attributes },
    });

    sandbox.edit(id, fields);
    const shown = { id, name: 'ava', attributes: { Key: ['b', 1, null] }, header_color: null };
    expect(await get(api)).toMatchObject(shown);
    expect((await list(api)).items[0]).toMatchObject(shown);
    expect(await get(api)).toMatchObject({ id, ...fields });
  });

  test.each([
    ['of the account', 2, widgetId(2)],
    ['that no account has', 1, 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
  ])('the answer for another widget %s is not believed', async (_what, size, other) => {
    const widgets = [id, widgetId(2)].slice(0, size).map((one) => ({
      widgetId: one,
      fields: { widget_type: 'chat', name: 'before' },
    }));
    const sandbox = await start([{ kind: 'other-widget' }], { widgets });
    const api = connect(sandbox.url);
    const raw = await fetch(`${sandbox.url}/api/v1/widget/${id}?api_key=in-x`);
    expect(await raw.json()).toMatchObject({ data: { id: other, widget_type: 'chat' } });

    for (const ask of [put, get]) {
      const error = await failureOf(ask(api));
      expect(error).toMatchObject({ status: 200, retry: 'later' });
      expect(error.message).toContain(`for another widget than ${id}`);
    }
    expect(sandbox.widget(id)).toMatchObject({ name: 'after' });
    expect(await list(api)).toMatchObject({ total: size });
  });
});

describe('a connection that is refused', () => {
  test('comes back at the same address by itself, with what was stored', async () => {
    const sandbox = await start([{ kind: 'refuse', forMs: 400, after: 1, times: 1 }]);
    const api = connect(sandbox.url);
    await put(api);

    const cut = await failureOf(get(api));
    const refused = await failureOf(get(api));

    expect(cut).toMatchObject({ ...later, status: null });
    expect(cut.message).toMatch(/the connection was closed/);
    expect(refused).toMatchObject({ ...later, status: null });
    expect(refused.message).toMatch(/connection refused \(ECONNREFUSED\)/);
    await expect
      .poll(() => get(api).catch(() => null), { timeout: 20_000 })
      .toMatchObject({
        name: 'after',
      });
    expect([...sandbox.faultCounts]).toEqual([['refuse', 1]]);
  });

  test('cuts the requests of others too', async () => {
    const sandbox = await start([
      { kind: 'hang', method: 'GET' },
      { kind: 'refuse', forMs: 200 },
    ]);
    const hanging = failureOf(get(connect(sandbox.url)));
    await waitFor(sandbox, ({ requests }) => requests[0]?.fault === 'hang', 10_000);

    await failureOf(put(connect(sandbox.url)));

    expect(await hanging).toMatchObject({ ...later, status: null });
  });

  test('does not hold up closing, nor does the sandbox come back after it', async () => {
    const sandbox = await start([{ kind: 'refuse', forMs: 3_600_000 }]);
    await failureOf(put(connect(sandbox.url)));

    await sandbox.close();

    const again = await start([], { port: sandbox.port });
    expect(again.port).toBe(sandbox.port);
  });
});

describe('what is on the wire', () => {
  const path = `/api/v1/widget/${id}?api_key=in-x`;

  test('is a packed body that unpacks, or that does not', async () => {
    const sandbox = await start([
      { kind: 'gzip', when: 'asked', times: 1 },
      { kind: 'gzip', stream: 'broken' },
    ]);
    const packed = await fetch(`${sandbox.url}${path}`);
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(await packed.json()).toMatchObject({ data: { id } });
    const broken = await fetch(`${sandbox.url}${path}`);
    expect(broken.headers.get('content-encoding')).toBe('gzip');
    await expect(broken.text()).rejects.toThrow();
  });

  test.each([
    ['gzip', 1],
    ['br, gzip;q=0.5', 1],
    ['GZIP', 1],
    ['identity', 0],
    ['gzip;q=0', 0],
    ['gzip; q=0.0, br', 0],
  ])('is packed for who asks with %s: %i', async (acceptEncoding, times) => {
    const sandbox = await start([{ kind: 'gzip', when: 'asked' }]);
    await fetch(`${sandbox.url}${path}`, { headers: { 'accept-encoding': acceptEncoding } });
    expect(sandbox.faultCounts.get('gzip') ?? 0).toBe(times);
  });

  test('is the other content type', async () => {
    const sandbox = await start([{ kind: 'content-type' }]);
    const response = await fetch(`${sandbox.url}${path}`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.json()).toMatchObject({ data: { id } });
  });

  test('is a page as a proxy makes it, a detail as FastAPI does, or nothing', async () => {
    const sandbox = await start([
      { kind: 'status', status: 502, times: 1 },
      { kind: 'status', status: 429, times: 1 },
      { kind: 'status', status: 429, body: 'empty', times: 1 },
    ]);
    const answers = [];
    for (let n = 0; n < 3; n += 1) {
      const response = await fetch(`${sandbox.url}${path}`);
      answers.push([response.headers.get('content-type'), await response.text()]);
    }
    expect(answers).toEqual([
      ['text/html', expect.stringContaining('<h1>502 Bad Gateway</h1>')],
      ['application/json', '{"detail":"Too Many Requests"}'],
      [null, ''],
    ]);
  });

  test.each([204, 205, 304])('is no body where %i allows none', async (status) => {
    const sandbox = await start([{ kind: 'status', status, body: 'html' }]);
    const response = await fetch(`${sandbox.url}${path}`);
    expect([response.status, await response.text()]).toEqual([status, '']);
  });

  test('is the whole path and query where a request is redirected', async () => {
    const sandbox = await start([{ kind: 'redirect', status: 308, to: 'https://x.example' }]);
    const response = await fetch(`${sandbox.url}${path}`, { redirect: 'manual' });
    expect(response.headers.get('location')).toBe(`https://x.example${path}`);
    expect(JSON.stringify(sandbox.requests)).not.toContain('in-x');
  });

  test('is JSON of the length asked for, read to its end', async () => {
    const sandbox = await start([{ kind: 'huge', bytes: 1_000_000 }]);
    const text = await (await fetch(`${sandbox.url}${path}`)).text();
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(text.length).toBeLessThan(1_200_000);
    expect(JSON.parse(text)).toMatchObject({ data: { id } });
  });

  test('is one byte after the other', async () => {
    const sandbox = await start([{ kind: 'drip', byteMs: 1 }]);
    const socket = connectSocket(sandbox.port, '127.0.0.1');
    const chunks: number[] = [];
    socket.on('data', (bytes) => chunks.push(bytes.length));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await new Promise((resolve) => socket.once('close', resolve));
    // Some may travel together on a busy machine, but not most of them.
    expect(chunks.length).toBeGreaterThan(50);
  });
});

test('a huge body is given up long before its end, and never held as a whole', async () => {
  const megabyte = 1024 * 1024;
  const sandbox = await start([{ kind: 'huge', bytes: 1024 * megabyte }]);
  let passed = 0;
  const sockets: Socket[] = [];
  const counting = createServer((client) => {
    const server = connectSocket(sandbox.port, '127.0.0.1');
    for (const socket of [client, server]) sockets.push(socket.on('error', () => undefined));
    server.on('data', (bytes) => {
      passed += bytes.length;
    });
    client.pipe(server).pipe(client);
    client.once('close', () => server.destroy());
  });
  const port = await listen(counting);

  const error = await failureOf(put(connect(`http://127.0.0.1:${port}`)));

  expect(error.message).toMatch(/larger than 16 MiB/);
  await waitFor(sandbox, ({ requests }) => requests[0]?.endedAtMs !== null, 10_000);
  await expect.poll(() => sockets.every((socket) => socket.destroyed)).toBe(true);
  // 16 MiB, and what the buffers of the sockets hold between the two.
  expect(passed).toBeGreaterThan(15 * megabyte);
  expect(passed).toBeLessThan(64 * megabyte);
});

describe('rules while the sandbox runs', () => {
  test('are replaced, begin anew, and end', async () => {
    const sandbox = await start([{ kind: 'status', status: 503, times: 1 }]);
    const api = connect(sandbox.url);
    await failureOf(put(api));
    await put(api);

    const rules: FaultRule[] = [{ kind: 'status', status: 429, times: 1 }];
    sandbox.setFaults(rules);
    expect(await failureOf(put(api))).toMatchObject({ status: 429 });
    await put(api);
    sandbox.setFaults(rules);
    expect(await failureOf(put(api))).toMatchObject({ status: 429 });
    sandbox.setFaults(null);
    await put(api);

    expect([...sandbox.faultCounts]).toEqual([['status', 3]]);
  });

  test('draw alike under the same seed', async () => {
    const statuses = async () => {
      const sandbox = await start([{ kind: 'status', status: 503, probability: 0.5 }]);
      const api = connect(sandbox.url);
      for (let n = 0; n < 20; n += 1) await put(api).catch(() => null);
      return sandbox.requests.map(({ status }) => status);
    };
    const first = await statuses();
    expect(new Set(first)).toEqual(new Set([200, 503]));
    expect(await statuses()).toEqual(first);
  });

  test('come before the hook, which is asked about the rest', async () => {
    const asked: (string | null)[] = [];
    const sandbox = await start([{ kind: 'status', status: 503, method: 'PUT' }], {
      onRequest: ({ method }) => {
        asked.push(method);
        return { kind: 'answer', status: 418 };
      },
    });
    const api = connect(sandbox.url);
    expect(await failureOf(put(api))).toMatchObject({ status: 503 });
    expect(await failureOf(get(api))).toMatchObject({ status: 418 });
    expect(asked).toEqual(['GET']);
    expect([...sandbox.faultCounts]).toEqual([
      ['status', 1],
      ['answer', 1],
    ]);
  });

  test('leave no key in the log of requests', async () => {
    const sandbox = await start([{ kind: 'redirect', status: 301 }]);
    await failureOf(put(connect(sandbox.url)));
    expect(JSON.stringify(sandbox.requests)).not.toContain(secretKey);
  });
});

test('many requests may wait at once, without a word of Node about leaking listeners', async () => {
  const { url } = await start([{ kind: 'delay', delayMs: 100 }]);
  const api = connect(url);
  const warnings: string[] = [];
  const listener = ({ message }: Error) => warnings.push(message);
  process.on('warning', listener);
  await Promise.all(Array.from({ length: 15 }, () => get(api)));
  // A warning is told a tick after what it is about.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listener);
  expect(warnings).toEqual([]);
});
