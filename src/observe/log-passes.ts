// The log of a daemon's passes: each thing once, and nothing of a pass that found nothing new.

import type { Log } from '../base/log.ts';
import { listed } from '../base/text.ts';
import type { LoadedTree } from '../model/document.ts';
import { fieldName } from '../model/field-name.ts';
import type { Change, Plan, WidgetAt } from '../model/plan.ts';
import type { WidgetId } from '../model/widget.ts';
import { summarizePlan } from '../render/summarize-plan.ts';
import { type Listener, listenerOf, type Refusal, type Trigger } from '../sync/events.ts';
import { describeRefusal } from '../sync/loop/change-gate.ts';
import { logFailures, logWaiting, sayPolling } from './log-trouble.ts';
import { logUnapplied } from './log-unapplied.ts';
import { type Remark, remarksOn, remarksOnProblems } from './pass-notices.ts';

/** `account`: of several, the one that the log is about. */
export function logPasses(log: Log, account: string | null = null): Listener {
  const problems = onceEach();
  const findings = onceEach();
  const changes = onceEach();
  let heldBefore: ReadonlySet<string> = new Set();
  const orphansEnd = logOrphans(log);
  const waiting = logWaiting(log);
  const failures = logFailures(log);
  const kept = logUnapplied(log);
  const sayRefused = refusedPlans(log, account);
  let hasStarted = false;
  let news = 0;
  return listenerOf({
    'files-loaded': ({ tree }) => {
      news += problems.say(remarksOnProblems(log, tree));
      heldBefore = sayMended(log, heldBefore, tree);
    },
    'record-forgotten': ({ widget }) => sayForgotten(log, widget),
    'resync-ordered': () => log.info('was told to look at all that is live: it begins'),
    'plan-made': ({ plan, refusal, trigger, durationMs }) => {
      sayRefused(refusal, plan, trigger);
      const remarks = remarksOn(log, plan);
      const sayKept = kept.passed(plan);
      const asked = changes.say(plan.changes.map(asRemark));
      // If files are polled, a change that waits for its turn is planned anew each second.
      news += trigger === 'files' ? asked : plan.changes.length;
      news += plan.adopted.length + findings.fresh(remarks) + sayKept.length;
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
      for (const say of sayKept) say();
      orphansEnd(plan);
      news = 0;
    },
    'change-ended': ({ outcome }) => {
      if (outcome.status === 'applied') kept.written(outcome.change, outcome.kept);
    },
    'work-failed': (failure) => failures.say(failure),
    'files-unsettled': ({ unsettled, sinceMs }) => waiting.say(unsettled, sinceMs),
    'files-polled': ({ why, intervalMs }) => sayPolling(log, why, intervalMs),
    ...sayOfKey(log),
    'sweep-ended': () => {
      log.debug('read what is live');
      if (failures.areOver('sweep')) log.info('can look again');
    },
  });
}

function sayOfKey(log: Log) {
  return {
    'key-changed': () => log.info('the key has changed'),
    'key-unusable': ({ problem }: { readonly problem: string }) =>
      log.error({ error: problem }, 'the key file cannot be used; the earlier key stays in force'),
    'key-usable': () => log.info('the key file can be used again'),
  };
}

function sayForgotten(log: Log, { file, widgetId }: WidgetAt): void {
  log.info({ file, widget_id: widgetId }, 'forgotten');
}

/** Said by the queue, once its turn has come. */
function asRemark({ widgetId, hash, reason }: Change): Remark {
  return { key: JSON.stringify([widgetId, hash, reason]), say: () => {} };
}

/** Somebody waits for an answer, also where there is nothing new. */
const askedFor: readonly Trigger[] = ['start', 'signal', 'resend'];

/** Corrected by this pass or only reported: in the log it is what was found that counts. */
function driftFound({ changes, drifted }: Plan): number {
  return drifted.length + changes.filter(({ reason }) => reason === 'drifted').length;
}

const shownChanges = 10;
const shownFields = 8;

/** A pass for one of these says again what waits for a person; any other need not. */
const reminders: readonly Trigger[] = ['resync', 'signal', 'resend', 'key'];

/** A plan that waits for a person: said once and at each resync, with what it would change. */
function refusedPlans(log: Log, account: string | null) {
  let said: string | null = null;
  return (refusal: Refusal | null, { changes }: Plan, trigger: Trigger): void => {
    if (refusal === null && said !== null) log.info('no plan is refused any longer');
    if (refusal !== null && (said !== refusal.checksum || reminders.includes(trigger))) {
      const { checksum, ...facts } = refusal;
      const first = changes.slice(0, shownChanges).map(describeChange);
      log.error(
        { ...facts, checksum, first, detail: describeRefusal(refusal, account) },
        `refused: ${facts.code.replaceAll('-', ' ')}`,
      );
    }
    said = refusal?.checksum ?? null;
  };
}

function describeChange({ file, reason, fields }: Change): string {
  const names = fields.map(({ path }) => fieldName(path));
  return `${file} (${reason}): ${listed(names, shownFields)}`;
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

function sayMended(log: Log, before: ReadonlySet<string>, { held }: LoadedTree) {
  // A file that was being written a moment ago was never said to be held.
  const lasting = held.filter(({ code }) => code !== 'changing-file');
  const now = new Set(lasting.map(({ file }) => file));
  for (const file of before) if (!now.has(file)) log.info({ file }, 'no longer held');
  return now;
}

/** The end of an orphan: said once, when a file speaks for the widget again. */
function logOrphans(log: Log) {
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
