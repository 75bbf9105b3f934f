// A session that one command keeps: over in the very moment in which its time has passed.
import { expect, test } from 'vitest';
import { StateError } from '../../src/base/errors.ts';
import { momentOf } from '../../src/replicas/furthest-clock.ts';
import { keepSession } from '../../src/replicas/keep-session.ts';
import { SessionTerm, sessionRules } from '../../src/replicas/session-tenure.ts';
import { ModelProcess } from './simulation/model-process.ts';
import { World } from './simulation/world.ts';

const { beatMs, holdMs } = sessionRules;

/** `answer`: of the beat of this number, from 1. */
function kept(answer: (beat: number) => Promise<unknown>) {
  const world = new World(1);
  const { clock } = new ModelProcess(world);
  const ended = new AbortController();
  const term = new SessionTerm(clock, holdMs, momentOf(clock));
  const beats: number[] = [];
  const session = {
    ended: ended.signal,
    async beat() {
      beats.push(world.nowMs);
      await answer(beats.length);
      return { sessions: [], unheld: [] };
    },
  };
  let over: { readonly atMs: number; readonly why: string } | null = null;
  void keepSession({ session, term, clock, beatMs }).then((why) => {
    over = { atMs: world.nowMs, why };
  });
  return { world, term, beats, ended, over: () => over };
}

const never = new Promise<never>(() => {});

test('it beats once a second for as long as it is answered', async () => {
  const { world, term, beats, over } = kept(() => Promise.resolve());
  await world.run(10_500);
  expect(beats).toEqual(Array.from({ length: 11 }, (_, n) => n * beatMs));
  expect(term.leftMs()).toBeGreaterThan(0);
  expect(over()).toBe(null);
  term.end();
  await world.run(20_000);
  expect(beats).toHaveLength(11);
  expect(over()).toMatchObject({ why: 'its session in the store is over' });
});

test('where no answer comes, it is over 3 s after the last beat that was answered was sent', async () => {
  const { world, term, over } = kept((beat) => (beat <= 3 ? Promise.resolve() : never));
  await world.run(2 * beatMs + holdMs - 1);
  expect(term.over.aborted).toBe(false);
  expect(over()).toBe(null);
  await world.run(2 * beatMs + holdMs);
  expect(term.over.aborted).toBe(true);
  expect(over()).toMatchObject({
    atMs: 2 * beatMs + holdMs,
    why: expect.stringMatching(/did not answer in time/),
  });
});

test('where a beat fails, it is over at once, for that reason', async () => {
  const { world, term, over } = kept((beat) =>
    beat === 1 ? Promise.resolve() : Promise.reject(new StateError('the server is gone')),
  );
  await world.run(beatMs);
  expect(term.over.aborted).toBe(true);
  expect(over()).toEqual({ atMs: beatMs, why: 'the server is gone' });
});

test('where the store ends it between two beats, it is over at once', async () => {
  const { world, ended, over } = kept(() => Promise.resolve());
  world.after(1500, () => ended.abort());
  await world.run(1500);
  expect(over()).toMatchObject({ atMs: 1500 });
});
