// `forget`: the records of widgets that no file declares go, the widgets stay as they are. Needs no key and
// no network. Beside a daemon the daemon does it; else this process holds the state for that moment.
import { StateError, UsageError } from '../../base/errors.ts';
import { count, printable } from '../../base/text.ts';
import type { Settings } from '../../config/settings.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { StateTakenError } from '../../state/holder.ts';
import type { AppliedState, ForgetAnswer, StateView } from '../../state/state-store.ts';
import { accountStatus } from '../../status/account-status.ts';
import type { TypedCommand } from '../../status/explain/explanation.ts';
import { type Findable, findWidgets, listFound } from '../../status/find-widget.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import { openLog } from '../logging.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import { printJson } from '../print-json.ts';
import { type ExitCode, exitCode, ownCommand, type ProcessContext } from '../process-context.ts';
import { openView } from '../wiring/account-state.ts';
import { commandForAccount, commandWith } from '../wiring/command-with.ts';
import { forgetHere } from './forget-here.ts';

export interface ForgetRequest {
  readonly settings: Settings;
  readonly json: boolean;
  /** Each a file, an id or its beginning, or a name; none with `orphans`. */
  readonly widgets: readonly string[];
  /** All that the last pass found without a file. */
  readonly orphans: boolean;
  /** Without it `orphans` only shows them. */
  readonly yes: boolean;
}

/** A widget whose record is to go. */
interface Meant {
  readonly widgetId: WidgetId;
  readonly file: string;
}

/** Fails where a record stays; 2 where it only shows what `--yes` would forget. */
export async function forget(request: ForgetRequest, context: ProcessContext): Promise<ExitCode> {
  return (await forgetOne(request, context)).code;
}

export async function forgetOne(
  request: ForgetRequest,
  context: ProcessContext,
): Promise<AccountEnd> {
  const { settings, widgets, orphans, yes } = request;
  if (orphans === widgets.length > 0) {
    throw new UsageError('name the widgets to forget, or give --orphans for all without a file');
  }
  const { view, apiUrl } = await lookFor(request, context);
  const applied = await view.applied();
  const { status: record } = await view.status();
  const meant = orphans
    ? orphansOf(applied, record)
    : widgets.map((asked) => meantBy(asked, applied, record));
  const here = { settings, apiUrl, program: ownCommand(context.env) };
  const { account } = context;
  const command = account === undefined ? commandWith(here) : commandForAccount(here, account.name);
  if (orphans && (!yes || meant.length === 0)) {
    const code = show(meant, { ...request, command }, context);
    return { code, isCalm: meant.length === 0, sums: sumsOf(meant.length, nothingDone) };
  }
  const answer = await forgetOrOrder(meant, { settings, apiUrl, view, record, command }, context);
  print(meant, answer, request, context);
  const code = answer.refused.length === 0 ? exitCode.ok : exitCode.failed;
  return { code, isCalm: false, sums: sumsOf(0, answer) };
}

const nothingDone: ForgetAnswer = { forgotten: [], refused: [] };

function sumsOf(would_forget: number, { forgotten, refused }: ForgetAnswer) {
  return { would_forget, forgotten: forgotten.length, refused: refused.length };
}

async function lookFor({ settings, json }: ForgetRequest, context: ProcessContext) {
  const log = openLog(settings, context, json ? 'json' : 'text');
  const warn = (message: string, fields: object) => log.warn(fields, message);
  return await openView(settings, { clock: context.clock, warn });
}

function orphansOf({ records }: AppliedState, record: StatusRecord | null): Meant[] {
  return (record?.orphaned ?? []).flatMap(({ widgetId, file }) => {
    const id = parseWidgetId(widgetId);
    return id !== null && records.has(id) ? [{ widgetId: id, file }] : [];
  });
}

/** Throws `UsageError` for what means no recorded widget, or several. */
function meantBy(asked: string, { records }: AppliedState, record: StatusRecord | null): Meant {
  const { widgets } = accountStatus(records.values(), record);
  // Those that the account has lost as well are shown nowhere else.
  const lost = [...records.values()].filter(({ isGone }) => isGone === true);
  const all: readonly Findable[] = [...widgets, ...lost.map(asFindable)];
  const found = findWidgets(all, asked).filter(({ widgetId }) =>
    records.has((widgetId ?? '') as WidgetId),
  );
  const [widget, ...others] = found;
  const widgetId = parseWidgetId(widget?.widgetId);
  if (widget === undefined || widgetId === null) {
    throw new UsageError(
      `nothing is recorded of a widget with the file, id or name ${printable(asked)}: there is nothing to forget`,
    );
  }
  if (others.length > 0) {
    throw new UsageError(
      `${printable(asked)} means ${found.length} widgets, name each by its id: ${printable(listFound(found))}`,
    );
  }
  return { widgetId, file: widget.file };
}

function asFindable({ widgetId, file }: Meant): Findable {
  return { widgetId, file, name: null };
}

interface Showing extends Pick<ForgetRequest, 'json'> {
  readonly command: TypedCommand;
}

function show(
  meant: readonly Meant[],
  { json, command }: Showing,
  context: ProcessContext,
): ExitCode {
  const { stdout } = context;
  if (json) printJson(toJson({ meant }), context);
  else if (meant.length === 0) stdout.write('No widget is without a file, as of the last pass.\n');
  else {
    const lines = meant.map(({ file, widgetId }) => `  ${printable(file)} (${widgetId})`);
    const stay = meant.length === 1 ? 'it stays as it is' : 'they stay as they are';
    const what = `${count(meant.length, 'widget')} without a file would be forgotten; ${stay} in the account:`;
    const how = `Nothing is forgotten yet: ${command('forget', '--orphans', '--yes')} does it.`;
    stdout.write(`${[what, ...lines, how].join('\n')}\n`);
  }
  return meant.length === 0 ? exitCode.ok : exitCode.changesPending;
}

interface Place {
  readonly settings: Settings;
  readonly apiUrl: string;
  readonly view: StateView;
  readonly record: StatusRecord | null;
  readonly command: TypedCommand;
}

async function forgetOrOrder(
  meant: readonly Meant[],
  place: Place,
  context: ProcessContext,
): Promise<ForgetAnswer> {
  const widgetIds = [...new Set(meant.map(({ widgetId }) => widgetId))];
  try {
    return await forgetHere(widgetIds, place, context);
  } catch (error) {
    if (!(error instanceof StateTakenError) || error.holder?.command !== 'run') throw error;
    return await order(widgetIds, place, context);
  }
}

/** A daemon looks each second, and lets a write end first that is on its way. */
const patienceMs = 15_000;
const askEveryMs = 100;

/** Throws `StateError` where the daemon does not take the order, which is then taken back. */
async function order(
  widgetIds: readonly WidgetId[],
  { view, command }: Pick<Place, 'view' | 'command'>,
  context: ProcessContext,
): Promise<ForgetAnswer> {
  const id = await view.orderForget(widgetIds);
  const answer = await answered(id, view, context);
  if (answer !== null) return answer;
  if (await view.withdrawForget(id)) {
    throw new StateError(
      `the daemon that holds the state directory did not take the order, which is taken back: it has not looked at the files yet, a write of the widget is on its way, or it is of an earlier version; ${command('status')} tells`,
    );
  }
  const late = await answered(id, view, context);
  if (late !== null) return late;
  throw new StateError(
    `the daemon that holds the state directory has taken the order, and has not said yet that it is carried out; ${command('status')} tells what is left`,
  );
}

/** Null: not within the patience, or this is told to stop. */
async function answered(
  id: string,
  view: StateView,
  { clock, stop }: ProcessContext,
): Promise<ForgetAnswer | null> {
  const startedMs = clock.monotonicMs();
  for (;;) {
    const answer = await view.forgetAnswer(id);
    const isOver = stop.aborted || clock.monotonicMs() - startedMs >= patienceMs;
    if (answer !== null || isOver) return answer;
    await clock.sleep(askEveryMs, stop);
  }
}

function print(
  meant: readonly Meant[],
  answer: ForgetAnswer,
  { json }: ForgetRequest,
  context: ProcessContext,
): void {
  if (json) {
    printJson(toJson({ meant, answer }), context);
    return;
  }
  const { stdout, stderr } = context;
  const fileOf = new Map(meant.map(({ widgetId, file }) => [widgetId, file]));
  for (const widgetId of answer.forgotten) {
    const file = printable(fileOf.get(widgetId) ?? '');
    stdout.write(`Forgot ${file} (${widgetId}); the widget stays as it is in the account.\n`);
  }
  for (const { widgetId, why } of answer.refused) {
    stderr.write(`widget-sync: ${widgetId} is not forgotten: ${printable(why)}\n`);
  }
}

interface Told {
  readonly meant: readonly Meant[];
  /** Absent: it was only shown. */
  readonly answer?: ForgetAnswer;
}

function toJson({ meant, answer }: Told) {
  const fileOf = new Map(meant.map(({ widgetId, file }) => [widgetId, file]));
  const at = (widgetId: WidgetId) => ({ widget_id: widgetId, file: fileOf.get(widgetId) ?? null });
  const only = answer === undefined ? meant.map(({ widgetId }) => at(widgetId)) : [];
  return {
    format_version: '1.0',
    would_forget: only,
    forgotten: answer?.forgotten.map(at) ?? [],
    refused: answer?.refused.map(({ widgetId, why }) => ({ ...at(widgetId), why })) ?? [],
  };
}
