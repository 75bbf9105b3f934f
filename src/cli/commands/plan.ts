// `plan`: the pass that `apply` would make, up to the point where it would write.

import { resolve } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { excessWords } from '../../config/change-limit.ts';
import type { Plan } from '../../model/plan.ts';
import { traceFromFiles } from '../../observe/trace-from-files.ts';
import { planOfSnapshot, publishedPlan } from '../../plan/snapshot/published-plan.ts';
import { reachOf } from '../../plan/trace/fragment-reach.ts';
import { renderPlanMarkdown } from '../../render/comment/plan-markdown.ts';
import { planJson } from '../../render/plan-json.ts';
import { toDiagnostics } from '../../render/problem-text.ts';
import { summarizePlan } from '../../render/summarize-plan.ts';
import { describeRefusal } from '../../sync/loop/change-gate.ts';
import { type PassReport, runPass } from '../../sync/loop/run-pass.ts';
import type { PlanFileFormat, PlanFormat } from '../formats/read-plan-format.ts';
import { writeOutputs } from '../formats/write-outputs.ts';
import { openLog } from '../logging.ts';
import { findLeftState, leftStateJson, leftStateWords } from '../notes/left-state.ts';
import { nothingRecordedNote } from '../notes/nothing-recorded.ts';
import { plainLine } from '../notes/partial-tree.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import { jsonText } from '../print-json.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { sinceJson } from '../since/since-json.ts';
import type { SnapshotAsked } from '../snapshot/load-snapshot.ts';
import type { SnapshotParts } from '../snapshot/open-snapshot.ts';
import { asOfWords, snapshotJson, snapshotNotes } from '../snapshot/snapshot-words.ts';
import type { Request } from '../wiring/account.ts';
import { otherRootOf } from '../wiring/state-directory-checks.ts';
import { openForReading } from '../wiring/wire.ts';
import { dryPass, logBesidePlan, showProblems } from './one-pass.ts';
import { printPlan } from './print-plan.ts';
import { hasErrors, isToMend } from './print-problems.ts';
import { type Beforehand, renderLonger } from './rate-wait.ts';

export interface PlanRequest extends Request, PlanFormat {
  /** Exit with 2 when something would change. */
  readonly detailedExitcode: boolean;
  /** What stands for the account and the state; null: they are looked at themselves. */
  readonly snapshot: SnapshotAsked | null;
  /** No value is cut in text. */
  readonly isFull: boolean;
  /** `git`: of the values only those that stand in git. */
  readonly values: 'all' | 'git';
}

export async function plan(request: PlanRequest, context: ProcessContext): Promise<ExitCode> {
  const { format, outputs } = request;
  const { end, value } = await planOne(request, context);
  const render = (wanted: PlanFileFormat): string =>
    wanted === 'json' ? jsonText(value ?? {}, context) : (end.comment?.(null) ?? '');
  if (format !== 'text') context.stdout.write(render(format));
  await writeOutputs(outputs, render);
  return end.code;
}

export interface PlanMade {
  /** With the comment, where one is asked for. */
  readonly end: AccountEnd;
  /** For programs; null where none is asked for. */
  readonly value: object | null;
}

/** Prints the text alone: what else is asked for may be a part of what several accounts share. */
export async function planOne(request: PlanRequest, context: ProcessContext): Promise<PlanMade> {
  const { format, outputs } = request;
  const log = openLog(request.settings, context, format === 'json' ? 'json' : 'text');
  const parts = await openParts(request, log, context);
  try {
    const told = { request, parts, log };
    if (format !== 'json') parts.events.subscribe(showProblems(parts.directory, context));
    parts.events.subscribe(logBesidePlan(told));
    const ports = dryPass(
      { ...told, memory: parts.view },
      { send: 'changed', checksum: null },
      context,
    );
    const report = await runPass(ports, { trigger: 'start', force: false });
    if ('unsettled' in report) throw new UsageError('stopped before the plan was made');
    const shown = shownPlan(report.plan, parts, request);
    const traced = { ...report, plan: traceFromFiles(shown, parts.directory) };
    if (format === 'text') await printText(traced, told, context);
    const isAsked = (wanted: PlanFileFormat) =>
      format === wanted || outputs.some((output) => output.format === wanted);
    const value = isAsked('json') ? await planValue(traced, told, context) : null;
    const comment = isAsked('markdown') ? await makeComment(traced, told, context) : null;
    const code = parts.events.hasBug ? exitCode.failed : codeOf(report, request);
    const end = endOf(traced, request, code);
    return { end: comment === null ? end : { ...end, comment }, value };
  } finally {
    await parts.close();
  }
}

async function openParts(
  request: PlanRequest,
  log: Log,
  context: ProcessContext,
): Promise<SnapshotParts> {
  const { snapshot } = request;
  if (snapshot === null) return await openForReading(request, log, context);
  const { openSnapshot } = await import('../snapshot/open-snapshot.ts');
  return await openSnapshot({ ...request, snapshot }, log, context);
}

function shownPlan(made: Plan, { state, seen }: SnapshotParts, { values }: PlanRequest): Plan {
  const known = seen === undefined ? made : planOfSnapshot(made);
  return values === 'git' ? publishedPlan(known, state.records) : known;
}

function endOf({ plan: made }: PassReport, { directory }: PlanRequest, code: ExitCode): AccountEnd {
  const { changes, adopted, drifted, orphaned } = made;
  const isCalm = [changes, adopted, drifted, orphaned].every(({ length }) => length === 0);
  const reach = new Map(reachOf(made).map((one) => [resolve(directory, one.file), one]));
  return { code, isCalm, sums: { ...summarizePlan(made) }, reach };
}

function codeOf({ tree, plan: made, refusal }: PassReport, request: PlanRequest): ExitCode {
  const isSound = !hasErrors(tree.problems) && !made.held.some(isToMend);
  if (!isSound || refusal !== null) return exitCode.failed;
  const isPending = made.changes.length > 0;
  return request.detailedExitcode && isPending ? exitCode.changesPending : exitCode.ok;
}

interface Planned {
  readonly request: PlanRequest;
  readonly parts: SnapshotParts;
}

async function planValue(
  { tree, plan: made, refusal: refused }: PassReport,
  { request: { settings }, parts }: Planned,
  context: ProcessContext,
): Promise<object> {
  const { problems, source } = tree;
  const { seen } = parts;
  const left = seen ? {} : leftStateJson(await findLeftState(made, parts.account, context));
  const known = parts.assumed && sinceJson(tree, parts.state, parts.assumed);
  const from = seen && snapshotJson(seen, tree);
  const refusal = made.hidesValues && refused !== null ? { ...refused, checksum: null } : refused;
  const told = { ...left, ...known, ...from, source, refused: refusal };
  const shown = { ...planJson(made, settings.rate), ...told };
  return { ...shown, diagnostics: toDiagnostics(problems) };
}

async function makeComment(
  { tree, plan: made, refusal }: PassReport,
  { request, parts }: Planned,
  context: ProcessContext,
): Promise<(room: number | null) => string> {
  const { directory, settings, pictures } = request;
  const longer = renderLonger(made, settings.rate, await earlierRuns(parts.view, request, context));
  const { seen } = parts;
  const first = seen === undefined ? [] : [asOfWords(seen), ...snapshotNotes(seen, tree)];
  const notes = [...first, ...longer, plainLine(tree), ...(await notesOn(made, parts, context))];
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
): Promise<void> {
  const { directory, settings } = request;
  const otherRoot = otherRootOf(parts.state, directory);
  const beforehand = await earlierRuns(parts.view, request, context);
  const { source } = tree;
  if (parts.seen !== undefined) {
    const first = [asOfWords(parts.seen), ...snapshotNotes(parts.seen, tree)];
    context.stdout.write(`${first.join('\n')}\n\n`);
  }
  const { isFull } = request;
  const shown = { plan: made, source, beforehand, directory, otherRoot, isFull };
  printPlan({ ...shown, rate: settings.rate }, context);
  if (made.changes.length > 0 && !made.hidesValues)
    context.stdout.write(`Checksum: ${made.checksum}\n`);
  for (const note of await notesOn(made, parts, context)) {
    context.stdout.write(`\n${note}\n`);
  }
  if (refusal !== null) {
    const whose = context.account?.name ?? null;
    const isShown = !made.hidesValues || refusal.code === 'other-plan';
    const why = isShown
      ? describeRefusal(refusal, whose)
      : `${excessWords(refusal, whose)}: nothing is sent`;
    context.stdout.write(`Would be refused: ${why}.\n`);
  }
}

/** What a person should know before it is applied. */
async function notesOn(
  plan: Plan,
  { account, assumed, seen }: SnapshotParts,
  context: ProcessContext,
): Promise<string[]> {
  // No state is looked for beside a snapshot.
  if (seen !== undefined) return [];
  const note = nothingRecordedNote(plan, account, assumed);
  const left = await findLeftState(plan, account, context);
  const words = left && `Note: ${leftStateWords(left, account, 'not')}`;
  return [note, words].filter((one) => one !== null);
}

/** The facts that `apply` would begin with, had it the directory to itself now. */
async function earlierRuns(
  view: SnapshotParts['view'],
  { settings: { rate } }: PlanRequest,
  { clock }: ProcessContext,
): Promise<Beforehand> {
  const earlierMs = await view.earlierRequestsMs(rate);
  const learnt = await view.learntLimit();
  return { earlierMs, nowMs: clock.monotonicMs(), apiRate: learnt?.about ?? null };
}
