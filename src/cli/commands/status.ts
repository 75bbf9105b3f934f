// `status`: each widget's state and what stands in the way, from the state directory alone. Needs no key,
// no network and no lock: it can be asked beside a running daemon.
import { hostname } from 'node:os';
import { UsageError } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { printable } from '../../base/text.ts';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import { accountJson } from '../../status/account-json.ts';
import { accountStatus } from '../../status/account-status.ts';
import { daemonState, defaultMaxAgeMs } from '../../status/daemon-state.ts';
import { findWidgets } from '../../status/find-widget.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import type { AccountStatus, WidgetState, WidgetStatus } from '../../status/widget-status.ts';
import { openLog } from '../logging.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { apiToShow, lookAtState, sayWhose } from '../wiring/account-state.ts';
import { isToMend } from './print-problems.ts';
import type { Recorded } from './status-text.ts';
import { holderLine, statusText } from './status-text.ts';

export interface StatusRequest {
  readonly settings: Settings;
  readonly json: boolean;
  /** Only these widgets are shown, by file, id or name; null: all. */
  readonly widget: string | null;
  /** Only widgets in these states are shown; null: all. */
  readonly only: readonly WidgetState[] | null;
  /** The daemon has to run, and its heartbeat to be younger; null: it need not run. */
  readonly maxAgeMs: number | null;
  /** Shown again whenever it changes. */
  readonly watch: boolean;
}

/** How often `--watch` looks. */
const watchMs = 1000;

/**
 * Fails when something failed, is held for a reason to mend, nothing can be sent at all, the daemon that
 * should run does not, or none of it is known. A suspension does not count: it must not alarm a monitor
 * that watches this exit code.
 */
export async function status(request: StatusRequest, context: ProcessContext): Promise<ExitCode> {
  let shown = '';
  for (;;) {
    const recorded = await readRecorded(request, context);
    // The age of things changes by itself; what has to be shown again is another state.
    const content = fingerprint(recorded);
    if (content !== shown) show(request, recorded, context);
    shown = content;
    if (!request.watch || context.stop.aborted) return codeOf(request, recorded);
    await context.clock.sleep(watchMs, context.stop);
    if (context.stop.aborted) return codeOf(request, recorded);
  }
}

function fingerprint({ account, holder, damaged, daemon }: Recorded): string {
  const record = account.record && { ...account.record, time: null, lifetime: null };
  return stringifyJson({ ...account, record, holder, damaged, daemon } as never);
}

function show(request: StatusRequest, recorded: Recorded, context: ProcessContext): void {
  const { stdout, stderr } = context;
  const { damaged } = recorded;
  sayWhose(recorded.apiUrl, request.settings, context);
  if (damaged !== null) {
    stderr.write(
      `widget-sync: what the last pass found is not known: ${printable(damaged)} is damaged or of another version; the next pass writes it anew\n`,
    );
  }
  // A terminal shows the newest alone.
  const clear = request.watch && !request.json && stdout.isTerminal ? '\u001b[H\u001b[2J' : '';
  stdout.write(`${clear}${textOf(request, recorded, context)}\n`);
}

function textOf(request: StatusRequest, recorded: Recorded, context: ProcessContext): string {
  const { records, account, holder, daemon, damaged } = recorded;
  if (request.json) {
    const told = { records, account, holder, daemon, version, now: context.clock.now() };
    // One line each time, as a log has it.
    return stringifyJson(accountJson(told) as never, request.watch ? undefined : 2);
  }
  const isEmpty = records.length === 0 && account.record === null && damaged === null;
  return isEmpty ? nothingRecorded(request.settings, recorded) : statusText(recorded, context);
}

async function readRecorded(request: StatusRequest, context: ProcessContext): Promise<Recorded> {
  const { settings, json, maxAgeMs } = request;
  const log = openLog(settings, context, json ? 'json' : 'text');
  const told = {
    clock: context.clock,
    warn: (message: string, fields: object) => log.warn(fields, message),
  };
  const found = lookAtState(settings, told);
  await found.requireState();
  const apiUrl = await apiToShow(settings, found);
  const view = lookAtState({ state: settings.state, apiUrl }, told);
  const records = [...(await view.applied()).records.values()];
  const holder = await view.holder();
  const { status: record, damaged } = await view.status();
  const now = context.clock.now();
  const asked = { now, holder, host: hostname(), maxAgeMs: maxAgeMs ?? defaultMaxAgeMs };
  const daemon = daemonState(record, asked);
  const account = chosen(accountStatus(records, record), request);
  const widgetIds = new Set(account.widgets.map(({ widgetId }) => widgetId));
  const shown = records.filter(({ widgetId }) => widgetIds.has(widgetId));
  return { records: shown, account, damaged, apiUrl, holder, daemon };
}

/** The widgets that were asked for; what is in the way of all of them stays. */
function chosen(account: AccountStatus, { widget, only }: StatusRequest): AccountStatus {
  const found = widget === null ? account.widgets : oneOrMore(account.widgets, widget);
  const widgets = only === null ? found : found.filter(({ state }) => only.includes(state));
  return { ...account, widgets };
}

function oneOrMore(widgets: readonly WidgetStatus[], asked: string): readonly WidgetStatus[] {
  const found = findWidgets(widgets, asked);
  if (found.length > 0) return found;
  throw new UsageError(
    `--widget: no widget is known by the file, id or name ${printable(asked)}; widget-sync status lists all`,
  );
}

function codeOf({ maxAgeMs }: StatusRequest, recorded: Recorded): ExitCode {
  const { damaged, account, daemon } = recorded;
  const isMissing = daemon === 'gone' || (maxAgeMs !== null && daemon !== 'running');
  const isWell = damaged === null && !isMissing && isHealthy(account.record);
  return isWell ? exitCode.ok : exitCode.failed;
}

function isHealthy(record: StatusRecord | null): boolean {
  if (record === null) return true;
  const { obstacles, failed, held } = record;
  return obstacles.length === 0 && failed.length === 0 && !held.some(isToMend);
}

function nothingRecorded({ state }: Settings, { apiUrl, holder }: Recorded): string {
  const nothing = printable(
    `Nothing is recorded in the state directory ${state} for ${apiUrl} yet.`,
  );
  return holder === null ? nothing : `${nothing}\n${holderLine({ holder })}`;
}
