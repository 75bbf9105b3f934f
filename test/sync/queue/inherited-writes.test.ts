// What requests of earlier processes may still write.
import { expect, test } from 'vitest';
import type { WidgetId } from '../../../src/model/widget.ts';
import { InheritedWrites } from '../../../src/sync/queue/inherited-writes.ts';
import { applied, failed, named, unavailable } from '../../support/changes.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { QueueWorld } from '../../support/queue-world.ts';

const old = named(1, 'Ava');
const next = named(1, 'Ben');
const other = named(2, 'Ben');
const of = ({ widgetId, hash }: typeof old, untilMs: number) => ({
  widgetId,
  hash: hash.slice(0, 16),
  untilMs,
});

test.each<[string, { widgetId: WidgetId | null; hash: string | null }, boolean[]]>([
  ['of its own content, it holds every other one', of(old, 0), [false, true, false]],
  [
    'of whatever content, it holds any',
    { widgetId: old.widgetId, hash: null },
    [true, true, false],
  ],
  ['of whatever widget, it holds all', { widgetId: null, hash: null }, [true, true, true]],
])('a write %s', async (_, write, held) => {
  const clock = new FakeClock();
  const inherited = new InheritedWrites([{ ...write, untilMs: 5000 }], clock);
  const wallMs = clock.now().getTime();
  for (const [n, content] of [old, next, other].entries()) {
    expect(inherited.heldUntilMs(content)).toBe(held[n] ? 5000 : null);
    expect(inherited.isTooEarly(content, wallMs + 4999)).toBe(held[n]);
    expect(inherited.isTooEarly(content, wallMs + 5000)).toBe(false);
  }
  await clock.advance(5000);
  expect(inherited.heldUntilMs(next)).toBeNull();
  // What was read before that is as old as it was.
  expect(inherited.isTooEarly(next, wallMs + 4999)).toBe(held[1]);
});

test('of two writes of one widget each holds what is not its own', () => {
  const inherited = new InheritedWrites([of(old, 3000), of(next, 7000)], new FakeClock());
  expect(inherited.heldUntilMs(old)).toBe(7000);
  expect(inherited.heldUntilMs(next)).toBe(3000);
});

test('another content waits until it is over, and the other widgets do not', async () => {
  const world = new QueueWorld({ inherited: [of(old, 5000)] });
  await world.submit(next, other);
  expect(world.sent).toEqual(['w2.yaml Ben']);
  expect(world.told).toEqual(['held for 5000']);
  const nextTry = new Date(world.clock.now().getTime() + 5000);
  expect(world.queue.list()).toMatchObject([
    { phase: 'in-flight' },
    { change: next, phase: 'backing-off', attempts: 0, failure: null, nextTry },
  ]);
  await world.clock.advance(4999);
  expect(world.sent).toHaveLength(1);
  await world.clock.advance(1);
  expect(world.sent).toEqual(['w2.yaml Ben', 'w1.yaml Ben']);
});

test('the same content does not wait', async () => {
  const world = new QueueWorld({ inherited: [of(old, 5000)] });
  await world.submit(old);
  expect(world.sent).toEqual(['w1.yaml Ava']);
  await world.to('w1.yaml').end(applied);
  // What comes next could end up below it.
  await world.submit(next);
  expect(world.sent).toHaveLength(1);
  // Back to the content that may still arrive.
  await world.submit(old);
  expect(world.sent).toEqual(['w1.yaml Ava', 'w1.yaml Ava']);
});

test('a failure before that does not shorten the wait', async () => {
  const world = new QueueWorld({ inherited: [of(old, 5000)] });
  await world.submit(old);
  await world.submit(next);
  await world.to('w1.yaml').end(failed(unavailable));
  await world.submit(next);
  await world.clock.advance(4999);
  expect(world.sent).toHaveLength(1);
  await world.clock.advance(1);
  expect(world.sent).toEqual(['w1.yaml Ava', 'w1.yaml Ben']);
});

test('who is told to stop does not wait for it', async () => {
  const world = new QueueWorld({ inherited: [of(old, 5000)] });
  await world.submit(next);
  const stopped = world.queue.stop({ deadlineMs: 1000 });
  await settle();
  await stopped;
  expect(world.outcomes).toMatchObject([{ status: 'unsent' }]);
  await world.clock.advance(10_000);
  expect(world.sent).toEqual([]);
});
