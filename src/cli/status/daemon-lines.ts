// Whether a daemon works, what it waits for and who holds the state, each as a line for people.
import { printable } from '../../base/text.ts';
import { durationText, utcTime } from '../../render/time.ts';
import { describeHolder, type Holder, type UnknownHolder } from '../../state/holder.ts';
import type { DaemonState } from '../../status/daemon-state.ts';
import { behindCode, type StatusRecord } from '../../status/status-record.ts';

/** Who works there, as far as it is known. */
export interface Working {
  readonly holder: Holder | UnknownHolder | null;
  readonly record: StatusRecord | null;
}

export interface DaemonSeen {
  readonly daemon: DaemonState;
  /** That none runs is a failure. */
  readonly needsDaemon: boolean;
}

/** The wait is over once the process has ended, or the time has come. */
export function waitingLine({ record, holder }: Working, now: Date): string[] {
  const waiting = record?.waiting ?? null;
  if (waiting === null || holder === null || waiting.until <= now) return [];
  const { until, why } = waiting;
  const left = durationText(secondsUntil(until, now));
  return [
    printable(
      `Waiting: nothing is sent before ${utcTime(until.getTime())} (${left} from now): ${why}.`,
    ),
  ];
}

/** The wait for files is over once the process has ended. */
export function behindLine({ record, holder }: Working, now: Date): string[] {
  const unsettled = record?.files?.unsettled ?? null;
  const isBlocked = record?.obstacles.some(({ by }) => by === 'pass');
  if (unsettled?.code !== behindCode || holder === null || isBlocked) return [];
  const lasts = durationText(secondsUntil(now, unsettled.since));
  return [printable(`Waiting for files (for ${lasts}): ${unsettled.says}.`)];
}

/** Nothing where the daemon runs, or need not. */
export function daemonLine(
  { record, daemon, holder, needsDaemon }: DaemonSeen & Working,
  now: Date,
): string[] {
  const ago = (time: Date) => agoText(now.getTime() - time.getTime());
  const { pid, host, heartbeat, endedAt } = record?.lifetime ?? unknownLifetime;
  if (daemon === 'gone') {
    const seen = heartbeat === null ? '' : `, last seen ${ago(heartbeat)}`;
    const who = `(process ${pid} on ${host}${seen})`;
    const isThere = holder !== null && holder.command !== 'apply';
    const what = isThere
      ? `The daemon is there and writes no status ${who}: it hangs, or cannot write the state directory. Look at its log; where it hangs, end it with kill -9 ${pid} and start it again.`
      : `The daemon does not run any more ${who}: nothing is sent until it is started again.`;
    return [printable(what)];
  }
  if (!needsDaemon || daemon === 'running') return [];
  return [`No daemon runs${endedAt === null ? '' : `: the last one ended ${ago(endedAt)}`}.`];
}

const unknownLifetime = { pid: null, host: null, heartbeat: null, endedAt: null };

/** A killed daemon leaves its last pass behind; this does not outlive it. */
export function holderLine({ holder, record }: Working, now: Date): string {
  if (holder === null) return 'No process has this state directory open.';
  const who = describeHolder(holder);
  const { pid, heartbeat } = record?.lifetime ?? unknownLifetime;
  const isItsOwn = heartbeat !== null && holder.pid === pid;
  const seen = isItsOwn ? `, seen to work ${agoText(now.getTime() - heartbeat.getTime())}` : '';
  return `${who[0]?.toUpperCase()}${who.slice(1)} has this state directory open${seen}.`;
}

export function agoText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  // A clock that was set back makes it a time to come.
  return seconds < 1 ? 'just now' : `${durationText(seconds)} ago`;
}

export function secondsUntil(later: Date, earlier: Date): number {
  return Math.max(0, Math.ceil((later.getTime() - earlier.getTime()) / 1000));
}
