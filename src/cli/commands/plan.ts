// `plan`: the pass that `apply` would make, up to the point where it would write.

import { resolve } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import type { Plan } from '../../model/plan.ts';
import { traceFromFiles } from '../../observe/trace-from-files.ts';
import { reachOf } from '../../plan/trace/fragment-reach.ts';
import { renderPlanMarkdown } from '../../render/comment/plan-markdown.ts';
import { planJson } from '../../render/plan-json.ts';
import { toDiagnostics } from '../../render/problem-text.ts';
import { summarizePlan } from '../../render/summarize-plan.ts';
import type { StateView } from '../../state/state-store.ts';
import { describeRefusal } from '../../sync/loop/change-gate.ts';
import { type PassReport, runPass } from '../../sync/loop/run-pass.ts';
import { openLog } from '../logging.ts';
import { findLeftState, leftStateJson, leftStateWords } from '../notes/left-state.ts';
import { nothingRecordedNote } from '../notes/nothing-recorded.ts';
import { plainLine } from '../notes/partial-tree.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import type { PlanFormat } from '../plan-format.ts';
import { printJson } from '../print-json.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import type { Account, Request } from '../wiring/account.ts';
import { otherRootOf } from '../wiring/state-directory-checks.ts';
import { openForReading, type ReadingParts } from '../wiring/wire.ts';
import { dryPass, logBesidePlan, showProblems } from './one-pass.ts';
import { printPlan } from './print-plan.ts';
import { hasErrors, isToMend } from './print-problems.ts';
import { type Beforehand, renderLonger } from './rate-wait.ts';

export interface PlanRequest extends Request, PlanFormat {
  /** Exit with 2 when something would change. */
  readonly detailedExitcode: boolean;
}

export async function plan(request: PlanRequest, context: ProcessContext): Promise<ExitCode> {
  const { code, comment } = await planOne(request, context);
  if (comment !== undefined) context.stdout.write(comment(null));
  return code;
}

/** Prints all but a comment, whose length others may share. */
export async function planOne(request: PlanRequest, context: ProcessContext): Promise<AccountEnd> {
  const log = openLog(request.settings, context, request.format === 'json' ? 'json' : 'text');
  const parts = await openForReading(request, log, context);
  try {
    const told = { request, parts, log };
    if (request.format !== 'json') parts.events.subscribe(showProblems(parts.directory, context));
    parts.events.subscribe(logBesidePlan(told));
    const ports = dryPass(
      { ...told, memory: parts.view },
      { send: 'changed', checksum: null },
      context,
    );
    const report = await runPass(ports, { trigger: 'start', force: false });
    if ('unsettled' in report) throw new UsageError('stopped before the plan was made');
    const traced = { ...report, plan: traceFromFiles(report.plan, parts.directory) };
    const comment = await print[request.format](traced, { request, parts }, context);
    const code = parts.events.hasBug ? exitCode.failed : codeOf(report, request);
    const { changes, adopted, drifted, orphaned } = report.plan;
    const isCalm = [changes, adopted, drifted, orphaned].every(({ length }) => length === 0);
    const reach = new Map(
      reachOf(traced.plan).map((one) => [resolve(request.directory, one.file), one]),
    );
    const end = { code, isCalm, sums: { ...summarizePlan(report.plan) }, reach };
    return comment === null ? end : { ...end, comment };
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

interface Planned {
  readonly request: PlanRequest;
  readonly parts: ReadingParts;
}

/** Gives what is still to be printed, as a comment. */
type Print = (
  report: PassReport,
  planned: Planned,
  context: ProcessContext,
) => Promise<Required<AccountEnd>['comment'] | null>;

const print: Readonly<Record<PlanRequest['format'], Print>> = {
  text: printText,
  json: printValue,
  markdown: makeComment,
};

async function printValue(
  { tree, plan: made, refusal: refused }: PassReport,
  { request: { settings }, parts }: Planned,
  context: ProcessContext,
): Promise<null> {
  const { problems, source } = tree;
  const left = leftStateJson(await findLeftState(made, parts.account, context));
  const shown = { ...planJson(made, settings.rate), ...left, source, refused };
  printJson({ ...shown, diagnostics: toDiagnostics(problems) }, context);
  return null;
}

async function makeComment(
  { tree, plan: made, refusal }: PassReport,
  { request, parts }: Planned,
  context: ProcessContext,
): Promise<(room: number | null) => string> {
  const { directory, settings, pictures } = request;
  const longer = renderLonger(made, settings.rate, await earlierRuns(parts.view, request, context));
  const notes = [...longer, plainLine(tree), ...(await notesOn(made, parts.account, context))];
  const options = {
    directory,
    otherRoot: otherRootOf(parts.state, directory),
    rate: settings.rate,
    problems: tree.problems,
    refusal: refusal?.code === 'too-many-changes' ? refusal : null,
    notes: notes.filter((note) => note !== null),
    pictures,
  };
  const { account } = context;
  const named = account === undefined ? options : { ...options, account: account.name };
  return (room) => renderPlanMarkdown(made, { ...named, room });
}

async function printText(
  { tree, plan: made, refusal }: PassReport,
  { request, parts }: Planned,
  context: ProcessContext,
): Promise<null> {
  const { directory, settings } = request;
  const otherRoot = otherRootOf(parts.state, directory);
  const beforehand = await earlierRuns(parts.view, request, context);
  const { source } = tree;
  printPlan({ plan: made, source, beforehand, directory, otherRoot, rate: settings.rate }, context);
  if (made.changes.length > 0) context.stdout.write(`Checksum: ${made.checksum}\n`);
  for (const note of await notesOn(made, parts.account, context)) {
    context.stdout.write(`\n${note}\n`);
  }
  if (refusal !== null) {
    const why = describeRefusal(refusal, context.account?.name);
    context.stdout.write(`Would be refused: ${why}.\n`);
  }
  return null;
}

/** What a person should know before it is applied. */
async function notesOn(plan: Plan, account: Account, context: ProcessContext): Promise<string[]> {
  const note = nothingRecordedNote(plan, account);
  const left = await findLeftState(plan, account, context);
  const words = left && `Note: ${leftStateWords(left, account, 'not')}`;
  return [note, words].filter((one) => one !== null);
}

/** The facts that `apply` would begin with, had it the directory to itself now. */
async function earlierRuns(
  view: StateView,
  { settings: { rate } }: PlanRequest,
  { clock }: ProcessContext,
): Promise<Beforehand> {
  const earlierMs = await view.earlierRequestsMs(rate);
  const learnt = await view.learntLimit();
  return { earlierMs, nowMs: clock.monotonicMs(), apiRate: learnt?.about ?? null };
}
