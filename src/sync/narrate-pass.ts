// What the daemon says about passes: each thing once, and nothing of a pass that found nothing new.
import type { HeldFile, LoadedTree, Problem, Unsettled } from '../documents/types.ts';
import type { Log } from '../log.ts';
import { summarizePlan } from '../plan/summarize-plan.ts';
import type { Change, Plan } from '../plan/types.ts';
import type { WidgetId } from '../widget.ts';
import { describeExcess, type TooManyChanges } from './change-guard.ts';
import type { LoopObserver, PassFailure, PassTrouble, Trigger } from './loop-types.ts';
import { type Locator, logKeptFields, logProblem, narrateQueue } from './narrate-queue.ts';

/** A line to be said when it was not said in the pass before. */
interface Remark {
  readonly key: string;
  readonly say: () => void;
}

export function narrateLoop(log: Log, directory: Locator): LoopObserver {
  const problems = onceEach();
  const findings = onceEach();
  let heldBefore: ReadonlySet<string> = new Set();
  const orphansEnd = narrateOrphans(log);
  const waiting = narrateWaiting(log);
  const failures = narrateFailures(log);
  let hasStarted = false;
  let news = 0;
  return {
    ...narrateQueue(log, directory),
    loaded(tree) {
      news += problems.say(remarksOnProblems(log, tree));
      heldBefore = sayMended(log, heldBefore, tree);
    },
    passed(_, plan, { trigger, durationMs }) {
      const remarks = [
        ...remarksOnHeld(log, plan),
        ...remarksOnDrift(log, plan),
        ...remarksOnKept(log, plan),
      ];
      news += plan.changes.length + plan.adopted.length + findings.fresh(remarks);
      log[news === 0 && !askedFor.includes(trigger) ? 'debug' : 'info'](
        {
          trigger,
          // The first pass after the start may decide from the records; a second one follows once all
          // that is live has been read.
          ...(trigger === 'start' && hasStarted ? { live: 'read' } : {}),
          revision: plan.revision,
          ...summarizePlan(plan),
          drifted: driftFound(plan),
          duration_ms: Math.round(durationMs),
        },
        'looked',
      );
      hasStarted = true;
      const isOver = [waiting.isOver(), failures.areOver('pass')].includes(true);
      if (isOver) log.info('can look again');
      findings.say(remarks);
      orphansEnd(plan);
      news = 0;
    },
    passFailed: (error, trouble) => failures.say(error, trouble),
    postponed: (unsettled, { sinceMs }) => waiting.say(unsettled, sinceMs),
    polling: (why, intervalMs) => sayPolling(log, why, intervalMs),
    refused: refusedPlans(log),
    keyChanged: () => log.info('the key has changed'),
    swept() {
      log.debug('read what is live');
      if (failures.areOver('sweep')) log.info('can look again');
    },
    keyProblem(problem) {
      log.error({ error: problem }, 'the key file cannot be used; the earlier key stays in force');
    },
  };
}

/** Somebody waits for an answer, also where there is nothing new. */
const askedFor: readonly Trigger[] = ['start', 'signal', 'resend'];

/** Corrected by this pass or only reported: in the log it is what was found that counts. */
function driftFound({ changes, drifted }: Plan): number {
  return drifted.length + changes.filter(({ reason }) => reason === 'drifted').length;
}

/** What ends by itself within this time is nobody's concern. */
const briefMs = 10_000;

/** Whether a person should know that the files are waited for. */
export function isWorthSaying({ code, retryInMs }: Unsettled, sinceMs: number): boolean {
  const endsByItself = (code === 'moving' || code === 'git') && retryInMs !== null;
  return !endsByItself || sinceMs >= briefMs;
}

/** What keeps from looking: said once for as long as it is the same, and when it is over. */
function narrateFailures(log: Log) {
  const said = new Map<PassTrouble['work'], string>();
  return {
    say(error: PassFailure, { work, trigger, retryInMs }: PassTrouble): void {
      const level = said.get(work) === error.message ? 'debug' : 'error';
      said.set(work, error.message);
      const retry_in_ms = Math.round(retryInMs);
      log[level]({ trigger, retry_in_ms, error: error.message }, 'cannot look');
    },
    /** Whether something was said that is no longer so. */
    areOver: (work: PassTrouble['work']): boolean => said.delete(work),
  };
}

/** Files that cannot be believed: said once for each reason, and when it is over. */
function narrateWaiting(log: Log) {
  let said: string | null = null;
  return {
    say(unsettled: Unsettled, sinceMs: number): void {
      const { code, message } = unsettled;
      if (!isWorthSaying(unsettled, sinceMs)) log.debug({ code, detail: message }, 'not yet');
      else if (said !== code) {
        said = code;
        log.warn({ code, detail: message }, 'cannot look yet');
      }
    },
    /** Whether something was said that is no longer so. */
    isOver(): boolean {
      const wasSaid = said !== null;
      said = null;
      return wasSaid;
    },
  };
}

const shownChanges = 10;
const shownFields = 8;

/** Whatever else brings a pass, it need not say again what waits for a person. */
const reminders: readonly Trigger[] = ['resync', 'signal', 'resend', 'key'];

/** A plan that waits for a person: said once and at each resync, with what it would change. */
function refusedPlans(log: Log) {
  let said: string | null = null;
  return (excess: TooManyChanges | null, { changes }: Plan, trigger: Trigger): void => {
    if (excess === null) log.info('no plan is refused any longer');
    else if (said !== excess.checksum || reminders.includes(trigger)) {
      const { checksum, most } = excess;
      const first = changes.slice(0, shownChanges).map(describeChange);
      const facts = { code: 'too-many-changes', changes: excess.changes, most, checksum, first };
      log.error({ ...facts, detail: describeExcess(excess) }, 'refused: too many changes');
    }
    said = excess?.checksum ?? null;
  };
}

function describeChange({ file, reason, fields }: Change): string {
  const paths = fields.slice(0, shownFields).map(({ path }) => path);
  const more = fields.length - paths.length;
  return `${file} (${reason}): ${paths.join(', ')}${more > 0 ? `, ${more} more` : ''}`;
}

function sayPolling(log: Log, why: string | null, intervalMs: number): void {
  if (why === null) log.info('relying on events again');
  else log.warn({ detail: why, interval_ms: Math.round(intervalMs) }, 'polling for changes');
}

/** Says a remark when it was not among those of the time before. */
function onceEach() {
  let before: ReadonlySet<string> = new Set();
  const unsaid = (remarks: readonly Remark[]) => remarks.filter(({ key }) => !before.has(key));
  return {
    fresh: (remarks: readonly Remark[]) => unsaid(remarks).length,
    /** How many were said. */
    say(remarks: readonly Remark[]): number {
      const now = unsaid(remarks);
      for (const { say } of now) say();
      before = new Set(remarks.map(({ key }) => key));
      return now.length;
    },
  };
}

/** What a read has shown of a write that the API confirmed without saying what became of it. */
function remarksOnKept(log: Log, { learned }: Plan): Remark[] {
  return learned
    .filter(({ kept }) => kept.length > 0)
    .map(({ widgetId, file, kept }) => ({
      key: JSON.stringify(['kept', widgetId, kept]),
      say: () => logKeptFields(log, { widgetId, file }, kept),
    }));
}

function remarksOnProblems(log: Log, { problems }: LoadedTree): Remark[] {
  return problems.map((problem) => ({
    key: problemKey(problem),
    say: () => logProblem(log, problem),
  }));
}

/** Of files with which nothing is wrong. */
const meantCodes: readonly HeldFile['code'][] = ['suspended', 'not-in-account', 'ignored-unread'];

function remarksOnHeld(log: Log, { held, orphaned }: Plan): Remark[] {
  const meant = held.filter(({ code }) => meantCodes.includes(code));
  return [
    ...meant.map(({ file, widgetId, code, message }) => ({
      key: JSON.stringify([code, file, message]),
      say: () => {
        const level = code === 'suspended' ? 'info' : 'warn';
        log[level]({ file, widget_id: widgetId, code, detail: message }, 'held');
      },
    })),
    ...orphaned.map(({ file, widgetId }) => ({
      key: `orphaned ${widgetId}`,
      say: () =>
        log.warn(
          { file, widget_id: widgetId },
          'orphaned: no file declares it now; it stays as it is',
        ),
    })),
  ];
}

function remarksOnDrift(log: Log, { drifted, ignored }: Plan): Remark[] {
  return [
    ...drifted.map(({ file, widgetId, fields, why, untilMs }) => ({
      key: JSON.stringify(['drifted', widgetId, why, fields]),
      say: () => {
        const until = untilMs === null ? null : new Date(untilMs).toISOString();
        const facts = { file, widget_id: widgetId, fields: fields.map(({ path }) => path), until };
        log.warn(
          facts,
          why === 'fought-over'
            ? 'fought over: git and the dashboard keep changing it back; corrected again later'
            : 'drifted: changed in the dashboard, and left so',
        );
      },
    })),
    ...ignored.map(({ file, widgetId, paths }) => ({
      key: JSON.stringify(['ignored', widgetId, paths]),
      say: () =>
        log.info({ file, widget_id: widgetId, fields: paths }, 'differs where the file ignores it'),
    })),
  ];
}

function sayMended(log: Log, before: ReadonlySet<string>, { held }: LoadedTree) {
  // A file that was being written a moment ago was never said to be held.
  const lasting = held.filter(({ code }) => code !== 'changing-file');
  const now = new Set(lasting.map(({ file }) => file));
  for (const file of before) if (!now.has(file)) log.info({ file }, 'no longer held');
  return now;
}

/** The end of an orphan: said once, when a file speaks for the widget again. */
function narrateOrphans(log: Log) {
  let orphans = new Set<WidgetId>();
  return ({ changes, adopted, unchanged, drifted, held, orphaned }: Plan): void => {
    for (const { widgetId, file } of [...changes, ...adopted, ...unchanged, ...drifted, ...held]) {
      // Two files may be held because they declare one widget.
      if (widgetId === null || !orphans.delete(widgetId)) continue;
      log.info({ file, widget_id: widgetId }, 'no longer orphaned: a file is there again');
    }
    orphans = new Set(orphaned.map(({ widgetId }) => widgetId));
  };
}

function problemKey({ code, file, range, summary, detail }: Problem): string {
  return JSON.stringify([code, file, range, summary, detail]);
}
