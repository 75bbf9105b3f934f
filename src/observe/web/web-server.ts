// A server of pages for people, within limits that no client may stretch.
import { createAdaptorServer } from '@hono/node-server';
import { closeServer, type ListenAddress, listenAt } from '../../base/net/listen.ts';

export interface WebServer {
  readonly port: number;
  /** Cuts every connection at once. May be called again. */
  close(): Promise<void>;
}

export interface WebServerOptions {
  readonly address: ListenAddress;
  /** The server itself failed later; it may still serve. */
  readonly onTrouble: (error: Error) => void;
  /** Longest time for the headers of a request. */
  readonly headersMs?: number;
}

/** Throws `UsageError` when it cannot listen at the address. */
export async function startWebServer(
  fetch: (request: Request) => Response | Promise<Response>,
  { address, onTrouble, headersMs = 10_000 }: WebServerOptions,
): Promise<WebServer> {
  const server = createAdaptorServer({
    fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      maxHeaderSize: 8192,
      headersTimeout: headersMs,
      requestTimeout: headersMs,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: 1000,
    },
  });
  if (!('closeAllConnections' in server)) throw new Error('expected a server of HTTP/1.1');
  server.maxConnections = 100;
  const port = await listenAt(server, address);
  server.on('error', onTrouble);
  return { port, close: () => closeServer(server) };
}
