// Who hears of what a daemon does: the log, the status, and the exit code.

import type { Log } from '../../base/log.ts';
import type { LoadedTree } from '../../model/document.ts';
import { UnexpectedError } from '../../model/send-failure.ts';
import { narrateLoop } from '../../observe/log-passes.ts';
import { isWorthSaying } from '../../observe/log-trouble.ts';
import type { StatusBoard } from '../../observe/status-reporter.ts';
import { describeExcess } from '../../sync/loop/change-gate.ts';
import type { LoopObserver } from '../../sync/loop/loop-types.ts';
import { sayNothingRecorded } from './nothing-recorded.ts';
import { sayPlain } from './partial-tree.ts';
import { otherRootOf, sayShared } from './state-directory-checks.ts';
import type { WritingParts } from './wire.ts';

export interface Told {
  readonly parts: WritingParts;
  readonly log: Log;
}

export function narrateAll({ parts, log }: Told): LoopObserver {
  const narrator = narrateLoop(log, parts.directory);
  const plain = sayPlain(log, parts.account);
  const shared = sayShared(log, otherRootOf(parts.state, parts.account.directory));
  const unrecorded = sayNothingRecorded(log, parts.account);
  return {
    ...narrator,
    loaded(tree: LoadedTree) {
      plain(tree);
      narrator.loaded(tree);
    },
    passed(...seen: Parameters<LoopObserver['passed']>) {
      shared(seen[1]);
      unrecorded(seen[1]);
      narrator.passed(...seen);
    },
  };
}

export function noticeBugs(observer: LoopObserver, onWidgetBug: () => void): LoopObserver {
  return {
    ...observer,
    passed(seen, plan, facts) {
      if (plan.bugs.length > 0) onWidgetBug();
      observer.passed(seen, plan, facts);
    },
    outcome(outcome) {
      const isBug = outcome.status === 'failed' && outcome.error instanceof UnexpectedError;
      if (isBug) onWidgetBug();
      observer.outcome(outcome);
    },
    unrecorded(widget, error) {
      onWidgetBug();
      observer.unrecorded(widget, error);
    },
  };
}

/** What happens is said, and stands in the status. */
export function observeBoth(narrator: LoopObserver, board: StatusBoard): LoopObserver {
  return {
    ...narrator,
    loaded(tree) {
      board.loaded(tree);
      narrator.loaded(tree);
    },
    passed(seen, plan, facts) {
      board.passed(plan);
      board.blocked('pass', null);
      narrator.passed(seen, plan, facts);
    },
    postponed(unsettled, facts) {
      if (isWorthSaying(unsettled, facts.sinceMs)) board.blocked('pass', unsettled.message);
      narrator.postponed(unsettled, facts);
    },
    refused(excess, plan, trigger) {
      board.refused(excess && { ...excess, message: describeExcess(excess) });
      narrator.refused(excess, plan, trigger);
    },
    swept() {
      board.blocked('sweep', null);
      narrator.swept();
    },
    outcome(outcome) {
      board.ended(outcome);
      narrator.outcome(outcome);
    },
    unrecorded(widget, error) {
      board.unrecorded(widget, error);
      narrator.unrecorded(widget, error);
    },
    passFailed(error, facts) {
      board.blocked(facts.work, error.message);
      narrator.passFailed(error, facts);
    },
    halted(error) {
      board.blocked('key', error.message);
      narrator.halted(error);
    },
    resumed() {
      board.blocked('key', null);
      narrator.resumed();
    },
    retrying(change, error, facts) {
      board.retrying(change, error, facts.attempts);
      narrator.retrying(change, error, facts);
    },
  };
}
