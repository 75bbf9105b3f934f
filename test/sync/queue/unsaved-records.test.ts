// A write that the API confirms while nothing can be written to the disk: what is done about it later.

import { describe, expect, test } from 'vitest';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import { asJson } from '../../../src/model/widget.ts';
import { certain } from '../../../src/model/write-trail.ts';
import { readHistory } from '../../../src/state/file/read-history.ts';
import { apiError, changeOf, liveAt, named } from '../../support/changes.ts';
import { change, former, ok, refuse, world } from '../fixtures/send-world.ts';

const confirmedAtMs = Date.parse('2026-03-01T08:00:00Z');
const fresh = { widget_type: 'chat', display_name: 'by hand' } as const;

/** The change is confirmed and not recorded; a minute later the disk is back. */
async function confirmedInVain(sent = change, record: AppliedRecord | null = former) {
  const place = await world(record);
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
    expect(await onDisk()).toMatchObject({ hash: change.hash, trail: { state: 'confirmed' } });
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
    await state.saveUnlessMoved({ ...former, hash, spec, trail: certain }, found);
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

// Once, nothing knew any more that such a field was ever sent.
describe('a field of a first write, which the file no longer declares by now,', () => {
  const first = changeOf(
    1,
    { widget_type: 'chat', display_name: 'Ava', bubble_text: 'Hello' },
    { reason: 'new' },
  );
  const next = changeOf(1, { widget_type: 'chat', display_name: 'Ben' }, { reason: 'new' });
  const released = { widget_type: 'chat', display_name: 'Ben', bubble_text: null };

  async function edited() {
    const place = await confirmedInVain(first, null);
    await place.bringBack();
    return place;
  }

  test('is set back by the next write, and before that the first one is recorded', async () => {
    const { send, asked, onDisk, state, history } = await edited();
    expect(await send(next, () => ok())).toMatchObject({ status: 'applied' });
    expect(asked[1]).toMatchObject({ body: released });
    expect(asked[1]?.disk).toMatchObject({
      hash: first.hash,
      trail: { state: 'unconfirmed', hash: next.hash },
      appliedAt: new Date(confirmedAtMs),
    });
    expect(await onDisk()).toEqual(state.records.get(next.widgetId));
    expect(await onDisk()).toMatchObject({ hash: next.hash, trail: { state: 'confirmed' } });
    expect(await history()).toHaveLength(2);
  });

  test('is set back beside what else the widget holds, in its history too', async () => {
    const { send, asked, directory } = await edited();
    const base = liveAt(confirmedAtMs + 60_000, {
      ...asJson(first.spec),
      intro_message: 'by hand',
    });
    await send({ ...next, base }, () => ok());
    expect(asked[1]).toMatchObject({ body: { ...released, intro_message: 'by hand' } });
    const { entries } = await readHistory(directory, { limit: 1, widgetId: null });
    expect(entries[0]?.fields).toContain('/bubble_text');
  });

  test('is set back by a later attempt as well', async () => {
    const { send, asked, clock } = await edited();
    await send(next, refuse(apiError({ status: 503, retry: 'later' })));
    await clock.advance(2000);
    await send(next, () => ok());
    expect(asked.slice(1)).toMatchObject([{ body: released }, { body: released }]);
  });

  test('is in the record where the next write is refused', async () => {
    const { send, onDisk } = await edited();
    await send(next, refuse(apiError({ status: 422 })));
    expect(await onDisk()).toMatchObject({ spec: first.spec, trail: { state: 'confirmed' } });
  });

  test('is in the record where the same is sent again by force, and the answer is lost', async () => {
    const { send, onDisk } = await edited();
    const again = { ...first, reason: 'forced' as const };
    await send(again, refuse(apiError({ status: 503, retry: 'later' })));
    expect(await onDisk()).toMatchObject({ spec: first.spec, trail: { state: 'confirmed' } });
  });

  test('stays with --released leave', async () => {
    const { send, asked } = await edited();
    await send(next, () => ok(), {}, { released: 'leave' });
    expect(asked[1]?.body).toEqual(next.spec);
  });

  test('is nobody’s any more where another record has come since', async () => {
    const { send, asked, state, clock } = await edited();
    const { widgetId, hash, spec, sync } = next;
    const adopted = { ...former, widgetId, hash, spec, sync, appliedAt: clock.now() };
    await state.saveUnlessMoved(adopted, undefined);
    const third = changeOf(1, { widget_type: 'chat', display_name: 'Cleo' });
    await send(third, () => ok());
    expect(asked[1]).toMatchObject({ body: third.spec, disk: { hash } });
  });
});
