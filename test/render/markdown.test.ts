// Whatever a text holds, GitHub and GitLab read it as its signs and nothing else.
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { registerSecret } from '../../src/base/secrets.ts';
import { printable } from '../../src/base/text.ts';
import { markdownCode, markdownText } from '../../src/render/markdown.ts';
import { activeIn, anyHostileText, shownAs } from '../support/hostile-markdown.ts';
import { law } from '../support/law.ts';

describe('a text', () => {
  test.each([
    ['Need a hand?', 'Need a hand?'],
    ['We open at 10:30, 2026-03-01 (Monday); call 555-0100.', null],
    ['日本語 – Ünïcödé – مرحبا', null],
    ['@user', '&#64;&#8203;user'],
    ['@org/team', '&#64;&#8203;org/team'],
    ['a@example.com', 'a&#64;&#8203;example.com'],
    ['at the end @', 'at the end &#64;&#8203;'],
    ['see #12, GH-26', 'see &#35;&#8203;12, GH-&#8203;26'],
    ['group/project!7', 'group/project&#33;&#8203;7'],
    ['~bug %"next month" &4', '&#126;&#8203;bug &#37;&#8203;&#34;next month&#34; &#38;&#8203;4'],
    ['Tom & Jerry, 20 % off!', 'Tom &#38; Jerry, 20 &#37; off&#33;'],
    ['https://x.example', 'https:&#8203;//x.example'],
    ['www.x.example', 'www&#8203;.x.example'],
    [':tada:', ':&#8203;tada:'],
    ['a5c3785ed8', 'a5c378&#8203;5ed8'],
    ['JIRA-7 CVE-2026-1 GHSA-x', 'JIRA-&#8203;7 CVE-&#8203;2026-1 GHSA-&#8203;x'],
    ['costs $5', 'costs <span>&#36;</span>5'],
    ['a | b', 'a &#124; b'],
    ['<img src=x>', '&#60;img src&#61;x&#62;'],
    ['![x](y)', '&#33;&#8203;&#91;&#8203;x&#93;(y)'],
    ['one\ntwo\r\n\ttabs', 'one&#92;u000atwo&#92;u000d&#92;u000a&#92;u0009tabs'],
    ['a\u202eb', 'a&#92;u202eb'],
    ['&#64;user', '&#38;&#8203;&#35;&#8203;64;user'],
    ['*iteration:1 [TOC]', '&#42;&#8203;iteration:1 &#91;&#8203;TOC&#93;'],
  ])('%j', (text, escaped) => {
    expect(markdownText(text)).toBe(escaped ?? text);
  });

  test('does not give away a key in force', () => {
    onTestFinished(registerSecret('in-markdown-secret-4711'));
    expect(markdownText('x in-markdown-secret-4711')).not.toContain('4711');
    expect(markdownCode('x in-markdown-secret-4711')).not.toContain('4711');
  });

  test.each(['@', ':a', 'deadbeef', 'a-', 'www', '$', '_a-', ':::', '0'])(
    'of a hundred thousand times %j is soon escaped',
    (piece) => {
      const startedMs = performance.now();
      markdownText(piece.repeat(100_000));
      expect(performance.now() - startedMs).toBeLessThan(2000);
    },
  );

  law.prop([anyHostileText], { numRuns: 800 })('has nothing active left', (text) => {
    const escaped = markdownText(text);
    expect(activeIn(escaped)).toEqual([]);
    const words = (shown: string) => shown.replaceAll('\u200b', '');
    expect(words(shownAs(escaped))).toBe(words(printable(text)));
  });
});

describe('a code span', () => {
  test.each([
    ['header_color', '`header_color`'],
    ['widgets/a b.yaml:1:2', '`widgets/a b.yaml:1:2`'],
    ['https://x.example/#12', '`https://x.example/#12`'],
    ['widgets/@a', '<code>widgets/&#64;&#8203;a</code>'],
    ['a`b', '<code>a&#96;b</code>'],
    ['a|b', '<code>a&#124;b</code>'],
    ['a\\', '<code>a&#92;</code>'],
    [' ', '<code> </code>'],
    ['', '<code></code>'],
    ['a\nb', '<code>a&#92;u000ab</code>'],
  ])('%j', (text, span) => {
    expect(markdownCode(text)).toBe(span);
  });

  law.prop([anyHostileText], { numRuns: 400 })('ends where its text ends', (text) => {
    const span = markdownCode(text);
    const [, ticked, tagged] = /^(?:`([^`|\\@&]+)`|<code>(.*)<\/code>)$/s.exec(span) ?? [];
    expect(ticked ?? tagged).toBeDefined();
    expect(ticked ?? '').not.toMatch(/\n/);
    if (tagged !== undefined) expect(activeIn(tagged)).toEqual([]);
  });
});

test('the law would find what is active', () => {
  const active = ['@user', 'a|b', '&#64;user', '<b>', 'https://x.y', '#&#49;2', ':tada:'];
  for (const text of active) expect(activeIn(text), text).not.toEqual([]);
  expect(
    fc.sample(anyHostileText, 50).filter((text) => activeIn(text).length > 0).length,
  ).toBeGreaterThan(25);
});
