// `plan`: the pass that `apply` would make, up to the point where it would write.

import { UsageError } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import type { LoadedTree } from '../../model/document.ts';
import type { Plan } from '../../model/plan.ts';
import { logBug } from '../../observe/log-changes.ts';
import { planJson } from '../../render/plan-json.ts';
import { type RenderOptions, renderPlan } from '../../render/plan-text.ts';
import { toDiagnostics } from '../../render/problem-text.ts';
import type { StateView } from '../../state/state-store.ts';
import { describeExcess, findExcess } from '../../sync/loop/change-gate.ts';
import { lookAtAll, planFrom } from '../../sync/loop/pass.ts';
import { openLog } from '../logging.ts';
import {
  coloursFor,
  type ExitCode,
  exitCode,
  type Surroundings,
  wantsColour,
} from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { nothingRecordedNote } from '../wiring/nothing-recorded.ts';
import { plainLine } from '../wiring/partial-tree.ts';
import { otherRootOf, sayShared } from '../wiring/state-directory-checks.ts';
import { openForReading } from '../wiring/wire.ts';
import { hasErrors, isToMend, printProblems } from './print-problems.ts';
import { type Beforehand, renderLonger } from './rate-wait.ts';

export interface PlanRequest extends Request {
  readonly json: boolean;
  /** Exit with 2 when something would change. */
  readonly detailedExitcode: boolean;
}

export async function plan(request: PlanRequest, world: Surroundings): Promise<ExitCode> {
  const { stdout, stderr, env } = world;
  const { rate, drift, released, maxChanges } = request.settings;
  const log = openLog(request.settings, world, request.json ? 'json' : 'text');
  const parts = await openForReading(request, log, world);
  try {
    const sayProblems = ({ problems }: LoadedTree) => {
      if (!request.json)
        printProblems(problems, { directory: parts.directory, output: stderr, env });
    };
    const onWait = (why: string) => log.info({ detail: why }, 'waiting for the files');
    const { state, live, view } = parts;
    const deps = { directory: parts.directory, state, live, clock: world.clock, onWait };
    const seen = await lookAtAll(sayProblems, world.stop, deps);
    if (seen === null) throw new UsageError('stopped before the plan was made');
    const { problems, source } = seen.tree;
    const nowMs = world.clock.now().getTime();
    const made = planFrom(seen, { send: 'changed', drift, released, nowMs }, state);
    const otherRoot = otherRootOf(state, request.directory);
    sayShared(log, otherRoot)(made);
    for (const { error, ...widget } of made.bugs) logBug(log, widget, error);
    const admitted = maxChanges === null ? new Map() : await view.allowedChanges();
    const excess = findExcess(made, maxChanges, admitted);
    if (request.json) {
      const refused = excess === null ? null : { code: 'too-many-changes', ...excess };
      const shown = { ...planJson(made, rate), source, refused };
      const value = { ...shown, diagnostics: toDiagnostics(problems) };
      stdout.write(`${stringifyJson(value, 2)}\n`);
    } else {
      const { directory } = request;
      printPlan(
        { ...seen, made },
        { directory, otherRoot, rate },
        await earlierRuns(view, request, world),
        world,
      );
      const note = nothingRecordedNote(made, parts.account);
      if (note !== null) stdout.write(`\n${note}\n`);
      if (excess !== null) stdout.write(`Would be refused: ${describeExcess(excess)}.\n`);
    }
    if (hasErrors(problems) || made.held.some(isToMend) || excess !== null) return exitCode.failed;
    const pending = made.changes.length > 0;
    return request.detailedExitcode && pending ? exitCode.changesPending : exitCode.ok;
  } finally {
    await parts.close();
  }
}

/** What `apply` would begin with, had it the directory to itself now. */
async function earlierRuns(
  view: StateView,
  { settings: { rate } }: PlanRequest,
  { clock }: Surroundings,
): Promise<Beforehand> {
  const earlierMs = await view.earlierRequestsMs(rate);
  const learnt = await view.learntLimit();
  return { earlierMs, nowMs: clock.monotonicMs(), apiRate: learnt?.about ?? null };
}

function printPlan(
  { made, tree }: { readonly made: Plan; readonly tree: LoadedTree },
  options: Omit<RenderOptions, 'colour'>,
  beforehand: Beforehand,
  { stdout, env }: Surroundings,
): void {
  const colour = wantsColour(stdout, env);
  stdout.write(`${renderPlan(made, { ...options, colour })}\n`);
  const colours = coloursFor(stdout, env);
  for (const line of renderLonger(made, options.rate, beforehand)) {
    stdout.write(`${colours.dim(line)}\n`);
  }
  const plain = plainLine(tree);
  if (plain !== null) stdout.write(`${colours.yellow(plain)}\n`);
  if (made.changes.length > 0) stdout.write(`Checksum: ${made.checksum}\n`);
}
