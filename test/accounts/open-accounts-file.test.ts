import { readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { accountName } from '../../src/accounts/account-entry.ts';
import { accountsSchema } from '../../src/accounts/accounts-schema.ts';
import { hideSecrets, ownersOfRegistered } from '../../src/base/secrets.ts';
import { accountFields } from '../../src/config/account-settings.ts';
import { options } from '../../src/config/options.ts';
import { readSettings } from '../../src/config/settings.ts';
import { stateEntries } from '../../src/state/file/move/move-state.ts';
import { type AccountsTree, accountsTree, each, keyOf } from './accounts-tree.ts';

/** The problems of a first look, with places from the file on. */
function problemsOf(tree: AccountsTree, ...lines: string[]): string[] {
  tree.accounts(...lines);
  const { problems } = tree.open().look();
  return problems.map(({ place, message }) =>
    `${place.slice(tree.path.length + 1)}: ${message}`.replaceAll(tree.root, '.'),
  );
}

describe('a file of accounts', () => {
  test('finds one account for each folder that fits, with the defaults of the options', () => {
    const tree = accountsTree('harbor', 'fernwood');
    tree.folder('clients/empty');
    tree.folder('clients/_shared/widgets');
    tree.folder('clients/.git/widgets');
    tree.write('clients/README.md', '');
    tree.accounts(...each);
    const look = tree.open().look();
    expect(look).toMatchObject({ held: [], problems: [] });
    expect(look.accounts.map(({ name, directory, key }) => ({ name, directory, key }))).toEqual(
      ['fernwood', 'harbor'].map((name) => ({
        name,
        directory: tree.at(`clients/${name}/widgets`),
        key: { kind: 'file', path: tree.at(`keys/${name}`) },
      })),
    );
    const [{ settings, suspend, isSpread } = expect.fail()] = look.accounts;
    const { given: _, ...usual } = readSettings({}, {});
    expect(settings).toMatchObject({
      ...usual,
      state: tree.at('state/fernwood'),
      resync: expect.stringMatching(/^[0-5]?\d [0-5]?\d \* \* \* \*$/),
    });
    expect({ suspend, isSpread }).toEqual({ suspend: null, isSpread: true });
  });

  test('says whose files replicas share, for all or for one', () => {
    const tree = accountsTree('fernwood', 'harbor');
    const said = (...lines: string[]) => {
      tree.accounts(...each, ...lines);
      const { accounts, files, problems } = tree.open().look();
      return [
        files,
        ...accounts.map((one) => one.files),
        ...problems.map(({ message }) => message),
      ];
    };
    expect(said()).toEqual([undefined, undefined, undefined]);
    expect(said('defaults: {files: shared}')).toEqual(['shared', 'shared', 'shared']);
    const butOne = said('defaults: {files: shared}', 'accounts: {harbor: {files: own}}');
    expect(butOne).toEqual(['shared', 'shared', undefined]);
    expect(said('accounts: {harbor: {files: shared}}')).toEqual([undefined, undefined, 'shared']);
    const [, ...odd] = said('accounts: {harbor: {files: git}}');
    expect(odd).toEqual([undefined, 'files: unknown "git"; expected one of own, shared']);
  });

  test('says what holds for all, and what differs for one', () => {
    const tree = accountsTree('fernwood', 'harbor');
    tree.folder('others/birch');
    tree.accounts(
      'defaults: {rate: 7/m, timeout: 10s, max_changes: 10%, resync: daily, timezone: Europe/Paris}',
      ...each,
      'accounts:',
      '  fernwood: {rate: 20/s, drift: report, concurrency: 2, resync: 0 6 * * *, allow: [low-contrast, long-name]}',
      '  harbor: {suspend: until the rebrand, keep_history: all, live: off, released: leave, max_changes: 25, resync: off}',
      '  birch: {directory: others/birch, key_env: BIRCH_KEY, api_url: "http://127.0.0.1:8080/"}',
    );
    const { accounts, problems } = tree.open({ env: { BIRCH_KEY: keyOf('birch') } }).look();
    expect(problems).toEqual([]);
    expect(accounts.map(({ name }) => name)).toEqual(['birch', 'fernwood', 'harbor']);
    const [birch, fernwood, harbor] = accounts;
    const second = { windowMs: 1000 };
    expect(birch).toMatchObject({
      directory: tree.at('others/birch'),
      key: { kind: 'env', name: 'BIRCH_KEY' },
      isSpread: true,
      settings: {
        apiUrl: 'http://127.0.0.1:8080',
        rate: { limit: 7, windowMs: 60_000 },
        timeout: 10_000,
        maxChanges: { unit: 'percent', most: 10 },
        timezone: 'Europe/Paris',
        resync: expect.stringMatching(/^\d+ \d+ \d+ \* \* \*$/),
      },
    });
    expect(fernwood).toMatchObject({
      isSpread: false,
      suspend: null,
      settings: {
        rate: { limit: 20, ...second },
        drift: 'report',
        concurrency: 2,
        timeout: 10_000,
        resync: '0 6 * * *',
        allow: ['low-contrast', 'long-name'],
      },
    });
    expect(harbor).toMatchObject({
      suspend: { reason: 'until the rebrand' },
      isSpread: false,
      settings: {
        resync: null,
        keepHistory: null,
        live: 'off',
        released: 'leave',
        maxChanges: { unit: 'widgets', most: 25 },
      },
    });
  });

  test('marks what it says itself as given by it, and leaves the process its own', () => {
    const tree = accountsTree('fernwood');
    tree.accounts('defaults: {rate: 7/m}', ...each, 'accounts: {fernwood: {live: off}}');
    const settings = readSettings({ state: tree.at('s'), watch: 'poll' }, {});
    const [account] = tree.open({ settings }).look().accounts;
    expect(account?.settings.watch).toBe('poll');
    expect([...(account?.settings.given ?? [])]).toEqual(
      expect.arrayContaining([
        ['state', 'flag'],
        ['watch', 'flag'],
        ['rate', 'accounts'],
        ['live', 'accounts'],
        ['apiUrl', 'accounts'],
      ]),
    );
  });

  test('takes an entry that says nothing for one of each, found by its key where folders are made', () => {
    const tree = accountsTree('fernwood');
    tree.write('keys/harbor', keyOf('harbor'));
    tree.write('keys/..data', 'x');
    tree.accounts(...each, 'accounts: {birch: }');
    const { accounts, held } = tree.open({ foundBy: 'folders-and-keys' }).look();
    expect(accounts.map(({ name }) => name)).toEqual(['birch', 'fernwood', 'harbor']);
    expect(held).toEqual([]);
    const elsewhere = tree.open().look();
    expect(elsewhere.accounts.map(({ name }) => name)).toEqual(['fernwood']);
    expect(elsewhere.held.map(({ name }) => name)).toEqual(['birch']);
  });

  test('finds accounts by their keys before there is any folder', () => {
    const tree = accountsTree();
    tree.write('keys/harbor', keyOf('harbor'));
    tree.accounts(...each);
    const { accounts, problems } = tree.open({ foundBy: 'folders-and-keys' }).look();
    expect(accounts.map(({ name }) => name)).toEqual(['harbor']);
    expect(problems).toEqual([]);
  });

  test('hides the key of every account from the first look on', () => {
    const tree = accountsTree('fernwood');
    // No digit: nothing but its registration tells that it is one.
    tree.write('keys/fernwood', 'in-key-without-any-digit');
    tree.accounts(...each);
    tree.open().look();
    expect(hideSecrets('see in-key-without-any-digit here')).not.toContain('without');
  });

  test('knows whose key stands in a text', () => {
    const tree = accountsTree('fernwood', 'harbor');
    tree.accounts(...each);
    tree.open().look();
    expect(ownersOfRegistered(`ask with ${keyOf('harbor')}`)).toEqual(['harbor']);
    expect(ownersOfRegistered(encodeURIComponent(keyOf('fernwood')))).toEqual(['fernwood']);
  });

  test('knows whose a key is after keys were swapped, replaced and renamed, and hides them for good', () => {
    const tree = accountsTree('fernwood', 'harbor');
    tree.accounts(...each);
    const file = tree.open();
    file.look();
    tree.write('keys/fernwood', keyOf('harbor'));
    tree.write('keys/harbor', `  ${keyOf('fernwood')}`);
    file.look();
    expect(ownersOfRegistered(keyOf('harbor'))).toEqual(['fernwood']);
    expect(ownersOfRegistered(keyOf('fernwood'))).toEqual(['harbor']);
    tree.write('keys/harbor', `${keyOf('birch')}\n`);
    file.look();
    expect(ownersOfRegistered(keyOf('birch'))).toEqual(['harbor']);
    expect(ownersOfRegistered(keyOf('fernwood'))).toEqual([]);
    renameSync(tree.at('clients/harbor'), tree.at('clients/zed'));
    renameSync(tree.at('keys/harbor'), tree.at('keys/zed'));
    for (let looks = 0; looks < 3; looks += 1) file.look();
    expect(ownersOfRegistered(keyOf('birch'))).toEqual(['zed']);
    for (const name of ['fernwood', 'harbor', 'birch']) {
      expect(hideSecrets(keyOf(name))).toBe('[api key]');
    }
  });

  test('keeps the moment of an account from start to start, and spreads many over the hour', () => {
    const names = Array.from({ length: 200 }, (_, index) => `client-${index}`);
    const tree = accountsTree(...names);
    tree.accounts(...each);
    const moments = () =>
      tree
        .open()
        .look()
        .accounts.map(({ settings }) => settings.resync);
    expect(moments()).toEqual(moments());
    const minutes = moments().map((cron) => Number(cron?.split(' ')[1]));
    const most = Math.max(
      ...minutes.map((minute) => minutes.filter((one) => one === minute).length),
    );
    expect(new Set(minutes).size).toBeGreaterThan(50);
    expect(most).toBeLessThan(12);
  });
});

const nameRule =
  'lower-case letters, digits and hyphens are expected, at most 63, the first no hyphen, and neither widgets nor orders';

describe('mistakes are told with their places', () => {
  const accounts = (entry: string) => [...each, `accounts: {fernwood: {${entry}}}`];
  test.each<[string, string[], string[]]>([
    ['no fields at all', ['[]'], ['1:1: the file: expected fields, found []']],
    ['nothing', [''], ['1:1: the file: expected fields, found null']],
    [
      'a text of another file',
      ['login x password y'],
      ['1:1: the file: expected fields, found a text'],
    ],
    ['no account', ['defaults: {}'], ['1:1: no account is named: expected each or accounts']],
    ['no YAML', ['each: ['], [expect.stringMatching(/^2:1: /)]],
    [
      'a field of the file that there is not',
      ['account: {}'],
      ['1:1: unknown field "account"; did you mean accounts?'],
    ],
    [
      'a default that there is not, and one that is wrong',
      ['defaults:', '  drfit: report', '  rate: 5', ...each],
      [
        '2:3: unknown field "drfit"; did you mean drift?',
        '3:3: rate: expected a count per second, minute or hour, such as 5/s, 300/m or 1000/h, found "5"',
      ],
    ],
    [
      'a default that its option refuses',
      ['defaults: {timeout: 25h}', ...each],
      [
        '1:12: timeout: expected a duration of at most a day, such as 500ms, 30s or 2m, found "25h"',
      ],
    ],
    [
      'each without keys',
      ['each: {directory: "clients/{name}"}'],
      [
        "1:1: key_file is missing: The file that holds each account's API key, relative to this file, with {name} in it.",
      ],
    ],
    [
      'each without a name in it',
      ['each: {directory: "clients/x-{name}", key_file: key}'],
      [
        '1:8: directory: expected one folder of the path to be {name}, as in clients/{name}/widgets, found "clients/x-{name}"',
        '1:39: key_file: expected {name} in it, as each account has a key of its own, found "key"',
      ],
    ],
    [
      'each where there are no folders',
      ['each: {directory: "none/{name}", key_file: "keys/{name}"}'],
      ['1:8: directory: expected folders in ./none, but there is none'],
    ],
    [
      'a name that is none',
      [...each, 'accounts: {Fern_Wood: {}}'],
      expect.arrayContaining([`4:12: "Fern_Wood" is no name of an account: ${nameRule}`]),
    ],
    [
      'a name that is a folder of a state',
      [...each, 'accounts: {orders: {}}'],
      expect.arrayContaining([`4:12: "orders" is no name of an account: ${nameRule}`]),
    ],
    [
      'an account twice',
      [...each, 'accounts:', '  fernwood: {rate: 1/s}', '  fernwood: {rate: 2/s}'],
      ['6:3: another account is called fernwood, too'],
    ],
    [
      'a name that YAML takes for a number',
      [...each, 'accounts: {2024: {directory: clients/harbor/widgets}}'],
      [
        '4:12: 2024: expected a text as the key; put the name in quotes, as YAML takes it for something else',
      ],
    ],
    [
      'a field twice',
      [...each, 'accounts:', '  fernwood: {rate: 1/s, rate: 2/s}'],
      ['5:25: fernwood: Map keys must be unique'],
    ],
    [
      'accounts twice',
      [...each, 'accounts: {fernwood: }', 'accounts: {fernwood: }'],
      ['5:1: Map keys must be unique'],
    ],
    [
      'a name that each does not find',
      [...each, 'accounts: {fernwod: {rate: 20/s}}'],
      [
        '4:12: fernwod: there is no folder ./clients/fernwod/widgets, as each has it; did you mean fernwood?',
      ],
    ],
    [
      'several of one account, each',
      accounts('rate: 0/s, drift: repart, suspend: 3, keyfile: x, concurrency: 0'),
      [
        '4:23: rate: expected a count per second, minute or hour, such as 5/s, 300/m or 1000/h, found "0/s"',
        '4:34: drift: expected one of correct, report, found "repart"',
        '4:49: suspend: expected true or false or a text, found 3',
        '4:61: unknown field "keyfile"; did you mean key_file?',
        '4:73: concurrency: expected a whole number from 1 to 100, found "0"',
      ],
    ],
    [
      'an address that would send the key in clear text',
      accounts('api_url: "http://api.example.com"'),
      [
        '4:23: api_url uses http://, which would send the key in clear text: use https://. Plain http is for loopback only (localhost, 127.0.0.1, [::1]).',
      ],
    ],
    [
      'a code that cannot be allowed',
      accounts('allow: [yaml-syntax]'),
      [expect.stringMatching(/^4:23: allow: yaml-syntax is an error, which cannot be allowed/)],
    ],
    [
      'two keys',
      accounts('key_file: a, key_env: B'),
      ['4:12: both key_file and key_env are said: remove one of them'],
    ],
    [
      'an account of its own without a folder and a key',
      ['accounts: {harbor: {rate: 1/s}}'],
      [
        "1:12: harbor: directory is missing: the folder of the account's widget files",
        "1:12: harbor: key_file is missing: a file that holds the account's API key, and nothing else",
      ],
    ],
  ])('%s', (_, lines, told) => {
    expect(problemsOf(accountsTree('fernwood'), ...lines)).toEqual(told);
  });

  test.each(['Fern Wood', 'widgets'])(
    'a folder that fits, as %s, though that is no name of an account, is told, and holds nobody',
    (name) => {
      const tree = accountsTree('fernwood');
      tree.folder(`clients/${name}/widgets`);
      expect(problemsOf(tree, ...each)).toEqual([
        `2:3: directory: a folder that fits is called "${name}", which is no name of an account: ${nameRule}`,
      ]);
      expect(
        tree
          .open()
          .look()
          .accounts.map(({ name }) => name),
      ).toEqual(['fernwood']);
    },
  );
});

describe('accounts that do not go together', () => {
  const held = (tree: AccountsTree, ...lines: string[]) => {
    tree.accounts(...lines);
    const { accounts, held: them, problems } = tree.open().look();
    return {
      held: them.map(({ name }) => name),
      going: accounts.map(({ name }) => name),
      told: problems.map(({ message }) => message.replaceAll(tree.root, '.')),
    };
  };

  test('one file for two, and the same text in two files', () => {
    const tree = accountsTree('birch', 'fernwood', 'harbor', 'maple', 'oak');
    tree.write('keys/oak', ` ${keyOf('maple')}\n\n`);
    expect(held(tree, ...each, 'accounts: {harbor: {key_file: keys/fernwood}}')).toEqual({
      held: ['fernwood', 'harbor', 'maple', 'oak'],
      going: ['birch'],
      told: expect.arrayContaining([
        'key_file: fernwood and harbor have one API key: give each account a key of its own',
        'key_file: maple and oak have one API key: give each account a key of its own',
      ]),
    });
    const { problems } = tree.open().look();
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain('in-key');
  });

  test('a key in a file and in a variable', () => {
    const tree = accountsTree('birch', 'fernwood');
    tree.accounts(...each, 'accounts: {birch: {key_env: KEY}}');
    const look = tree.open({ env: { KEY: keyOf('fernwood') } }).look();
    expect(look.held.map(({ name }) => name)).toEqual(['birch', 'fernwood']);
  });

  test('a file that neither can be read, and so has no text', () => {
    const tree = accountsTree('birch', 'fernwood');
    expect(
      held(tree, ...each, 'accounts: {birch: {key_file: none}, fernwood: {key_file: ./none}}'),
    ).toMatchObject({ held: ['birch', 'fernwood'] });
  });

  test('but an entry with a mistake of its own keeps no other', () => {
    const tree = accountsTree('birch', 'fernwood');
    expect(
      held(
        tree,
        ...each,
        'accounts: {birch: {rate: fast, directory: clients/fernwood, key_file: keys/fernwood}}',
      ),
    ).toMatchObject({ held: ['birch'], going: ['fernwood'] });
  });

  test('but keys that are not there yet keep nobody', () => {
    const tree = accountsTree('birch', 'fernwood');
    tree.remove('keys');
    expect(held(tree, ...each)).toEqual({ held: [], going: ['birch', 'fernwood'], told: [] });
  });

  test('a folder within another, by a link too', () => {
    const tree = accountsTree('birch', 'fernwood', 'harbor', 'maple');
    tree.folder('clients/birch/widgets/inner');
    symlinkSync(tree.at('clients/harbor/widgets'), tree.at('linked'));
    const entries = [
      'accounts:',
      '  inner: {directory: clients/birch/widgets/inner, key_file: keys/inner}',
      '  linked: {directory: linked, key_file: keys/linked}',
    ];
    expect(held(tree, ...each, ...entries)).toEqual({
      held: ['birch', 'harbor', 'inner', 'linked'],
      going: ['fernwood', 'maple'],
      told: expect.arrayContaining([
        'directory: the folder of inner lies within that of birch, ./clients/birch/widgets: give each account a folder of its own',
      ]),
    });
  });

  test('names that only begin alike do', () => {
    const tree = accountsTree('fern', 'fern-2', 'fern2');
    expect(held(tree, ...each)).toMatchObject({ held: [], going: ['fern', 'fern-2', 'fern2'] });
  });

  test('a state among the widget files, and the reverse', () => {
    const tree = accountsTree('birch', 'fernwood');
    tree.folder('state/birch/widgets');
    const lines = [
      'accounts:',
      `  outer: {directory: ., key_file: keys/outer}`,
      `  inner: {directory: state/birch/widgets, key_file: keys/inner}`,
    ];
    expect(held(tree, ...lines)).toMatchObject({
      held: ['inner', 'outer'],
      told: expect.arrayContaining([
        'directory: the state of outer, ./state/outer, and its widget files, ., lie one within the other: choose another --state (WIDGET_SYNC_STATE)',
      ]),
    });
  });
});

describe('looking again', () => {
  test('where nothing has changed is the very value of before', () => {
    const tree = accountsTree('fernwood', 'harbor');
    tree.folder('clients/Odd/widgets');
    tree.accounts(...each);
    const file = tree.open();
    expect(file.look()).toBe(file.look());
  });

  test('finds folders that come and go', () => {
    const tree = accountsTree('fernwood');
    tree.accounts(...each);
    const file = tree.open();
    const names = () => file.look().accounts.map(({ name }) => name);
    expect(names()).toEqual(['fernwood']);
    tree.account('harbor');
    expect(names()).toEqual(['fernwood', 'harbor']);
    tree.remove('clients/fernwood');
    expect(names()).toEqual(['fernwood', 'harbor']);
    expect(names()).toEqual(['harbor']);
  });

  test('a folder that is away for a moment, or renamed, is no look in between', () => {
    const tree = accountsTree('fernwood', 'harbor');
    tree.accounts(...each);
    const file = tree.open();
    const before = file.look();
    renameSync(tree.at('clients/harbor'), tree.at('aside'));
    expect(file.look()).toBe(before);
    renameSync(tree.at('aside'), tree.at('clients/harbor'));
    expect(file.look()).toBe(before);
    renameSync(tree.at('clients/harbor'), tree.at('clients/zed'));
    renameSync(tree.at('keys/harbor'), tree.at('keys/zed'));
    expect(file.look()).toBe(before);
    const { accounts, held } = file.look();
    expect([accounts.map(({ name }) => name), held]).toEqual([['fernwood', 'zed'], []]);
  });

  test('all folders that are gone at once are told, and remove no account', () => {
    const tree = accountsTree('fernwood', 'harbor');
    tree.accounts(...each);
    const file = tree.open();
    const before = file.look();
    renameSync(tree.at('clients'), tree.at('aside'));
    tree.folder('clients');
    for (let looks = 0; looks < 3; looks += 1) {
      const { accounts, problems } = file.look();
      expect(accounts).toEqual(before.accounts);
      expect(problems.map(({ message }) => message)).toEqual([
        'directory: no folder fits clients/{name}/widgets any more: the accounts found before stay',
      ]);
    }
    tree.remove('clients');
    renameSync(tree.at('aside'), tree.at('clients'));
    expect(file.look()).toMatchObject({ accounts: before.accounts, problems: [] });
  });

  test('a folder that becomes a link into that of another account holds both within ten looks', () => {
    const tree = accountsTree('fernwood', 'harbor');
    tree.accounts(...each);
    const file = tree.open();
    const before = file.look();
    for (let looks = 0; looks < 30; looks += 1) expect(file.look()).toBe(before);
    tree.remove('clients/harbor/widgets');
    symlinkSync(tree.at('clients/fernwood/widgets'), tree.at('clients/harbor/widgets'));
    const held = Array.from({ length: 10 }, () => file.look().held.length);
    expect(held.at(-1)).toBe(2);
  });

  test('a file that comes later is taken once it stands still, and empty defaults say nothing', () => {
    const tree = accountsTree('fernwood');
    const file = tree.open();
    expect(file.look()).toMatchObject({ accounts: [], problems: [{ place: tree.path }] });
    tree.accounts(...each);
    expect(file.look()).toMatchObject({
      accounts: [],
      problems: [{ message: 'it has just been written, and is taken once it stands still' }],
    });
    tree.accounts('defaults:', ...each, 'accounts: {fernwood: {suspend: true}}');
    expect(file.look().accounts).toEqual([]);
    expect(file.look()).toMatchObject({
      accounts: [{ name: 'fernwood', suspend: { reason: null } }],
      problems: [],
    });
  });

  test('takes what has changed once it stands still, and then keeps the entries of all others', () => {
    const tree = accountsTree('fernwood', 'harbor');
    tree.accounts(...each);
    const file = tree.open();
    const before = file.look();
    tree.accounts(...each, 'accounts: {fernwood: {rate: 9/m}}');
    expect(file.look()).toBe(before);
    const after = file.look();
    expect(after.accounts[0]?.settings.rate).toEqual({ limit: 9, windowMs: 60_000 });
    expect(after.accounts[1]).toEqual(before.accounts[1]);
  });

  test('a file that is still being written is not taken, though its part can be read', () => {
    const tree = accountsTree('fernwood', 'harbor');
    const whole = [
      'accounts:',
      '  fernwood: {directory: clients/fernwood/widgets, key_file: keys/fernwood}',
      '  harbor: {directory: clients/harbor/widgets, key_file: keys/harbor}',
    ];
    tree.accounts(...whole);
    const file = tree.open();
    const before = file.look();
    for (const lines of [1, 2]) {
      tree.accounts(...whole.slice(0, lines));
      expect(file.look()).toBe(before);
    }
  });

  test.each<[string, (tree: AccountsTree) => void, RegExp]>([
    ['vanishes', (tree) => tree.remove('accounts.yaml'), /is expected here, but there is none/],
    ['is no YAML', (tree) => tree.accounts('accounts: {'), /^Flow map|expected/],
    ['is empty', (tree) => tree.accounts(''), /expected fields/],
    [
      'is a folder',
      (tree) => {
        tree.remove('accounts.yaml');
        tree.folder('accounts.yaml');
      },
      /not a regular file/,
    ],
    ['is no text', (tree) => writeFileSync(tree.path, Buffer.from([0xff, 0xfe])), /not UTF-8/],
    ['is huge', (tree) => tree.accounts('#'.repeat(5 << 20)), /larger than 4096 KiB/],
    [
      'has a default that is wrong',
      (tree) => tree.accounts('defaults: {rate: 5}', ...each),
      /rate/,
    ],
  ])('a file that %s removes no account, and says so', (_, change, says) => {
    const tree = accountsTree('fernwood', 'harbor');
    tree.accounts(...each);
    const file = tree.open();
    const before = file.look();
    change(tree);
    file.look();
    const after = file.look();
    expect(after.accounts).toEqual(before.accounts);
    expect(after.problems.map(({ message }) => message)).toEqual([expect.stringMatching(says)]);
    rmSync(tree.path, { recursive: true, force: true });
    tree.accounts(...each, 'accounts: {harbor: {rate: 9/m}}');
    file.look();
    const mended = file.look();
    expect(mended.problems).toEqual([]);
    expect(mended.accounts[1]?.settings.rate.limit).toBe(9);
  });

  test('folders that cannot be looked for remove no account', () => {
    const tree = accountsTree('fernwood');
    tree.accounts(...each);
    const file = tree.open();
    const before = file.look();
    renameSync(tree.at('clients'), tree.at('gone'));
    const after = file.look();
    expect(after.accounts).toEqual(before.accounts);
    expect(after.problems).toHaveLength(1);
    renameSync(tree.at('gone'), tree.at('clients'));
    expect(file.look().problems).toEqual([]);
  });

  test('a broken entry holds its account alone, until it is mended', () => {
    const tree = accountsTree('fernwood', 'harbor');
    tree.accounts(...each);
    const file = tree.open();
    const before = file.look();
    tree.accounts(...each, 'accounts: {fernwood: {rate: soon}}');
    file.look();
    const broken = file.look();
    expect(broken.accounts).toEqual([before.accounts[1]]);
    expect(broken.held).toEqual([
      { name: 'fernwood', message: expect.stringMatching(/accounts\.yaml:4:23: rate: expected/) },
    ]);
    tree.accounts(...each);
    file.look();
    expect(file.look()).toMatchObject({ accounts: before.accounts, held: [], problems: [] });
  });

  test('a key that becomes that of another holds both, and a new one lets them go', () => {
    const tree = accountsTree('birch', 'fernwood', 'harbor');
    tree.accounts(...each);
    const file = tree.open();
    const names = () => file.look().accounts.map(({ name }) => name);
    expect(names()).toHaveLength(3);
    tree.write('keys/harbor', keyOf('fernwood'));
    expect(names()).toEqual(['birch']);
    tree.write('keys/harbor', keyOf('harbor-anew'));
    expect(names()).toEqual(['birch', 'fernwood', 'harbor']);
  });

  test('a key that is written over in its place is seen within ten looks, and at once after a hint', () => {
    const tree = accountsTree('birch', 'fernwood', 'harbor');
    tree.accounts(...each);
    const file = tree.open();
    const held = () => file.look().held.map(({ name }) => name);
    for (let looks = 0; looks < 27; looks += 1) expect(held()).toEqual([]);
    tree.write('keys/harbor', keyOf('fernwood'));
    const later = Array.from({ length: 10 }, held);
    expect([later[0], later.at(-1)]).toEqual([[], ['fernwood', 'harbor']]);
    tree.write('keys/harbor', keyOf('harbor-anew'));
    file.hint();
    expect(held()).toEqual([]);
  });

  test('after many looks in vain a new account, a missing one and another key are seen at once', () => {
    const tree = accountsTree('birch', 'fernwood', 'harbor');
    tree.accounts(...each);
    const file = tree.open();
    const names = () => file.look().accounts.map(({ name }) => name);
    const rest = () => Array.from({ length: 27 }, names).at(-1);
    expect(rest()).toEqual(['birch', 'fernwood', 'harbor']);
    tree.account('zed');
    expect(names()).toEqual(['birch', 'fernwood', 'harbor', 'zed']);
    expect(rest()).toHaveLength(4);
    tree.remove('clients/birch');
    expect(names()).toHaveLength(4);
    expect(names()).toEqual(['fernwood', 'harbor', 'zed']);
    expect(rest()).toHaveLength(3);
    tree.write('keys/new', keyOf('fernwood'));
    renameSync(tree.at('keys/new'), tree.at('keys/zed'));
    expect(names()).toEqual(['harbor']);
  });

  test('a link that is swapped leads to another file', () => {
    const tree = accountsTree('fernwood');
    tree.write('a/accounts.yaml', each.join('\n').replaceAll(': ', ': ../'));
    const path = join(tree.root, 'accounts.yaml');
    symlinkSync('a/accounts.yaml', path);
    utimesSync(tree.at('a/accounts.yaml'), 1, 1);
    const file = tree.open();
    file.look();
    tree.write('b.yaml', each.join('\n'));
    symlinkSync('b.yaml', tree.at('new'));
    renameSync(tree.at('new'), path);
    file.look();
    expect(file.look().accounts.map(({ name }) => name)).toEqual(['fernwood']);
  });
});

describe('the schema for editors', () => {
  test('is the one that is read', () => {
    const file = new URL('../../schemas/accounts.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(accountsSchema);
  });

  test('has every option of an account, with its default as the option has it', () => {
    const { defaults, accounts } = accountsSchema.properties;
    const ofOptions = [...Object.keys(accountFields), 'files', 'suspend'].sort();
    expect(Object.keys(defaults.properties).sort()).toEqual(ofOptions);
    expect(Object.keys(accounts.additionalProperties.properties).sort()).toEqual(
      [...ofOptions, 'directory', 'key_env', 'key_file'].sort(),
    );
    for (const [field, name] of Object.entries(accountFields)) {
      const { description } = accountsSchema.definitions[field as keyof typeof accountFields];
      const usual = { resync: 'hourly', timezone: "the system's" }[field] ?? options[name].fallback;
      expect(description).toContain(`Default: ${usual}.`);
    }
  });

  test('takes for a name what the program does, and no folder of a state', () => {
    expect(accountsSchema.properties.accounts.propertyNames.pattern).toBe(accountName.source);
    expect(stateEntries.filter((name) => accountName.test(name))).toEqual([]);
  });

  const keys = { key_file: 'keys/{name}' };
  test.each<[string, object]>([
    ['each without {name} in the directory', { each: { directory: 'clients/widgets', ...keys } }],
    ['{name} within a folder', { each: { directory: 'clients/x-{name}', ...keys } }],
    ['one key file for all', { each: { directory: '{name}', key_file: 'key' } }],
    ['two keys', { accounts: { ada: { key_file: 'key', key_env: 'KEY' } } }],
    ['a name that is a folder of a state', { accounts: { widgets: null } }],
  ])('refuses %s, as the program does', (_, written) => {
    const accepts = new Ajv({ allowUnionTypes: true }).compile(accountsSchema);
    expect(accepts({ each: { directory: '{name}', ...keys }, accounts: { ada: null } })).toBe(true);
    expect(accepts(written)).toBe(false);
    const problems = problemsOf(accountsTree('ada'), JSON.stringify(written));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.filter((text) => /must/i.test(text))).toEqual([]);
  });

  test('has examples that are taken', () => {
    const accepts = new Ajv({ allowUnionTypes: true }).compile(accountsSchema);
    const tree = accountsTree('fernwood');
    for (const [field, definition] of Object.entries(accountsSchema.definitions)) {
      for (const example of 'examples' in definition ? definition.examples : []) {
        const entry = { fernwood: { [field]: example } };
        expect(accepts({ accounts: entry }), `${field}: ${example}`).toBe(true);
        expect(problemsOf(tree, ...each, `accounts: ${JSON.stringify(entry)}`)).toEqual([]);
      }
    }
  });
});
