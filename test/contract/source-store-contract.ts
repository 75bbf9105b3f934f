// What any store of the order of revisions has to do, told over its port alone.
import { beforeEach, describe, expect, test } from 'vitest';
import type { ClaimedTenure } from '../../src/replicas/replica-store.ts';
import type { SourceStore } from '../../src/replicas/source-store.ts';

export interface SourceStoreUnderTest {
  readonly store: SourceStore;
  /** Another way to the same store, as another replica has it. */
  readonly beside: SourceStore;
  /** Begins a session; gives its number. */
  readonly begin: () => Promise<string>;
  /** Forgets a session that has ended. */
  readonly forget: (session: string) => Promise<void>;
  /** Gives the account a new holder; resolves with its token. */
  readonly claim: (account: string) => Promise<string>;
}

const id = (n: number) => n.toString(16).padStart(40, '0');
const at = (n: number) => new Date(1_790_000_000_000 + n * 1000);
const next = (n: number) => ({ revision: id(n), committedAt: at(n) });

export function describeSourceStore(name: string, open: () => Promise<SourceStoreUnderTest>): void {
  describe(`the order of revisions in ${name}`, () => {
    let world: SourceStoreUnderTest;
    beforeEach(async () => {
      world = await open();
    });

    test('is empty at first, and then tells the newest and where a revision stands', async () => {
      const { store, beside } = world;
      expect(await store.look('.', id(1))).toEqual({ newest: null, known: null });
      expect(await store.append('.', 0, next(1))).toEqual({ position: 1, ...next(1) });
      expect(await store.append('.', 1, next(2))).toEqual({ position: 2, ...next(2) });
      const newest = { position: 2, ...next(2) };
      expect(await beside.look('.', id(1))).toEqual({ newest, known: 1 });
      expect(await beside.look('.', id(2))).toEqual({ newest, known: 2 });
      expect(await beside.look('.', id(3))).toEqual({ newest, known: null });
    });

    test('takes what follows the newest alone, and leaves all as it was otherwise', async () => {
      const { store, beside } = world;
      await store.append('.', 0, next(1));
      for (const after of [0, 2, 7]) expect(await beside.append('.', after, next(2))).toBeNull();
      expect((await store.look('.', id(2))).known).toBeNull();
      expect(await beside.append('.', 1, next(2))).toMatchObject({ position: 2 });
      expect(await store.append('.', 1, next(3))).toBeNull();
    });

    test.each([0, 1])('gives the place after %i to one of many who ask at once', async (after) => {
      const { store, beside } = world;
      if (after > 0) await store.append('.', 0, next(99));
      const asked = [1, 2, 3, 4, 5, 6].map((n) =>
        (n % 2 === 0 ? store : beside).append('.', after, next(n)),
      );
      const won = (await Promise.all(asked)).filter((place) => place !== null);
      expect(won).toHaveLength(1);
      expect((await store.look('.', id(0))).newest).toEqual(won[0]);
    });

    test('has the latest place of a revision that was followed again', async () => {
      const { store } = world;
      await store.append('.', 0, next(1));
      await store.append('.', 1, next(2));
      await store.append('.', 2, next(1));
      expect(await store.look('.', id(1))).toMatchObject({ newest: { position: 3 }, known: 3 });
      expect(await store.look('.', id(2))).toMatchObject({ known: 2 });
    });

    test('keeps each source for itself, whatever it is called, and a commit without a date', async () => {
      const { store } = world;
      const names = ['.', '../others', 'it\'s \\ "odd" — é'];
      const undated = { revision: id(5), committedAt: null };
      for (const source of names) {
        expect(await store.append(source, 0, undated)).toEqual({ position: 1, ...undated });
        expect((await store.look(source, id(5))).newest).toEqual({ position: 1, ...undated });
      }
      expect(await store.look('..', id(5))).toEqual({ newest: null, known: null });
    });

    test('says where each living session stands, the last that it said of a source', async () => {
      const { store, beside, begin, forget } = world;
      const [one, two] = [await begin(), await begin()];
      await store.stand(one, '.', 1);
      await store.stand(one, '../others', 9);
      await beside.stand(two, '.', 1);
      await store.stand(one, '.', 2);
      const stand = (session: string, source: string, position: number) => ({
        session,
        at: { source, position },
      });
      const all = [stand(one, '.', 2), stand(one, '../others', 9), stand(two, '.', 1)];
      expect(sorted(await beside.stands())).toEqual(sorted(all));
      // A statement that was given up, and is carried out late.
      await store.stand(one, '.', 1);
      expect(sorted(await beside.stands())).toEqual(sorted(all));
      await forget(one);
      expect(await store.stands()).toEqual([stand(two, '.', 1)]);
      await store.stand(one, '.', 3);
      expect(await store.stands()).toEqual([stand(two, '.', 1)]);
    });

    test('lets an account go on at a later position, never at an earlier one', async () => {
      const { store, beside, claim } = world;
      const account = { name: 'fernwood', token: await claim('fernwood') };
      const enter = async (position: number, source = '.') =>
        (await beside.enter([account], { source, position }))[0];
      expect(await enter(3)).toBe('entered');
      expect(await enter(3)).toBe('entered');
      expect(await enter(2)).toBe('older');
      expect(await store.enter([account], { source: '.', position: 4 })).toEqual(['entered']);
      expect(await enter(3)).toBe('older');
      expect(await enter(1, '../others')).toBe('entered');
      expect(await enter(3)).toBe('entered');
    });

    test('keeps the position of an account for its next holder, and refuses the one before', async () => {
      const { store, claim } = world;
      const enter = async (account: ClaimedTenure, position: number, source = '.') =>
        (await store.enter([account], { source, position }))[0];
      const former = { name: 'fernwood', token: await claim('fernwood') };
      expect(await enter(former, 5)).toBe('entered');
      const holder = { name: 'fernwood', token: await claim('fernwood') };
      expect(await enter(former, 6)).toBe('not-mine');
      expect(await enter(holder, 4)).toBe('older');
      expect(await enter(former, 9, '../others')).toBe('not-mine');
      expect(await enter(holder, 5)).toBe('entered');
    });

    test('answers for each of many accounts, in the order in which they were named', async () => {
      const { store, claim } = world;
      const names = Array.from({ length: 30 }, (_, n) => `account-${(n * 7) % 30}`);
      const accounts: ClaimedTenure[] = [];
      for (const name of names) accounts.push({ name, token: await claim(name) });
      const [first, second, third] = accounts;
      if (first === undefined || second === undefined || third === undefined) expect.fail();
      await store.enter([second], { source: '.', position: 8 });
      await claim(third.name);
      const unknown = { name: 'nobody', token: first.token };
      const entered = await store.enter([...accounts, unknown], { source: '.', position: 7 });
      const expected = accounts.map((one) =>
        one === second ? 'older' : one === third ? 'not-mine' : 'entered',
      );
      expect(entered).toEqual([...expected, 'not-mine']);
      expect(await store.enter([], { source: '.', position: 7 })).toEqual([]);
    });
  });
}

function sorted<One>(list: readonly One[]): One[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
