// `status`: each widget's state and what stands in the way, from the state directory alone. Needs no key,
// no network and no lock: it can be asked beside a running daemon.
import { hostname } from 'node:os';
import { UsageError } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { printable } from '../../base/text.ts';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import type { StateView } from '../../state/state-store.ts';
import { accountJson } from '../../status/account-json.ts';
import { accountStatus } from '../../status/account-status.ts';
import { daemonState, defaultMaxAgeMs } from '../../status/daemon-state.ts';
import { findWidgets } from '../../status/find-widget.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import type { AccountStatus, WidgetState, WidgetStatus } from '../../status/widget-status.ts';
import { isToMend } from '../commands/print-problems.ts';
import { openLog } from '../logging.ts';
import { type ExitCode, exitCode, isInteractive, type ProcessContext } from '../process-context.ts';
import { lookAtState, openView, sayDamaged, sayWhose } from '../wiring/account-state.ts';
import { daemonLine, holderLine } from './daemon-lines.ts';
import { type Recorded, statusText } from './status-text.ts';

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
 * Fails when something that is shown failed or is held for a reason to mend, nothing can be sent at all, the
 * daemon that should run does not, or none of it is known. A suspension does not count: it must not
 * alarm a monitor that watches this exit code.
 */
export async function status(request: StatusRequest, context: ProcessContext): Promise<ExitCode> {
  const look = await openLook(request, context);
  let recorded = await readRecorded(await look(), request);
  sayWhose(recorded.apiUrl, request.settings, context);
  show(request, recorded, context);
  let shown = contentOf(recorded);
  while (request.watch && !context.stop.aborted) {
    await context.clock.sleep(watchMs, context.stop);
    if (context.stop.aborted) break;
    const found = await look();
    // Whatever is recorded is told of in the status, and reading all records again costs more.
    if (isSame(found, recorded)) continue;
    recorded = await readRecorded(found, request);
    const content = contentOf(recorded);
    if (content !== shown) show(request, recorded, context);
    shown = content;
  }
  return codeOf(recorded);
}

/** Looks at what processes have left; the records are read only where they are asked for. */
async function openLook(
  { settings, json, maxAgeMs }: StatusRequest,
  context: ProcessContext,
): Promise<() => Promise<Found>> {
  const { clock } = context;
  const log = openLog(settings, context, json ? 'json' : 'text');
  const warn = (message: string, fields: object) => log.warn(fields, message);
  const { apiUrl } = await openView(settings, { clock, warn });
  return async () => {
    // Anew each time: a view keeps the records that it has read.
    const view = lookAtState({ state: settings.state, apiUrl }, { clock, warn });
    const holder = await view.holder();
    const { status: record, damaged } = await view.status();
    const asked = { now: clock.now(), host: hostname(), maxAgeMs: maxAgeMs ?? defaultMaxAgeMs };
    const daemon = daemonState(record, { ...asked, holder });
    const needsDaemon = maxAgeMs !== null;
    return { view, apiUrl, holder, record, damaged, daemon, needsDaemon };
  };
}

interface Found extends Pick<Recorded, 'apiUrl' | 'holder' | 'damaged' | 'daemon' | 'needsDaemon'> {
  readonly view: StateView;
  readonly record: StatusRecord | null;
}

/** But for signs of life. */
function isSame(found: Found, before: Found): boolean {
  return leftBehind(found) === leftBehind(before);
}

function leftBehind({ record, holder, damaged, daemon }: Found): string {
  const lifetime = record && { ...record.lifetime, heartbeat: null };
  return stringifyJson({ holder, damaged, daemon, record: { ...record, lifetime } });
}

/** Of what is shown all that does not change by the mere passing of time, or with each pass. */
function contentOf({ account, holder, damaged, daemon }: Recorded): string {
  const record = account.record && { ...account.record, time: null, lifetime: null };
  return stringifyJson({ ...account, record, holder, damaged, daemon });
}

async function readRecorded(found: Found, request: StatusRequest): Promise<Recorded & Found> {
  const { records } = await found.view.applied();
  const account = accountStatus(records.values(), found.record);
  const isAll = request.widget === null && request.only === null;
  if (isAll) return { ...found, records: [...records.values()], account };
  const shown = chosen(account, request);
  const widgetIds = new Set(shown.widgets.map(({ widgetId }) => widgetId));
  const chosenRecords = [...records.values()].filter(({ widgetId }) => widgetIds.has(widgetId));
  return { ...found, records: chosenRecords, account: shown };
}

/** The widgets that were asked for; what is in the way of all of them stays. */
function chosen(account: AccountStatus, { widget, only }: StatusRequest): AccountStatus {
  const found = widget === null ? account.widgets : oneOrMore(account.widgets, widget);
  const widgets = only === null ? found : found.filter(({ state }) => only.includes(state));
  const { record } = account;
  return { ...account, widgets, record: record && onlyOf(widgets, record) };
}

function onlyOf(widgets: readonly WidgetStatus[], record: StatusRecord): StatusRecord {
  const widgetIds = new Set(widgets.map(({ widgetId }) => widgetId));
  const files = new Set(widgets.map(({ file }) => file));
  const isOfOne = (finding: { readonly widgetId: string | null; readonly file: string }) =>
    finding.widgetId === null ? files.has(finding.file) : widgetIds.has(finding.widgetId);
  return {
    ...record,
    queue: record.queue.filter(isOfOne),
    held: record.held.filter(isOfOne),
    failed: record.failed.filter(isOfOne),
    drifted: record.drifted.filter(isOfOne),
    orphaned: record.orphaned.filter(isOfOne),
    kept: record.kept.filter(isOfOne),
  };
}

function oneOrMore(widgets: readonly WidgetStatus[], asked: string): readonly WidgetStatus[] {
  const found = findWidgets(widgets, asked);
  if (found.length > 0) return found;
  throw new UsageError(
    `--widget: no widget is known by the file, id or name ${printable(asked)}; widget-sync status lists all`,
  );
}

function show(request: StatusRequest, recorded: Recorded, context: ProcessContext): void {
  const { stdout } = context;
  const { damaged } = recorded;
  sayDamaged(damaged, context);
  if (request.json) {
    const { records, account, holder, daemon } = recorded;
    const told = { records, account, holder, daemon, version, now: context.clock.now() };
    // One line each time, as a log has it.
    stdout.write(`${stringifyJson(accountJson(told), request.watch ? 0 : 2)}\n`);
  } else {
    stdout.write(`${beforeAnother(request, context)}${textOf(request, recorded, context)}\n`);
  }
}

/** A terminal shows the newest alone; in a pipe an empty line parts one from the next. */
function beforeAnother({ watch }: StatusRequest, { stdout, env }: ProcessContext): string {
  if (!watch) return '';
  return isInteractive(stdout, env) ? '\u001b[H\u001b[2J\u001b[3J' : '\n';
}

function textOf(request: StatusRequest, recorded: Recorded, context: ProcessContext): string {
  const { records, account, damaged } = recorded;
  const isEmpty = records.length === 0 && account.record === null && damaged === null;
  if (isEmpty) return nothingRecorded(request.settings, recorded, context.clock.now());
  return statusText(recorded, context);
}

function codeOf({ damaged, account, daemon, needsDaemon }: Recorded): ExitCode {
  const isMissing = daemon === 'gone' || (needsDaemon && daemon !== 'running');
  const isWell = damaged === null && !isMissing && isHealthy(account.record);
  return isWell ? exitCode.ok : exitCode.failed;
}

function isHealthy(record: StatusRecord | null): boolean {
  if (record === null) return true;
  const { obstacles, failed, held } = record;
  return obstacles.length === 0 && failed.length === 0 && !held.some(isToMend);
}

function nothingRecorded({ state }: Settings, recorded: Recorded, now: Date): string {
  const { apiUrl, holder } = recorded;
  const nothing = `Nothing is recorded in the state directory ${state} for ${apiUrl} yet.`;
  const working = { ...recorded, record: null };
  const held = holder === null ? [] : [holderLine(working, now)];
  return [printable(nothing), ...held, ...daemonLine(working, now)].join('\n');
}
