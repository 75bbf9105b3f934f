// Why nothing starts, for people: the same words wherever a wait stands.
import type { WaitReason } from './rate-limiter.ts';

export const waitWords: { readonly [reason in WaitReason]: string } = {
  'retry-after': 'the API asks for it (Retry-After)',
  refused: 'the API refuses requests (429) and names no time',
  pace: 'the API takes no more',
  rate: '--rate is used up',
  'earlier-runs': 'earlier runs have used up --rate',
  outage: 'the service is down',
};
