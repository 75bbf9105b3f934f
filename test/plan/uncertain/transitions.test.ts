// Each arrow of the drawing above `WriteTrail`.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import { certain, type Unconfirmed } from '../../../src/model/write-trail.ts';
import { adopt, beginWrite, confirmWrite } from '../../../src/plan/uncertain/transitions.ts';
import { changeOf } from '../../support/changes.ts';
import { confirmed, unconfirmed } from '../../support/trails.ts';
import { documentOf, liveOf, recordOf } from '../fixtures.ts';

const record = recordOf(documentOf(1, { widget_type: 'chat', name: 'A' }));
const at = new Date('2026-03-01T09:00:00Z');
const later = (ms: number) => new Date(at.getTime() + ms);
const writeOf = (body: JsonObject, live: JsonObject | null = null) => ({
  change: changeOf(1, { widget_type: 'chat', ...body }),
  base: live === null ? null : liveOf(live),
});
const toB = writeOf({ name: 'B' }, { name: 'A', bubble_text: 'by hand' });

function pending({ trail }: AppliedRecord): Unconfirmed {
  if (trail.state !== 'unconfirmed') throw new Error('a write that began is unconfirmed');
  return trail;
}

describe('a write that begins', () => {
  test('is unconfirmed, with what it sets otherwise and what stood there', () => {
    expect(beginWrite(record, toB, at)).toEqual({
      ...record,
      trail: unconfirmed({
        hash: toB.change.hash,
        at,
        sent: { name: ['B'] },
        before: { widget_type: null, name: 'A' },
      }),
    });
  });

  test('leaves the record as it is where it is the same content again', () => {
    const again = writeOf({ name: 'A' });
    const same = { ...record, hash: again.change.hash };
    expect(beginWrite(same, again, at)).toBe(same);
  });

  test('knows what the last confirmed write replaced, and not what its answer did not tell', () => {
    const trail = confirmed({ echo: 'untold', replaced: { name: 'x' }, beside: { id: null } });
    const { replaced, beside, ...other } = pending(beginWrite({ ...record, trail }, toB, at));
    expect({ replaced, beside }).toEqual({ replaced: { name: 'x' }, beside: { id: null } });
    expect(other).not.toHaveProperty('echo');
  });

  test('is one of several where another body was sent before it, and stays so', () => {
    const first = beginWrite(record, toB, at);
    expect(pending(beginWrite(first, toB, later(1)))).toMatchObject({
      at: later(1),
      isOneOfSeveral: false,
    });
    const second = beginWrite(first, writeOf({ name: 'C' }, { name: 'B' }), later(1));
    const third = pending(beginWrite(second, writeOf({ name: 'C' }), later(2)));
    expect(third).toMatchObject({ isOneOfSeveral: true, sent: { name: ['C', 'B'] } });
    expect(third.before['name']).toBe('A');
  });

  test('is one of several where it puts back what was applied, and is still known by the other', () => {
    const back = writeOf({ name: 'A' });
    const first = beginWrite({ ...record, hash: back.change.hash }, toB, at);
    const second = pending(beginWrite(first, back, later(1)));
    expect(second).toMatchObject({ hash: toB.change.hash, isOneOfSeveral: true });
  });
});

describe('a write that is confirmed', () => {
  const body = { widget_type: 'chat', name: 'B' };

  test.each<[string, JsonObject | null, 'told' | 'untold']>([
    ['all of it', body, 'told'],
    ['a part', { name: 'B' }, 'untold'],
    ['nothing', null, 'untold'],
  ])('is told or untold: the answer speaks of %s', (_, widget, echo) => {
    const after = confirmWrite(beginWrite(record, toB, at), { ...toB, body, widget }, at);
    expect(after).toMatchObject({ hash: toB.change.hash, appliedAt: at, trail: { echo } });
  });

  test('is a repetition where the same was confirmed before, upon a read', () => {
    const answer = { ...toB, body, widget: body };
    const first = confirmWrite(record, answer, at);
    expect(first.trail).toMatchObject({ isRepeated: false, replaced: { name: 'A' } });
    expect(confirmWrite(first, answer, later(1)).trail).toMatchObject({ isRepeated: true });
    const lost = { ...first, trail: unconfirmed({ replaced: { name: 'A' } }) };
    expect(confirmWrite(lost, answer, later(1)).trail).toMatchObject({ isRepeated: false });
  });

  test.each([
    [14_999, [{ name: 'A' }, { name: 'C' }]],
    [15_000, []],
  ])(
    'remembers for as long as reads may lag what one before it may have set: %i ms',
    (ms, seen) => {
      const begun = beginWrite(
        { ...record, appliedAt: later(-60_000) },
        writeOf({ name: 'C' }),
        at,
      );
      const { trail } = confirmWrite(begun, { ...toB, body, widget: body }, later(ms));
      expect(trail.earlier).toMatchObject(seen.map((values) => ({ at: later(ms), values })));
    },
  );
});

test('what a read shows as declared is certain', () => {
  const document = documentOf(1, { widget_type: 'chat', name: 'B' });
  const live = liveOf({ widget_type: 'chat', name: 'B' });
  const found = { widgetId: document.widgetId, file: document.file, document, echo: null, live };
  const applied = { ...record, appliedAt: later(-60_000), trail: unconfirmed() };
  expect(adopt({ ...found, applied }, null, at)).toMatchObject({ appliedAt: at, trail: certain });
});
