// `run`: the daemon.

import { daemonBackoff } from '../../base/backoff.ts';
import { messageOf, type StateError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { version } from '../../base/version.ts';
import { formatRate } from '../../config/rate.ts';
import type { Settings } from '../../config/settings.ts';
import { watchTree } from '../../documents/watch/watch-tree.ts';
import { Liveness } from '../../observe/status/liveness.ts';
import type { StatusReporter } from '../../observe/status/status-reporter.ts';
import type { SweepTrigger } from '../../sync/events.ts';
import { Loop } from '../../sync/loop/loop.ts';
import type { LoopDeps } from '../../sync/loop/loop-types.ts';
import { scheduleResync } from '../../sync/loop/resync-schedule.ts';
import { openTimeZone } from '../../sync/loop/time-zone.ts';
import {
  type ExitCode,
  exitCode,
  type ProcessContext,
  stopDeadlineMs,
  stopRequested,
} from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { notifyRun } from '../wiring/notify-run.ts';
import { observeRun } from '../wiring/observe-run.ts';
import { type OpenServing, openServing } from '../wiring/open-serving.ts';
import { openStatusReporter } from '../wiring/open-status-reporter.ts';
import { isDemo, openDemo, openRunLog } from '../wiring/run-output.ts';
import { openForWriting, type WritingJob } from '../wiring/wire.ts';

export async function run(request: Request, context: ProcessContext): Promise<ExitCode> {
  const { settings } = request;
  const log = openRunLog(request, context);
  const sweeps = listenForSweeps(context);
  // Before anything else: a port that is in use is no reason to have begun.
  const serving = await openServing(request, log, context);
  try {
    const parts = await openForWriting({ ...request, command: 'run' }, log, context);
    try {
      return await runUntilStopped({ parts, settings, log, sweeps, serving }, context);
    } finally {
      await parts.close();
    }
  } finally {
    await serving?.close();
    // Not before: from then on either signal ends the process.
    sweeps.stop();
  }
}

export interface SweepSignals {
  listener: (trigger: SweepTrigger) => void;
  stop(): void;
}

/** From the very start, since both signals end a process that does not listen. */
export function listenForSweeps(context: ProcessContext): SweepSignals {
  // Before the loop runs there is nothing to ask for: its first pass looks at everything anyway.
  const sweeps: SweepSignals = { listener: () => {}, stop: () => {} };
  const forget = [
    context.onSignal('SIGHUP', () => sweeps.listener('signal')),
    context.onSignal('SIGUSR2', () => sweeps.listener('resend')),
  ];
  sweeps.stop = () => {
    for (const leave of forget) leave();
  };
  return sweeps;
}

/** An account, opened, and how it is to be followed. */
export interface Following extends WritingJob {
  readonly settings: Settings;
  /** Where others are followed beside it: what they share, so that none waits for another. */
  readonly pace?: Pick<LoopDeps, 'ticker' | 'turn'>;
  /** Where other processes follow files of their own of the same accounts. */
  readonly inOrder?: LoopDeps['inOrder'];
}

interface Daemon extends Following {
  readonly sweeps: SweepSignals;
  readonly serving: OpenServing | null;
}

async function runUntilStopped(daemon: Daemon, context: ProcessContext): Promise<ExitCode> {
  const { parts, settings, log } = daemon;
  let code: ExitCode = exitCode.ok;
  const broken = new AbortController();
  const { loop, reporter, liveness } = openLoop(daemon, context, {
    onBug(error) {
      log.fatal({ err: error }, 'unexpected error; this is a bug');
      code = exitCode.failed;
      broken.abort();
    },
    // The other widgets go on, and the exit code must not say that all was well.
    onWidgetBug() {
      code = exitCode.failed;
    },
  });
  const notifying = await notifyRun({ parts, log, settings, reporter }, context);
  sayStarted(daemon);
  daemon.serving?.show(daemon, { reporter, liveness });
  daemon.sweeps.listener = (trigger) => loop.sweep(trigger);
  await reporter.start();
  await loop.start();
  sayFollowing(daemon);
  const { ended } = parts.state.tenure;
  const endings = [context.stop, broken.signal, ended].map((signal) => stopRequested(signal));
  await Promise.race(endings);
  if (ended.aborted) {
    log.error({ error: messageOf(ended.reason) }, 'nothing more is sent or written');
    code = exitCode.failed;
  }
  log.info('stopping: requests in flight may end');
  daemon.sweeps.listener = () => {};
  // One deadline for all: whoever stops a process waits for it, and then kills it.
  const stopByMs = context.clock.monotonicMs() + stopDeadlineMs;
  notifying?.hurry();
  await loop.stop({ deadlineMs: stopDeadlineMs });
  await reporter.stop();
  await notifying?.stop(stopByMs - context.clock.monotonicMs());
  log.info('stopped');
  return parts.events.hasBug ? exitCode.failed : code;
}

interface BugListener {
  onBug(error: unknown): void;
  /** One that concerns a single widget, and was said. */
  onWidgetBug(): void;
}

interface OpenLoop {
  readonly loop: Loop;
  readonly reporter: StatusReporter;
  readonly liveness: Liveness;
}

/** The loop and the reporter of one account, not started yet. */
export function openLoop(
  following: Following,
  context: ProcessContext,
  { onBug, onWidgetBug }: BugListener,
): OpenLoop {
  const { parts, settings, log } = following;
  const loop = makeLoop(following, context, { onBug, onPlanned: (next) => reporter.planned(next) });
  const queued = () => loop.queued();
  const liveness = openLiveness(following, context);
  parts.events.subscribe(liveness.hear);
  const reporter = openStatusReporter('run', { parts, log, queued, liveness }, context);
  const showsDemo = isDemo({ useSandbox: parts.account.isSandbox, settings });
  const demo = showsDemo ? openDemo(parts, context) : null;
  observeRun({ parts, log, reporter, demo, context }, onWidgetBug);
  return { loop, reporter, liveness };
}

interface Told {
  onBug(error: unknown): void;
  /** When the next full resync is due; null: never. */
  onPlanned(next: Date | null): void;
}

/** A look at the files comes that often, and a request may take as long as its timeout. */
function openLiveness({ parts, settings }: Following, { clock }: ProcessContext): Liveness {
  const quietMs = Math.max(settings.rescan, settings.pollInterval ?? 0) + settings.timeout;
  return new Liveness({ clock, limiter: parts.limiter, quietMs });
}

function makeLoop(
  { parts, settings, log, pace, inOrder }: Following,
  context: ProcessContext,
  told: Told,
): Loop {
  const { directory, state, key, live, limiter, send, inherited } = parts;
  const { policy } = parts.account;
  const sayNext = sayNextResync(log, settings);
  const onPlanned = (next: Date | null) => {
    sayNext(next);
    told.onPlanned(next);
  };
  return new Loop({
    directory,
    state,
    key,
    live,
    limiter,
    send,
    inherited,
    queuePolicy: {
      backoff: daemonBackoff,
      maxAttempts: Number.POSITIVE_INFINITY,
      onRefusedKey: 'wait',
    },
    policy: { drift: policy.drift, released: policy.released },
    changeGate: {
      limit: policy.maxChanges,
      forget: () => state.forgetApproval(),
      approved: () => state.approval(),
      onTrouble: sayTrouble(log),
      allowed: {
        read: () => state.allowedChanges(),
        write: (allowed) => state.saveAllowedChanges(allowed),
      },
    },
    emit: parts.events.emit,
    clock: context.clock,
    random: context.random,
    onBug: told.onBug,
    watch: (told) =>
      watchTree(parts.account.directory, settings.watch, {
        ...told,
        onFailure: (error) => log.warn({ error: messageOf(error) }, 'watching files failed'),
        clock: context.clock,
      }),
    rescan: {
      rescanMs: settings.rescan,
      pollMs: settings.pollInterval,
      begin: settings.watch === 'poll' ? 'polling' : 'relying',
    },
    schedule: (onDue, ticker) =>
      scheduleResync(
        { cron: settings.resync, timezone: settings.timezone },
        { onDue, onPlanned, onBug: told.onBug, clock: context.clock, ticker },
      ),
    ...pace,
    ...(inOrder !== undefined && { inOrder }),
  });
}

function sayNextResync(log: Log, { timezone }: Settings) {
  const facts = { timezone: openTimeZone(timezone).name };
  return (next: Date | null): void => {
    log.info({ ...facts, next_resync: next?.toISOString() ?? null }, 'next resync');
  };
}

/** A file that cannot be read approves nothing and lets nothing through; a write that fails is tried again. */
function sayTrouble(log: Log) {
  let said: string | null = null;
  return (error: StateError): void => {
    // It is looked for every second, and one line is enough.
    if (said !== error.message) {
      log.warn(
        { error: error.message },
        'approvals, orders and what was let through cannot be used now',
      );
    }
    said = error.message;
  };
}

export function sayFollowing({ parts, settings, log }: Following): void {
  log.info({ directory: parts.account.directory, watch: settings.watch }, 'watching for edits');
}

export function sayStarted({ parts, settings, log }: Following): void {
  const { directory, apiUrl, state, rate, policy } = parts.account;
  const facts = { version, directory, api_url: apiUrl, state };
  log.info(
    {
      ...facts,
      rate: formatRate(rate),
      live: policy.live,
      resync: settings.resync ?? 'off',
      timezone: openTimeZone(settings.timezone).name,
    },
    'started',
  );
}
