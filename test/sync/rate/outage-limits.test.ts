// A service that answers now and then: a vendor whose limit lies below the rate, the rest of which belongs
// to people who work in the dashboard; a proxy that sends everybody elsewhere for a while.
import { expect, test } from 'vitest';
import { classify } from '../../../src/api/classify-response.ts';
import { confirmationOf } from '../../../src/api/read-data.ts';
import { apiError, named } from '../../support/changes.ts';
import { widgetId } from '../../support/sandbox.ts';
import { outageWorld } from '../fixtures/outage-world.ts';

const tooMany = apiError({ status: 429, retry: 'later' });
const redirected = classify(
  { kind: 'answer', status: 302, retryAfter: null, location: 'https://login.test/', body: '' },
  {
    request: { kind: 'put', widgetId: widgetId(0), body: {} },
    host: 'api.test',
    receivedAt: new Date(0),
    keyReplaced: false,
  },
  confirmationOf(widgetId(0)),
);
const edits = Array.from({ length: 200 }, (_, n) => named(n, 'first'));

/** Always the same dice, so that a minute is the same minute each time. */
function diceOf(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** 200 edits in a world where so many requests of a hundred are one too many. */
function worldOfRefusals(percent: number, seed: number) {
  const world = outageWorld({ rate: 5 });
  const roll = diceOf(seed);
  world.service.answer = () => {
    if (roll() * 100 < percent) throw tooMany;
  };
  world.submit(...edits);
  return world;
}

const minuteMs = 60_000;

test('where three requests of four are one too many, they become few, and so do the outages told', async () => {
  const minutes = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (seed) => {
      const world = worldOfRefusals(75, seed);
      const asked = await world.during(minuteMs);
      return { asked: asked.length, down: world.told.filter((what) => what === 'down').length };
    }),
  );
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  // Once they were 99 and 6: any one answer let all of them go again.
  expect(mean(minutes.map(({ asked }) => asked))).toBeLessThan(40);
  expect(mean(minutes.map(({ down }) => down))).toBeLessThan(4);
});

test('a limit of one request in two seconds is kept to after a while, and all edits arrive', async () => {
  const world = outageWorld({ rate: 5 });
  const tokens = { left: 5, atMs: 0 };
  world.service.answer = () => {
    const nowMs = world.clock.monotonicMs();
    tokens.left = Math.min(5, tokens.left + (nowMs - tokens.atMs) / 2000);
    tokens.atMs = nowMs;
    if (tokens.left < 1) throw tooMany;
    tokens.left -= 1;
  };
  world.submit(...edits);
  await world.clock.advance(10 * minuteMs);
  expect(world.outcomes).toHaveLength(200);
  // Once they were more than a thousand, and 132 outages.
  expect(world.asked.length).toBeLessThan(600);
  expect(world.told.length).toBeLessThan(30);
});

test('a proxy that redirects for half a minute is hardly asked, and nothing waits for long after it', async () => {
  const world = outageWorld();
  world.service.answer = () => {
    throw redirected;
  };
  world.submit(...edits);
  const meanwhile = await world.during(minuteMs / 2);
  expect(meanwhile.length).toBeLessThan(20);
  world.service.comeBack();
  await world.clock.advance(minuteMs);
  expect(world.outcomes).toHaveLength(200);
  expect(world.told).toEqual(['down', 'back']);
});
