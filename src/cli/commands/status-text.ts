// `status` for people: tables of what is recorded, what needs a look below what is well.
import type { Colors } from 'picocolors/types.js';
import { stringifyJson } from '../../base/json/json-text.ts';
import { count, printable } from '../../base/text.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import { fieldName } from '../../model/field-name.ts';
import type {
  DriftedStatus,
  FailedStatus,
  HeldStatus,
  StatusRecord,
  UnappliedStatus,
  WidgetFileStatus,
} from '../../model/status-record.ts';
import type { UnappliedField } from '../../model/unapplied-fields.ts';
import { type Cell, type Row, renderTable, widthOf } from '../../render/table.ts';
import { durationText, utcTime } from '../../render/time.ts';
import { describeHolder, type Holder, type UnknownHolder } from '../../state/holder.ts';
import { coloursFor, type ProcessContext } from '../process-context.ts';
import { isToMend } from './print-problems.ts';

/** The content of the state directory, and who writes it now. */
export interface Recorded {
  readonly applied: readonly AppliedRecord[];
  /** Null: no pass was recorded, or what was recorded is damaged. */
  readonly lastPass: StatusRecord | null;
  /** The file that should tell of the last pass, where it is damaged or of another version. */
  readonly damaged: string | null;
  readonly apiUrl: string;
  readonly holder: Holder | UnknownHolder | null;
}

/**
 * The parts that need a look stand below those that are well: the end of a long text is what a terminal
 * shows.
 */
export function statusText(recorded: Recorded, context: ProcessContext): string {
  const { applied, lastPass } = recorded;
  const colours = coloursFor(context.stdout, context.env);
  const width = widthOf(context.stdout);
  const { held = [], failed = [], drifted = [], orphaned = [], kept = [] } = lastPass ?? {};
  const tables = [
    appliedRows(applied, colours),
    heldRows(held, colours),
    failedRows(failed, colours),
    driftedRows(drifted, colours),
    keptRows(kept, colours),
    orphanedRows(orphaned, colours),
  ];
  const sections = tables
    .filter((rows) => rows.length > 1)
    .map((rows) => renderTable(rows, width).join('\n'));
  const sum = `${applied.length} applied, ${held.length} held, ${failed.length} failed, ${drifted.length} drifted, ${orphaned.length} orphaned${keptSum(kept)}.`;
  const blocked = lastPass?.blocked ?? null;
  const stop = blocked === null ? [] : [colours.red(printable(`Blocked: ${blocked}`))];
  const end = [
    lastPassLine(recorded, context.clock.now()),
    ...plainLine(lastPass),
    ...blindLine(lastPass),
    ...pendingLine(recorded),
    ...waitingLine(recorded, context.clock.now()),
    ...apiRateLine(lastPass),
    holderLine(recorded),
    colours.bold(sum),
  ];
  return [...sections, ...stop, end.join('\n')].join('\n\n');
}

function appliedRows(applied: readonly AppliedRecord[], colours: Colors): Row[] {
  const rows = applied.map(({ widgetId, file, hash, revision, appliedAt }) => [
    file,
    shortId(widgetId, colours),
    utcTime(appliedAt.getTime()),
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
    utcTime(time.getTime()),
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
  return until === null ? 'fought over' : `fought over, not before ${utcTime(until.getTime())}`;
}

/** Mostly nothing is kept otherwise, and then it is not spoken of. */
function keptSum({ length }: readonly UnappliedStatus[]): string {
  return length === 0 ? '' : `, ${length} kept otherwise`;
}

function keptRows(kept: readonly UnappliedStatus[], colours: Colors): Row[] {
  const rows = kept.map(({ widgetId, file, since, fields }) => [
    file,
    shortId(widgetId, colours),
    utcTime(since.getTime()),
    fields.map(keptText).join(', '),
  ]);
  return [
    heads(['KEPT OTHERWISE', 'WIDGET', 'SINCE', 'FIELDS (SENT → KEPT BY THE API)'], colours.yellow),
    ...rows,
  ];
}

function keptText({ path, sent, kept, spelling }: UnappliedField): string {
  const [before, after] = [sent, kept].map((value) => {
    return value === undefined ? 'nothing' : stringifyJson(value);
  });
  return `${fieldName(path)} ${before} → ${after}${spelling ? ' (another spelling)' : ''}`;
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

function lastPassLine({ lastPass, damaged }: Recorded, now: Date): string {
  if (damaged !== null) return 'What the last pass found is not known.';
  if (lastPass === null) return 'No pass is recorded.';
  const { time, command, directory, revision } = lastPass;
  if (time === null)
    return printable(`No pass has succeeded yet, by ${command} over ${directory}.`);
  const age = agoText(now.getTime() - time.getTime());
  const at = revision === null ? '' : ` at ${shortRevision(revision)}`;
  return printable(
    `Last pass ${utcTime(time.getTime())} (${age}), by ${command} over ${directory}${at}.`,
  );
}

function plainLine(lastPass: StatusRecord | null): string[] {
  if (lastPass?.source !== 'plain') return [];
  return [
    'Plain: no git checkout and no published link; half a checkout is not seen, nor the commit.',
  ];
}

function blindLine(lastPass: StatusRecord | null): string[] {
  if (!lastPass?.isBlind) return [];
  return ['Blind: reads are off or refused; drift is not seen, and only declared fields are sent.'];
}

/** The last pass reported it: changes that a process leaves undone when it ends are not sent. */
function pendingLine({ lastPass, holder }: Recorded): string[] {
  const pending = lastPass?.pending ?? 0;
  if (pending === 0) return [];
  const changes = count(pending, 'change');
  if (holder !== null) return [`${changes} pending: not sent yet, or not answered.`];
  const were = pending === 1 ? 'was' : 'were';
  return [`${changes} ${were} still pending when it ended; the next run or apply looks again.`];
}

/** The wait is over once the process has ended, or the time has come. */
function waitingLine({ lastPass, holder }: Recorded, now: Date): string[] {
  const waiting = lastPass?.waiting ?? null;
  if (waiting === null || holder === null || waiting.until <= now) return [];
  const { until, why } = waiting;
  const left = durationText(Math.ceil((until.getTime() - now.getTime()) / 1000));
  return [
    printable(
      `Waiting: nothing is sent before ${utcTime(until.getTime())} (${left} from now): ${why}.`,
    ),
  ];
}

function apiRateLine(lastPass: StatusRecord | null): string[] {
  const apiRate = lastPass?.apiRate ?? null;
  return apiRate === null
    ? []
    : [printable(`The API takes about ${apiRate}, less than --rate allows.`)];
}

/** A killed daemon leaves its last pass behind; this does not outlive it. */
export function holderLine({ holder }: Pick<Recorded, 'holder'>): string {
  if (holder === null) return 'No process has this state directory open.';
  const who = describeHolder(holder);
  return `${who[0]?.toUpperCase()}${who.slice(1)} has this state directory open.`;
}

function agoText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  // A clock that was set back makes it a time to come.
  return seconds < 1 ? 'just now' : `${durationText(seconds)} ago`;
}
