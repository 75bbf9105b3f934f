// Plans of widgets that extend fragments: where each value stands, how far each fragment reaches, and what
// several changes share.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { reachOf, releasedByMany } from '../../../src/plan/trace/fragment-reach.ts';
import { shareFields } from '../../../src/plan/trace/shared-fields.ts';
import { composed, type WidgetOver } from '../../support/composed.ts';
import { law } from '../../support/law.ts';
import { accountOf, anyBody, changed, documentOf, heldOf, recordOf, viewsOf } from '../fixtures.ts';

type Fragments = Parameters<typeof composed>[0];

/** From what the fragments said, and was applied, to what they say now. */
function planOfEdit(before: Fragments, after: Fragments, widgets: readonly WidgetOver[]): Plan {
  const records = composed(before, widgets).documents.map(recordOf);
  const { documents, fragments, trace } = composed(after, widgets);
  return trace(makePlan(viewsOf({ desired: documents, fragments, records }), changed));
}

const over = (...files: readonly string[]): WidgetOver => ({ over: files });
const times = (amount: number, widget: WidgetOver) => Array.from({ length: amount }, () => widget);

const brand = { widget_type: 'chat', header_color: '#111111', style_params: { size: 1 } };

describe('origins', () => {
  test('each field that changes has the file and line of its new value', () => {
    const widgets = [
      { own: { display_name: 'Ava', style_params: { shadow: true } }, over: ['_brand.yaml'] },
      over('_brand.yaml', '_dark.yaml'),
      { own: { display_name: 'Cleo', widget_type: 'sms' }, over: [] },
    ];
    const { documents, fragments, trace } = composed(
      { '_brand.yaml': brand, '_dark.yaml': { header_color: '#222222' } },
      widgets,
    );
    const plan = trace(makePlan(viewsOf({ desired: documents, fragments }), changed));
    const places = plan.changes.map(({ fields }) =>
      fields.map(({ path, origin }) => [
        path,
        origin && `${origin.file}:${origin.range.start.line}`,
      ]),
    );
    expect(places).toEqual([
      [
        ['/display_name', 'prod/w0.yaml:1'],
        ['/header_color', '_brand.yaml:2'],
        // The object comes as a whole, and two files say what is in it.
        ['/style_params/shadow', 'prod/w0.yaml:3'],
        ['/style_params/size', '_brand.yaml:4'],
        ['/widget_type', '_brand.yaml:1'],
      ],
      [
        ['/header_color', '_dark.yaml:1'],
        ['/style_params', '_brand.yaml:3'],
        ['/widget_type', '_brand.yaml:1'],
      ],
      // Its file says all, and the plan names that anyway.
      [
        ['/display_name', undefined],
        ['/widget_type', undefined],
      ],
    ]);
  });

  test('a file that has changed since has none, and a plan without fragments stays as it is', () => {
    const { documents, fragments, trace, files } = composed({ '_brand.yaml': brand }, [
      over('_brand.yaml'),
    ]);
    const views = viewsOf({ desired: documents, fragments });
    (files as Map<string, unknown>).clear();
    const plan = makePlan(views, changed);
    expect(trace(plan)).toEqual(plan);
    const plain = makePlan({ ...views, fragments: [] }, changed);
    expect(trace(plain)).toBe(plain);
  });

  test('what is set back or no longer declared stands nowhere', () => {
    const plan = planOfEdit(
      { '_brand.yaml': { ...brand, bubble_text: 'Hi', style_params: { size: 1, shadow: true } } },
      { '_brand.yaml': brand },
      [over('_brand.yaml')],
    );
    expect(plan.changes[0]?.fields).toEqual([
      { path: '/bubble_text', from: 'Hi', to: null, by: 'git', released: true },
      { path: '/style_params/shadow', from: true, by: 'git', released: false },
    ]);
  });

  const values = fc.constantFrom('#111111', '#222222', '#333333');
  law.prop([values, values, fc.boolean()])(
    'are no part of the checksum: a field that moves from the files into a fragment changes nothing about it',
    (before, after, isMoved) => {
      const own = { header_color: after };
      const files: Fragments = { '_brand.yaml': isMoved ? { ...brand, ...own } : brand };
      const widgets = times(3, isMoved ? over('_brand.yaml') : { own, ...over('_brand.yaml') });
      const { documents, fragments, trace } = composed(files, widgets);
      const flat = documents.map(({ extends: _, ...document }) => document);
      const records = documents.map((one) =>
        recordOf({ ...one, spec: { ...one.spec, header_color: before }, hash: before }),
      );
      const plan = makePlan(viewsOf({ desired: documents, fragments, records }), changed);
      const plain = makePlan(viewsOf({ desired: flat, records }), changed);
      expect(plan.checksum).toBe(plain.checksum);
      expect(trace(plan).checksum).toBe(plain.checksum);
    },
  );
});

describe('how far a fragment reaches', () => {
  test('of 40 widgets 38 change, and 2 say otherwise themselves', () => {
    const own = { header_color: '#999999' };
    const widgets = [
      ...times(38, over('_brand.yaml')),
      { own, over: ['_brand.yaml'] },
      { ...over('_brand.yaml'), omit: ['/header_color'] },
    ];
    const edited = { ...brand, header_color: '#14532d' };
    const plan = planOfEdit({ '_brand.yaml': brand }, { '_brand.yaml': edited }, widgets);
    expect(reachOf(plan)).toEqual([
      { file: '_brand.yaml', widgets: 40, changes: 38, otherwise: 2, held: 0 },
    ]);
    expect(plan.changes).toHaveLength(38);
  });

  test('an edit of one of two brands is no change of the other, nor of their base', () => {
    const base = { widget_type: 'chat' };
    const widgets = [...times(3, over('_base.yaml', '_a.yaml')), over('_base.yaml', '_b.yaml')];
    const plan = planOfEdit(
      { '_base.yaml': base, '_a.yaml': { bubble_text: 'a' }, '_b.yaml': { bubble_text: 'b' } },
      { '_base.yaml': base, '_a.yaml': { bubble_text: 'A' }, '_b.yaml': { bubble_text: 'b' } },
      widgets,
    );
    expect(reachOf(plan)).toEqual([
      { file: '_a.yaml', widgets: 3, changes: 3, otherwise: 0, held: 0 },
      { file: '_b.yaml', widgets: 1, changes: 0, otherwise: 0, held: 0 },
      { file: '_base.yaml', widgets: 4, changes: 0, otherwise: 0, held: 0 },
    ]);
  });

  test('a base whose value a brand says otherwise changes the others alone', () => {
    const widgets = [
      ...times(2, over('_base.yaml')),
      ...times(3, over('_base.yaml', '_brand.yaml')),
      { own: { header_color: '#5' }, over: ['_base.yaml'] },
    ];
    const plan = planOfEdit(
      { '_base.yaml': { ...brand, header_color: '#1' }, '_brand.yaml': { header_color: '#3' } },
      { '_base.yaml': { ...brand, header_color: '#2' }, '_brand.yaml': { header_color: '#3' } },
      widgets,
    );
    expect(reachOf(plan)).toMatchObject([
      { file: '_base.yaml', widgets: 6, changes: 2, otherwise: 4 },
      { file: '_brand.yaml', widgets: 3, changes: 0, otherwise: 0 },
    ]);
  });

  test('held files are told apart, and so is what is live already', () => {
    const { documents, fragments, trace } = composed(
      { '_brand.yaml': brand },
      times(4, over('_brand.yaml')),
    );
    const [held, adopted, ...rest] = documents;
    const live = accountOf([[1, brand], ...rest.map((_, n) => [n + 2, {}] as const)]);
    const views = viewsOf({
      desired: documents.slice(1),
      held: [heldOf(0, held?.file)],
      fragments,
      live,
    });
    expect(adopted?.file).toBe('prod/w1.yaml');
    expect(reachOf(trace(makePlan(views, changed)))).toEqual([
      { file: '_brand.yaml', widgets: 4, changes: 2, otherwise: 0, held: 1 },
    ]);
  });

  test('a field that a fragment drops is a change of all that release it, and of that fragment', () => {
    const base = { widget_type: 'chat' };
    const widgets = [
      ...times(4, over('_base.yaml', '_brand.yaml')),
      { own: { header_color: '#9' }, over: ['_base.yaml', '_brand.yaml'] },
      ...times(5, over('_base.yaml')),
    ];
    const plan = planOfEdit(
      { '_base.yaml': base, '_brand.yaml': { header_color: '#1' } },
      { '_base.yaml': base, '_brand.yaml': {} },
      widgets,
    );
    expect([...releasedByMany(plan)]).toEqual([
      ['/header_color', [0, 1, 2, 3].map((n) => `prod/w${n}.yaml`)],
    ]);
    expect(reachOf(plan)).toEqual([
      { file: '_base.yaml', widgets: 10, changes: 0, otherwise: 0, held: 0 },
      { file: '_brand.yaml', widgets: 5, changes: 4, otherwise: 1, held: 0 },
    ]);
  });

  test('two files that drop a field of their own are no release of a fragment', () => {
    const before = composed({ '_brand.yaml': brand }, [
      ...times(2, { own: { bubble_text: 'Hi' }, over: ['_brand.yaml'] }),
      over('_brand.yaml'),
    ]);
    const after = composed({ '_brand.yaml': brand }, times(3, over('_brand.yaml')));
    const plan = after.trace(
      makePlan(
        viewsOf({
          desired: after.documents,
          fragments: after.fragments,
          records: before.documents.map(recordOf),
        }),
        changed,
      ),
    );
    expect(plan.changes).toHaveLength(2);
    expect(releasedByMany(plan).size).toBe(0);
    expect(reachOf(plan)).toMatchObject([{ changes: 0 }]);
  });
});

describe('what many changes share', () => {
  test('stands once, and what is a widget’s own stays with it', () => {
    const widgets = [
      ...times(3, over('_brand.yaml')),
      { own: { display_name: 'Ava' }, over: ['_brand.yaml'] },
    ];
    const before = composed({ '_brand.yaml': brand }, times(4, over('_brand.yaml')));
    const after = composed({ '_brand.yaml': { ...brand, header_color: '#14532d' } }, widgets);
    const plan = after.trace(
      makePlan(
        viewsOf({
          desired: after.documents,
          fragments: after.fragments,
          records: before.documents.map(recordOf),
        }),
        changed,
      ),
    );
    const { groups, partsOf } = shareFields(plan.changes);
    expect(groups).toMatchObject([
      {
        fields: [{ path: '/header_color', to: '#14532d', origin: { file: '_brand.yaml' } }],
        changes: plan.changes,
      },
    ]);
    expect(plan.changes.map(partsOf)).toMatchObject([
      ...times(3, over()).map(() => ({ own: [], groups: [0] })),
      { own: [{ path: '/display_name' }], groups: [0] },
    ]);
  });

  test('two changes share nothing, and another value before is another change', () => {
    const edited = { '_brand.yaml': { ...brand, header_color: '#14532d' } };
    const few = planOfEdit({ '_brand.yaml': brand }, edited, times(2, over('_brand.yaml')));
    expect(shareFields(few.changes).groups).toEqual([]);

    const { documents, fragments, trace } = composed(edited, times(5, over('_brand.yaml')));
    const records = documents.map((one, n) =>
      recordOf(documentOf(n, { ...brand, header_color: n < 2 ? '#2' : '#1' }, one.file)),
    );
    const plan = trace(makePlan(viewsOf({ desired: documents, fragments, records }), changed));
    expect(shareFields(plan.changes).groups.map(({ changes }) => changes.length)).toEqual([3]);
  });

  const bodies = fc.record({ before: anyBody, after: anyBody });
  const worlds = fc.record({
    base: bodies,
    brand: bodies,
    widgets: fc.array(fc.record({ own: anyBody, isPlain: fc.boolean(), isBranded: fc.boolean() }), {
      maxLength: 8,
    }),
  });
  law.prop([worlds], { numRuns: 500 })(
    'and what does not are together all that changes, and each origin stands where the value does',
    ({ base, brand: palette, widgets }) => {
      const all = widgets.map(({ own, isPlain, isBranded }): WidgetOver => {
        if (isPlain) return { own, over: [] };
        return { own, over: isBranded ? ['_base.yaml', '_brand.yaml'] : ['_base.yaml'] };
      });
      const plan = planOfEdit(
        { '_base.yaml': base.before, '_brand.yaml': palette.before },
        { '_base.yaml': base.after, '_brand.yaml': palette.after },
        all,
      );
      const { groups, partsOf } = shareFields(plan.changes);
      for (const change of plan.changes) {
        const { own, groups: at } = partsOf(change);
        const shared = at.flatMap((place) => groups[place]?.fields ?? []);
        const told = [...own, ...shared].map(({ path, to }) => ({ path, to }));
        expect(told.sort(byPath)).toEqual(
          change.fields.map(({ path, to }) => ({ path, to })).sort(byPath),
        );
        const layers: Record<string, JsonObject> = {
          '_base.yaml': base.after,
          '_brand.yaml': palette.after,
        };
        for (const { origin } of change.fields) {
          if (origin === undefined) continue;
          expect([change.file, ...Object.keys(layers)]).toContain(origin.file);
          expect(origin.range.start.line).toBeGreaterThan(0);
        }
      }
      for (const { changes } of groups) expect(changes.length).toBeGreaterThan(2);
      for (const { widgets: reached, changes, otherwise, held } of reachOf(plan)) {
        expect(changes + otherwise + held).toBeLessThanOrEqual(reached);
      }
    },
  );
});

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}
