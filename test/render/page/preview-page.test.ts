import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { registerSecret } from '../../../src/base/secrets.ts';
import { diffFields } from '../../../src/model/diff-fields.ts';
import type { Problem } from '../../../src/model/document.ts';
import { html, nothing } from '../../../src/render/page/html.ts';
import type {
  PreviewModel,
  PreviewWidget,
  WidgetBodies,
} from '../../../src/render/page/preview-model.ts';
import {
  type Following,
  previewPage,
  widgetsOnPage,
} from '../../../src/render/page/preview-page.ts';
import { anyCharacter } from '../../support/any-character.ts';
import { law } from '../../support/law.ts';
import { widgetId } from '../../support/sandbox.ts';

type Some = Partial<Omit<PreviewWidget, 'bodies'> & Pick<WidgetBodies, 'before' | 'after'>>;

function widget(n: number, { before = null, ...more }: Some = {}): PreviewWidget {
  const { after = { widget_type: 'chat', name: `w${n}` }, ...rest } = more;
  const changes = before === null || after === null ? [] : diffFields(before, after);
  return {
    widgetId: widgetId(n),
    file: `w${n}.yaml`,
    status: 'same',
    bodies: { before, after, declared: after, changes },
    held: null,
    problems: [],
    uncompared: null,
    ...rest,
  };
}

function model(widgets: readonly PreviewWidget[], more: Partial<PreviewModel> = {}): PreviewModel {
  return {
    directory: 'widgets',
    revision: null,
    before: { kind: 'applied', state: '.widget-sync' },
    widgets,
    leftOut: 0,
    orphaned: [],
    problems: [],
    unsettled: null,
    ...more,
  };
}

function problem(more: Partial<Problem> = {}): Problem {
  const range = { start: { line: 3, column: 15 }, end: { line: 3, column: 19 } };
  const said = { summary: 'it is wrong', detail: 'Mend it.' };
  return { severity: 'error', code: 'unknown-field', file: 'w0.yaml', range, ...said, ...more };
}

const asServed: Following = { version: 1, query: '', page: 1 };

interface Shown {
  readonly following?: Following | null;
  readonly line?: string | null;
}

function page(shown: PreviewModel, { following = asServed, line = null }: Shown = {}): string {
  return previewPage(shown, {
    head: nothing,
    addressOf: () => '/p.svg',
    sourceLine: () => line,
    following,
  });
}

/** What a person reads, in order. */
function textOf(markup: string): string {
  const text = markup.replace(/<title>.*?<\/title>/, '').replace(/<[^>]*>/g, ' ');
  const plain = text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => signs[name] ?? '');
  return plain.replace(/\s+/g, ' ').trim();
}

const signs: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  amp: '&',
};

describe('the template', () => {
  test('escapes what it is given, and nothing of its own', () => {
    const made = html`<p title="${`"'<>&`}">${[html`<b>${'a<b'}</b>`, 1, null, false, ['x', '&']]}</p>`;
    expect(made.markup).toBe('<p title="&quot;&#39;&lt;&gt;&amp;"><b>a&lt;b</b>1x&amp;</p>');
  });

  law.prop([fc.string({ unit: anyCharacter })])('never lets a text become markup', (text) => {
    expect(html`<p title="${text}">${text}</p>`.markup).toMatch(/^<p title="[^"<>]*">[^<>]*<\/p>$/);
  });

  test('hides a key, and shows what would reorder the page', () => {
    onTestFinished(registerSecret('in-s3cr3t+Zq7Wv"9LmXk2='));
    expect(html`${'a in-s3cr3t+Zq7Wv"9LmXk2= b\u202ec'}`.markup).toBe('a [api key] b\\u202ec');
  });
});

describe('a page', () => {
  test('tells at its top what it compares, and how many differ', () => {
    const shown = model([
      widget(0, { status: 'changed', before: { widget_type: 'chat', name: 'other' } }),
      widget(1),
      widget(2),
    ]);
    expect(textOf(page({ ...shown, revision: 'a1b2c3d4e5f6a7b8' }))).toMatch(
      /^Skip to the widgets Preview widgets at a1b2c3d4e5f6 , compared with what was applied last \( .widget-sync \) Find a widget Find 1 changed 2 as before What differs w0 /,
    );
    expect(page(shown)).toContain(
      '<title>1 changed, 2 as before (3 widgets) – preview of widgets</title>',
    );
  });

  test.each([
    [
      { kind: 'live', apiUrl: 'https://a.test' } as const,
      /compared with what is live at https:\/\/a\.test/,
    ],
    [{ kind: 'directory', directory: 'base' } as const, /compared with the files in base/],
    [
      { kind: 'nothing', state: 's' } as const,
      /no widget was applied yet with the state in s \. With --before live or --before <dir>/,
    ],
  ])('says what it is compared with: %j', (before, words) => {
    expect(textOf(page(model([widget(0)], { before })))).toMatch(words);
  });

  test('says so where nothing is left', () => {
    expect(textOf(page(model([widget(0)])))).toContain('Nothing is left to be applied');
    const left = model([], { leftOut: 3 });
    expect(textOf(page(left))).toMatch(
      /3 as before Nothing is left to be applied(?!.*nothing to show)/,
    );
    expect(page(left)).toContain('<title>nothing differs (3 widgets) – ');
    const faulty = model([widget(0)], { problems: [problem({ file: 'x.yaml' })] });
    expect(textOf(page(faulty))).not.toContain('Nothing is left');
    const broken = widget(1, { status: 'broken' });
    expect(textOf(page(model([broken, widget(0)])))).not.toContain('Nothing is left');
  });

  test('says what to do where there is no widget', () => {
    expect(textOf(page(model([])))).toMatch(
      /nothing to show in widgets .*widget-sync import widgets/,
    );
  });

  test('says why the files cannot be read, and what stands below', () => {
    const box = (widgets: readonly PreviewWidget[]) =>
      />([^>]*)</.exec(
        page(model(widgets, { unsettled: 'It is gone.' })).split('role="alert"')[1] ?? '',
      )?.[1];
    expect(box([widget(0)])).toBe('It is gone. Below is what the files said last.');
    expect(box([])).toBe('It is gone.');
  });

  test('tells of widgets that no file declares any more', () => {
    const orphaned = [
      { widgetId: widgetId(7), file: 'old.yaml', name: 'Olga' },
      { widgetId: widgetId(8), file: null, name: null },
    ];
    const shown = model([widget(0)], { orphaned });
    expect(textOf(page(shown))).toMatch(
      new RegExp(
        `1 as before 2 with no file any more .*No file any more Olga old.yaml : stays as it is ${widgetId(8)} : stays as it is`,
      ),
    );
    expect(textOf(page(shown))).not.toContain('Nothing is left');
    expect(page(shown)).toContain(
      '<title>nothing differs (1 widget), 2 with no file any more – preview of widgets</title>',
    );
  });

  test('keeps apart what differs, what is to be mended, and what waits', () => {
    const statuses = ['changed', 'new', 'broken', 'alone', 'waiting', 'same'] as const;
    const shown = model(statuses.map((status, n) => widget(n, { status })));
    const titles = [...page(shown).matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'What differs',
      'To be mended',
      'Not compared',
      'Waiting',
      'As before',
    ]);
    expect(page(shown)).toContain(
      '<title>1 changed, 1 new, 1 to be mended, 1 not compared, 1 waiting, 1 as before (6 widgets) – ',
    );
  });

  test('lists problems of files that are no widget', () => {
    const text = textOf(page(model([widget(0)], { problems: [problem({ file: 'x.yaml' })] })));
    expect(text).toContain('1 as before 1 file that could not be used 1 error');
    expect(text).toMatch(
      /Files that could not be used Error: it is wrong .*x\.yaml:3:15 Mend it\./,
    );
  });

  test('finds by name, file and id, and says where nothing is found', () => {
    const shown = model([
      widget(0, { after: { name: 'Ava at Fernwood' } }),
      widget(1, { file: 'dental/Fern.yaml' }),
      widget(2),
    ]);
    const found = (query: string) =>
      [
        ...page(shown, { following: { ...asServed, query } }).matchAll(/<article id="w-(\S{8})/g),
      ].map(([, id]) => Number.parseInt(id ?? '', 16));
    expect(found('fern')).toEqual([0, 1]);
    expect(found(' W2.y ')).toEqual([2]);
    expect(found(widgetId(1).toUpperCase())).toEqual([1]);
    const none = page(shown, { following: { ...asServed, query: '<none>' } });
    expect(textOf(none)).toContain('No widget has “<none>” in its name, file or id.');
  });

  test('shows so many widgets at once, and links to the others', () => {
    const shown = model(Array.from({ length: widgetsOnPage + 1 }, (_, n) => widget(n)));
    const articles = (markup: string) => markup.match(/<article/g)?.length;
    const first = page(shown, { following: { ...asServed, query: '.yaml' } });
    expect(articles(first)).toBe(widgetsOnPage);
    expect(first).toContain('<a href="/?q=.yaml&amp;page=2">Next</a>');
    for (const asked of [2, 999]) {
      const second = page(shown, { following: { ...asServed, page: asked } });
      expect(articles(second)).toBe(1);
      expect(second).toContain('<a href="/?page=1">Previous</a>');
    }
    expect(articles(page(shown, { following: null }))).toBe(widgetsOnPage + 1);
  });

  test('that stands for itself has no script, form or address', () => {
    const markup = page(model([widget(0)]), { following: null });
    expect(markup).not.toMatch(/<(script|form|link)|href="(?!#)/);
  });
});

describe('a widget', () => {
  const before = {
    widget_type: 'chat',
    header_color: '#14532d',
    intro_message: 'Ask me about boots and tents today',
    user_opening_messages: ['One', 'Two'],
    org_id: 'a',
  };
  const after = {
    widget_type: 'chat',
    header_color: '#7c2d12',
    intro_message: 'Ask me about boots and maps today',
    user_opening_messages: ['Two', 'Three'],
    org_id: 'b',
  };
  const changed = widget(0, { status: 'changed', before, after });

  test('shows each change with its number, by its kind', () => {
    const markup = page(model([changed]));
    const [, legend = ''] = /<ol class="legend">(.*?)<\/ol>/s.exec(markup) ?? [];
    const rows = legend.split('<li><span class="badge">').slice(1);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(
      /^1<.*header_color<.*<del><svg[^>]*><rect [^>]*fill="#14532d"\/><\/svg><bdi>#14532d<.*<ins>.*fill="#7c2d12".*#7c2d12</s,
    );
    expect(rows[1]).toContain('Ask me about boots and <del>tents</del><ins>maps</ins> today');
    expect(rows[2]).toMatch(/<li><del><bdi>One<.*<li><ins><bdi>Three</);
    expect(textOf(markup)).toMatch(/Not in the picture org_id a b/);
    expect(markup.match(/<img/g)).toHaveLength(2);
  });

  test('says which values no file declares, or are nothing', () => {
    const [from, to] = [{ bubble_text: 'Hi' }, { intro_message: 'Ho', bubble_text: null }];
    const markup = page(model([widget(0, { status: 'changed', before: from, after: to })]));
    expect(markup).toMatch(
      /intro_message<.*<p class="value"><i>not declared<\/i><\/p>.*<ins><bdi>Ho</s,
    );
    expect(markup).toMatch(/bubble_text<.*<del><bdi>Hi<.*<ins><bdi>null</s);
  });

  test.each<[string, Some, RegExp]>([
    ['is new', { status: 'new' }, /Web chat new here As the file declares it/],
    [
      'is suspended',
      { status: 'waiting', held: { code: 'suspended', message: 'sync.suspend is true' } },
      /Waiting w0 .* suspended Not applied for now: sync\.suspend is true\. This is what waits\./,
    ],
    [
      'has a broken file',
      { status: 'broken', problems: [problem()] },
      /file to be mended Error: it is wrong .* As the file was when it could be used last/,
    ],
    [
      'is not compared',
      { status: 'alone', uncompared: 'cannot be compared: a.yaml cannot be used in base' },
      /1 not compared .*Not compared w0 .*Cannot be compared: a\.yaml cannot be used in base\./,
    ],
    [
      'was never seen whole',
      { status: 'broken', after: null, problems: [problem()] },
      /There is no picture yet/,
    ],
    [
      'has a warning',
      { problems: [problem({ severity: 'warning', summary: 'mind that' })] },
      /Warning: mind that/,
    ],
  ])('that %s says so', (_, more, words) => {
    expect(textOf(page(model([widget(0, more)])))).toMatch(words);
  });

  test.each([
    ['changed', 'After this change', 'after this change'],
    ['waiting', 'After the suspension', 'after the suspension'],
    [
      'broken',
      'As the file was when it could be used last',
      'as the file was when it could be used last',
    ],
  ] as const)('that is %s says so of its second picture', (status, caption, alt) => {
    const markup = page(model([{ ...changed, status }]));
    const captions = [...markup.matchAll(/<figcaption>(.*?)<\/figcaption>/g)].map(([, one]) => one);
    expect(captions).toEqual(['Now', caption]);
    expect(markup).toContain(`alt="w0.yaml, ${alt}"`);
  });

  test('tells of no field both that it changes and that it is kept', () => {
    const from = { widget_type: 'chat', bubble_text: 'Hi', intro_message: 'Ho' };
    const to = { ...from, bubble_text: null };
    const bodies = { before: from, after: to, declared: { widget_type: 'chat' } };
    const shown = { ...widget(0), bodies: { ...bodies, changes: diffFields(from, to) } };
    const [kept] = /kept as the dashboard has it: [\w, ]+/.exec(page(model([shown]))) ?? [''];
    expect(kept).toContain('intro_message');
    expect(kept).not.toContain('bubble_text');
  });

  test('shows the colours that a problem tells of', () => {
    const problems = [
      problem({ summary: '#14532d on white', detail: 'color: "#00893A" would do.' }),
    ];
    const shown = page(model([widget(0, { problems })])).matchAll(
      /<svg[^>]*><rect[^>]* fill="(.*?)"\/><\/svg>(.{9})/g,
    );
    expect([...shown].map(([, fill, text]) => [fill, text])).toEqual([
      ['#14532d', '#14532d o'],
      ['#00893A', '&quot;#00'],
    ]);
  });

  test('shows the line that a problem points at', () => {
    const shown = model([widget(0, { status: 'broken', problems: [problem()] })]);
    expect(page(shown, { line: 'header_color: blue-ish # <b>' })).toContain(
      '<span class="line">3</span> header_color: <mark>blue</mark>-ish # &lt;b&gt;</code>',
    );
    expect(page(shown, { line: `${'x'.repeat(500)}\n` }).length).toBeLessThan(
      page(shown).length + 700,
    );
  });

  test('never shows a line of a file that holds a key', () => {
    const problems = [problem(), problem({ code: 'holds-key' })];
    const line = 'header_color: in-0123456789abcdef0123';
    expect(page(model([widget(0, { problems })]), { line })).not.toContain('<pre');
    expect(page(model([widget(0, { problems: [problem()] })]), { line })).not.toContain('<pre');
  });
});

const anyText = fc.string({
  unit: fc.oneof(anyCharacter, fc.constantFrom('<', '>', '"', "'", '&')),
});
const anyBody: fc.Arbitrary<JsonObject> = fc.record({
  widget_type: fc.oneof(fc.constant('chat'), anyText),
  name: anyText,
  intro_message: anyText,
  header_color: anyText,
  user_opening_messages: fc.array(anyText, { maxLength: 3 }),
  attributes: fc.dictionary(anyText, anyText, { maxKeys: 3 }),
});

law.prop([anyBody, anyBody, anyText])('no text of a file is markup', (before, after, text) => {
  const hostile = widget(0, {
    status: 'changed',
    before,
    after,
    file: text,
    problems: [problem({ file: text, summary: text, detail: text })],
  });
  const markup = page(
    model([hostile], { directory: text, before: { kind: 'directory', directory: text } }),
    { line: text },
  );
  const tags = markup.match(/<[^>]*>/g) ?? [];
  expect(markup.replace(/<[^>]*>/g, '')).not.toMatch(/[<>]/);
  for (const tag of tags) {
    expect(tag).toMatch(
      /^<(?:!doctype html|\/?[a-z][a-z0-9]*(?: [a-zA-Z-]+(?:="[^"<>]*")?)*\/?)>$/,
    );
    expect(tag).not.toMatch(/ (?:on[a-z]*|style|srcdoc)=/);
  }
});
