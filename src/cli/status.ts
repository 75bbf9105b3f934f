// `status`: what is applied and what stands in the way, from the state directory alone. Needs no key,
// no network and no lock: it can be asked beside a running daemon.
import type { Colors } from 'picocolors/types.js';
import { parseApiUrl } from '../api/base-url.ts';
import { fieldName } from '../plan/render-values.ts';
import type { Settings } from '../settings.ts';
import { requireStateDirectory } from '../state/read-api-urls.ts';
import type { AppliedRecord } from '../state/record.ts';
import { statusJson } from '../state/status-format.ts';
import type {
  DriftedStatus,
  FailedStatus,
  HeldStatus,
  StatusRecord,
  WidgetFileStatus,
} from '../state/status-record.ts';
import { readState, readStatus } from '../state/store.ts';
import { count, printable } from '../text.ts';
import { version } from '../version.ts';
import { openLog } from './logging.ts';
import { isToMend } from './print-problems.ts';
import { apiToShow } from './state-origin.ts';
import { coloursFor, type ExitCode, exitCode, type Surroundings } from './surroundings.ts';
import { type Cell, localTime, type Row, renderTable, widthOf } from './table.ts';

export interface StatusRequest {
  readonly settings: Settings;
  readonly json: boolean;
}

/** What the state directory says. */
interface Recorded {
  readonly applied: readonly AppliedRecord[];
  /** Null: no pass was recorded. */
  readonly lastPass: StatusRecord | null;
  readonly apiUrl: string;
}

/**
 * Fails when something failed, is held for a reason to mend, or nothing can be sent at all. A
 * suspension does not count: whoever watches this exit code must not be woken by it.
 */
export async function status(request: StatusRequest, world: Surroundings): Promise<ExitCode> {
  const { stdout } = world;
  const recorded = await readRecorded(request.settings, world);
  const { applied, lastPass } = recorded;
  sayWhose(recorded, request.settings, world);
  if (request.json) {
    stdout.write(`${JSON.stringify(recordedJson(recorded), null, 2)}\n`);
  } else if (applied.length === 0 && lastPass === null) {
    stdout.write(`${nothingRecorded(request.settings, recorded)}\n`);
  } else {
    stdout.write(`${statusText(recorded, world)}\n`);
  }
  return isHealthy(lastPass) ? exitCode.ok : exitCode.failed;
}

/** Said where it is not what the other commands would use. */
function sayWhose({ apiUrl }: Recorded, { state, ...asked }: Settings, { stderr }: Surroundings) {
  if (asked.given.has('apiUrl') || apiUrl === parseApiUrl(asked.apiUrl)) return;
  stderr.write(
    `widget-sync: ${printable(state)} is the state of ${printable(apiUrl)}; commands that ask or send need --api-url for it\n`,
  );
}

async function readRecorded(settings: Settings, world: Surroundings): Promise<Recorded> {
  const log = openLog(settings, world, 2);
  await requireStateDirectory(settings.state);
  const apiUrl = await apiToShow(settings);
  const state = await readState({
    directory: settings.state,
    apiUrl,
    reader: version,
    warn: (message, fields) => log.warn(fields, message),
  });
  const applied = [...state.records.values()].sort(byFile);
  return { applied, lastPass: await readStatus(settings.state, apiUrl), apiUrl };
}

function byFile(a: AppliedRecord, b: AppliedRecord): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.widgetId < b.widgetId ? -1 : 1;
}

function isHealthy(lastPass: StatusRecord | null): boolean {
  if (lastPass === null) return true;
  const { blocked, failed, held } = lastPass;
  return blocked === null && failed.length === 0 && !held.some(isToMend);
}

function nothingRecorded({ state }: Settings, { apiUrl }: Recorded): string {
  return printable(`Nothing is recorded in the state directory ${state} for ${apiUrl} yet.`);
}

const noPass = {
  time: null,
  command: null,
  directory: null,
  revision: null,
  blocked: null,
  refused_checksum: null,
  pending: null,
};
const noFindings = { held: [], failed: [], drifted: [], orphaned: [] };

function recordedJson({ applied, lastPass }: Recorded): object {
  const found = lastPass === null ? { ...noPass, ...noFindings } : statusJson(lastPass);
  const { held, failed, drifted, orphaned, ...pass } = found;
  return {
    format_version: '1.0',
    ...pass,
    applied: applied.map(({ widgetId, file, hash, revision, appliedAt }) => ({
      widget_id: widgetId,
      file,
      hash,
      revision,
      applied_at: appliedAt.toISOString(),
    })),
    held,
    failed,
    drifted,
    orphaned,
    summary: {
      applied: applied.length,
      held: held.length,
      failed: failed.length,
      drifted: drifted.length,
      orphaned: orphaned.length,
    },
  };
}

/** What needs a look stands below what is well: the end of a long text is what a terminal shows. */
function statusText({ applied, lastPass }: Recorded, world: Surroundings): string {
  const colours = coloursFor(world.stdout, world.env);
  const width = widthOf(world.stdout);
  const { held = [], failed = [], drifted = [], orphaned = [] } = lastPass ?? {};
  const tables = [
    appliedRows(applied, colours),
    heldRows(held, colours),
    failedRows(failed, colours),
    driftedRows(drifted, colours),
    orphanedRows(orphaned, colours),
  ];
  const sections = tables
    .filter((rows) => rows.length > 1)
    .map((rows) => renderTable(rows, width).join('\n'));
  const sum = `${applied.length} applied, ${held.length} held, ${failed.length} failed, ${drifted.length} drifted, ${orphaned.length} orphaned.`;
  const blocked = lastPass?.blocked ?? null;
  const stop = blocked === null ? [] : [colours.red(printable(`Blocked: ${blocked}`))];
  const end = `${lastPassLine(lastPass, world.clock.now())}\n${colours.bold(sum)}`;
  return [...sections, ...stop, end].join('\n\n');
}

function appliedRows(applied: readonly AppliedRecord[], colours: Colors): Row[] {
  const rows = applied.map(({ widgetId, file, hash, revision, appliedAt }) => [
    file,
    shortId(widgetId, colours),
    localTime(appliedAt),
    shortRevision(revision),
    { text: hash.slice(0, 8), paint: colours.dim },
  ]);
  return [heads(['APPLIED', 'WIDGET', 'WHEN', 'REVISION', 'HASH'], colours.green), ...rows];
}

function heldRows(held: readonly HeldStatus[], colours: Colors): Row[] {
  const rows = held.map(({ widgetId, file, code, message }) => [
    file,
    shortId(widgetId, colours),
    { text: code, paint: isToMend({ code }) ? colours.yellow : colours.dim },
    message,
  ]);
  return [heads(['HELD', 'WIDGET', 'CODE', 'REASON'], colours.yellow), ...rows];
}

function failedRows(failed: readonly FailedStatus[], colours: Colors): Row[] {
  const rows = failed.map(({ widgetId, file, error, attempts, time }) => [
    file,
    shortId(widgetId, colours),
    localTime(time),
    String(attempts),
    error,
  ]);
  return [heads(['FAILED', 'WIDGET', 'LAST TRIED', 'ATTEMPTS', 'ERROR'], colours.red), ...rows];
}

function driftedRows(drifted: readonly DriftedStatus[], colours: Colors): Row[] {
  const rows = drifted.map(({ widgetId, file, why, until, fields }) => [
    file,
    shortId(widgetId, colours),
    why === 'policy' ? 'only reported' : foughtOver(until),
    fields.map(fieldName).join(', '),
  ]);
  return [heads(['DRIFTED', 'WIDGET', 'CORRECTION', 'FIELDS'], colours.magenta), ...rows];
}

function foughtOver(until: Date | null): string {
  return until === null ? 'fought over' : `fought over, not before ${localTime(until)}`;
}

function orphanedRows(orphaned: readonly WidgetFileStatus[], colours: Colors): Row[] {
  const rows = orphaned.map(({ widgetId, file }) => [
    file,
    shortId(widgetId, colours),
    'applied once, no file now; stays as it is',
  ]);
  return [heads(['ORPHANED', 'WIDGET', 'REASON'], colours.magenta), ...rows];
}

function heads([name = '', ...others]: readonly string[], paint: Cell['paint']): Row {
  return [{ text: name, paint }, ...others];
}

function shortId(widgetId: string | null, { dim }: Colors): Cell {
  return { text: widgetId?.slice(0, 8) ?? 'unknown', paint: dim };
}

function shortRevision(revision: string | null): string {
  return revision?.slice(0, 8) ?? '-';
}

function lastPassLine(lastPass: StatusRecord | null, now: Date): string {
  if (lastPass === null) return 'No pass is recorded.';
  const { time, command, directory, revision, pending } = lastPass;
  if (time === null)
    return printable(`No pass has succeeded yet, by ${command} over ${directory}.`);
  const age = agoText(now.getTime() - time.getTime());
  const at = revision === null ? '' : ` at ${shortRevision(revision)}`;
  const waiting = pending === 0 ? '' : `; ${count(pending, 'change')} pending then`;
  return printable(
    `Last pass ${localTime(time)} (${age}), by ${command} over ${directory}${at}${waiting}.`,
  );
}

/** Coarse: whether the daemon still looks is what it tells. */
function agoText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 120) return `${count(minutes, 'minute')} ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${count(hours, 'hour')} ago` : `${count(Math.floor(hours / 24), 'day')} ago`;
}
