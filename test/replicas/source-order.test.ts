// Which revision comes after which, from what a replica knows of both.
import { describe, expect, test } from 'vitest';
import {
  type Arrival,
  type Contest,
  judge,
  patienceMs,
  settle,
  sourceName,
  type Verdict,
} from '../../src/replicas/source-order.ts';

const date = (second: number) => new Date(1_790_000_000_000 + second * 1000);
const newest = { position: 7, revision: 'n', committedAt: date(100) };
/** Never seen before, and nothing tells where it belongs. */
const stranger: Arrival = {
  revision: 'r',
  committedAt: date(50),
  from: null,
  newest,
  known: null,
  line: 'unknown',
};

describe('a revision', () => {
  const appended = { kind: 'append', after: 7 } as const;
  const older = { kind: 'older', newest } as const;
  const contested = { kind: 'contested', newest } as const;
  test.each<[string, Partial<Arrival>, Verdict]>([
    ['is the first of all', { newest: null }, { kind: 'append', after: 0 }],
    ['is the newest', { revision: 'n', known: 7 }, { kind: 'newest', position: 7 }],
    [
      'is the newest, and was followed before',
      { revision: 'n', from: 5 },
      { kind: 'newest', position: 7 },
    ],
    ['came after the newest in this checkout', { from: 7 }, appended],
    ['was pushed back to, as this checkout saw', { from: 7, known: 3, line: 'before' }, appended],
    ['was overtaken', { known: 3 }, older],
    ['was overtaken, though its date is later', { known: 3, committedAt: date(200) }, older],
    ['was overtaken while this checkout moved', { known: 6, from: 6 }, older],
    ['was overtaken by its own ancestor', { known: 3, line: 'after' }, contested],
    ['descends from the newest', { line: 'after' }, appended],
    [
      'descends from the newest, though its date is earlier',
      { line: 'after', committedAt: date(1) },
      appended,
    ],
    [
      'is an ancestor of the newest, though its date is later',
      { line: 'before', committedAt: date(200) },
      older,
    ],
    ['was committed later', { committedAt: date(101) }, appended],
    ['was committed in the same second', { committedAt: date(100) }, contested],
    ['was committed before', { committedAt: date(99) }, contested],
    ['was committed nobody knows when', { committedAt: null }, contested],
    ['moved on from a place that is not the newest', { from: 6 }, contested],
    [
      'stands beside one without a date',
      { newest: { ...newest, committedAt: null } },
      { kind: 'contested', newest: { ...newest, committedAt: null } },
    ],
  ])('that %s', (_, given, verdict) => {
    expect(judge({ ...stranger, ...given })).toEqual(verdict);
  });

  test.each<[string, Contest, ReturnType<typeof settle>]>([
    ['a moment ago, somebody has the newest', { forMs: 0, aloneForMs: null }, 'wait'],
    ['almost long enough', { forMs: patienceMs - 1, aloneForMs: null }, 'wait'],
    ['long enough', { forMs: patienceMs, aloneForMs: null }, 'blocked'],
    ['alone since a moment', { forMs: 10 * patienceMs, aloneForMs: 0 }, 'wait'],
    ['alone almost long enough', { forMs: 10 * patienceMs, aloneForMs: patienceMs - 1 }, 'wait'],
    ['alone long enough', { forMs: patienceMs, aloneForMs: patienceMs }, 'append'],
  ])('of which nothing tells its place: %s', (_, contest, settled) => {
    expect(settle(contest)).toBe(settled);
  });
});

test.each([
  ['/git/link', '/git/link', '.'],
  ['/git/link', '/git/others', '../others'],
  ['/etc/widget-sync', '/git/link', '../../git/link'],
  ['/git/link', '/git/link/modules/a', 'modules/a'],
  ['/git/link', '/git', '..'],
  ['/', '/git', 'git'],
  ['/git-a', '/git', '../git'],
])('a source is named from %s to %s', (home, top, name) => {
  expect(sourceName(home, top)).toBe(name);
});
