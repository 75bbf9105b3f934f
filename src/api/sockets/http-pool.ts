// The sockets: a keep-alive pool, through a proxy where there is one.
import { Agent, type buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { codeOf } from '../../base/errors.ts';
import { lookLast } from './last-look.ts';
import type { HttpsProxy } from './proxy.ts';
import { ResettableSockets } from './resettable-sockets.ts';

/** A larger body is not the API's, packed or not: the largest is a page of a hundred widgets. */
export const maxBodyBytes = 16 * 1024 * 1024;

/** The sockets of a process, whatever APIs its accounts are at. */
export interface Sockets {
  /** Directly, or through the proxy; both keep their connections for the next request. */
  by(proxy: HttpsProxy | null): Connections;
  close(): Promise<void>;
}

export interface Connections {
  readonly dispatcher: Dispatcher;
  /** The same connections, for requests with a last look (`last-look.ts`), which costs each some ten µs. */
  readonly lookingDispatcher: Dispatcher;
  /** Aborts a request, and resets the connection that it has left on. */
  giveUp(request: AbortController): void;
}

/** `timeoutMs` bounds the connecting; the whole request has its own deadline in the client. */
export function openSockets(timeoutMs: number): Sockets {
  const opened = new Map<string | null, Connections>();
  return {
    by(proxy) {
      const way = proxy?.url ?? null;
      const connections = opened.get(way) ?? openConnections(proxy, timeoutMs);
      opened.set(way, connections);
      return connections;
    },
    async close() {
      // Not close(): it would wait for connections that were given up while still being made.
      await Promise.all([...opened.values()].map(({ dispatcher }) => dispatcher.destroy()));
    },
  };
}

function openConnections(proxy: HttpsProxy | null, timeoutMs: number): Connections {
  const sockets = new ResettableSockets();
  const connect = sockets.connector(timeoutMs);
  const dispatcher = openDispatcher({ proxy, timeoutMs, connect });
  return {
    dispatcher,
    lookingDispatcher: dispatcher.compose(lookLast),
    giveUp: (request) => sockets.giveUp(request),
  };
}

interface Opening {
  readonly proxy: HttpsProxy | null;
  readonly timeoutMs: number;
  readonly connect: buildConnector.connector;
}

function openDispatcher({ proxy, timeoutMs, connect }: Opening): Dispatcher {
  const options: Agent.Options = {
    maxResponseSize: maxBodyBytes,
    // The deadline of the client is the only clock, whether shorter or longer than undici's own.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (proxy === null) return new Agent({ ...options, connect });
  return new EnvHttpProxyAgent({
    ...options,
    connect,
    factory: openPool,
    // Made by `connect`, a proxy's sockets can be reset too: TLS to the API is spoken on top of them.
    // A proxy that never answers CONNECT would keep its socket long after the request was given up.
    clientFactory: (origin, pool) =>
      new Pool(origin, { ...pool, connect, headersTimeout: timeoutMs }),
    // Said in full, so that nothing is read from the environment behind the settings' back, and
    // HTTP_PROXY never stands in for HTTPS_PROXY.
    httpProxy: '',
    httpsProxy: proxy.url,
    noProxy: '',
    ...(proxy.authorization !== null && { token: proxy.authorization }),
  });
}

/**
 * A pool that takes a tunnel that broke off for an error. undici itself would connect again at once,
 * thousands of times a second, for as long as the request lasts: it takes that code for an idle
 * connection that was closed.
 */
function openPool(origin: string | URL, options: Pool.Options): Pool {
  const { connect } = options;
  if (typeof connect !== 'function') return new Pool(origin, options);
  const connectOnce: buildConnector.connector = (to, callback) =>
    connect(to, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error === null) callback(null, socket);
      else callback(codeOf(error) === 'UND_ERR_SOCKET' ? tunnelClosed() : error, null);
    });
  return new Pool(origin, { ...options, connect: connectOnce });
}

function tunnelClosed(): Error {
  return Object.assign(new Error('The proxy closed the connection'), { code: 'PROXY_CLOSED' });
}
