// The widget API on loopback, for trying and for tests. Keeps everything in memory, answers to no
// other machine, prints nothing and touches no process-wide state, so that it can run inside a daemon.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { getRequestListener } from '@hono/node-server';
import { sharedController } from '../base/abort.ts';
import { messageOf } from '../base/errors.ts';
import type { JsonObject } from '../base/json/json.ts';
import { loopback } from '../base/net/listen.ts';
import { count } from '../base/text.ts';
import { parseWidgetId } from '../model/widget.ts';
import type { FaultHook } from './faults/carry-out-fault.ts';
import { answer, noAnswer } from './faults/carry-out-fault.ts';
import type { FaultPlan, FaultRule } from './faults/fault-rules.ts';
import type { FaultSource } from './faults/fault-source.ts';
import { createFaultSource } from './faults/fault-source.ts';
import type { Exchange } from './faults/spoil-response.ts';
import { openListener } from './listener.ts';
import type { RequestLog, SandboxRequest } from './request-log.ts';
import { createRequestLog } from './request-log.ts';
import type { ReadRefusal, Treatment } from './widget-app.ts';
import { createWidgetApp } from './widget-app.ts';
import type { PutMode, SeedWidget, Storage, WidgetStore } from './widget-store.ts';
import { createWidgetStore } from './widget-store.ts';

/** A key that every sandbox accepts which was not given one of its own. */
export const sandboxKey = 'in-sandbox';

/** With `Storage`: whatever one server of the API may do and another may not. */
export interface SandboxOptions extends Storage {
  /** Default: any free one. */
  readonly port?: number;
  /** The only key accepted. Default: any that begins with `in-`. */
  readonly apiKey?: string;
  readonly widgets?: Iterable<SeedWidget>;
  /** How much the list has of a widget. Default: all that the widget's own read has. */
  readonly listItem?: (widget: JsonObject) => JsonObject;
  /** Every read is answered with this status. Default: reads are served. */
  readonly refuseReads?: ReadRefusal;
  readonly onRequest?: FaultHook;
  /** Default: nothing goes wrong. */
  readonly faults?: FaultPlan;
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
   * Does what a person does in the dashboard: sets any fields but `id`, without a request, and without the
   * API's checks. Throws where there is no such widget.
   */
  edit(widgetId: string, fields: JsonObject): void;
  /** Deletes a widget, as a person does there too. Throws where there is no such widget. */
  remove(widgetId: string): void;
  /** The next so many reads (Infinity: until told otherwise) show each widget as before its last write. */
  lagReads(reads: number): void;
  /** Rules from now on, under the seed of the start; they begin to count anew. Null for none. */
  setFaults(rules: readonly FaultRule[] | null): void;
  /** How many faults were suffered so far, by kind; live. */
  readonly faultCounts: ReadonlyMap<string, number>;
  /** From now on only this key is accepted. */
  setApiKey(key: string): void;
  /** Calls the listener when a request arrives, suffers a fault, was read, and ends; gives the way to stop. */
  observe(listener: (request: SandboxRequest) => void): () => void;
  /** Cuts every connection at once, those with requests in flight too. May be called again. */
  close(): Promise<void>;
}

/** Throws `UsageError` when it cannot listen on the port asked for. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const store = createWidgetStore(options);
  store.seed(options.widgets ?? []);
  const log = createRequestLog();
  const closing = sharedController();
  let onlyKey = options.apiKey;
  let laggingReads = 0;
  const app = createWidgetApp({
    store,
    listItem: options.listItem ?? ((widget) => widget),
    refuseReads: options.refuseReads ?? null,
    acceptsKey: (key) => onlyKey === undefined || key === onlyKey,
    momentToShow: () => (laggingReads-- > 0 ? 'former' : 'now'),
  });
  const faults = createFaultSource(options.faults ?? { rules: [] });
  const serveRequest = requestServer({
    log,
    faults,
    closing: closing.signal,
    onRequest: options.onRequest ?? (() => undefined),
    handle: (request, env) => app.fetch(request, env),
    anotherThan: (widgetId) => store.all().find(({ id }) => id !== widgetId) ?? null,
    refuseConnections: (forMs) => listener.refuseFor(forMs),
  });
  // The adapter would otherwise replace the process's own Request and Response.
  const server = createServer(getRequestListener(serveRequest, { overrideGlobalObjects: false }));
  const listener = await openListener(server, options.port ?? 0);
  const { port } = listener;
  return {
    url: `http://${loopback}:${port}`,
    port,
    put: options.put ?? 'merge',
    requests: log.requests,
    ...windowInto(store),
    lagReads(reads) {
      laggingReads = reads;
    },
    setFaults: (rules) => faults.replace(rules),
    faultCounts: faults.counts,
    setApiKey(key) {
      onlyKey = key;
    },
    observe: (observer) => log.observe(observer),
    close() {
      closing.abort();
      return listener.close();
    },
  };
}

/** The account as seen and set from outside of the API. */
function windowInto(
  store: WidgetStore,
): Pick<Sandbox, 'widget' | 'widgets' | 'seed' | 'edit' | 'remove'> {
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
    remove(widgetId) {
      const known = parseWidgetId(widgetId);
      const isRemoved = known !== null && store.remove(known);
      if (!isRemoved) throw new Error(`The sandbox has no widget ${widgetId} to remove`);
    },
  };
}

/** The lines for a person who started a sandbox. */
export function describeSandbox(sandbox: Sandbox): string[] {
  const widgets = sandbox.widgets().length;
  return [
    `Sandbox of the widget API at ${sandbox.url}, with ${count(widgets, 'widget')} in memory.`,
    `Key: ${sandboxKey} (any key that begins with in- is accepted).`,
    `A PUT ${sandbox.put === 'merge' ? 'leaves the fields that it omits alone' : 'sets the fields that it omits to their defaults'}.`,
    `Try: curl '${sandbox.url}/api/v1/widget?api_key=${sandboxKey}'`,
  ];
}

interface RequestServerDeps extends Pick<Exchange, 'anotherThan' | 'refuseConnections'> {
  readonly log: RequestLog;
  readonly faults: FaultSource;
  readonly closing: AbortSignal;
  readonly onRequest: FaultHook;
  handle(
    request: Request,
    env: { bodyText: string; treatment: Treatment },
  ): Response | Promise<Response>;
}

type FetchCallback = Parameters<typeof getRequestListener>[0];

function requestServer(deps: RequestServerDeps): FetchCallback {
  const { log, faults } = deps;
  return async (request, env) => {
    const { incoming, outgoing } = env as HttpBindings;
    const open = log.arrive(incoming);
    // Now, not once the body was read: the rules promise to go by the order of arrival.
    const chosen = faults.choose(open.request, incoming);
    const disconnected = whenClosed(outgoing);
    disconnected.addEventListener('abort', () => open.end(null));
    const respond = async () => {
      const bodyText = await request.text();
      open.readBody(bodyText);
      const fault = chosen ?? (await deps.onRequest(open.request));
      if (fault !== undefined) {
        faults.count(fault);
        open.suffer(fault.kind);
      }
      return answer(fault, {
        ...deps,
        ...{ incoming, outgoing, disconnected },
        handle: (treatment) => deps.handle(request, { bodyText, treatment }),
        announce: (status) => open.end(status),
      });
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
