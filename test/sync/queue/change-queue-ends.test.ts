import { describe, expect, test } from 'vitest';
import { backoffMs, daemonBackoff } from '../../../src/base/backoff.ts';
import {
  applied,
  failed,
  forbidden,
  keyRefused,
  named,
  unavailable,
  wanted,
} from '../../support/changes.ts';
import { settle } from '../../support/fake-clock.ts';
import { lostDisk, QueueWorld } from '../../support/queue-world.ts';

describe('the back-off of a change that may still succeed', () => {
  test.each([
    ['an API that is unavailable', failed(unavailable)],
    ['a record that could not be written', lostDisk],
  ])('grows with every failure up to its bound, for %s', async (_, failure) => {
    const world = new QueueWorld({ backoff: { baseMs: 1000, capMs: 5000 } });
    await world.submit(named(1, 'Ava'));
    for (const [index, waitMs] of [500, 1000, 2000, 2500, 2500].entries()) {
      await world.to('w1.yaml').end(failure);
      expect(world.retries.at(-1)).toEqual({ attempts: index + 1, retryInMs: waitMs });
      await world.clock.advance(waitMs - 1);
      expect(world.sending).toEqual([]);
      await world.clock.advance(1);
    }
    expect(world.to('w1.yaml').request.attempt).toBe(6);
  });

  test.each([
    ['nothing', 0, 0],
    ['almost everything', 0.999, 999],
  ])('is any part of that: %s', async (_, random, waitMs) => {
    const world = new QueueWorld();
    world.random = () => random;
    await world.submit(named(1, 'Ava'));
    await world.to('w1.yaml').end(failed(unavailable));
    expect(world.retries).toEqual([{ attempts: 1, retryInMs: waitMs }]);
  });

  test('is told to be no shorter than what the API has asked everybody to wait', async () => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'));
    world.limiter.wait = { reason: 'retry-after', forMs: 45_000 };
    await world.to('w1.yaml').end(failed(unavailable));
    expect(world.retries).toEqual([{ attempts: 1, retryInMs: 45_000 }]);
  });

  test('begins anew with another content, which does not wait', async () => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'));
    for (const waitMs of [500, 1000]) {
      await world.to('w1.yaml').end(failed(unavailable));
      await world.clock.advance(waitMs);
    }
    await world.to('w1.yaml').end(failed(unavailable));
    await world.submit(named(1, 'Ben'));
    expect(world.to('w1.yaml').request).toMatchObject({ attempt: 1, change: named(1, 'Ben') });
    await world.to('w1.yaml').end(failed(unavailable));
    expect(world.retries.at(-1)).toEqual({ attempts: 1, retryInMs: 500 });
  });

  test.each(['edited', 'drifted'] as const)(
    'goes on when the same content is asked for again as %s',
    async (reason) => {
      const world = new QueueWorld();
      await world.submit(named(1, 'Ava', 'edited'));
      await world.to('w1.yaml').end(failed(unavailable));
      await world.clock.advance(300);
      await world.submit(named(1, 'Ava', reason));
      await world.clock.advance(199);
      expect(world.sending).toEqual([]);
      await world.clock.advance(1);
      expect(world.to('w1.yaml').request.attempt).toBe(2);
    },
  );

  test.each([
    ['a person edits the file to it', 'drifted', 'edited'],
    ['everything is sent again', 'edited', 'forced'],
  ] as const)('ends early when %s', async (_, before, after) => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava', before));
    await world.to('w1.yaml').end(failed(unavailable));
    await world.submit(named(1, 'Ava', after));
    expect(world.to('w1.yaml').request.attempt).toBe(2);
    await world.clock.advance(10_000);
    expect(world.sent).toHaveLength(2);
  });

  test('ends as failed after the last attempt that is allowed, and may be asked for again', async () => {
    const world = new QueueWorld({ maxAttempts: 2 });
    await world.submit(named(1, 'Ava'));
    await world.to('w1.yaml').end(failed(unavailable));
    await world.clock.advance(500);
    await world.to('w1.yaml').end(failed(unavailable));
    expect(world.outcomes).toMatchObject([{ status: 'failed', attempts: 2, error: unavailable }]);
    expect(world.queue.size).toBe(0);
    await world.submit(named(1, 'Ava'));
    expect(world.to('w1.yaml').request.attempt).toBe(1);
  });

  test('by default takes seconds at first and minutes at most', () => {
    const longest = [1, 2, 3, 10, 11, 1000].map((n) => backoffMs(n, daemonBackoff, () => 1));
    expect(longest).toEqual([500, 1000, 2000, 256_000, 300_000, 300_000]);
    expect(backoffMs(5, daemonBackoff, () => 0)).toBe(0);
  });
});

describe('a refused key', () => {
  test('halts everything until refusals are tried again, where that is worth waiting for', async () => {
    const world = new QueueWorld({ concurrency: 2 });
    await world.submit(...[1, 2, 3].map((n) => named(n, 'Ava')));
    world.to('w2.yaml').leave();
    await world.to('w1.yaml').end(failed(keyRefused));
    await world.submit(named(4, 'Ava'));
    await world.to('w2.yaml').end(applied);
    await world.clock.advance(600_000);
    expect(world.queue.halted).toBe(true);
    expect(world.sending).toEqual([]);
    expect(world.ends()).toEqual(['applied w2.yaml Ava']);
    expect(world.told).toEqual(['halted']);

    world.queue.retryRejected();
    await settle();
    for (const n of [3, 4, 1]) await world.to(`w${n}.yaml`).end(applied);
    expect(world.told).toEqual(['halted', 'resumed']);
    expect(world.ends()).toHaveLength(4);
    expect(world.queue.size).toBe(0);
  });

  test('calls back who waits for leave, and is told once however many hear it', async () => {
    const world = new QueueWorld({ concurrency: 3 });
    await world.submit(...[1, 2, 3].map((n) => named(n, 'Ava')));
    for (const n of [1, 2]) world.to(`w${n}.yaml`).leave();
    await world.to('w1.yaml').end(failed(keyRefused));
    expect(world.sending.map(({ name }) => name)).toEqual(['w2.yaml Ava']);
    await world.to('w2.yaml').end(failed(keyRefused));
    expect(world.told).toEqual(['halted']);
    world.queue.retryRejected();
    await settle();
    expect(world.sending).toHaveLength(3);
    expect(world.to('w3.yaml').request.attempt).toBe(1);
  });

  test('keeps what waits for a slot waiting, until refusals are tried again', async () => {
    const world = new QueueWorld({ concurrency: 2 });
    await world.submit(named(1, 'Ava'));
    world.limiter.shut();
    await world.submit(named(2, 'Ben'));
    await world.to('w1.yaml').end(failed(keyRefused));
    expect(world.limiter.waiting).toBe(2);
    await world.limiter.open();
    expect(world.sending).toEqual([]);
    world.queue.retryRejected();
    await settle();
    expect(world.sending.map(({ name }) => name).sort()).toEqual(['w1.yaml Ava', 'w2.yaml Ben']);
  });

  test('does not halt again for requests that left with the key before', async () => {
    const world = new QueueWorld({ concurrency: 2 });
    await world.submit(...[1, 2].map((n) => named(n, 'Ava')));
    for (const n of [1, 2]) world.to(`w${n}.yaml`).leave();
    await world.to('w1.yaml').end(failed(keyRefused));
    world.queue.retryRejected();
    await world.to('w2.yaml').end(failed(keyRefused));
    expect(world.queue.halted).toBe(false);
    for (const n of [1, 2]) await world.to(`w${n}.yaml`).end(applied);
    expect(world.ends()).toEqual(['applied w1.yaml Ava', 'applied w2.yaml Ava']);
  });

  test('is what ten widgets in a row say that may not be written, but not what nine say', async () => {
    const world = new QueueWorld({ concurrency: 1 });
    const all = Array.from({ length: 20 }, (_, n) => n + 1);
    await world.submit(...all.map((n) => named(n, 'Ava')));
    for (const n of all.slice(0, 9)) await world.to(`w${n}.yaml`).end(failed(forbidden));
    await world.to('w10.yaml').end(applied);
    for (const n of all.slice(10, 19)) await world.to(`w${n}.yaml`).end(failed(forbidden));
    expect(world.told).toEqual([]);
    await world.to('w20.yaml').end(failed(forbidden));
    expect(world.told).toEqual(['halted']);
    expect(world.ends()).toHaveLength(19);

    world.queue.retryRejected();
    await settle();
    await world.to('w20.yaml').end(failed(forbidden));
    expect(world.told).toEqual(['halted', 'resumed']);
  });

  test('is not what one widget says again and again', async () => {
    const world = new QueueWorld({ concurrency: 1 });
    for (let n = 1; n <= 12; n += 1) {
      await world.submit(named(1, `Ava ${n}`));
      await world.to('w1.yaml').end(failed(forbidden));
    }
    expect(world.queue.halted).toBe(false);
  });

  test('gives up what was not sent, where nobody would wait', async () => {
    const world = new QueueWorld({ concurrency: 2, onRefusedKey: 'give-up' });
    await world.submit(...[1, 2, 3].map((n) => named(n, 'Ava')));
    const idle = world.queue.idle();
    world.to('w2.yaml').leave();
    await world.to('w1.yaml').end(failed(keyRefused));
    expect(world.ends()).toEqual(['unsent w3.yaml Ava', 'failed w1.yaml Ava']);
    expect(await world.isDone(idle)).toBe(false);
    await world.to('w2.yaml').end(applied);
    expect(await world.isDone(idle)).toBe(true);
    expect(world.sent).toHaveLength(2);
    expect(world.outcomes).toMatchObject([
      { status: 'unsent', why: 'the API refused the key' },
      { status: 'failed', error: keyRefused },
      { status: 'applied' },
    ]);
  });
});

describe('stopping', () => {
  test('lets requests in flight end and calls back everything else', async () => {
    const world = new QueueWorld({ concurrency: 3 });
    await world.submit(...[1, 2, 3, 4].map((n) => named(n, 'Ava')));
    world.to('w1.yaml').leave();
    await world.to('w3.yaml').end(failed(unavailable));
    const stopped = world.queue.stop({ deadlineMs: 10_000 });
    await settle();
    await world.submit(named(5, 'Ava'));
    expect(world.sending.map(({ name }) => name)).toEqual(['w1.yaml Ava']);
    expect(await world.isDone(stopped)).toBe(false);
    await world.to('w1.yaml').end(applied);
    expect(await world.isDone(stopped)).toBe(true);
    expect(world.ends().sort()).toEqual([
      'applied w1.yaml Ava',
      'unsent w2.yaml Ava',
      'unsent w3.yaml Ava',
      'unsent w4.yaml Ava',
    ]);
    await world.clock.advance(600_000);
    expect(world.sent).toHaveLength(4);
    expect(world.clock.sleeping).toBe(0);
  });

  test('aborts what is still in flight at the deadline, and says that it failed', async () => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'));
    world.to('w1.yaml').leave();
    const stopped = world.queue.stop({ deadlineMs: 10_000 });
    await world.clock.advance(9999);
    expect(await world.isDone(stopped)).toBe(false);
    await world.clock.advance(1);
    expect(await world.isDone(stopped)).toBe(true);
    expect(world.ends()).toEqual(['failed w1.yaml Ava']);
  });

  test('says of a newer content that waited for the request in flight that it was not sent', async () => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'));
    world.to('w1.yaml').leave();
    await world.submit(named(1, 'Ben'));
    const stopped = world.queue.stop({ deadlineMs: 10_000 });
    await world.to('w1.yaml').end(applied);
    expect(await world.isDone(stopped)).toBe(true);
    expect(world.ends()).toEqual(['applied w1.yaml Ava', 'unsent w1.yaml Ben']);
  });

  // A pass that ends during the stop once made the newer content vanish without a word.
  test('says so too when a plan made during the stop no longer wants what is in flight', async () => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'));
    world.to('w1.yaml').leave();
    await world.submit(named(1, 'Ben'));
    const stopped = world.queue.stop({ deadlineMs: 1000 });
    world.queue.retain(wanted(named(1, 'Ben')));
    await world.submit(named(1, 'Ben'));
    await world.to('w1.yaml').end(applied);
    await stopped;
    expect(world.ends()).toEqual(['applied w1.yaml Ava', 'unsent w1.yaml Ben']);
  });

  test('ends what waits for a slot as not sent, at once', async () => {
    const world = new QueueWorld();
    world.limiter.shut();
    await world.submit(named(1, 'Ava'));
    expect(await world.isDone(world.queue.stop({ deadlineMs: 10_000 }))).toBe(true);
    expect(world.ends()).toEqual(['unsent w1.yaml Ava']);
    await world.limiter.open();
    expect(world.sent).toEqual([]);
  });

  test('works while the key is refused', async () => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'));
    await world.to('w1.yaml').end(failed(keyRefused));
    expect(await world.isDone(world.queue.stop({ deadlineMs: 10_000 }))).toBe(true);
    expect(world.ends()).toEqual(['unsent w1.yaml Ava']);
    world.queue.retryRejected();
    await world.clock.advance(600_000);
    expect(world.sent).toHaveLength(1);
  });
});

describe('a bug in sending', () => {
  const bug = new TypeError('not part of the game');

  test('fails its widget, and the others go on', async () => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'), named(2, 'Ben'));
    await world.to('w1.yaml').fail(bug);
    await world.to('w2.yaml').end(applied);
    expect(world.ends()).toEqual(['failed w1.yaml Ava', 'applied w2.yaml Ben']);
    expect(world.outcomes[0]).toMatchObject({ error: { cause: bug }, attempts: 1 });
    expect(world.limiter.breaker).toMatchObject({ taken: 2, held: 0 });
    expect(await world.isDone(world.queue.idle())).toBe(true);
    expect(world.bugs).toEqual([]);
  });

  test('is not met again until something has changed', async () => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'));
    await world.to('w1.yaml').fail(bug);
    await world.submit(named(1, 'Ava'));
    await world.clock.advance(600_000);
    expect(world.sent).toHaveLength(1);
    world.queue.retryRejected();
    await world.submit(named(1, 'Ava'));
    expect(world.sent).toHaveLength(2);
  });

  test('is told also where a newer edit has come meanwhile, which a pass plans anew', async () => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'));
    await world.submit(named(1, 'Ben'));
    await world.to('w1.yaml').fail(bug);
    expect(world.ends()).toEqual(['failed w1.yaml Ava']);
    expect(world.told).toEqual(['outdated']);
  });

  test('is told while the queue stops', async () => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'));
    const sending = world.to('w1.yaml');
    sending.leave();
    const stopped = world.queue.stop({ deadlineMs: 10_000 });
    await sending.fail(bug);
    expect(await world.isDone(stopped)).toBe(true);
    expect(world.ends()).toEqual(['failed w1.yaml Ava']);
  });
});

test('a bug beside the sending is told before anybody hears that the queue is idle', async () => {
  const world = new QueueWorld();
  const bug = new TypeError('an observer that throws');
  world.onOutcome = () => {
    throw bug;
  };
  await world.submit(named(1, 'Ava'));
  const idle = world.queue.idle().then(() => [...world.bugs]);
  await world.to('w1.yaml').end(applied);
  expect(await idle).toEqual([bug]);
});

test('a hundred requests at once raise no warning of a leak', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  try {
    const world = new QueueWorld({ concurrency: 100 });
    await world.submit(...Array.from({ length: 100 }, (_, n) => named(n, 'Ava')));
    expect(world.sending).toHaveLength(100);
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', note);
  }
});
