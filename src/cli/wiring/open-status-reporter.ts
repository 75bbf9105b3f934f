// Opens the reporter by which a command that writes leaves what `status` shows.
import type { Log } from '../../base/log.ts';
import { StatusReporter } from '../../observe/status-reporter.ts';
import type { ProcessContext } from '../process-context.ts';
import type { WritingParts } from './wire.ts';

interface Job {
  readonly parts: WritingParts;
  readonly log: Log;
  /** Changes that wait or are in flight. */
  readonly pending: () => number;
}

export function openStatusReporter(
  command: 'apply' | 'run',
  { parts, log, pending }: Job,
  { clock }: ProcessContext,
): StatusReporter {
  const { state, live, limiter } = parts;
  return new StatusReporter(
    { command, directory: parts.account.directory },
    {
      state,
      live,
      limiter,
      pace: limiter.pace,
      clock,
      pending,
      onFailure: (error) => log.warn({ error }, 'the status could not be written'),
    },
  );
}
