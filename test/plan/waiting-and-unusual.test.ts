// What a plan says beside what it would do: what waits in suspended files, what is unusual, and that
// nothing is known of earlier runs.
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import type { HeldFile, WidgetDocument } from '../../src/model/document.ts';
import type { Views } from '../../src/model/plan.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { planJson } from '../../src/render/plan-json.ts';
import { renderPlan } from '../../src/render/plan-text.ts';
import { isUnusual } from '../../src/render/unusual-changes.ts';
import { accountOf, changed, documentOf, heldOf, recordOf, viewsOf } from './fixtures.ts';

const rate = { limit: 5, windowMs: 1000 };

function suspended(waiting: WidgetDocument): HeldFile {
  const { file, widgetId } = waiting;
  return { file, widgetId, code: 'suspended', message: 'the spring page', waiting };
}

function shown(views: Views): string[] {
  const options = { colour: false, directory: 'widgets', rate };
  return renderPlan(makePlan(views, changed), options).split('\n');
}

describe('a suspended file', () => {
  const declared = documentOf(1, { widget_type: 'chat', header_color: '#222', name: 'Ava' });
  const held = [suspended(declared)];

  test('shows what waits: against what is live, and who moved it', () => {
    const records = [recordOf(documentOf(1, { widget_type: 'chat', header_color: '#111' }))];
    const live = accountOf([[1, { widget_type: 'chat', header_color: '#333', name: 'Eva' }]]);
    const views = viewsOf({ held, records, live });
    expect(shown(views).slice(0, 3)).toEqual([
      '! widgets/w1.yaml  00000001  held (suspended): the spring page; what waits: 2 fields',
      '    ~ header_color  "#333" → "#222"  (changed in git and in the dashboard; git wins)',
      '    ~ name          "Eva" → "Ava"',
    ]);
    const plan = planJson(makePlan(views, changed), rate);
    expect(plan.changes).toEqual([]);
    expect(plan.held[0]?.fields).toEqual([
      { path: '/header_color', from: '#333', to: '#222', by: 'both' },
      { path: '/name', from: 'Eva', to: 'Ava', by: 'git' },
    ]);
  });

  test('shows what waits against the record where nothing is read', () => {
    const before = { widget_type: 'chat', header_color: '#222', name: 'Eva' };
    const views = viewsOf({ held, records: [recordOf(documentOf(1, before))] });
    expect(shown(views)[1]).toBe('    ~ name  "Eva" → "Ava"');
  });

  test('of a widget as it declares it says that nothing waits', () => {
    const live = accountOf([[1, { widget_type: 'chat', header_color: '#222', name: 'Ava' }]]);
    expect(shown(viewsOf({ held, live }))[0]).toMatch(/the spring page; nothing waits$/);
  });

  test('says nothing of a widget that the account does not have', () => {
    const plan = makePlan(viewsOf({ held, live: accountOf([[1, 'absent']]) }), changed);
    expect(planJson(plan, rate).held).toEqual([
      {
        widget_id: declared.widgetId,
        file: 'w1.yaml',
        code: 'suspended',
        message: 'the spring page',
      },
    ]);
  });

  test('that meets a bug where it is compared holds its widget alone, and the bug is told', () => {
    const bug = new RangeError('Maximum call stack size exceeded');
    const body: JsonObject = {
      get name(): string {
        throw bug;
      },
    };
    const live = accountOf([
      [1, body],
      [2, { name: 'Ben' }],
    ]);
    const desired = [documentOf(2, { name: 'Bea' })];
    const plan = makePlan(viewsOf({ desired, held, live }), changed);
    const { widgetId } = declared;
    const message = expect.stringContaining(bug.message);
    expect(plan.held).toEqual([{ widgetId, file: 'w1.yaml', code: 'unexpected-error', message }]);
    expect(plan.bugs).toEqual([{ widgetId, file: 'w1.yaml', error: bug }]);
    expect(plan.changes.map(({ file }) => file)).toEqual(['w2.yaml']);
  });

  test('changes nothing about the checksum: it is not what the plan does', () => {
    const other = [suspended(documentOf(1, { name: 'Bea' }))];
    const sums = [held, other].map((files) => makePlan(viewsOf({ held: files }), changed).checksum);
    expect(sums[0]).toBe(sums[1]);
  });
});

describe('a change of widget_type', () => {
  test('is marked as the unusual thing it is', () => {
    const records = [recordOf(documentOf(1, { widget_type: 'chat' }))];
    const views = viewsOf({ desired: [documentOf(1, { widget_type: 'whatsapp' })], records });
    const lines = shown(views);
    expect(lines[1]).toBe(
      '    ~ widget_type  "chat" → "whatsapp"  (unusual: another kind of widget)',
    );
    expect(lines.find((line) => line.startsWith('Unusual:'))).toBe(
      'Unusual: 1 widget would become another kind of widget (widget_type): ' +
        'check that its widget_id is the one that is meant',
    );
    expect(planJson(makePlan(views, changed), rate).changes[0]?.fields).toEqual([
      { path: '/widget_type', from: 'chat', to: 'whatsapp', by: 'git', unusual: true },
    ]);
  });

  test.each<[string, Json | undefined, Json | undefined, boolean]>([
    ['/widget_type', 'chat', 'whatsapp', true],
    ['/widget_type', 'chat', null, true],
    ['/widget_type', null, 'chat', false],
    ['/widget_type', undefined, 'chat', false],
    ['/attributes/widget_type', 'chat', 'whatsapp', false],
    ['/name', 'chat', 'whatsapp', false],
  ])('%s from %j to %j', (path, from, to, unusual) => {
    const field = { path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    expect(isUnusual(field)).toBe(unusual);
  });
});

test.each<[string, Partial<Parameters<typeof viewsOf>[0]>, boolean]>([
  ['no widget is declared', {}, false],
  ['files are declared and nothing is recorded', { desired: [documentOf(1, {})] }, true],
  [
    'what is recorded is of other widgets',
    { desired: [documentOf(1, {})], records: [recordOf(documentOf(2, {}))] },
    true,
  ],
  [
    'one of them is recorded',
    { desired: [documentOf(1, {}), documentOf(2, {})], records: [recordOf(documentOf(2, {}))] },
    false,
  ],
  [
    'one that is held is recorded',
    { desired: [documentOf(1, {})], held: [heldOf(2)], records: [recordOf(documentOf(2, {}))] },
    false,
  ],
  ['all files are held', { held: [heldOf(2)] }, false],
])('whether nothing is recorded: %s', (_, parts, expected) => {
  expect(makePlan(viewsOf(parts), changed).isNothingRecorded).toBe(expected);
});
