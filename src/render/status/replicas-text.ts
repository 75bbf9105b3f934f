// Replicas for people.
import type { Colors } from 'picocolors/types.js';
import type { ReplicaStatus } from '../../status/over-accounts/replicas-status.ts';
import { type Cell, type Row, renderTableWhole } from '../table.ts';
import { durationText } from '../time.ts';

export interface ReplicasTextOptions {
  readonly colours: Colors;
  /** Columns of the terminal; null: nothing is broken to fit. */
  readonly width: number | null;
  readonly nowMs: number;
}

/** Lines without newlines; none where there are no replicas. */
export function replicasText(
  replicas: readonly ReplicaStatus[],
  { colours, width, nowMs }: ReplicasTextOptions,
): string[] {
  if (replicas.length === 0) return ['No replica runs.'];
  const heads = ['REPLICA', 'COMMAND', 'VERSION', 'UP FOR', 'LAST BEAT', 'ACCOUNTS'].map(
    (text): Cell => ({ text, paint: colours.dim }),
  );
  const rows = replicas.map((one): Row => {
    const { command, version, since, isGone, lastBeat, accounts } = one;
    const beat = lastBeat === null ? 'not known' : `${durationText(seconds(nowMs, lastBeat))} ago`;
    return [
      { text: replicaWords(one), paint: colours.bold },
      ...[command, version, isGone ? '-' : durationText(seconds(nowMs, since))],
      isGone ? { text: 'gone', paint: colours.red } : beat,
      String(accounts),
    ];
  });
  return renderTableWhole([heads, ...rows], width);
}

export function replicaWords({ host, pid }: Pick<ReplicaStatus, 'host' | 'pid'>): string {
  return `${host} (${pid})`;
}

/** The clock of the store may go a little ahead. */
function seconds(nowMs: number, time: ReplicaStatus['since']): number {
  return Math.max(0, Math.floor((nowMs - time.getTime()) / 1000));
}
