// Hundreds of accounts come to a new position at once, and the store is asked a few times.
import { expect, test } from 'vitest';
import { StateError } from '../../src/base/errors.ts';
import { Entrance } from '../../src/replicas/entrance.ts';
import { ModelSourceStore } from './fixtures/model-source-store.ts';

function worldOf(accounts: number) {
  const store = new ModelSourceStore();
  store.before = () => new Promise(setImmediate);
  const entrance = new Entrance(store);
  const held = Array.from({ length: accounts }, (_, n) => ({ name: `a${n}`, token: `t${n}` }));
  for (const { name, token } of held) store.tokens.set(name, token);
  return { store, entrance, held };
}

const at = (position: number, source = '.') => ({ source, position });

test('who asks while the store answers shares the next statement', async () => {
  const { store, entrance, held } = worldOf(300);
  const entered = await Promise.all(held.map((account) => entrance.enter(account, at(7))));
  expect(new Set(entered)).toEqual(new Set(['entered']));
  expect(store.asked).toEqual({ enter: 2 });
  expect(store.entered.size).toBe(300);
});

test('each gets its own answer, whatever the others come to', async () => {
  const { store, entrance, held } = worldOf(6);
  const [a, b, c, d, e, f] = held as [Held, Held, Held, Held, Held, Held];
  store.entered.set('a1', at(9));
  store.tokens.set('a2', 'another');
  const answers = await Promise.all([
    entrance.enter(a, at(7)),
    entrance.enter(b, at(7)),
    entrance.enter(c, at(7)),
    entrance.enter(d, at(3, '../others')),
    entrance.enter(e, at(8)),
    entrance.enter(f, at(7)),
    entrance.enter(f, at(8)),
  ]);
  expect(answers).toEqual([
    'entered',
    'older',
    'not-mine',
    'entered',
    'entered',
    'entered',
    'entered',
  ]);
  expect(store.entered.get('a3')).toEqual(at(3, '../others'));
  expect(store.entered.get('a5')).toEqual(at(8));
});

test('a store that is away fails those that asked then, and nobody after them', async () => {
  const { store, entrance, held } = worldOf(10);
  store.isAway = () => true;
  const failed = await Promise.allSettled(held.map((account) => entrance.enter(account, at(1))));
  for (const one of failed) expect(one).toMatchObject({ reason: expect.any(StateError) });
  store.isAway = () => false;
  const again = await Promise.all(held.map((account) => entrance.enter(account, at(1))));
  expect(new Set(again)).toEqual(new Set(['entered']));
});

interface Held {
  readonly name: string;
  readonly token: string;
}
