// `apply`: one pass that writes, then the end. Prints the plan, then what became of each change.
import type { LoadedTree } from '../documents/types.ts';
import { UsageError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Plan } from '../plan/types.ts';
import { type Admitted, nothingAdmitted, readAdmitted, writeAdmitted } from '../state/admitted.ts';
import { StateTakenError } from '../state/lock.ts';
import { oneShotBackoff } from '../sync/backoff.ts';
import { admittedBy, describeExcess, findExcess } from '../sync/change-guard.ts';
import { ChangeQueue } from '../sync/change-queue.ts';
import { logKept, narrateQueue } from '../sync/narrate-queue.ts';
import type { QueueObserver } from '../sync/outcome.ts';
import { applyPlan, lookAtAll, planFrom } from '../sync/pass.ts';
import { recordFindings } from '../sync/record-findings.ts';
import { type ApplyReport, type Refusal, reportJson, reportText } from './apply-report.ts';
import { approve, orApprove } from './approve.ts';
import { openForWriting, type WritingParts } from './assemble.ts';
import { openLog } from './logging.ts';
import { openStatusBoard } from './open-status-board.ts';
import { hasErrors, isToMend, printProblems } from './print-problems.ts';
import { type Progress, startProgress } from './progress.ts';
import { otherRootOf, sayShared } from './shared-state.ts';
import { type ExitCode, exitCode, type Surroundings, stopDeadlineMs } from './surroundings.ts';
import type { Request } from './target.ts';

export interface ApplyRequest extends Request {
  readonly json: boolean;
  /** Send every valid widget, whatever is recorded or live. */
  readonly force: boolean;
  /** Apply the plan of this checksum, however much it changes, and no other. */
  readonly checksum: string | null;
}

/** Attempts after which a change that might still succeed is given up: half a minute of back-off. */
const maxAttempts = 7;

export async function apply(request: ApplyRequest, world: Surroundings): Promise<ExitCode> {
  const log = openLog(request.settings, world, 2);
  const parts = await openForWriting({ ...request, command: 'apply' }, log, world).catch(
    async (error: unknown) => {
      if (!isDaemons(error)) throw error;
      if (request.checksum === null) throw await orApprove(error, request.settings);
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

async function applyOnce({ request, parts, log }: Job, world: Surroundings): Promise<ExitCode> {
  const { directory, state } = parts;
  const { drift, released, rate } = request.settings;
  const sayProblems = ({ problems }: LoadedTree) =>
    printProblems(problems, { directory, output: world.stderr, env: world.env });
  const onWait = (why: string) => log.info({ detail: why }, 'waiting for the files');
  const seen = await lookAtAll(sayProblems, world.stop, {
    ...parts,
    clock: world.clock,
    onWait,
  });
  if (seen === null) throw new UsageError('stopped before anything was sent');
  const now = world.clock.now();
  const send = request.force ? 'all' : 'changed';
  const plan = planFrom(seen, { send, drift, released, nowMs: now.getTime() }, state);
  const { maxChanges } = request.settings;
  const admitted = maxChanges === null ? nothingAdmitted : await readAdmitted(parts, state);
  const refusal = refusalOf(plan, admitted, request);
  const { problems } = seen.tree;
  const otherRoot = otherRootOf(state, request.directory);
  sayShared(log, otherRoot)(plan);
  const report = (request.json ? reportJson : reportText)({ directory, otherRoot, rate }, world);
  report.begin(plan);
  if (refusal !== null) return report.refuse(refusal);
  // Where a person has looked at it, whatever of it comes later need not be looked at again.
  if (request.checksum !== null || maxChanges !== null) {
    await writeAdmitted(parts, admittedBy(plan));
  }
  const open = new Set(plan.changes);
  const pending = () => open.size;
  const board = openStatusBoard('apply', { request, parts, log, pending }, world);
  board.passed(plan);
  const queued = sendAll(plan, { request, parts, log }, world, {
    ...report,
    outcome(outcome) {
      // In JSON the result has no place for it; for people the report says it.
      if (request.json && outcome.status === 'applied') logKept(log, outcome);
      // What was not sent is still to be done, and `status` says so.
      if (outcome.status !== 'unsent') open.delete(outcome.change);
      board.ended(outcome);
      report.outcome(outcome);
    },
  });
  const recorded = recordFindings(plan, { state, isBusy: () => false }, now);
  await Promise.allSettled([queued, recorded]);
  await board.stop();
  await queued;
  await recorded;
  const { failed } = report.end();
  const isAllWell = failed === 0 && !hasErrors(problems) && !plan.held.some(isToMend);
  return isAllWell ? exitCode.ok : exitCode.failed;
}

/** Why nothing of the plan may be sent; null when it may. */
function refusalOf(
  plan: Plan,
  admitted: Admitted,
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

/** Hands the plan over before anything is awaited, and resolves when every change has ended. */
async function sendAll(
  plan: Plan,
  { parts, log }: Job,
  world: Surroundings,
  report: ApplyReport,
): Promise<void> {
  const progress = startProgress(plan.changes.length, world);
  const bugs: unknown[] = [];
  const stop = () => void queue.stop({ deadlineMs: stopDeadlineMs });
  const queue = new ChangeQueue(
    { backoff: oneShotBackoff, maxAttempts, onRefusedKey: 'give-up' },
    {
      ...parts,
      ...world,
      observer: observe(
        report,
        progress,
        narrateQueue(log, parts.directory, 'nothing more is sent'),
      ),
      onBug: (error) => {
        bugs.push(error);
        stop();
      },
    },
  );
  world.stop.addEventListener('abort', stop);
  applyPlan(plan, queue);
  // The signal may have come before there was anybody to hear it.
  if (world.stop.aborted) stop();
  await queue.idle();
  world.stop.removeEventListener('abort', stop);
  progress.stop();
  if (bugs.length > 0) throw bugs[0];
}

/** Outcomes are results and go to the report; what happens on the way goes to the log. */
function observe(
  report: ApplyReport,
  progress: Progress,
  narrator: Omit<QueueObserver, 'outdated'>,
): QueueObserver {
  return {
    outcome(outcome) {
      progress.ended(outcome.status === 'applied' ? 'applied' : 'failed');
      progress.around(() => report.outcome(outcome));
    },
    retrying: (...facts) => progress.around(() => narrator.retrying(...facts)),
    halted: (error) => progress.around(() => narrator.halted(error)),
    resumed: () => narrator.resumed(),
    // Nothing edits the plan of a one-shot command while it runs.
    outdated: () => {},
  };
}
