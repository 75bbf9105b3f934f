import { expect, test } from 'vitest';
import { graceMs, Liveness } from '../../../src/observe/status/liveness.ts';
import type { Wait } from '../../../src/sync/rate/wait.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { LoopWorld, yaml } from '../../support/loop-world.ts';

const quietMs = 60_000;

function watched() {
  const clock = new FakeClock();
  const limiter: { wait: Wait | null; isPaused: boolean } = { wait: null, isPaused: false };
  return { clock, limiter, liveness: new Liveness({ clock, limiter, quietMs }) };
}

test('it is alive as long as something happens often enough', async () => {
  const { clock, liveness } = watched();
  await clock.advance(quietMs + graceMs);
  expect(liveness.isAlive).toBe(true);
  await clock.advance(1);
  expect(liveness.isAlive).toBe(false);
  liveness.hear({ kind: 'sweep-ended' });
  expect({ alive: liveness.isAlive, silentMs: liveness.silentMs }).toEqual({
    alive: true,
    silentMs: 0,
  });
});

test('the sign of life itself is none', async () => {
  const { clock, liveness } = watched();
  for (let beats = 0; beats < 100; beats += 1) {
    liveness.hear({ kind: 'status-changed' });
    await clock.advance(15_000);
  }
  expect(liveness.isAlive).toBe(false);
});

test('nothing need happen while no request may start', async () => {
  const { clock, limiter, liveness } = watched();
  limiter.wait = { reason: 'retry-after', forMs: 3_600_000 };
  await clock.advance(3_600_000);
  expect(liveness.isAlive).toBe(true);
  limiter.wait = null;
  expect(liveness.isAlive).toBe(false);
  limiter.isPaused = true;
  expect(liveness.isAlive, 'the key is refused').toBe(true);
});

test('a loop that has nothing to do gives signs of life, and one that has stopped none', async () => {
  let liveness: Liveness | null = null;
  const world = await LoopWorld.make(
    { 'ava.yaml': yaml(1, 'Ava') },
    {
      change: ({ clock, limiter, emit }) => {
        const found = new Liveness({ clock, limiter, quietMs });
        liveness = found;
        return {
          emit(event) {
            found.hear(event);
            emit(event);
          },
        };
      },
    },
  );
  await world.startAndApply(1);
  const isAlive = () => liveness?.isAlive;
  for (let minutes = 0; minutes < 30; minutes += 1) {
    const { rescans } = world;
    await world.clock.advance(60_000);
    await world.until(() => world.rescans > rescans);
    expect(isAlive()).toBe(true);
  }
  await world.loop.stop({ deadlineMs: 0 });
  await world.clock.advance(quietMs + graceMs + 1);
  expect(isAlive()).toBe(false);
});
