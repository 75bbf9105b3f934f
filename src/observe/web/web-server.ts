// A server of pages for people, within limits that no client may stretch.
import { createAdaptorServer } from '@hono/node-server';
import { closeServer, type ListenAddress, listenAt } from '../../base/net/listen.ts';
import { ofEvents } from './answers.ts';

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
  /** Longest time for an answer to be taken, but for events. */
  readonly answerMs?: number;
}

type Fetch = (request: Request) => Response | Promise<Response>;

/** Throws `UsageError` when it cannot listen at the address. */
export async function startWebServer(
  fetch: Fetch,
  { address, onTrouble, headersMs = 10_000, answerMs = 30_000 }: WebServerOptions,
): Promise<WebServer> {
  const server = createAdaptorServer({
    fetch: async (request, { outgoing }) => {
      const answer = await fetch(request);
      const isEvents = answer.headers.get('content-type') === ofEvents['content-type'];
      if (!isEvents) cutAfter(answerMs, outgoing);
      return answer;
    },
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
  server.maxConnections = mostConnections;
  const port = await listenAt(server, address);
  server.on('error', onTrouble);
  return { port, close: () => closeServer(server) };
}

/** Fifty pages that follow have two each when they are told of a change, and probes need one, too. */
const mostConnections = 200;

interface Outgoing {
  destroy(): unknown;
  once(event: 'close', hear: () => void): unknown;
}

/** Who reads slowly, or not at all, would keep the place of another: a probe needs one, too. */
function cutAfter(answerMs: number, outgoing: Outgoing): void {
  const timer = setTimeout(() => outgoing.destroy(), answerMs);
  timer.unref();
  outgoing.once('close', () => clearTimeout(timer));
}
