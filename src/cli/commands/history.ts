// `history`: who changed what, and when, as the state directory has it. Needs no key, no network and no lock.
import { resolve } from 'node:path';
import { count, printable } from '../../base/text.ts';
import type { Settings } from '../../config/settings.ts';
import { parseWidgetId } from '../../model/widget.ts';
import { paintsWithSwatches } from '../../render/diff/value-swatch.ts';
import { renderHistory } from '../../render/status/history-text.ts';
import { widthOf } from '../../render/table.ts';
import type { HistoryFilter } from '../../state/history-filter.ts';
import { formatHistoryEntry } from '../../state/history-format.ts';
import type { AppliedState, StateView } from '../../state/state-store.ts';
import type { HistoryEntry } from '../../status/history-entry.ts';
import { oneStartingWith } from '../id-start.ts';
import {
  coloursFor,
  type ExitCode,
  exitCode,
  type ProcessContext,
  shownColours,
} from '../process-context.ts';
import { apiToShow, lookAtState } from '../wiring/account-state.ts';
import type { WidgetWord } from './history-words.ts';

export interface HistoryAsked {
  /** The most entries to show. */
  readonly limit: number;
  /** Null: of every widget. */
  readonly widget: WidgetWord | null;
  readonly filter: Omit<HistoryFilter, 'widgetId' | 'file'>;
  /** All values whole. */
  readonly isFull: boolean;
  readonly json: boolean;
}

export interface HistoryCommand extends HistoryAsked {
  readonly settings: Settings;
}

/** Newest last, as in a log. With `--json` each line is as the history file has it. */
export async function history(request: HistoryCommand, context: ProcessContext): Promise<ExitCode> {
  const { stdout } = context;
  const { limit, widget, filter, settings } = request;
  const view = lookAtState(settings, context);
  await view.requireState();
  const whose = await widgetAskedFor(widget, view, () => readApplied(settings, view, context));
  const { entries, damaged } = await view.history({ ...filter, ...whose, limit });
  sayDamagedLines(damaged, context);
  const { account } = context;
  const lines = request.json
    ? entries.map((entry) => historyLine(entry, account?.name ?? null))
    : renderHistory(entries, { ...lookOf(request, context), accountOf: null });
  if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
  else if (!request.json) stdout.write(`${nothingFound(request, whose)}\n`);
  return exitCode.ok;
}

/** As the history file has it, and of one account among several with its name. */
export function historyLine(entry: HistoryEntry, account: string | null): string {
  const line = formatHistoryEntry(entry);
  return account === null ? line : `{"account":${JSON.stringify(account)},${line.slice(1)}`;
}

export function sayDamagedLines(damaged: number, { stderr }: Pick<ProcessContext, 'stderr'>): void {
  if (damaged === 0) return;
  const are = damaged === 1 ? 'is' : 'are';
  stderr.write(
    `widget-sync: ${count(damaged, 'line')} of the history ${are} damaged and left out\n`,
  );
}

export type Whose = Pick<HistoryFilter, 'widgetId' | 'file'>;

async function widgetAskedFor(
  widget: WidgetWord | null,
  view: StateView,
  readRecords: () => Promise<AppliedState>,
): Promise<Whose> {
  if (widget === null) return { widgetId: null };
  if ('file' in widget) return ofFile(widget.file, await readRecords());
  // No record is asked for: the history also knows widgets whose records were lost.
  const whole = parseWidgetId(widget.start);
  if (whole !== null) return { widgetId: whole };
  const widgetIds = await view.recordedIds();
  const known = { widgetIds, lack: 'has a record' };
  return { widgetId: oneStartingWith(widget.start, '--widget', known) };
}

export async function readApplied(
  { state, ...settings }: Settings,
  view: StateView,
  { clock }: ProcessContext,
): Promise<AppliedState> {
  const apiUrl = await apiToShow({ state, ...settings }, view);
  return await lookAtState({ state, apiUrl }, { clock }).applied();
}

/**
 * The widget whose file that is by now, under whichever names it was written; without a record, or where several
 * widgets had the file, the writes from that file.
 */
export function ofFile(path: string, state: AppliedState): Whose {
  const isMeant = ({ file, widgetId }: Recorded) => {
    const root = state.rootOf(widgetId);
    return file === path || (root !== undefined && resolve(root, file) === resolve(path));
  };
  const [found, ...others] = [...state.records.values()].filter(isMeant);
  if (found !== undefined && others.length === 0) return { widgetId: found.widgetId };
  return { widgetId: null, file: found?.file ?? path };
}

type Recorded = Pick<HistoryEntry, 'file' | 'widgetId'>;

/** How its text looks. */
export function lookOf({ isFull }: HistoryAsked, { stdout, env }: ProcessContext) {
  const few = coloursFor(stdout, env);
  const colours = shownColours(stdout, env).swatches ? paintsWithSwatches(few) : few;
  return { colours, width: widthOf(stdout), isFull };
}

function nothingFound({ settings, filter }: HistoryCommand, whose: Whose): string {
  return nothingFoundIn(settings.state, filter, whose);
}

export function nothingFoundIn(
  place: string,
  filter: HistoryAsked['filter'],
  { widgetId, file }: Whose,
): string {
  const whose = widgetId === null ? (file ?? null) : `widget ${widgetId}`;
  const to = whose === null ? '' : ` to ${whose}`;
  const isNarrowed = Object.values(filter).some((value) => value != null);
  const such = isNarrowed ? ' that is asked for' : '';
  return printable(`No confirmed write${to}${such} is recorded in ${place}.`);
}
