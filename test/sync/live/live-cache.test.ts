import { expect, test } from 'vitest';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import { type LiveView, type LiveWidget, nothingLive } from '../../../src/model/plan.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { LiveCache } from '../../../src/sync/live/live-cache.ts';
import { recordOf } from '../../state/fixtures/state-options.ts';
import { liveAt, named } from '../../support/changes.ts';
import { unconfirmed } from '../../support/trails.ts';

const ava = named(1, 'Ava');
const ben = named(2, 'Ben');
const readAtMs = Date.parse('2026-03-01T09:00:00Z');
const live = liveAt(readAtMs, { name: 'live' });

function viewOf(...widgets: (readonly [WidgetId, LiveWidget | 'absent'])[]): LiveView {
  return { ...nothingLive, total: 10, requests: { list: 1, get: 1 }, widgets: new Map(widgets) };
}

function stateOf(...records: AppliedRecord[]) {
  return { records: new Map(records.map((record) => [record.widgetId, record])) };
}

function remembering(...widgets: (readonly [WidgetId, LiveWidget | 'absent'])[]): LiveCache {
  const cache = new LiveCache();
  cache.put(viewOf(...widgets), [ava, ben], readAtMs);
  return cache;
}

const writtenAt = (ms: number) => recordOf(ava.widgetId, { appliedAt: new Date(ms) });

test('what was read is known in later looks, at no cost', () => {
  const cache = remembering([ava.widgetId, live], [ben.widgetId, 'absent']);
  const expected = new Map<WidgetId, LiveWidget | 'absent'>([
    [ava.widgetId, live],
    [ben.widgetId, 'absent'],
  ]);
  for (const state of [stateOf(), stateOf(writtenAt(readAtMs - 1))]) {
    expect(cache.get([ava, ben], state, readAtMs)).toEqual({
      ...nothingLive,
      widgets: expected,
    });
  }
});

test.each<[string, (cache: LiveCache) => LiveView]>([
  [
    'its file says something else',
    (cache) => cache.get([named(1, 'Ada'), ben], stateOf(), readAtMs),
  ],
  [
    'it was written since',
    (cache) => cache.get([ava, ben], stateOf(writtenAt(readAtMs + 1)), readAtMs + 1),
  ],
  [
    'another account may be spoken to',
    (cache) => {
      cache.clear();
      return cache.get([ava], stateOf(), readAtMs);
    },
  ],
  [
    'its file was gone in between',
    (cache) => {
      cache.get([ben], stateOf(), readAtMs);
      return cache.get([ava], stateOf(), readAtMs);
    },
  ],
])('what was read of a widget does not hold once %s', (_, get) => {
  const cache = remembering([ava.widgetId, live]);
  expect(get(cache).widgets.size).toBe(0);
  expect(cache.get([ava], stateOf(), readAtMs).widgets.size).toBe(0);
});

test('what was read in the millisecond of a write holds: the trail of the write tells whether it is too early', () => {
  const cache = remembering([ava.widgetId, live]);
  expect(cache.get([ava], stateOf(writtenAt(readAtMs)), readAtMs).widgets.size).toBe(1);
});

test('a newer reading takes the place of an older one, and leaves the others', () => {
  const cache = remembering([ava.widgetId, live], [ben.widgetId, live]);
  const newer = liveAt(readAtMs + 1000, { name: 'newer' });
  cache.put(viewOf([ava.widgetId, newer]), [ava, ben], readAtMs + 1000);
  const { widgets } = cache.get([ava, ben], stateOf(), readAtMs);
  expect(widgets.get(ava.widgetId)).toBe(newer);
  expect(widgets.get(ben.widgetId)).toBe(live);
});

test('widgets that no file declares are not remembered', () => {
  const cache = new LiveCache();
  cache.put(viewOf([ava.widgetId, live]), [ben], readAtMs);
  expect(cache.get([ava, ben], stateOf(), readAtMs).widgets.size).toBe(0);
});

test('that a widget was absent holds for five minutes, however often it is got', () => {
  const cache = remembering([ava.widgetId, 'absent']);
  for (const minutes of [1, 4]) {
    const nowMs = readAtMs + minutes * 60_000;
    const known = cache.get([ava], stateOf(), nowMs);
    expect(known.widgets.get(ava.widgetId)).toBe('absent');
    cache.put(known, [ava], nowMs);
  }
  expect(cache.get([ava], stateOf(), readAtMs + 300_000).widgets.size).toBe(0);
});

test('a record from the future, written before the clock was set back, hides no drift', () => {
  const cache = remembering([ava.widgetId, live]);
  const inAYear = readAtMs + 365 * 86_400_000;
  for (const nowMs of [readAtMs, readAtMs + 3_600_000]) {
    const { widgets } = cache.get([ava], stateOf(writtenAt(inAYear)), nowMs);
    expect(widgets.get(ava.widgetId)).toBe(live);
  }
  // Once it is a time like any other, it says what it says.
  expect(cache.get([ava], stateOf(writtenAt(inAYear)), inAYear).widgets.size).toBe(0);
});

test('a record from the future with a write that nothing confirmed is not compared with what was read', () => {
  const cache = remembering([ava.widgetId, live]);
  const record = { ...writtenAt(readAtMs + 3_600_000), trail: unconfirmed({ hash: ben.hash }) };
  expect(cache.get([ava], stateOf(record), readAtMs).widgets.size).toBe(0);
});

test('a reading from the future is replaced by one of now', () => {
  const cache = new LiveCache();
  const inAnHour = liveAt(readAtMs + 3_600_000, { name: 'before the clock was set back' });
  cache.put(viewOf([ava.widgetId, inAnHour]), [ava], readAtMs + 3_600_000);
  cache.put(viewOf([ava.widgetId, live]), [ava], readAtMs);
  expect(cache.get([ava], stateOf(), readAtMs).widgets.get(ava.widgetId)).toBe(live);
});

test('that a widget was absent is not known for longer because the clock was set back', () => {
  const cache = remembering([ava.widgetId, 'absent']);
  const nowMs = readAtMs - 365 * 86_400_000;
  // Nobody knows how old it is, and it may have been created since: it is asked for again.
  expect(cache.get([ava], stateOf(), nowMs).widgets.size).toBe(0);
});

test.each<[string, number, number, string]>([
  ['earlier than one that is known is not kept', -1, 1000, 'live'],
  ['later is', 1, 1000, 'other'],
  ['earlier than one of before the clock was set back is', -60_000, -59_000, 'other'],
])('a reading that was made %s', (_, madeMs, nowMs, name) => {
  const cache = remembering([ava.widgetId, live]);
  const other = liveAt(readAtMs + madeMs, { name: 'other' });
  cache.put(viewOf([ava.widgetId, other]), [ava], readAtMs + nowMs);
  const { widgets } = cache.get([ava], stateOf(), readAtMs + nowMs);
  expect(widgets.get(ava.widgetId)).toMatchObject({ body: { name } });
});

test('a reading beside what the file declares now is kept, though it was made earlier', () => {
  const cache = remembering([ava.widgetId, live]);
  const ada = named(1, 'Ada');
  const other = liveAt(readAtMs - 1, { name: 'other' });
  cache.put(viewOf([ada.widgetId, other]), [ada], readAtMs);
  expect(cache.get([ada], stateOf(), readAtMs).widgets.get(ada.widgetId)).toBe(other);
});
