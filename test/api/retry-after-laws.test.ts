import fc from 'fast-check';
import { expect } from 'vitest';
import { parseRetryAfter, retryAfterCapMs } from '../../src/api/retry-after.ts';
import { law } from '../support/law.ts';

const now = new Date('2026-03-01T12:00:00Z');
const aheadMs = fc.integer({ min: -7_200, max: 7_200 }).map((seconds) => seconds * 1000);
const inMs = (ms: number) => new Date(now.getTime() + ms).toUTCString();

/** Digits and dates with one character taken out, put in or replaced: random text never gets so far. */
const nearly = fc
  .record({
    text: fc.oneof(aheadMs.map(inMs), fc.nat({ max: 100_000 }).map(String)),
    at: fc.nat({ max: 30 }),
    removed: fc.nat({ max: 1 }),
    added: fc.constantFrom('', ' ', '0', '1', '9', '-', ':', ',', 'x', 'G', '\t', '\u0663'),
  })
  .map(({ text, at, removed, added }) => text.slice(0, at) + added + text.slice(at + removed));

law.prop([nearly], { numRuns: 2000 })(
  'nearly a header is a wait within the cap, or none',
  (header) => {
    const waitMs = parseRetryAfter(header, now);
    if (waitMs === null) return;
    expect(Number.isInteger(waitMs)).toBe(true);
    expect(waitMs).toBeGreaterThanOrEqual(0);
    expect(waitMs).toBeLessThanOrEqual(retryAfterCapMs);
    expect(header.trim()).toMatch(/^([0-9]+|[A-Z][a-z]+,? .* GMT|[A-Z][a-z]+ .* [0-9]{4})$/);
  },
);

law.prop([fc.nat({ max: 999_999_999 })])('seconds are seconds, up to the cap', (seconds) => {
  expect(parseRetryAfter(`${seconds}`, now)).toBe(Math.min(seconds * 1000, retryAfterCapMs));
});

law.prop([aheadMs, fc.nat({ max: 3_600_000 })])(
  'a date is waited for less by the time that has passed',
  (ms, laterMs) => {
    const later = new Date(now.getTime() + laterMs);
    const expected = Math.min(Math.max(ms - laterMs, 0), retryAfterCapMs);
    expect(parseRetryAfter(inMs(ms), later)).toBe(expected);
  },
);
