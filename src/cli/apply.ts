// `apply`: one pass that writes, then the end. Prints the plan, then what became of each change.
import type { Log } from '../log.ts';
import { ChangeQueue } from '../sync/change-queue.ts';
import { narrateQueue } from '../sync/narrate.ts';
import type { QueueObserver } from '../sync/outcome.ts';
import { applyPlan, look, refreshRecords } from '../sync/pass.ts';
import { type ApplyReport, reportJson, reportText } from './apply-report.ts';
import { openForWriting, type Request, type WritingParts } from './assemble.ts';
import { openLog } from './logging.ts';
import { hasErrors, printProblems } from './print-problems.ts';
import { type Progress, startProgress } from './progress.ts';
import { type ExitCode, exitCode, type Surroundings, stopDeadlineMs } from './surroundings.ts';

export interface ApplyRequest extends Request {
  readonly json: boolean;
}

/** Attempts after which a change that might still succeed is given up: half a minute of back-off. */
const maxAttempts = 7;
const backoff = { baseMs: 500, capMs: 10_000 };

export async function apply(request: ApplyRequest, world: Surroundings): Promise<ExitCode> {
  const log = openLog(request.settings, world, 2);
  const parts = await openForWriting({ ...request, command: 'apply' }, log, world);
  try {
    return await applyOnce({ request, parts, log }, world);
  } finally {
    await parts.close();
  }
}

interface Job {
  readonly request: ApplyRequest;
  readonly parts: WritingParts;
  readonly log: Log;
}

async function applyOnce({ request, parts, log }: Job, world: Surroundings): Promise<ExitCode> {
  const { tree, plan } = look({ send: 'changed' }, parts);
  const { directory } = parts;
  printProblems(tree.problems, { directory, output: world.stderr, env: world.env });
  const report = (request.json ? reportJson : reportText)(directory, world);
  report.begin(plan);

  const progress = startProgress(plan.changes.length, world);
  const bugs: unknown[] = [];
  const queue = new ChangeQueue(
    { concurrency: request.settings.concurrency, backoff, maxAttempts, onRefusedKey: 'give-up' },
    {
      ...parts,
      clock: world.clock,
      random: world.random,
      observer: observe(report, progress, narrateQueue(log, directory)),
      onBug: (error) => {
        bugs.push(error);
        void queue.stop({ deadlineMs: stopDeadlineMs });
      },
    },
  );
  const onStop = () => void queue.stop({ deadlineMs: stopDeadlineMs });
  world.stop.addEventListener('abort', onStop);
  applyPlan(plan, queue);
  await refreshRecords(plan, parts.state);
  await queue.idle();
  progress.stop();
  if (bugs.length > 0) throw bugs[0];
  const { failed } = report.end();
  return failed > 0 || hasErrors(tree.problems) ? exitCode.failed : exitCode.ok;
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
