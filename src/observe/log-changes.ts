// The log of changes on their way: one line for each thing that a person would want to know.

import type { Log } from '../base/log.ts';
import type { WidgetDirectory } from '../documents/widget-directory.ts';
import type { Problem } from '../model/document.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Change, WidgetAt } from '../model/plan.ts';
import { type SendFailure, UnexpectedError } from '../model/send-failure.ts';
import { revisionText } from '../render/status/revision-text.ts';
import { type Listener, listenerOf } from '../sync/events.ts';
import { isLimit } from '../sync/rate/request-outcome.ts';
import { refusalProblems } from './rejection-problems.ts';

export type Locator = Pick<WidgetDirectory, 'locate' | 'compose'>;

/** Logs the end of each change. */
export function logOutcomes(log: Log, directory: Locator): Listener {
  return listenerOf({ 'change-ended': ({ outcome }) => logOutcome(log, outcome, directory) });
}

/** Logs what happens on the way there. */
export function logSending(log: Log): Listener {
  return listenerOf({
    'change-retried': ({ change, error, attempts, retryInMs }) =>
      log[levelOf(error)](
        { ...about(change), attempts, retry_in_ms: Math.round(retryInMs), error: error.message },
        'not applied, trying again',
      ),
    'change-held': ({ change, forMs }) =>
      log.info(
        { ...about(change), wait_ms: Math.round(forMs) },
        'waits: what an earlier process was sending to this widget may still arrive',
      ),
    'sending-halted': ({ error, isFinal }) => {
      const what = isFinal
        ? 'nothing more is sent'
        : 'nothing is sent until the key changes or a resync is due';
      log.error({ error: error.message }, `the API refuses the key: ${what}`);
    },
    'sending-resumed': () => log.info('sending again'),
    'finding-unsaved': ({ widget, error }) => {
      if (error instanceof UnexpectedError) logBug(log, widget, error.cause);
    },
  });
}

/** A request that finds the limit of the API is no trouble of a widget: the limit is told of instead. */
export function levelOf(error: Error): 'debug' | 'warn' {
  return isLimit(error) && !error.retryAfterMs ? 'debug' : 'warn';
}

function logOutcome(log: Log, outcome: Outcome, directory: Locator): void {
  const { change } = outcome;
  switch (outcome.status) {
    case 'applied': {
      const { attempts } = outcome;
      const fields = change.fields.map(({ path }) => path);
      const released = change.fields.filter((field) => field.released).map(({ path }) => path);
      const facts = { attempts, duration_ms: Math.round(outcome.durationMs), fields };
      const { reason } = change;
      const revision = revisionText(change);
      const { sinceCommitMs } = outcome;
      const age = sinceCommitMs === undefined ? {} : { commit_to_live_ms: sinceCommitMs };
      const setBack = released.length === 0 ? {} : { released };
      log.info({ ...about(change), reason, revision, ...age, ...facts, ...setBack }, 'applied');
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
  if (error instanceof UnexpectedError) return logBug(log, change, error.cause);
  log.error({ ...about(change), attempts, error: error.message }, 'failed');
  for (const problem of problems) logProblem(log, problem);
}

/** With its stack, which says where the bug was met. */
export function logBug(log: Log, at: WidgetAt, bug: unknown): void {
  log.error({ ...about(at), err: bug }, 'unexpected error; this is a bug');
}

export function logProblem(log: Log, problem: Problem): void {
  const { code, file, range, summary, detail } = problem;
  const { line, column } = range.start;
  const level = problem.severity === 'error' ? 'error' : 'warn';
  const widgets = problem.affects === undefined ? {} : { widgets: problem.affects.count };
  log[level]({ file, line, column, code, ...widgets, detail }, summary);
}

function about(change: WidgetAt): { file: string; widget_id: string } {
  return { file: change.file, widget_id: change.widgetId };
}
