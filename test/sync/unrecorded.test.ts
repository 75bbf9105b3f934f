// A write that the API confirms while nothing can be written to the disk: what is done about it later.
import { describe, expect, test } from 'vitest';
import { readHistory } from '../../src/state/read-history.ts';
import { liveAt, named } from '../support/changes.ts';
import { change, former, ok, world } from './fixtures/send-world.ts';

const confirmedAtMs = Date.parse('2026-03-01T08:00:00Z');
const fresh = { widget_type: 'chat', display_name: 'by hand' } as const;

/** The change is confirmed and not recorded; a minute later the disk is back. */
async function confirmedInVain(sent = change) {
  const place = await world();
  const answer = () => place.loseDirectory().then(() => ok());
  expect(await place.send(sent, answer)).toMatchObject({ status: 'failed' });
  await place.clock.advance(60_000);
  return {
    ...place,
    async history() {
      const { entries } = await readHistory(place.directory, { limit: 9, widgetId: null });
      return entries.map(({ hash, time }) => [hash, time.getTime() - confirmedAtMs]);
    },
  };
}

describe('the line of history', () => {
  test('comes with the record', async () => {
    const { send, bringBack, history, onDisk, asked } = await confirmedInVain();
    await bringBack();
    expect(await send(change, () => ok())).toMatchObject({ status: 'applied' });
    expect(asked).toHaveLength(1);
    expect(await onDisk()).toMatchObject({ hash: change.hash, unconfirmedHash: null });
    expect(await history()).toEqual([[change.hash, 0]]);
  });

  test('comes once, however often the record is tried again', async () => {
    const { send, bringBack, history, asked, clock } = await confirmedInVain();
    for (let tries = 0; tries < 3; tries += 1) {
      expect(await send(change, () => ok())).toMatchObject({ status: 'failed' });
      await clock.advance(60_000);
    }
    await bringBack();
    await send(change, () => ok());
    expect(asked).toHaveLength(1);
    expect(await history()).toEqual([[change.hash, 0]]);
  });

  // Once, the write of the newer content took it along.
  test('comes with its own time where a newer content was sent first', async () => {
    const { send, bringBack, history, onDisk } = await confirmedInVain();
    await bringBack();
    const newer = named(1, 'Cleo');
    expect(await send(newer, () => ok())).toMatchObject({ status: 'applied' });
    expect(await onDisk()).toMatchObject({ hash: newer.hash });
    expect(await history()).toEqual([
      [change.hash, 0],
      [newer.hash, 60_000],
    ]);
  });

  // Once, it was never written.
  test('comes where the widget was found as declared, and recorded so', async () => {
    const { state, bringBack, history } = await confirmedInVain();
    await bringBack();
    const found = state.records.get(change.widgetId);
    const { hash, spec } = change;
    await state.saveUnlessMoved({ ...former, hash, spec, unconfirmedHash: null }, found);
    expect(await history()).toEqual([[hash, 0]]);
  });
});

describe('the same content', () => {
  const edited = (readAtMs: number | null) => ({
    ...change,
    base: readAtMs === null ? null : liveAt(readAtMs, fresh),
  });

  test.each([
    ['is asked for again by a later look', edited(null)],
    ['is asked for by a look that had read the widget before', edited(confirmedAtMs - 1)],
  ])('is only recorded where it %s', async (_, again) => {
    const { send, bringBack, asked } = await confirmedInVain();
    await bringBack();
    expect(await send(again, () => ok())).toMatchObject({ status: 'applied' });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['somebody asks to send everything again', { ...change, reason: 'forced' as const }],
    ['somebody has changed the widget since', edited(confirmedAtMs + 1)],
  ])('is sent again where %s', async (_, again) => {
    const { send, bringBack, asked, history } = await confirmedInVain();
    await bringBack();
    expect(await send(again, () => ok())).toMatchObject({ status: 'applied' });
    expect(asked).toHaveLength(2);
    expect(await history()).toEqual([
      [change.hash, 0],
      [change.hash, 60_000],
    ]);
  });

  test('is not sent with each try to record it where it was sent by force', async () => {
    const forced = { ...change, reason: 'forced' as const };
    const { send, asked } = await confirmedInVain(forced);
    for (let tries = 0; tries < 3; tries += 1) await send(forced, () => ok());
    expect(asked).toHaveLength(1);
  });

  test('is still known as confirmed where a newer one could not be sent', async () => {
    const { send, bringBack, asked } = await confirmedInVain();
    await send(named(1, 'Cleo'), () => ok());
    await bringBack();
    expect(await send(change, () => ok())).toMatchObject({ status: 'applied' });
    expect(asked).toHaveLength(1);
  });
});
