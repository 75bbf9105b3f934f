// Plans of widgets that extend fragments: where each value stands, how far each fragment reaches, and what
// several changes share.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { reachOf } from '../../../src/plan/trace/fragment-reach.ts';
import { releasesOf } from '../../../src/plan/trace/releases.ts';
import { shareFields } from '../../../src/plan/trace/shared-fields.ts';
import { type Composed, composed, type WidgetOver } from '../../support/composed.ts';
import { law } from '../../support/law.ts';
import { accountOf, anyBody, changed, documentOf, heldOf, recordOf, viewsOf } from '../fixtures.ts';

type Fragments = Parameters<typeof composed>[0];

/** From what the fragments said, and was applied, to what they say now. */
function planOfEdit(before: Fragments, after: Fragments, widgets: readonly WidgetOver[]): Plan {
  return planBetween(composed(before, widgets), composed(after, widgets));
}

/** From what was applied to what the files say now. */
function planBetween(
  { documents: applied }: Composed,
  { documents, fragments, trace }: Composed,
  views: Parameters<typeof viewsOf>[0] = {},
): Plan {
  const records = applied.map(recordOf);
  return trace(makePlan(viewsOf({ desired: documents, fragments, records, ...views }), changed));
}

const filesOf = (...numbers: readonly number[]) => numbers.map((n) => `prod/w${n}.yaml`);

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

  test('a file that takes back what it said itself changes by itself', () => {
    const own = { header_color: '#999999' };
    const files = { '_base.yaml': { widget_type: 'chat' }, '_brand.yaml': { header_color: '#1' } };
    const plain = over('_base.yaml', '_brand.yaml');
    const before = composed(files, [...times(3, { ...plain, own }), ...times(10, plain)]);
    const plan = planBetween(before, composed(files, times(13, plain)));
    expect(plan.changes).toHaveLength(3);
    expect(plan.changes[0]?.fields[0]?.origin?.file).toBe('_brand.yaml');
    expect(reachOf(plan)).toMatchObject([{ changes: 0 }, { changes: 0 }]);
  });

  test('a new widget file is no change of the fragments, and nothing applied is a change of all', () => {
    const before = composed({ '_brand.yaml': brand }, times(12, over('_brand.yaml')));
    const after = composed({ '_brand.yaml': brand }, times(13, over('_brand.yaml')));
    const plan = planBetween(before, after);
    expect(plan.changes.map(({ file, reason }) => [file, reason])).toEqual([
      ['prod/w12.yaml', 'new'],
    ]);
    expect(reachOf(plan)).toMatchObject([{ widgets: 13, changes: 0, otherwise: 0 }]);
    expect(reachOf(planBetween(composed({}, []), after))).toMatchObject([{ changes: 13 }]);
  });

  test('what was changed in the dashboard is no change of a fragment, beside an edit of it or not', () => {
    const files = { '_brand.yaml': brand };
    const edited = { '_brand.yaml': { ...brand, header_color: '#2' } };
    const widgets = times(13, over('_brand.yaml'));
    const live = accountOf(
      widgets.map((_, n) => [n, n === 4 ? { ...brand, widget_type: 'sms' } : brand] as const),
    );
    const drift = planBetween(composed(files, widgets), composed(files, widgets), { live });
    expect(drift.changes.map(({ file, reason }) => [file, reason])).toEqual([
      ['prod/w4.yaml', 'drifted'],
    ]);
    expect(drift.changes[0]?.fields[0]?.origin?.file).toBe('_brand.yaml');
    expect(reachOf(drift)).toMatchObject([{ changes: 0, otherwise: 0 }]);

    const own = { header_color: '#1' };
    const says = times(13, { ...over('_brand.yaml'), own });
    const both = planBetween(composed(files, says), composed(edited, says), {
      live: accountOf(
        says.map((_, n) => [n, { ...brand, ...own, ...(n === 4 && { widget_type: 'sms' }) }]),
      ),
    });
    expect(both.changes.map(({ file }) => file)).toEqual(['prod/w4.yaml']);
    expect(reachOf(both)).toMatchObject([{ changes: 0 }]);
  });

  test('an edit of which a part is applied is still a change of the rest', () => {
    const widgets = times(13, over('_brand.yaml'));
    const after = composed({ '_brand.yaml': { ...brand, header_color: '#2' } }, widgets);
    const stale = composed({ '_brand.yaml': brand }, widgets).documents.slice(5).map(recordOf);
    const appliedAt = new Date('2026-03-01T08:30:00Z');
    const fresh = after.documents.slice(0, 5).map((one) => ({ ...recordOf(one), appliedAt }));
    const plan = planBetween(after, after, { records: [...fresh, ...stale] });
    expect(plan.changes).toHaveLength(8);
    expect(reachOf(plan)).toMatchObject([{ widgets: 13, changes: 8 }]);
  });

  test('a widget that was applied before the others of its commit tells as much of it', () => {
    const own = { header_color: '#999999' };
    const files = { '_brand.yaml': brand };
    const before = composed(files, [
      { ...over('_brand.yaml'), own },
      ...times(9, over('_brand.yaml')),
    ]);
    const records = (revision: string | null) =>
      before.documents.map((document, n) => ({
        ...{ ...recordOf(document), revision },
        appliedAt: new Date(Date.UTC(2026, 2, 1, 8, 0, n)),
      }));
    const after = composed(files, times(10, over('_brand.yaml')));
    const changes = (revision: string | null) =>
      reachOf(planBetween(before, after, { records: records(revision) }))[0]?.changes;
    expect(changes('0a1b2c')).toBe(0);
    // Without a commit it cannot be told.
    expect(changes(null)).toBe(1);
  });
});

test('a plan tells that files which change have left their fragments', () => {
  const before = composed({ '_brand.yaml': brand }, times(3, over('_brand.yaml')));
  const flat = (own: JsonObject) => composed({}, times(3, { own, over: [] }));
  const leaving = (documents: Composed) => planBetween(before, documents).leavesFragments;
  expect(leaving(flat({ widget_type: 'chat' }))).toBe(true);
  // The same content writes nothing.
  expect(leaving(flat(brand))).toBeUndefined();
  expect(
    leaving(composed({ '_brand.yaml': { widget_type: 'sms' } }, times(3, over('_brand.yaml')))),
  ).toBeUndefined();
  expect(planBetween(flat(brand), flat({ widget_type: 'chat' })).leavesFragments).toBeUndefined();
});

describe('what several widgets release at once', () => {
  const base = { widget_type: 'chat' };
  const files = { '_base.yaml': base, '_brand.yaml': { header_color: '#1' } };
  const plain = over('_base.yaml', '_brand.yaml');

  test('is told with the fragment that reaches just these, and is no change that it makes', () => {
    const widgets = [
      ...times(4, plain),
      { ...plain, own: { header_color: '#9' } },
      ...times(5, over('_base.yaml')),
    ];
    const plan = planOfEdit(files, { '_base.yaml': base, '_brand.yaml': {} }, widgets);
    expect(releasesOf(plan)).toEqual([
      {
        path: '/header_color',
        files: filesOf(0, 1, 2, 3),
        fragments: [{ file: '_brand.yaml', isAll: false }],
      },
    ]);
    expect(reachOf(plan)).toMatchObject([{ changes: 0 }, { changes: 0, otherwise: 0 }]);
  });

  test('names each fragment that may have dropped it, where base and brand reach the same widgets', () => {
    const plan = planOfEdit(files, { '_base.yaml': base, '_brand.yaml': {} }, times(12, plain));
    expect(releasesOf(plan)).toMatchObject([
      {
        files: { length: 12 },
        fragments: [
          { file: '_base.yaml', isAll: true },
          { file: '_brand.yaml', isAll: true },
        ],
      },
    ]);
    expect(reachOf(plan)).toMatchObject([{ changes: 0 }, { changes: 0 }]);
  });

  test('names the base alone where brands share it', () => {
    const brands = { ...files, '_base.yaml': { ...base, bubble_text: 'Hi' }, '_other.yaml': {} };
    const widgets = [...times(3, plain), ...times(2, over('_base.yaml', '_other.yaml'))];
    const plan = planOfEdit(brands, { ...brands, '_base.yaml': base }, widgets);
    expect(releasesOf(plan)).toMatchObject([
      { path: '/bubble_text', fragments: [{ file: '_base.yaml', isAll: true }] },
    ]);
  });

  test('is put down to no fragment where 3 of 13 drop a field of their own', () => {
    const own = { bubble_text: 'Hi' };
    const before = composed(files, [...times(3, { ...plain, own }), ...times(10, plain)]);
    const plan = planBetween(before, composed(files, times(13, plain)));
    expect(releasesOf(plan)).toEqual([
      { path: '/bubble_text', files: filesOf(0, 1, 2), fragments: [] },
    ]);
    expect(reachOf(plan)).toMatchObject([{ changes: 0 }, { changes: 0 }]);
  });

  test('is told of two only where a fragment reaches no more', () => {
    const plan = planOfEdit(files, { '_base.yaml': base, '_brand.yaml': {} }, [
      ...times(2, plain),
      over('_base.yaml'),
    ]);
    expect(releasesOf(plan)).toEqual([
      {
        path: '/header_color',
        files: filesOf(0, 1),
        fragments: [{ file: '_brand.yaml', isAll: true }],
      },
    ]);
    const own = { bubble_text: 'Hi' };
    const before = composed(files, [...times(2, { ...plain, own }), plain]);
    expect(releasesOf(planBetween(before, composed(files, times(3, plain))))).toEqual([]);
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
