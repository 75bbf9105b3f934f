// Opens the reporter by which a command that writes leaves what `status` shows.
import { StatusReporter } from '../../observe/status-reporter.ts';
import type { ProcessContext } from '../process-context.ts';
import type { WritingJob } from './wire.ts';

/** `pending` counts the changes that wait or are in flight. */
export function openStatusReporter(
  command: 'apply' | 'run',
  { parts, log, pending }: WritingJob & { readonly pending: () => number },
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
