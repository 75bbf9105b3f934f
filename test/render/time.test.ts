import { afterEach, describe, expect, test, vi } from 'vitest';
import { durationText, utcTime } from '../../src/render/time.ts';

describe('a time', () => {
  afterEach(() => vi.unstubAllEnvs());

  test.each(['UTC', 'Asia/Kolkata', 'America/New_York'])('is told in UTC in %s', (zone) => {
    vi.stubEnv('TZ', zone);
    expect(utcTime(Date.parse('2026-03-01T23:05:09.999Z'))).toBe('2026-03-01T23:05:09Z');
  });
});

test.each([
  [0, '0 s'],
  [1, '1 s'],
  [59, '59 s'],
  [60, '1 min'],
  [200, '3 min 20 s'],
  [3600, '1 h'],
  [3601, '1 h'],
  [7140, '1 h 59 min'],
  [86_399, '23 h 59 min'],
  [183_600, '2 d 3 h'],
])('%i seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
