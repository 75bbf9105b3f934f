// A limiter that goes on from what earlier processes have spent.
import { describe, expect, test } from 'vitest';
import { TenureLostError } from '../../../src/base/errors.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import type { UnderWay } from '../../../src/state/state-store.ts';
import { listenerOf } from '../../../src/sync/events.ts';
import type { Slot } from '../../../src/sync/rate/rate-limiter.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { openLimiter } from '../../support/open-limiter.ts';

const patient = () => new AbortController().signal;

/** A limiter for 3 in a minute, the ends that it resumes from, and what it writes and says. */
async function resume(earlierMs: readonly number[]) {
  const clock = new FakeClock();
  await clock.advance(50_000);
  const limiter = openLimiter({ limit: 3, windowMs: 60_000 }, clock);
  /** Requests under way, at each change of what is kept. */
  const kept: number[] = [];
  const said: number[] = [];
  let isBehind = true;
  limiter.resume({
    earlierMs,
    inherited: [],
    ended: () => {
      isBehind = true;
    },
    async keep({ length: underWay }) {
      if (isBehind || kept.at(-1) !== underWay) kept.push(underWay);
      isBehind = false;
    },
  });
  limiter.listen(
    listenerOf({
      'rate-waiting': ({ wait: { reason, forMs } }) => {
        if (reason === 'earlier-runs') said.push(forMs);
      },
    }),
  );
  const slots: Slot[] = [];
  const ask = (count: number) => {
    for (let n = 0; n < count; n += 1) {
      void limiter.take(10, patient()).then((slot) => {
        if (slot === null) return;
        // Nobody has leave that the next process would not know of.
        expect(kept.at(-1)).toBeGreaterThan(slots.length - ended);
        slots.push(slot);
      });
    }
  };
  let ended = 0;
  const answerAll = () => {
    for (const slot of slots.slice(ended)) {
      ended += 1;
      slot.ended();
    }
  };
  return { clock, ask, answerAll, slots, kept, said };
}

test('places of earlier processes are free one window after their ends', async () => {
  const { clock, ask, slots } = await resume([10_000, 20_000, 50_000]);
  ask(5);
  await clock.advance(19_999);
  expect(slots).toHaveLength(0);
  await clock.advance(1);
  expect(slots).toHaveLength(1);
  await clock.advance(10_000);
  expect(slots).toHaveLength(2);
  await clock.advance(30_000);
  expect(slots).toHaveLength(3);
});

test('the most places that a rate can have are taken over, and let go together', async () => {
  const clock = new FakeClock();
  const limit = 999_999;
  const limiter = openLimiter({ limit, windowMs: 60_000 }, clock);
  const earlierMs = Array.from({ length: limit }, () => 0);
  const spent = { earlierMs, inherited: [], ended: () => {}, keep: async () => {} };
  limiter.resume(spent);
  let started = 0;
  const start = () => {
    started += 1;
  };
  for (let n = 0; n < 2; n += 1) void limiter.take(10, patient()).then(start);
  await clock.advance(59_999);
  expect(started).toBe(0);
  await clock.advance(1);
  expect(started).toBe(2);
});

test('those who start together share one write, and so do those who end together', async () => {
  const { clock, ask, answerAll, kept } = await resume([]);
  ask(2);
  await settle();
  expect(kept.slice(-1)).toEqual([2]);
  ask(3);
  await settle();
  const before = kept.length;
  answerAll();
  await settle();
  expect(kept.slice(before)).toEqual([0]);
  await clock.advance(60_000);
  expect(kept.slice(before)).toEqual([0, 2]);
});

describe('a record that takes its time', () => {
  /** A limiter for 2 in a minute whose starts are recorded when the test says. */
  function slow() {
    const clock = new FakeClock();
    const limiter = openLimiter({ limit: 2, windowMs: 60_000 }, clock);
    const recording = { done: () => {} };
    limiter.resume({
      earlierMs: [],
      inherited: [],
      ended: () => {},
      keep: () =>
        new Promise((resolve) => {
          recording.done = resolve;
        }),
    });
    const granted: string[] = [];
    const ask = (name: string, signal = patient()) =>
      void limiter.take(10, signal).then((slot) => {
        granted.push(slot === null ? `${name} withdrawn` : name);
      });
    return { clock, limiter, recording, granted, ask };
  }

  test('is waited for by those that it counts, in places of their own', async () => {
    const { clock, limiter, recording, granted, ask } = slow();
    for (const name of ['a', 'b', 'c']) ask(name);
    await clock.advance(120_000);
    expect(granted).toEqual([]);
    expect(limiter.waiting).toBe(1);
    recording.done();
    await settle();
    expect(granted).toEqual(['a', 'b']);
  });

  test('gives the place of one that is called back meanwhile to the next', async () => {
    const { recording, granted, ask } = slow();
    const abort = new AbortController();
    ask('a', abort.signal);
    ask('b');
    ask('c');
    await settle();
    abort.abort();
    recording.done();
    await settle();
    recording.done();
    await settle();
    expect(granted).toEqual(['a withdrawn', 'b', 'c']);
  });
});

describe('a page that the store refuses', () => {
  /** A limiter whose pages are refused from the second request on. */
  function refused() {
    const limiter = openLimiter({ limit: 9, windowMs: 60_000 }, new FakeClock());
    limiter.resume({
      earlierMs: [],
      inherited: [],
      ended: () => {},
      async keep({ length }) {
        if (length > 1) throw new TenureLostError();
      },
    });
    return limiter;
  }

  test('lets nothing start any more, and whoever waits leaves when it is told to', async () => {
    const limiter = refused();
    const slot = await limiter.take(10, patient());
    expect(slot).not.toBeNull();
    expect(await limiter.take(10, patient())).toBeNull();
    slot?.ended();
    slot?.release();
    const leave = new AbortController();
    const waiting = limiter.take(10, leave.signal);
    await settle();
    expect(limiter.waiting).toBe(1);
    leave.abort();
    expect(await waiting).toBeNull();
    limiter.start();
    expect(limiter.waiting).toBe(0);
  });

  test('is not hidden behind another failure', async () => {
    const limiter = openLimiter({ limit: 9, windowMs: 60_000 }, new FakeClock());
    const keep = async () => {
      throw new RangeError('a bug');
    };
    limiter.resume({ earlierMs: [], inherited: [], ended: () => {}, keep });
    await expect(limiter.take(10, patient())).rejects.toThrow('a bug');
  });
});

test('whoever is told to stop does not wait for a page that takes long', async () => {
  const limiter = openLimiter({ limit: 1, windowMs: 60_000 }, new FakeClock());
  const page = { kept: () => {} };
  limiter.resume({
    earlierMs: [],
    inherited: [],
    ended: () => {},
    keep: () =>
      new Promise((resolve) => {
        page.kept = resolve;
      }),
  });
  const stop = new AbortController();
  const taken = limiter.take(10, stop.signal);
  await settle();
  stop.abort();
  expect(await taken).toBeNull();
  // It may be on the page: nothing else starts before that is known.
  const next = limiter.take(10, patient());
  let isNext = false;
  void next.then(() => {
    isNext = true;
  });
  await settle();
  expect(isNext).toBe(false);
  page.kept();
  await settle();
  page.kept();
  expect(await next).not.toBeNull();
});

test('the page names what each request may write, as it starts', async () => {
  const limiter = openLimiter({ limit: 9, windowMs: 60_000 }, new FakeClock(), { concurrency: 2 });
  const pages: UnderWay[][] = [];
  limiter.resume({
    earlierMs: [],
    inherited: [],
    ended: () => {},
    keep: async (underWay) => void pages.push([...underWay]),
  });
  const content = { widgetId: '3c90c3cc-0d44-4b50-8888-8dd25736052a' as WidgetId, hash: 'old' };
  const reading = await limiter.take(10, patient());
  const other = await limiter.take(10, patient());
  const writing = limiter.take(10, patient(), () => content);
  content.hash = 'new';
  other?.ended();
  other?.release();
  const slot = await writing;
  const read = { widgetId: null, hash: null };
  expect(pages.at(-1)).toEqual([read, content]);
  expect(content.hash).toBe('new');
  slot?.ended();
  slot?.release();
  reading?.release();
  await settle();
  expect(pages.at(-1)).toEqual([]);
});

test('nothing starts before what it uses is kept, however long that takes', async () => {
  const limiter = openLimiter({ limit: 3, windowMs: 60_000 }, new FakeClock());
  const kept = new Map<number, () => void>();
  limiter.resume({
    earlierMs: [],
    inherited: [],
    ended: () => {},
    keep: ({ length: underWay }) => new Promise((resolve) => void kept.set(underWay, resolve)),
  });
  let started = 0;
  const start = () => {
    started += 1;
  };
  for (let n = 0; n < 2; n += 1) {
    void limiter.take(10, patient()).then(start);
    await settle();
  }
  expect(started).toBe(0);
  kept.get(1)?.();
  await settle();
  expect(started).toBe(1);
  kept.get(2)?.();
  await settle();
  expect(started).toBe(2);
});

describe('a start that waits for what earlier processes have spent', () => {
  test('is said of each wait that is longer than a moment', async () => {
    const { clock, ask, said } = await resume([10_000, 40_000, 50_000]);
    ask(2);
    await clock.advance(1000);
    ask(2);
    await clock.advance(40_000);
    expect(said).toEqual([20_000, 30_000]);
  });

  test.each<[string, number[], number]>([
    ['is not said where there is room', [10_000, 40_000], 1],
    ['is not said where the wait is short', [-6000, 40_000, 50_000], 1],
    ['is not said of one that waits for this process’s own', [], 4],
  ])('%s', async (_, earlierMs, count) => {
    const { clock, ask, answerAll, said } = await resume(earlierMs);
    ask(count);
    await settle();
    answerAll();
    await clock.advance(4000);
    expect(said).toEqual([]);
  });
});
