// The report of `apply` for programs: NDJSON, as schemas/output/apply.schema.json describes it.
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { FieldChange, Plan } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import { keptJson } from '../../render/plan-json.ts';
import { isoTime } from '../../render/time.ts';
import type { Refusal } from '../../sync/events.ts';
import { describeRefusal } from '../../sync/loop/change-gate.ts';
import { leftStateJson } from '../notes/left-state.ts';
import { printJsonLine } from '../print-json.ts';
import type { ProcessContext } from '../process-context.ts';
import { type ApplyReport, failureText, refusalsOf, type Tally, tallied } from './apply-report.ts';

export function reportJson(
  directory: WidgetDirectory,
  context: Pick<ProcessContext, 'stdout' | 'account'>,
): ApplyReport {
  const print = (line: object) => printJsonLine(line, context);
  return tallied({
    begin(plan) {
      print(versionLine);
      for (const line of leftLines(plan)) print(line);
    },
    outcome: (outcome) => print(outcomeLine(outcome, directory)),
    adopted: (widget) => print(unsentLine(widget, 'adopted', null)),
    unsaved: ({ error, ...widget }) => print(unsentLine(widget, 'failed', error.message)),
    refuse: (refusal) => print(refusedLine(refusal, context.account?.name)),
    end(tally, { plan, tree: { source }, left }) {
      print({ ...summaryLine(tally, plan), ...leftStateJson(left), source });
    },
  });
}

/** An approval is all that this run leaves: it has looked at no widget. */
export function printApproved(
  checksum: string,
  context: Pick<ProcessContext, 'stdout' | 'account'>,
): void {
  const nothing = { applied: 0, adopted: 0, kept: 0, failed: 0 };
  const summary = { ...summaryLine(nothing, null), source: null };
  for (const line of [versionLine, { type: 'approved', checksum }, summary]) {
    printJsonLine(line, context);
  }
}

const versionLine = { type: 'version', format_version: '1.0' };

function summaryLine({ applied, adopted, kept, failed }: Tally, plan: Plan | null): object {
  return {
    type: 'summary',
    applied,
    adopted,
    unchanged: plan?.unchanged.length ?? 0,
    drifted: plan?.drifted.length ?? 0,
    kept,
    failed,
    held: plan?.held.length ?? 0,
    orphaned: plan?.orphaned.length ?? 0,
    nothing_recorded: plan?.isNothingRecorded ?? false,
  };
}

function refusedLine(refusal: Refusal, account: string | undefined): object {
  const { code, checksum, changes } = refusal;
  return { type: 'refused', code, checksum, changes, message: describeRefusal(refusal, account) };
}

/** The lines of the widgets that the plan leaves as they are. */
function leftLines(plan: Plan): object[] {
  const { held, drifted } = plan;
  return [
    ...held.map(({ code, message, ...widget }) =>
      unsentLine(widget, 'held', `${code}: ${message}`),
    ),
    ...drifted.map(({ why, untilMs, fields, ...widget }) => ({
      ...unsentLine(widget, 'drifted', null),
      why,
      until: untilMs === null ? null : isoTime(untilMs),
      fields: pathsOf(fields),
    })),
    ...keptLines(plan),
  ];
}

/** Leaves out widgets that are written: the outcome of a write tells anew. */
function keptLines({ kept, changes }: Plan): object[] {
  const written = new Set(changes.map(({ widgetId }) => widgetId));
  return kept
    .filter(({ widgetId }) => !written.has(widgetId))
    .map((one) => ({ type: 'kept', ...keptJson(one) }));
}

function unsentLine(
  { widgetId, file }: { readonly widgetId: WidgetId | null; readonly file: string },
  status: 'adopted' | 'drifted' | 'failed' | 'held',
  error: string | null,
): object {
  const head = { type: 'outcome', widget_id: widgetId, file };
  return { ...head, status, attempts: 0, http_status: null, error };
}

function outcomeLine(outcome: Outcome, directory: WidgetDirectory): object {
  const { widgetId, file, fields } = outcome.change;
  const head = { type: 'outcome', widget_id: widgetId, file };
  if (outcome.status === 'applied') {
    const { attempts, httpStatus } = outcome;
    const result = { status: 'applied', attempts, http_status: httpStatus, error: null };
    const released = fields.filter((field) => field.released);
    const { kept } = outcome;
    return { ...head, ...result, fields: pathsOf(fields), released: pathsOf(released), kept };
  }
  const located = refusalsOf(outcome, directory).map(
    ({ file: where, range, summary, detail }) =>
      `${where}:${range.start.line}:${range.start.column}: ${summary}: ${detail}`,
  );
  return {
    ...head,
    status: 'failed',
    attempts: outcome.status === 'failed' ? outcome.attempts : 0,
    http_status:
      outcome.status === 'failed' && 'status' in outcome.error ? outcome.error.status : null,
    error: [failureText(outcome), ...located].join('\n'),
  };
}

function pathsOf(fields: readonly FieldChange[]): string[] {
  return fields.map(({ path }) => path);
}
