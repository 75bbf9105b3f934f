// The listeners of a daemon: the exit code, the log, the demo and the status. One more is one more line here.

import { UnexpectedError } from '../../model/send-failure.ts';
import { logOutcomes, logSending } from '../../observe/log-changes.ts';
import { logLimit } from '../../observe/log-limit.ts';
import { logOutage } from '../../observe/log-outage.ts';
import { logPasses } from '../../observe/log-passes.ts';
import type { StatusReporter } from '../../observe/status/status-reporter.ts';
import { type Listener, listenerOf } from '../../sync/events.ts';
import { sayNothingRecorded } from '../notes/nothing-recorded.ts';
import { sayPlain } from '../notes/partial-tree.ts';
import type { ProcessContext } from '../process-context.ts';
import { besideDemo } from './run-output.ts';
import { otherRootOf, sayShared } from './state-directory-checks.ts';
import type { WritingJob } from './wire.ts';

/** `onWidgetBug` hears of bugs that concern a single widget. */
export function observeRun(
  job: WritingJob & {
    readonly reporter: StatusReporter;
    readonly demo: Listener | null;
    readonly context: Pick<ProcessContext, 'clock' | 'account'>;
  },
  onWidgetBug: () => void,
): void {
  const { parts, log, reporter, demo, context } = job;
  const { clock, account } = context;
  const logs = [
    logSurprises(job, context),
    logOutcomes(log, parts.directory),
    logSending(log),
    logPasses(log, account?.name ?? null),
    logOutage(log, parts.limiter, clock),
    logLimit(log, parts.limiter),
  ];
  const listeners = [
    noticeBugs(onWidgetBug),
    ...(demo === null ? logs : besideDemo(logs, demo)),
    reporter.hear,
  ];
  for (const listener of listeners) parts.events.subscribe(listener);
}

function noticeBugs(onWidgetBug: () => void): Listener {
  const notice = (isBug: boolean) => {
    if (isBug) onWidgetBug();
  };
  return listenerOf({
    'plan-made': ({ plan }) => notice(plan.bugs.length > 0),
    'change-ended': ({ outcome }) =>
      notice(outcome.status === 'failed' && outcome.error instanceof UnexpectedError),
    'finding-unsaved': ({ error }) => notice(error instanceof UnexpectedError),
  });
}

/** Says what a person may not expect of the two directories. */
function logSurprises(
  { parts, log }: WritingJob,
  context: Pick<ProcessContext, 'clock' | 'account'>,
): Listener {
  const plain = sayPlain(log, parts.account);
  const shared = sayShared(log, otherRootOf(parts.state, parts.account.directory));
  const unrecorded = sayNothingRecorded(log, parts.account, context);
  return listenerOf({
    'files-loaded': ({ tree }) => plain(tree),
    'plan-made': ({ plan }) => {
      shared(plan);
      unrecorded(plan);
    },
  });
}
