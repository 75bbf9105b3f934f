import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  blockText,
  doubleQuoted,
  plainText,
  singleQuoted,
} from '../../../src/documents/write/write-text.ts';
import { flowPair, listEntry, mappingEntry } from '../../../src/documents/write/write-value.ts';
import { law } from '../../support/law.ts';
import { hostileTexts } from '../arbitrary-widgets.ts';

const parts = [' ', '  ', '\n', '\n\n', '\t', '-', ':', '#', 'a', 'word ', 'x'.repeat(40)];
const piece = fc.oneof(fc.constantFrom(...hostileTexts), fc.constantFrom(...parts), fc.string());
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

describe('a text reads back as exactly itself', () => {
  law.prop([text])('in each style that takes it', (value) => {
    const styles = [doubleQuoted(value), singleQuoted(value), plainText(value, 'block')];
    for (const written of styles) {
      if (written !== null) expect(parse(`k: ${written}\nl: 1\n`)).toEqual({ k: value, l: 1 });
    }
    const inFlow = plainText(value, 'flow');
    if (inFlow !== null) expect(parse(`[${inFlow}, ${inFlow}]`)).toEqual([value, value]);
  });

  law.prop([text, fc.nat({ max: 4 }), fc.integer({ min: 1, max: 9 })])(
    'as a block, wherever that stands and however deep it is indented',
    (value, parentIndent, depth) => {
      const margin = ' '.repeat(parentIndent);
      const layout = { parentIndent, indent: parentIndent + depth, lineEnd: '\n' };
      for (const style of ['BLOCK_LITERAL', 'BLOCK_FOLDED'] as const) {
        const block = blockText(style, value, layout);
        if (block === null) continue;
        const file = `${margin}k: ${block.header}\n${block.body}\n${margin}l: 1\n`;
        expect(parse(file)).toEqual({ k: value, l: 1 });
      }
    },
  );

  law.prop([text, fc.nat({ max: 4 })])('as a key, a value and an entry', (value, indent) => {
    const nested = { first: value, [value]: [value, { [value]: value, last: value }, [value]] };
    const place = { indent, lineEnd: '\n', texts: 'pleasant' } as const;
    const margin = ' '.repeat(indent);
    const mapping = `${margin}${mappingEntry('k', nested, place)}\n${margin}l: 1\n`;
    expect(parse(mapping)).toEqual({ k: nested, l: 1 });
    const list = `${margin}${listEntry(nested, place)}\n${margin}- 1\n`;
    expect(parse(list)).toEqual([nested, 1]);
    expect(parse(`{${flowPair('k', nested, 'pleasant')}, l: 1}`)).toEqual({ k: nested, l: 1 });
  });
});

test.each([
  [
    'what is a flag, a number or a time to readers of YAML 1.1',
    ['yes', 'Off', '010', '1_0', '12:30'],
  ],
  ['a phone number and a date', ['+14155550100', '2026-03-01']],
  ['what PyYAML refuses', ['=', 'a\tb', '<<']],
  ['what takes part of a text for a comment or a key', ['a #b', 'a: b', '#1f2937']],
  ['what a person would not see', ['a\u202eb', 'a\u2028b', '\ufeffa']],
])('%s is not written without quotes', (_, values) => {
  for (const value of values) {
    expect(plainText(value, 'block'), value).toBeNull();
    expect(plainText(value, 'flow'), value).toBeNull();
  }
});

test.each(['y', 'N', 'Where is my order?', 'https://a.example/?b=c#d', "it's"])(
  '%s needs no quotes',
  (value) => {
    expect(plainText(value, 'block')).toBe(value);
  },
);
