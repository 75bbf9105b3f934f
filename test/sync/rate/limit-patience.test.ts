// For how long the API has refused everything: what counts, and what ends it.
import { expect, test } from 'vitest';
import type { RequestOutcome } from '../../../src/sync/rate/request-outcome.ts';
import { apiError } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openLimiter } from '../../support/open-limiter.ts';

function limited(retryAfterMs: number | null = null): RequestOutcome {
  const error = apiError({ status: 429, retry: 'later', retryAfterMs });
  return { service: 'limited', error, about: 'w1' };
}

function down(status: number | null): RequestOutcome {
  return { service: 'down', error: apiError({ status, retry: 'later' }), about: 'w1' };
}

/** What ends when; the last at the time that is asked about. */
type Story = readonly (readonly [atS: number, outcome: RequestOutcome])[];

test.each<[string, Story, number]>([
  [
    'refusals alone: since the first',
    [
      [0, limited()],
      [60, limited()],
      [130, limited()],
    ],
    130,
  ],
  [
    'a service that is down in between: since the next refusal',
    [
      [0, limited()],
      [60, down(503)],
      [130, limited()],
    ],
    0,
  ],
  [
    'no answer in between: since the next refusal',
    [
      [0, limited()],
      [60, down(null)],
      [100, limited()],
      [130, limited()],
    ],
    30,
  ],
  [
    'an answer in between: since the next refusal',
    [
      [0, limited()],
      [60, { service: 'up' }],
      [130, limited()],
    ],
    0,
  ],
  [
    'the service goes down at the end: not at all',
    [
      [0, limited()],
      [130, down(503)],
    ],
    0,
  ],
  [
    'a request that was called back says nothing',
    [
      [0, limited()],
      [60, { service: 'unclear' }],
      [130, limited()],
    ],
    130,
  ],
  [
    'a wait that the API asked for does not count',
    [
      [0, limited(130_000)],
      [130, limited()],
    ],
    0,
  ],
  [
    'what is waited beyond it counts, and so does what was waited before',
    [
      [0, limited()],
      [20, limited(100_000)],
      [125, limited()],
    ],
    25,
  ],
  [
    'of several waits that overlap the longest one',
    [
      [0, limited(100_000)],
      [1, limited(10_000)],
      [2, limited()],
      [110, limited()],
    ],
    10,
  ],
])('%s', async (_, story, refusedForS) => {
  const clock = new FakeClock();
  const limiter = openLimiter({ limit: 100, windowMs: 1000 }, clock);
  const taken = story.map(() => limiter.take(10, new AbortController().signal));
  const slots = await Promise.all(taken);
  for (const [n, [atS, outcome]] of story.entries()) {
    await clock.advance(atS * 1000 - clock.monotonicMs());
    slots[n]?.ended(outcome);
  }
  expect(limiter.refusedForMs).toBe(refusedForS * 1000);
});
