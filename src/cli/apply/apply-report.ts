// The report of `apply`: what it counts, and when. How it is printed, for people or for programs, is the
// printer's affair.
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree, Problem } from '../../model/document.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Plan, WidgetAt } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import { refusalProblems } from '../../observe/rejection-problems.ts';
import { type Listener, listenerOf, type Refusal } from '../../sync/events.ts';
import type { PassReport } from '../../sync/loop/run-pass.ts';
import type { Unsaved } from '../../sync/queue/record-findings.ts';
import type { LeftState } from '../notes/left-state.ts';

export interface ApplyReport {
  /** Prints the plan, and each change once it has ended. */
  readonly hear: Listener;
  /** Prints what the pass found besides, or why it was refused, and the sum of it. */
  end(report: Ended): Tally;
}

/** The pass, and the state that may have been this account's under another name. */
export type Ended = PassReport & { readonly left: LeftState | null };

export interface Tally {
  readonly applied: number;
  readonly adopted: number;
  /** Widgets of which the API keeps something otherwise than it was sent. */
  readonly kept: number;
  /** Writes and records. */
  readonly failed: number;
}

/** One form of the report. */
export interface Printer {
  begin(plan: Plan, tree: LoadedTree): void;
  outcome(outcome: Outcome): void;
  adopted(widget: WidgetAt): void;
  unsaved(unsaved: Unsaved): void;
  refuse(refusal: Refusal): void;
  end(tally: Tally, report: Pick<Ended, 'tree' | 'plan' | 'left'>): void;
}

/** Counts, and has the printer print what there is to say. */
export function tallied(printer: Printer): ApplyReport {
  const tally = { applied: 0, adopted: 0, kept: 0, failed: 0 };
  const keptBefore = new Set<WidgetId>();
  return {
    hear: listenerOf({
      'plan-made': ({ tree, plan }) => {
        for (const { widgetId } of plan.kept) keptBefore.add(widgetId);
        tally.kept = keptBefore.size;
        printer.begin(plan, tree);
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
    end(report) {
      const { plan, refusal, unsaved } = report;
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
      printer.end(tally, report);
      return tally;
    },
  };
}

/** Why the change was not applied. */
export function failureText(outcome: Exclude<Outcome, { status: 'applied' }>): string {
  return outcome.status === 'failed' ? outcome.error.message : `not sent: ${outcome.why}`;
}

/** The fields that the API refused, as problems of the file. */
export function refusalsOf(outcome: Outcome, directory: WidgetDirectory): Problem[] {
  return outcome.status === 'failed'
    ? refusalProblems(outcome.change, outcome.error, directory)
    : [];
}
