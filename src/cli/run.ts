// `run`: the daemon.
import { watchTree } from '../documents/watch-tree.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import { defaultBackoff } from '../sync/backoff.ts';
import { Loop } from '../sync/loop.ts';
import { narrateLoop } from '../sync/narrate.ts';
import { scheduleResync } from '../sync/resync-schedule.ts';
import { version } from '../version.ts';
import { openForWriting, type Request, type WritingParts } from './assemble.ts';
import { openLog } from './logging.ts';
import {
  type ExitCode,
  exitCode,
  type Surroundings,
  stopDeadlineMs,
  stopRequested,
} from './surroundings.ts';

export async function run(request: Request, world: Surroundings): Promise<ExitCode> {
  const { settings } = request;
  const log = openLog(settings, world, 1);
  const parts = await openForWriting({ ...request, command: 'run' }, log, world);
  try {
    // A directory that cannot be read now is a mistake in the command; later on it is waited for.
    parts.directory.load();
    return await runUntilStopped({ request, parts, log }, world);
  } finally {
    await parts.close();
  }
}

interface Daemon {
  readonly request: Request;
  readonly parts: WritingParts;
  readonly log: Log;
}

async function runUntilStopped(daemon: Daemon, world: Surroundings): Promise<ExitCode> {
  const { request, parts, log } = daemon;
  let code: ExitCode = exitCode.ok;
  const broken = new AbortController();
  const loop = makeLoop(daemon, world, (error) => {
    log.fatal({ err: error }, 'unexpected error; this is a bug');
    code = exitCode.failed;
    broken.abort();
  });
  sayStarted(log, request, parts);
  const forgetHangup = world.onHangup(() => loop.resync('signal'));
  await loop.start();
  await Promise.race([stopRequested(world.stop), stopRequested(broken.signal)]);
  log.info('stopping: requests in flight may end');
  forgetHangup();
  await loop.stop({ deadlineMs: stopDeadlineMs });
  log.info('stopped');
  return code;
}

function makeLoop(
  { request, parts, log }: Daemon,
  world: Surroundings,
  onBug: (error: unknown) => void,
): Loop {
  const { settings } = request;
  return new Loop({
    ...parts,
    queuePolicy: {
      concurrency: settings.concurrency,
      backoff: defaultBackoff,
      maxAttempts: Number.POSITIVE_INFINITY,
      onRefusedKey: 'wait',
    },
    observer: narrateLoop(log, parts.directory),
    clock: world.clock,
    random: world.random,
    onBug,
    watch: (onHint) =>
      watchTree(request.directory, {
        onHint,
        onFailure: (error) => log.warn({ error: messageOf(error) }, 'watching files failed'),
      }),
    schedule: (onDue) =>
      scheduleResync(
        { cron: settings.resync, timezone: settings.timezone },
        { onDue, onWarning: (message) => log.warn({ detail: message }, 'resync schedule') },
      ),
  });
}

function sayStarted(log: Log, { directory, settings }: Request, parts: WritingParts): void {
  const { apiUrl, stateDirectory } = parts;
  const facts = { version, directory, api_url: apiUrl, state: stateDirectory };
  log.info({ ...facts, rate: rateText(settings), resync: settings.resync ?? 'off' }, 'started');
}

function rateText({ rate }: Settings): string {
  return `${rate.limit} per ${rate.windowMs / 1000} s`;
}
