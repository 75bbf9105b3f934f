import { expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import { Delays } from '../../../src/base/timers.ts';
import { Attempts } from '../../../src/sync/loop/retries.ts';
import { unavailable } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test.each<[string, Error, number]>([
  ['what needs an answer of the API waits until it may be asked', unavailable, 60_000],
  ['what has nothing to do with it does not', new StateError('the disk is full'), 1500],
])('%s, and says so', async (_, error, retryInMs) => {
  const clock = new FakeClock();
  const told: number[] = [];
  let isAskedAgain = false;
  const attempts = new Attempts({
    observer: { passFailed: (_error, facts) => void told.push(facts.retryInMs) },
    random: () => 0.5,
    delays: new Delays(clock, new AbortController().signal),
    limiter: { wait: { reason: 'retry-after', forMs: 60_000 } },
    halt: () => {},
  });
  const again = () => {
    isAskedAgain = true;
  };
  await attempts.attempt('pass', { trigger: 'files', again }, () => Promise.reject(error));
  expect(told).toEqual([retryInMs]);
  await clock.advance(retryInMs - 1);
  expect(isAskedAgain).toBe(false);
  await clock.advance(1);
  expect(isAskedAgain).toBe(true);
});
