// `explain`: why a widget's content is not live, or that it is, from the state directory alone. Needs no
// key, no network and no lock: it can be asked beside a running daemon, and after its end.
import { hostname } from 'node:os';
import { stringifyJson } from '../../base/json/json-text.ts';
import { printable } from '../../base/text.ts';
import type { Settings } from '../../config/settings.ts';
import { parseWidgetId } from '../../model/widget.ts';
import { explanationText } from '../../render/status/explanation-text.ts';
import { widthOf } from '../../render/table.ts';
import type { StateView } from '../../state/state-store.ts';
import { daemonState, defaultMaxAgeMs } from '../../status/daemon-state.ts';
import { explainWidget } from '../../status/explain/explain.ts';
import type { Explanation } from '../../status/explain/explanation.ts';
import { explanationJson } from '../../status/explain/explanation-json.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import { openLog } from '../logging.ts';
import {
  coloursFor,
  type ExitCode,
  exitCode,
  ownCommand,
  type ProcessContext,
} from '../process-context.ts';
import { openView, sayDamaged, sayWhose } from '../wiring/account-state.ts';
import { commandWith } from '../wiring/command-with.ts';
import { findMeant, type Meant } from './find-meant.ts';

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
  const meant = await findMeant(request.widget, record, view);
  if (typeof meant === 'string') {
    context.stderr.write(`widget-sync: ${printable(meant)}\n`);
    return exitCode.changesPending;
  }
  sayWhose(apiUrl, settings, context);
  sayDamaged(damaged, context);
  const explanation = await explained({ ...meant, record, view, settings, apiUrl }, context);
  context.stdout.write(`${textOf(explanation, json, context)}\n`);
  return explanation.verdict.isToMend ? exitCode.failed : exitCode.ok;
}

interface Known extends Meant {
  readonly record: StatusRecord | null;
  readonly view: StateView;
  readonly settings: Settings;
  readonly apiUrl: string;
}

async function explained(
  { widget, applied, record, view, settings, apiUrl }: Known,
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
    command: commandWith({ settings, apiUrl, program: ownCommand(context.env) }),
  });
}

function textOf(explanation: Explanation, json: boolean, { stdout, env }: ProcessContext): string {
  if (json) return stringifyJson(explanationJson(explanation), 2);
  const look = { colours: coloursFor(stdout, env), width: widthOf(stdout) };
  return explanationText(explanation, look);
}
