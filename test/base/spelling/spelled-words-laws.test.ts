import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hideRegistered, hideSecrets, registerSecret } from '../../../src/base/secrets.ts';
import { SpelledWords } from '../../../src/base/spelling/spelled-words.ts';
import { patternOfSpellings } from '../../../src/base/spelling/spellings.ts';
import { law } from '../../support/law.ts';
import { hideEach, patternOfEach } from './pattern-of-each.ts';

const signs = ['%', '\\', '\\\\', '&', '~', '/', '"', "'", '<', '+', '-', '_', '#', ';'];
const letters = ['a', 'B', 'u', 'x', '0', '2', '5', 'in-', 'quot', 'amp'];
const piece = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...letters) },
  { weight: 2, arbitrary: fc.constantFrom(...signs) },
);

/** Keys that share their beginnings, and consist of what spellings are made of. */
const keys = fc
  .tuple(
    fc.array(piece, { maxLength: 3 }),
    fc.array(fc.array(piece, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 }),
  )
  .map(([shared, rests]) => rests.map((rest) => `in-${[...shared, ...rest].join('')}`));

const hexOf = (character: string, length: number) =>
  character.charCodeAt(0).toString(16).padStart(length, '0');
const entities: Readonly<Record<string, string>> = {
  '"': '&quot;',
  "'": '&apos;',
  '&': '&amp;',
  '<': '&lt;',
};

/** One of the ways in which a run of backslashes or another character is written. */
function spell(token: string, way: number): string {
  const each = (write: (one: string) => string) => [...token].map(write).join('');
  const ways = [
    token,
    token.toUpperCase(),
    each((one) => `%${hexOf(one, 2)}`),
    each((one) => `%252525${hexOf(one, 2).toUpperCase()}`),
    each((one) => `\\u${hexOf(one, 4)}`),
    each((one) => `\\\\\\\\x${hexOf(one, 2)}`),
    each((one) => `\\\\U${hexOf(one, 8)}`),
    each((one) => `&#00${one.charCodeAt(0)};`),
    each((one) => `&#X${hexOf(one, 2)};`),
    token.replaceAll('~', '~0').replaceAll('/', '~1'),
    entities[token] ?? token,
    entities[token]?.toUpperCase() ?? token,
    token.startsWith('\\') ? token.repeat(4) : token,
    /^[^a-z0-9\\]$/i.test(token) ? `\\\\\\${token}` : token,
  ];
  return ways[way % ways.length] ?? token;
}

function written(key: string, ways: readonly number[]): string {
  const tokens = key.match(/\\+|[^\\]/g) ?? [];
  return tokens.map((token, n) => spell(token, ways[n % ways.length] ?? 0)).join('');
}

/** What stands in a text: a key as it was spelt, one that was cut, or something that hardly differs from one. */
const parts = fc.array(
  fc.record({
    before: fc.oneof(fc.constantFrom('', ' ', '\\', '%25', '&#0', 'in-', 'İn-', 'in−'), piece),
    which: fc.nat(4),
    // Most characters stand for themselves, so that every other spelling meets its neighbours.
    ways: fc.array(fc.oneof(fc.constant(0), fc.nat(13)), { minLength: 1, maxLength: 12 }),
    cut: fc.oneof(fc.constant(0), fc.nat(6)),
  }),
  { minLength: 1, maxLength: 4 },
);

type Parts = typeof parts extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function textOf(drawn: Parts, of: readonly string[]): string {
  return drawn
    .map(({ before, which, ways, cut }) => {
      const text = written(of[which % of.length] ?? '', ways);
      return before + text.slice(0, text.length - cut);
    })
    .join('');
}

/** Where a pattern finds something that begins at each of the places. */
function placesOf(pattern: RegExp, text: string): [start: number, end: number][] {
  const here = new RegExp(pattern.source, 'iy');
  return Array.from(text, (_, start) => start).flatMap((start): [number, number][] => {
    here.lastIndex = start;
    const found = here.exec(text);
    return found === null ? [] : [[start, start + found[0].length]];
  });
}

law.prop([keys, parts], { numRuns: 1000 })(
  'words are found where the pattern of each finds them, and nowhere else',
  (drawn, drawnParts) => {
    const of = [...new Set(drawn.map((key) => key.toLowerCase()))];
    const words = new SpelledWords<string>('in-');
    for (const word of of) words.add(word, word);
    const text = textOf(drawnParts, drawn);
    const found = words.find(text);
    for (const word of of) {
      const pattern = patternOfSpellings(word);
      const here = found.filter((one) => one.word === word);
      for (const { start, end } of here) {
        expect(text.slice(start, end)).toMatch(new RegExp(`^(?:${pattern.source})$`, 'i'));
      }
      const starts = here.map(({ start }) => start);
      expect(starts, `${word} in ${text}`).toEqual(placesOf(pattern, text).map(([at]) => at));
      for (const [at, last] of [...placesOf(pattern, text), ...placesOf(patternOfEach(word), text)])
        expect(here.find(({ start }) => start === at)?.end).toBeGreaterThanOrEqual(last);
    }
  },
);

law.prop([keys, parts], { numRuns: 1000 })(
  'what was hidden when each secret had a pattern is hidden, and a second time changes nothing',
  (of, drawnParts) => {
    const forget = of.map((key) => registerSecret(key));
    const text = textOf(drawnParts, of);
    const shown = hideRegistered(text);
    expect(hideEach(shown, of)).toBe(shown);
    expect(hideRegistered(shown)).toBe(shown);
    if (hideEach(text, of) === text && !/[%\\&]/.test(text)) expect(shown).toBe(text);
    for (const one of forget) one();
    expect(hideRegistered(text)).toBe(text);
  },
);

law.prop([keys, fc.array(fc.nat(4), { maxLength: 4 }), parts], { numRuns: 300 })(
  'a tree from which words were taken is one that never had them',
  (drawn, taken, drawnParts) => {
    const of = [...new Set(drawn.map((key) => key.toLowerCase()))];
    const gone = new Set(taken.map((which) => of[which % of.length]));
    const [words, fewer] = [new SpelledWords<string>('in-'), new SpelledWords<string>('in-')];
    for (const word of of) words.add(word, word);
    for (const word of gone) words.remove(word ?? '');
    for (const word of of.filter((one) => !gone.has(one)).reverse()) fewer.add(word, word);
    const text = textOf(drawnParts, drawn);
    const sorted = (tree: SpelledWords<string>) =>
      tree.find(text).sort((a, b) => a.start - b.start || (a.word < b.word ? -1 : 1));
    expect(sorted(words)).toEqual(sorted(fewer));
  },
);

test('of keys that overlap, nothing of either is left', () => {
  const forget = [registerSecret('in-one-in-two'), registerSecret('in-two-and-three')];
  expect(hideRegistered('a in-one-in-two-and-three b')).toBe('a [api key] b');
  expect(hideRegistered('in-one-in-twoin-two-and-three')).toBe('[api key][api key]');
  for (const one of forget) one();
});

test('a key of thousands of characters is found, beside one that differs at its end', () => {
  const long = `in-${'a'.repeat(16_000)}`;
  const forget = [registerSecret(`${long}1`), registerSecret(`${long}2`)];
  expect(hideRegistered(`<${long}2${long}3>`)).toBe(`<[api key]${long}3>`);
  for (const one of forget) one();
});

test('ten thousand keys are registered in a moment, and a line costs as good as nothing', () => {
  const all = Array.from(
    { length: 10_000 },
    (_, n) => `in-live-${n.toString(36).padStart(30, '0')}`,
  );
  const start = process.cpuUsage();
  const forget = all.map((key) => registerSecret(key));
  const last = all.at(-1) ?? '';
  const line = `{"level":"info","file":"clients/built-in-chat/ava.yaml","url":"https://a.test/?next=%2Fx","msg":"sent \\"it\\""}`;
  for (let n = 0; n < 5000; n += 1) hideSecrets(`${line}${n}`);
  expect(hideSecrets(`${line} ${last} ${encodeURIComponent(last)}`)).toBe(
    `${line} [api key] [api key]`,
  );
  for (const one of forget) one();
  const { user, system } = process.cpuUsage(start);
  // A pattern for each key took minutes.
  expect((user + system) / 1000).toBeLessThan(4_000);
});
