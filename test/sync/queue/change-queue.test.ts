import { describe, expect, test } from 'vitest';
import type { Change } from '../../../src/model/plan.ts';
import {
  applied,
  failed,
  named,
  refused,
  unavailable,
  wanted,
  withdrawn,
} from '../../support/changes.ts';
import { settle } from '../../support/fake-clock.ts';
import { lostDisk, QueueWorld } from '../../support/queue-world.ts';

describe('a change', () => {
  test('is sent, and its outcome says what it took', async () => {
    const { to, outcomes, clock, submit } = bound(new QueueWorld());
    const change = named(1, 'Ava', 'new');
    await submit(change);
    expect(to('w1.yaml').request).toMatchObject({ change, attempt: 1 });
    await clock.advance(40);
    await to('w1.yaml').end(failed(unavailable));
    await clock.advance(500);
    expect(to('w1.yaml').request.attempt).toBe(2);
    await clock.advance(60);
    await to('w1.yaml').end({ status: 'applied', httpStatus: 200, kept: [{ path: '/name' }] });
    expect(outcomes).toEqual([
      {
        status: 'applied',
        change,
        attempts: 2,
        durationMs: 600,
        httpStatus: 200,
        kept: [{ path: '/name' }],
      },
    ]);
  });

  test('replaces one that waits for the same widget', async () => {
    const { sent, to, submit } = bound(new QueueWorld({ concurrency: 1 }));
    await submit(named(1, 'Ava'), named(2, 'Ben'), named(2, 'Cleo'), named(2, 'Dee'));
    await to('w1.yaml').end(applied);
    expect(sent).toEqual(['w1.yaml Ava', 'w2.yaml Dee']);
  });

  test.each([
    ['confirmed', applied],
    ['failed', failed(unavailable)],
    ['refused', failed(refused)],
  ])('waits for the request in flight, and is planned anew when that was %s', async (_, end) => {
    const world = new QueueWorld();
    const { queue, sent, to, outcomes, submit, told } = bound(world);
    // What was planned before knew nothing of what the request in flight has written.
    const replanned = { ...named(1, 'Cleo'), resets: { description: null } };
    world.onOutdated = () => queue.submit(replanned);
    await submit(named(1, 'Ava'));
    await submit(named(1, 'Ben'));
    await submit(named(1, 'Cleo'));
    await settle();
    expect(sent).toEqual(['w1.yaml Ava']);
    await to('w1.yaml').end(end);
    expect(sent).toEqual(['w1.yaml Ava', 'w1.yaml Cleo']);
    expect(told).toEqual(['outdated']);
    expect(to('w1.yaml').request).toMatchObject({ attempt: 1, change: replanned });
    await to('w1.yaml').end(applied);
    expect(outcomes.at(-1)).toMatchObject({ status: 'applied', change: replanned });
    expect(queue.size).toBe(0);
  });

  test('waits for the request in flight, and takes its place where that was called back', async () => {
    const { sent, to, submit } = bound(new QueueWorld());
    await submit(named(1, 'Ava'));
    await submit(named(1, 'Ben'));
    await to('w1.yaml').end(withdrawn);
    expect(sent).toEqual(['w1.yaml Ava', 'w1.yaml Ben']);
    expect(to('w1.yaml').request.attempt).toBe(1);
  });

  test('that takes back a newer one while the first is in flight sends nothing more', async () => {
    const { queue, sent, to, submit } = bound(new QueueWorld());
    await submit(named(1, 'Ava'));
    await submit(named(1, 'Ben'));
    await submit(named(1, 'Ava'));
    await to('w1.yaml').end(applied);
    expect(sent).toEqual(['w1.yaml Ava']);
    expect(queue.size).toBe(0);
  });

  test('goes before less urgent ones: fresh edit, retry, drift, resync', async () => {
    const { sent, to, clock, submit } = bound(new QueueWorld({ concurrency: 1 }));
    await submit(named(1, 'retried'));
    await to('w1.yaml').end(failed(unavailable));
    await submit(named(2, 'first', 'forced'));
    await submit(named(3, 'resync', 'forced'));
    await submit(named(4, 'drift', 'drifted'));
    await submit(named(5, 'fresh', 'edited'));
    await submit(named(6, 'new', 'new'));
    await clock.advance(500);
    for (const n of [2, 5, 6, 1, 4, 3]) await to(`w${n}.yaml`).end(applied);
    expect(sent.slice(2).map((name) => name.split(' ')[1])).toEqual([
      'fresh',
      'new',
      'retried',
      'drift',
      'resync',
    ]);
  });
});

describe('what the newest plan no longer asks for', () => {
  test('is dropped while it waits, without an outcome', async () => {
    const { queue, sent, to, clock, outcomes, submit } = bound(new QueueWorld({ concurrency: 1 }));
    await submit(named(1, 'Ava'));
    await to('w1.yaml').end(failed(unavailable));
    await submit(named(2, 'Ben'));
    await submit(named(3, 'Cleo'));
    queue.retain(wanted(named(2, 'Ben')));
    await to('w2.yaml').end(applied);
    await clock.advance(600_000);
    expect(sent).toEqual(['w1.yaml Ava', 'w2.yaml Ben']);
    expect(outcomes).toHaveLength(1);
    expect(queue.size).toBe(0);
  });

  test.each([
    ['fails', failed(unavailable), []],
    ['is confirmed', applied, ['applied w1.yaml Ava']],
  ])(
    'ends with the request in flight when that %s, and asks for another look',
    async (_, end, ends) => {
      const world = new QueueWorld();
      const { queue, sent, to, told, clock, submit } = bound(world);
      await submit(named(1, 'Ava'));
      await submit(named(1, 'Ben'));
      queue.retain(wanted());
      await to('w1.yaml').end(end);
      await clock.advance(600_000);
      expect(sent).toEqual(['w1.yaml Ava']);
      expect(world.ends()).toEqual(ends);
      expect(told).toEqual(['outdated']);
    },
  );

  test('is dropped also where another content is asked for in its place', async () => {
    const { queue, sent, to, told, clock, submit } = bound(new QueueWorld({ concurrency: 1 }));
    await submit(named(1, 'Ava'), named(2, 'Ben'));
    queue.retain(wanted(named(1, 'Ada'), named(2, 'Bernard')));
    await to('w1.yaml').end(applied);
    await clock.advance(600_000);
    expect(sent).toEqual(['w1.yaml Ava']);
    expect(told).toEqual(['outdated']);
    expect(queue.size).toBe(0);
  });

  test('and is asked for again in time goes on as if nothing had been', async () => {
    const { queue, sent, to, told, clock, submit } = bound(new QueueWorld());
    await submit(named(1, 'Ava'));
    queue.retain(wanted());
    await submit(named(1, 'Ava'));
    await to('w1.yaml').end(failed(unavailable));
    await clock.advance(500);
    await to('w1.yaml').end(applied);
    expect(sent).toEqual(['w1.yaml Ava', 'w1.yaml Ava']);
    expect(told).toEqual([]);
  });
});

describe('a content that the API refused', () => {
  test.each<[string, (world: QueueWorld) => void, boolean]>([
    ['is not sent again for the same file', ({ queue }) => queue.submit(named(1, 'Ava')), false],
    [
      'is not sent again while the plan goes on asking for it',
      ({ queue }) => {
        queue.retain(wanted(named(1, 'Ava')));
        queue.submit(named(1, 'Ava', 'drifted'));
      },
      false,
    ],
    ['gives way to another content', ({ queue }) => queue.submit(named(1, 'Ben')), true],
    [
      'is sent again once refusals are tried again',
      ({ queue }) => {
        queue.retryRejected();
        queue.submit(named(1, 'Ava'));
      },
      true,
    ],
    [
      'is sent again when everything is',
      ({ queue }) => queue.submit(named(1, 'Ava', 'forced')),
      true,
    ],
    [
      'is sent again when the plan did not ask for it in between',
      ({ queue }) => {
        queue.retain(wanted());
        queue.submit(named(1, 'Ava'));
      },
      true,
    ],
  ])('%s', async (_, act, isSent) => {
    const world = new QueueWorld();
    await world.submit(named(1, 'Ava'));
    await world.to('w1.yaml').end(failed(refused));
    expect(world.ends()).toEqual(['failed w1.yaml Ava']);
    act(world);
    await world.clock.advance(600_000);
    expect(world.sent).toHaveLength(isSent ? 2 : 1);
  });

  test('is one attempt, however many are allowed, and does not hold the others', async () => {
    const { to, outcomes, clock, submit } = bound(new QueueWorld());
    await submit(named(1, 'Ava'));
    await submit(named(2, 'Ben'));
    await to('w1.yaml').end(failed(refused));
    await clock.advance(600_000);
    await to('w2.yaml').end(applied);
    expect(outcomes).toMatchObject([
      { status: 'failed', attempts: 1, error: refused },
      { status: 'applied', attempts: 1 },
    ]);
  });
});

describe('a change that waits for its slot', () => {
  test('is not in flight: a newer content takes its place, and is what leaves', async () => {
    const { limiter, sent, submit, to } = bound(new QueueWorld());
    limiter.shut();
    await submit(named(1, 'Ava'));
    expect(limiter.waiting).toBe(1);
    await submit(named(1, 'Ben'));
    await limiter.open();
    expect(sent).toEqual(['w1.yaml Ben']);
    await to('w1.yaml').end(applied);
    expect(sent).toEqual(['w1.yaml Ben']);
  });

  test('is dropped there by a plan that no longer asks for it, and takes no slot in vain', async () => {
    const { limiter, queue, sent, submit, told } = bound(new QueueWorld());
    limiter.shut();
    await submit(named(1, 'Ava'), named(2, 'Ben'));
    queue.retain(wanted(named(2, 'Ben')));
    await limiter.open();
    expect(sent).toEqual(['w2.yaml Ben']);
    expect(limiter.breaker.taken).toBe(1);
    expect(told).toEqual([]);
  });

  test('keeps its place when the same content is asked for again', async () => {
    const { limiter, sent, submit } = bound(new QueueWorld({ concurrency: 1 }));
    limiter.shut();
    await submit(named(1, 'Ava'), named(2, 'Ben'), named(1, 'Ava'));
    await limiter.openOnce();
    expect(sent).toEqual(['w1.yaml Ava']);
    expect(limiter.breaker.taken).toBe(1);
  });

  test('goes before the others there once it is more urgent', async () => {
    const { limiter, sent, submit } = bound(new QueueWorld({ concurrency: 3 }));
    limiter.shut();
    await submit(named(1, 'Ava', 'forced'), named(2, 'Ben', 'forced'), named(2, 'Ben', 'edited'));
    await limiter.openOnce();
    expect(sent).toEqual(['w2.yaml Ben']);
    await limiter.open();
    expect(sent).toEqual(['w2.yaml Ben', 'w1.yaml Ava']);
  });
});

describe('waiting for idleness', () => {
  test('ends at once when nothing is to be done, and else with the last change', async () => {
    const world = new QueueWorld();
    expect(await world.isDone(world.queue.idle())).toBe(true);
    await world.submit(named(1, 'Ava'));
    await world.submit(named(2, 'Ben'));
    const idle = world.queue.idle();
    await world.to('w1.yaml').end(applied);
    await world.to('w2.yaml').end(lostDisk);
    expect(world.queue.size).toBe(1);
    expect(await world.isDone(idle)).toBe(false);
    await world.clock.advance(500);
    await world.to('w2.yaml').end(applied);
    expect(await world.isDone(idle)).toBe(true);
  });
});

/** The parts of a world, to be taken apart by name. */
function bound(world: QueueWorld) {
  const { queue, clock, limiter, sent, outcomes, told } = world;
  const submit = (...changes: readonly Change[]) => world.submit(...changes);
  return {
    queue,
    clock,
    limiter,
    sent,
    outcomes,
    told,
    submit,
    to: (file: string) => world.to(file),
  };
}
