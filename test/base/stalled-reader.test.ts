import { beforeEach, describe, expect, test, vi } from 'vitest';
import { StalledReader } from '../../src/base/stalled-reader.ts';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

const full = new Error('full');

/** A pipe that takes nothing until `takes` is set. */
function open() {
  const pipe = { takes: false, tries: 0, troubles: 0 };
  const reader: StalledReader = new StalledReader({
    tryAgain: () => {
      pipe.tries += 1;
      if (pipe.takes) reader.moved();
      else reader.stalled(full);
    },
    onTrouble: () => {
      pipe.troubles += 1;
    },
  });
  reader.stalled(full);
  return { pipe, reader };
}

describe('a reader that takes nothing', () => {
  test('is asked again and again, and told of once, after five seconds', () => {
    const { pipe, reader } = open();
    vi.advanceTimersByTime(4_900);
    expect(pipe).toMatchObject({ tries: 49, troubles: 0 });
    vi.advanceTimersByTime(60_000);
    expect(pipe.troubles).toBe(1);
    expect(reader.isStalled).toBe(true);
  });

  test('is not told of where it only rests, and is asked no more once it reads', () => {
    const { pipe, reader } = open();
    vi.advanceTimersByTime(4_900);
    pipe.takes = true;
    vi.advanceTimersByTime(60_000);
    expect(pipe).toMatchObject({ tries: 50, troubles: 0 });
    expect(reader.isStalled).toBe(false);
  });
});
