// What a replica's files come to beside those of others, over a model of the store.
import { describe, expect, test } from 'vitest';
import { StateError } from '../../src/base/errors.ts';
import { SourceFollower } from '../../src/replicas/source-follower.ts';
import { patienceMs } from '../../src/replicas/source-order.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ModelSourceStore } from './fixtures/model-source-store.ts';

/** A line of commits, one a minute; a clone has all before its own. */
const line = ['a', 'b', 'c', 'd', 'e'];
const seconds = (revision: string) => (revision.codePointAt(0) ?? 0) * 60;

function lineOf(revision: string, other: string) {
  const [here, there] = [line.indexOf(revision), line.indexOf(other)];
  return here >= 0 && there >= 0 && there < here ? 'after' : 'unknown';
}

class World {
  readonly clock = new FakeClock();
  readonly store = new ModelSourceStore();
  readonly living = new Map<string, { readonly host: string }>();
  readonly forced: string[] = [];

  replica(name: string, as: 'replica' | 'guest' = 'replica') {
    const session = `session of ${name}`;
    this.store.sessions.add(session);
    this.living.set(session, { host: name });
    const follower = new SourceFollower({
      ...{ store: this.store, clock: this.clock, as },
      living: () => this.living,
      session: () => session,
      onForced: ({ revision }, newest) =>
        void this.forced.push(`${revision} after ${newest.revision}`),
    });
    const place = async (revision: string, heldSinceMs = 0) => {
      const placement = await follower.place(this.files(revision), heldSinceMs);
      return 'position' in placement ? placement.position : placement.kind;
    };
    const die = () => void this.living.delete(session);
    return { follower, place, die, session };
  }

  files(revision: string) {
    const committedAt = new Date(1_790_000_000_000 + seconds(revision) * 1000);
    const lineTo = (other: string) => lineOf(revision, other);
    return { source: '.', revision, committedAt, lineTo } as const;
  }

  order(): string {
    return (this.store.places.get('.') ?? []).map(({ revision }) => revision).join('');
  }
}

describe('replicas with files of their own', () => {
  test('follow one order, whoever is first with a commit', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    expect(await x.place('a')).toBe(1);
    expect(await y.place('a')).toBe(1);
    expect(await y.place('b')).toBe(2);
    expect(await x.place('b')).toBe(2);
    // It was pulled over one commit, by a clone that has all of them.
    expect(await x.place('d')).toBe(3);
    expect(await y.place('c')).toBe('contested');
    expect(await y.place('d')).toBe(3);
    expect(world.order()).toBe('abd');
    expect(world.forced).toEqual([]);
  });

  test('act on nothing older than another one followed, once the account was that one’s', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    await x.place('a');
    await y.place('a');
    await y.place('b');
    const { clock } = world;
    await clock.advance(60_000);
    // What it holds all the time goes on: nobody else sends for that.
    expect(await x.place('a', 0)).toBe(1);
    y.die();
    expect(await x.place('a', clock.monotonicMs())).toBe('older');
    await clock.advance(10 * patienceMs);
    expect(await x.place('a', clock.monotonicMs())).toBe('older');
    expect(await x.place('a', 0)).toBe(1);
    expect(await x.place('b', clock.monotonicMs())).toBe(2);
    expect(world.order()).toBe('ab');
  });

  test('go back where the branch does, as whoever had the newest sees it', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    await x.place('a');
    await x.place('b');
    await y.place('b');
    expect(await x.place('a')).toBe(3);
    await world.clock.advance(2000);
    // Its files come after the newest by their commits, and were overtaken all the same.
    expect(await y.place('b', world.clock.monotonicMs())).toBe('contested');
    expect(await y.place('a', world.clock.monotonicMs())).toBe(3);
    expect(world.order()).toBe('aba');
  });

  test('ask the store once for all accounts, and again after each takeover', async () => {
    const world = new World();
    const x = world.replica('x');
    const all = Array.from({ length: 300 }, () => x.place('a'));
    expect(new Set(await Promise.all(all))).toEqual(new Set([1]));
    expect(world.store.asked).toEqual({ look: 1, append: 1, stand: 1 });
    await world.clock.advance(5000);
    const since = world.clock.monotonicMs();
    await Promise.all(Array.from({ length: 300 }, () => x.place('a', since)));
    expect(world.store.asked).toEqual({ look: 2, append: 1, stand: 1 });
    await world.replica('y').place('b');
    await world.clock.advance(5000);
    const later = world.clock.monotonicMs();
    const behind = Array.from({ length: 300 }, () => x.place('a', later));
    expect(new Set(await Promise.all(behind))).toEqual(new Set(['older']));
    expect(world.store.asked['look']).toBe(4);
    await world.clock.advance(1000);
    await x.place('a', later);
    expect(world.store.asked['look']).toBe(5);
  });

  test('that were replaced while the store was asked are looked at again, and none of them flips back', async () => {
    const world = new World();
    const x = world.replica('x');
    await x.place('a');
    let isHeld = true;
    const go: (() => void)[] = [];
    world.store.after = () =>
      isHeld ? new Promise<void>((resolve) => go.push(resolve)) : Promise.resolve();
    // One account was read before the swap, the others after it; their answers are all under way.
    const asked = [x.place('b')];
    await new Promise(setImmediate);
    asked.push(x.place('c'), x.place('c'));
    isHeld = false;
    for (const resolve of go) resolve();
    expect(await Promise.all(asked)).toEqual(['moving', 3, 3]);
    expect(world.order()).toBe('abc');
  });

  test('do not lose what they were to follow where two append at once', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    await x.place('a');
    await y.place('a');
    world.store.before = () => new Promise(setImmediate);
    const both = await Promise.all([x.place('b'), y.place('c')]);
    expect(both[1]).toBe(world.order().indexOf('c') + 1);
    expect(world.order()).toMatch(/^a(bc|c)$/);
    expect(both[0]).toBe(world.order() === 'abc' ? 2 : 'contested');
  });

  test('say where they are once more when another session begins', async () => {
    const world = new World();
    const x = world.replica('x');
    await x.place('a');
    world.store.forgetSession(x.session);
    world.store.sessions.add('second');
    expect(await world.store.stands()).toEqual([]);
    await x.follower.standAgain('second');
    const stand = { session: 'second', at: { source: '.', position: 1 } };
    expect(await world.store.stands()).toEqual([stand]);
    const guest = world.replica('guest', 'guest');
    await guest.place('a');
    await guest.follower.standAgain(guest.session);
    expect(await world.store.stands()).toEqual([stand]);
  });

  test('reject while the store is away, and go on afterwards', async () => {
    const world = new World();
    const x = world.replica('x');
    world.store.isAway = () => true;
    await expect(x.place('a')).rejects.toThrow(StateError);
    world.store.isAway = () => false;
    expect(await x.place('a')).toBe(1);
  });
});

describe('where nothing tells which of two comes first', () => {
  /** A branch of which no clone has the other one. */
  const early = 'A';

  test('both are named while somebody has the newest, and a newer commit ends it', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    await x.place('c');
    expect(await y.place(early)).toBe('contested');
    await world.clock.advance(patienceMs - 1);
    expect(await y.place(early)).toBe('contested');
    await world.clock.advance(2000);
    expect(await y.follower.place(world.files(early), 0)).toEqual({
      kind: 'blocked',
      newest: expect.objectContaining({ position: 1, revision: 'c' }),
      hosts: ['x'],
    });
    expect(await y.place('d')).toBe(2);
    expect(world.forced).toEqual([]);
  });

  test('it is followed once nobody has had the newest for two minutes, and is told', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    await x.place('c');
    await y.place(early);
    await world.clock.advance(patienceMs);
    x.die();
    expect(await y.place(early)).toBe('contested');
    await world.clock.advance(patienceMs - 1);
    expect(await y.place(early)).toBe('contested');
    await world.clock.advance(1000);
    expect(await y.place(early)).toBe(2);
    expect(world.order()).toBe(`c${early}`);
    expect(world.forced).toEqual([`${early} after c`]);
  });

  test('the two minutes begin anew when somebody has it again', async () => {
    const world = new World();
    const [x, y] = [world.replica('x'), world.replica('y')];
    await x.place('c');
    x.die();
    await y.place(early);
    await world.clock.advance(patienceMs - 5000);
    const again = world.replica('x');
    await again.place('c', world.clock.monotonicMs());
    await y.place(early);
    again.die();
    await world.clock.advance(6000);
    expect(await y.place(early)).toBe('contested');
    expect(world.order()).toBe('c');
  });

  test('nobody is declared gone by a process that sees no session itself', async () => {
    const world = new World();
    await world.replica('x').place('c');
    const follower = new SourceFollower({
      ...{ store: world.store, clock: world.clock, as: 'replica' },
      ...{ living: () => null, session: () => null, onForced: () => {} },
    });
    const kind = async () => (await follower.place(world.files(early), 0)).kind;
    expect(await kind()).toBe('contested');
    await world.clock.advance(3 * patienceMs);
    expect(await kind()).toBe('blocked');
    expect(world.order()).toBe('c');
  });
});

test('a guest acts on the newest and on what comes after it, and changes no order', async () => {
  const world = new World();
  const guest = world.replica('guest', 'guest');
  expect(await guest.place('a')).toBe(0);
  await world.replica('x').place('b');
  await world.clock.advance(5000);
  const now = world.clock.monotonicMs();
  expect(await guest.place('a', now)).toBe('contested');
  expect(await guest.place('b', now)).toBe(1);
  expect(await guest.place('c', now)).toBe(1);
  expect(world.order()).toBe('b');
  expect(await world.store.stands()).toHaveLength(1);
});
