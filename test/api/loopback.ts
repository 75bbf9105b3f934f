// Real servers on loopback, and a client for them.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { inspect } from 'node:util';
import { onTestFinished } from 'vitest';
import { openApiKey } from '../../src/api/api-key.ts';
import { createWidgetApi, type WidgetApiOptions } from '../../src/api/client.ts';
import { openSockets } from '../../src/api/sockets/http-pool.ts';
import type { WidgetApi } from '../../src/api/widget-api.ts';
import { systemClock } from '../../src/base/clock.ts';
import { ApiError } from '../../src/base/errors.ts';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { WidgetId } from '../../src/model/widget.ts';

export const widgetId = '3c90c3cc-0d44-4b50-8888-8dd25736052a' as WidgetId;
export const spec: JsonObject = {
  widget_type: 'chat',
  remove_branding: false,
  display_name: 'Ava “α”',
  name: null,
};
export const secretKey = 'in-Zq7/+&tail%0123456789';

export interface Received {
  readonly requestLine: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
}

export type Respond = (response: ServerResponse, received: Received) => void;

/** A server that reads each request whole, keeps it, and leaves the answer to `respond`. */
export async function startServer(respond: Respond) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    request.setEncoding('utf8');
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url, headers, socket } = request;
    const whole = { requestLine: `${method} ${url}`, headers, body, socket };
    received.push(whole);
    respond(response, whole);
  });
  const port = await listen(server);
  return { baseUrl: `http://127.0.0.1:${port}`, received, server };
}

export async function listen(server: Server | NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** With sockets of its own, which it closes. */
export function connect(baseUrl: string, options: Partial<WidgetApiOptions> = {}): WidgetApi {
  const { timeoutMs = 20_000 } = options;
  const sockets = openSockets(timeoutMs);
  const api = createWidgetApi({
    baseUrl,
    key: openApiKey({ kind: 'value', value: secretKey }),
    timeoutMs,
    sockets,
    version: '1.2.3',
    clock: systemClock,
    proxy: null,
    ...options,
  });
  const close = async () => {
    await api.close();
    await sockets.close();
  };
  onTestFinished(close);
  return { ...api, close };
}

export function put(api: WidgetApi, signal = new AbortController().signal) {
  return api.putWidget(widgetId, spec, signal);
}

export function get(api: WidgetApi, signal = new AbortController().signal) {
  return api.getWidget(widgetId, signal);
}

export function list(api: WidgetApi, page = 1, signal = new AbortController().signal) {
  return api.listWidgets(page, 100, signal);
}

/** The ApiError of a request that must not succeed, after a look for the key in all of it. */
export async function failureOf(request: Promise<unknown>): Promise<ApiError> {
  const error = await request.then(
    () => new Error('the request succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw error;
  const everything = [
    inspect(error, { depth: null, showHidden: true }),
    JSON.stringify(error),
    error.stack ?? '',
    inspect(error.cause),
  ].join('\n');
  for (const text of [secretKey, encodeURIComponent(secretKey), 'api_key=in', '?api_key']) {
    if (everything.includes(text)) throw new Error('the error carries the key or its URL');
  }
  return error;
}

export function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (response: ServerResponse) => response.writeHead(status, headers).end(text);
}

export const confirmed = { message: 'Data updated successfully', meta: {}, data: { id: widgetId } };

export const found = { message: 'Data retrieved successfully', meta: {}, data: { id: widgetId } };

export const firstPage = {
  message: 'Data retrieved successfully',
  meta: {},
  data: {
    items: [{ id: widgetId, name: null }],
    total: 1,
    page: 1,
    size: 100,
    pages: 1,
    previous_page: null,
    next_page: null,
  },
};

/** A promise and the way to fulfil it from elsewhere. */
export function deferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
