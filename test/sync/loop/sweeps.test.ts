import { describe, expect, test } from 'vitest';
import type { SweepTrigger } from '../../../src/sync/loop/loop-types.ts';
import { Sweeps } from '../../../src/sync/loop/sweeps.ts';
import { settle } from '../../support/fake-clock.ts';

/** Sweeps that end when the test says so, or once they are aborted. */
function world() {
  const begun: SweepTrigger[] = [];
  const ends: (() => void)[] = [];
  const failures: ((error: Error) => void)[] = [];
  const bugs: unknown[] = [];
  const sweeps = new Sweeps({
    attempts: { attempt: (_work, _facts, act) => act() },
    sweep: (trigger, signal) => {
      begun.push(trigger);
      return new Promise((resolve, reject) => {
        ends.push(() => resolve(!signal.aborted));
        signal.addEventListener('abort', () => resolve(false));
        failures.push(reject);
      });
    },
    onBug: (error) => bugs.push(error),
  });
  const end = () => {
    failures.shift();
    ends.shift()?.();
    return settle();
  };
  const fail = (error: Error) => {
    ends.shift();
    failures.shift()?.(error);
    return settle();
  };
  return { sweeps, begun, bugs, end, fail };
}

describe('sweeps', () => {
  test('begin at once, and one after the other', async () => {
    const { sweeps, begun, end } = world();
    sweeps.ask('start');
    expect(begun).toEqual(['start']);
    sweeps.ask('resync');
    await settle();
    expect(begun).toEqual(['start']);
    await end();
    expect(begun).toEqual(['start', 'resync']);
    await end();
    sweeps.ask('signal');
    expect(begun).toEqual(['start', 'resync', 'signal']);
  });

  test('that are asked for during one become one more', async () => {
    const { sweeps, begun, end } = world();
    sweeps.ask('start');
    for (const trigger of ['resync', 'signal', 'resync'] as const) sweeps.ask(trigger);
    await end();
    await end();
    await settle();
    expect(begun).toEqual(['start', 'resync']);
  });

  test('never lose a request to send everything to one that only looks', async () => {
    const { sweeps, begun, end } = world();
    sweeps.ask('start');
    for (const trigger of ['resync', 'resend', 'signal'] as const) sweeps.ask(trigger);
    await end();
    expect(begun).toEqual(['start', 'resend']);
    await end();
    sweeps.ask('resync');
    expect(begun).toEqual(['start', 'resend', 'resync']);
  });

  test('never let a look that sends nothing stand in for one that may', async () => {
    const { sweeps, begun, end } = world();
    sweeps.ask('start');
    for (const trigger of ['resync', 'start'] as const) sweeps.ask(trigger);
    await end();
    expect(begun).toEqual(['start', 'resync']);
  });

  test('that are stopped end the one under way, and begin no more', async () => {
    const { sweeps, begun } = world();
    sweeps.ask('start');
    sweeps.ask('resync');
    const stopped = sweeps.stop();
    sweeps.ask('signal');
    await stopped;
    await settle();
    expect(begun).toEqual(['start']);
  });

  test('wait while they are held, and then begin once', async () => {
    const { sweeps, begun, end } = world();
    sweeps.hold();
    for (const trigger of ['resync', 'resync'] as const) sweeps.ask(trigger);
    await settle();
    expect(begun).toEqual([]);
    sweeps.resume();
    expect(begun).toEqual(['resync']);
    await end();
    expect(begun).toEqual(['resync']);
  });

  test('that are only held end the one under way as it was', async () => {
    const { sweeps, begun, end } = world();
    sweeps.ask('resync');
    sweeps.hold();
    await end();
    sweeps.resume();
    await settle();
    expect(begun).toEqual(['resync']);
  });

  test('that are interrupted begin the same anew once they may', async () => {
    const { sweeps, begun, end } = world();
    sweeps.ask('resend');
    sweeps.interrupt();
    await settle();
    sweeps.ask('signal');
    await settle();
    expect(begun).toEqual(['resend']);
    sweeps.resume();
    expect(begun).toEqual(['resend', 'resend']);
    await end();
    await end();
    sweeps.ask('resync');
    expect(begun).toEqual(['resend', 'resend', 'resync']);
  });

  test('go on after a bug in one', async () => {
    const { sweeps, begun, bugs, fail } = world();
    const bug = new Error('a bug');
    sweeps.ask('start');
    sweeps.ask('resync');
    await fail(bug);
    expect(bugs).toEqual([bug]);
    expect(begun).toEqual(['start', 'resync']);
  });

  test('that never began stop at once', async () => {
    const { sweeps, begun } = world();
    await sweeps.stop();
    sweeps.ask('start');
    expect(begun).toEqual([]);
  });
});
