import { describe, expect, test } from 'vitest';
import { listenerOf } from '../../../src/sync/events.ts';
import { CircuitBreaker, daemonBreaker } from '../../../src/sync/rate/circuit-breaker.ts';
import { apiError } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A breaker that is told `a!` (a failure about a), `ok`, or `?` (nothing clear). */
function breakerOf(script = '') {
  const clock = new FakeClock();
  const breaker = new CircuitBreaker(daemonBreaker, { clock, random: () => 0.5 });
  const told: string[] = [];
  breaker.listen(
    listenerOf({
      'outage-began': ({ failures, since, nextTryInMs }) =>
        void told.push(`opened ${failures} ${since.toISOString().slice(14, 19)} ${nextTryInMs}`),
      'outage-ended': ({ durationMs }) => void told.push(`closed ${durationMs}`),
    }),
  );
  const hear = (word: string, retryAfterMs: number | null = null) => {
    if (word === 'ok') breaker.ended({ service: 'up' });
    else if (word === '?') breaker.ended({ service: 'unclear' });
    else {
      const error = apiError({ status: 503, retry: 'later', retryAfterMs });
      breaker.ended({ service: 'down', error, about: word.slice(0, -1) });
    }
  };
  for (const word of script.split(' ').filter(Boolean)) hear(word);
  const waitMs = () => breaker.nextStartAtMs(0) - clock.monotonicMs();
  /** The request that may try is sent, and ends so. */
  const tryAndHear = (word: string, retryAfterMs: number | null = null) => {
    breaker.started();
    hear(word, retryAfterMs);
  };
  return { breaker, clock, told, hear, tryAndHear, waitMs };
}

const fiveFailures = 'a! b! a! b! a!';

test.each<[string, string, 'open' | 'closed']>([
  ['nothing has failed', '', 'closed'],
  ['four requests in a row fail', 'a! b! c! d!', 'closed'],
  ['five requests in a row fail', 'a! b! c! d! e!', 'open'],
  ['two widgets fail in turn', fiveFailures, 'open'],
  ['one widget fails, however often', 'a! a! a! a! a! a! a! a! a!', 'closed'],
  ['one widget fails often, and then another one', 'a! a! a! a! a! a! b!', 'open'],
  ['an answer comes in between', 'a! b! a! b! ok a! b! a! b!', 'closed'],
  ['one widget fails while others succeed', 'a! ok a! ok a! ok a! ok a! ok a! ok', 'closed'],
  ['an answer does not say much in between', 'a! b! ? a! b! ? a!', 'open'],
  ['nothing clear is heard, however often', '? ? ? ? ? ? ?', 'closed'],
  ['the service answers again', `${fiveFailures} ok`, 'closed'],
  ['a single one fails after it answered again', `${fiveFailures} ok a!`, 'closed'],
  ['three fail in a row after it answered again', `${fiveFailures} ok a! b! c!`, 'open'],
  [
    'two widgets fail, however often, after it answered again',
    `${fiveFailures} ok a! b! a! b! a! b!`,
    'closed',
  ],
  [
    'three fail after some answers, not in a row',
    `${fiveFailures} ok ok ok a! b! ok c! ok`,
    'closed',
  ],
  ['those of a relapse fail after it', `${fiveFailures} ok a! b! c! ok a! b! c!`, 'closed'],
  [
    'those of a relapse fail after it, and two others',
    `${fiveFailures} ok a! b! c! ok a! b! c! d! e!`,
    'closed',
  ],
  ['three others fail after a relapse', `${fiveFailures} ok a! b! c! ok d! a! e! f!`, 'open'],
  [
    'those of two relapses fail once more',
    `${fiveFailures} ok a! b! c! ok d! e! f! ok a! d! b! e! c!`,
    'closed',
  ],
  [
    'fewer fail after five answers in a row',
    `${fiveFailures} ok ok ok ok ok a! b! a! b!`,
    'closed',
  ],
  ['it fails again later', `${fiveFailures} ok ok ok ok ok ${fiveFailures}`, 'open'],
])('when %s', (_, script, expected) => {
  const { breaker } = breakerOf(script);
  expect(breaker.isOpen ? 'open' : 'closed').toBe(expected);
});

describe('while the service is down', () => {
  test('a request may start when the pause is over and no other one is under way', async () => {
    const { breaker, clock } = breakerOf(fiveFailures);
    await clock.advance(100);
    expect(breaker.nextStartAtMs(0)).toBe(500);
    expect(breaker.nextStartAtMs(1)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each(['a!', '?'])('the pauses grow up to a bound, where tries end with %s', (word) => {
    const { tryAndHear, clock, waitMs } = breakerOf(fiveFailures);
    const pausesMs = [waitMs()];
    for (let n = 0; n < 8; n += 1) {
      void clock.advance(waitMs());
      tryAndHear(word);
      pausesMs.push(waitMs());
    }
    expect(pausesMs.map((ms) => ms / 500)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('Retry-After makes a pause longer, and never shorter', () => {
    const { tryAndHear, hear, waitMs } = breakerOf('a! b! a! b!');
    hear('a!', 7000);
    expect(waitMs()).toBe(7000);
    tryAndHear('b!', 10);
    expect(waitMs()).toBe(7000);
    tryAndHear('b!', 90_000);
    expect(waitMs()).toBe(90_000);
  });

  test('what was sent before and fails makes no pause longer, unless it says so', () => {
    const { hear, waitMs } = breakerOf(`${fiveFailures} a! b! c!`);
    expect(waitMs()).toBe(500);
    hear('d!', 3000);
    expect(waitMs()).toBe(3000);
  });

  test('what was sent before and is answered ends the outage', () => {
    const { breaker, hear } = breakerOf(fiveFailures);
    hear('ok');
    expect(breaker.isOpen).toBe(false);
  });

  test('a leave that was given back costs no pause', async () => {
    const { breaker, clock, hear, waitMs } = breakerOf(fiveFailures);
    await clock.advance(500);
    breaker.started();
    breaker.unused();
    hear('a!');
    expect(waitMs()).toBe(0);
  });
});

describe('once the service answers again', () => {
  const hearAll = (hear: (word: string) => void, words: string) => {
    for (const word of words.split(' ')) hear(word);
  };

  test.each(['ok', 'a!', '?'])('requests go one at a time, a second after %s', (word) => {
    const { breaker, hear, waitMs } = breakerOf(`${fiveFailures} ok`);
    expect([waitMs(), breaker.nextStartAtMs(1)]).toEqual([1000, 60_000]);
    hear(word);
    expect([waitMs(), breaker.nextStartAtMs(1)]).toEqual([1000, 60_000]);
  });

  test('a request is never put off for longer than the slow start lasts', async () => {
    const { breaker, clock, hear } = breakerOf(`${fiveFailures} ok`);
    await clock.advance(59_500);
    hear('a!');
    expect(breaker.nextStartAtMs(0)).toBe(60_000);
  });

  test('what is not clear takes away none of the answers', () => {
    const { hear, waitMs } = breakerOf(`${fiveFailures} ok ok ? ok ? ok ?`);
    expect(waitMs()).toBe(1000);
    hear('ok');
    expect(waitMs()).toBe(Number.NEGATIVE_INFINITY);
  });

  test('they go as before after five answers in a row, or a minute', async () => {
    const answered = breakerOf(`${fiveFailures} ok ok ok a! ok ok ok ok`);
    expect(answered.waitMs()).toBe(1000);
    answered.hear('ok');
    expect(answered.waitMs()).toBe(Number.NEGATIVE_INFINITY);
    const left = breakerOf(`${fiveFailures} ok`);
    await left.clock.advance(59_999);
    expect(left.breaker.nextStartAtMs(1)).toBe(60_000);
    await left.clock.advance(1);
    expect(left.breaker.nextStartAtMs(1)).toBe(Number.NEGATIVE_INFINITY);
  });

  test.each([
    ['at once', 'ok', 'a! b! c!'],
    ['soon after the slow start', 'ok ok ok ok ok', fiveFailures],
  ])('and fails %s, the pause is longer than before', (_, answers, failures) => {
    const { tryAndHear, hear, waitMs } = breakerOf(fiveFailures);
    for (const word of ['a!', 'b!']) tryAndHear(word);
    expect(waitMs()).toBe(2000);
    hearAll(hear, answers);
    hearAll(hear, failures);
    expect(waitMs()).toBe(4000);
  });

  test('the first pause is short again where it fails a minute later', async () => {
    const { clock, tryAndHear, hear, waitMs } = breakerOf(fiveFailures);
    for (const word of ['a!', 'b!', 'a!', 'ok']) tryAndHear(word);
    await clock.advance(60_000);
    hearAll(hear, fiveFailures);
    expect(waitMs()).toBe(500);
  });
});

test('an outage is told once, from its first failure on, and its end once', async () => {
  const { told, clock, hear, tryAndHear } = breakerOf('z! ok');
  for (const word of fiveFailures.split(' ')) {
    await clock.advance(1000);
    hear(word);
  }
  hear('c!');
  await clock.advance(5000);
  tryAndHear('a!');
  tryAndHear('b!');
  await clock.advance(1000);
  tryAndHear('ok');
  hear('ok');
  expect(told).toEqual(['opened 5 00:01 500', 'closed 10000']);
});

test('nobody is told who has left', () => {
  const { breaker, hear } = breakerOf();
  const told: string[] = [];
  const leave = breaker.listen(
    listenerOf({
      'outage-began': () => void told.push('opened'),
      'outage-ended': () => void told.push('closed'),
    }),
  );
  for (const word of fiveFailures.split(' ')) hear(word);
  leave();
  hear('ok');
  expect(told).toEqual(['opened']);
});
