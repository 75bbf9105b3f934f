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

describe('a tenure lasts for 3 s', () => {
  test.each(['monotonic', 'boot', 'wall'] as const)(
    'on the %s clock, if it goes ahead',
    (which) => {
      const { at, clock } = clocks();
      const tenure = new SessionTenure('1', new SessionTerm(clock, 3000, momentOf(clock)));
      at[which] += 2999;
      expect(tenure.isMine()).toBe(true);
      at[which] += 1;
      expect(tenure.isMine()).toBe(false);
    },
  );

  test('a wall clock that is set back makes it no longer', () => {
    const { at, clock } = clocks();
    const tenure = new SessionTenure('1', new SessionTerm(clock, 3000, momentOf(clock)));
    at.wall -= 3_600_000;
    at.monotonic += 3000;
    expect(tenure.isMine()).toBe(false);
  });

  test('from the moment at which the beat was sent, not answered', () => {
    const { at, clock } = clocks();
    const term = new SessionTerm(clock, 3000, momentOf(clock));
    const tenure = new SessionTenure('1', term);
    at.monotonic += 1000;
    const sentAt = momentOf(clock);
    at.monotonic += 1500;
    term.renew(sentAt);
    at.monotonic += 1499;
    expect(tenure.isMine()).toBe(true);
    at.monotonic += 1;
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
