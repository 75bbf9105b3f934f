// Whether the daemon that should keep an account in step still runs, from what it has left in the state.
import type { StatusRecord } from './status-record.ts';

/**
 * `none`: no daemon was ever started here, or `apply` was the last to write. `running`. `ended`: in good
 * order. `gone`: it ended otherwise, or no longer works.
 */
export type DaemonState = 'none' | 'running' | 'ended' | 'gone';

export interface Asked {
  readonly now: Date;
  /** The process that holds the state, as far as that can be seen from here; `command` null: unknown. */
  readonly holder: { readonly command: string | null; readonly since?: string | null } | null;
  /** The host that asks: only there a holder is sure to be seen. */
  readonly host: string;
  /** A heartbeat that is older than that is none. */
  readonly maxAgeMs: number;
}

/** Four heartbeats. */
export const defaultMaxAgeMs = 60_000;

export function daemonState(
  record: StatusRecord | null,
  { now, holder, host, maxAgeMs }: Asked,
): DaemonState {
  if (record?.command !== 'run') return holder?.command === 'run' ? 'running' : 'none';
  const { startedAt, heartbeat, endedAt, host: itsHost } = record.lifetime;
  // An earlier version left no heartbeat: then only the holder tells.
  if (startedAt === null) return holder?.command === 'run' ? 'running' : 'none';
  // One that is stopped (SIGSTOP, a debugger) does not say who it is.
  const mayHoldIt = holder !== null && (holder.command ?? 'run') === 'run';
  if (!mayHoldIt && endedAt !== null) return 'ended';
  if (!mayHoldIt && itsHost === host) return 'gone';
  // One that has just begun has left nothing yet.
  const beganMs = holder?.command === 'run' ? Date.parse(holder.since ?? '') || 0 : 0;
  const seenMs = Math.max((heartbeat ?? startedAt).getTime(), beganMs);
  // A clock that was set back makes it a time to come.
  return now.getTime() - seenMs <= maxAgeMs ? 'running' : 'gone';
}
