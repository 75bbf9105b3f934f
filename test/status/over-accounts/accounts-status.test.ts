import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WidgetId } from '../../../src/model/widget.ts';
import { accountStatus } from '../../../src/status/account-status.ts';
import type { DaemonState } from '../../../src/status/daemon-state.ts';
import {
  type AccountSeen,
  type AccountState,
  accountStates,
  accountSummary,
} from '../../../src/status/over-accounts/account-summary.ts';
import { accountsStatus } from '../../../src/status/over-accounts/accounts-status.ts';
import type { StatusRecord } from '../../../src/status/status-record.ts';
import { widgetStates } from '../../../src/status/widget-status.ts';
import { foundAt, queuedOf, recordOf, statusOf } from '../../state/fixtures/state-options.ts';
import { law } from '../../support/law.ts';
import { anyStatus } from '../fixtures/any-status.ts';

const now = new Date('2026-03-01T09:30:00Z');
const later = new Date('2026-03-01T09:40:00Z');
const earlier = new Date('2026-03-01T08:00:00Z');
const since = foundAt;
const at = { widgetId: 'a', file: 'a.yaml' };
const held = { ...at, code: 'yaml-syntax', message: 'not closed', line: 3, until: null, since };
const failed = {
  ...{ widgetId: 'b', file: 'b.yaml', name: null, widgetType: null, error: 'it answered 422' },
  ...{ httpStatus: 503, attempts: 1, time: since, line: null, since: earlier },
};
const refused = { by: 'key', says: 'the key is refused (401)', since } as const;
const waiting = { why: 'the API asks to wait', until: later, reason: 'retry-after' } as const;
const behind = {
  ...{ lookedAt: since, found: 1 },
  unsettled: { code: 'behind', says: 'older files', since },
};
const queue = [queuedOf('a', at)];

type Seen = Partial<Pick<AccountSeen, 'daemon' | 'trouble' | 'suspend'>>;
type Case = [
  when: string,
  state: AccountState,
  reason: string | null,
  record: Partial<StatusRecord> | null,
  seen?: Seen,
];

const outOfUse = { state: 'held', says: 'accounts.yaml:7:3: no such key' } as const;
const notOpened = { state: 'not-running', says: 'another process has its state' } as const;
const asleep = { suspend: { reason: 'moves to another brand' } };
const left = '1 change left behind; the next run or apply looks again';

const cases: Case[] = [
  ['all is as declared', 'calm', null, {}],
  ['a one-shot command was the last to write', 'calm', null, {}, { daemon: 'none' }],
  ['something is on its way', 'sending', '1 change in the queue', { queue }],
  ['nothing may be sent yet', 'waiting', waiting.why, { queue, waiting }],
  [
    'that wait is over',
    'sending',
    '1 change in the queue',
    { queue, waiting: { ...waiting, until: now } },
  ],
  [
    'its files are older than those of another replica',
    'waiting',
    'older files',
    { files: behind },
  ],
  [
    'nobody knows which of two is newer',
    'blocked',
    'two revisions',
    { files: behind, obstacles: [{ by: 'pass', says: 'two revisions', since }] },
  ],
  ['nobody follows it any more', 'calm', null, { files: behind }, { daemon: 'none' }],
  ['a one-shot command left something undone', 'waiting', left, { queue }, { daemon: 'none' }],
  ['a file is broken', 'failing', 'a.yaml, line 3: yaml-syntax: not closed', { held: [held] }],
  [
    'a widget failed and a file is broken',
    'failing',
    'b.yaml: it answered 422 (and 1 more widget)',
    { held: [held], failed: [failed] },
  ],
  ['a widget is suspended by its file', 'calm', null, { held: [{ ...held, code: 'suspended' }] }],
  [
    'the key is refused as well',
    'blocked',
    refused.says,
    { failed: [failed], obstacles: [refused] },
  ],
  [
    'its entry suspends it',
    'suspended',
    'moves to another brand',
    { obstacles: [refused] },
    asleep,
  ],
  ['its entry suspends it, for no reason', 'suspended', null, {}, { suspend: { reason: null } }],
  ['its entry cannot be used', 'held', outOfUse.says, {}, { trouble: outOfUse }],
  ['it could not be opened', 'not-running', notOpened.says, null, { trouble: notOpened }],
  [
    'its daemon was killed',
    'not-running',
    'the process that followed it has died, or stands still',
    { obstacles: [refused] },
    { daemon: 'gone', ...asleep },
  ],
  [
    'its daemon was stopped',
    'not-running',
    'the process that followed it was stopped',
    { queue },
    { daemon: 'ended' },
  ],
  [
    'its daemon was stopped, and failed before',
    'failing',
    'b.yaml: it answered 422',
    { failed: [failed] },
    { daemon: 'ended' },
  ],
  ['nothing is recorded', 'not-running', 'nothing was ever run', null, { daemon: 'none' }],
  ['it has just begun', 'waiting', 'no pass was made yet', null],
  ['it has begun and made no pass', 'waiting', 'no pass was made yet', { time: null }],
];

function seenOf(name: string, record: Partial<StatusRecord> | null, seen: Seen = {}): AccountSeen {
  const records = [recordOf('a' as WidgetId, { file: 'a.yaml' })];
  const status = accountStatus(records, record === null ? null : statusOf(record));
  return { name, status, daemon: 'running' as DaemonState, trouble: null, suspend: null, ...seen };
}

describe('an account of several', () => {
  test.each(cases)('when %s, is %s', (...[, state, reason, record, seen]) => {
    expect(accountSummary(seenOf('one', record, seen), now)).toMatchObject({ state, reason });
  });

  test('is failing since the first of its widgets is', () => {
    const { since: found } = accountSummary(seenOf('one', { held: [held], failed: [failed] }), now);
    expect(found).toEqual(earlier);
  });
});

const anySeen = fc
  .record({
    record: fc.option(anyStatus),
    daemon: fc.constantFrom<DaemonState>('none', 'running', 'ended', 'gone'),
    trouble: fc.option(fc.constantFrom(outOfUse, notOpened), { freq: 5 }),
    suspend: fc.option(fc.record({ reason: fc.option(fc.string()) }), { freq: 5 }),
  })
  .map(({ record, ...seen }) => ({ ...seen, status: accountStatus([], record) }));

describe('all accounts', () => {
  law.prop([fc.array(anySeen, { maxLength: 12 })])(
    'stand the worst first, and the totals add up',
    (drawn) => {
      const seen = drawn.map((one, n) => ({ ...one, name: `n${n}` }));
      const all = accountsStatus(seen.map((one) => accountSummary(one, now)));
      const ranks = all.accounts.map(({ state }) => accountStates.indexOf(state));
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      expect(new Set(all.accounts.map(({ name }) => name)).size).toBe(seen.length);
      const sum = (counts: Readonly<Record<string, number>>) =>
        Object.values(counts).reduce((total, one) => total + one, 0);
      expect(sum(all.states)).toBe(seen.length);
      expect(sum(all.counts)).toBe(all.widgets);
      for (const state of widgetStates) {
        const each = seen.map(({ status }) => status.counts[state]);
        expect(all.counts[state]).toBe(each.reduce((total, one) => total + one, 0));
      }
    },
  );

  test('of one state: first who has more to mend, then by name', () => {
    const summaries = [
      accountSummary(seenOf('calm-b', {}), now),
      accountSummary(seenOf('calm-a', {}), now),
      accountSummary(seenOf('one', { held: [held] }), now),
      accountSummary(seenOf('two', { held: [held], failed: [failed] }), now),
    ];
    const { accounts, states } = accountsStatus(summaries);
    expect(accounts.map(({ name }) => name)).toEqual(['two', 'one', 'calm-a', 'calm-b']);
    expect(states).toMatchObject({ failing: 2, calm: 2, blocked: 0 });
  });
});
