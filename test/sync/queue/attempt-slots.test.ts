// The slots of one attempt, and what the page says of them.
import { expect, test } from 'vitest';
import type { UnderWay } from '../../../src/state/state-store.ts';
import { AttemptSlots } from '../../../src/sync/queue/attempt-slots.ts';
import { named } from '../../support/changes.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { openLimiter } from '../../support/open-limiter.ts';

/** A limiter whose pages are kept when the test says so. */
function world() {
  const limiter = openLimiter({ limit: 9, windowMs: 1000 }, new FakeClock(), { concurrency: 1 });
  const pages: (readonly UnderWay[])[] = [];
  const writes: (() => void)[] = [];
  limiter.resume({
    earlierMs: [],
    inherited: [],
    ended: () => {},
    keep: (underWay) => {
      pages.push(underWay);
      return new Promise((resolve) => void writes.push(resolve));
    },
  });
  return { limiter, pages, kept: () => writes.shift()?.() };
}

test('each names the content that is sent', async () => {
  const { limiter, pages, kept } = world();
  const pending = { change: named(1, 'Ava') };
  const { widgetId, hash } = pending.change;
  const slots = new AttemptSlots(pending, limiter);
  const taken = slots.take(10, new AbortController().signal);
  await settle();
  kept();
  expect(await taken).not.toBeNull();
  expect(pages).toEqual([[{ widgetId, hash }]]);
});

test('one whose content was replaced while it was put on the page is given back', async () => {
  const { limiter, pages, kept } = world();
  const pending = { change: named(1, 'Ava') };
  const slots = new AttemptSlots(pending, limiter);
  const { signal } = new AbortController();
  const taken = slots.take(10, signal);
  await settle();
  pending.change = { ...pending.change, hash: 'f'.repeat(64) };
  kept();
  expect(await taken).toBeNull();
  const again = slots.take(10, signal);
  for (let n = 0; n < 2; n += 1) {
    await settle();
    kept();
  }
  expect(await again).not.toBeNull();
  expect(pages.at(-1)).toEqual([{ widgetId: pending.change.widgetId, hash: 'f'.repeat(64) }]);
});
