// `plan`: the pass that `apply` would make, up to the point where it would write.
import { toDiagnostics } from '../documents/render-problems.ts';
import { planJson } from '../plan/plan-json.ts';
import { renderPlan } from '../plan/render-plan.ts';
import { look } from '../sync/pass.ts';
import { openForReading, type Request } from './assemble.ts';
import { openLog } from './logging.ts';
import { hasErrors, printProblems } from './print-problems.ts';
import { type ExitCode, exitCode, type Surroundings, wantsColour } from './surroundings.ts';

export interface PlanRequest extends Request {
  readonly json: boolean;
  /** Exit with 2 when something would change. */
  readonly detailedExitcode: boolean;
}

export async function plan(request: PlanRequest, world: Surroundings): Promise<ExitCode> {
  const { stdout, stderr, env } = world;
  const parts = await openForReading(request, openLog(request.settings, world, 2), world);
  try {
    const seen = look({ send: 'changed' }, parts);
    const { problems } = seen.tree;
    if (request.json) {
      const value = { ...planJson(seen.plan), diagnostics: toDiagnostics(problems) };
      stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    } else {
      printProblems(problems, { directory: parts.directory, output: stderr, env });
      const colour = wantsColour(stdout, env);
      stdout.write(`${renderPlan(seen.plan, { colour, directory: request.directory })}\n`);
    }
    if (hasErrors(problems)) return exitCode.failed;
    const pending = seen.plan.changes.length > 0;
    return request.detailedExitcode && pending ? exitCode.changesPending : exitCode.ok;
  } finally {
    await parts.close();
  }
}
