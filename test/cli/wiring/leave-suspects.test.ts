// What becomes of the writes of who has lost the tenure.
import { expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import {
  leaveSuspects,
  untilSuspectsAreLeft,
} from '../../../src/cli/wiring/parts/leave-suspects.ts';
import { sha256 } from '../../../src/model/widget.ts';
import type { Suspect } from '../../../src/state/state-store.ts';
import { forGood } from '../../../src/state/tenure.ts';
import { ava } from '../../state/fixtures/state-options.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { TestTenure } from '../../support/tenure.ts';

const suspect: Suspect = { widgetId: ava, hash: sha256('late'), sent: {} };

/** A store that takes notes from then on, on the clock; and what is logged. */
function world(
  takesFromMs: number,
  found: readonly Suspect[] = [suspect],
  kind: 'oneShot' | 'daemon' = 'daemon',
) {
  const clock = new FakeClock();
  const tenure = new TestTenure();
  const left: Suspect[] = [];
  const logged: [level: string, facts: object][] = [];
  const leave = async (suspects: readonly Suspect[]) => {
    if (clock.monotonicMs() < takesFromMs) throw new StateError('the store is away');
    left.push(...suspects);
  };
  const suspects = { leave, left: async () => [], remove: async () => {} };
  const log = {
    info: (facts: object) => void logged.push(['info', facts]),
    warn: (facts: object) => void logged.push(['warn', facts]),
  };
  const unsettled = { suspects: () => [...found] };
  const start = () =>
    leaveSuspects({ state: { tenure, suspects }, unsettled, clock, log: log as never, kind });
  return { clock, tenure, left, logged, start };
}

test('are left as soon as the store takes them, and hold up nobody for long', async () => {
  const { clock, tenure, left, logged, start } = world(10_000);
  tenure.lose();
  let isDone = false;
  void start().then(() => {
    isDone = true;
  });
  await clock.advance(1_999);
  expect(isDone).toBe(false);
  await clock.advance(1);
  expect(isDone).toBe(true);
  expect(left).toEqual([]);
  await clock.advance(7_999);
  expect(left).toEqual([]);
  await clock.advance(1);
  expect(left).toEqual([suspect]);
  expect(logged).toEqual([['info', { widgets: [ava] }]]);
});

test('that the store takes at once are left at once', async () => {
  const { tenure, left, start } = world(0);
  tenure.lose();
  await start();
  expect(left).toEqual([suspect]);
});

test('are waited for by a command that does nothing else', async () => {
  const { clock, tenure, left, start } = world(10_000, [suspect], 'oneShot');
  tenure.lose();
  const leaving = start();
  await clock.advance(10_000);
  await leaving;
  expect(left).toEqual([suspect]);
});

test('are given up after a minute, and said', async () => {
  const { clock, tenure, left, logged, start } = world(Number.POSITIVE_INFINITY);
  tenure.lose();
  const leaving = start();
  await clock.advance(59_999);
  await leaving;
  expect(logged).toEqual([]);
  await clock.advance(1);
  expect(left).toEqual([]);
  expect(logged).toEqual([['warn', { widgets: [ava], error: 'the store is away' }]]);
});

test('are tried once more by who ends, and said then', async () => {
  const { clock, tenure, logged, start } = world(Number.POSITIVE_INFINITY);
  tenure.lose();
  void start();
  await clock.advance(5_500);
  await untilSuspectsAreLeft();
  expect(logged).toEqual([['warn', { widgets: [ava], error: 'the store is away' }]]);
  const later = world(0);
  later.tenure.lose();
  await later.start();
  await untilSuspectsAreLeft();
  expect(later.left).toEqual([suspect]);
});

test('are no matter while the tenure lasts, or is for good, or nothing was sent', async () => {
  const lasting = world(0);
  await lasting.start();
  const calm = world(0, []);
  calm.tenure.lose();
  await calm.start();
  for (const { left, logged } of [lasting, calm]) {
    expect(left).toEqual([]);
    expect(logged).toEqual([]);
  }
  const { clock } = lasting;
  const state = { tenure: forGood, suspects: null };
  await leaveSuspects({
    state,
    unsettled: { suspects: () => [suspect] },
    clock,
    log: null as never,
    kind: 'daemon',
  });
});
