import { describe, expect, test } from 'vitest';
import { FragmentChains } from '../../../src/documents/fragments/fragment-chains.ts';
import type { Fragment } from '../../../src/documents/fragments/fragment-files.ts';
import { startOfFile } from '../../../src/documents/parse/source-text.ts';
import { atRest } from '../../../src/documents/tree/file-age.ts';

/** Fragments by name, with what each extends; counts what is asked for. */
function fragmentsOf(extended: ReadonlyMap<string, readonly string[]>) {
  const fragments = new Map<string, Fragment>();
  for (const [file, texts] of extended) {
    const entries = texts.map((text) => ({ text, range: startOfFile }));
    const content = { entries, omit: [], value: {}, findings: [], meaning: file };
    fragments.set(file, { file, path: `/${file}`, digest: file, content, rest: atRest });
  }
  let asked = 0;
  const chains = new FragmentChains({
    resolve(_, entry) {
      asked += 1;
      const found = fragments.get(entry);
      if (found === undefined) throw new Error(`no fragment ${entry}`);
      return found;
    },
  });
  return { chains, asked: () => asked };
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `_${n}.yaml`);
const codes = (chain: { readonly atEntries: readonly { readonly code: string }[] }) =>
  chain.atEntries.map(({ code }) => code);

describe('a chain that is too long costs no more than the longest that may be', () => {
  test('100,000 entries: the first 100 are followed', () => {
    const { chains, asked } = fragmentsOf(new Map([['_b.yaml', []]]));
    const chain = chains.chainOf('a.yaml', new Array<string>(100_000).fill('_b.yaml'));
    expect(asked()).toBe(100);
    expect(chain.atEntries.at(-1)).toMatchObject({ code: 'too-many-fragments', entry: 100 });
    expect(chain.atEntries).toHaveLength(100);
    expect(chain.fragments.map(({ file }) => file)).toEqual(['_b.yaml']);
  });

  test.each<[string, (names: readonly string[], n: number) => readonly string[]]>([
    ['each extends all before it', (names, n) => names.slice(0, n)],
    ['each extends all', (names) => names],
    ['each extends the one before', (names, n) => names.slice(Math.max(0, n - 1), n)],
  ])('1000 fragments, of which %s', (_, extendedBy) => {
    const names = numbered(1000);
    const { chains } = fragmentsOf(new Map(names.map((name, n) => [name, extendedBy(names, n)])));
    const startedMs = performance.now();
    const chain = chains.chainOf('a.yaml', ['_999.yaml']);
    // A hundredth of what following all of it takes.
    expect(performance.now() - startedMs).toBeLessThan(3000);
    expect(codes(chain)).toEqual(['too-many-fragments']);
    expect(chain.fragments.length).toBeLessThanOrEqual(16);
  });

  test('16 in a row are none too many, and the last entry that fits is told of nothing', () => {
    const names = numbered(17);
    const { chains } = fragmentsOf(new Map(names.map((name) => [name, []])));
    expect(codes(chains.chainOf('a.yaml', names.slice(0, 16)))).toEqual([]);
    expect(chains.chainOf('b.yaml', names).atEntries).toMatchObject([
      { code: 'too-many-fragments', entry: 16 },
    ]);
  });
});
