// Each arrow of the drawing above `WriteTrail`.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import { sha256 } from '../../../src/model/widget.ts';
import { certain, type Unconfirmed } from '../../../src/model/write-trail.ts';
import { adopt, beginWrite, confirmWrite, doubt } from '../../../src/plan/uncertain/transitions.ts';
import { changeOf } from '../../support/changes.ts';
import { confirmed, unconfirmed } from '../../support/trails.ts';
import { documentOf, liveOf, recordOf } from '../fixtures.ts';

const record = recordOf(documentOf(1, { widget_type: 'chat', name: 'A' }));
const at = new Date('2026-03-01T09:00:00Z');
const later = (ms: number) => new Date(at.getTime() + ms);
const writeOf = (fields: JsonObject, live: JsonObject | null = null) => {
  const body = { widget_type: 'chat' as const, ...fields };
  return { change: changeOf(1, body), base: live === null ? null : liveOf(live), body };
};
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

  test('has set what was sent, also where the file says otherwise of what is ignored', () => {
    const sent = { widget_type: 'chat', name: 'by hand' };
    expect(pending(beginWrite(record, { ...toB, body: sent }, at)).sent).toEqual({
      name: ['by hand'],
    });
  });

  test('leaves the record as it is where it is the same content again', () => {
    const again = writeOf({ name: 'A' });
    const same = { ...record, hash: again.change.hash };
    expect(beginWrite(same, again, at)).toBe(same);
  });

  test('knows what the last confirmed write replaced, and not what its answer did not tell', () => {
    const trail = confirmed({ isEchoKnown: false, replaced: { name: 'x' }, beside: { id: null } });
    const { replaced, beside, ...other } = pending(beginWrite({ ...record, trail }, toB, at));
    expect({ replaced, beside }).toEqual({ replaced: { name: 'x' }, beside: { id: null } });
    expect(other).not.toHaveProperty('isEchoKnown');
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
  test.each<[string, JsonObject | null, boolean]>([
    ['all of it', toB.body, true],
    ['a part', { name: 'B' }, false],
    ['nothing', null, false],
  ])('is known by its echo or not: the answer speaks of %s', (_, widget, isEchoKnown) => {
    const after = confirmWrite(beginWrite(record, toB, at), { ...toB, widget }, at);
    expect(after).toMatchObject({ hash: toB.change.hash, appliedAt: at, trail: { isEchoKnown } });
  });

  test('is a repetition where the same was confirmed before, upon a read', () => {
    const answer = { ...toB, widget: toB.body };
    const first = confirmWrite(record, answer, at);
    expect(first.trail).toMatchObject({ isRepeated: false, replaced: { name: 'A' } });
    expect(confirmWrite(first, answer, later(1)).trail).toMatchObject({ isRepeated: true });
    const lost = { ...first, trail: unconfirmed({ replaced: { name: 'A' } }) };
    expect(confirmWrite(lost, answer, later(1)).trail).toMatchObject({ isRepeated: false });
  });

  test.each([
    [14_999, [{ name: 'A' }, { name: 'by hand' }, { name: 'C' }]],
    [15_000, []],
  ])(
    'remembers for as long as reads may lag what one before it may have set: %i ms',
    (ms, seen) => {
      const begun = beginWrite(
        { ...record, appliedAt: later(-60_000) },
        writeOf({ name: 'C' }, { name: 'by hand' }),
        at,
      );
      const { trail } = confirmWrite(begun, { ...toB, widget: toB.body }, later(ms));
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

describe('a body that somebody else may have sent', () => {
  const late = {
    hash: sha256('late'),
    sent: { widget_type: 'chat', name: 'L', intro_message: 'L' },
  };

  test('leaves a record that proves nothing, with what that body sets otherwise', () => {
    expect(doubt(record, late, at)).toEqual({
      ...record,
      trail: unconfirmed({ hash: late.hash, at, sent: { name: ['L'], intro_message: ['L'] } }),
    });
  });

  test('is one of several where another one is under way', () => {
    const begun = beginWrite(record, toB, at);
    expect(pending(doubt(begun, late, later(1)))).toMatchObject({
      hash: late.hash,
      at: later(1),
      isOneOfSeveral: true,
      sent: { name: ['L', 'B'], intro_message: ['L'] },
      before: { name: 'A' },
    });
  });

  test('is no matter where it is the content that is recorded', () => {
    expect(doubt(record, { ...late, hash: record.hash }, at)).toBe(record);
  });
});
