// The helpers decide whether other tests can fail, so they are tested themselves.
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { isUuid } from '../../src/model/widget.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { law } from '../support/law.ts';
import { maxInFlightPerWidget, maxStartsInWindow, waitFor, widgetId } from '../support/sandbox.ts';

const startsAt = (...times: number[]) => times.map((startedAtMs) => ({ startedAtMs }));

describe('the most starts in a sliding window', () => {
  test.each([
    ['nothing', [], 0],
    ['one', [5], 1],
    ['a window is half open', [0, 1000], 1],
    ['a hair less is inside', [0, 999.9], 2],
    ['a burst over a boundary of whole seconds', [900, 950, 1050, 1100], 4],
    ['out of order', [1100, 100, 2200, 1150, 1180], 3],
  ])('%s', (_what, times, most) => {
    expect(maxStartsInWindow(startsAt(...times), 1000)).toBe(most);
  });

  law.prop([fc.array(fc.nat(300)), fc.integer({ min: 1, max: 100 })])(
    'agrees with counting from every start',
    (times, windowMs) => {
      const counts = times.map(
        (from) => times.filter((time) => time >= from && time < from + windowMs).length,
      );
      expect(maxStartsInWindow(startsAt(...times), windowMs)).toBe(Math.max(0, ...counts));
    },
  );
});

describe('the most requests in flight for one widget', () => {
  const flight = (n: number | null, startedAtMs: number, endedAtMs: number | null) => ({
    widgetId: n === null ? null : widgetId(n),
    startedAtMs,
    endedAtMs,
  });

  test.each([
    ['no request', [], 0],
    ['one after the other', [flight(1, 0, 10), flight(1, 10, 20)], 1],
    ['overlapping', [flight(1, 0, 11), flight(1, 10, 20)], 2],
    ['different widgets', [flight(1, 0, 11), flight(2, 10, 20)], 1],
    ['one that never ends', [flight(1, 0, null), flight(1, 10, 20), flight(1, 30, 40)], 2],
    ['three at one time', [flight(1, 0, 9), flight(1, 5, 6), flight(1, 5, 7)], 3],
    ['the list is no widget', [flight(null, 0, 9), flight(null, 5, 6)], 0],
  ])('%s', (_what, requests, most) => {
    expect(maxInFlightPerWidget(requests)).toBe(most);
  });
});

law.prop([fc.nat(), fc.nat()])('ids are UUIDs, one for each number', (a, b) => {
  expect(isUuid(widgetId(a))).toBe(true);
  expect(widgetId(a) === widgetId(b)).toBe(a === b);
});

describe('waiting for a condition', () => {
  let sandbox: Sandbox;
  afterEach(() => sandbox.close());

  test('ends with the request that fulfils it', async () => {
    sandbox = await startSandbox();
    const waiting = waitFor(sandbox, ({ requests }) => requests[0]?.status === 404, 5_000);

    await fetch(`${sandbox.url}/nothing`);

    await waiting;
  });

  test('fails after its time with what was seen, without the key', async () => {
    sandbox = await startSandbox();
    await fetch(`${sandbox.url}/nothing?api_key=in-secret`);

    const waiting = waitFor(sandbox, () => false, 1);

    await expect(waiting).rejects.toThrow('1 request seen:\n  GET /nothing → 404');
  });
});
