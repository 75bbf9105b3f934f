// The output of `apply`: the plan and its outcomes for people, or the same as NDJSON for programs.
import type { Colors } from 'picocolors/types.js';
import { stringifyJson } from '../../base/json/json-text.ts';
import { count, pathIn, printable } from '../../base/text.ts';
import type { Rate } from '../../config/rate.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree, Problem } from '../../model/document.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { FieldChange, Plan, WidgetAt } from '../../model/plan.ts';
import type { UnappliedField } from '../../model/unapplied-fields.ts';
import type { WidgetId } from '../../model/widget.ts';
import { refusalProblems } from '../../observe/rejection-problems.ts';
import { renderKept } from '../../render/field-text.ts';
import { keptJson } from '../../render/plan-json.ts';
import { renderPlan } from '../../render/plan-text.ts';
import { isoTime } from '../../render/time.ts';
import { type Listener, listenerOf, type Refusal } from '../../sync/events.ts';
import { describeRefusal } from '../../sync/loop/change-gate.ts';
import type { PassReport } from '../../sync/loop/run-pass.ts';
import type { Unsaved } from '../../sync/queue/record-findings.ts';
import { printProblems } from '../commands/print-problems.ts';
import { type Beforehand, renderLonger } from '../commands/rate-wait.ts';
import { coloursFor, type ProcessContext, planColours } from '../process-context.ts';
import { plainLine } from '../wiring/partial-tree.ts';

export interface ApplyReport {
  /** Prints the plan, and each change once it has ended. */
  readonly hear: Listener;
  /** Prints what the pass found besides, or why it was refused, and the sum of it. */
  end(report: Pick<PassReport, 'plan' | 'refusal' | 'unsaved'>): Tally;
}

export interface Tally {
  readonly applied: number;
  readonly adopted: number;
  /** Widgets of which the API keeps something otherwise than it was sent. */
  readonly kept: number;
  /** Writes and records. */
  readonly failed: number;
}

/** The facts that the report needs. */
interface Reported {
  readonly directory: WidgetDirectory;
  readonly otherRoot: (widgetId: WidgetId) => string | null;
  readonly rate: Rate;
  readonly earlier: () => Beforehand;
  /** A note on the plan; null for none. */
  readonly note: (plan: Plan) => string | null;
}

type Source = LoadedTree['source'];

interface Printer {
  begin(plan: Plan, source: Source | null): void;
  outcome(outcome: Outcome): void;
  adopted(widget: WidgetAt): void;
  unsaved(unsaved: Unsaved): void;
  refuse(refusal: Refusal): void;
  end(tally: Tally, source: Source | null): void;
}

export function reportText(
  { directory, otherRoot, rate, earlier, note }: Reported,
  context: ProcessContext,
): ApplyReport {
  const { stdout, env } = context;
  const colours = coloursFor(stdout, env);
  return tallied({
    begin(plan, source) {
      const options = { directory: directory.dir, otherRoot, rate, ...planColours(stdout, env) };
      stdout.write(`${renderPlan(plan, options)}\n`);
      for (const line of renderLonger(plan, rate, earlier())) {
        stdout.write(`${colours.dim(line)}\n`);
      }
      const plain = source && plainLine({ source });
      if (plain !== null) stdout.write(`${colours.yellow(plain)}\n`);
      const noted = note(plan);
      if (noted !== null) stdout.write(`\n${noted}\n`);
      if (plan.changes.length > 0) stdout.write('\n');
    },
    outcome(outcome) {
      const file = printable(pathIn(directory.dir, outcome.change.file));
      if (outcome.status === 'applied') {
        const tries = outcome.attempts > 1 ? ` in ${outcome.attempts} attempts` : '';
        stdout.write(`${colours.green('applied')} ${file}${tries}\n`);
        for (const line of keptNote(outcome.kept, colours)) stdout.write(`  ${line}\n`);
        return;
      }
      stdout.write(`${colours.red('failed')}  ${file}: ${printable(failureText(outcome))}\n`);
      printProblems(refusalsOf(outcome, directory), { directory, output: stdout, env });
    },
    // The plan has said of it what there is to say.
    adopted: () => {},
    unsaved({ file, error }) {
      const path = printable(pathIn(directory.dir, file));
      stdout.write(`${colours.red('failed')}  ${path}: ${printable(error.message)}\n`);
    },
    refuse(refusal) {
      const title = colours.red(`Refused (${refusal.code})`);
      stdout.write(`${title}: ${printable(describeRefusal(refusal))}.\n`);
    },
    end({ applied, adopted, failed }) {
      if (applied + adopted + failed === 0) return;
      const adoptions = adopted === 0 ? '' : `, ${adopted} adopted`;
      const failures = failed === 0 ? '' : `, ${colours.red(`${failed} failed`)}`;
      stdout.write(`\n${count(applied, 'widget')} applied${adoptions}${failures}.\n`);
    },
  });
}

export function reportJson({ directory }: Reported, { stdout }: ProcessContext): ApplyReport {
  const print = (line: object) => stdout.write(`${stringifyJson(line)}\n`);
  let planned: Plan | null = null;
  return tallied({
    begin(plan) {
      planned = plan;
      print(versionLine);
      for (const line of leftLines(plan)) print(line);
    },
    outcome: (outcome) => print(outcomeLine(outcome, directory)),
    adopted: (widget) => print(unsentLine(widget, 'adopted', null)),
    unsaved: ({ error, ...widget }) => print(unsentLine(widget, 'failed', error.message)),
    refuse: (refusal) => print(refusedLine(refusal)),
    end: (tally, source) => print({ ...summaryLine(tally, planned), source }),
  });
}

/** The note that the plan shows from now on. */
function keptNote(kept: readonly UnappliedField[], colours: Colors): string[] {
  if (kept.length === 0) return [];
  const words = `the API kept ${count(kept.length, 'field')} otherwise than sent`;
  const fields = renderKept(kept, colours).map((line) => `  ${line}`);
  return [`${colours.yellow('note')} ${words}:`, ...fields];
}

/** An approval is all that this run leaves: it has looked at no widget. */
export function printApproved(checksum: string, { stdout }: Pick<ProcessContext, 'stdout'>): void {
  const nothing = { applied: 0, adopted: 0, kept: 0, failed: 0 };
  const summary = { ...summaryLine(nothing, null), source: null };
  for (const line of [versionLine, { type: 'approved', checksum }, summary]) {
    stdout.write(`${stringifyJson(line)}\n`);
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

function refusedLine(refusal: Refusal): object {
  const { code, checksum, changes } = refusal;
  return { type: 'refused', code, checksum, changes, message: describeRefusal(refusal) };
}

function tallied(printer: Printer): ApplyReport {
  const tally = { applied: 0, adopted: 0, kept: 0, failed: 0 };
  const keptBefore = new Set<WidgetId>();
  let source: Source | null = null;
  return {
    hear: listenerOf({
      'files-loaded': ({ tree }) => {
        source = tree.source;
      },
      'plan-made': ({ plan }) => {
        for (const { widgetId } of plan.kept) keptBefore.add(widgetId);
        tally.kept = keptBefore.size;
        printer.begin(plan, source);
      },
      'change-ended': ({ outcome }) => {
        if (outcome.status === 'applied') {
          // The write tells anew what is kept.
          if (keptBefore.delete(outcome.change.widgetId)) tally.kept -= 1;
          if (outcome.kept.length > 0) tally.kept += 1;
        }
        tally[outcome.status === 'applied' ? 'applied' : 'failed'] += 1;
        printer.outcome(outcome);
      },
    }),
    end({ plan, refusal, unsaved }) {
      if (refusal !== null) printer.refuse(refusal);
      else {
        // More than one thing may have been found of one widget.
        const lost = new Map(unsaved.map((one) => [one.widgetId, one]));
        const adopted = plan.adopted.filter(({ widgetId }) => !lost.has(widgetId));
        tally.adopted += adopted.length;
        tally.failed += lost.size;
        adopted.forEach(printer.adopted);
        lost.forEach(printer.unsaved);
      }
      printer.end(tally, source);
      return tally;
    },
  };
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

function failureText(outcome: Exclude<Outcome, { status: 'applied' }>): string {
  return outcome.status === 'failed' ? outcome.error.message : `not sent: ${outcome.why}`;
}

function refusalsOf(outcome: Outcome, directory: WidgetDirectory): Problem[] {
  return outcome.status === 'failed'
    ? refusalProblems(outcome.change, outcome.error, directory)
    : [];
}
