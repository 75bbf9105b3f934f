// Every request that reached the sandbox, as its tests and its users want to look at it afterwards.
// Never holds the key, and is not bounded: a sandbox lives as long as a demo or a test.
import type { IncomingMessage } from 'node:http';
import { type Json, parseJson } from '../base/json/json.ts';
import { widgetPath } from '../config/api-url.ts';
import type { WidgetId } from '../model/widget.ts';
import { parseWidgetId } from '../model/widget.ts';

/** One request. The object is live: the body, the end and the status are filled in as they happen. */
export interface SandboxRequest {
  readonly method: string;
  /** With its query, without the key. */
  readonly path: string;
  /** Null for the list, and where the path holds no UUID. */
  readonly widgetId: WidgetId | null;
  /** Null where there was none, or none that is JSON. */
  readonly body: Json;
  /** `performance.now()` when the head of the request had arrived, before its body was read. */
  readonly startedAtMs: number;
  /** Just before the answer went out, or when the connection went away; null while in flight. */
  readonly endedAtMs: number | null;
  /** The answer that the client was sent; null while in flight, and when it was sent nothing. */
  readonly status: number | null;
  /** The kind of fault that it suffers; null for none. */
  readonly fault: string | null;
}

/** A request in flight, as seen by the server that has to end it. */
export interface OpenRequest {
  readonly request: SandboxRequest;
  readBody(text: string): void;
  suffer(fault: string): void;
  /** Only the first call counts. */
  end(status: number | null): void;
}

export interface RequestLog {
  readonly requests: readonly SandboxRequest[];
  arrive(incoming: IncomingMessage): OpenRequest;
  /** Calls the listener when a request arrives, suffers a fault, was read, and ends. */
  observe(listener: (request: SandboxRequest) => void): () => void;
}

export function createRequestLog(): RequestLog {
  const requests: SandboxRequest[] = [];
  const listeners = new Set<(request: SandboxRequest) => void>();
  const notify = (request: SandboxRequest) => {
    for (const listener of [...listeners]) listener(request);
  };
  return {
    requests,
    arrive(incoming) {
      const request = startRequest(incoming, performance.now());
      requests.push(request);
      notify(request);
      return openRequest(request, notify);
    },
    observe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function startRequest(incoming: IncomingMessage, startedAtMs: number): Mutable<SandboxRequest> {
  const path = withoutKey(incoming.url ?? '/');
  return {
    method: incoming.method ?? 'GET',
    path,
    widgetId: widgetIdIn(path),
    body: null,
    startedAtMs,
    endedAtMs: null,
    status: null,
    fault: null,
  };
}

function openRequest(
  request: Mutable<SandboxRequest>,
  notify: (request: SandboxRequest) => void,
): OpenRequest {
  return {
    request,
    readBody(text) {
      // The log is no judge: the API's own answer says what is wrong with the body, and where.
      request.body = parseJson(text) ?? null;
      notify(request);
    },
    suffer(fault) {
      request.fault = fault;
      notify(request);
    },
    end(status) {
      if (request.endedAtMs !== null) return;
      request.endedAtMs = performance.now();
      request.status = status;
      notify(request);
    },
  };
}

function withoutKey(target: string): string {
  const [pathname = '', ...rest] = target.split('?');
  const query = new URLSearchParams(rest.join('?'));
  query.delete('api_key');
  return query.size === 0 ? pathname : `${pathname}?${query}`;
}

function widgetIdIn(path: string): WidgetId | null {
  const prefix = `${widgetPath}/`;
  const [pathname = ''] = path.split('?');
  return pathname.startsWith(prefix) ? parseWidgetId(pathname.slice(prefix.length)) : null;
}
