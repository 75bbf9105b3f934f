import { describe, expect, test } from 'vitest';
import { breakLines, fitLine } from '../../../../src/render/picture/text/break-lines.ts';
import { textWidth } from '../../../../src/render/picture/text/text-width.ts';

const font = { size: 10 };
const broken = (text: string, width: number, mostLines = 99) =>
  breakLines(text, font, { width, mostLines });

describe('lines', () => {
  test.each<[what: string, text: string, width: number, lines: string[]]>([
    ['an empty text has none', '', 100, []],
    ['one that fits is one', 'Where is my order?', 200, ['Where is my order?']],
    ['words stay whole', 'Where is my order?', 52, ['Where is', 'my order?']],
    ['a word beyond the width is broken', 'aaaaaaaaaa', 30, ['aaaaa', 'aaaaa']],
    ['a hyphen may end one', 'our front-desk', 58, ['our front-', 'desk']],
    ['Chinese breaks between words', '查询订单推荐礼盒', 45, ['查询订单', '推荐礼盒']],
    ['no closing sign begins one', '查询订单。推荐', 41, ['查询', '订单。', '推荐']],
    ['nor where a space stands before it', 'Une commande ?', 72, ['Une', 'commande ?']],
    ['nor does a dash', 'the times – we answer', 56, ['the times –', 'we answer']],
    ['no opening sign ends one', '查询「订单」', 31, ['查询', '「订', '单」']],
  ])('%s', (_, text, width, lines) => {
    expect(broken(text, width)).toEqual(lines);
  });

  test('are all of a text, in its order', () => {
    const text = 'The quick brown fox jumps over the lazy dog – 100 % of the time.';
    expect(broken(text, 70).join(' ')).toBe(text);
  });

  test('are no wider than their room', () => {
    for (const line of broken('Ask for late check-out, a table with a view. '.repeat(5), 90)) {
      expect(textWidth(line, font)).toBeLessThanOrEqual(90);
    }
  });

  test('end in an ellipsis where there are more', () => {
    const lines = broken('one two three four five six seven', 40, 2);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/\S…$/);
  });

  test('keep a family of emoji together', () => {
    const lines = broken('👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧', 40);
    expect(lines.join('')).toBe('👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧');
    for (const line of lines) expect(line).toMatch(/^(👨‍👩‍👧)+$/u);
  });

  test('of closing signs alone come to an end', () => {
    expect(broken('。'.repeat(50), 40).length).toBeGreaterThan(5);
  });
});

test.each([
  ['short', 100, 'short'],
  ['much too long for it', 50, 'much to…'],
])('%s fits on one line', (text, width, expected) => {
  expect(fitLine(text, font, width)).toBe(expected);
});
