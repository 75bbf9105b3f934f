import { describe, expect, test } from 'vitest';
import type { Trigger, Work } from '../../../src/sync/events.ts';
import type { Ask } from '../../../src/sync/loop/run-pass.ts';
import { WorkQueue } from '../../../src/sync/loop/work-queue.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

/** A queue whose runs end when the test says so. */
function world() {
  const clock = new FakeClock();
  const begun: string[] = [];
  const runs: Record<Work, { end: () => void; fail: (error: Error) => void }[]> = {
    pass: [],
    sweep: [],
  };
  const bugs: unknown[] = [];
  const run = (key: Work) => (ask: Ask) => {
    begun.push(`${key} ${ask.trigger}${ask.force ? ' by force' : ''}`);
    return new Promise<void>((resolve, reject) => {
      runs[key].push({ end: resolve, fail: reject });
    });
  };
  const queue = new WorkQueue({
    clock,
    random: () => 0.5,
    run: { pass: run('pass'), sweep: run('sweep') },
    onBug: (error) => bugs.push(error),
  });
  const end = (key: Work) => {
    runs[key].shift()?.end();
    return settle();
  };
  const fail = (key: Work, error: Error) => {
    runs[key].shift()?.fail(error);
    return settle();
  };
  const add = (key: Work, ...triggers: readonly Trigger[]) => {
    for (const trigger of triggers) queue.add(key, trigger);
    return settle();
  };
  return { queue, clock, begun, bugs, add, end, fail };
}

describe('runs of one key', () => {
  test('begin in the next moment, and one after the other', async () => {
    const { begun, add, end } = world();
    await add('sweep', 'start');
    await add('sweep', 'resync');
    expect(begun).toEqual(['sweep start']);
    await end('sweep');
    expect(begun).toEqual(['sweep start', 'sweep resync']);
    await end('sweep');
    await add('sweep', 'signal');
    expect(begun).toEqual(['sweep start', 'sweep resync', 'sweep signal']);
  });

  test('do not wait for those of the other', async () => {
    const { begun, add } = world();
    await add('sweep', 'start');
    await add('pass', 'files');
    expect(begun).toEqual(['sweep start', 'pass files']);
  });

  test('that are asked for together, or during one, become one', async () => {
    const { begun, add, end } = world();
    await add('pass', 'start', 'files');
    await add('pass', 'key', 'outdated', 'files');
    await end('pass');
    await end('pass');
    expect(begun).toEqual(['pass start', 'pass key']);
  });

  test.each<[string, Work, readonly Trigger[], Trigger]>([
    ['a look at the files takes the place of nothing', 'pass', ['key', 'files'], 'key'],
    ['anything takes the place of a look at the files', 'pass', ['files', 'key'], 'key'],
    [
      'a sweep that sends nothing stands in for none that may',
      'sweep',
      ['resync', 'start'],
      'resync',
    ],
    [
      'a sweep that may send takes the place of one that does not',
      'sweep',
      ['start', 'signal'],
      'signal',
    ],
  ])('%s', async (_, key, triggers, told) => {
    const { begun, add } = world();
    await add(key, ...triggers);
    expect(begun).toEqual([`${key} ${told}`]);
  });

  test('go on after a bug in one', async () => {
    const { begun, bugs, add, fail } = world();
    const bug = new Error('a bug');
    await add('sweep', 'start');
    await add('sweep', 'resync');
    await fail('sweep', bug);
    expect(bugs).toEqual([bug]);
    expect(begun).toEqual(['sweep start', 'sweep resync']);
  });
});

describe('a re-send that was asked for', () => {
  test('is never lost to what only looks', async () => {
    const { queue, begun, add, end } = world();
    await add('sweep', 'start');
    queue.add('sweep', 'resend', { force: true });
    await add('sweep', 'resync', 'signal');
    await end('sweep');
    expect(begun).toEqual(['sweep start', 'sweep resend by force']);
  });

  test('is owed until a run has done it, whatever brings that run', async () => {
    const { queue, begun, add, end } = world();
    queue.add('pass', 'resend', { force: true });
    await settle();
    await end('pass');
    await add('pass', 'files');
    queue.done('pass');
    await end('pass');
    await add('pass', 'files');
    expect(begun).toEqual(['pass resend by force', 'pass files by force', 'pass files']);
  });

  test('during a run is not done by that one', async () => {
    const { queue, begun, add, end } = world();
    await add('pass', 'files');
    queue.add('pass', 'resend', { force: true });
    queue.done('pass');
    await end('pass');
    expect(begun).toEqual(['pass files', 'pass resend by force']);
  });
});

describe('a key that is paused', () => {
  test('begins no run, and then one', async () => {
    const { queue, begun, add, end } = world();
    queue.pause('sweep');
    await add('sweep', 'resync', 'resync');
    await add('pass', 'files');
    expect(begun).toEqual(['pass files']);
    queue.resume('sweep');
    await settle();
    await end('sweep');
    expect(begun).toEqual(['pass files', 'sweep resync']);
  });

  test('lets the run under way end as it was', async () => {
    const { queue, begun, add, end } = world();
    await add('sweep', 'resync');
    queue.pause('sweep');
    await end('sweep');
    queue.resume('sweep');
    await settle();
    expect(begun).toEqual(['sweep resync']);
  });

  test('that asks for itself once more during a run begins that once it may', async () => {
    const { queue, begun, add, end } = world();
    queue.add('sweep', 'resend', { force: true });
    await settle();
    queue.pause('sweep');
    queue.add('sweep', 'resend');
    await end('sweep');
    await add('sweep', 'signal');
    expect(begun).toEqual(['sweep resend by force']);
    queue.resume('sweep');
    await settle();
    expect(begun).toEqual(['sweep resend by force', 'sweep resend by force']);
    queue.done('sweep');
    await end('sweep');
    await add('sweep', 'resync');
    expect(begun.at(-1)).toBe('sweep resync');
  });
});

describe('a key that is added later', () => {
  test('is added then, and once', async () => {
    const { queue, clock, begun, end } = world();
    queue.addAfter('pass', 500, 'unsettled');
    await clock.advance(499);
    expect(begun).toEqual([]);
    await clock.advance(1);
    await end('pass');
    await clock.advance(60_000);
    expect(begun).toEqual(['pass unsettled']);
  });

  test('at once, where the time is over', async () => {
    const { queue, begun } = world();
    queue.addAfter('pass', -60_000, 'until');
    await settle();
    expect(begun).toEqual(['pass until']);
  });

  test.each<[string, readonly [number, Trigger][]]>([
    [
      'earlier one last',
      [
        [60_000, 'until'],
        [500, 'unsettled'],
      ],
    ],
    [
      'earlier one first',
      [
        [500, 'unsettled'],
        [60_000, 'until'],
      ],
    ],
  ])('is added at the earliest of several times (%s)', async (_, times) => {
    const { queue, clock, begun, end } = world();
    for (const [ms, trigger] of times) queue.addAfter('pass', ms, trigger);
    expect(clock.sleeping).toBe(1);
    await clock.advance(500);
    expect(begun).toEqual(['pass unsettled']);
    await end('pass');
    await clock.advance(120_000);
    expect(begun).toHaveLength(1);
  });

  test('is not added again once a run has begun: that one asks anew', async () => {
    const { queue, clock, begun, add, end } = world();
    queue.addAfter('pass', 500, 'unsettled');
    for (let n = 0; n < 100; n += 1) {
      await add('pass', 'files');
      queue.addAfter('pass', 500, 'unsettled');
      expect(clock.sleeping).toBe(1);
      await end('pass');
      await clock.advance(100);
    }
    expect(begun).not.toContain('pass unsettled');
    await clock.advance(400);
    expect(begun.at(-1)).toBe('pass unsettled');
  });

  test('leaves the other key its own time', async () => {
    const { queue, clock, begun } = world();
    queue.addAfter('pass', 500, 'unsettled');
    queue.addAfter('sweep', 1000, 'resync');
    await clock.advance(1000);
    expect(begun).toEqual(['pass unsettled', 'sweep resync']);
  });
});

describe('a key that failed', () => {
  test('waits longer each time, within bounds, until it is forgotten', () => {
    const { queue } = world();
    const waits = Array.from({ length: 8 }, () => queue.addRateLimited('pass', 'retry'));
    expect(waits).toEqual([1500, 2500, 4500, 8500, 16_500, 30_500, 30_500, 30_500]);
    queue.forget('pass');
    expect(queue.addRateLimited('pass', 'retry')).toBe(1500);
    expect(queue.addRateLimited('sweep', 'resync')).toBe(1500);
  });

  test('waits as long as it is told to, at least', async () => {
    const { queue, clock, begun } = world();
    expect(queue.addRateLimited('pass', 'retry', 60_000)).toBe(60_000);
    await clock.advance(59_999);
    expect(begun).toEqual([]);
    await clock.advance(1);
    expect(begun).toEqual(['pass retry']);
  });
});

describe('a queue that is stopped', () => {
  test('lets the runs under way end, and begins no more', async () => {
    const { queue, clock, begun, add, end } = world();
    await add('sweep', 'start');
    await add('sweep', 'resync');
    queue.addAfter('pass', 500, 'until');
    let isStopped = false;
    const stopped = queue.stop().then(() => {
      isStopped = true;
    });
    await add('sweep', 'signal');
    queue.addAfter('pass', 100, 'until');
    expect([isStopped, clock.sleeping]).toEqual([false, 0]);
    await end('sweep');
    await stopped;
    await clock.advance(60_000);
    expect(begun).toEqual(['sweep start']);
  });

  test('before anything began stops at once', async () => {
    const { queue, begun, add } = world();
    await queue.stop();
    await add('sweep', 'start');
    expect(begun).toEqual([]);
  });
});
