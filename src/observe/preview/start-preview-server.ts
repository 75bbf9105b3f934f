// The preview on loopback: a page, its pictures, and word of changes. Read-only, and it keeps nothing: what
// it shows comes from whoever starts it.
import { Hono } from 'hono';
import type { Clock } from '../../base/clock.ts';
import { loopback } from '../../base/net/listen.ts';
import { hideSecrets } from '../../base/secrets.ts';
import { pageScript } from '../../render/page/page-script.ts';
import { pageStyle } from '../../render/page/page-style.ts';
import { askedIn, eventsOf, iconOf, ofEvents, ofPicture, text } from '../web/answers.ts';
import { guard } from '../web/guard.ts';
import { OpenPages } from '../web/open-pages.ts';
import { startWebServer } from '../web/web-server.ts';

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
  const address = { host: loopback, port: wanted };
  const server = await startWebServer(fetch, { address, onTrouble: onBug }).catch(
    (error: unknown) => {
      pages.stop();
      throw error;
    },
  );
  return {
    // By number: a browser tries ::1 first for localhost, where another server may listen.
    url: `http://${loopback}:${server.port}`,
    changed: () => pages.tell(source.version),
    async close() {
      pages.stop();
      await server.close();
    },
  };
}

const rules = {
  hosts: [],
  anyHost: [],
  misdirected:
    'This page answers to localhost and 127.0.0.1 only: use the address that preview printed.\n',
};

function makeApp(source: PreviewSource, pages: OpenPages, onBug: (error: unknown) => void): Hono {
  const app = new Hono();
  app.use(guard(rules));
  app.get('/', (context) => context.html(hideSecrets(source.page(askedIn(context)))));
  app.get('/style.css', (context) => text(context, 'text/css', pageStyle));
  app.get('/script.js', (context) => text(context, 'text/javascript', script));
  app.get('/icon.svg', (context) => text(context, 'image/svg+xml', iconOf('#a21caf')));
  app.get('/pictures/:name{[0-9a-f]{64}\\.svg}', (context) => {
    const svg = source.picture(context.req.param('name').slice(0, 64));
    return svg === null ? context.notFound() : text(context, 'image/svg+xml', svg, ofPicture);
  });
  app.get('/events', (context) => {
    if (context.req.method === 'HEAD') return context.body(null, 200, ofEvents);
    return eventsOf(context, pages.open(source.version));
  });
  app.notFound((context) => context.text('There is no such page. The preview is at /.\n', 404));
  app.onError((error, context) => {
    onBug(error);
    return context.text('The page could not be made; the terminal of the preview says why.\n', 500);
  });
  return app;
}

const script = pageScript('The preview has ended: this page no longer follows the files.');
