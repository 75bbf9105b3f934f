import { expect, test } from 'vitest';
import { carrySince } from '../../src/status/carry-since.ts';
import type { HeldStatus } from '../../src/status/status-record.ts';
import { obstacleOf, queuedOf, statusOf } from '../state/fixtures/state-options.ts';

const first = new Date('2026-03-01T08:00:00Z');
const now = new Date('2026-03-01T09:00:00Z');

const heldBy = (code: string, file: string, since: Date): HeldStatus => {
  return { widgetId: null, file, code, message: 'broken', line: 1, until: null, since };
};
const driftOf = (why: 'policy' | 'fought-over', since: Date) => {
  return { widgetId: 'a', file: 'a.yaml', why, until: null, fields: ['/name'], since };
};

test('what was so before has been so since then, whatever its words are by now', () => {
  const before = statusOf({
    obstacles: [{ ...obstacleOf('the list answered 503'), since: first }],
    held: [heldBy('yaml-syntax', 'a.yaml', first), heldBy('yaml-syntax', 'gone.yaml', first)],
    drifted: [driftOf('policy', first)],
    orphaned: [{ widgetId: 'o', file: 'old.yaml', since: first }],
  });
  const found = statusOf({
    obstacles: [
      { ...obstacleOf('the key is refused', 'key'), since: now },
      { ...obstacleOf('the list answered 500'), since: now },
    ],
    held: [
      heldBy('unknown-field', 'a.yaml', now),
      { ...heldBy('yaml-syntax', 'a.yaml', now), message: 'still broken', line: 9 },
      heldBy('yaml-syntax', 'b.yaml', now),
    ],
    drifted: [driftOf('policy', now), driftOf('fought-over', now)],
    orphaned: [{ widgetId: 'o', file: 'moved.yaml', since: now }],
  });
  const { obstacles, held, drifted, orphaned, ...others } = carrySince(found, before);
  expect(obstacles.map(({ since }) => since)).toEqual([now, first]);
  expect(held.map(({ since, line }) => [since, line])).toEqual([
    [now, 1],
    [first, 9],
    [now, 1],
  ]);
  expect(drifted.map(({ since }) => since)).toEqual([first, now]);
  expect(orphaned).toEqual([{ widgetId: 'o', file: 'moved.yaml', since: first }]);
  expect(others).toMatchObject({ time: found.time, failed: [], kept: [] });
});

test('the queue dates what is in it, and what has no place there has been so since it was first', () => {
  const outside = ['refused', 'unsent', 'unplanned'] as const;
  const all = (since: Date) => [
    queuedOf('a', { since }),
    ...outside.map((phase) => queuedOf('b', { phase, place: null, since })),
  ];
  const { queue } = carrySince(statusOf({ queue: all(now) }), statusOf({ queue: all(first) }));
  expect(queue.map(({ since }) => since)).toEqual([now, first, first, first]);
});
