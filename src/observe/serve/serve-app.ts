// The routes of a daemon that serves: probes and metrics for machines, and pages for people. Read-only.
import { type Context, Hono } from 'hono';
import { StateError } from '../../base/errors.ts';
import { hideSecrets } from '../../base/secrets.ts';
import { pageScript } from '../../render/page/page-script.ts';
import { pageStyle } from '../../render/page/page-style.ts';
import { roughText } from '../../render/status-page/ages.ts';
import { notFoundPage } from '../../render/status-page/not-found-page.ts';
import { stateFrom } from '../../render/status-page/state-words.ts';
import { statusStyle } from '../../render/status-page/status-style.ts';
import { askedIn, eventsOf, iconOf, ofEvents, ofPicture, text } from '../web/answers.ts';
import { guard } from '../web/guard.ts';
import type { OpenPages } from '../web/open-pages.ts';
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
const probes = ['/healthz', '/readyz', '/metrics'];

export function serveApp({ hosts, served }: AppOptions): Hono {
  const app = new Hono();
  const misdirected =
    'This page answers to localhost, loopback addresses and the names of --serve-host only.\n';
  app.use(guard({ hosts, anyHost: probes, misdirected }));
  const route = (path: string, answer: (context: Context, served: Served) => Answer) => {
    app.get(path, (context) => {
      const now = served();
      return now === null ? context.text('The daemon is starting.\n', 503) : answer(context, now);
    });
  };
  addProbes(route);
  addPages(route);
  app.get('/style.css', (context) => text(context, 'text/css', style));
  app.get('/script.js', (context) => text(context, 'text/javascript', script));
  app.get('/icon.svg', (context) => text(context, 'image/svg+xml', iconOf('#1d4ed8')));
  app.notFound((context) => context.html(notFoundPage, 404));
  app.onError((error, context) => {
    if (error instanceof StateError) return context.text(`${hideSecrets(error.message)}\n`, 503);
    served()?.deps.onBug(error);
    return context.text('The page could not be made; the log says why.\n', 500);
  });
  return app;
}

type Answer = Response | Promise<Response>;
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

function addPages(route: Route): void {
  route('/', async (context, { source }) => {
    const named = context.req.query('state') ?? '';
    const state = stateFrom(named);
    if (named !== '' && state === null) return context.notFound();
    return context.html(await source.list({ ...askedIn(context), state }));
  });
  route('/plan', async (context, { source }) =>
    context.html(await source.plan(askedIn(context).page)),
  );
  route('/history', async (context, { source }) => context.html(await source.history()));
  route('/widgets/:id', async (context, { source }) => {
    const page = await source.widget(context.req.param('id') ?? '');
    return page === null ? context.notFound() : context.html(page);
  });
  route('/pictures/:name{[0-9a-f]{64}\\.svg}', (context, { source }) => {
    const svg = source.picture((context.req.param('name') ?? '').slice(0, 64));
    return svg === null ? context.notFound() : text(context, 'image/svg+xml', svg, ofPicture);
  });
  route('/status.json', async (context, { source }) =>
    context.body(await source.statusJson(), 200, { 'content-type': ofJson }),
  );
  route('/events', (context, { source, pages }) => {
    if (context.req.method === 'HEAD') return context.body(null, 200, ofEvents);
    return eventsOf(context, pages.open(source.edition));
  });
}

const ofJson = 'application/json; charset=utf-8';
const style = pageStyle + statusStyle;
const script = pageScript('The daemon does not answer: this page shows what it said last.');
