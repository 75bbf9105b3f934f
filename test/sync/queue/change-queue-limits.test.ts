// Changes that the API turns away by its own limit: nothing is wrong with them.
import { expect, test } from 'vitest';
import { apiError, failed, named, unavailable } from '../../support/changes.ts';
import { QueueWorld } from '../../support/queue-world.ts';

const tooMany = apiError({ status: 429, retry: 'later' });

test('being turned away does not count against the tries of a change', async () => {
  const world = new QueueWorld({ maxAttempts: 2 });
  await world.submit(named(1, 'Ava'));
  for (let n = 0; n < 5; n += 1) await world.to('w1.yaml').end(failed(tooMany));
  expect(world.outcomes).toEqual([]);
  await world.to('w1.yaml').end(failed(unavailable));
  await world.clock.advance(1000);
  await world.to('w1.yaml').end(failed(tooMany));
  await world.to('w1.yaml').end(failed(unavailable));
  expect(world.ends()).toEqual(['failed w1.yaml Ava']);
  // All of them were requests.
  expect(world.outcomes).toMatchObject([{ attempts: 8 }]);
});

test('the next try is told for when the API takes it, and what is more urgent goes first then', async () => {
  const world = new QueueWorld({ concurrency: 1 });
  await world.submit(named(1, 'Ava', 'drifted'));
  world.limiter.wait = { reason: 'retry-after', forMs: 12_000 };
  world.limiter.shut();
  await world.to('w1.yaml').end(failed(tooMany));
  expect(world.retries).toEqual([{ attempts: 1, retryInMs: 12_000 }]);
  await world.submit(named(2, 'Ben'));
  await world.limiter.open();
  expect(world.sent).toEqual(['w1.yaml Ava', 'w2.yaml Ben']);
});

test('a retry is told for when the rate has room for it', async () => {
  const world = new QueueWorld();
  await world.submit(named(1, 'Ava'));
  world.limiter.wait = { reason: 'rate', forMs: 60_000 };
  await world.to('w1.yaml').end(failed(unavailable));
  expect(world.retries).toEqual([{ attempts: 1, retryInMs: 60_000 }]);
});

test('where nobody may wait for ever, an API that refuses everything for too long ends all', async () => {
  const world = new QueueWorld({ concurrency: 1, limitPatienceMs: 120_000 });
  await world.submit(named(1, 'Ava'), named(2, 'Ben'));
  world.limiter.refusedForMs = 119_999;
  await world.to('w1.yaml').end(failed(tooMany));
  expect(world.outcomes).toEqual([]);
  world.limiter.refusedForMs = 120_000;
  await world.to('w2.yaml').end(failed(tooMany));
  expect(world.outcomes).toMatchObject([
    { status: 'unsent', why: 'the API has refused every request for 120 seconds (429)' },
    { status: 'failed', error: tooMany },
  ]);
  expect(world.queue.size).toBe(0);
});
