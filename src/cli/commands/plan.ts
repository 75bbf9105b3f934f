// `plan`: the pass that `apply` would make, up to the point where it would write.

import { UsageError } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import type { LoadedTree } from '../../model/document.ts';
import type { Plan } from '../../model/plan.ts';
import { planJson } from '../../render/plan-json.ts';
import { type RenderOptions, renderPlan } from '../../render/plan-text.ts';
import { toDiagnostics } from '../../render/problem-text.ts';
import type { StateView } from '../../state/state-store.ts';
import { describeRefusal } from '../../sync/loop/change-gate.ts';
import { type PassReport, runPass } from '../../sync/loop/run-pass.ts';
import { openLog } from '../logging.ts';
import {
  coloursFor,
  type ExitCode,
  exitCode,
  type ProcessContext,
  wantsColour,
} from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { nothingRecordedNote } from '../wiring/nothing-recorded.ts';
import { plainLine } from '../wiring/partial-tree.ts';
import { otherRootOf } from '../wiring/state-directory-checks.ts';
import { openForReading, type ReadingParts } from '../wiring/wire.ts';
import { dryPass, logBesidePlan, showProblems } from './one-pass.ts';
import { hasErrors, isToMend } from './print-problems.ts';
import { type Beforehand, renderLonger } from './rate-wait.ts';

export interface PlanRequest extends Request {
  readonly json: boolean;
  /** Exit with 2 when something would change. */
  readonly detailedExitcode: boolean;
}

export async function plan(request: PlanRequest, context: ProcessContext): Promise<ExitCode> {
  const log = openLog(request.settings, context, request.json ? 'json' : 'text');
  const parts = await openForReading(request, log, context);
  try {
    const told = { request, parts, log };
    if (!request.json) parts.events.subscribe(showProblems(parts.directory, context));
    parts.events.subscribe(logBesidePlan(told));
    const ports = dryPass(
      { ...told, memory: parts.view },
      { send: 'changed', checksum: null },
      context,
    );
    const report = await runPass(ports, { trigger: 'start', force: false });
    if ('unsettled' in report) throw new UsageError('stopped before the plan was made');
    if (request.json) printJson(report, request, context);
    else await printText(report, { request, parts }, context);
    return parts.events.hasBug ? exitCode.failed : codeOf(report, request);
  } finally {
    await parts.close();
  }
}

function codeOf({ tree, plan: made, refusal }: PassReport, request: PlanRequest): ExitCode {
  const isSound = !hasErrors(tree.problems) && !made.held.some(isToMend);
  if (!isSound || refusal !== null) return exitCode.failed;
  const isPending = made.changes.length > 0;
  return request.detailedExitcode && isPending ? exitCode.changesPending : exitCode.ok;
}

function printJson(
  { tree, plan: made, refusal: refused }: PassReport,
  { settings }: PlanRequest,
  { stdout }: ProcessContext,
): void {
  const { problems, source } = tree;
  const shown = { ...planJson(made, settings.rate), source, refused };
  stdout.write(`${stringifyJson({ ...shown, diagnostics: toDiagnostics(problems) }, 2)}\n`);
}

async function printText(
  { tree, plan: made, refusal }: PassReport,
  { request, parts }: { readonly request: PlanRequest; readonly parts: ReadingParts },
  context: ProcessContext,
): Promise<void> {
  const { directory, settings } = request;
  const otherRoot = otherRootOf(parts.state, directory);
  const options = { directory, otherRoot, rate: settings.rate };
  printPlan({ made, tree }, options, await earlierRuns(parts.view, request, context), context);
  const note = nothingRecordedNote(made, parts.account);
  if (note !== null) context.stdout.write(`\n${note}\n`);
  if (refusal !== null) context.stdout.write(`Would be refused: ${describeRefusal(refusal)}.\n`);
}

/** What `apply` would begin with, had it the directory to itself now. */
async function earlierRuns(
  view: StateView,
  { settings: { rate } }: PlanRequest,
  { clock }: ProcessContext,
): Promise<Beforehand> {
  const earlierMs = await view.earlierRequestsMs(rate);
  const learnt = await view.learntLimit();
  return { earlierMs, nowMs: clock.monotonicMs(), apiRate: learnt?.about ?? null };
}

function printPlan(
  { made, tree }: { readonly made: Plan; readonly tree: LoadedTree },
  options: Omit<RenderOptions, 'colour'>,
  beforehand: Beforehand,
  { stdout, env }: ProcessContext,
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
