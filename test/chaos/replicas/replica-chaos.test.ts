// A short run of the chaos among replicas that `npm run soak -- --only fleet` makes for hours, and what its checks
// find.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { hasPostgres } from '../../support/postgres.ts';
import { widgetId } from '../../support/sandbox.ts';
import { few } from '../../support/soak.ts';
import type { Entry as Exchange } from '../journal.ts';
import { type Commit, checkFleetAccount, nameOf } from './fleet-checks.ts';
import { describeFleet, runFleetRounds } from './fleet-rounds.ts';
import type { Place } from './fleet-schedule.ts';

test.skipIf(!hasPostgres)(
  'whatever becomes of replicas, nothing older is sent, and all is as the repository says once they are well',
  { timeout: 240_000 },
  async () => {
    const seed = Number(process.env['TEST_SEED'] ?? 1);
    const report = await runFleetRounds({ seed, rounds: few(1, { soak: 6 }) });
    const violations = report.rounds.flatMap((round) => round.violations);
    expect(violations, describeFleet(report)).toEqual([]);
    expect(report.writes).toBeGreaterThan(12);
  },
);

describe('the checks', () => {
  const place: Place = { account: 'fernwood', widget: 2 };
  const commits: Commit[] = [
    { number: 1, atMs: 0, places: [place] },
    { number: 2, atMs: 100, places: [{ account: 'fernwood', widget: 0 }] },
    { number: 3, atMs: 200, places: [place] },
  ];
  const put = (
    startedAtMs: number,
    commit: number,
    turn: number | null = commit,
    tookMs = 1,
  ): Exchange => ({
    request: {
      ...{ method: 'PUT', path: '', status: 200, fault: null, startedAtMs },
      ...{ widgetId: widgetId(2), endedAtMs: startedAtMs + tookMs },
      body: { display_name: nameOf(place, commit) } satisfies JsonObject,
    },
    daemon: 1,
    stored: turn === null ? null : { before: {}, after: {}, turn, isLate: true },
    shown: null,
  });
  const read = (startedAtMs: number): Exchange => {
    const { request, ...rest } = put(startedAtMs, 1, null);
    return { ...rest, request: { ...request, method: 'GET', widgetId: null, body: null } };
  };
  const budget = { limit: 20, windowMs: 1000 };
  const many = (count: number) => Array.from({ length: count }, (_, n) => read(300 + n));

  test.each<[string, Exchange[], readonly string[]]>([
    ['one commit after the other', [put(50, 1), put(250, 3)], []],
    ['the same again', [put(250, 3, 1), put(260, 3, 2)], []],
    [
      'an older one after a newer one, however late it comes',
      [put(250, 3, 1), put(260, 1, 2)],
      ['fernwood: an older body after a newer one: w2 of commit 1, sent at 260 ms, after commit 3'],
    ],
    [
      'an older one that its sender had given up after all its time',
      [put(250, 3, 1), put(260, 1, 2, 3990)],
      [],
    ],
    ['an older one that was not stored', [put(250, 3, 1), put(260, 1, null)], []],
    [
      'a commit that is still to come',
      [put(150, 3)],
      ['fernwood: in no commit by then: "fernwood 2 of commit 3" sent at 150 ms'],
    ],
    [
      'a commit that has no such widget',
      [put(250, 2)],
      ['fernwood: in no commit by then: "fernwood 2 of commit 2" sent at 250 ms'],
    ],
    ['as many as are allowed', many(20), []],
    ['one more than is allowed', many(21), ['fernwood: 21 requests within 1000 ms, 20 allowed']],
  ])('%s', (_, exchanges, violations) => {
    const past = { account: 'fernwood', exchanges, commits, budget } as const;
    expect(checkFleetAccount(past)).toEqual(violations);
  });
});
