// Whatever stands in the file and beside it: each account is either to be used or held, nobody's key is anybody
// else's, and a mistake of one is no other's.
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { stringify } from 'yaml';
import { law } from '../support/law.ts';
import { accountsTree, each } from './accounts-tree.ts';

const names = ['birch', 'fern', 'fern-2', 'harbor', 'oak'] as const;
const anyName = fc.constantFrom(...names);

/** Fields of an entry, some of which are refused. */
const anyFields = fc.record(
  {
    rate: fc.constantFrom<unknown>('5/s', '9/m', '0/s', 7, null),
    drift: fc.constantFrom('report', 'correct', 'repart'),
    directory: fc.constantFrom(
      'clients/oak/widgets',
      'clients',
      'others',
      'clients/fern/widgets/in',
    ),
    key_file: fc.constantFrom('keys/birch', 'keys/none', 'keys/shared'),
    key_env: fc.constantFrom('KEY_A', 'KEY_B'),
    resync: fc.constantFrom('hourly', 'daily', 'off', '0 6 * * *', 'sometimes'),
    files: fc.constantFrom('own', 'shared', 'git'),
    suspend: fc.constantFrom<unknown>(true, false, 'a reason', 3),
    unknown: fc.constant(1),
  },
  { requiredKeys: [] },
);

const anyEntries = fc.dictionary(anyName, anyFields, { maxKeys: 4 });

/** Files of keys: whose text each has, or none. */
const anyKeys = fc.dictionary(anyName, fc.option(anyName), { maxKeys: 4 });

function treeOf(keys: Readonly<Record<string, string | null>>) {
  const tree = accountsTree(...names);
  tree.write('keys/shared', 'in-key-of-birch-0123456789');
  for (const [name, whose] of Object.entries(keys)) {
    if (whose === null) tree.remove(`keys/${name}`);
    else tree.write(`keys/${name}`, `in-key-of-${whose}-0123456789`);
  }
  return tree;
}

const env = { KEY_A: 'in-key-of-fern-0123456789', KEY_B: 'in-key-of-nobody-0123456789' };

describe('any file of accounts', () => {
  law.prop([anyEntries, anyKeys], { numRuns: 400 })(
    'uses or holds each account, and tells why it is held',
    (entries, keys) => {
      const tree = treeOf(keys);
      tree.accounts(...each, stringify({ accounts: entries }));
      const { accounts, held, problems } = tree.open({ env }).look();
      const used = accounts.map(({ name }) => name);
      const kept = held.map(({ name }) => name);
      expect([...used, ...kept].sort()).toEqual([...names].sort());
      expect(used).toEqual([...used].sort());
      expect([...new Set(problems.flatMap(({ holds }) => holds))].sort()).toEqual(kept);
      for (const { place } of problems) expect(place).toMatch(/accounts\.yaml:\d+:\d+$/);
      expect(JSON.stringify({ held, problems })).not.toContain('in-key-of');
    },
  );

  law.prop([anyEntries, anyKeys], { numRuns: 400 })(
    'leaves no two with one key or one folder',
    (entries, keys) => {
      const tree = treeOf(keys);
      tree.accounts(...each, stringify({ accounts: entries }));
      const { accounts } = tree.open({ env }).look();
      const sources = accounts.map(({ key }) => (key.kind === 'file' ? key.path : key.name));
      expect(new Set(sources).size).toBe(accounts.length);
      for (const one of accounts) {
        for (const other of accounts) {
          if (one === other) continue;
          expect(`${other.directory}/`.startsWith(`${one.directory}/`)).toBe(false);
        }
      }
    },
  );

  law.prop([anyEntries, anyName], { numRuns: 400 })(
    'holds for the mistakes of one only those whom it concerns',
    (entries, name) => {
      const tree = treeOf({});
      const own = { [name]: { ...entries[name], rate: 'soon' } };
      tree.accounts(...each, stringify({ accounts: own }));
      const { accounts } = tree.open({ env }).look();
      const { directory = '', key_file: keyFile = '', key_env: keyEnv = '' } = own[name] ?? {};
      // What it shares with another holds that one as well.
      const isAlone = directory === '' && keyFile === '' && keyEnv === '';
      if (isAlone)
        expect(accounts.map((one) => one.name)).toEqual(names.filter((one) => one !== name));
    },
  );
});
