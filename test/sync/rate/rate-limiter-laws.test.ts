import fc from 'fast-check';
import { expect } from 'vitest';
import type { Slot } from '../../../src/sync/rate/rate-limiter.ts';
import { apiError } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { law } from '../../support/law.ts';
import { openLimiter } from '../../support/open-limiter.ts';
import { maxStartsInWindow } from '../../support/sandbox.ts';

// Times are whole numbers: the comparisons are exact.

interface Ask {
  readonly atMs: number;
  readonly priority: number;
  /** How long the request travels; null: it is never sent, and its slot given back after all. */
  readonly transitMs: number | null;
  /** How long the answer takes after the request has arrived, or the giving back. */
  readonly answerMs: number;
  /** For how long the answer asks everybody to wait. */
  readonly retryAfterMs: number | null;
  /** When patience ends, after the asking. */
  readonly abortMs: number | null;
}

interface World {
  readonly limit: number;
  readonly concurrency: number;
  readonly windowMs: number;
  readonly asks: readonly Ask[];
}

/** What happened to one ask; the sequence numbers order what happened in the same millisecond. */
interface Story {
  readonly ask: Ask;
  readonly askedSeq: number;
  started: { readonly ms: number; readonly seq: number } | null;
  arrivedMs: number | null;
  /** When it is no longer under way. */
  endedMs: number;
  /** When its place is free again. */
  freeMs: number;
  withdrawn: { readonly ms: number; readonly seq: number } | null;
}

const worlds: fc.Arbitrary<World> = fc
  .record({
    limit: fc.integer({ min: 1, max: 6 }),
    concurrency: fc.constantFrom(1, 2, 4, Number.POSITIVE_INFINITY),
    windowMs: fc.constantFrom(100, 1000, 60_000),
    crowd: fc.double({ min: 0.05, max: 3, noNaN: true }),
  })
  .chain(({ limit, concurrency, windowMs, crowd }) => {
    // From one burst to a trickle: arrivals spread over some windows.
    const time = fc.integer({ min: 1, max: 1 + Math.round(windowMs * 3 * crowd) });
    const wait = fc.nat({ max: windowMs * 2 });
    return fc.record({
      limit: fc.constant(limit),
      concurrency: fc.constant(concurrency),
      windowMs: fc.constant(windowMs),
      asks: fc.array(
        fc.record({
          atMs: time,
          priority: fc.constantFrom(10, 20, 30),
          transitMs: fc.option(wait, { freq: 4 }),
          answerMs: wait,
          retryAfterMs: fc.option(wait, { freq: 1 }),
          abortMs: fc.option(wait, { freq: 2 }),
        }),
        { minLength: 1, maxLength: 30 },
      ),
    });
  });

async function live(world: World): Promise<{ stories: Story[]; holds: (readonly number[])[] }> {
  const clock = new FakeClock();
  const { limit, windowMs, concurrency } = world;
  const limiter = openLimiter({ limit, windowMs }, clock, { concurrency });
  const stories: Story[] = [];
  const holds: (readonly number[])[] = [];
  let seq = 0;
  const moment = () => {
    seq += 1;
    return { ms: clock.monotonicMs(), seq };
  };

  async function go(ask: Ask): Promise<void> {
    await clock.sleep(ask.atMs);
    const abort = new AbortController();
    const story: Story = {
      ask,
      askedSeq: moment().seq,
      started: null,
      arrivedMs: null,
      endedMs: Number.POSITIVE_INFINITY,
      freeMs: Number.POSITIVE_INFINITY,
      withdrawn: null,
    };
    stories.push(story);
    if (ask.abortMs !== null) void clock.sleep(ask.abortMs).then(() => abort.abort());
    const slot = await limiter.take(ask.priority, abort.signal);
    if (slot === null) {
      story.withdrawn = moment();
      return;
    }
    story.started = moment();
    await clock.sleep(ask.transitMs ?? 0);
    if (ask.transitMs !== null) story.arrivedMs = clock.monotonicMs();
    await clock.sleep(ask.answerMs);
    const isSent = ask.transitMs !== null;
    story.endedMs = clock.monotonicMs();
    story.freeMs = story.endedMs + (isSent ? world.windowMs : 0);
    if (isSent && ask.retryAfterMs === null) slot.ended();
    else if (isSent) hold(slot, ask.retryAfterMs ?? 0);
    slot.release();
  }

  function hold(slot: Slot, ms: number): void {
    const error = apiError({ status: 503, retry: 'later', retryAfterMs: ms });
    slot.ended({ service: 'down', error, about: 'w1' });
    const { seq, ms: nowMs } = moment();
    holds.push([seq, nowMs, nowMs + ms]);
  }

  const all = world.asks.map(go);
  await clock.advance(world.windowMs * (world.asks.length * 5 + 30));
  await Promise.all(all);
  return { stories, holds };
}

law.prop([worlds])('no window at the server holds more than the limit', async (world) => {
  const { stories } = await live(world);
  const arrivals = stories.flatMap(({ arrivedMs }) =>
    arrivedMs === null ? [] : [{ startedAtMs: arrivedMs }],
  );
  expect(maxStartsInWindow(arrivals, world.windowMs)).toBeLessThanOrEqual(world.limit);
});

law.prop([worlds])('no more than the concurrency is under way', async (world) => {
  const { stories } = await live(world);
  for (const { started } of stories) {
    if (started === null) continue;
    const underWay = stories.filter(
      (one) => one.started !== null && one.started.ms <= started.ms && one.endedMs > started.ms,
    );
    expect(underWay.length).toBeLessThanOrEqual(world.concurrency);
  }
});

law.prop([worlds])('nothing starts during a hold', async (world) => {
  const { stories, holds } = await live(world);
  for (const { started } of stories) {
    for (const [seq = 0, , untilMs = 0] of holds) {
      if (started !== null && started.seq > seq) {
        expect(started.ms).toBeGreaterThanOrEqual(untilMs);
      }
    }
  }
});

law.prop([worlds])(
  'everyone starts as soon as a place is free and no hold is on, or is withdrawn when told so',
  async (world) => {
    const { stories, holds } = await live(world);
    const count = (until: 'endedMs' | 'freeMs', ms: number) =>
      stories.filter((one) => one.started !== null && one.started.ms <= ms && one[until] > ms)
        .length;
    const isFull = (ms: number) =>
      count('freeMs', ms) >= world.limit || count('endedMs', ms) >= world.concurrency;
    const isHeld = (ms: number) =>
      holds.some(([, fromMs = 0, untilMs = 0]) => fromMs <= ms && ms < untilMs);
    for (const { ask, started, withdrawn } of stories) {
      if (started === null) expect(withdrawn?.ms).toBe(ask.atMs + (ask.abortMs ?? Number.NaN));
      else if (started.ms > ask.atMs) {
        const justBeforeMs = started.ms - 1;
        expect(isFull(justBeforeMs) || isHeld(justBeforeMs)).toBe(true);
      }
    }
  },
);

law.prop([worlds])('the most urgent starts first, and of those who asked first', async (world) => {
  const { stories } = await live(world);
  for (const chosen of stories) {
    const { started } = chosen;
    if (started === null) continue;
    const passedOver = stories.filter(
      (other) =>
        other.askedSeq < started.seq &&
        (other.started?.seq ?? Number.POSITIVE_INFINITY) > started.seq &&
        (other.withdrawn?.seq ?? Number.POSITIVE_INFINITY) > started.seq,
    );
    for (const other of passedOver) {
      const rank = other.ask.priority - chosen.ask.priority;
      expect(rank < 0 || (rank === 0 && other.askedSeq > chosen.askedSeq)).toBe(true);
    }
  }
});
