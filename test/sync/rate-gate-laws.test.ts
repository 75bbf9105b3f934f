import { fc, test as law } from '@fast-check/vitest';
import { expect } from 'vitest';
import { RateGate } from '../../src/sync/rate-gate.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { maxStartsInWindow } from '../support/sandbox.ts';

// Times are whole numbers, and so are a tenth of each window: the comparisons are exact.

interface Ask {
  readonly atMs: number;
  readonly priority: number;
  /** How long the request travels, as a share of the longest documented transit. */
  readonly transit: number;
  /** How long the answer takes after the request has arrived; null: it never comes. */
  readonly answerMs: number | null;
  /** When patience ends, after the asking. */
  readonly abortMs: number | null;
}

interface World {
  readonly limit: number;
  readonly windowMs: number;
  readonly asks: readonly Ask[];
  readonly holds: readonly { readonly atMs: number; readonly ms: number }[];
}

/** What happened to one ask; the sequence numbers order what happened in the same millisecond. */
interface Story {
  readonly ask: Ask;
  readonly askedSeq: number;
  started: { readonly ms: number; readonly seq: number } | null;
  arrivedMs: number | null;
  withdrawn: { readonly ms: number; readonly seq: number } | null;
}

const worlds: fc.Arbitrary<World> = fc
  .record({
    limit: fc.integer({ min: 1, max: 6 }),
    windowMs: fc.constantFrom(100, 1000, 60_000),
    crowd: fc.double({ min: 0.05, max: 3, noNaN: true }),
  })
  .chain(({ limit, windowMs, crowd }) => {
    // From one burst to a trickle: arrivals spread over some windows.
    const time = fc.integer({ min: 1, max: 1 + Math.round(windowMs * 3 * crowd) });
    const wait = fc.nat({ max: windowMs * 2 });
    return fc.record({
      limit: fc.constant(limit),
      windowMs: fc.constant(windowMs),
      asks: fc.array(
        fc.record({
          atMs: time,
          priority: fc.constantFrom(10, 20, 30),
          transit: fc.constantFrom(0, 0.5, 1),
          answerMs: fc.option(wait, { freq: 4 }),
          abortMs: fc.option(wait, { freq: 2 }),
        }),
        { minLength: 1, maxLength: 30 },
      ),
      holds: fc.array(fc.record({ atMs: time, ms: wait }), { maxLength: 3 }),
    });
  });

const transitMsOf = ({ windowMs }: World) => Math.min(windowMs / 10, 1000);

async function live(world: World): Promise<{ stories: Story[]; holds: (readonly number[])[] }> {
  const clock = new FakeClock();
  const gate = new RateGate({ limit: world.limit, windowMs: world.windowMs }, clock);
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
      withdrawn: null,
    };
    stories.push(story);
    if (ask.abortMs !== null) void clock.sleep(ask.abortMs).then(() => abort.abort());
    const permit = await gate.take(ask.priority, abort.signal);
    if (permit === null) story.withdrawn = moment();
    else {
      story.started = moment();
      await clock.sleep(Math.floor(transitMsOf(world) * ask.transit));
      story.arrivedMs = clock.monotonicMs();
      if (ask.answerMs === null) return;
      await clock.sleep(ask.answerMs);
      permit.seen();
    }
  }

  const all = world.asks.map(go);
  for (const { atMs, ms } of world.holds) {
    void clock.sleep(atMs).then(() => {
      gate.hold(ms);
      const { seq, ms: nowMs } = moment();
      holds.push([seq, nowMs, nowMs + ms]);
    });
  }
  await clock.advance(world.windowMs * (world.asks.length * 1.2 + 30));
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
  'everyone starts as soon as the starts before, a window and the transit allow, or is withdrawn when told so',
  async (world) => {
    const { stories, holds } = await live(world);
    const starts = stories
      .flatMap(({ ask, started }) => (started === null ? [] : [{ ask, started }]))
      .sort((a, b) => a.started.seq - b.started.seq);
    for (const [place, { ask, started }] of starts.entries()) {
      const earlier = starts[place - world.limit]?.started.ms ?? Number.NEGATIVE_INFINITY;
      const freeMs = earlier + world.windowMs + transitMsOf(world);
      const heldMs = holds.map(([seq = 0, , untilMs = 0]) => (seq < started.seq ? untilMs : 0));
      expect(started.ms).toBeLessThanOrEqual(Math.max(ask.atMs, freeMs, ...heldMs));
    }
    for (const { ask, started, withdrawn } of stories) {
      if (started === null) expect(withdrawn?.ms).toBe(ask.atMs + (ask.abortMs ?? Number.NaN));
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
