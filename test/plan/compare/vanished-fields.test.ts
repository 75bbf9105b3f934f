import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { bodyFields } from '../../../src/model/widget.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { planJson } from '../../../src/render/plan-json.ts';
import { renderPlan } from '../../../src/render/plan-text.ts';
import { confirmed, unconfirmed } from '../../support/trails.ts';
import { accountOf, changed, documentOf, idOf, ignoring, recordOf, viewsOf } from '../fixtures.ts';

const declared: JsonObject = { widget_type: 'chat', name: 'Ava', bubble_text: 'Hi' };
const nothing: JsonObject = Object.fromEntries(bodyFields.map((name) => [name, null]));
const full: JsonObject = Object.fromEntries(bodyFields.map((name) => [name, 'x']));

/** What a plan makes of a widget that was applied as it is declared. */
function planned(
  live: JsonObject,
  { desired = declared, record = {}, ignore = [] as string[] } = {},
) {
  const document = ignoring(documentOf(1, desired), ...ignore);
  const records = [{ ...recordOf(documentOf(1, declared)), ...record }];
  return makePlan(viewsOf({ desired: [document], records, live: accountOf([[1, live]]) }), changed);
}

describe('a field that a read lacks', () => {
  test.each<[string, JsonObject]>([
    ['beside nulls', without({ ...nothing, ...declared }, 'bubble_text')],
    ['of a widget that has all else', without({ ...full, ...declared }, 'bubble_text')],
  ])('%s is no drift, and nothing is written for it', (_, live) => {
    expect(planned(live)).toMatchObject({
      changes: [],
      drifted: [],
      unchanged: [{ widgetId: idOf(1) }],
      vanished: [{ widgetId: idOf(1), file: 'w1.yaml', names: ['bubble_text'] }],
    });
  });

  test('is drift where the API leaves out what is null: a person has emptied it', () => {
    const plan = planned({ widget_type: 'chat', name: 'Ava' });
    expect(plan.vanished).toEqual([]);
    expect(plan.changes).toMatchObject([
      { reason: 'drifted', fields: [{ path: '/bubble_text', to: 'Hi', by: 'dashboard' }] },
    ]);
  });

  test('is drift where it is null', () => {
    const plan = planned({ ...nothing, ...declared, bubble_text: null });
    expect(plan.vanished).toEqual([]);
    expect(plan.changes).toMatchObject([{ reason: 'drifted' }]);
  });

  const gone = without({ ...nothing, ...declared }, 'bubble_text');

  test('is written where git says something new of it', () => {
    const plan = planned(gone, { desired: { ...declared, bubble_text: 'Hello' } });
    expect(plan.vanished).toEqual([]);
    expect(plan.changes).toMatchObject([
      { reason: 'edited', fields: [{ path: '/bubble_text', to: 'Hello' }] },
    ]);
  });

  test('is no part of what an edit beside it changes', () => {
    const plan = planned(gone, { desired: { ...declared, name: 'Eva' } });
    expect(plan.changes).toMatchObject([{ reason: 'edited', fields: [{ path: '/name' }] }]);
    expect(plan.changes[0]?.fields).toHaveLength(1);
    expect(plan.vanished).toMatchObject([{ names: ['bubble_text'] }]);
  });

  test('beside drift is not set back', () => {
    const plan = planned({ ...gone, name: 'Eva' });
    expect(plan.changes).toMatchObject([{ reason: 'drifted', fields: [{ path: '/name' }] }]);
    expect(plan.changes[0]?.fields).toHaveLength(1);
  });

  test('is written where nothing was ever applied', () => {
    const desired = [documentOf(1, declared)];
    const plan = makePlan(viewsOf({ desired, live: accountOf([[1, gone]]) }), changed);
    expect(plan.vanished).toEqual([]);
    expect(plan.changes).toMatchObject([{ reason: 'new', fields: [{ path: '/bubble_text' }] }]);
  });

  test('may hold what an unconfirmed body set, and is sent again', () => {
    const record = {
      trail: unconfirmed({
        sent: { bubble_text: ['Hello'] },
        at: new Date('2026-03-01T08:30:00Z'),
      }),
    };
    const plan = planned(gone, { record });
    expect(plan.vanished).toEqual([]);
    expect(plan.changes).toMatchObject([{ fields: [{ path: '/bubble_text', to: 'Hi' }] }]);
  });

  test('was in no answer of the write either, and is taken for what was sent', () => {
    const record = { trail: confirmed({ isEchoKnown: false, replaced: { bubble_text: null } }) };
    const plan = planned(gone, { record });
    expect(plan).toMatchObject({ changes: [], drifted: [], vanished: [{}] });
    expect(plan.learned).toMatchObject([{ record: { echo: null }, kept: [] }]);
  });

  test('is nobody’s news where it is ignored', () => {
    expect(planned(gone, { ignore: ['/bubble_text'] })).toMatchObject({
      changes: [],
      vanished: [],
    });
  });

  test('is named in the plan, for people and for programs', () => {
    const rate = { limit: 5, windowMs: 1000 };
    const text = renderPlan(planned(gone), { colour: false, directory: 'widgets', rate });
    expect(text).toContain(
      `! widgets/w1.yaml  ${idOf(1).slice(0, 8)}  no longer in the API's answers, and left as applied: bubble_text`,
    );
    expect(text).toContain('No changes. 1 widget is as git declares it.');
    expect(planJson(planned(gone), rate).vanished).toEqual([
      { widget_id: idOf(1), file: 'w1.yaml', paths: ['/bubble_text'] },
    ]);
  });
});

function without(body: JsonObject, field: string): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));
}
