// `history`: the last confirmed writes. Needs no key, no network and no lock.
import { fieldName } from '../plan/render-values.ts';
import type { Settings } from '../settings.ts';
import { requireStateDirectory } from '../state/read-api-urls.ts';
import { readHistory } from '../state/read-history.ts';
import type { HistoryEntry } from '../state/record.ts';
import { formatHistoryEntry } from '../state/record-format.ts';
import { count, printable } from '../text.ts';
import type { WidgetId } from '../widget.ts';
import { coloursFor, type ExitCode, exitCode, type Surroundings } from './surroundings.ts';
import { localTime, type Row, renderTable, widthOf } from './table.ts';

export interface HistoryCommand {
  readonly settings: Settings;
  /** The most writes to show. */
  readonly limit: number;
  /** Null: of every widget. */
  readonly widgetId: WidgetId | null;
  readonly json: boolean;
}

/** Newest last, as in a log. With `--json` each line is as the history file has it. */
export async function history(request: HistoryCommand, world: Surroundings): Promise<ExitCode> {
  const { stdout, stderr } = world;
  const { limit, widgetId } = request;
  const { state } = request.settings;
  await requireStateDirectory(state);
  const { entries, damaged } = await readHistory(state, { limit, widgetId });
  if (damaged > 0) {
    const are = damaged === 1 ? 'is' : 'are';
    stderr.write(
      `widget-sync: ${count(damaged, 'line')} of the history ${are} damaged and left out\n`,
    );
  }
  const lines = request.json ? entries.map(formatHistoryEntry) : historyText(entries, world);
  if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
  else if (!request.json) stdout.write(`${nothingWritten(request)}\n`);
  return exitCode.ok;
}

function historyText(entries: readonly HistoryEntry[], { stdout, env }: Surroundings): string[] {
  if (entries.length === 0) return [];
  const { dim } = coloursFor(stdout, env);
  const heads = ['TIME', 'REVISION', 'FILE', 'REASON', 'FIELDS'];
  const head: Row = heads.map((text) => ({ text, paint: dim }));
  const rows = entries.map(({ time, revision, file, reason, fields }) => [
    localTime(time),
    revision?.slice(0, 8) ?? '-',
    file,
    reason,
    fields.map(fieldName).join(', '),
  ]);
  return renderTable([head, ...rows], widthOf(stdout));
}

function nothingWritten({ settings, widgetId }: HistoryCommand): string {
  const whose = widgetId === null ? '' : ` to widget ${widgetId}`;
  return printable(`No confirmed write${whose} is recorded in ${settings.state}.`);
}
