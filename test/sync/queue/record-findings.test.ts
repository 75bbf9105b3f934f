import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { recordEach } from '../../../src/sync/queue/record-findings.ts';
import { accountOf, changed, documentOf, nowMs, recordOf, viewsOf } from '../../plan/fixtures.ts';
import { unconfirmed } from '../../support/trails.ts';

const since = new Date('2026-03-01T06:00:00Z');
const document = documentOf(1, { widget_type: 'chat', name: 'Ava' });
/** A body was sent later, and nothing confirmed it. */
const applied: AppliedRecord = {
  ...recordOf(document),
  echo: { widget_type: 'chat', name: 'theirs' },
  keptBeside: { bubble_text: 'Ask' },
  keptSince: since,
  trail: unconfirmed({ at: new Date('2026-03-01T08:10:00Z') }),
};

/** What is recorded of a read, and what the plan and the one after say is kept. */
async function adopted(live: JsonObject, record: AppliedRecord) {
  const views = { desired: [document], live: accountOf([[1, live]]) };
  const plan = makePlan(viewsOf({ ...views, records: [record] }), changed);
  expect(plan.adopted).toHaveLength(1);
  const saved: AppliedRecord[] = [];
  const state = {
    records: new Map([[record.widgetId, record]]),
    isFromElsewhere: () => false,
    knownContent: () => undefined,
    saveUnlessMoved: async (one: AppliedRecord) => {
      saved.push(one);
    },
  };
  await recordEach(plan, { state, isBusy: () => false }, new Date(nowMs));
  const next = makePlan(viewsOf({ ...views, records: saved }), changed);
  return { record: saved[0], kept: plan.kept, next: next.kept };
}

const name = { path: '/name', sent: 'Ava', kept: 'theirs' };
const bubble = { path: '/bubble_text', sent: null, kept: 'Ask' };
const live = { widget_type: 'chat', name: 'theirs', bubble_text: 'Ask' };

test('an adoption of the same content keeps what is kept otherwise, and since when', async () => {
  const { record, kept, next } = await adopted(live, applied);
  const { keptBeside, keptSince } = applied;
  expect(record).toMatchObject({ keptBeside, keptSince, trail: { state: 'confirmed' } });
  expect(kept).toMatchObject([{ sinceMs: since.getTime(), fields: [bubble, name] }]);
  expect(next).toEqual(kept);
});

test('an adoption drops of what is kept beside whatever the read no longer shows', async () => {
  const { record, kept, next } = await adopted({ ...live, bubble_text: null }, applied);
  expect(record?.keptBeside).toBeUndefined();
  expect(kept).toMatchObject([{ sinceMs: since.getTime(), fields: [name] }]);
  expect(next).toEqual(kept);
});

test('an adoption of other content takes nothing over', async () => {
  const former = documentOf(1, { widget_type: 'chat', name: 'Eve' });
  const { hash, spec } = former;
  const agreed = { widget_type: 'chat', name: 'Ava', bubble_text: 'Ask' };
  const { record, kept } = await adopted(agreed, { ...applied, hash, spec });
  expect(record?.keptBeside ?? record?.keptSince).toBeUndefined();
  expect(kept).toEqual([]);
});
