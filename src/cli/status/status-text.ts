// `status` for people: tables of what is recorded, what needs a look below what is well.
import type { Colors } from 'picocolors/types.js';
import { count, printable, shorten } from '../../base/text.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import { filesHeld, heldTogether, manyHeld } from '../../render/fragments/held-together.ts';
import { shortRevision } from '../../render/status/revision-text.ts';
import { type Cell, type Row, renderTableWhole, widthOf } from '../../render/table.ts';
import { durationText, utcTime } from '../../render/time.ts';
import { keptText } from '../../status/kept-text.ts';
import { pendingOf } from '../../status/status-json.ts';
import type { StatusRecord, UnappliedStatus } from '../../status/status-record.ts';
import {
  type AccountStatus,
  type WidgetState,
  type WidgetStatus,
  widgetStates,
} from '../../status/widget-status.ts';
import { coloursFor, type ProcessContext } from '../process-context.ts';
import {
  agoText,
  behindLine,
  type DaemonSeen,
  daemonLine,
  holderLine,
  secondsUntil,
  type Working,
  waitingLine,
} from './daemon-lines.ts';

/** The content of the state directory, and who writes it now. */
export interface Recorded extends DaemonSeen, Pick<Working, 'holder'> {
  /** Of the widgets that are shown. */
  readonly records: readonly AppliedRecord[];
  readonly account: AccountStatus;
  /** The file that should tell of the last pass, where it is damaged or of another version. */
  readonly damaged: string | null;
  readonly apiUrl: string;
}

/**
 * The parts that need a look stand below those that are well: the end of a long text is what a terminal
 * shows.
 */
export function statusText(recorded: Recorded, { stdout, env, clock }: ProcessContext): string {
  const { account } = recorded;
  const { record } = account;
  const colours = coloursFor(stdout, env);
  const width = widthOf(stdout);
  const now = clock.now();
  const working = { ...recorded, record };
  const [applied, ...others] = upwards.map((state) =>
    stateRows(account.widgets, { state, colours, now }),
  );
  const tables = [applied ?? [], keptRows(record?.kept ?? [], colours), ...others];
  const sections = tables
    .filter((rows) => rows.length > 1)
    .map((rows) => renderTableWhole(rows, width).join('\n'));
  const stops = (record?.obstacles ?? []).map(({ says }) =>
    colours.red(printable(`Blocked: ${says}`)),
  );
  const end = [
    lastPassLine(recorded, now),
    ...plainLine(record),
    ...blindLine(record),
    ...pendingLine(recorded),
    ...waitingLine(working, now),
    ...behindLine(working, now),
    ...apiRateLine(record),
    ...resyncLine(recorded),
    holderLine(working, now),
    ...daemonLine(working, now).map((line) => colours.red(line)),
    colours.bold(sumLine(account)),
  ];
  return [...sections, ...stops, end.join('\n')].join('\n\n');
}

/** The worst one last. */
const upwards = [...widgetStates].reverse();

/** Every state, also of what is not shown: they add up to the number of widgets. */
function sumLine({ counts, record }: AccountStatus): string {
  const sum = upwards.map((state) => `${counts[state]} ${state}`).join(', ');
  return `${sum}${keptSum(record?.kept ?? [])}.`;
}

const paints: { readonly [state in WidgetState]: 'red' | 'yellow' | 'magenta' | 'dim' | 'green' } =
  {
    failed: 'red',
    held: 'yellow',
    drifted: 'magenta',
    pending: 'yellow',
    suspended: 'dim',
    orphaned: 'magenta',
    applied: 'green',
  };

interface StateTable {
  readonly state: WidgetState;
  readonly colours: Colors;
  readonly now: Date;
}

function stateRows(widgets: readonly WidgetStatus[], { state, colours, now }: StateTable): Row[] {
  const found = widgets.filter((widget) => widget.state === state);
  const isApplied = state === 'applied';
  const rows = heldTogether(found, (widget) => whyText(widget, now)).map((group) => {
    const [widget] = group;
    if (group.length > 1) return togetherRow(group, now);
    return [
      widget.file,
      shortId(widget.widgetId, colours),
      ...(isApplied
        ? [timeText(widget.appliedAt), shortRevision(widget)]
        : [forText(widget.since, now), whyText(widget, now)]),
    ];
  });
  const columns = isApplied ? ['WHEN', 'REVISION'] : ['FOR', 'WHY'];
  return [heads([state.toUpperCase(), 'WIDGET', ...columns], colours[paints[state]]), ...rows];
}

/** What one mistake in a fragment holds. */
function togetherRow(group: readonly [WidgetStatus, ...WidgetStatus[]], now: Date): Row {
  const since = group
    .map((one) => one.since)
    .reduce((a, b) => (a === null || (b && b < a) ? b : a));
  const files = filesHeld(group, (file) => file);
  return [manyHeld(group), '', forText(since, now), `${whyText(group[0], now)} (${files})`];
}

function timeText(time: Date | null): string {
  return time === null ? '-' : utcTime(time.getTime());
}

function forText(since: Date | null, now: Date): string {
  return since === null ? '-' : durationText(secondsUntil(now, since));
}

/** The reason, where it is to be mended, and when it ends by itself. */
function whyText({ state, code, line, reason, until }: WidgetStatus, now: Date): string {
  const at = line === null ? '' : `line ${line}: `;
  const isNamed = code !== null && code !== 'suspended';
  const what = isNamed ? `${code}${line === null ? ': ' : `, ${at}`}` : at;
  const left = until === null || until <= now ? null : durationText(secondsUntil(until, now));
  const end = left === null ? '' : `; ${endWords[state] ?? 'it ends'} in ${left}`;
  return `${what}${reason ?? ''}${end}`;
}

const endWords: { readonly [state in WidgetState]?: string } = {
  failed: 'next try',
  pending: 'next try',
  drifted: 'it may be corrected again',
};

/** Mostly nothing is kept otherwise, and then it is not spoken of. */
function keptSum({ length }: readonly UnappliedStatus[]): string {
  return length === 0 ? '' : `, ${length} kept otherwise`;
}

function keptRows(kept: readonly UnappliedStatus[], colours: Colors): Row[] {
  const rows = kept.map(({ widgetId, file, since, fields }) => [
    file,
    shortId(widgetId, colours),
    utcTime(since.getTime()),
    fields.map((one) => `${keptText(one)}${one.spelling ? ' (another spelling)' : ''}`).join(', '),
  ]);
  return [
    heads(['KEPT OTHERWISE', 'WIDGET', 'SINCE', 'FIELDS (SENT → KEPT BY THE API)'], colours.yellow),
    ...rows,
  ];
}

function heads([name = '', ...others]: readonly string[], paint: Cell['paint']): Row {
  return [{ text: name, paint }, ...others];
}

function shortId(widgetId: string | null, { dim }: Colors): Cell {
  return { text: widgetId?.slice(0, 8) ?? 'unknown', paint: dim };
}

function lastPassLine({ account, damaged }: Recorded, now: Date): string {
  const lastPass = account.record;
  if (damaged !== null) return 'What the last pass found is not known.';
  if (lastPass === null) return 'No pass is recorded.';
  const { time, command, directory, revision, commit } = lastPass;
  if (time === null)
    return printable(`No pass has succeeded yet, by ${command} over ${directory}.`);
  const age = agoText(now.getTime() - time.getTime());
  const subject = commit === null ? '' : ` “${shorten(commit.subject, 60)}”, ${commit.author}`;
  const at = revision === null ? '' : ` at ${shortRevision({ revision })}${subject}`;
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
function pendingLine({ account, holder }: Recorded): string[] {
  const pending = account.record === null ? 0 : pendingOf(account.record);
  if (pending === 0) return [];
  const changes = count(pending, 'change');
  if (holder !== null) return [`${changes} in the queue: not sent yet, or not answered.`];
  const were = pending === 1 ? 'was' : 'were';
  return [
    `${changes} ${were} still in the queue when it ended; the next run or apply looks again.`,
  ];
}

function apiRateLine(lastPass: StatusRecord | null): string[] {
  const apiRate = lastPass?.apiRate ?? null;
  return apiRate === null
    ? []
    : [printable(`The API takes about ${apiRate}, less than --rate allows.`)];
}

function resyncLine({ account, holder }: Recorded): string[] {
  const { lastResync = null, nextResync = null } = account.record?.lifetime ?? {};
  if (lastResync === null && nextResync === null) return [];
  const last = lastResync === null ? [] : [`last ${utcTime(lastResync.getTime())}`];
  const isPlanned = nextResync !== null && holder !== null;
  const next = isPlanned ? [`next ${utcTime(nextResync.getTime())}`] : [];
  return last.length + next.length === 0 ? [] : [`Full resync: ${[...last, ...next].join(', ')}.`];
}
