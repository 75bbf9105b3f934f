// What a write that nobody confirmed may have left, where the plan is made while nothing can be read.
import { expect, test } from 'vitest';
import { composeBody } from '../../src/plan/compose-body.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { changed, documentOf, liveOf, recordOf, viewsOf } from './fixtures.ts';

const unheard = {
  ...recordOf(documentOf(1, { name: 'first' })),
  unconfirmedHash: 'f'.repeat(64),
  unconfirmedFields: { bubble_text: 'unheard' },
};

function plannedBlindly(spec: Record<string, string>) {
  const views = viewsOf({ desired: [documentOf(1, spec)], records: [unheard] });
  const [change] = makePlan(views, changed).changes;
  if (change === undefined) throw new Error('an edit is a change');
  return change;
}

test('is set back when the write reads that it landed (the chaos once found it there for ever)', () => {
  const body = composeBody(plannedBlindly({ name: 'second' }), liveOf({ bubble_text: 'unheard' }));
  expect(body).toMatchObject({ name: 'second', bubble_text: null });
});

test.each([
  ['somebody has set since', { bubble_text: 'by hand' }, 'by hand'],
  ['never landed', {}, undefined],
])('is left alone where it %s', (_, live, value) => {
  const body = composeBody(plannedBlindly({ name: 'second' }), liveOf(live));
  expect(body['bubble_text']).toBe(value);
});

test('is what git says where the file declares it by now', () => {
  const change = plannedBlindly({ name: 'second', bubble_text: 'declared' });
  expect(change.perhapsLeft).toBeUndefined();
  expect(composeBody(change, liveOf({ bubble_text: 'unheard' }))).toMatchObject({
    bubble_text: 'declared',
  });
});

test('stays with --released leave', () => {
  const views = viewsOf({ desired: [documentOf(1, { name: 'second' })], records: [unheard] });
  const [change] = makePlan(views, { ...changed, released: 'leave' }).changes;
  expect(change?.perhapsLeft).toBeUndefined();
});
