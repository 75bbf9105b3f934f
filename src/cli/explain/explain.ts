// `explain`: why a widget's content is not live, or that it is, from the state directory alone. Needs no
// key, no network and no lock: it can be asked beside a running daemon, and after its end.
import { hostname } from 'node:os';
import { printable } from '../../base/text.ts';
import type { Settings } from '../../config/settings.ts';
import { parseWidgetId } from '../../model/widget.ts';
import { explanationText } from '../../render/status/explanation-text.ts';
import { widthOf } from '../../render/table.ts';
import type { StateView } from '../../state/state-store.ts';
import { daemonState, defaultMaxAgeMs } from '../../status/daemon-state.ts';
import { explainWidget } from '../../status/explain/explain.ts';
import type { Explanation, TypedCommand } from '../../status/explain/explanation.ts';
import { explanationJson } from '../../status/explain/explanation-json.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import { openLog } from '../logging.ts';
import { printJson } from '../print-json.ts';
import {
  coloursFor,
  type ExitCode,
  exitCode,
  ownCommand,
  type ProcessContext,
} from '../process-context.ts';
import {
  openView,
  readUnfollowed,
  sayDamaged,
  sayUnfollowed,
  sayWhose,
} from '../wiring/account-state.ts';
import { commandForAccount, commandWith } from '../wiring/command-with.ts';
import { findMeant, type Meant, unnamed } from './find-meant.ts';

export interface ExplainRequest {
  readonly settings: Settings;
  readonly json: boolean;
  /** A file, an id or its beginning, or a name; null: none was given. */
  readonly widget: string | null;
}

/** Fails where somebody has to mend something; 2 where the words mean no widget, or several. */
export async function explain(request: ExplainRequest, context: ProcessContext): Promise<ExitCode> {
  const { settings, json } = request;
  const log = openLog(settings, context, json ? 'json' : 'text');
  const told = {
    clock: context.clock,
    warn: (message: string, fields: object) => log.warn(fields, message),
  };
  const { view, apiUrl } = await openView(settings, told);
  const { status: record, damaged } = await view.status();
  if (request.widget === null) return refuse(unnamed, context);
  const finding = await findMeant(request.widget, record, view);
  if (!('meant' in finding)) return refuse(finding.says, context);
  sayWhose(apiUrl, settings, context);
  sayDamaged(damaged, context);
  await sayIfUnfollowed({ settings, view, record }, context);
  const program = ownCommand(context.env);
  const account = context.account?.name;
  const command =
    account === undefined
      ? commandWith({ settings, apiUrl, program })
      : commandForAccount({ settings, program }, account);
  const explanation = await explained({ ...finding.meant, record, view, command }, context);
  if (json) printJson(explanationJson(explanation), context);
  else context.stdout.write(`${textOf(explanation, context)}\n`);
  return explanation.verdict.isToMend ? exitCode.failed : exitCode.ok;
}

/** Beside the gates, which tell of the widget: why no process of the account works at them. */
export async function sayIfUnfollowed(
  { settings, view, record }: { settings: Settings } & Pick<Known, 'view' | 'record'>,
  context: ProcessContext,
): Promise<void> {
  const now = context.clock.now();
  const asked = { now, host: hostname(), maxAgeMs: defaultMaxAgeMs, holder: await view.holder() };
  if (daemonState(record, asked) === 'running') return;
  sayUnfollowed(await readUnfollowed(settings.state), context);
}

/** Says why the question cannot be answered. */
export function refuse(says: string, { stderr }: Pick<ProcessContext, 'stderr'>): ExitCode {
  stderr.write(`widget-sync: ${printable(says)}\n`);
  return exitCode.changesPending;
}

interface Known extends Meant {
  readonly record: StatusRecord | null;
  readonly view: StateView;
  readonly command: TypedCommand;
}

export async function explained(
  { widget, applied, record, view, command }: Known,
  context: ProcessContext,
): Promise<Explanation> {
  const now = context.clock.now();
  const holder = await view.holder();
  const asked = { now, holder, host: hostname(), maxAgeMs: defaultMaxAgeMs };
  const widgetId = applied?.widgetId ?? parseWidgetId(widget.widgetId);
  const { entries } =
    widgetId === null ? { entries: [] } : await view.history({ limit: 1, widgetId });
  return explainWidget({
    ...{ widget, record, applied, now },
    lastWrite: entries.at(-1) ?? null,
    daemon: daemonState(record, asked),
    isHeld: holder !== null && holder.command !== 'apply',
    command,
  });
}

export function textOf(explanation: Explanation, { stdout, env }: ProcessContext): string {
  const look = { colours: coloursFor(stdout, env), width: widthOf(stdout) };
  return explanationText(explanation, look);
}
