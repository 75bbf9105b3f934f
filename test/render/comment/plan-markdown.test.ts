// The plan as a comment: what it says, how long it gets, and that what files hold does nothing in it.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import type { Problem } from '../../../src/model/document.ts';
import type { Plan, Policy, Views } from '../../../src/model/plan.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import {
  type CommentOptions,
  longestComment,
  renderPlanMarkdown,
} from '../../../src/render/comment/plan-markdown.ts';
import {
  accountOf,
  changed,
  documentOf,
  heldOf,
  idOf,
  ignoring,
  recordOf,
  viewsOf,
} from '../../plan/fixtures.ts';
import { few } from '../../support/soak.ts';

const options: CommentOptions = {
  directory: 'widgets',
  rate: { limit: 5, windowMs: 1000 },
  problems: [],
  refusal: null,
  notes: [],
  pictures: null,
};

function comment(views: Views, more: Partial<CommentOptions> = {}, policy: Policy = changed) {
  return renderPlanMarkdown(makePlan(views, policy), { ...options, ...more });
}

const live: JsonObject = {
  widget_type: 'chat',
  name: 'Fernwood – web chat',
  header_color: '#14532d',
  bot_icon_color: 'rgb(22 163 74)',
  bubble_text: 'Need a hand?',
  intro_message: "Hi, I'm Ava! Ask me about an order.\nI know our boots by heart.\n",
  user_opening_messages: ['Where is my order?', 'Which boots for wet weather?', 'Returns?'],
  action_buttons: [{ label: 'Track my order', link: 'https://fernwood.example/orders' }],
  style_params: { size: 56 },
};

const story = viewsOf({
  desired: [
    documentOf(
      1,
      {
        ...live,
        header_color: '#1F2937',
        bot_icon_color: '#FFF',
        bubble_text: null,
        intro_message: "Hi, I'm Ava! Ask me about a return.\nI know our boots by heart.\n",
        user_opening_messages: [
          'Where is my order?',
          'Which boots for wet weather?',
          'Do you ship to Norway?',
          'Returns?',
        ],
        action_buttons: [{ label: 'Track it', link: 'https://fernwood.example/orders' }],
        style_params: { size: 64, shadow: true },
      },
      'ava.yaml',
    ),
    documentOf(2, { name: 'Ben', widget_type: 'sms', intro_message: 'Hello' }, 'new.yaml'),
    documentOf(3, { display_name: 'ours', header_color: '#222222' }, 'drifted.yaml'),
    documentOf(4, { name: 'same' }, 'adopted.yaml'),
    ignoring(documentOf(5, { name: 'x' }, 'ignored.yaml'), '/name'),
    documentOf(6, { name: 'ours' }, 'fought.yaml'),
  ],
  held: [heldOf(7, 'broken.yaml')],
  records: [
    recordOf(documentOf(1, live, 'ava.yaml')),
    recordOf(documentOf(3, { display_name: 'ours', header_color: '#222222' }, 'drifted.yaml')),
    recordOf(documentOf(5, { name: 'x' }, 'ignored.yaml')),
    { ...recordOf(documentOf(6, { name: 'ours' }, 'fought.yaml')), corrections: 5 },
    recordOf(documentOf(8, { name: 'old' }, 'old.yaml')),
  ],
  live: accountOf([
    [1, live],
    [2, { name: 'Ben', widget_type: 'chat', intro_message: '' }],
    [3, { display_name: 'theirs', header_color: '#222222' }],
    [4, { name: 'same' }],
    [5, { name: 'y' }],
    [6, { name: 'theirs' }],
    [7, { name: 'held' }],
    [8, { name: 'old' }],
  ]),
});

const warning: Problem = {
  severity: 'warning',
  code: 'low-contrast',
  file: 'ava.yaml',
  range: { start: { line: 7, column: 22 }, end: { line: 7, column: 31 } },
  summary: 'suggestions are hard to read',
  detail: 'ice_break_color #dcfce7 on white has contrast 1.0. ice_break_color: "#0a7d33" would do.',
};

const problem: Problem = {
  severity: 'error',
  code: 'unknown-field',
  file: 'broken.yaml',
  range: { start: { line: 3, column: 1 }, end: { line: 3, column: 9 } },
  summary: 'header_colour is no field of a widget',
  detail: 'Did you mean header_color?',
};

describe('a comment', () => {
  test('tells of every widget that is not as declared', async () => {
    const text = comment(story, {
      problems: [warning, problem],
      refusal: { changes: 3, most: 2 },
      notes: ['Note: a state directory would tell more.'],
      pictures: 'https://host/preview/pictures',
    });
    await expect(text).toMatchFileSnapshot('fixtures/plan.md');
  });

  test('where nothing changes is short', () => {
    const document = documentOf(1, { name: 'as it was' });
    expect(comment(viewsOf({ desired: [document], records: [recordOf(document)] }))).toBe(
      '<!-- widget-sync plan -->\n### No changes. 1 widget is as git declares it.\n\nCost: no requests\n',
    );
  });
});

/** What is said of so many widgets: those that are shown, and the sum of those that are not. */
function countIn(text: string): { readonly shown: number; readonly more: number } {
  const more = [...text.matchAll(/^… and (\d+) more /gm)].map(([, amount]) => Number(amount));
  return {
    shown: [...text.matchAll(/<code>widgets\/w\d+\.yaml<\/code>/g)].length,
    more: more.reduce((sum, one) => sum + one, 0),
  };
}

function manyChanges(amount: number, textOf: (n: number) => string | string[]): Plan {
  const numbers = Array.from({ length: amount }, (_, n) => n + 1);
  const body = (n: number, words: string): JsonObject => ({
    name: `Widget ${n}`,
    header_color: words === 'old' ? '#14532d' : '#1f2937',
    intro_message: words === 'old' ? 'old' : textOf(n),
  });
  return makePlan(
    viewsOf({
      desired: numbers.map((n) => documentOf(n, body(n, 'new'))),
      records: numbers.map((n) => recordOf(documentOf(n, body(n, 'old')))),
      held: [heldOf(null, 'broken.yaml')],
    }),
    changed,
  );
}

describe('a comment is never too long', () => {
  test.each([1, 60, 300, few(1000, { soak: 5000 })])('of %i changes', (amount) => {
    const text = renderPlanMarkdown(
      manyChanges(amount, (n) => `Hello ${n}. `.repeat(9)),
      options,
    );
    expect(text.length).toBeLessThanOrEqual(longestComment);
    const { shown, more } = countIn(text);
    expect(shown + more).toBe(amount);
    if (amount >= 300) expect(text.length).toBeGreaterThan(longestComment - 2000);
    else expect(more).toBe(0);
    // Each is whole, and what is wrong is not crowded out.
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    expect(text.match(/<details>/g)?.length).toBe(shown);
    expect(text).toContain('<code>widgets/broken.yaml</code>');
  });

  test('one widget that alone is too large is named with its counts', () => {
    const messages = Array.from({ length: 50 }, () => 'word @user '.repeat(100));
    const plan = manyChanges(3, (n) => (n === 2 ? messages : 'short'));
    const text = renderPlanMarkdown(plan, options);
    expect(text.length).toBeLessThan(5000);
    expect(text).toMatch(
      /^- <b>Widget 2<\/b> · <code>widgets\/w2\.yaml<\/code> · edited: 2 fields changed \(header&#95;color, intro&#95;message\) – too large to be shown here \([\d,]+ characters\): see `widget-sync plan`$/m,
    );
    expect(countIn(text)).toEqual({ shown: 3, more: 0 });
  });

  test('of one text that is too long has the beginning, and how much is missing', () => {
    const plan = manyChanges(3, (n) => (n === 2 ? 'words that are many '.repeat(9000) : 'short'));
    const text = renderPlanMarkdown(plan, options);
    expect(text.length).toBeLessThan(9000);
    expect(text).toContain('<i>… 178000 more characters …</i>');
    expect(text.match(/words that are many/g)).toHaveLength(100);
  });

  test('of many of everything has room for each section', () => {
    const numbers = Array.from({ length: 900 }, (_, n) => n + 1);
    const text = comment(
      viewsOf({
        desired: numbers.map((n) => documentOf(n, { name: 'x'.repeat(200) })),
        held: numbers.map((n) => heldOf(n + 2000, `h${n}.yaml`)),
      }),
      { problems: numbers.map((line) => ({ ...problem, detail: `Line ${line}. `.repeat(9) })) },
    );
    expect(text.length).toBeLessThanOrEqual(longestComment);
    expect(text.match(/^#### .*$/gm)).toEqual(['#### To update', '#### Held', '#### Problems']);
    expect(text.match(/^… and \d+ more (?:widgets|files|problems)$/gm)).toHaveLength(3);
  });
});

test('pictures are addressed by the id of their widget, inactive in an attribute', () => {
  const text = comment(story, { pictures: 'https://host/a|b\'(c)&d/"x' });
  const address = `https://host/a&#124;b&#39;&#40;c&#41;&#38;d/&#34;x/${idOf(1)}`;
  expect(text).toContain(`<img alt="now" width="400" src="${address}/before.svg">`);
  expect(text).toContain(`<img alt="after" width="400" src="${address}/after.svg">`);
  expect(comment(story)).not.toContain('<img');
  const unrecorded = viewsOf({
    desired: [documentOf(1, { name: 'A' })],
    live: accountOf([[1, {}]]),
  });
  const ofNew = comment(unrecorded, { pictures: 'https://host' });
  expect([...ofNew.matchAll(/(\w+)\.svg/g)].map(([, name]) => name)).toEqual(['after']);
});
