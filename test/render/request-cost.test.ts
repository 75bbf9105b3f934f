import { describe, expect, test } from 'vitest';
import type { Rate } from '../../src/config/rate.ts';
import type { Plan } from '../../src/model/plan.ts';
import { costSeconds, renderCost } from '../../src/render/request-cost.ts';
import { changeOf, liveAt } from '../support/changes.ts';

const perSecond: Rate = { limit: 5, windowMs: 1000 };
const perMinute: Rate = { limit: 2, windowMs: 60_000 };
const perHour: Rate = { limit: 100, windowMs: 3_600_000 };

describe('the time from the first start to the last', () => {
  test.each<[number, Rate, number]>([
    [0, perSecond, 0],
    [1, perSecond, 0],
    [5, perSecond, 0],
    [6, perSecond, 1],
    [10, perSecond, 1],
    [11, perSecond, 2],
    [1_010, perSecond, 201],
    [3, perMinute, 60],
    [101, perHour, 3_600],
  ])('of %i requests at %o is %i s', (requests, rate, seconds) => {
    expect(costSeconds(requests, rate)).toBe(seconds);
  });
});

describe('the cost', () => {
  test.each<[Plan['requests'], Rate, string]>([
    [
      { list: 10, get: 2, put: 12 },
      perSecond,
      'Cost: 10 list, 2 get and 12 put requests, about 4 s at 5/s',
    ],
    [
      { list: 10, get: 0, put: 1000 },
      perSecond,
      'Cost: 10 list, 405 get and 1000 put requests, about 4 min 42 s at 5/s',
    ],
    [
      { list: 0, get: 1, put: 1 },
      perSecond,
      'Cost: 1 get and 1 put requests, less than 1 s at 5/s',
    ],
    [{ list: 0, get: 0, put: 1 }, perSecond, 'Cost: 1 put request, less than 1 s at 5/s'],
    [{ list: 0, get: 0, put: 0 }, perSecond, 'Cost: no requests'],
    [{ list: 0, get: 0, put: 1000 }, perSecond, 'Cost: 1000 put requests, about 3 min 19 s at 5/s'],
    [{ list: 0, get: 0, put: 5 }, perMinute, 'Cost: 5 put requests, about 2 min at 2/m'],
    [{ list: 0, get: 0, put: 250 }, perMinute, 'Cost: 250 put requests, about 2 h 4 min at 2/m'],
    [{ list: 0, get: 0, put: 101 }, perHour, 'Cost: 101 put requests, about 1 h at 100/h'],
  ])('of %o', (requests, rate, text) => {
    const isRead = requests.list + requests.get > 0;
    const changes = [changeOf(1, { widget_type: 'chat' }, { base: isRead ? liveAt(0, {}) : null })];
    expect(renderCost({ requests, changes }, rate)).toBe(text);
  });

  test('has no reads of what could not be read before', () => {
    const changes = [changeOf(1, { widget_type: 'chat' })];
    const text = 'Cost: 1 list, 1 get and 1000 put requests, about 3 min 20 s at 5/s';
    expect(renderCost({ requests: { list: 1, get: 1, put: 1000 }, changes }, perSecond)).toBe(text);
  });
});
