// The budget over holders that take an account over from each other, as the server sees it.
import fc from 'fast-check';
import { expect } from 'vitest';
import { sharedController } from '../../../src/base/abort.ts';
import type { Rate } from '../../../src/config/rate.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { law } from '../../support/law.ts';
import {
  anyFates,
  type Fate,
  goodFate,
  ModelStore,
  type Process,
  usageOf,
} from '../../support/model-page.ts';
import { openLimiter } from '../../support/open-limiter.ts';
import { few } from '../../support/soak.ts';

interface Ask {
  readonly atMs: number;
  /** From leave to the last look. */
  readonly heldMs: number;
  /** Of the timeout: how long it travels, and how long it takes to be answered. */
  readonly transit: number;
  readonly answer: number;
}

interface Holding {
  readonly asks: readonly Ask[];
  readonly fates: readonly Fate[];
  /** From the moment in which it holds the account until another one does. */
  readonly lastsMs: number;
  /** When it is killed, before that; null: it goes on, and learns that it is over. */
  readonly killedAfterMs: number | null;
}

const timeoutMs = 3000;

const rates: fc.Arbitrary<Rate> = fc.record({
  limit: fc.integer({ min: 1, max: 4 }),
  windowMs: fc.constantFrom(1000, 2500),
});

/** Of the timeout: half of the requests take next to nothing, or all of it. */
const part = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

/** A holder that always has something to send, for a few windows. */
const holdings = fc.array(
  fc.record({
    asks: fc.array(
      fc.record({
        atMs: fc.oneof(fc.constant(0), fc.nat({ max: 4000 })),
        heldMs: fc.constantFrom(0, 0, 50, timeoutMs),
        transit: part,
        answer: part,
      }),
      { minLength: 3, maxLength: 16 },
    ),
    fates: anyFates,
    lastsMs: fc.integer({ min: 1, max: 8000 }),
    killedAfterMs: fc.option(fc.nat({ max: 6000 })),
  }),
  { minLength: 1, maxLength: 5 },
);

/** When the server saw each request. */
async function hold(
  holding: Holding,
  rate: Rate,
  { clock, store }: Pick<Process, 'clock' | 'store'>,
): Promise<number[]> {
  const arrivals: number[] = [];
  const taken = store.takeOver();
  const startedMs = clock.monotonicMs();
  const killedAtMs = startedMs + (holding.killedAfterMs ?? Number.POSITIVE_INFINITY);
  const isAlive = () => clock.monotonicMs() < killedAtMs;
  // By its clocks it knows in time that it may be over.
  const isMine = () => store.token === taken.token;
  const limiter = openLimiter(rate, clock, { concurrency: 3 });
  limiter.resume(usageOf(taken, holding.fates, { clock, store, isAlive }));
  const end = sharedController();
  const ask = async ({ atMs, heldMs, transit, answer }: Ask) => {
    await clock.sleep(atMs);
    const slot = await limiter.take(10, end.signal);
    if (slot === null || !isAlive()) return;
    await clock.sleep(heldMs);
    if (!isAlive()) return;
    // The last look, and it leaves.
    if (!isMine()) return slot.ended();
    const arrivesInMs = Math.floor(transit * timeoutMs);
    void clock.sleep(arrivesInMs).then(() => arrivals.push(clock.monotonicMs()));
    const answeredInMs = arrivesInMs + Math.floor(answer * (timeoutMs - arrivesInMs));
    await clock.sleep(answeredInMs);
    if (isAlive()) slot.ended();
    slot.release();
  };
  for (const one of holding.asks) void ask(one);
  await clock.advance(holding.lastsMs);
  return arrivals;
}

law.prop([rates, holdings], { numRuns: few(1000, { soak: 10_000 }) })(
  'whoever holds the account, and however pages and processes fare, no window has more than its limit',
  async (rate, all) => {
    const clock = new FakeClock();
    const store = new ModelStore(clock, timeoutMs);
    const seen: number[][] = [];
    for (const holding of all) {
      seen.push(await hold(holding, rate, { clock, store }));
    }
    store.takeOver();
    await clock.advance(timeoutMs);
    const arrivals = seen.flat().sort((a, b) => a - b);
    for (const lastMs of arrivals) {
      const inWindow = arrivals.filter((atMs) => atMs <= lastMs && atMs > lastMs - rate.windowMs);
      expect(inWindow.length).toBeLessThanOrEqual(rate.limit);
    }
  },
);

law.prop([rates, holdings], { numRuns: 1000 })(
  'whatever was, a holder that comes waits no longer than until all of it is over, and one window',
  async (rate, all) => {
    const clock = new FakeClock();
    const store = new ModelStore(clock, timeoutMs);
    for (const holding of all) await hold(holding, rate, { clock, store });
    const sinceMs = clock.monotonicMs();
    const limiter = openLimiter(rate, clock);
    limiter.resume(usageOf(store.takeOver(), [goodFate], { clock, store, isAlive: () => true }));
    let startedMs = Number.POSITIVE_INFINITY;
    void limiter.take(10, new AbortController().signal).then(() => {
      startedMs = clock.monotonicMs();
    });
    await clock.advance(timeoutMs + 2 * rate.windowMs);
    expect(startedMs - sinceMs).toBeLessThanOrEqual(timeoutMs + rate.windowMs);
  },
);
