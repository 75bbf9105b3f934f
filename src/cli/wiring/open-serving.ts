// Opens the server of `run --serve`, and shows it the daemon. Nothing of it is loaded without the flag.
import { messageOf, UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { version } from '../../base/version.ts';
import { type ServeAddress, urlOf } from '../../config/serve-address.ts';
import type { Settings } from '../../config/settings.ts';
import { parseWidgetId } from '../../model/widget.ts';
import type { ServeDeps } from '../../observe/serve/serve-deps.ts';
import type { ServingOptions } from '../../observe/serve/serving.ts';
import type { Liveness } from '../../observe/status/liveness.ts';
import type { StatusReporter } from '../../observe/status/status-reporter.ts';
import { onlyPlace } from '../../render/status-page/layout.ts';
import type { AppliedState } from '../../state/state-store.ts';
import { explainWidget } from '../../status/explain/explain.ts';
import type { WidgetStatus } from '../../status/widget-status.ts';
import { ownCommand, type ProcessContext } from '../process-context.ts';
import type { Request } from './account.ts';
import { lookAtState } from './account-state.ts';
import { commandWith } from './command-with.ts';
import { isDemo } from './run-output.ts';
import type { WritingJob } from './wire.ts';

export interface OpenServing {
  /** To be called before anything happens that is to be shown. */
  show(job: WritingJob, daemon: Shown): void;
  close(): Promise<void>;
}

interface Shown {
  readonly reporter: StatusReporter;
  readonly liveness: Liveness;
}

/** Null where nothing is to be served. Throws `UsageError` where it cannot listen. */
export async function openServing(
  request: Pick<Request, 'settings' | 'useSandbox'>,
  log: Log,
  context: ProcessContext,
): Promise<OpenServing | null> {
  const { settings } = request;
  const { serve } = settings;
  if (serve === null) return null;
  const { startServing: start } = await import('../../observe/serve/serving.ts');
  const { openMetrics } = await import('../../observe/metrics/open-metrics.ts');
  const { clock } = context;
  const { server, url, sayServing } = await openServer({ settings, serve, start }, log, context);
  const program = ownCommand(context.env);
  const command = commandWith({ settings, apiUrl: settings.apiUrl, program });
  return {
    show(job, daemon) {
      sayServing();
      // A demo has no log of what goes well.
      if (isDemo(request)) context.stderr.write(`The status page is at ${url}\n`);
      const status = () => daemon.reporter.current();
      const metrics = openMetrics({ version, clock, status });
      job.parts.events.subscribe(metrics.hear);
      const shown = { place: onlyPlace, metrics, command, context };
      job.parts.events.subscribe(server.show(serveDepsOf({ ...job, ...settings }, daemon, shown)));
    },
    close: () => server.close(),
  };
}

interface ToListen<Server> {
  readonly settings: Pick<Settings, 'serveHost'>;
  readonly serve: ServeAddress;
  readonly start: (options: ServingOptions) => Promise<Server>;
}

/** Throws `UsageError` where it cannot listen. */
export async function openServer<Server extends { readonly port: number }>(
  { settings, serve, start }: ToListen<Server>,
  log: Log,
  { clock }: Pick<ProcessContext, 'clock'>,
): Promise<{ readonly server: Server; readonly url: string; readonly sayServing: () => void }> {
  const onTrouble = (error: unknown) =>
    log.error({ error: messageOf(error) }, 'the server of the status page has failed');
  const options = { address: serve, hosts: settings.serveHost, clock, onTrouble };
  const server = await start(options).catch((error: unknown) => {
    if (error instanceof UsageError) throw new UsageError(`--serve: ${error.message}`);
    throw error;
  });
  const url = `${urlOf({ ...serve, port: server.port })}/`;
  const isLocal = /^(127\.|::1$)/.test(serve.host);
  const reach = isLocal ? 'this machine' : `all that reach ${serve.host}`;
  return { server, url, sayServing: () => log.info({ url, reach }, 'serving') };
}

interface ToShow extends Pick<ServeDeps, 'place' | 'metrics' | 'command'> {
  readonly context: Pick<ProcessContext, 'clock'>;
}

function recordOf({ widgetId }: WidgetStatus, { records }: Pick<AppliedState, 'records'>) {
  const known = parseWidgetId(widgetId);
  return known === null ? undefined : records.get(known);
}

/** What the pages of an account are made from. */
export function serveDepsOf(
  { parts, log, serveSnapshot }: WritingJob & Pick<Settings, 'serveSnapshot'>,
  { reporter, liveness }: Shown,
  { place, metrics, command, context: { clock } }: ToShow,
): ServeDeps {
  const { account, state, directory } = parts;
  return {
    ...{ place, clock, version, liveness, directory, metrics, command },
    account: () => reporter.current(),
    records: state.records,
    released: account.policy.released,
    snapshot: serveSnapshot === 'off' ? null : serveSnapshot,
    view: lookAtState(account, { clock }),
    explain: (widget, lastWrite) =>
      explainWidget({
        ...{ widget, lastWrite, now: clock.now(), daemon: 'running', isHeld: true, command },
        record: reporter.current().record,
        applied: recordOf(widget, state) ?? null,
      }),
    onBug: (err) => log.error({ err }, 'a page could not be made; this is a bug'),
  };
}
