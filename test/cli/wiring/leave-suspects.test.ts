// What becomes of the writes of who has lost the tenure.
import { expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import { leaveSuspects } from '../../../src/cli/wiring/parts/leave-suspects.ts';
import { sha256 } from '../../../src/model/widget.ts';
import type { Suspect } from '../../../src/state/state-store.ts';
import { forGood } from '../../../src/state/tenure.ts';
import { ava } from '../../state/fixtures/state-options.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { TestTenure } from '../../support/tenure.ts';

const suspect: Suspect = { widgetId: ava, hash: sha256('late'), sent: {} };

/** A store that takes notes from then on, on the clock; and what is logged. */
function world(takesFromMs: number, found: readonly Suspect[] = [suspect]) {
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
    leaveSuspects({ state: { tenure, suspects }, unsettled, clock, log: log as never });
  return { clock, tenure, left, logged, start };
}

test('are left as soon as the store takes them', async () => {
  const { clock, tenure, left, logged, start } = world(10_000);
  tenure.lose();
  let isDone = false;
  void start().then(() => {
    isDone = true;
  });
  await clock.advance(9_999);
  expect(isDone).toBe(false);
  await clock.advance(1);
  expect(isDone).toBe(true);
  expect(left).toEqual([suspect]);
  expect(logged).toEqual([['info', { widgets: [ava] }]]);
});

test('are given up after a minute, and said', async () => {
  const { clock, tenure, left, logged, start } = world(Number.POSITIVE_INFINITY);
  tenure.lose();
  const leaving = start();
  await clock.advance(60_000);
  await leaving;
  expect(left).toEqual([]);
  expect(logged).toEqual([['warn', { widgets: [ava], error: 'the store is away' }]]);
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
  });
});
