// A soak that has shown nothing must not sound as if it had, and one that has must say what it went through.
import { expect, test } from 'vitest';
import { summarize } from './report.ts';
import type { WorldReport } from './rounds.ts';

test('a soak without a round claims no absence of violations', () => {
  expect(summarize([], 1000)).toBe('NO ROUND WAS MADE: nothing is shown by this run');
});

const world: WorldReport = {
  seed: 1,
  rounds: [
    { round: 1, kind: 'kill', steps: [], calmMs: 100, excuses: [], violations: [] },
    { round: 2, kind: 'storm', steps: [], calmMs: 300, excuses: ['drift'], violations: ['x'] },
  ],
  tally: {
    ...{ kills: 2, terminations: 1, edits: 7, skipped: 0 },
    breakages: new Map([
      ['empty', 1],
      ['nonsense', 2],
    ]),
  },
  ...{ runs: 3, requests: 20, writes: 10, lateWrites: 0, personalEdits: 1, overwritten: [] },
  faults: { reset: 4 },
  ...{ mostInOneSecond: 9, stalestMs: 80, outages: 1, canFillDisk: true },
};

test('what went wrong is told by kind, over all worlds', () => {
  const summary = summarize([world, world], 65_000);
  for (const told of [
    '4 rounds (2 storms) in 2 worlds, 65 s',
    '4 kills, 2 stops, 6 runs of the daemon',
    'files made unusable: nonsense 4, empty 2',
    'faults: reset 8; 2 outages noticed',
    '2 times without any help; widgets that had to be helped: drift 2',
    '2 violations; 2 of 4 rounds had any',
  ]) {
    expect(summary).toContain(told);
  }
});
