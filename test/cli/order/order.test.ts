// Replicas with clones of their own, one commit deep, over one order: whose files may be acted on, and whose file of
// accounts is taken. Real git, and a model of the store.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openAccountsFile } from '../../../src/accounts/open-accounts-file.ts';
import { TenureLostError, UsageError } from '../../../src/base/errors.ts';
import { homeOf, inOrderFor } from '../../../src/cli/order/in-order.ts';
import { orderedAccounts } from '../../../src/cli/order/ordered-accounts.ts';
import { readSettings } from '../../../src/config/settings.ts';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import { Entrance } from '../../../src/replicas/entrance.ts';
import { SourceFollower } from '../../../src/replicas/source-follower.ts';
import { commitAll, copyOf, git, initRepository } from '../../documents/repository.ts';
import { put, temporaryDirectory } from '../../documents/temporary-directory.ts';
import { ModelSourceStore } from '../../replicas/fixtures/model-source-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const directory = 'clients/fernwood/widgets';
const entryText = (rate: string) =>
  `accounts: {fernwood: {directory: ${directory}, key_env: KEY, rate: ${rate}}}\n`;

/** A repository, and what replicas share. */
class World {
  readonly clock = new FakeClock();
  readonly store = new ModelSourceStore();
  readonly origin = copyOf('a tree of accounts', () => {
    const root = join(temporaryDirectory(), 'repo');
    put(root, `${directory}/a.yaml`, 'a\n');
    put(root, 'accounts.yaml', entryText('1/s'));
    initRepository(root);
    commitAll(root, '1790000000 +0000');
    return root;
  });
  readonly living = new Map<string, { readonly host: string }>();
  #commits = 0;

  commit(path = `${directory}/a.yaml`, text = `edit ${this.#commits}\n`): string {
    this.#commits += 1;
    put(this.origin, path, text);
    return commitAll(this.origin, `${1_790_000_000 + 60 * this.#commits} +0000`);
  }

  replica(name: string) {
    const root = join(temporaryDirectory(), name);
    git(this.origin, 'clone', '-q', '--depth=1', `file://${this.origin}`, root);
    this.store.sessions.add(name);
    this.living.set(name, { host: name });
    const { store, clock, living } = this;
    const follower = new SourceFollower({
      ...{ store, clock, as: 'replica', living: () => living, session: () => name },
      onForced: () => {},
    });
    const bugs: unknown[] = [];
    const settings = readSettings({ state: join(root, '..', 'state') }, {});
    const file = orderedAccounts(
      openAccountsFile(join(root, 'accounts.yaml'), { settings, env: { KEY: 'in-k' } }),
      { follower, onPlaced: () => {}, onBug: (error) => bugs.push(error) },
    );
    const claim = (account = 'fernwood', entry: { files?: 'shared' } = {}) => {
      const token = `${name} ${clock.monotonicMs()}`;
      store.tokens.set(account, token);
      const path = join(root, directory);
      const inOrder = inOrderFor(
        {
          ...{ entry: { name: account, directory: path, ...entry }, token },
          entryLag: (since) => file.lag(since),
        },
        { follower, entrance: new Entrance(store), clock, home: () => homeOf(root) },
      );
      return () => inOrder(openWidgetDirectory(path, { clock }).load());
    };
    const pull = (commit = 'main') => {
      git(root, 'fetch', '-q', '--depth=1', 'origin', commit);
      git(root, 'reset', '-q', '--hard', 'FETCH_HEAD');
    };
    /** Looks until the file was asked for; gives what is taken then. */
    const accounts = async () => {
      file.look();
      await new Promise(setImmediate);
      const { accounts: taken, problems } = file.look();
      const told = problems.map(({ message }) => message);
      return { rates: taken.map(({ settings: { rate } }) => rate.limit), told, bugs };
    };
    return { root, claim, pull, accounts, die: () => void living.delete(name) };
  }
}

const short = (revision: string) => revision.slice(0, 8);

describe('the files of an account', () => {
  test('are acted on by one replica after the other, never older ones, and goes on with the newer files', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    const first = git(world.origin, 'rev-parse', 'HEAD');
    expect(await x.claim()()).toBeNull();
    const second = world.commit();
    y.pull();
    await world.clock.advance(2000);
    const looksAtY = y.claim();
    expect(await looksAtY()).toBeNull();
    expect(world.store.entered.get('fernwood')).toEqual({ source: '.', position: 2 });
    y.die();
    await world.clock.advance(2000);
    const looksAtX = x.claim();
    expect(await looksAtX()).toEqual({
      ...{ code: 'behind', retryInMs: 5000 },
      message: `the files (${short(first)}) are older than those that were followed last (${short(second)}): nothing is decided until newer ones are here; where they are meant, make a new commit of them`,
    });
    await world.clock.advance(600_000);
    expect(await looksAtX()).toMatchObject({ code: 'behind' });
    x.pull();
    expect(await looksAtX()).toBeNull();
    expect(world.store.places.get('.')?.map(({ revision }) => revision)).toEqual([first, second]);
  });

  test('of one that was taken over meanwhile end with its tenure', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    const looksAtX = x.claim();
    expect(await looksAtX()).toBeNull();
    y.claim();
    x.pull(world.commit());
    await expect(looksAtX()).rejects.toThrow(TenureLostError);
  });

  test('of two revisions that nothing puts in an order block it, and name both and who has the other', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    git(world.origin, 'checkout', '-q', '-b', 'side');
    const other = commitAll(world.origin, '1780000000 +0000');
    git(world.origin, 'checkout', '-q', 'main');
    const newest = world.commit();
    world.commit();
    x.pull(newest);
    expect(await x.claim()()).toBeNull();
    y.pull(other);
    const looksAtY = y.claim();
    expect(await looksAtY()).toMatchObject({
      message: `nothing tells whether the files (${short(other)}) come after those that were followed last (${short(newest)}): nothing is decided until newer ones are here`,
    });
    await world.clock.advance(130_000);
    expect(await looksAtY()).toEqual({
      ...{ code: 'behind', retryInMs: null },
      message: `two revisions are followed, and nothing tells which is newer: ${short(other)} here, and ${short(newest)}, which x has; make a commit that comes after both, and let it reach all replicas`,
    });
  });

  test('without a commit are refused, unless all replicas share them', async () => {
    const world = new World();
    const x = world.replica('x');
    rmSync(join(x.root, '.git'), { recursive: true });
    await expect(x.claim()()).rejects.toThrow(UsageError);
    await expect(x.claim()()).rejects.toThrow(
      /^no commit can be told of the files in .*clients\/fernwood\/widgets, .*say `files: shared` for fernwood/,
    );
    expect(await x.claim('fernwood', { files: 'shared' })()).toBeNull();
    expect(world.store.asked).toEqual({});
  });
});

describe('the file of accounts', () => {
  test('is taken once it is the newest, and a lagging one changes nothing', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    expect(await x.accounts()).toEqual({ rates: [1], told: [], bugs: [] });
    const second = world.commit('accounts.yaml', entryText('2/s'));
    y.pull();
    expect(await y.accounts()).toMatchObject({ rates: [2], told: [] });
    expect(await x.accounts()).toMatchObject({ rates: [1], told: [] });
    // One that begins anew has taken nothing before.
    const [late, third] = [world.replica('late'), world.commit('accounts.yaml', entryText('3/s'))];
    y.pull();
    expect(await y.accounts()).toMatchObject({ rates: [3] });
    const { rates, told } = await late.accounts();
    expect(rates).toEqual([]);
    expect(told).toEqual([
      expect.stringContaining(
        `(${short(second)}) are older than those that were followed last (${short(third)})`,
      ),
    ]);
    late.pull();
    expect(await late.accounts()).toMatchObject({ rates: [3], told: [] });
    x.pull();
    expect(await x.accounts()).toMatchObject({ rates: [3], told: [] });
  });

  test('of a replica that takes an account over is asked for anew, where its files are from elsewhere', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    await x.accounts();
    world.commit('accounts.yaml', entryText('2/s'));
    y.pull();
    await y.accounts();
    await world.clock.advance(2000);
    // A working copy of its own, in which nothing is new.
    const nested = join(x.root, directory);
    initRepository(nested);
    commitAll(nested, '1790000000 +0000');
    const looksAtX = x.claim();
    expect(await looksAtX()).toMatchObject({ code: 'behind' });
    x.pull();
    await x.accounts();
    expect(await looksAtX()).toBeNull();
    expect([...world.store.places.keys()].sort()).toEqual(['.', directory]);
  });

  test('without a commit is refused, unless it says that all replicas share it', async () => {
    const world = new World();
    const x = world.replica('x');
    rmSync(join(x.root, '.git'), { recursive: true });
    const { rates, told } = await x.accounts();
    expect(rates).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^not taken now: no commit can be told of it/)]);
    put(x.root, 'accounts.yaml', `${entryText('1/s')}defaults: {files: shared}\n`);
    await x.accounts();
    expect(await x.accounts()).toMatchObject({ rates: [1], told: [] });
  });

  test('waits for a store that is away, says so, and goes on', async () => {
    const world = new World();
    const x = world.replica('x');
    world.store.isAway = () => true;
    const away = 'not taken now: the store cannot be reached';
    expect(await x.accounts()).toEqual({ rates: [], told: [away], bugs: [] });
    world.store.isAway = () => false;
    await x.accounts();
    expect(await x.accounts()).toMatchObject({ rates: [1], told: [] });
  });
});
