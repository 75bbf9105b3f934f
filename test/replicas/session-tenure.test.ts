import { describe, expect, test } from 'vitest';
import { TenureLostError } from '../../src/base/errors.ts';
import { momentOf } from '../../src/replicas/furthest-clock.ts';
import { SessionTenure, SessionTerm } from '../../src/replicas/session-tenure.ts';

function clocks() {
  const at = { monotonic: 5000, boot: 90_000, wall: 1e12 };
  const clock = {
    monotonicMs: () => at.monotonic,
    bootMs: () => at.boot,
    now: () => new Date(at.wall),
    sleep: () => Promise.resolve(),
  };
  return { at, clock };
}

/** A new one of 3 s. */
function held() {
  const { at, clock } = clocks();
  return { at, tenure: new SessionTenure('1', new SessionTerm(clock, 3000, momentOf(clock))) };
}

describe('a tenure lasts for 3 s', () => {
  test.each([
    ['all clocks', ['monotonic', 'boot', 'wall']],
    ['a boot clock that goes on alone', ['boot']],
  ] as const)('on %s', (_, which) => {
    const { at, tenure } = held();
    for (const one of which) at[one] += 2999;
    expect(tenure.isMine()).toBe(true);
    for (const one of which) at[one] += 1;
    expect(tenure.isMine()).toBe(false);
  });

  test.each([
    ['the wall clock is set ahead', { wall: 60_000 }, false],
    ['the wall clock is set back', { wall: -60_000 }, false],
    ['the wall clock alone goes on while the machine sleeps', { wall: 2000 }, false],
    ['all others go on while the wall clock stands still', { monotonic: 300, boot: 300 }, false],
    ['the process is held up amid reading them', { wall: 250 }, true],
    ['the wall clock is set back a little', { monotonic: 2000, boot: 2000, wall: 1750 }, true],
  ] as const)('and no longer than it can be measured: %s', (_, moved, isMine) => {
    const { at, tenure } = held();
    const { monotonic = 0, boot = 0, wall = 0 }: Partial<typeof at> = moved;
    at.monotonic += monotonic;
    at.boot += boot;
    at.wall += wall;
    expect(tenure.isMine()).toBe(isMine);
    // What was over once stays so, whatever clocks say then.
    at.wall += monotonic - wall;
    expect(tenure.isMine()).toBe(isMine);
  });

  test('from the moment at which the beat was sent, not answered', () => {
    const { at, clock } = clocks();
    const pass = (ms: number) => {
      at.monotonic += ms;
      at.wall += ms;
    };
    const term = new SessionTerm(clock, 3000, momentOf(clock));
    const tenure = new SessionTenure('1', term);
    pass(1000);
    const sentAt = momentOf(clock);
    pass(1500);
    term.renew(sentAt);
    pass(1499);
    expect(tenure.isMine()).toBe(true);
    pass(1);
    expect(tenure.isMine()).toBe(false);
  });
});

test('an answer that comes too late revives nothing, nor does a clock that goes back', () => {
  const { at, clock } = clocks();
  const term = new SessionTerm(clock, 3000, momentOf(clock));
  const tenure = new SessionTenure('1', term);
  const sentAt = momentOf(clock);
  at.wall += 3000;
  term.renew(sentAt);
  at.wall -= 3000;
  expect(tenure.isMine()).toBe(false);
  expect(term.over.aborted).toBe(true);
});

test('one account ends without the others, and says why', () => {
  const { clock } = clocks();
  const term = new SessionTerm(clock, 3000, momentOf(clock));
  const [one, other] = [new SessionTenure('1', term), new SessionTenure('1', term)];
  one.end('it was released');
  expect(one.isMine()).toBe(false);
  expect(one.ended.reason).toBeInstanceOf(TenureLostError);
  expect(String(one.ended.reason)).toContain('it was released');
  expect(other.isMine()).toBe(true);
});
