// The replicas that share accounts, and which of them holds which: what `status --accounts` shows of a store that
// several processes use.

export interface ReplicaStatus {
  /** The number of its session. */
  readonly session: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Which command it is: `run`, or one that holds an account for a moment. */
  readonly command: string;
  readonly since: Date;
  /** What it held waits for another one. */
  readonly isGone: boolean;
  /** When the store heard of it last; null: it is gone, or who asks is not allowed to see that. */
  readonly lastBeat: Date | null;
  /** So many accounts of those that are shown. */
  readonly accounts: number;
}

export interface ReplicasStatus {
  /** First those that are gone and still hold accounts, then the one that was silent for longest. */
  readonly replicas: readonly ReplicaStatus[];
  /** By account; whoever is gone holds none. */
  readonly holders: ReadonlyMap<string, ReplicaStatus>;
}

/** `holds`: by account, the session that has claimed it last and has not released it. */
export function replicasStatus(
  sessions: readonly Omit<ReplicaStatus, 'accounts'>[],
  holds: ReadonlyMap<string, string>,
): ReplicasStatus {
  const counts = new Map<string, number>();
  for (const session of holds.values()) counts.set(session, (counts.get(session) ?? 0) + 1);
  const replicas = sessions
    .map((one) => ({ ...one, accounts: counts.get(one.session) ?? 0 }))
    .filter(({ isGone, accounts }) => !isGone || accounts > 0)
    .sort((a, b) => rankOf(a) - rankOf(b) || Number(a.session) - Number(b.session));
  const living = new Map(replicas.filter(({ isGone }) => !isGone).map((one) => [one.session, one]));
  const holders = new Map<string, ReplicaStatus>();
  for (const [account, session] of holds) {
    const holder = living.get(session);
    if (holder !== undefined) holders.set(account, holder);
  }
  return { replicas, holders };
}

/** To ten seconds: who beats in turns is not to change places with each look. */
function rankOf({ isGone, lastBeat }: ReplicaStatus): number {
  if (isGone) return 0;
  return lastBeat === null ? 1 : Math.floor(lastBeat.getTime() / 10_000);
}

export function replicasJson({ replicas }: ReplicasStatus) {
  return {
    replicas: replicas.map(({ since, lastBeat, isGone, ...one }) => ({
      ...{ session: one.session, host: one.host, pid: one.pid, version: one.version },
      ...{ command: one.command, since: since.toISOString() },
      gone: isGone,
      last_beat: lastBeat?.toISOString() ?? null,
      accounts: one.accounts,
    })),
  };
}

/** Of one account: the session that holds it, null for none. */
export function holderJson({ holders }: ReplicasStatus, account: string) {
  return { replica: holders.get(account)?.session ?? null };
}
