import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Places } from '../../../src/cli/run-accounts/places.ts';
import { filesFirst, oneByOne } from '../../../src/cli/run-accounts/turns.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

test('one goes on in each turn of the event loop, in the order in which they came', async () => {
  const turn = oneByOne();
  const gone: number[] = [];
  for (const n of [0, 1, 2]) void turn().then(() => gone.push(n));
  const seen: number[] = [];
  while (gone.length < 3) {
    await turnOfTheLoop();
    seen.push(gone.length);
  }
  expect(gone).toEqual([0, 1, 2]);
  expect(new Set(seen).size).toBe(seen.length);
  await turn();
});

const never = new AbortController().signal;

function openPlaces() {
  const clock = new FakeClock();
  const places = new Places({ most: 2, longestMs: 5000, clock });
  const acting: string[] = [];
  const ends = new Map<string, () => void>();
  const within = (name: string, signal = never) =>
    places.within(signal, async () => {
      acting.push(name);
      await new Promise<void>((end) => ends.set(name, end));
      return name;
    });
  return { clock, places, acting, within, end: (name: string) => ends.get(name)?.() };
}

test('so many act at once, and the next one when a place is free', async () => {
  const { acting, within, end } = openPlaces();
  const all = ['a', 'b', 'c', 'd'].map((name) => within(name));
  await settle();
  expect(acting).toEqual(['a', 'b']);
  end('b');
  expect(await all[1]).toBe('b');
  await settle();
  expect(acting).toEqual(['a', 'b', 'c']);
});

test('who takes too long goes on without its place', async () => {
  const { clock, acting, within, end } = openPlaces();
  const [slow] = ['a', 'b', 'c'].map((name) => within(name));
  await clock.advance(4999);
  expect(acting).toEqual(['a', 'b']);
  await clock.advance(1);
  expect(acting).toEqual(['a', 'b', 'c']);
  end('a');
  expect(await slow).toBe('a');
});

test('whoever leaves the line does not act, and holds up nobody', async () => {
  const { acting, within, end } = openPlaces();
  const leaving = new AbortController();
  void within('a');
  void within('b');
  const left = within('c', leaving.signal);
  const last = within('d');
  leaving.abort();
  expect(await left).toBeNull();
  end('a');
  await settle();
  expect(acting).toEqual(['a', 'b', 'd']);
  end('d');
  expect(await last).toBe('d');
});

test('a failure gives the place back', async () => {
  const { places, within, acting } = openPlaces();
  await expect(places.within(never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  void within('a');
  void within('b');
  await settle();
  expect(acting).toEqual(['a', 'b']);
});

test('sweeps wait until all are open, and looks at files do not', async () => {
  const { places, within, end } = openPlaces();
  const turn = filesFirst(async () => {}, places);
  const begun: string[] = [];
  const begin = (work: 'pass' | 'sweep') => turn(work, never).then(() => begun.push(work));
  for (const name of ['a', 'b', 'c']) void within(name);
  await settle();
  void begin('sweep');
  void begin('pass');
  await settle();
  expect(begun).toEqual(['pass']);
  end('a');
  await settle();
  end('b');
  await settle();
  expect(begun).toEqual(['pass']);
  end('c');
  await settle();
  expect(begun).toEqual(['pass', 'sweep']);
  await begin('sweep');
});

test('a sweep waits half a minute at most, and not for a loop that stops', async () => {
  const { clock, places, within } = openPlaces();
  const turn = filesFirst(async () => {}, places);
  const begun: string[] = [];
  const stopping = new AbortController();
  for (let again = 0; again < 20; again += 1) void within(`${again}`, new AbortController().signal);
  await settle();
  void turn('sweep', never).then(() => begun.push('patient'));
  void turn('sweep', stopping.signal).then(() => begun.push('stopping'));
  stopping.abort();
  await settle();
  expect(begun).toEqual(['stopping']);
  await clock.advance(29_999);
  expect(begun).toEqual(['stopping']);
  await clock.advance(1);
  expect(begun).toEqual(['stopping', 'patient']);
});
