// What processes have left of one account for `status` to show, and which of it was asked for.
import { hostname } from 'node:os';
import { stringifyJson } from '../../base/json/json-text.ts';
import type { Settings } from '../../config/settings.ts';
import type { StateView } from '../../state/state-store.ts';
import { accountStatus } from '../../status/account-status.ts';
import { daemonState, defaultMaxAgeMs } from '../../status/daemon-state.ts';
import { findWidgets } from '../../status/find-widget.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import type { AccountStatus, WidgetState, WidgetStatus } from '../../status/widget-status.ts';
import { isToMend } from '../commands/print-problems.ts';
import type { ProcessContext } from '../process-context.ts';
import { isInFiles, lookAtState, openView, readUnfollowed } from '../wiring/account-state.ts';
import type { Recorded } from './status-text.ts';

export interface Asked {
  /** Only these widgets are shown, by file, id or name; null: all. */
  readonly widget: string | null;
  /** Only widgets in these states are shown; null: all. */
  readonly only: readonly WidgetState[] | null;
  /** The daemon has to run, and its heartbeat to be younger; null: it need not run. */
  readonly maxAgeMs: number | null;
}

/** But for the records, which take longer. */
export interface Found
  extends Pick<Recorded, 'apiUrl' | 'holder' | 'damaged' | 'daemon' | 'needsDaemon'> {
  readonly view: StateView;
  readonly record: StatusRecord | null;
  /** Why the process that should follow the account does not; null: it does, or nothing is known of one. */
  readonly unfollowed: string | null;
}

export interface LookDeps extends Pick<ProcessContext, 'clock'> {
  readonly warn: (message: string, fields: object) => void;
}

/** Looks at what processes have left. Throws `StateError` where there is nothing to look at. */
export async function openLook(
  settings: Settings,
  { maxAgeMs }: Pick<Asked, 'maxAgeMs'>,
  told: LookDeps,
): Promise<() => Promise<Found>> {
  const { clock } = told;
  const { apiUrl } = await openView(settings, told);
  return async () => {
    // Anew each time: a view keeps the records that it has read.
    const view = lookAtState({ state: settings.state, apiUrl }, told);
    const holder = await view.holder();
    const { status: record, damaged } = await view.status();
    const asked = { now: clock.now(), host: hostname(), maxAgeMs: maxAgeMs ?? defaultMaxAgeMs };
    const daemon = daemonState(record, { ...asked, holder });
    const needsDaemon = maxAgeMs !== null;
    // Among replicas, whoever holds it runs, be it able to follow it or not.
    const isFollowed = daemon === 'running' && isInFiles(settings.state);
    const unfollowed = isFollowed ? null : await readUnfollowed(settings.state);
    return { view, apiUrl, holder, record, damaged, daemon, needsDaemon, unfollowed };
  };
}

/** All that was left but for signs of life: whoever sees the same need not read all records again. */
export function leftBehind(found: Omit<Found, 'view'>): string {
  const { record, holder, damaged, daemon, unfollowed } = found;
  const lifetime = record && { ...record.lifetime, heartbeat: null };
  return stringifyJson({ holder, damaged, daemon, unfollowed, record: { ...record, lifetime } });
}

/** Of what is shown all that does not change by the mere passing of time, or with each pass. */
export function contentOf({ account, holder, damaged, daemon }: Recorded): string {
  const record = account.record && { ...account.record, time: null, lifetime: null };
  return stringifyJson({ ...account, record, holder, damaged, daemon });
}

/** Null where a widget was asked for and none of that file, id or name is known. */
export async function readRecorded(
  found: Found,
  asked: Pick<Asked, 'widget' | 'only'>,
): Promise<(Recorded & Found) | null> {
  const { records } = await found.view.applied();
  const account = accountStatus(records.values(), found.record);
  const isAll = asked.widget === null && asked.only === null;
  if (isAll) return { ...found, records: [...records.values()], account };
  const shown = chosen(account, asked);
  if (shown === null) return null;
  const widgetIds = new Set(shown.widgets.map(({ widgetId }) => widgetId));
  const chosenRecords = [...records.values()].filter(({ widgetId }) => widgetIds.has(widgetId));
  return { ...found, records: chosenRecords, account: shown };
}

/** The widgets that were asked for; what is in the way of all of them stays. */
function chosen(
  account: AccountStatus,
  { widget, only }: Pick<Asked, 'widget' | 'only'>,
): AccountStatus | null {
  const found = widget === null ? account.widgets : findWidgets(account.widgets, widget);
  if (widget !== null && found.length === 0) return null;
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

/** Nobody has to do anything, and the daemon that should run does. */
export function isWell(recorded: Recorded & Pick<Found, 'unfollowed'>): boolean {
  const { damaged, account, daemon, needsDaemon, unfollowed } = recorded;
  const isMissing =
    unfollowed !== null || daemon === 'gone' || (needsDaemon && daemon !== 'running');
  return damaged === null && !isMissing && isHealthy(account.record);
}

function isHealthy(record: StatusRecord | null): boolean {
  if (record === null) return true;
  const { obstacles, failed, held } = record;
  return obstacles.length === 0 && failed.length === 0 && !held.some(isToMend);
}
