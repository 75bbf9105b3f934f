// What one account of many comes to, in one state and one sentence: the worst that is so of it.
import { count } from '../../base/text.ts';
import type { DaemonState } from '../daemon-state.ts';
import { pendingOf } from '../status-json.ts';
import { behindCode, type StatusRecord } from '../status-record.ts';
import {
  type AccountStatus,
  type StateCounts,
  type WidgetStatus,
  widgetStates,
} from '../widget-status.ts';

/**
 * The worst first. `not-running`: nobody follows it, or its loop stands still. `held`: its entry in the file of
 * accounts cannot be used. `blocked`: something stands in the way of all its widgets. `failing`: some widgets
 * failed, or their files cannot be used. `waiting`: nothing may be sent for a while. `sending`: changes are on
 * their way. `suspended`: its entry says so. `calm`: nothing is to be done.
 */
export const accountStates = [
  'not-running',
  'held',
  'blocked',
  'failing',
  'waiting',
  'sending',
  'suspended',
  'calm',
] as const;

export type AccountState = (typeof accountStates)[number];

/** `says`: why, and what to do. */
export interface AccountTrouble {
  readonly state: 'held' | 'not-running';
  readonly says: string;
}

export function heldFor(says: string): AccountTrouble {
  return { state: 'held', says };
}

export function notRunningFor(says: string): AccountTrouble {
  return { state: 'not-running', says };
}

/** One account of several, as it is seen. */
export interface AccountSeen {
  readonly name: string;
  readonly status: AccountStatus;
  readonly daemon: DaemonState;
  /** Why it is not followed at all, which its status cannot say; null where it is, or is to be. */
  readonly trouble: AccountTrouble | null;
  /** All of it is suspended, for this reason. */
  readonly suspend: { readonly reason: string | null } | null;
}

/** In the place of a replica, where none follows the account. */
export const noReplica = 'no replica';

export interface AccountSummary {
  readonly name: string;
  readonly state: AccountState;
  /** For people; null where there is nothing to add. */
  readonly reason: string | null;
  /** Since when it is so; null where that is not known. */
  readonly since: Date | null;
  readonly widgets: number;
  readonly counts: StateCounts;
  /** When a pass succeeded last. */
  readonly lastPass: Date | null;
  /** For people: the replica that follows it, where that is not the one which shows this. */
  readonly replica?: string;
}

export function accountSummary(seen: AccountSeen, now: Date): AccountSummary {
  const { name, status } = seen;
  const { counts, record } = status;
  // Of all of them, also where only some are shown.
  const widgets = widgetStates.reduce((sum, state) => sum + counts[state], 0);
  const about = { name, widgets, counts, lastPass: record?.time ?? null };
  return { ...about, ...standing(seen, now) };
}

type Standing = Pick<AccountSummary, 'state' | 'reason' | 'since'>;

function standing({ status, daemon, trouble, suspend }: AccountSeen, now: Date): Standing {
  const { record } = status;
  if (trouble !== null) return { state: trouble.state, reason: trouble.says, since: null };
  if (daemon === 'gone') return gone(record);
  if (suspend !== null) return { state: 'suspended', reason: suspend.reason, since: null };
  const [obstacle] = record?.obstacles ?? [];
  if (obstacle !== undefined) {
    return { state: 'blocked', reason: obstacle.says, since: obstacle.since };
  }
  const failing = failingWords(status);
  if (failing !== null) return failing;
  if (daemon === 'ended') {
    const since = record?.lifetime.endedAt ?? null;
    return { state: 'not-running', reason: 'the process that followed it was stopped', since };
  }
  if (record === null) return daemon === 'running' ? starting : neverRun;
  return working(record, { daemon, now });
}

const starting: Standing = { state: 'waiting', reason: 'no pass was made yet', since: null };
const neverRun: Standing = { state: 'not-running', reason: 'nothing was ever run', since: null };

function gone(record: StatusRecord | null): Standing {
  const reason = 'the process that followed it has died, or stands still';
  return { state: 'not-running', reason, since: record?.lifetime.heartbeat ?? null };
}

/** Null where no widget failed, and no file is to be mended. */
function failingWords({ widgets, counts }: AccountStatus): Standing | null {
  const all = counts.failed + counts.held;
  // They stand first, the worst of them before the others.
  const [worst] = widgets;
  if (all === 0 || worst === undefined) return null;
  const more = all === 1 ? '' : ` (and ${count(all - 1, 'more widget')})`;
  return { state: 'failing', reason: `${widgetWords(worst)}${more}`, since: earliest(widgets) };
}

function widgetWords({ file, line, code, reason }: WidgetStatus): string {
  const where = line === null ? file : `${file}, line ${line}`;
  return `${where}: ${code === null ? '' : `${code}: `}${reason ?? ''}`;
}

function earliest(widgets: readonly WidgetStatus[]): Date | null {
  let found: Date | null = null;
  for (const { state, since } of widgets) {
    const counts = (state === 'failed' || state === 'held') && since !== null;
    if (counts && (found === null || since < found)) found = since;
  }
  return found;
}

interface Working {
  readonly daemon: DaemonState;
  readonly now: Date;
}

function working(record: StatusRecord, { daemon, now }: Working): Standing {
  const isRunning = daemon === 'running';
  const unsettled = record.files?.unsettled ?? null;
  if (isRunning && unsettled?.code === behindCode) {
    return { state: 'waiting', reason: unsettled.says, since: unsettled.since };
  }
  const { waiting } = record;
  if (isRunning && waiting !== null && waiting.until > now) {
    return { state: 'waiting', reason: waiting.why, since: null };
  }
  const pending = pendingOf(record);
  if (pending > 0 && isRunning) {
    return { state: 'sending', reason: `${count(pending, 'change')} in the queue`, since: null };
  }
  if (pending > 0) {
    const reason = `${count(pending, 'change')} left behind; the next run or apply looks again`;
    return { state: 'waiting', reason, since: null };
  }
  if (isRunning && record.time === null) return starting;
  return { state: 'calm', reason: null, since: null };
}
