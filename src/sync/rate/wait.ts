// Why nothing starts, for how long, and how people are told: the same words wherever a wait stands.

/**
 * `retry-after`: the API asks for it. `outage`: the service is down. `refused`: the API refuses what it
 * is asked, and names no time. `pace`: it takes no more, as was learnt. `rate`: the rate is used up,
 * `earlier-runs`: by processes before this one.
 */
export type WaitReason = 'retry-after' | 'outage' | 'refused' | 'pace' | 'rate' | 'earlier-runs';

/** From now on. */
export interface Wait {
  readonly reason: WaitReason;
  readonly forMs: number;
}

export const waitWords: { readonly [reason in WaitReason]: string } = {
  'retry-after': 'the API asks for it (Retry-After)',
  refused: 'the API refuses requests (429) and names no time',
  pace: 'the API takes no more',
  rate: '--rate is used up',
  'earlier-runs': 'earlier runs have used up --rate',
  outage: 'the service is down',
};
