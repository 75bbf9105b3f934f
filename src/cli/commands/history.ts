// `history`: the last confirmed writes. Needs no key, no network and no lock.

import { count, printable } from '../../base/text.ts';
import type { Settings } from '../../config/settings.ts';
import type { HistoryEntry } from '../../model/applied-record.ts';
import { fieldName } from '../../model/field-name.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { type Row, renderTable, widthOf } from '../../render/table.ts';
import { utcTime } from '../../render/time.ts';
import { formatHistoryEntry } from '../../state/history-format.ts';
import type { StateView } from '../../state/state-store.ts';
import { oneStartingWith } from '../id-start.ts';
import { coloursFor, type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { lookAtState } from '../wiring/account-state.ts';

export interface HistoryCommand {
  readonly settings: Settings;
  /** The most writes to show. */
  readonly limit: number;
  /** A widget id or the beginning of one, in lower case; null: of every widget. */
  readonly widget: string | null;
  readonly json: boolean;
}

/** Newest last, as in a log. With `--json` each line is as the history file has it. */
export async function history(request: HistoryCommand, context: ProcessContext): Promise<ExitCode> {
  const { stdout, stderr } = context;
  const { limit, widget } = request;
  const { state } = request.settings;
  const view = lookAtState(request.settings, context);
  await view.requireState();
  const widgetId = widget === null ? null : await wholeId(widget, view);
  const { entries, damaged } = await view.history({ limit, widgetId });
  if (damaged > 0) {
    const are = damaged === 1 ? 'is' : 'are';
    stderr.write(
      `widget-sync: ${count(damaged, 'line')} of the history ${are} damaged and left out\n`,
    );
  }
  const lines = request.json ? entries.map(formatHistoryEntry) : historyText(entries, context);
  if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
  else if (!request.json) stdout.write(`${nothingWritten(state, widgetId)}\n`);
  return exitCode.ok;
}

async function wholeId(start: string, view: StateView): Promise<WidgetId> {
  // No record is asked for: the history also knows widgets whose records were lost.
  const whole = parseWidgetId(start);
  if (whole !== null) return whole;
  const widgetIds = await view.recordedIds();
  return oneStartingWith(start, '--widget', { widgetIds, lack: 'has a record' });
}

function historyText(entries: readonly HistoryEntry[], { stdout, env }: ProcessContext): string[] {
  if (entries.length === 0) return [];
  const { dim } = coloursFor(stdout, env);
  const heads = ['TIME', 'REVISION', 'FILE', 'REASON', 'FIELDS'];
  const head: Row = heads.map((text) => ({ text, paint: dim }));
  const rows = entries.map(({ time, revision, file, reason, fields }) => [
    utcTime(time.getTime()),
    revision?.slice(0, 8) ?? '-',
    file,
    reason,
    fields.map(fieldName).join(', '),
  ]);
  return renderTable([head, ...rows], widthOf(stdout));
}

function nothingWritten(state: string, widgetId: WidgetId | null): string {
  const whose = widgetId === null ? '' : ` to widget ${widgetId}`;
  return printable(`No confirmed write${whose} is recorded in ${state}.`);
}
