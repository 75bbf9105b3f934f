// A plan whose files, names, values and messages are hostile: as a comment it is the product's own Markdown
// and nothing else. Judged by its lines, and on a machine that has it by cmark-gfm, GitHub's own parser.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { renderPlanMarkdown } from '../../../src/render/comment/plan-markdown.ts';
import { accountOf, changed, documentOf, heldOf, recordOf, viewsOf } from '../../plan/fixtures.ts';
import { activeOnPage, anyHostileText } from '../../support/hostile-markdown.ts';
import { law } from '../../support/law.ts';

const anyHostileBody: fc.Arbitrary<JsonObject> = fc.record({
  name: anyHostileText,
  display_name: anyHostileText,
  header_color: anyHostileText,
  intro_message: anyHostileText,
  user_opening_messages: fc.array(anyHostileText, { maxLength: 4 }),
  action_buttons: fc.array(fc.dictionary(anyHostileText, anyHostileText, { maxKeys: 3 }), {
    maxLength: 3,
  }),
  style_params: fc.dictionary(anyHostileText, anyHostileText, { maxKeys: 3 }),
}) as fc.Arbitrary<JsonObject>;

const anyHostileComment = fc
  .record({
    before: anyHostileBody,
    after: anyHostileBody,
    live: anyHostileBody,
    said: anyHostileText,
    file: anyHostileText,
  })
  .map(({ before, after, live, said, file }) => {
    const views = viewsOf({
      desired: [documentOf(1, after, `${file}.yaml`), documentOf(2, after, 'b.yaml')],
      held: [{ ...heldOf(3, `h${file}.yaml`), message: said }],
      records: [recordOf(documentOf(1, before)), recordOf(documentOf(2, after))],
      live: accountOf([
        [1, live],
        [2, live],
      ]),
    });
    const range = { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };
    const code = 'yaml-syntax' as const;
    return renderPlanMarkdown(makePlan(views, changed), {
      directory: `w ${file}`,
      rate: { limit: 5, windowMs: 1000 },
      problems: [{ severity: 'error', code, file, range, summary: said, detail: said }],
      refusal: { changes: 2, most: 1 },
      notes: [`Note: ${said}`],
      pictures: null,
    });
  });

const codeSpan = /`[^`]+`/g;
const ownTags = /<\/?(?:details|summary|code|b|i|br|del|ins|span)>/g;
const ownLines =
  /^(?:|<!-- widget-sync plan -->|#{3,4} .*|Visible .*|Cost: .*|Note: .*|Checksum: .*|⛔ .*|<details>|<\/details>|<summary>.*<\/summary>|\|.*\||- .*)$/;

law.prop([anyHostileComment], { numRuns: 120 })('every line is one that a plan has', (comment) => {
  const lines = comment.split('\n');
  expect(lines.filter((line) => !ownLines.test(line))).toEqual([]);
  const bare = lines.slice(1).map((line) => line.replace(codeSpan, '').replace(ownTags, ''));
  expect(bare.filter((line) => /[<>`\\]/.test(line))).toEqual([]);
  const rows = bare.filter((line) => line.startsWith('|'));
  expect(rows.filter((row) => row.split('|').length !== 5)).toEqual([]);
  expect(comment.match(/^<!--/gm)).toHaveLength(1);
  // In code, too: a reply by mail has the words and not the form.
  expect(comment).not.toMatch(/@|&#64;(?!&#8203;)/);
});

const cmark = [
  '-e',
  'table',
  '-e',
  'autolink',
  '-e',
  'strikethrough',
  '-e',
  'tasklist',
  '--unsafe',
];
const hasCmark = spawnSync('cmark-gfm', ['--version']).status === 0;

describe.skipIf(!hasCmark)('rendered by cmark-gfm (skipped where it is not installed)', () => {
  test('there is no link, picture or tag that a plan does not have, and no text that becomes one', () => {
    const comments = fc.sample(anyHostileComment, { numRuns: 50, seed: 4711 });
    const page = spawnSync('cmark-gfm', cmark, { input: comments.join('\n\n'), encoding: 'utf8' });
    expect(page.stderr).toBe('');
    const html = page.stdout.replaceAll('<!-- widget-sync plan -->', '');
    const tags = new Set([...html.matchAll(/<\/?([a-z0-9]+)[^>]*>/gi)].map(([, name]) => name));
    expect([...tags].sort()).toEqual(
      'b br code del details h3 h4 i ins li p span strong summary table tbody td th thead tr ul'.split(
        ' ',
      ),
    );
    expect(html.match(/<\w+ [^>]*>/g) ?? []).toEqual([]);
    expect(html.match(/<details>/g)?.length).toBe(html.match(/<\/details>/g)?.length);
    const texts = html
      .replaceAll(/<code>.*?<\/code>|<span>(?:\$|&#36;)<\/span>/gs, '<br>')
      .split(/<[^>]*>/);
    expect(texts.map(read).filter((text) => activeOnPage(text).length > 0)).toEqual([]);
  });
});

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

function read(html: string): string {
  return html
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/&(amp|lt|gt|quot);/g, (_, name: string) => named[name] ?? '');
}
