// The report of `apply` for people: the plan, what became of each change, and the sum.
import type { Colors } from 'picocolors/types.js';
import { count, pathIn, printable } from '../../base/text.ts';
import type { Rate } from '../../config/rate.ts';
import { FragmentProblems, keyed } from '../../documents/fragments/fragment-problems.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { Plan } from '../../model/plan.ts';
import type { UnappliedField } from '../../model/unapplied-fields.ts';
import type { WidgetId } from '../../model/widget.ts';
import { traceFromFiles } from '../../observe/trace-from-files.ts';
import { renderKept } from '../../render/field-text.ts';
import { describeRefusal } from '../../sync/loop/change-gate.ts';
import { printPlan } from '../commands/print-plan.ts';
import { printProblems } from '../commands/print-problems.ts';
import type { Beforehand } from '../commands/rate-wait.ts';
import { leftStateWords } from '../notes/left-state.ts';
import { coloursFor, type ProcessContext } from '../process-context.ts';
import type { Account } from '../wiring/account.ts';
import { type ApplyReport, failureText, refusalsOf, tallied } from './apply-report.ts';

/** The facts that the report needs. */
interface Reported {
  readonly directory: WidgetDirectory;
  readonly otherRoot: (widgetId: WidgetId) => string | null;
  readonly rate: Rate;
  readonly earlier: () => Beforehand;
  /** A note on the plan; null for none. */
  readonly note: (plan: Plan) => string | null;
  readonly account: Account;
}

export function reportText(
  { directory, otherRoot, rate, earlier, note, account: ofState }: Reported,
  context: ProcessContext,
): ApplyReport {
  const { stdout, env, account } = context;
  const colours = coloursFor(stdout, env);
  const ofFragments = new FragmentProblems();
  return tallied({
    begin(plan, { source }) {
      const beforehand = earlier();
      const traced = traceFromFiles(plan, directory);
      const printed = {
        plan: traced,
        source,
        beforehand,
        directory: directory.dir,
        otherRoot,
        rate,
      };
      printPlan(printed, context);
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
      const refusals = refusalsOf(outcome, directory);
      const own = refusals.filter(({ affects }) => affects === undefined);
      printProblems(own, { directory, output: stdout, env });
      for (const refusal of refusals) {
        if (refusal.affects !== undefined) ofFragments.add(keyed(refusal), outcome.change.file);
      }
    },
    // The plan has said of it what there is to say.
    adopted: () => {},
    unsaved({ file, error }) {
      const path = printable(pathIn(directory.dir, file));
      stdout.write(`${colours.red('failed')}  ${path}: ${printable(error.message)}\n`);
    },
    refuse(refusal) {
      const title = colours.red(`Refused (${refusal.code})`);
      stdout.write(`${title}: ${printable(describeRefusal(refusal, account?.name))}.\n`);
    },
    end({ applied, adopted, failed }, { left }) {
      // Many widgets may have been refused for one line.
      printProblems(ofFragments.all, { directory, output: stdout, env });
      if (left !== null) stdout.write(`\nNote: ${leftStateWords(left, ofState, 'ended')}\n`);
      if (applied + adopted + failed === 0) return;
      const adoptions = adopted === 0 ? '' : `, ${adopted} adopted`;
      const failures = failed === 0 ? '' : `, ${colours.red(`${failed} failed`)}`;
      stdout.write(`\n${count(applied, 'widget')} applied${adoptions}${failures}.\n`);
    },
  });
}

/** The note that the plan shows from now on. */
function keptNote(kept: readonly UnappliedField[], colours: Colors): string[] {
  if (kept.length === 0) return [];
  const words = `the API kept ${count(kept.length, 'field')} otherwise than sent`;
  const fields = renderKept(kept, colours).map((line) => `  ${line}`);
  return [`${colours.yellow('note')} ${words}:`, ...fields];
}
