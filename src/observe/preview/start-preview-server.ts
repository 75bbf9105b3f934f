// The preview on loopback: a page, its pictures, and word of changes. Read-only, and it keeps nothing: what
// it shows comes from whoever starts it.
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Clock } from '../../base/clock.ts';
import { closeServer, listenOnLoopback, loopback } from '../../base/net/listen.ts';
import { hideSecrets } from '../../base/secrets.ts';
import { pageScript } from '../../render/page/page-script.ts';
import { pageStyle } from '../../render/page/page-style.ts';
import { guard } from './guard.ts';
import { OpenPages } from './open-pages.ts';

export interface PreviewSource {
  /** Counts up with every change. */
  readonly version: number;
  /** The page, whole. `page` from 1. */
  page(asked: { readonly query: string; readonly page: number }): string;
  /** An SVG by the SHA-256 (hex) of its text, as some page names it; null for others. */
  picture(digest: string): string | null;
}

export interface PreviewServer {
  readonly url: string;
  /** Browsers are told that the source has another version. */
  changed(): void;
  /** Cuts every connection at once. May be called again. */
  close(): Promise<void>;
}

export interface PreviewServerOptions {
  /** 0 takes any free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly onBug: (error: unknown) => void;
}

/** Throws `UsageError` when it cannot listen on the port. */
export async function startPreviewServer(
  source: PreviewSource,
  { port: wanted, clock, onBug }: PreviewServerOptions,
): Promise<PreviewServer> {
  const pages = new OpenPages(clock);
  void pages.ended.catch(onBug);
  const { fetch } = makeApp(source, pages, onBug);
  const server = createAdaptorServer({
    fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      maxHeaderSize: 8192,
      headersTimeout: 10_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: 1000,
    },
  });
  if (!('closeAllConnections' in server)) throw new Error('expected a server of HTTP/1.1');
  server.maxConnections = 100;
  const port = await listenOnLoopback(server, wanted).catch((error: unknown) => {
    pages.stop();
    throw error;
  });
  return {
    // By number: a browser tries ::1 first for localhost, where another server may listen.
    url: `http://${loopback}:${port}`,
    changed: () => pages.tell(source.version),
    async close() {
      pages.stop();
      await closeServer(server);
    },
  };
}

function makeApp(source: PreviewSource, pages: OpenPages, onBug: (error: unknown) => void): Hono {
  const app = new Hono();
  app.use(guard);
  app.get('/', (context) => context.html(hideSecrets(source.page(askedIn(context)))));
  app.get('/style.css', (context) => text(context, 'text/css', pageStyle));
  app.get('/script.js', (context) => text(context, 'text/javascript', pageScript));
  app.get('/icon.svg', (context) => text(context, 'image/svg+xml', icon));
  app.get('/pictures/:name{[0-9a-f]{64}\\.svg}', (context) => {
    const svg = source.picture(context.req.param('name').slice(0, 64));
    return svg === null ? context.notFound() : text(context, 'image/svg+xml', svg, ofPicture);
  });
  app.get('/events', (context) => {
    if (context.req.method === 'HEAD') return context.body(null, 200, ofEvents);
    const events = pages.open(source.version);
    if (events !== null) return context.body(events, 200, ofEvents);
    return context.text('Too many pages are open: close some of them.\n', 503);
  });
  app.notFound((context) => context.text('There is no such page. The preview is at /.\n', 404));
  app.onError((error, context) => {
    onBug(error);
    return context.text('The page could not be made; the terminal of the preview says why.\n', 500);
  });
  return app;
}

function askedIn({ req }: Context) {
  const page = req.query('page') ?? '';
  return {
    query: (req.query('q') ?? '').slice(0, 200),
    page: /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1,
  };
}

function text(
  context: Context,
  type: string,
  content: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return context.body(content, 200, { 'content-type': `${type}; charset=utf-8`, ...headers });
}

const ofEvents = { 'content-type': 'text/event-stream' };

/** Its name is its content. Opened alone, it is a document, and may do nothing. */
const ofPicture = {
  'cache-control': 'private, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'; sandbox",
};

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#a21caf"/><path d="M9 9h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6l-5 4v-4H9a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2z" fill="#ffffff"/></svg>\n';
