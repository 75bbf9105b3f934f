// Which writes have left and are not recorded.
import { expect, test } from 'vitest';
import { StateError, TenureLostError } from '../../../src/base/errors.ts';
import { asJson } from '../../../src/model/widget.ts';
import type { Suspect } from '../../../src/state/state-store.ts';
import { apiError } from '../../support/changes.ts';
import { change, ok, refuse, world } from '../fixtures/send-world.ts';

const { widgetId, hash } = change;
const suspect: Suspect = { widgetId, hash, sent: asJson(change.spec) };
const latelyMs = 60_000;

test('a write is one from the moment in which it leaves, and none once it is recorded', async () => {
  const { send, unsettled } = await world();
  let during: readonly Suspect[] = [];
  await send(change, () => {
    during = unsettled.suspects();
    return ok();
  });
  expect(during).toEqual([suspect]);
  expect(unsettled.suspects()).toEqual([]);
});

test.each<[string, unknown, boolean]>([
  ['got no answer', apiError({ status: null, retry: 'later' }), true],
  ['was answered 503', apiError({ status: 503, retry: 'later' }), true],
  ['was answered 408', apiError({ status: 408, retry: 'later' }), true],
  ['was refused', apiError({ status: 422 }), false],
  ['was held back', new TenureLostError(), false],
])('a write that %s', async (_, error, isOne) => {
  const { send, unsettled, clock } = await world();
  await send(change, refuse(error));
  expect(unsettled.suspects()).toEqual(isOne ? [suspect] : []);
  await clock.advance(latelyMs);
  expect(unsettled.suspects()).toEqual(isOne ? [suspect] : []);
  await clock.advance(1);
  expect(unsettled.suspects()).toEqual([]);
});

test('a write that is confirmed and cannot be recorded is one', async () => {
  const { send, unsettled, loseDirectory, bringBack, clock } = await world();
  const attempt = await send(change, async () => {
    await loseDirectory();
    return ok();
  });
  expect(attempt).toMatchObject({ status: 'failed', error: expect.any(StateError) });
  expect(unsettled.suspects()).toEqual([suspect]);
  await bringBack();
  const again = send(change, () => ok());
  await clock.advance(1000);
  expect(await again).toMatchObject({ status: 'applied' });
  expect(unsettled.suspects()).toEqual([]);
});
