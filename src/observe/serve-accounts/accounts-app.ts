// The routes of a daemon that serves many accounts: the list, the pages of each, and probes and metrics over
// all of them. Read-only.
import { type Context, Hono } from 'hono';
import type { Clock } from '../../base/clock.ts';
import { StateError } from '../../base/errors.ts';
import { hideSecrets } from '../../base/secrets.ts';
import { accountStateFrom } from '../../render/status-page/accounts-page.ts';
import { notFoundPage } from '../../render/status-page/not-found-page.ts';
import type { AccountsMetrics } from '../metrics/accounts-metrics.ts';
import { addPages } from '../serve/account-pages.ts';
import { addParts, misdirected, probes } from '../serve/serve-app.ts';
import { askedIn, eventsOf, ofEvents, text } from '../web/answers.ts';
import { guard } from '../web/guard.ts';
import type { OpenPages } from '../web/open-pages.ts';
import { type ListedAccounts, problemText } from './accounts-list.ts';
import { AccountsReadiness, stalledReason } from './accounts-probes.ts';
import type { AccountsSource } from './accounts-source.ts';
import type { FollowedPages } from './followed-pages.ts';

export interface ServedAccounts {
  readonly listed: ListedAccounts;
  readonly source: AccountsSource;
  readonly followed: ReadonlyMap<string, FollowedPages>;
  readonly metrics: Pick<AccountsMetrics, 'render' | 'renderOf'>;
  readonly pages: OpenPages;
  /** A page could not be made: the daemon goes on. */
  readonly onBug: (error: unknown) => void;
}

export interface AccountsAppOptions {
  /** Names of this server beside those of loopback. */
  readonly hosts: readonly string[];
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Null: the daemon is still starting. */
  readonly served: () => ServedAccounts | null;
}

type Answer = Response | Promise<Response>;
type Route = (path: string, answer: (context: Context, served: ServedAccounts) => Answer) => void;

export function accountsApp({ hosts, clock, served }: AccountsAppOptions): Hono {
  const app = new Hono();
  app.use(guard({ hosts, anyHost: probes, misdirected }));
  const route: Route = (path, answer) => {
    app.get(path, (context) => {
      const now = served();
      return now === null ? context.text('The daemon is starting.\n', 503) : answer(context, now);
    });
  };
  addProbes(route, clock);
  addMetrics(route);
  addList(route);
  addAccounts(route);
  addParts(app);
  app.notFound((context) => context.html(notFoundPage('All accounts'), 404));
  app.onError((error, context) => {
    if (error instanceof StateError) return context.text(`${hideSecrets(error.message)}\n`, 503);
    served()?.onBug(error);
    return context.text('The page could not be made; the log says why.\n', 500);
  });
  return app;
}

function addProbes(route: Route, clock: Pick<Clock, 'monotonicMs'>): void {
  const readiness = new AccountsReadiness(clock);
  route('/healthz', (context, { followed }) => {
    const reason = stalledReason(followed);
    return reason === null ? context.text('ok\n') : context.text(`${reason}\n`, 503);
  });
  route('/readyz', (context, { listed, followed }) => {
    const standing = listed.names().map((name) => {
      return { name, trouble: listed.trouble(name) };
    });
    // Of few accounts a replica may hold none, and none for its first minute: it is what goes on with those of others.
    if (standing.length === 0 && listed.standsBy()) {
      readiness.standsBy();
      return context.text('ready, holds no account\n');
    }
    const reason = readiness.reason(standing, followed, () => whyNone(listed));
    return reason === null ? context.text('ready\n') : context.text(`not ready: ${reason}\n`, 503);
  });
}

function whyNone(listed: Pick<ListedAccounts, 'problems' | 'elsewhere'>): string {
  const [problem] = listed.problems();
  if (problem !== undefined) {
    return `there is no account in the file of accounts: ${problemText(problem)}`;
  }
  return listed.elsewhere().length === 0
    ? 'there is no account in the file of accounts: it names none'
    : 'it can hold no account: it has no session with PostgreSQL; its log says why';
}

function addMetrics(route: Route): void {
  route('/metrics', async (context, { metrics }) => {
    const accept = context.req.header('accept') ?? null;
    const name = context.req.query('account');
    const exposed =
      name === undefined ? await metrics.render(accept) : await metrics.renderOf(name, accept);
    if (exposed === null) return context.text('No account of that name is followed.\n', 404);
    const { contentType, text: rendered } = exposed;
    return context.body(hideSecrets(rendered), 200, { 'content-type': contentType });
  });
}

function addList(route: Route): void {
  route('/', async (context, { source }) => {
    const named = context.req.query('state') ?? '';
    const state = accountStateFrom(named);
    if (named !== '' && state === null) return context.notFound();
    return context.html(await source.page({ ...askedIn(context), state }));
  });
  route('/status.json', async (context, { source }) =>
    text(context, 'application/json', await source.statusJson()),
  );
  route('/events', (context, { source, listed, pages }) => {
    if (context.req.method === 'HEAD') return context.body(null, 200, ofEvents);
    const editions = listed.names().map((name) => `${source.editionOf(name)} ${name}`);
    return eventsOf(context, pages.open(source.edition, ...editions));
  });
}

const anyAccount = '/accounts/:account{[a-z0-9][a-z0-9-]*}';

function addAccounts(route: Route): void {
  route(anyAccount, (context) => context.redirect(`${context.req.path}/`));
  addPages((path, answer) => {
    route(`${anyAccount}${path}`, (context, { source, followed }) => {
      const name = context.req.param('account') ?? '';
      const pages = followed.get(name);
      if (pages !== undefined) return answer(context, pages);
      const aside = path === '/' ? source.aside(name) : null;
      return aside === null ? context.notFound() : context.html(aside);
    });
  });
}
