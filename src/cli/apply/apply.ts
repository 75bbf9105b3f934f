// `apply`: one pass that writes, then the end. Prints the plan, then what became of each change.

import { UsageError } from '../../base/errors.ts';
import { limitFor } from '../../config/change-limit.ts';
import type { Plan } from '../../model/plan.ts';
import { UnexpectedError } from '../../model/send-failure.ts';
import { logBug, logSending } from '../../observe/log-changes.ts';
import { logUnappliedFields } from '../../observe/log-unapplied.ts';
import { remarksOnVanished } from '../../observe/pass-notices.ts';
import { summarizePlan } from '../../render/summarize-plan.ts';
import { StateTakenError } from '../../state/holder.ts';
import { type Listener, listenerOf } from '../../sync/events.ts';
import { allowedBy } from '../../sync/loop/change-gate.ts';
import type { InOrder } from '../../sync/loop/look.ts';
import { type PassPorts, type PassReport, runPass } from '../../sync/loop/run-pass.ts';
import { recordEach } from '../../sync/queue/record-findings.ts';
import { dryPass, logBesidePlan, showProblems } from '../commands/one-pass.ts';
import { hasErrors, isToMend } from '../commands/print-problems.ts';
import { openLog } from '../logging.ts';
import { findLeftState } from '../notes/left-state.ts';
import { nothingRecordedNote } from '../notes/nothing-recorded.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { otherRootOf } from '../wiring/state-directory-checks.ts';
import { openForWriting, type WritingJob } from '../wiring/wire.ts';
import type { ApplyReport } from './apply-report.ts';
import { openApplyStatus } from './apply-status.ts';
import { approve, orApprove } from './approve.ts';
import { reportJson } from './report-json.ts';
import { reportText } from './report-text.ts';
import { sendAndWait } from './send-plan.ts';

export interface ApplyRequest extends Request {
  readonly json: boolean;
  /** Send every valid widget, whatever is recorded or live. */
  readonly force: boolean;
  /** Apply the plan of this checksum, however much it changes, and no other. */
  readonly checksum: string | null;
}

export async function apply(request: ApplyRequest, context: ProcessContext): Promise<ExitCode> {
  return (await applyOne(request, context)).code;
}

export async function applyOne(
  request: ApplyRequest,
  context: ProcessContext,
): Promise<AccountEnd> {
  const log = openLog(request.settings, context, request.json ? 'json' : 'text');
  const parts = await openForWriting({ ...request, command: 'apply' }, log, context).catch(
    async (error: unknown) => {
      if (!isDaemons(error)) throw error;
      if (request.checksum === null) throw await orApprove(error, request.settings, context);
      return null;
    },
  );
  // The daemon has made the plan that was refused, and only it can make that plan again.
  if (parts === null) return { code: await approve(request, context), isCalm: true, sums: {} };
  try {
    return await applyOnce({ request, parts, log }, context);
  } finally {
    await parts.close();
  }
}

function isDaemons(error: unknown): error is StateTakenError {
  return error instanceof StateTakenError && error.holder?.command === 'run';
}

interface ApplyJob extends WritingJob {
  readonly request: ApplyRequest;
}

async function applyOnce(job: ApplyJob, context: ProcessContext): Promise<AccountEnd> {
  const { events } = job.parts;
  const report = openReport(job, context);
  const status = await openApplyStatus(job, context);
  const listeners = [
    showProblems(job.parts.directory, context),
    logBesidePlan(job),
    logSending(job.log),
    logEnds(job),
    status.hear,
    report.hear,
  ];
  for (const listener of listeners) events.subscribe(listener);
  try {
    // `--force` stands in the ports: a person is shown, and may approve, all that it sends. What a daemon
    // sends again by force is beside its plan.
    const inOrder = await orderFor(job, context);
    const done = await runPass(applyPass({ ...job, inOrder }, context), {
      trigger: 'start',
      force: false,
    });
    if ('unsettled' in done) throw new UsageError('stopped before anything was sent');
    if (done.refusal === null) logFindings(job, done.plan);
    const left = await findLeftState(done.plan, job.parts.account, context);
    const tally = report.end({ ...done, left });
    const { failed, applied, adopted } = tally;
    const isAllWell = done.refusal === null && failed === 0 && isSound(done) && !events.hasBug;
    const code = isAllWell ? exitCode.ok : exitCode.failed;
    const { held, orphaned, drifted, unchanged } = summarizePlan(done.plan);
    const sums = { ...tally, unchanged, held, orphaned, drifted };
    return { code, isCalm: applied + adopted + drifted + orphaned === 0, sums };
  } finally {
    await status.stop();
  }
}

/** Undefined where nobody else has files of the account. */
async function orderFor({ request, parts }: ApplyJob, context: ProcessContext) {
  const { entry, settings } = request;
  if (settings.store === 'files' || entry === undefined) return undefined;
  const { guestOrder } = await import('../order/guest-order.ts');
  return guestOrder({ entry, token: parts.state.tenure.token }, settings, context);
}

interface OrderedJob extends ApplyJob {
  readonly inOrder: InOrder | undefined;
}

/** The ports of `plan`, with a sender and a memory. */
function applyPass(job: OrderedJob, context: ProcessContext): PassPorts {
  const { request, parts } = job;
  const { force, checksum } = request;
  let allowed = Promise.resolve();
  return {
    ...dryPass(
      { ...job, memory: parts.state },
      { send: force ? 'all' : 'changed', checksum },
      context,
    ),
    async send(plan) {
      // A person has looked at the plan, and need not look again at what comes of it later: the plan's
      // contents are kept before anything is sent. No queue confirms anything meanwhile that would make the
      // plan old.
      const isLimited = checksum !== null || limitFor(request.settings.maxChanges, plan) !== null;
      if (isLimited) allowed = parts.state.saveAllowedChanges(allowedBy(plan));
      await allowed;
      await sendAndWait(plan, parts, context);
    },
    async record({ plan, refusal }) {
      if (refusal !== null) return [];
      const now = context.clock.now();
      await allowed;
      const { state, inherited } = parts;
      const adopted = plan.adopted.filter(
        ({ document, live }) => !inherited.isTooEarly(document, live.readAtMs),
      );
      return await recordEach({ ...plan, adopted }, { state, isBusy: () => false }, now);
    },
  };
}

function openReport({ request, parts }: ApplyJob, context: ProcessContext): ApplyReport {
  const { directory, usage, limiter } = parts;
  if (request.json) return reportJson(directory, context);
  const otherRoot = otherRootOf(parts.state, request.directory);
  const { earlierMs } = usage;
  const { pace } = limiter;
  const earlier = () => ({ earlierMs, nowMs: context.clock.monotonicMs(), apiRate: pace.known });
  const note = (plan: Plan) => nothingRecordedNote(plan, parts.account, parts.assumed);
  const { rate } = request.settings;
  const { account } = parts;
  return reportText({ directory, otherRoot, rate, earlier, note, account }, context);
}

function logEnds({ request, log }: ApplyJob): Listener {
  return listenerOf({
    'change-ended': ({ outcome }) => {
      // A warning as well where the result is for programs; for people the report says it.
      if (request.json && outcome.status === 'applied') {
        logUnappliedFields(log, outcome.change, outcome.kept);
      }
      // The report has one line of it, and mending a bug takes its stack.
      const bug = outcome.status === 'failed' ? outcome.error : null;
      if (bug instanceof UnexpectedError) logBug(log, outcome.change, bug.cause);
    },
  });
}

function logFindings({ request, log }: ApplyJob, plan: Plan): void {
  for (const { kept, ...widget } of plan.learned) logUnappliedFields(log, widget, kept);
  // The plan that people see names them.
  if (request.json) for (const { say } of remarksOnVanished(log, plan)) say();
}

/** Whether nothing beside the changes is to be mended. */
function isSound({ tree, plan }: PassReport): boolean {
  return !hasErrors(tree.problems) && !plan.held.some(isToMend);
}
