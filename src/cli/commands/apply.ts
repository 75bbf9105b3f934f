// `apply`: one pass that writes, then the end. Prints the plan, then what became of each change.

import { UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { LoadedTree } from '../../model/document.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Change, Plan } from '../../model/plan.ts';
import { UnexpectedError } from '../../model/send-failure.ts';
import { logBug } from '../../observe/log-changes.ts';
import { logKeptFields } from '../../observe/log-unapplied.ts';
import { remarksOnVanished } from '../../observe/pass-notices.ts';
import type { StatusBoard } from '../../observe/status-reporter.ts';
import { StateTakenError } from '../../state/holder.ts';
import type { AllowedChanges } from '../../state/state-store.ts';
import { admittedBy, describeExcess, findExcess } from '../../sync/loop/change-gate.ts';
import { lookAtAll, planFrom } from '../../sync/loop/pass.ts';
import { openLog } from '../logging.ts';
import { type ExitCode, exitCode, type Surroundings } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { nothingRecordedNote } from '../wiring/nothing-recorded.ts';
import { openStatusBoard } from '../wiring/open-status-reporter.ts';
import { otherRootOf, sayShared } from '../wiring/state-directory-checks.ts';
import { openForWriting, type WritingParts } from '../wiring/wire.ts';
import { type ApplyReport, type Refusal, reportJson, reportText } from './apply-report.ts';
import { approve, orApprove } from './approve.ts';
import { hasErrors, isToMend, printProblems } from './print-problems.ts';
import { carryOut } from './send-plan.ts';

export interface ApplyRequest extends Request {
  readonly json: boolean;
  /** Send every valid widget, whatever is recorded or live. */
  readonly force: boolean;
  /** Apply the plan of this checksum, however much it changes, and no other. */
  readonly checksum: string | null;
}

export async function apply(request: ApplyRequest, world: Surroundings): Promise<ExitCode> {
  const log = openLog(request.settings, world, request.json ? 'json' : 'text');
  const parts = await openForWriting({ ...request, command: 'apply' }, log, world).catch(
    async (error: unknown) => {
      if (!isDaemons(error)) throw error;
      if (request.checksum === null) throw await orApprove(error, request.settings, world);
      return null;
    },
  );
  // The daemon has made the plan that was refused, and only it can make that plan again.
  if (parts === null) return await approve(request, world);
  try {
    return await applyOnce({ request, parts, log }, world);
  } finally {
    await parts.close();
  }
}

function isDaemons(error: unknown): error is StateTakenError {
  return error instanceof StateTakenError && error.holder?.command === 'run';
}

interface Job {
  readonly request: ApplyRequest;
  readonly parts: WritingParts;
  readonly log: Log;
}

async function applyOnce(job: Job, world: Surroundings): Promise<ExitCode> {
  const looked = await lookAndPlan(job, world);
  const { plan, refusal, tree } = looked;
  const report = openReport(tree, job, world);
  const open = new Set(plan.changes);
  const board = openStatusBoard('apply', { ...job, pending: () => open.size }, world);
  report.begin(plan);
  board.loaded(tree);
  board.passed(plan);
  try {
    if (refusal === null) await carryOutAndTell(plan, { ...job, report, board, open }, world);
    else {
      board.refused(refusal);
      report.refuse(refusal);
    }
  } finally {
    await board.stop();
  }
  const { failed } = report.end();
  const isAllWell = refusal === null && failed === 0 && isSound(looked);
  return isAllWell ? exitCode.ok : exitCode.failed;
}

interface Looked {
  readonly tree: LoadedTree;
  readonly plan: Plan;
  /** Null when the plan may be carried out, and what it lets through is kept. */
  readonly refusal: Refusal | null;
}

async function lookAndPlan({ request, parts, log }: Job, world: Surroundings): Promise<Looked> {
  const { directory, state, live } = parts;
  const { drift, released, maxChanges } = request.settings;
  const sayProblems = ({ problems }: LoadedTree) =>
    printProblems(problems, { directory, output: world.stderr, env: world.env });
  const onWait = (why: string) => log.info({ detail: why }, 'waiting for the files');
  const { clock } = world;
  const deps = { directory, state, live, clock, onWait };
  const seen = await lookAtAll(sayProblems, world.stop, deps);
  if (seen === null) throw new UsageError('stopped before anything was sent');
  const send = request.force ? 'all' : 'changed';
  const plan = planFrom(seen, { send, drift, released, nowMs: clock.now().getTime() }, state);
  sayShared(log, otherRootOf(state, request.directory))(plan);
  for (const { error, ...widget } of plan.bugs) logBug(log, widget, error);
  const admitted = maxChanges === null ? new Map() : await state.allowedChanges();
  const refusal = refusalOf(plan, admitted, request);
  // Where a person has looked at it, whatever of it comes later need not be looked at again.
  if (refusal === null && (request.checksum !== null || maxChanges !== null)) {
    await state.saveAllowedChanges(admittedBy(plan));
  }
  return { tree: seen.tree, plan, refusal };
}

/** Why nothing of the plan may be sent; null when it may. */
function refusalOf(
  plan: Plan,
  admitted: AllowedChanges,
  { checksum, settings }: ApplyRequest,
): Refusal | null {
  const facts = { checksum: plan.checksum, changes: plan.changes.length };
  if (checksum !== null) {
    if (checksum === plan.checksum) return null;
    const message = `the plan is another one now, ${plan.checksum}: nothing was sent; look at it and apply that`;
    return { code: 'other-plan', ...facts, message };
  }
  const excess = findExcess(plan, settings.maxChanges, admitted);
  if (excess === null) return null;
  return { code: 'too-many-changes', ...facts, message: describeExcess(excess) };
}

function openReport(tree: LoadedTree, { request, parts }: Job, world: Surroundings): ApplyReport {
  const otherRoot = otherRootOf(parts.state, request.directory);
  const { directory, usage, limiter } = parts;
  const { earlierMs } = usage;
  const { pace } = limiter;
  const earlier = () => ({ earlierMs, nowMs: world.clock.monotonicMs(), apiRate: pace.known });
  const note = (plan: Plan) => nothingRecordedNote(plan, parts.account);
  const about = { directory, tree, otherRoot, rate: request.settings.rate, earlier, note };
  return request.json ? reportJson(about, world) : reportText(about, world);
}

interface Telling extends Job {
  readonly report: ApplyReport;
  readonly board: StatusBoard;
  /** The changes that are still to be done. */
  readonly open: Set<Change>;
}

async function carryOutAndTell(
  plan: Plan,
  { report, board, open, ...job }: Telling,
  world: Surroundings,
): Promise<void> {
  const onOutcome = (outcome: Outcome) => {
    // A warning as well where the result is for programs; for people the report says it.
    if (job.request.json && outcome.status === 'applied') {
      logKeptFields(job.log, outcome.change, outcome.kept);
    }
    // In the report it is one line: whoever mends it needs the stack.
    const bug = outcome.status === 'failed' ? outcome.error : null;
    if (bug instanceof UnexpectedError) logBug(job.log, outcome.change, bug.cause);
    // What was not sent is still to be done, and `status` says so.
    if (outcome.status !== 'unsent') open.delete(outcome.change);
    board.ended(outcome);
    report.outcome(outcome);
  };
  const unsaved = await carryOut(plan, { ...job, onOutcome }, world);
  for (const { error, ...widget } of unsaved) {
    board.unrecorded(widget, error);
    if (error instanceof UnexpectedError) logBug(job.log, widget, error.cause);
  }
  for (const { kept, ...widget } of plan.learned) logKeptFields(job.log, widget, kept);
  // As above: the plan that people see names them.
  if (job.request.json) for (const { say } of remarksOnVanished(job.log, plan)) say();
  report.settled(plan, unsaved);
}

/** Whether nothing beside the changes is to be mended. */
function isSound({ tree, plan }: Looked): boolean {
  return !hasErrors(tree.problems) && !plan.held.some(isToMend);
}
