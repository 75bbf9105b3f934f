// The notifications of a daemon, where a file of targets is named: only then is any of it loaded.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import type { Notifying } from '../../observe/notify/notifying.ts';
import type { StatusReporter } from '../../observe/status/status-reporter.ts';
import type { ProcessContext } from '../process-context.ts';
import type { WritingJob } from './wire.ts';

/** For one whole request to a notification target. */
export const postTimeoutMs = 10_000;

interface NotifyJob extends WritingJob {
  readonly settings: Pick<Settings, 'notify' | 'notifyAgain'>;
  readonly reporter: Pick<StatusReporter, 'current'>;
}

/** Null where nobody is to be told. Throws `UsageError` where the file of targets cannot be used. */
export async function notifyRun(
  { parts, log, settings, reporter }: NotifyJob,
  { env, clock, random }: ProcessContext,
): Promise<Pick<Notifying, 'hurry' | 'stop'> | null> {
  if (settings.notify === null) return null;
  const [{ readNotifyFile }, { startNotifying }, { openPoster }] = await Promise.all([
    import('../../observe/notify/read-notify-file.ts'),
    import('../../observe/notify/notifying.ts'),
    import('../../api/post.ts'),
  ]);
  const warn = (detail: string) =>
    log.warn({ detail }, 'a secret of the notifications needs a look');
  const targets = readNotifyFile(settings.notify, warn);
  const { state, events, account } = parts;
  const notifying = await startNotifying({
    ...{ targets, state, clock, random, log },
    againMs: settings.notifyAgain,
    status: () => reporter.current(),
    poster: openPoster({ env, clock, version, timeoutMs: postTimeoutMs }),
    newId: randomUUID,
    source: { directory: account.directory, host: hostname() },
    emit: events.emit,
  });
  events.subscribe(notifying.hear);
  log.info({ targets: targets.map(({ name }) => name) }, 'notifications are on');
  return notifying;
}
