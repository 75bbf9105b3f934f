// Opens the server of `run --serve`, and shows it the daemon. Nothing of it is loaded without the flag.
import { messageOf, UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { version } from '../../base/version.ts';
import { urlOf } from '../../config/serve-address.ts';
import { parseWidgetId } from '../../model/widget.ts';
import type { Metrics } from '../../observe/metrics/open-metrics.ts';
import type { Serving } from '../../observe/serve/serving.ts';
import type { Liveness } from '../../observe/status/liveness.ts';
import type { StatusReporter } from '../../observe/status/status-reporter.ts';
import { onlyPlace } from '../../render/status-page/layout.ts';
import type { AppliedState } from '../../state/state-store.ts';
import { explainWidget } from '../../status/explain/explain.ts';
import type { TypedCommand } from '../../status/explain/explanation.ts';
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
  const { serve, serveHost } = request.settings;
  if (serve === null) return null;
  const { startServing } = await import('../../observe/serve/serving.ts');
  const { openMetrics } = await import('../../observe/metrics/open-metrics.ts');
  const { clock } = context;
  const onTrouble = (error: unknown) =>
    log.error({ error: messageOf(error) }, 'the server of the status page has failed');
  const options = { address: serve, hosts: serveHost, clock, onTrouble };
  const serving = await startServing(options).catch((error: unknown) => {
    if (error instanceof UsageError) throw new UsageError(`--serve: ${error.message}`);
    throw error;
  });
  const url = `${urlOf({ ...serve, port: serving.port })}/`;
  const { settings } = request;
  const program = ownCommand(context.env);
  const command = commandWith({ settings, apiUrl: settings.apiUrl, program });
  const isLocal = /^(127\.|::1$)/.test(serve.host);
  const reach = isLocal ? 'this machine' : `all that reach ${serve.host}`;
  return {
    show(job, daemon) {
      log.info({ url, reach }, 'serving');
      // A demo has no log of what goes well.
      if (isDemo(request)) context.stderr.write(`The status page is at ${url}\n`);
      const status = () => daemon.reporter.current();
      const metrics = openMetrics({ version, clock, status });
      job.parts.events.subscribe(metrics.hear);
      job.parts.events.subscribe(show(serving, { job, daemon, metrics, command, context }));
    },
    close: () => serving.close(),
  };
}

interface ToShow {
  readonly job: WritingJob;
  readonly daemon: Shown;
  readonly metrics: Metrics;
  readonly command: TypedCommand;
  readonly context: ProcessContext;
}

function recordOf({ widgetId }: WidgetStatus, { records }: Pick<AppliedState, 'records'>) {
  const known = parseWidgetId(widgetId);
  return known === null ? undefined : records.get(known);
}

function show(serving: Serving, { job, daemon, metrics, command, context: { clock } }: ToShow) {
  const { parts, log } = job;
  const { account, state, directory } = parts;
  const { reporter, liveness } = daemon;
  return serving.show({
    place: onlyPlace,
    clock,
    version,
    account: () => reporter.current(),
    records: state.records,
    released: account.policy.released,
    liveness,
    view: lookAtState(account, { clock }),
    directory,
    metrics,
    command,
    explain: (widget, lastWrite) =>
      explainWidget({
        ...{ widget, lastWrite, now: clock.now(), daemon: 'running', isHeld: true, command },
        record: reporter.current().record,
        applied: recordOf(widget, state) ?? null,
      }),
    onBug: (err) => log.error({ err }, 'a page could not be made; this is a bug'),
  });
}
