// `history --accounts`: the writes of all accounts as one history, the newest last.
import type { AccountEntry, AccountsLook } from '../../accounts/account-entry.ts';
import { StateError } from '../../base/errors.ts';
import { count, listed, printable } from '../../base/text.ts';
import { parseWidgetId } from '../../model/widget.ts';
import { renderHistory } from '../../render/status/history-text.ts';
import type { StateView } from '../../state/state-store.ts';
import type { HistoryEntry } from '../../status/history-entry.ts';
import { oneStartingWith } from '../id-start.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { sayProblems } from '../status/states-within.ts';
import { lookAtState } from '../wiring/account-state.ts';
import {
  type HistoryAsked,
  historyLine,
  lookOf,
  nothingFoundIn,
  ofFile,
  readApplied,
  sayDamagedLines,
  type Whose,
} from './history.ts';

export interface AccountsHistory extends HistoryAsked {
  readonly of: AccountsLook;
}

/** With `--json` each line is as the history file has it, and gains `account`. */
export async function historyOfAccounts(
  request: AccountsHistory,
  context: ProcessContext,
): Promise<ExitCode> {
  const { of, limit, filter, json } = request;
  sayProblems(of.problems, context);
  const views = await openViews(of.accounts, context);
  const whoseIn = await widgetIn(request, views, context);
  const found = await Promise.all(
    views.map(async ({ entry, view }) => {
      const whose = await whoseIn({ entry, view });
      const read = await view.history({ ...filter, ...whose, limit });
      return { ...read, name: entry.name, whose };
    }),
  );
  for (const { damaged } of found) sayDamagedLines(damaged, context);
  const names = new Map<HistoryEntry, string>();
  for (const { entries, name } of found) for (const entry of entries) names.set(entry, name);
  const entries = [...names.keys()].sort(byTime).slice(-limit);
  const accountOf = (entry: HistoryEntry) => names.get(entry) ?? '';
  const lines = json
    ? entries.map((entry) => historyLine(entry, accountOf(entry)))
    : renderHistory(entries, { ...lookOf(request, context), accountOf });
  const [{ whose = { widgetId: null } } = {}] = found;
  if (lines.length > 0) context.stdout.write(`${lines.join('\n')}\n`);
  else if (!json) {
    const place = count(of.accounts.length, 'account');
    context.stdout.write(`${nothingFoundIn(place, filter, whose)}\n`);
  }
  return exitCode.ok;
}

interface Viewed {
  readonly entry: AccountEntry;
  readonly view: StateView;
}

const mostNamed = 10;

/** Of those that have a history; who has none yet is said beside it. Throws `StateError` where none has. */
async function openViews(
  accounts: readonly AccountEntry[],
  context: ProcessContext,
): Promise<Viewed[]> {
  const opened = await Promise.all(
    accounts.map(async (entry) => {
      const view = lookAtState(entry.settings, context);
      try {
        await view.requireState();
        return { entry, view, error: null };
      } catch (error) {
        if (error instanceof StateError) return { entry, view, error };
        throw error;
      }
    }),
  );
  const views = opened.filter(({ error }) => error === null);
  const others = opened.filter(({ error }) => error !== null);
  const [first] = others;
  if (views.length === 0 && first?.error != null) throw first.error;
  if (others.length > 0) {
    const names = listed(
      others.map(({ entry }) => entry.name),
      mostNamed,
    );
    context.stderr.write(`widget-sync: without a state so far: ${printable(names)}\n`);
  }
  return views;
}

/** Which writes are asked for, in each account. */
async function widgetIn(
  { widget }: AccountsHistory,
  views: readonly Viewed[],
  context: ProcessContext,
): Promise<(viewed: Viewed) => Promise<Whose>> {
  if (widget === null) return async () => ({ widgetId: null });
  if ('file' in widget) {
    const { file } = widget;
    return async ({ entry, view }) =>
      ofFile(file, await readApplied(entry.settings, view, context));
  }
  // No record is asked for: the history also knows widgets whose records were lost.
  const whole = parseWidgetId(widget.start);
  if (whole !== null) return async () => ({ widgetId: whole });
  const recorded = await Promise.all(views.map(({ view }) => view.recordedIds()));
  const widgetIds = [...new Set(recorded.flat())];
  const widgetId = oneStartingWith(widget.start, '--widget', { widgetIds, lack: 'has a record' });
  return async () => ({ widgetId });
}

/** Of one moment they stay in the order of their accounts. */
function byTime(a: HistoryEntry, b: HistoryEntry): number {
  return a.time.getTime() - b.time.getTime();
}
