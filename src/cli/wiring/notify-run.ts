// The notifications of a daemon, where a file of targets is named: only then is any of it loaded.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Log } from '../../base/log.ts';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import type { Notifying } from '../../observe/notify/notifying.ts';
import type { Outlet } from '../../observe/notify/outlet/notifier.ts';
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
  job: NotifyJob,
  context: ProcessContext,
): Promise<Pick<Notifying, 'hurry' | 'stop'> | null> {
  const outlet = await openOutlet(job.settings, job.log, context);
  return outlet === null ? null : await notifyThrough(outlet, job, context);
}

/** The targets of the process. Null where nobody is to be told; throws as `notifyRun`. */
export async function openOutlet(
  { notify }: Pick<Settings, 'notify'>,
  log: Log,
  { env, clock, random }: ProcessContext,
): Promise<Outlet | null> {
  if (notify === null) return null;
  const [{ readNotifyFile }, { Notifier }, { openPoster }] = await Promise.all([
    import('../../observe/notify/read-notify-file.ts'),
    import('../../observe/notify/outlet/notifier.ts'),
    import('../../api/post.ts'),
  ]);
  const warn = (detail: string) =>
    log.warn({ detail }, 'a secret of the notifications needs a look');
  const targets = readNotifyFile(notify, warn);
  const poster = openPoster({ env, clock, version, timeoutMs: postTimeoutMs });
  const notifier = new Notifier(targets, { poster, clock, random, log });
  log.info({ targets: targets.map(({ name }) => name) }, 'notifications are on');
  return {
    isWanted: (type) => notifier.isWanted(type),
    notify: (message, listener) => notifier.notify(message, listener),
    hurry: () => notifier.hurry(),
    async stop(deadlineMs) {
      await notifier.stop(deadlineMs);
      await poster.close();
    },
  };
}

/** `account`: its name, where the process follows several. */
export async function notifyThrough(
  outlet: Outlet,
  { parts, log, settings, reporter }: NotifyJob,
  { clock }: Pick<ProcessContext, 'clock'>,
  account?: string,
): Promise<Notifying> {
  const { startNotifying } = await import('../../observe/notify/notifying.ts');
  const { state, events } = parts;
  const notifying = await startNotifying({
    ...{ outlet, state, clock, log },
    againMs: settings.notifyAgain,
    status: () => reporter.current(),
    newId: randomUUID,
    source: {
      ...(account !== undefined && { account }),
      ...{ directory: parts.account.directory, host: hostname() },
    },
    emit: events.emit,
  });
  events.subscribe(notifying.hear);
  return notifying;
}
