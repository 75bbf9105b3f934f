import { test as propertyTest } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/plan/make-plan.ts';
import { planJson } from '../../src/plan/plan-json.ts';
import { renderPlan } from '../../src/plan/render-plan.ts';
import type { Policy, Views } from '../../src/plan/types.ts';
import { anyViews, documentOf, heldOf, idOf, recordOf, viewsOf } from './fixtures.ts';

const changed: Policy = { send: 'changed' };
const all: Policy = { send: 'all' };
const one = documentOf(1, { name: 'one' });
const two = documentOf(2, { name: 'two' });

describe('a plan', () => {
  test('names what was, what will be and where it came from', () => {
    const records = [recordOf(documentOf(1, { name: 'old', bubble_text: 'Hi' }))];
    const plan = makePlan(viewsOf({ desired: [one], records, revision: 'abc' }), changed);
    expect(plan.changes).toEqual([
      {
        action: 'update',
        ...one,
        reason: 'edited',
        revision: 'abc',
        fields: [
          { path: '/bubble_text', from: 'Hi' },
          { path: '/name', from: 'old', to: 'one' },
        ],
      },
    ]);
  });

  test('is sorted by file, whatever the ids', () => {
    const desired = [
      documentOf(1, {}, 'b.yaml'),
      documentOf(2, {}, 'a.yaml'),
      documentOf(3, {}, 'B.yaml'),
    ];
    const { changes } = makePlan(viewsOf({ desired }), changed);
    expect(changes.map(({ file }) => file)).toEqual(['B.yaml', 'a.yaml', 'b.yaml']);
  });

  test('takes a renamed file for the same widget', () => {
    const moved = { ...one, file: 'elsewhere/one.yaml' };
    const plan = makePlan(viewsOf({ desired: [moved], records: [recordOf(one)] }), changed);
    expect(plan).toMatchObject({ changes: [], orphaned: [], unchanged: [moved] });
  });

  test('sends every document when asked to, with the reason it would have anyway', () => {
    const records = [recordOf(one), recordOf(documentOf(2, {}))];
    const views = viewsOf({ desired: [one, two, documentOf(3, {})], held: [heldOf(4)], records });
    const { changes } = makePlan(views, all);
    expect(changes.map(({ reason }) => reason)).toEqual(['forced', 'edited', 'new']);
    expect(changes[0]?.fields).toEqual([]);
  });
});

describe('a widget without a usable file', () => {
  test('is orphaned when there is no file at all', () => {
    const plan = makePlan(viewsOf({ records: [recordOf(one)] }), all);
    expect(plan).toMatchObject({ changes: [], orphaned: [{ widgetId: idOf(1), file: 'w1.yaml' }] });
  });

  test('is held, not orphaned, when its file is', () => {
    const plan = makePlan(
      viewsOf({ held: [heldOf(1, 'moved.yaml')], records: [recordOf(one)] }),
      all,
    );
    expect(plan).toMatchObject({ changes: [], orphaned: [], held: [{ widgetId: idOf(1) }] });
  });

  test('is held when the file it was applied from is too broken to say its id', () => {
    const plan = makePlan(
      viewsOf({ held: [heldOf(null, 'w1.yaml')], records: [recordOf(one)] }),
      all,
    );
    expect(plan).toMatchObject({ orphaned: [], held: [{ file: 'w1.yaml', widgetId: idOf(1) }] });
  });

  test('is not mistaken for one that moved to another file', () => {
    const moved = { ...one, file: 'moved.yaml' };
    const views = viewsOf({
      desired: [moved],
      held: [heldOf(null, 'w1.yaml')],
      records: [recordOf(one)],
    });
    const plan = makePlan(views, changed);
    expect(plan.held).toEqual([heldOf(null, 'w1.yaml')]);
    expect(plan.unchanged).toEqual([moved]);
  });

  test('of several applied from one broken file, the last is held and the others orphaned', () => {
    const records = [1, 2, 3].map((n) => ({
      ...recordOf(documentOf(n, {}, 'shared.yaml')),
      appliedAt: new Date(`2026-03-0${n === 2 ? 9 : n}`),
    }));
    const plan = makePlan(viewsOf({ held: [heldOf(null, 'shared.yaml')], records }), changed);
    expect(plan.held.map(({ widgetId }) => widgetId)).toEqual([idOf(2)]);
    expect(plan.orphaned.map(({ widgetId }) => widgetId)).toEqual([idOf(1), idOf(3)]);
  });
});

describe('the checksum', () => {
  const base = viewsOf({
    desired: [one],
    held: [heldOf(2)],
    records: [recordOf(documentOf(3, {}))],
  });
  const checksumOf = (views: Views) => makePlan(views, changed).checksum;

  test('does not depend on the revision', () => {
    expect(checksumOf({ ...base, revision: 'abc' })).toBe(checksumOf(base));
  });

  test.each<[string, Partial<Views>]>([
    ['another body', { desired: [documentOf(1, { name: 'other' })] }],
    ['another file', { desired: [{ ...one, file: 'x.yaml' }] }],
    ['nothing held', { held: [] }],
    ['held for another reason', { held: [{ ...heldOf(2), code: 'suspended' }] }],
    ['nothing orphaned', { applied: new Map() }],
    ['other fields changed', { applied: new Map([[idOf(1), recordOf(documentOf(1, {}))]]) }],
  ])('tells %s', (_, parts) => {
    expect(checksumOf({ ...base, ...parts })).not.toBe(checksumOf(base));
  });
});

describe('whatever the views', () => {
  const policies = fc.constantFrom(changed, all);

  propertyTest.prop([anyViews])(
    'after everything is recorded there is nothing to change',
    (views) => {
      const applied = new Map(views.applied);
      for (const change of makePlan(views, changed).changes) {
        applied.set(change.widgetId, recordOf(change));
      }
      expect(makePlan({ ...views, applied }, changed).changes).toEqual([]);
    },
  );

  propertyTest.prop([anyViews, policies])('their order does not matter', (views, policy) => {
    const reversed: Views = {
      ...views,
      desired: views.desired.toReversed(),
      held: views.held.toReversed(),
      applied: new Map([...views.applied].toReversed()),
    };
    expect(makePlan(reversed, policy)).toEqual(makePlan(views, policy));
  });

  propertyTest.prop([anyViews, policies])(
    'every widget has one fate, and is counted once',
    (views, policy) => {
      const plan = makePlan(views, policy);
      const { update, adopt, unchanged, held, orphaned, total } = planJson(plan).summary;
      expect(update + adopt + unchanged + held + orphaned).toBe(total);
      expect(update + unchanged).toBe(views.desired.length);
      expect(held).toBe(views.held.length);
    },
  );
});

test('ten thousand widgets are planned and rendered without quadratic work', () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => n);
  const records = ids.map((n) => recordOf(documentOf(n, { name: `was ${n}` })));
  const desired = ids.slice(0, 5_000).map((n) => documentOf(n, { name: `is ${n}` }));
  const held = ids.slice(5_000, 7_500).map((n) => heldOf(null, `w${n}.yaml`));
  const plan = makePlan(viewsOf({ desired, held, records }), changed);
  expect(planJson(plan).summary).toMatchObject({ update: 5_000, held: 2_500, orphaned: 2_500 });
  expect(
    renderPlan(plan, { colour: false, directory: 'widgets' }).split('\n').length,
  ).toBeGreaterThan(15_000);
}, 5_000);
