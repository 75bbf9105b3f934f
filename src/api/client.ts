// The widget API over HTTP. Sends one request per call and says what came of it; never repeats one,
// never follows a redirect, and lets no error of the transport out, since those may carry the URL.
import type { Clock } from '../base/clock.ts';
import { ApiError } from '../base/errors.ts';
import { stringifyJson } from '../base/json/json-text.ts';
import { widgetPath } from '../config/api-url.ts';
import type { ApiKey } from './api-key.ts';
import { askOnce } from './ask-once.ts';
import { classify } from './classify-response.ts';
import type { Answer, ApiRequest, Failure, SentRequest } from './exchange.ts';
import { confirmationOf, type DataReader, pageOf, widgetOf } from './read-data.ts';
import type { Sockets } from './sockets/http-pool.ts';
import type { LastLook } from './sockets/last-look.ts';
import type { HttpsProxy } from './sockets/proxy.ts';
import type { WidgetApi } from './widget-api.ts';

export interface WidgetApiOptions {
  /** The base URL, as `parseApiUrl` gives it. */
  readonly baseUrl: string;
  readonly key: ApiKey;
  /** For one whole request, connecting included. */
  readonly timeoutMs: number;
  readonly version: string;
  readonly clock: Clock;
  /** Null: directly, as `chooseProxy` says it. */
  readonly proxy: HttpsProxy | null;
  /** They belong to the process, which closes them after this. */
  readonly sockets: Sockets;
  /** Whether a 301 or 308, which says that it holds for good, may be over later; default: it may. */
  readonly movedForGood?: 'later' | 'never';
  /** Told of each request that was sent, once it has ended. */
  readonly onEnded?: (sent: SentRequest) => void;
  /** How a request is looked at once more as it leaves; null: it is not, which is the default. */
  readonly lastLook?: () => LastLook | null;
}

/** Its calls throw `TenureLostError` where the last look has held the request back. */
export function createWidgetApi(options: WidgetApiOptions): WidgetApi {
  const { key, clock, movedForGood = 'later', onEnded = () => {} } = options;
  const base = new URL(options.baseUrl);
  const { proxy } = options;
  const connections = options.sockets.by(proxy);
  const { timeoutMs, lastLook = () => null } = options;
  const host = proxy === null ? base.host : `${base.host} (${proxy.variable} is set)`;
  const underWay = new Set<Promise<unknown>>();

  const send = async <Value>(
    request: ApiRequest,
    signal: AbortSignal,
    read: DataReader<Value>,
  ): Promise<Value | ApiError> => {
    key.refresh();
    const keySent = key.text();
    const message = toMessage(base, request, keySent, options.version);
    const isSent = !signal.aborted;
    const startedMs = clock.monotonicMs();
    const limits = { clock, timeoutMs, ...lastLook() };
    const result = await askOnce(message, connections, limits, signal);
    if (isSent) {
      const durationMs = clock.monotonicMs() - startedMs;
      onEnded({ method: message.method, status: statusOf(result), durationMs });
    }
    // A 401 may be the answer to a key that was replaced in the meantime.
    key.refresh();
    const keyReplaced = key.text() !== keySent;
    const receivedAt = clock.now();
    const keySetting = key.setting;
    const asked = { request, host, receivedAt, keyReplaced, keySetting, movedForGood };
    return classify(result, asked, read);
  };

  const ask: typeof send = async (request, signal, read) => {
    const asking = send(request, signal, read);
    underWay.add(asking);
    try {
      return await asking;
    } finally {
      underWay.delete(asking);
    }
  };

  return {
    async putWidget(widgetId, body, signal) {
      return orThrow(await ask({ kind: 'put', widgetId, body }, signal, confirmationOf(widgetId)));
    },
    async getWidget(widgetId, signal) {
      const found = await ask({ kind: 'get', widgetId }, signal, widgetOf(widgetId));
      return found instanceof ApiError && found.status === 404 ? null : orThrow(found);
    },
    async listWidgets(page, size, signal) {
      return orThrow(await ask({ kind: 'list', page, size }, signal, pageOf(page)));
    },
    async close() {
      await Promise.allSettled(underWay);
    },
  };
}

/** Null where no answer came, or not all of it. */
function statusOf(result: Answer | Failure): number | null {
  if (result.kind !== 'answer') return null;
  const isWhole = typeof result.body === 'string' || result.body.kind === 'garbled';
  return isWhole ? result.status : null;
}

function orThrow<Value>(outcome: Value | ApiError): Value {
  if (outcome instanceof ApiError) throw outcome;
  return outcome;
}

/** The only place where the key meets a URL. */
function toMessage(base: URL, request: ApiRequest, key: string, version: string) {
  const prefix = base.pathname.replace(/\/$/, '');
  const query = `api_key=${encodeURIComponent(key)}`;
  const path =
    request.kind === 'list'
      ? `${widgetPath}?${query}&page=${request.page}&size=${request.size}`
      : `${widgetPath}/${request.widgetId}?${query}`;
  const target = { origin: base.origin, path: `${prefix}${path}` };
  const headers = { accept: 'application/json', 'user-agent': `widget-sync/${version}` };
  if (request.kind !== 'put') {
    // A cache on the way would show a widget as it was before our own write.
    return {
      ...target,
      method: 'GET' as const,
      headers: { ...headers, 'cache-control': 'no-cache' },
    };
  }
  return {
    ...target,
    method: 'PUT' as const,
    headers: { ...headers, 'content-type': 'application/json' },
    body: stringifyJson(request.body),
  };
}
