import fc from 'fast-check';
import { expect } from 'vitest';
import { listenerOf } from '../../../src/sync/events.ts';
import { CircuitBreaker } from '../../../src/sync/rate/circuit-breaker.ts';
import { inSlot } from '../../../src/sync/rate/request-outcome.ts';
import { unavailable } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { law } from '../../support/law.ts';
import { openLimiter } from '../../support/open-limiter.ts';

interface Ask {
  readonly atMs: number;
  readonly priority: number;
  readonly about: number;
  /** From the start of the request to its end. */
  readonly answerMs: number;
  /** When patience ends, after the asking. */
  readonly abortMs: number | null;
}

interface World {
  readonly limit: number;
  readonly concurrency: number;
  readonly asks: readonly Ask[];
  readonly outages: readonly { readonly fromMs: number; readonly forMs: number }[];
  readonly chances: readonly number[];
}

/** Asks and outages begin within this time, and the last outage is over by twice the time. */
const spanMs = 20_000;
const pause = { baseMs: 1000, capMs: 8000 };

const worlds: fc.Arbitrary<World> = fc.record({
  limit: fc.integer({ min: 1, max: 30 }),
  concurrency: fc.integer({ min: 1, max: 5 }),
  asks: fc.array(
    fc.record({
      atMs: fc.nat({ max: spanMs }),
      priority: fc.constantFrom(0, 20, 30),
      about: fc.nat({ max: 4 }),
      answerMs: fc.nat({ max: 3000 }),
      abortMs: fc.option(fc.nat({ max: spanMs }), { freq: 5 }),
    }),
    { minLength: 1, maxLength: 40 },
  ),
  outages: fc.array(
    fc.record({ fromMs: fc.nat({ max: spanMs }), forMs: fc.nat({ max: spanMs }) }),
    { minLength: 1, maxLength: 3 },
  ),
  chances: fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { minLength: 1 }),
});

interface Start {
  readonly atMs: number;
  /** The service was known to be down. */
  readonly isTry: boolean;
  /** Under way at this moment. */
  readonly others: number;
  /** More urgent, and still waiting. */
  readonly passedOver: number;
}

async function live({ limit, concurrency, asks, outages, chances }: World) {
  const clock = new FakeClock();
  let drawn = 0;
  const random = () => chances[drawn++ % chances.length] ?? 0.5;
  const breaker = new CircuitBreaker({ failures: 5, pause }, { clock, random });
  const told: string[] = [];
  breaker.listen(
    listenerOf({
      'outage-began': () => void told.push('opened'),
      'outage-ended': () => void told.push('closed'),
    }),
  );
  const rate = { limit, windowMs: 1000 };
  const limiter = openLimiter(rate, clock, { concurrency, breaker });
  const starts: Start[] = [];
  const waiting = new Set<Ask>();
  const ends = new Map<Ask, 'answered' | 'withdrawn'>();
  let underWay = 0;

  const answer = async (answerMs: number) => {
    await clock.sleep(answerMs);
    const nowMs = clock.monotonicMs();
    const isDown = outages.some(({ fromMs, forMs }) => fromMs <= nowMs && nowMs < fromMs + forMs);
    if (isDown) throw unavailable;
  };

  async function attempt(ask: Ask, signal: AbortSignal): Promise<boolean> {
    const slot = await limiter.take(ask.priority, signal);
    if (slot === null) return false;
    waiting.delete(ask);
    const passedOver = [...waiting].filter(({ priority }) => priority > ask.priority).length;
    const atMs = clock.monotonicMs();
    starts.push({ atMs, isTry: breaker.isOpen, others: underWay, passedOver });
    underWay += 1;
    const request = answer(ask.answerMs).finally(() => {
      underWay -= 1;
    });
    return await inSlot({ slot, about: `${ask.about}`, signal }, request)
      .then(
        () => true,
        () => false,
      )
      .finally(slot.release);
  }

  async function go(ask: Ask): Promise<void> {
    await clock.sleep(ask.atMs);
    const abort = new AbortController();
    if (ask.abortMs !== null) void clock.sleep(ask.abortMs).then(() => abort.abort());
    const { signal } = abort;
    while (!signal.aborted) {
      waiting.add(ask);
      if (await attempt(ask, signal)) {
        ends.set(ask, 'answered');
        return;
      }
    }
    waiting.delete(ask);
    ends.set(ask, 'withdrawn');
  }

  const all = asks.map(go);
  await clock.advance(2 * spanMs);
  // The longest pause, and then whatever the rate and the concurrency make of so many requests.
  await clock.advance(pause.capMs + asks.length * 4000);
  return { starts, ends, told, limiter, all };
}

law.prop([worlds])(
  'nothing is under way beside a try, and the most urgent tries',
  async (world) => {
    const { starts } = await live(world);
    for (const { isTry, others, passedOver } of starts) {
      if (isTry) expect({ others, passedOver }).toEqual({ others: 0, passedOver: 0 });
    }
  },
);

law.prop([worlds])(
  'once the service answers, everything is sent that was not withdrawn, as before',
  async (world) => {
    const { ends, told, limiter, all } = await live(world);
    expect(ends.size).toBe(world.asks.length);
    await Promise.all(all);
    for (const [{ abortMs }, end] of ends) {
      if (end === 'withdrawn') expect(abortMs).not.toBeNull();
    }
    expect(limiter.waiting).toBe(0);
    expect(told).toEqual(told.map((_, place) => (place % 2 === 0 ? 'opened' : 'closed')));
  },
);

law.prop([worlds])('no more than the concurrency is ever under way', async (world) => {
  const { starts } = await live(world);
  for (const { others } of starts) expect(others).toBeLessThan(world.concurrency);
});
