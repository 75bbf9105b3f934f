// Opens the reporter by which a command that writes leaves what `status` shows.
import { hostname } from 'node:os';
import type { Liveness } from '../../observe/status/liveness.ts';
import { StatusReporter } from '../../observe/status/status-reporter.ts';
import type { QueuedChange } from '../../sync/queue/queued-changes.ts';
import type { ProcessContext } from '../process-context.ts';
import type { WritingJob } from './wire.ts';

export interface Reporting extends WritingJob {
  /** Changes that wait or are in flight, in the order in which they go. */
  readonly queued: () => readonly QueuedChange[];
  readonly liveness: Pick<Liveness, 'isAlive'>;
}

export function openStatusReporter(
  command: 'apply' | 'run',
  { parts, log, queued, liveness }: Reporting,
  { clock, account }: ProcessContext,
): StatusReporter {
  const { state, live, limiter, directory, events } = parts;
  return new StatusReporter(
    { command, directory: parts.account.directory },
    {
      ...{ state, live, limiter, directory, clock, queued, liveness },
      account: account?.name ?? null,
      self: { pid: process.pid, host: hostname() },
      pace: limiter.pace,
      emit: events.emit,
      onFailure: (error) => log.warn({ error }, 'the status could not be written'),
    },
  );
}
