// The routes of a daemon that serves: probes and metrics for machines, and pages for people. Read-only.
import { type Context, Hono } from 'hono';
import { StateError } from '../../base/errors.ts';
import { hideSecrets } from '../../base/secrets.ts';
import { pageScript } from '../../render/page/page-script.ts';
import { pageStyle } from '../../render/page/page-style.ts';
import { roughText } from '../../render/status-page/ages.ts';
import { notFoundPage } from '../../render/status-page/not-found-page.ts';
import { statusStyle } from '../../render/status-page/status-style.ts';
import { eventsOf, iconOf, ofEvents, text } from '../web/answers.ts';
import { guard } from '../web/guard.ts';
import type { OpenPages } from '../web/open-pages.ts';
import { type Answer, addPages } from './account-pages.ts';
import type { OperatorSource } from './operator-source.ts';
import type { Readiness } from './readiness.ts';
import type { ServeDeps } from './serve-deps.ts';

export interface Served {
  readonly deps: ServeDeps;
  readonly source: OperatorSource;
  readonly readiness: Readiness;
  readonly pages: OpenPages;
}

export interface AppOptions {
  /** Names of this server beside those of loopback. */
  readonly hosts: readonly string[];
  /** Null: the daemon is still starting. */
  readonly served: () => Served | null;
}

/** What machines ask, by whatever name: an address of a pod, or a service's. */
export const probes: readonly string[] = ['/healthz', '/readyz', '/metrics'];

export const misdirected =
  'This page answers to localhost, loopback addresses and the names of --serve-host only.\n';

export function serveApp({ hosts, served }: AppOptions): Hono {
  const app = new Hono();
  app.use(guard({ hosts, anyHost: probes, misdirected }));
  const route = (path: string, answer: (context: Context, served: Served) => Answer) => {
    app.get(path, (context) => {
      const now = served();
      return now === null ? context.text('The daemon is starting.\n', 503) : answer(context, now);
    });
  };
  addProbes(route);
  addPages(route);
  route('/events', (context, { source, pages }) => {
    if (context.req.method === 'HEAD') return context.body(null, 200, ofEvents);
    return eventsOf(context, pages.open(source.edition));
  });
  addParts(app);
  app.notFound((context) => context.html(notFoundPage('All widgets'), 404));
  app.onError((error, context) => {
    if (error instanceof StateError) return context.text(`${hideSecrets(error.message)}\n`, 503);
    served()?.deps.onBug(error);
    return context.text('The page could not be made; the log says why.\n', 500);
  });
  return app;
}

type Route = (path: string, answer: (context: Context, served: Served) => Answer) => void;

function addProbes(route: Route): void {
  route('/healthz', (context, { deps: { liveness } }) => {
    if (liveness.isAlive) return context.text('ok\n');
    return context.text(`no sign of work for ${roughText(liveness.silentMs)}\n`, 503);
  });
  route('/readyz', (context, { readiness: { reason } }) =>
    reason === null ? context.text('ready\n') : context.text(`not ready: ${reason}\n`, 503),
  );
  route('/metrics', async (context, { deps: { metrics } }) => {
    if (metrics === null) return context.text('There are no metrics here.\n', 404);
    const { contentType, text: rendered } = await metrics.render(
      context.req.header('accept') ?? null,
    );
    return context.body(hideSecrets(rendered), 200, { 'content-type': contentType });
  });
}

/** What the pages are made of, the same for all of them. */
export function addParts(app: Hono): void {
  app.get('/style.css', (context) => text(context, 'text/css', style));
  app.get('/script.js', (context) => text(context, 'text/javascript', script));
  app.get('/icon.svg', (context) => text(context, 'image/svg+xml', iconOf('#1d4ed8')));
}

const style = pageStyle + statusStyle;
const script = pageScript('The daemon does not answer: this page shows what it said last.');
