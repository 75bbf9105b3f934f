// A plan of widgets that extend a fragment, as people, programs and a pull request are shown it.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { Plan } from '../../src/model/plan.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { renderPlanMarkdown } from '../../src/render/comment/plan-markdown.ts';
import { planJson } from '../../src/render/plan-json.ts';
import { renderPlan } from '../../src/render/plan-text.ts';
import { changed, heldOf, recordOf, viewsOf } from '../plan/fixtures.ts';
import { composed, type WidgetOver } from '../support/composed.ts';

const rate = { limit: 5, windowMs: 1000 };
const options = { colour: false, directory: 'clients/oak/widgets', rate };
const brandFile = '../_brand.yaml';

const before = { widget_type: 'chat', header_color: '#1f2937', bubble_text: 'Hi' };
const after = { widget_type: 'chat', header_color: '#14532d' };

/** Four take what the brand says, one of which has an edit of its own, and one says otherwise. */
function planOf(now: JsonObject): Plan {
  const over = [brandFile];
  const widgets: WidgetOver[] = [
    { over },
    { over },
    { over },
    { own: { display_name: 'Ava' }, over },
    { own: { header_color: '#000000', bubble_text: 'Yo' }, over },
    { over },
  ];
  const past = composed(
    { [brandFile]: before },
    widgets.map(({ own, over }, n) => (n === 3 || own === undefined ? { over } : { own, over })),
  );
  const { documents, fragments, trace } = composed({ [brandFile]: now }, widgets);
  const [held, ...desired] = documents.toReversed();
  const views = viewsOf({
    desired,
    held: [heldOf(5, held?.file)],
    fragments,
    records: past.documents.map(recordOf),
  });
  return trace(makePlan(views, changed));
}

test('in a terminal each fragment has a line, and what is shared stands once', () => {
  const lines = renderPlan(planOf(after), options).split('\n');
  expect(lines.slice(0, 15)).toEqual([
    'clients/oak/_brand.yaml reaches 6 widgets: 4 change, 1 says otherwise itself, 1 is held',
    '× released by 4 widgets: bubble_text is set back to empty (all that clients/oak/_brand.yaml reaches, but for those that say it themselves or are held)',
    '',
    '(1) 4 changes share:',
    '    × bubble_text   "Hi" → null  (released)',
    '    ~ header_color  "#1f2937" → "#14532d"  clients/oak/_brand.yaml:2',
    '',
    '~ clients/oak/widgets/prod/w0.yaml  00000000  edited: 2 fields changed, see (1)',
    '~ clients/oak/widgets/prod/w1.yaml  00000001  edited: 2 fields changed, see (1)',
    '~ clients/oak/widgets/prod/w2.yaml  00000002  edited: 2 fields changed, see (1)',
    '~ clients/oak/widgets/prod/w3.yaml  00000003  edited: 3 fields changed, see (1)',
    '    + display_name  "Ava"  clients/oak/widgets/prod/w3.yaml:1',
    '',
    '! clients/oak/widgets/prod/w5.yaml  00000005  held (yaml-syntax): not YAML',
    '',
  ]);
});

test('a hostile name of a fragment does nothing to the terminal', () => {
  const file = '_\u001b[2Jbrand.yaml';
  const { documents, fragments, trace } = composed({ [file]: after }, [{ over: [file] }]);
  const text = renderPlan(
    trace(makePlan(viewsOf({ desired: documents, fragments }), changed)),
    options,
  );
  expect(text).not.toContain('\u001b');
  expect(text).toContain('_\\u001b[2Jbrand.yaml:2');
});

test('as JSON each field of a change has its place, and each fragment its numbers', () => {
  const { fragments, changes } = planJson(planOf(after), rate);
  expect(fragments).toEqual([{ file: brandFile, widgets: 6, changes: 4 }]);
  expect(changes[3]?.fields).toEqual([
    { path: '/bubble_text', from: 'Hi', to: null, by: 'git', released: true },
    {
      path: '/display_name',
      to: 'Ava',
      by: 'git',
      origin: { file: 'prod/w3.yaml', line: 1, column: 1 },
    },
    {
      path: '/header_color',
      from: '#1f2937',
      to: '#14532d',
      by: 'git',
      origin: { file: brandFile, line: 2, column: 1 },
    },
  ]);
});

test('JSON of a tree without fragments does not speak of them', () => {
  const { documents } = composed({}, [{ own: after, over: [] }]);
  const json = planJson(makePlan(viewsOf({ desired: documents }), changed), rate);
  expect(Object.keys(json)).not.toContain('fragments');
  expect(JSON.stringify(json)).not.toContain('origin');
});

test('in a comment the lines stand above the folds, and what is shared has a fold of its own', () => {
  const comment = renderPlanMarkdown(planOf(after), {
    ...{ directory: options.directory, rate, problems: [], notes: [], pictures: null },
    refusal: { changes: 40, most: 10, limit: 'auto' },
  });
  expect(comment).toContain(
    '`clients/oak/_brand.yaml` reaches 6 widgets: 4 change, 1 says otherwise itself, 1 is held<br>' +
      'released by 4 widgets: bubble&#95;text is set back to empty (all that clients/oak/&#95;brand.yaml reaches, but for those that say it themselves or are held)\n',
  );
  expect(comment).toContain(
    'this tree uses fragments, where `--max-changes` allows 10 unless told otherwise: nothing would be sent.',
  );
  expect(comment).toContain(
    [
      '#### Shared by many',
      '',
      '<details>',
      '<summary>(1) 4 changes share: bubble&#95;text, header&#95;color</summary>',
      '',
      '| field | now | after |',
      '|---|---|---|',
      '| `bubble_text`<br><i>released</i> | Hi | <i>empty</i> |',
      '| `header_color`<br>`clients/oak/_brand.yaml:2` | `#1f2937` | `#14532d` |',
      '',
      '</details>',
    ].join('\n'),
  );
  expect(comment).toContain(
    '<code>clients/oak/widgets/prod/w0.yaml</code> · chat · edited: 2 fields changed, see (1)\n',
  );
  expect(comment).toContain('edited: 3 fields changed (display&#95;name), see (1)</summary>');
});

test('a change that has all in common with others keeps its pictures', () => {
  const comment = renderPlanMarkdown(planOf(after), {
    ...{ directory: options.directory, rate, problems: [], notes: [], refusal: null },
    pictures: 'https://pictures.example',
  });
  expect(comment.match(/after\.svg/g)).toHaveLength(4);
});

test('what one mistake holds stands once, with the fragment as the user names it, and others alone', () => {
  const over = [brandFile];
  const { documents, fragments } = composed({ [brandFile]: before }, [
    { over },
    { over },
    { over },
  ]);
  const message = '../_brand.yaml, line 2: unknown field x';
  const broken = documents.map(({ file }, n) => ({
    ...heldOf(n, file),
    ...{ code: 'broken-fragment' as const, message },
  }));
  const plan = (held: typeof broken) =>
    makePlan(viewsOf({ desired: [], held, fragments, records: [] }), changed);
  const files = documents.map(({ file }) => `clients/oak/widgets/${file}`);
  const words = 'held (broken-fragment): clients/oak/_brand.yaml, line 2: unknown field x';
  expect(renderPlan(plan(broken), options).split('\n').slice(0, 2)).toEqual([
    `! 3 widgets ${words}`,
    `    ${files.join(', ')}`,
  ]);
  const rows = renderPlan(plan(broken.slice(1)), options)
    .split('\n')
    .slice(0, 2);
  for (const row of rows)
    expect(row).toMatch(new RegExp(`^! clients/.* ${words.replace(/[()]/g, '.')}$`));
  expect(planJson(plan(broken), rate).held).toHaveLength(3);
});
