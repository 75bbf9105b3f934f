import { describe, expect, test } from 'vitest';
import type { Policy, Reason } from '../../src/model/plan.ts';
import { certain } from '../../src/model/write-trail.ts';
import {
  type AppliedView,
  correctionsSoFar,
  type Decision,
  type DesiredView,
  decide,
  type LiveStanding,
  type WidgetViews,
} from '../../src/plan/decide.ts';
import { unconfirmed } from '../support/trails.ts';
import { changed, nowMs } from './fixtures.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const same: AppliedView = {
  hash: 'h1',
  revision: null,
  trail: certain,
  appliedAt: new Date(nowMs - hourMs),
  corrections: 0,
};
const applieds = {
  'never applied': null,
  'another hash': { ...same, hash: 'h0' },
  'another hash, this one unconfirmed': { ...same, hash: 'h0', trail: unconfirmed({ hash: 'h1' }) },
  'this hash': same,
  'this hash, another unconfirmed': { ...same, trail: unconfirmed({ hash: 'h2' }) },
} satisfies Record<string, AppliedView | null>;

type Applied = keyof typeof applieds;

/** Each standing there is: the types ask for a new one, and the table for its rows. */
const standings = Object.keys({
  unknown: true,
  equal: true,
  unsure: true,
  differs: true,
  absent: true,
} satisfies Record<LiveStanding, true>) as LiveStanding[];

const update = (reason: Reason): Decision => ({ outcome: 'update', reason });
const adopt: Decision = { outcome: 'adopt' };
const unchanged: Decision = { outcome: 'unchanged' };
const missing: Decision = { outcome: 'not-in-account' };

/** The decision when what changed is sent, and the one when everything is. */
type Row = readonly [Applied, LiveStanding, Decision, Decision];

const declaredTable: readonly Row[] = [
  ['never applied', 'unknown', update('new'), update('new')],
  ['another hash', 'unknown', update('edited'), update('edited')],
  ['another hash, this one unconfirmed', 'unknown', update('edited'), update('edited')],
  ['this hash', 'unknown', unchanged, update('forced')],
  ['this hash, another unconfirmed', 'unknown', update('drifted'), update('drifted')],
  ['never applied', 'equal', adopt, update('forced')],
  ['another hash', 'equal', adopt, update('forced')],
  ['another hash, this one unconfirmed', 'equal', adopt, update('forced')],
  ['this hash', 'equal', unchanged, update('forced')],
  ['this hash, another unconfirmed', 'equal', adopt, update('forced')],
  ['never applied', 'unsure', update('new'), update('new')],
  ['another hash', 'unsure', update('edited'), update('edited')],
  ['another hash, this one unconfirmed', 'unsure', update('edited'), update('edited')],
  // Not met: only an unconfirmed body makes a read unsure.
  ['this hash', 'unsure', update('drifted'), update('forced')],
  ['this hash, another unconfirmed', 'unsure', update('edited'), update('edited')],
  ['never applied', 'differs', update('new'), update('new')],
  ['another hash', 'differs', update('edited'), update('edited')],
  ['another hash, this one unconfirmed', 'differs', update('edited'), update('edited')],
  ['this hash', 'differs', update('drifted'), update('forced')],
  ['this hash, another unconfirmed', 'differs', update('drifted'), update('drifted')],
  ['never applied', 'absent', missing, missing],
  ['another hash', 'absent', missing, missing],
  ['another hash, this one unconfirmed', 'absent', missing, missing],
  ['this hash', 'absent', missing, missing],
  ['this hash, another unconfirmed', 'absent', missing, missing],
];

const declared = (drift: 'correct' | 'report' | 'off' | null = null): DesiredView => ({
  kind: 'declared',
  hash: 'h1',
  drift,
  revision: null,
});

describe('a declared widget', () => {
  test.each(declaredTable)('%s, live %s', (applied, live, whenChanged, whenAll) => {
    const views = { desired: declared(), applied: applieds[applied], live } as WidgetViews;
    expect(decide(views, changed)).toEqual(whenChanged);
    expect(decide(views, { ...changed, send: 'all' })).toEqual(whenAll);
  });

  test('stands in the table with every past and every standing, once', () => {
    const rows = declaredTable.map(([applied, live]) => `${applied} ${live}`);
    const every = Object.keys(applieds).flatMap((applied) =>
      standings.map((live) => `${applied} ${live}`),
    );
    expect(rows.toSorted()).toEqual(every.toSorted());
  });
});

describe('a widget without a usable file', () => {
  test.each(standings)('is held, or orphaned unless the account lacks it too, live %s', (live) => {
    for (const policy of [changed, { ...changed, send: 'all' }] as const) {
      const held = { desired: { kind: 'held' }, applied: same, live } as const;
      expect(decide(held, policy)).toEqual({ outcome: 'held' });
      const absent = { desired: { kind: 'absent' }, applied: same, live } as const;
      const outcome = live === 'absent' ? 'gone' : 'orphaned';
      expect(decide(absent, policy)).toEqual({ outcome });
    }
  });
});

describe('drift', () => {
  const reported: Decision = { outcome: 'report', why: 'policy', untilMs: null };
  type Wish = readonly ['correct' | 'report' | 'off' | null, Policy['drift'], Decision];

  test.each<Wish>([
    [null, 'correct', update('drifted')],
    [null, 'report', reported],
    ['correct', 'report', update('drifted')],
    ['report', 'correct', reported],
    ['off', 'correct', unchanged],
    ['off', 'report', unchanged],
  ])('with %s in the file and %s on the command line', (drift, policy, decision) => {
    const views = { desired: declared(drift), applied: same, live: 'differs' } as const;
    expect(decide(views, { ...changed, drift: policy })).toEqual(decision);
    const everything: Policy = { ...changed, drift: policy, send: 'all' };
    expect(decide(views, everything)).toEqual(update('forced'));
  });

  test.each<[Applied, Decision]>([
    ['another hash', update('edited')],
    ['never applied', update('new')],
    ['this hash, another unconfirmed', update('drifted')],
  ])('that may be our own doing is written whatever the policy: %s', (applied, decision) => {
    const views = { desired: declared('off'), applied: applieds[applied], live: 'differs' };
    expect(decide(views as WidgetViews, changed)).toEqual(decision);
  });
});

describe('a widget that drifts again and again', () => {
  const pauses: readonly (readonly [number, number])[] = [
    [0, 0],
    [1, 0],
    [2, 10 * minuteMs],
    [3, 20 * minuteMs],
    [6, 160 * minuteMs],
    [9, 1280 * minuteMs],
    [10, 24 * hourMs],
    [5000, 24 * hourMs],
  ];

  test.each(pauses)('after %i corrections waits %i ms for the next', (corrections, pauseMs) => {
    const applied = { ...same, corrections };
    const untilMs = applied.appliedAt.getTime() + pauseMs;
    const at = (ms: number) =>
      decide({ desired: declared(), applied, live: 'differs' }, { ...changed, nowMs: ms });
    expect(at(untilMs)).toEqual(update('drifted'));
    const paused =
      pauseMs > 0 ? { outcome: 'report', why: 'fought-over', untilMs } : update('drifted');
    expect(at(untilMs - 1)).toEqual(paused);
  });

  test('is corrected at once when it is edited', () => {
    const applied = { ...same, hash: 'h0', corrections: 9 };
    expect(decide({ desired: declared(), applied, live: 'differs' }, changed)).toEqual(
      update('edited'),
    );
  });

  test.each<[string, string | null, string | null, Decision['outcome']]>([
    ['a new commit', 'c2', 'c1', 'update'],
    ['the commit of the last correction', 'c1', 'c1', 'report'],
    ['a commit where none was known', 'c2', null, 'report'],
    ['no commit any more', null, 'c1', 'report'],
  ])('waits or not with %s', (_, revision, lastRevision, outcome) => {
    const applied = { ...same, corrections: 9, revision: lastRevision };
    const desired = { ...declared(), revision } as const;
    expect(decide({ desired, applied, live: 'differs' }, changed)).toMatchObject({ outcome });
    const reporting = decide(
      { desired, applied, live: 'differs' },
      { ...changed, drift: 'report' },
    );
    expect(reporting).toMatchObject({ outcome: 'report', why: 'policy' });
  });

  test.each(pauses)(
    'after %i corrections is forgiven a day after %i ms',
    (corrections, pauseMs) => {
      const record = { ...same, corrections };
      const forgottenAtMs = record.appliedAt.getTime() + pauseMs + 24 * hourMs;
      expect(correctionsSoFar(record, forgottenAtMs - 1)).toBe(corrections);
      expect(correctionsSoFar(record, forgottenAtMs)).toBe(0);
    },
  );
});

describe('a record from the future, written before the clock was set back', () => {
  const inAYear = new Date(nowMs + 365 * 24 * hourMs);

  test.each([0, 1, 2, 9, 5000])(
    'does not hide drift, nor put its correction off, after %i corrections',
    (corrections) => {
      const applied = { ...same, corrections, appliedAt: inAYear };
      const views = { desired: declared(), applied, live: 'differs' } as const;
      expect(decide(views, changed)).toEqual(update('drifted'));
      expect(decide(views, { ...changed, drift: 'report' })).toMatchObject({ outcome: 'report' });
    },
  );

  test('puts it off from the moment on that its time has come', () => {
    const applied = { ...same, corrections: 2, appliedAt: new Date(nowMs) };
    const at = (ms: number) =>
      decide({ desired: declared(), applied, live: 'differs' }, { ...changed, nowMs: ms });
    expect(at(nowMs - 1)).toEqual(update('drifted'));
    expect(at(nowMs)).toMatchObject({ why: 'fought-over' });
  });

  test('still counts its corrections, so that two who fight do not do so for ever', () => {
    expect(correctionsSoFar({ corrections: 3, appliedAt: inAYear }, nowMs)).toBe(3);
  });
});
