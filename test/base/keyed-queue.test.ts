import { expect, test } from 'vitest';
import { KeyedQueue } from '../../src/base/keyed-queue.ts';
import { settle } from '../support/fake-clock.ts';

function world() {
  const turns = new KeyedQueue();
  const told: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const take = (thing: string, name: string) =>
    turns.take(thing, async () => {
      told.push(name);
      await new Promise<void>((resolve, reject) =>
        ends.set(name, (error) => (error === undefined ? resolve() : reject(error))),
      );
    });
  return { turns, told, take, end: (name: string, error?: Error) => ends.get(name)?.(error) };
}

test('work on one thing goes one after another, on others beside it', async () => {
  const { told, take, end } = world();
  const work = [take('a', 'a1'), take('a', 'a2'), take('b', 'b1')];
  await settle();
  expect(told).toEqual(['a1', 'b1']);
  end('b1');
  await settle();
  expect(told).toEqual(['a1', 'b1']);
  end('a1');
  await settle();
  expect(told).toEqual(['a1', 'b1', 'a2']);
  end('a2');
  await Promise.all(work);
});

test('a failure reaches who asked, and the next has its turn', async () => {
  const { told, take, end } = world();
  const failing = take('a', 'a1');
  const next = take('a', 'a2');
  await settle();
  end('a1', new Error('the disk is full'));
  await expect(failing).rejects.toThrow('the disk is full');
  await settle();
  expect(told).toEqual(['a1', 'a2']);
  end('a2');
  await next;
});

test('settled waits for all that was begun, failures and those in line included', async () => {
  const { turns, take, end } = world();
  const failing = take('a', 'a1');
  const next = take('a', 'a2');
  let isSettled = false;
  const settled = turns.settled().then(() => {
    isSettled = true;
  });
  await settle();
  end('a1', new Error('the disk is full'));
  await expect(failing).rejects.toThrow();
  await settle();
  expect(isSettled).toBe(false);
  end('a2');
  await next;
  await settled;
  await turns.settled();
});
