import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fitSections,
  type Item,
  largestItem,
  type Section,
} from '../../../src/render/comment/fit-sections.ts';
import { law } from '../../support/law.ts';

function itemOf(length: number): Item {
  return {
    whole: () => `[${'x'.repeat(length)}]\n`,
    brief: (characters) => `[too large: ${characters}]\n`,
  };
}

function sectionOf(title: string, lengths: readonly number[]): Section {
  return { title, noun: 'widget', items: lengths.map(itemOf) };
}

/** What a text has of each section, by its title. */
function told(text: string) {
  return text
    .split(/^#### /m)
    .slice(1)
    .map((part) => ({
      title: part.split('\n')[0],
      shown: part.match(/^\[.*\]$/gm)?.length ?? 0,
      more: Number(/^… and (\d+) more widgets?$/m.exec(part)?.[1] ?? 0),
    }));
}

const anySections = fc
  .array(fc.array(fc.oneof(fc.nat(300), fc.nat(25_000)), { maxLength: 60 }), { maxLength: 7 })
  .map((sections) => sections.map((lengths, n) => sectionOf(`Section ${n}`, lengths)));

law.prop([anySections, fc.integer({ min: 2000, max: 60_000 })])(
  'fits, shows whole items in order, and counts the others',
  (sections, room) => {
    const text = fitSections(sections, room);
    expect(text.length).toBeLessThanOrEqual(room);
    const filled = sections.filter(({ items }) => items.length > 0);
    expect(told(text).map(({ title, shown, more }) => ({ title, all: shown + more }))).toEqual(
      filled.map(({ title, items }) => ({ title, all: items.length })),
    );
    const whole = filled.map(({ items }) =>
      items.map(({ whole, brief }) =>
        whole().length > largestItem ? brief(whole().length) : whole(),
      ),
    );
    for (const [n, { shown }] of told(text).entries()) {
      expect(text).toContain(`\n${whole[n]?.slice(0, shown).join('')}`);
    }
  },
);

test('what a short section leaves is for a long one', () => {
  const text = fitSections(
    [sectionOf('Long', Array(1000).fill(100)), sectionOf('Short', [10, 10])],
    10_000,
  );
  expect(told(text)).toMatchObject([{ title: 'Long' }, { title: 'Short', shown: 2, more: 0 }]);
  expect(text.length).toBeGreaterThan(9800);
});

test('of thousands of items only those are written that there is room for', () => {
  let written = 0;
  const item: Item = {
    whole: () => {
      written += 1;
      return `${'x'.repeat(99)}\n`;
    },
    brief: () => '',
  };
  fitSections([{ title: 'All', noun: 'widget', items: Array(5000).fill(item) }], 10_000);
  expect(written).toBeLessThan(110);
});
