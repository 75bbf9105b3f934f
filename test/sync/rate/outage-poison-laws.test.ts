// Widgets that always fail, where the service also fails as a whole for a while: what fails for ever must
// not pass for an outage that never ends.
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Reason } from '../../../src/model/plan.ts';
import { named, unavailable } from '../../support/changes.ts';
import { law } from '../../support/law.ts';
import { maxStartsInWindow, widgetId } from '../../support/sandbox.ts';
import { outageWorld } from '../fixtures/outage-world.ts';

const minuteMs = 60_000;

interface Wish {
  readonly reason: Reason;
  /** After the beginning of the outage. */
  readonly atMs: number;
}

interface World {
  readonly live: 'auto' | 'off';
  readonly rate: number;
  readonly concurrency: number;
  readonly healthy: readonly Wish[];
  readonly poisoned: readonly Wish[];
  /** Which requests about the poisoned widgets fail. */
  readonly failing: 'writes' | 'all';
  readonly outageMs: number;
  readonly chances: readonly number[];
}

const wish = fc.record({
  reason: fc.constantFrom<Reason>('new', 'edited', 'drifted', 'forced'),
  atMs: fc.oneof(fc.constant(0), fc.nat({ max: 15 * minuteMs })),
});

const worlds: fc.Arbitrary<World> = fc.record({
  live: fc.constantFrom('auto', 'off'),
  rate: fc.integer({ min: 1, max: 10 }),
  concurrency: fc.integer({ min: 1, max: 5 }),
  healthy: fc.array(wish, { minLength: 1, maxLength: 40 }),
  poisoned: fc.array(wish, { minLength: 1, maxLength: 5 }),
  failing: fc.constantFrom('writes', 'all'),
  outageMs: fc.oneof(fc.constant(0), fc.nat({ max: minuteMs }), fc.nat({ max: 30 * minuteMs })),
  chances: fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { minLength: 1 }),
});

/** Healthy widgets have the numbers from here on, poisoned ones those from nought. */
const firstHealthy = 100;

/**
 * From the end of the outage, or from the last wish, to the last answer. The five may all try before the
 * first healthy one does, a minute apart. A relapse takes three that have brought about none, so that
 * there is one, and two more to try after it. Then the slow start is over in a minute.
 */
const boundMs = 15 * minuteMs;

async function live({ healthy, poisoned, failing, outageMs, chances, ...settings }: World) {
  let drawn = 0;
  const random = () => chances[drawn++ % chances.length] ?? 0.5;
  const world = outageWorld({ ...settings, random });
  const isPoison = (what: string) => {
    const [verb, number] = what.split(' ');
    if (verb === 'list' || (verb === 'get' && failing === 'writes')) return false;
    return Number(number) < firstHealthy;
  };
  world.service.answer = (what) => {
    if (world.clock.monotonicMs() < outageMs || isPoison(what)) throw unavailable;
  };
  const submit = ({ reason, atMs }: Wish, n: number) =>
    void world.clock.sleep(atMs).then(() => world.submit(named(n, 'x', reason)));
  for (const [n, one] of poisoned.entries()) submit(one, n);
  for (const [n, one] of healthy.entries()) submit(one, firstHealthy + n);
  const lastMs = Math.max(outageMs, ...[...healthy, ...poisoned].map(({ atMs }) => atMs));
  await world.clock.advance(lastMs + boundMs);
  const stopped = world.queue.stop({ deadlineMs: 0 });
  // A request may be under way, and ends only with time.
  await world.clock.advance(1000);
  await stopped;
  return world;
}

/** No outage, and back-offs of next to nothing: what fails would be a budget of one a second whole. */
const busyWithFailures: World = {
  live: 'auto',
  rate: 1,
  concurrency: 1,
  healthy: [
    { reason: 'drifted', atMs: 0 },
    { reason: 'new', atMs: 0 },
  ],
  poisoned: Array.from({ length: 3 }, () => ({ reason: 'new', atMs: 0 })),
  failing: 'writes',
  outageMs: 0,
  chances: [0.01],
};

const examples: [World][] = [[busyWithFailures]];

law.prop([worlds], { examples })(
  'every healthy change is applied soon, and the budget kept',
  async (world) => {
    const { asked, shown } = await live(world);
    const ids = world.healthy.map((_, n) => widgetId(firstHealthy + n));
    expect([...shown.keys()].sort()).toEqual(ids.sort());
    const starts = asked.map(({ atMs }) => ({ startedAtMs: atMs }));
    expect(maxStartsInWindow(starts, 1000)).toBeLessThanOrEqual(world.rate);
  },
);
