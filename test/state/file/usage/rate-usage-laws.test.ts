// The budget over a series of processes on one state directory, as the server sees it.

import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Clock } from '../../../../src/base/clock.ts';
import type { Rate } from '../../../../src/config/rate.ts';
import { openRateUsage } from '../../../../src/state/file/usage/rate-usage.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { law } from '../../../support/law.ts';
import { openLimiter } from '../../../support/open-limiter.ts';

// Times are whole numbers: the comparisons are exact.

interface Ask {
  readonly atMs: number;
  /** How long the request travels; null: it is never sent, and its leave given back after all. */
  readonly transitMs: number | null;
  readonly answerMs: number;
}

/** One process, from its start to its kill. */
interface Life {
  readonly rate: Rate;
  readonly asks: readonly Ask[];
  readonly killedAtMs: number;
  /** Killed before, or after, so many writes of what is spent, if that comes earlier. */
  readonly killedAtWrite: { readonly write: number; readonly when: 'before' | 'after' } | null;
  /** From the kill to the next start. */
  readonly downMs: number;
  /** How far the wall clock is set back meanwhile. */
  readonly setBackMs: number;
}

interface Arrival {
  readonly life: number;
  readonly atMs: number;
}

const lives: fc.Arbitrary<Life> = fc
  .record({
    windowMs: fc.constantFrom(1000, 60_000, 3_600_000),
    limit: fc.integer({ min: 1, max: 6 }),
    /** Of the window: some lives are short, in some all happens at once. */
    scale: fc.constantFrom(0.01, 0.3, 1.5),
  })
  .chain(({ windowMs, limit, scale }) => {
    const time = fc.nat({ max: Math.round(windowMs * scale) });
    return fc.record({
      rate: fc.constant({ limit, windowMs }),
      asks: fc.array(
        fc.record({ atMs: time, transitMs: fc.option(time, { freq: 5 }), answerMs: time }),
        { maxLength: 10 },
      ),
      killedAtMs: time.map((ms) => ms + 1),
      killedAtWrite: fc.option(
        fc.record({
          write: fc.integer({ min: 1, max: 12 }),
          when: fc.constantFrom('before' as const, 'after' as const),
        }),
      ),
      downMs: fc.oneof(fc.constant(0), time),
      setBackMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 2 * windowMs })),
    });
  });

const histories = fc.array(lives, { minLength: 1, maxLength: 6 });

let parent = '';
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'widget-sync-spent-'));
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

/** Each process measures from a moment of its own. */
function clockOfProcess(clock: FakeClock): Clock {
  const bornMs = clock.monotonicMs();
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs() - bornMs,
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}

async function openProcess(directory: string, rate: Rate, clock: Clock) {
  const spent = await openRateUsage({ directory, rate, timeoutMs, clock, warn: failWith });
  return { limiter: openLimiter(rate, clock), spent };
}

const timeoutMs = 30_000;

const failWith = (message: string) => {
  throw new Error(message);
};

/** What the server saw of the life; what was on its way at the kill arrives at the next start at the latest. */
async function live(life: Life, directory: string, clock: FakeClock): Promise<number[]> {
  const { limiter, spent } = await openProcess(directory, life.rate, clockOfProcess(clock));
  const end = new AbortController();
  let writes = 0;
  const isLastWrite = (when: 'before' | 'after') =>
    life.killedAtWrite?.when === when && life.killedAtWrite.write === writes;
  limiter.resume({
    earlierMs: spent.earlierMs,
    inherited: spent.inherited,
    ended: (atMs) => end.signal.aborted || spent.ended(atMs),
    async keep(underWay) {
      if (end.signal.aborted) return;
      writes += 1;
      if (isLastWrite('before')) end.abort();
      else void spent.keep(underWay);
      if (isLastWrite('after')) end.abort();
    },
  });
  const arrivals: { atMs: number | null }[] = [];
  const ask = async ({ atMs, transitMs, answerMs }: Ask) => {
    await clock.sleep(atMs);
    const slot = await limiter.take(10, end.signal);
    if (slot === null || end.signal.aborted) return;
    const arrival: { atMs: number | null } = { atMs: null };
    if (transitMs !== null) arrivals.push(arrival);
    await clock.sleep(transitMs ?? 0);
    if (end.signal.aborted) return;
    arrival.atMs = clock.monotonicMs();
    await clock.sleep(answerMs);
    if (end.signal.aborted) return;
    if (transitMs === null) slot.release();
    else slot.ended();
  };
  for (const one of life.asks) void ask(one);
  await clock.advance(life.killedAtMs);
  end.abort();
  await clock.advance(life.downMs);
  clock.step(-life.setBackMs);
  spent.close();
  return arrivals.map(({ atMs }) => atMs ?? clock.monotonicMs());
}

let worlds = 0;

/** The state directory is new: each world begins with nothing spent. */
async function liveAll(history: readonly Life[]) {
  worlds += 1;
  const directory = await mkdtemp(join(parent, `${worlds}-`));
  const clock = new FakeClock();
  const arrivals: Arrival[] = [];
  for (const [n, life] of history.entries()) {
    for (const atMs of await live(life, directory, clock)) arrivals.push({ life: n, atMs });
  }
  return { directory, clock, arrivals };
}

law.prop([histories])(
  'whatever a process sends, no window before it holds more than its limit, whoever sent it',
  async (history) => {
    const { arrivals } = await liveAll(history);
    for (const [n, { rate }] of history.entries()) {
      for (const last of arrivals.filter(({ life }) => life === n)) {
        const inWindow = arrivals.filter(
          ({ life, atMs }) => life <= n && atMs <= last.atMs && atMs > last.atMs - rate.windowMs,
        );
        expect(inWindow.length).toBeLessThanOrEqual(rate.limit);
      }
    }
  },
);

law.prop([histories, fc.nat({ max: 3 })])(
  'whatever was, and however often nothing but restarts follows, a start waits no longer than one window',
  async (history, idleLives) => {
    const { directory, clock } = await liveAll(history);
    const rate = history.at(-1)?.rate ?? { limit: 1, windowMs: 1000 };
    const sinceMs = clock.monotonicMs();
    for (let n = 0; n < idleLives; n += 1) {
      const { spent } = await openProcess(directory, rate, clockOfProcess(clock));
      spent.close();
      await clock.advance(Math.floor(rate.windowMs / 4));
    }
    const { limiter, spent } = await openProcess(directory, rate, clockOfProcess(clock));
    limiter.resume(spent);
    let startedMs = Number.POSITIVE_INFINITY;
    void limiter.take(10, new AbortController().signal).then(() => {
      startedMs = clock.monotonicMs();
    });
    await clock.advance(2 * rate.windowMs);
    // Each process may round by a millisecond.
    expect(startedMs - sinceMs).toBeLessThanOrEqual(rate.windowMs + idleLives + 1);
    spent.close();
  },
);
