// What an unconfirmed write may have left, where the plan is made while nothing can be read.

import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { composeBody } from '../../src/plan/compare/compose-body.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { unconfirmed } from '../support/trails.ts';
import { accountOf, changed, documentOf, ignoring, liveOf, recordOf, viewsOf } from './fixtures.ts';

const pending = {
  ...recordOf(documentOf(1, { name: 'first' })),
  trail: unconfirmed({ sent: { bubble_text: ['unconfirmed'] } }),
};

function plannedBlindly(spec: Record<string, string>) {
  const views = viewsOf({ desired: [documentOf(1, spec)], records: [pending] });
  const [change] = makePlan(views, changed).changes;
  if (change === undefined) throw new Error('an edit is a change');
  return change;
}

test('is set back when the write reads that it landed (the chaos once found it there for ever)', () => {
  const body = composeBody(
    plannedBlindly({ name: 'second' }),
    liveOf({ bubble_text: 'unconfirmed' }),
  );
  expect(body).toMatchObject({ name: 'second', bubble_text: null });
});

test.each([
  ['left alone where somebody has set it since', { bubble_text: 'by hand' }, 'by hand'],
  ['set to nothing where nothing is shown, which may be too early a read', {}, null],
])('is %s', (_, live, value) => {
  const body = composeBody(plannedBlindly({ name: 'second' }), liveOf(live));
  expect(body['bubble_text']).toBe(value);
});

test('is what git says where the file declares it by now', () => {
  const change = plannedBlindly({ name: 'second', bubble_text: 'declared' });
  expect(change.possiblyLeft).toBeUndefined();
  expect(composeBody(change, liveOf({ bubble_text: 'unconfirmed' }))).toMatchObject({
    bubble_text: 'declared',
  });
});

test.each<[string, JsonObject, JsonObject, Json | undefined]>([
  ['landed with what is ignored within it', { theirs: 'x', mine: 1 }, { mine: 1 }, { theirs: 'x' }],
  ['had nothing ignored in it', { mine: 1 }, { mine: 1 }, null],
  ['never landed', { theirs: 'x' }, { mine: 1 }, undefined],
  ['is another one', { theirs: 'x', mine: 2 }, { mine: 1 }, undefined],
])('of which a part is ignored is set back around that, where it %s', (_, live, sent, reset) => {
  const record = { ...pending, trail: unconfirmed({ sent: { style_params: [sent] } }) };
  const document = ignoring(documentOf(1, { name: 'second' }), '/style_params/theirs');
  const body = { name: 'first', style_params: live };
  const seen = viewsOf({ desired: [document], records: [record], live: accountOf([[1, body]]) });
  const fields = makePlan(seen, changed).changes[0]?.fields ?? [];
  expect(fields.find(({ released }) => released)?.to).toEqual(reset);

  const unseen = viewsOf({ desired: [document], records: [record] });
  const [change] = makePlan(unseen, changed).changes;
  if (change === undefined) throw new Error('an edit is a change');
  expect(composeBody(change, liveOf(body))['style_params']).toEqual(
    reset === undefined ? live : reset,
  );
});

test.each(['later', 'unconfirmed'])('is set back whichever of several landed: %s', (value) => {
  const trail = unconfirmed({ sent: { bubble_text: ['later', 'unconfirmed'] } });
  const record = { ...pending, trail };
  const live = accountOf([[1, { name: 'first', bubble_text: value }]]);
  const views = viewsOf({ desired: [documentOf(1, { name: 'first' })], records: [record], live });
  expect(makePlan(views, changed).changes).toMatchObject([{ resets: { bubble_text: null } }]);
});

test('stays with --released leave', () => {
  const views = viewsOf({ desired: [documentOf(1, { name: 'second' })], records: [pending] });
  const [change] = makePlan(views, { ...changed, released: 'leave' }).changes;
  expect(change?.possiblyLeft).toBeUndefined();
});
