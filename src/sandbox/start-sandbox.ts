// The widget API on loopback, for trying and for tests. Keeps everything in memory, answers to no
// other machine, prints nothing and touches no process-wide state, so that it can run inside a daemon.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { getRequestListener } from '@hono/node-server';
import { codeOf, messageOf, UsageError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { count } from '../text.ts';
import { parseWidgetId } from '../widget.ts';
import type { FaultHook } from './faults.ts';
import { answer, noAnswer } from './faults.ts';
import type { RequestLog, SandboxRequest } from './request-log.ts';
import { createRequestLog } from './request-log.ts';
import type { ReadRefusal } from './widget-app.ts';
import { createWidgetApp } from './widget-app.ts';
import type { PutMode, SeedWidget, Storage, WidgetStore } from './widget-store.ts';
import { createWidgetStore } from './widget-store.ts';

/** A key that every sandbox accepts which was not given one of its own. */
export const sandboxKey = 'in-sandbox';

const host = '127.0.0.1';

/** With `Storage`: whatever one server of the API may do and another may not. */
export interface SandboxOptions extends Storage {
  /** Default: any free one. */
  readonly port?: number;
  /** The only key accepted. Default: any that begins with `in-`. */
  readonly apiKey?: string;
  readonly widgets?: Iterable<SeedWidget>;
  /** Every read is answered with this status. Default: reads are served. */
  readonly refuseReads?: ReadRefusal;
  readonly onRequest?: FaultHook;
}

export interface Sandbox {
  /** Without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly put: PutMode;
  /** Every request so far, in order of arrival; the list and its entries are live. Not bounded. */
  readonly requests: readonly SandboxRequest[];
  /** The widget as it stands, which is what the API gives unless its reads lag; or null. */
  widget(widgetId: string): JsonObject | null;
  widgets(): readonly JsonObject[];
  /** Adds widgets, or sets those that exist back to their defaults and these fields. */
  seed(widgets: Iterable<SeedWidget>): void;
  /**
   * What a person does in the dashboard: sets any fields but `id`, without a request, and without the
   * API's checks. Throws where there is no such widget.
   */
  edit(widgetId: string, fields: JsonObject): void;
  /** The next so many reads (Infinity: until told otherwise) show each widget as before its last write. */
  lagReads(reads: number): void;
  /** From now on only this key is accepted. */
  setApiKey(key: string): void;
  /** Calls the listener when a request arrives, when its body was read, and when it ends; gives the way to stop. */
  observe(listener: (request: SandboxRequest) => void): () => void;
  /** Cuts every connection at once, those with requests in flight too. May be called again. */
  close(): Promise<void>;
}

/** Throws `UsageError` when it cannot listen on the port asked for. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const store = createWidgetStore(options);
  store.seed(options.widgets ?? []);
  const log = createRequestLog();
  const closing = new AbortController();
  let onlyKey = options.apiKey;
  let laggingReads = 0;
  const app = createWidgetApp({
    store,
    refuseReads: options.refuseReads ?? null,
    acceptsKey: (key) => onlyKey === undefined || key === onlyKey,
    momentToShow: () => (laggingReads-- > 0 ? 'former' : 'now'),
  });
  const serveRequest = requestServer({
    log,
    closing: closing.signal,
    onRequest: options.onRequest ?? (() => undefined),
    handle: (request, bodyText) => app.fetch(request, { bodyText }),
  });
  // The adapter would otherwise replace the process's own Request and Response.
  const server = createServer(getRequestListener(serveRequest, { overrideGlobalObjects: false }));
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://${host}:${port}`,
    port,
    put: options.put ?? 'merge',
    requests: log.requests,
    ...windowInto(store),
    lagReads(reads) {
      laggingReads = reads;
    },
    setApiKey(key) {
      onlyKey = key;
    },
    observe: (listener) => log.observe(listener),
    close() {
      closing.abort();
      return closeServer(server);
    },
  };
}

/** The account as seen and set from outside of the API. */
function windowInto(store: WidgetStore): Pick<Sandbox, 'widget' | 'widgets' | 'seed' | 'edit'> {
  return {
    widget(widgetId) {
      const known = parseWidgetId(widgetId);
      return known === null ? null : store.get(known);
    },
    widgets: () => store.all(),
    seed: (widgets) => store.seed(widgets),
    edit(widgetId, fields) {
      const known = parseWidgetId(widgetId);
      const edited = known === null ? null : store.edit(known, fields);
      if (edited === null) throw new Error(`The sandbox has no widget ${widgetId} to edit`);
    },
  };
}

/** What to tell a person who started a sandbox: one line each. */
export function describeSandbox(sandbox: Sandbox): string[] {
  const widgets = sandbox.widgets().length;
  return [
    `Sandbox of the widget API at ${sandbox.url}, with ${count(widgets, 'widget')} in memory.`,
    `Key: ${sandboxKey} (any key that begins with in- is accepted).`,
    `A PUT ${sandbox.put === 'merge' ? 'leaves the fields that it omits alone' : 'sets the fields that it omits to their defaults'}.`,
    `Try: curl '${sandbox.url}/api/v1/widget?api_key=${sandboxKey}'`,
  ];
}

interface RequestServerDeps {
  readonly log: RequestLog;
  readonly closing: AbortSignal;
  readonly onRequest: FaultHook;
  handle(request: Request, bodyText: string): Response | Promise<Response>;
}

type FetchCallback = Parameters<typeof getRequestListener>[0];

function requestServer({ log, closing, onRequest, handle }: RequestServerDeps): FetchCallback {
  return async (request, env) => {
    const { incoming, outgoing } = env as HttpBindings;
    const open = log.arrive(incoming);
    const disconnected = whenClosed(outgoing);
    disconnected.addEventListener('abort', () => open.end(null));
    const respond = async () => {
      const bodyText = await request.text();
      open.readBody(bodyText);
      const fault = await onRequest(open.request);
      const exchange = { incoming, disconnected, closing, handle: () => handle(request, bodyText) };
      return answer(fault, exchange);
    };
    const response = await respond().catch((error: unknown) => broken(error, incoming));
    if (response === noAnswer || disconnected.aborted) return noAnswer;
    // Before the answer is sent, not after: a client that sends its next request on reading this one's
    // answer must never seem to have had both in flight.
    open.end(response.status);
    return response;
  };
}

/** A client that goes away while it sends is no error; anything else is a bug, here or in the hook. */
function broken(error: unknown, incoming: IncomingMessage): Response {
  if (incoming.destroyed && !incoming.complete) return noAnswer;
  return Response.json({ detail: `Sandbox error: ${messageOf(error)}` }, { status: 500 });
}

function whenClosed(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController();
  outgoing.once('close', () => controller.abort());
  return controller.signal;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, port)));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(error: Error, port: number): Error {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new UsageError(
        `Port ${port} on ${host} is in use. Stop what listens there, or choose another port (0 takes any free one).`,
      );
    case 'EACCES':
      return new UsageError(
        `Port ${port} on ${host} may not be used by this user. Choose one above 1023.`,
      );
    default:
      return error;
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // The callback's only error says that the server is closed already.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
