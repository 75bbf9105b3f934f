// What `apply` prints: the plan and its outcomes for people, or the same as NDJSON for programs.
import type { Problem } from '../documents/types.ts';
import type { WidgetDirectory } from '../documents/widget-directory.ts';
import { renderPlan } from '../plan/render-plan.ts';
import type { Plan } from '../plan/types.ts';
import type { Rate } from '../rate.ts';
import type { Outcome } from '../sync/outcome.ts';
import { refusalProblems } from '../sync/refusals.ts';
import { count, pathIn, printable } from '../text.ts';
import type { WidgetId } from '../widget.ts';
import { printProblems } from './print-problems.ts';
import {
  coloursFor,
  type ExitCode,
  exitCode,
  type Surroundings,
  wantsColour,
} from './surroundings.ts';

export interface ApplyReport {
  begin(plan: Plan): void;
  outcome(outcome: Outcome): void;
  end(): Tally;
  /** The plan is not applied. */
  refuse(refusal: Refusal): ExitCode;
}

/** Why a plan that was made is not applied. */
export interface Refusal {
  readonly code: 'too-many-changes' | 'other-plan';
  /** Of the plan as it is now. */
  readonly checksum: string;
  readonly changes: number;
  /** What to do. */
  readonly message: string;
}

interface Tally {
  readonly applied: number;
  readonly failed: number;
}

/** What the report speaks of. */
interface Reported {
  readonly directory: WidgetDirectory;
  readonly otherRoot: (widgetId: WidgetId) => string | null;
  readonly rate: Rate;
}

type Printer = Pick<ApplyReport, 'begin' | 'outcome'> & {
  end(tally: Tally): void;
  refuse(refusal: Refusal): void;
};

export function reportText(
  { directory, otherRoot, rate }: Reported,
  world: Surroundings,
): ApplyReport {
  const { stdout, env } = world;
  const colours = coloursFor(stdout, env);
  return tallied({
    begin(plan) {
      const colour = wantsColour(stdout, env);
      const options = { colour, directory: directory.dir, otherRoot, rate };
      stdout.write(`${renderPlan(plan, options)}\n`);
      if (plan.changes.length > 0) stdout.write('\n');
    },
    outcome(outcome) {
      const file = printable(pathIn(directory.dir, outcome.change.file));
      if (outcome.status === 'applied') {
        const tries = outcome.attempts > 1 ? ` in ${outcome.attempts} attempts` : '';
        stdout.write(`${colours.green('applied')} ${file}${tries}\n`);
        for (const { path, sent, kept } of outcome.kept) {
          const values = `sent ${JSON.stringify(sent)}, the API kept ${JSON.stringify(kept)}`;
          stdout.write(`  ${colours.yellow('note')} ${printable(`${path}: ${values}`)}\n`);
        }
        return;
      }
      stdout.write(`${colours.red('failed')}  ${file}: ${printable(failureText(outcome))}\n`);
      printProblems(refusalsOf(outcome, directory), { directory, output: stdout, env });
    },
    refuse({ code, message }) {
      stdout.write(`${colours.red(`Refused (${code})`)}: ${printable(message)}.\n`);
    },
    end({ applied, failed }) {
      if (applied + failed === 0) return;
      const failures = failed === 0 ? '' : `, ${colours.red(`${failed} failed`)}`;
      stdout.write(`\n${count(applied, 'widget')} applied${failures}.\n`);
    },
  });
}

export function reportJson({ directory }: Reported, { stdout }: Surroundings): ApplyReport {
  const print = (line: object) => stdout.write(`${JSON.stringify(line)}\n`);
  let planned: Plan | null = null;
  return tallied({
    begin(plan) {
      planned = plan;
      print({ type: 'version', format_version: '1.0' });
      for (const line of settledLines(plan)) print(line);
    },
    outcome: (outcome) => print(outcomeLine(outcome, directory)),
    refuse: (refusal) => print({ type: 'refused', ...refusal }),
    end({ applied, failed }) {
      print({
        type: 'summary',
        applied,
        adopted: planned?.adopted.length ?? 0,
        unchanged: planned?.unchanged.length ?? 0,
        failed,
        held: planned?.held.length ?? 0,
        orphaned: planned?.orphaned.length ?? 0,
      });
    },
  });
}

function tallied(printer: Printer): ApplyReport {
  const tally = { applied: 0, failed: 0 };
  return {
    begin: (plan) => printer.begin(plan),
    outcome(outcome) {
      tally[outcome.status === 'applied' ? 'applied' : 'failed'] += 1;
      printer.outcome(outcome);
    },
    end() {
      printer.end(tally);
      return tally;
    },
    refuse(refusal) {
      printer.refuse(refusal);
      printer.end(tally);
      return exitCode.failed;
    },
  };
}

/** The widgets that the plan settles without a request. */
function settledLines(plan: Plan): object[] {
  const nothingSent = { attempts: 0, http_status: null };
  const adopted = plan.adopted.map(({ widgetId, file }) => ({
    type: 'outcome',
    widget_id: widgetId,
    file,
    status: 'adopted',
    ...nothingSent,
    error: null,
  }));
  const held = plan.held.map(({ widgetId, file, code, message }) => ({
    type: 'outcome',
    widget_id: widgetId,
    file,
    status: 'held',
    ...nothingSent,
    error: `${code}: ${message}`,
  }));
  return [...adopted, ...held];
}

function outcomeLine(outcome: Outcome, directory: WidgetDirectory): object {
  const { widgetId, file } = outcome.change;
  const head = { type: 'outcome', widget_id: widgetId, file };
  if (outcome.status === 'applied') {
    const { attempts, httpStatus } = outcome;
    return { ...head, status: 'applied', attempts, http_status: httpStatus, error: null };
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

function failureText(outcome: Exclude<Outcome, { status: 'applied' }>): string {
  return outcome.status === 'failed' ? outcome.error.message : `not sent: ${outcome.why}`;
}

function refusalsOf(outcome: Outcome, directory: WidgetDirectory): Problem[] {
  return outcome.status === 'failed'
    ? refusalProblems(outcome.change, outcome.error, directory)
    : [];
}
