import { describe, expect, test } from 'vitest';
import { Sweeps, type SweepTrigger } from '../../src/sync/sweeps.ts';
import { settle } from '../support/fake-clock.ts';

/** Sweeps that end when the test says so. */
function world() {
  const begun: SweepTrigger[] = [];
  const ends: (() => void)[] = [];
  const sweeps = new Sweeps((trigger) => {
    begun.push(trigger);
    return new Promise((resolve) => ends.push(resolve));
  });
  const end = () => {
    ends.shift()?.();
    return settle();
  };
  return { sweeps, begun, end };
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

  test('that are stopped wait for the one under way, and begin no more', async () => {
    const { sweeps, begun, end } = world();
    sweeps.ask('start');
    sweeps.ask('resync');
    let isStopped = false;
    const stopped = sweeps.stop().then(() => {
      isStopped = true;
    });
    sweeps.ask('signal');
    await settle();
    expect(isStopped).toBe(false);
    await end();
    await stopped;
    await settle();
    expect(begun).toEqual(['start']);
  });

  test('that never began stop at once', async () => {
    const { sweeps, begun } = world();
    await sweeps.stop();
    sweeps.ask('start');
    expect(begun).toEqual([]);
  });
});
