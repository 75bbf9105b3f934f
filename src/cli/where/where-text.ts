// The answer of `where`, for people and for programs.
import type { Json } from '../../base/json/json.ts';
import { count, printable } from '../../base/text.ts';
import type { Brought, Commit } from '../../model/commit.ts';
import { type Row, renderTable, widthOf } from '../../render/table.ts';
import { isoTime, utcTime } from '../../render/time.ts';
import type { DaemonState } from '../../status/daemon-state.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import { type Where, type WhereState, type WidgetWhere, whereStates } from '../../status/where.ts';
import { coloursFor, type ProcessContext } from '../process-context.ts';
import { daemonLine, type Working, waitingLine } from '../status/daemon-lines.ts';

export interface Told extends Found {
  readonly brought: Brought;
}

/** What processes have left of it. */
export interface Found {
  readonly where: Where;
  /** What the last pass left; null where none did. */
  readonly pass: StatusRecord | null;
  readonly daemon: DaemonState;
  readonly holder: Working['holder'];
}

export function whereText(told: Told, context: ProcessContext): string {
  return [headLine(told.brought), '', ...whereLines(told, context)].join('\n');
}

/** All but the commit itself. */
export function whereLines(
  { where, pass, daemon, holder }: Found,
  context: ProcessContext,
): string[] {
  const { stdout, env, clock } = context;
  const now = clock.now();
  const colours = coloursFor(stdout, env);
  const { widgets, seen } = where;
  const head: Row = ['STATE', 'FILE', 'WIDGET', 'SINCE', 'WHY'].map((text) => ({
    text,
    paint: colours.dim,
  }));
  const rows = widgets.map((widget): Row => {
    const { state, file, widgetId, since } = widget;
    const paint = colours[paints[state]];
    const time = since === null ? '-' : utcTime(since.getTime());
    return [{ text: state, paint }, file, widgetId?.slice(0, 8) ?? '-', time, whyText(widget)];
  });
  const table = rows.length === 0 ? [] : [...renderTable([head, ...rows], widthOf(stdout)), ''];
  const obstacles = (pass?.obstacles ?? []).map(({ says }) =>
    colours.red(printable(`Blocked: ${says}`)),
  );
  const unseen = seen === 'no' && widgets.length > 0 ? [unseenLine(pass)] : [];
  // Where all is done, whether a daemon runs is another question.
  const isOpen = widgets.some(({ isDone }) => !isDone);
  const recorded = { record: pass, daemon, holder, needsDaemon: true };
  const waits = isOpen
    ? [...waitingLine(recorded, now), ...daemonLine(recorded, now).map((line) => colours.red(line))]
    : [];
  return [...table, ...obstacles, ...unseen, ...waits, sumLine(widgets)];
}

const paints: Readonly<Record<WhereState, 'red' | 'yellow' | 'dim' | 'green'>> = {
  failed: 'red',
  held: 'yellow',
  waits: 'yellow',
  suspended: 'dim',
  removed: 'dim',
  superseded: 'dim',
  live: 'green',
};

export function headLine({ commit, after }: Brought): string {
  const from = after === null ? '' : `${after.id.slice(0, 8)}..`;
  const { id, subject, author, time } = commit;
  return printable(`${from}${id.slice(0, 8)} ${subject} (${author}, ${utcTime(time.getTime())})`);
}

function whyText({ code, line, reason }: WidgetWhere): string {
  const where = line === null ? '' : `, line ${line}`;
  return code === null ? (reason ?? '') : `${code}${where}: ${reason ?? ''}`;
}

function unseenLine(pass: StatusRecord | null): string {
  if (pass?.time == null) return 'Not seen here yet: no pass was made.';
  const at = pass.revision?.slice(0, 8) ?? 'no known commit';
  return `Not seen here yet: the last pass was at ${at}, ${utcTime(pass.time.getTime())}.`;
}

function sumLine(widgets: readonly WidgetWhere[]): string {
  if (widgets.length === 0) return 'It changed no widget file in this directory.';
  const counts = [...whereStates].reverse().flatMap((state) => {
    const { length } = widgets.filter((widget) => widget.state === state);
    return length === 0 ? [] : [`${length} ${state}`];
  });
  return `Of ${count(widgets.length, 'widget')}: ${counts.join(', ')}.`;
}

export function whereJson({ brought, where, pass, daemon }: Told): { [key: string]: Json } {
  const { commit, after } = brought;
  const { widgets, seen } = where;
  return {
    format_version: '1.0',
    commit: commitJson(commit),
    after: after === null ? null : commitJson(after),
    seen,
    last_pass:
      pass?.time == null ? null : { time: isoTime(pass.time.getTime()), revision: pass.revision },
    obstacles: (pass?.obstacles ?? []).map(({ by, says, since }) => ({
      by,
      says,
      since: isoTime(since.getTime()),
    })),
    widgets: widgets.map(
      ({ widgetId, file, state, isDone, since, reason, code, line, revision }) => ({
        ...{ widget_id: widgetId, file, state, done: isDone },
        since: since === null ? null : isoTime(since.getTime()),
        ...{ reason, code, line, revision },
      }),
    ),
    daemon,
    done: widgets.every(({ isDone }) => isDone),
  };
}

function commitJson({ id, subject, author, time }: Commit): { [key: string]: Json } {
  return { id, subject, author, time: isoTime(time.getTime()) };
}
