// A plan that is kept is the one that would be made again.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoadedTree } from '../../../src/model/document.ts';
import { nothingLive, type Policy, type Views } from '../../../src/model/plan.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import type { Sight } from '../../../src/sync/loop/run-pass.ts';
import { SettledPlan } from '../../../src/sync/loop/settled-plan.ts';
import { accountOf, anyViews, documentOf, recordOf, viewsOf } from '../../plan/fixtures.ts';
import { law } from '../../support/law.ts';

const policy: Policy = { send: 'changed', drift: 'correct', released: 'reset', nowMs: 0 };
const yearMs = 365 * 24 * 3_600_000;

function sightOf({ desired, held, fragments, live, revision }: Views): Sight {
  const tree: LoadedTree = {
    ...{ documents: desired, held, problems: [], notes: [], fragments, nextUntil: null },
    ...{ revision, committedAt: null, folders: new Map(), source: 'plain' },
  };
  return { tree, live };
}

/** What may be another one at the next look, each alone. */
const moves: Readonly<Record<string, (views: Views) => Views>> = {
  nothing: (views) => ({ ...views, live: { ...views.live } }),
  'a record': (views) => ({
    ...views,
    applied: new Map([...views.applied].map(([id, record]) => [id, { ...record }])),
  }),
  'a record that is gone': (views) => ({ ...views, applied: new Map([...views.applied].slice(1)) }),
  'all that is live': (views) => ({ ...views, live: { ...nothingLive, widgets: new Map() } }),
  'a file': (views) => ({ ...views, desired: views.desired.slice(1) }),
  'the commit': (views) => ({ ...views, revision: 'another' }),
};

law.prop([anyViews, fc.constantFrom(...Object.keys(moves)), fc.nat(10 * yearMs)])(
  'whatever moves, and however much time goes by',
  (views, moved, laterMs) => {
    const settled = new SettledPlan();
    settled.keep(makePlan(views, policy), sightOf(views), views.applied);
    const next = moves[moved]?.(views) ?? views;
    const found = settled.of(sightOf(next), next.applied);
    if (found === null) return;
    expect(found).toEqual(makePlan(next, { ...policy, nowMs: laterMs }));
  },
);

describe('of widgets that are all as their files declare them', () => {
  const bodies = [{ display_name: 'x' }, { display_name: 'y' }, { display_name: 'z' }];
  const documents = bodies.map((body, n) => documentOf(n, body));
  const views = viewsOf({
    desired: documents,
    records: documents.map((document) => recordOf(document)),
    live: accountOf(bodies.map((body, n) => [n, body] as const)),
  });
  const plan = makePlan(views, policy);

  test.each(Object.entries(moves))('it is made again once %s has moved', (moved, move) => {
    expect(plan.unchanged).toHaveLength(bodies.length);
    const settled = new SettledPlan();
    settled.keep(plan, sightOf(views), views.applied);
    const next = move(views);
    const found = settled.of(sightOf(next), next.applied);
    if (moved === 'nothing') expect(found).toBe(plan);
    else expect(found).toBeNull();
  });
});

law.prop([anyViews])('what is to be written, or waits, is planned anew each time', (views) => {
  const settled = new SettledPlan();
  const plan = makePlan(views, policy);
  settled.keep(plan, sightOf(views), views.applied);
  const { changes, adopted, held, drifted, orphaned, gone, kept } = plan;
  const busy = [changes, adopted, held, drifted, orphaned, gone, kept].some((l) => l.length > 0);
  if (busy) expect(settled.of(sightOf(views), views.applied)).toBeNull();
});
