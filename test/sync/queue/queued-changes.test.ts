// What is told of the queue against what it really does.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change } from '../../../src/model/plan.ts';
import { applied, failed, named, unavailable } from '../../support/changes.ts';
import { settle } from '../../support/fake-clock.ts';
import { law } from '../../support/law.ts';
import { QueueWorld } from '../../support/queue-world.ts';

const inLine = ({ queue }: QueueWorld) =>
  queue.list().flatMap(({ place, change }) => (place === null ? [] : [change.file]));

test('tells of each change where it stands', async () => {
  const world = new QueueWorld({ concurrency: 1 });
  const { queue, clock } = world;
  const startedAt = clock.now();
  const failing = named(1, 'Ava');
  await world.submit(failing);
  await clock.advance(40);
  await world.to('w1.yaml').end(failed(unavailable));
  const flying = named(2, 'Ben');
  const [drifted, edited] = [named(3, 'Cleo', 'drifted'), named(4, 'Dora')];
  await world.submit(flying, drifted, edited);
  const since = clock.now();
  const untried = { attempts: 0, failure: null, nextTry: null, since };
  // The failed one lines up again by its back-off: half a second.
  const nextTry = new Date(since.getTime() + 500);
  expect(queue.list()).toEqual([
    { change: flying, phase: 'in-flight', place: null, ...untried },
    { change: edited, phase: 'queued', place: 1, ...untried },
    { change: drifted, phase: 'queued', place: 2, ...untried },
    {
      ...{ change: failing, phase: 'backing-off', place: null },
      ...{ attempts: 1, failure: unavailable, nextTry, since: startedAt },
    },
  ]);

  await clock.advance(500);
  expect(queue.list().map(({ change, place }) => [change.file, place])).toEqual([
    ['w2.yaml', null],
    ['w4.yaml', 1],
    ['w1.yaml', 2],
    ['w3.yaml', 3],
  ]);
  expect(queue.list()[2]).toMatchObject({ attempts: 1, failure: unavailable, nextTry: null });
});

test('forgets what was answered to a content that is no longer wanted', async () => {
  const world = new QueueWorld();
  await world.submit(named(1, 'Ava'));
  await world.to('w1.yaml').end(failed(unavailable));
  expect(world.queue.list()).toMatchObject([{ failure: unavailable, attempts: 1 }]);
  world.limiter.shut();
  await world.submit(named(1, 'Another name'));
  expect(world.queue.list()).toMatchObject([{ failure: null, attempts: 0, place: 1 }]);
});

test('is empty once all is sent', async () => {
  const world = new QueueWorld();
  await world.submit(named(1, 'Ava'));
  await world.to('w1.yaml').end(applied);
  expect(world.queue.list()).toEqual([]);
});

const reasons: fc.Arbitrary<Change['reason']> = fc.constantFrom(
  'new',
  'edited',
  'drifted',
  'forced',
);
const asked = fc.record({
  n: fc.nat({ max: 9 }),
  name: fc.constantFrom('A', 'B'),
  reason: reasons,
});
/** How often of the first that go an attempt fails before the line is looked at. */
const failures = fc.nat({ max: 4 });

law.prop([fc.array(asked, { minLength: 1, maxLength: 25 }), failures], { numRuns: 300 })(
  'the line goes in the order in which it is told',
  async (changes, failing) => {
    const world = new QueueWorld({ concurrency: 1 });
    world.limiter.shut();
    for (const { n, name, reason } of changes) await world.submit(named(n, name, reason));
    for (let tries = 0; tries < failing && world.queue.size > 0; tries += 1) {
      await world.limiter.openOnce();
      const [next] = world.sending;
      await next?.end(failed(unavailable));
      // It lines up again, behind or before the others.
      await world.clock.advance(60_000);
    }
    const told = inLine(world);
    expect(told).toHaveLength(world.queue.size);
    const before = world.sent.length;
    for (const _ of told) {
      await world.limiter.openOnce();
      await world.sending[0]?.end(applied);
      await settle();
    }
    const sent = world.sent.slice(before).map((one) => one.split(' ')[0]);
    expect(sent).toEqual(told);
    expect(world.queue.list()).toEqual([]);
  },
);
