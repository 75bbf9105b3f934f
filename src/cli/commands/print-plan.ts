// A plan on its way to a person, as `plan` and `apply` show it: its rows, and why it may take longer or see
// less than they say.
import type { LoadedTree } from '../../model/document.ts';
import type { Plan } from '../../model/plan.ts';
import { type RenderOptions, renderPlan } from '../../render/plan-text.ts';
import { plainLine } from '../notes/partial-tree.ts';
import { coloursFor, type ProcessContext, shownColours } from '../process-context.ts';
import { type Beforehand, renderLonger } from './rate-wait.ts';

export interface PlanToPrint extends Omit<RenderOptions, 'colour' | 'swatches'> {
  readonly plan: Plan;
  readonly source: LoadedTree['source'];
  readonly beforehand: Beforehand;
}

export function printPlan(
  { plan, source, beforehand, ...options }: PlanToPrint,
  { stdout, env }: Pick<ProcessContext, 'stdout' | 'env'>,
): void {
  stdout.write(`${renderPlan(plan, { ...options, ...shownColours(stdout, env) })}\n`);
  const colours = coloursFor(stdout, env);
  for (const line of renderLonger(plan, options.rate, beforehand)) {
    stdout.write(`${colours.dim(line)}\n`);
  }
  const plain = plainLine({ source });
  if (plain !== null) stdout.write(`${colours.yellow(plain)}\n`);
}
