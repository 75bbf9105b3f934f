// What the daemon says while it works: one line for each thing that a person would want to know,
// once, and nothing for a pass that found nothing new.
import type { Problem } from '../documents/types.ts';
import type { WidgetDirectory } from '../documents/widget-directory.ts';
import type { Log } from '../log.ts';
import type { Change } from '../plan/types.ts';
import type { LoopObserver, Trigger } from './loop.ts';
import type { Outcome, QueueObserver, SendFailure } from './outcome.ts';
import type { Look } from './pass.ts';
import { refusalProblems } from './refusals.ts';

type Locator = Pick<WidgetDirectory, 'locate'>;

export function narrateLoop(log: Log, directory: Locator): LoopObserver {
  const saidAlready = new Set<string>();
  let heldBefore: ReadonlySet<string> = new Set();

  /** Keeps what is said now for the next pass, and gives what was not said in the last one. */
  function fresh(keys: readonly string[]): Set<string> {
    const unsaid = new Set(keys.filter((key) => !saidAlready.has(key)));
    saidAlready.clear();
    for (const key of keys) saidAlready.add(key);
    return unsaid;
  }

  function passed({ tree, plan }: Look, facts: { trigger: Trigger; durationMs: number }): void {
    const problemKeys = tree.problems.map(problemKey);
    const suspended = plan.held.filter((held) => held.code === 'suspended');
    const unsaid = fresh([
      ...problemKeys,
      ...suspended.map((held) => `suspended ${held.file}`),
      ...plan.orphaned.map((orphan) => `orphaned ${orphan.widgetId}`),
    ]);
    const summary = {
      trigger: facts.trigger,
      update: plan.changes.length,
      unchanged: plan.unchanged.length,
      held: plan.held.length,
      orphaned: plan.orphaned.length,
      duration_ms: Math.round(facts.durationMs),
    };
    const quiet = plan.changes.length === 0 && unsaid.size === 0;
    log[quiet && facts.trigger === 'files' ? 'debug' : 'info'](summary, 'looked');
    tree.problems.forEach((problem, index) => {
      if (unsaid.has(problemKeys[index] ?? '')) logProblem(log, problem);
    });
    for (const { file, widgetId } of suspended) {
      if (unsaid.has(`suspended ${file}`)) log.info({ file, widget_id: widgetId }, 'suspended');
    }
    for (const { file, widgetId } of plan.orphaned) {
      if (!unsaid.has(`orphaned ${widgetId}`)) continue;
      log.warn(
        { file, widget_id: widgetId },
        'orphaned: no file declares it now; it stays as it is',
      );
    }
    heldBefore = sayMended(tree.held.map((held) => held.file));
  }

  function sayMended(heldNow: readonly string[]): ReadonlySet<string> {
    const held = new Set(heldNow);
    for (const file of heldBefore) if (!held.has(file)) log.info({ file }, 'no longer held');
    return held;
  }

  return {
    ...narrateQueue(log, directory),
    passed,
    passFailed(error, { trigger, retryInMs }) {
      log.error({ trigger, retry_in_ms: retryInMs, error: error.message }, 'cannot look');
    },
    keyProblem(problem) {
      log.error({ error: problem }, 'the key file cannot be used; the earlier key stays in force');
    },
  };
}

/** The part that one-shot commands share. */
export function narrateQueue(log: Log, directory: Locator): Omit<QueueObserver, 'outdated'> {
  return {
    outcome: (outcome) => logOutcome(log, outcome, directory),
    retrying(change, error, { attempts, retryInMs }) {
      log.warn(
        { ...about(change), attempts, retry_in_ms: Math.round(retryInMs), error: error.message },
        'not applied, trying again',
      );
    },
    halted(error) {
      log.error(
        { error: error.message },
        'the API refuses the key: nothing is sent until the key changes or a resync is due',
      );
    },
    resumed() {
      log.info('sending again');
    },
  };
}

function logOutcome(log: Log, outcome: Outcome, directory: Locator): void {
  const { change } = outcome;
  switch (outcome.status) {
    case 'applied': {
      const fields = change.fields.map((field) => field.path);
      const { attempts } = outcome;
      const facts = { attempts, duration_ms: Math.round(outcome.durationMs), fields };
      log.info({ ...about(change), reason: change.reason, ...facts }, 'applied');
      for (const { path, sent, kept } of outcome.kept) {
        log.warn({ ...about(change), field: path, sent, kept }, 'the API kept another value');
      }
      return;
    }
    case 'failed':
      return logFailure(log, outcome, refusalProblems(change, outcome.error, directory));
    case 'unsent':
      log.info({ ...about(change), why: outcome.why }, 'not sent');
  }
}

function logFailure(
  log: Log,
  outcome: { change: Change; attempts: number; error: SendFailure },
  problems: readonly Problem[],
): void {
  const { change, attempts, error } = outcome;
  log.error({ ...about(change), attempts, error: error.message }, 'failed');
  for (const problem of problems) logProblem(log, problem);
}

function logProblem(log: Log, problem: Problem): void {
  const { code, file, range, summary, detail } = problem;
  const { line, column } = range.start;
  const level = problem.severity === 'error' ? 'error' : 'warn';
  log[level]({ file, line, column, code, detail }, summary);
}

function about(change: Change): { file: string; widget_id: string } {
  return { file: change.file, widget_id: change.widgetId };
}

function problemKey({ code, file, range, summary, detail }: Problem): string {
  return JSON.stringify([code, file, range, summary, detail]);
}
