// Gates that a daemon in a test seldom comes to, and what holds of every explanation.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import { explanationHeadline } from '../../src/render/status/explanation-text.ts';
import { explainWidget } from '../../src/status/explain/explain.ts';
import { type Asked, gateNames } from '../../src/status/explain/explanation.ts';
import {
  type Obstacle,
  obstacleKinds,
  type QueuedStatus,
  type StatusRecord,
  waitingReasons,
} from '../../src/status/status-record.ts';
import { ava, recordOf } from '../state/fixtures/state-options.ts';
import { law } from '../support/law.ts';

const now = new Date('2026-03-01T10:00:00Z');
const since = new Date('2026-03-01T09:00:00Z');
const later = new Date('2026-03-01T10:05:00Z');
const file = 'ava.yaml';
const at = { widgetId: ava, file };
const applied = recordOf(ava, { file });

function recordWith(changes: Partial<StatusRecord> = {}): StatusRecord {
  return {
    ...{ time: since, command: 'run', directory: 'widgets', revision: null, commit: null },
    ...{ files: { lookedAt: since, found: 1, unsettled: null }, source: 'plain', obstacles: [] },
    ...{ waiting: null, apiRate: null, isBlind: false, refusedChecksum: null, queue: [] },
    lifetime: {
      ...{ pid: 1, host: 'here', startedAt: since, heartbeat: since, endedAt: null },
      ...{ lastResync: null, nextResync: later, lastWrite: null },
    },
    ...{ held: [], failed: [], drifted: [], orphaned: [], kept: [], unseen: [] },
    ...changes,
  };
}

function explained(changes: Partial<StatusRecord>, asked: Partial<Asked> = {}) {
  return explainWidget({
    ...{ widget: { ...at, name: 'Ava' }, record: recordWith(changes), applied, lastWrite: null },
    ...{
      daemon: 'running',
      isHeld: true,
      now,
      command: (...words: string[]) => `widget-sync ${words.join(' ')}`,
    },
    ...asked,
  });
}

const queued: QueuedStatus = {
  ...{ ...at, name: 'Ava', widgetType: 'chat', reason: 'edited', fields: ['/name'] },
  ...{ revision: null, phase: 'queued', place: 12, attempts: 0, answered: null },
  ...{ httpStatus: null, nextTry: null, since },
};
const behindFiles = {
  ...{ lookedAt: since, found: 1 },
  unsettled: { code: 'behind', says: 'these files are older', since },
};
const unplanned = { ...queued, phase: 'unplanned', place: null, fields: [] } as const;
const inTheWay = (by: Obstacle['by']) => ({ by, says: by, since });
const failed = { ...at, name: null, widgetType: null, attempts: 3, time: since, line: null, since };
const held = { ...at, message: 'it is so', line: null, until: null, since };

const rows: readonly [
  title: string,
  status: Partial<StatusRecord>,
  gate: string | null,
  headline: string,
][] = [
  [
    'a place in the line',
    { queue: [queued] },
    'queue',
    'ava.yaml is not live yet: 12 in line; nothing to do.',
  ],
  [
    'a rate that is used up',
    { queue: [queued], waiting: { why: '--rate is used up', until: later, reason: 'rate' } },
    'rate',
    'ava.yaml is not live yet: nothing is sent before 10:05:00Z: --rate is used up; nothing to do.',
  ],
  [
    'a wait that is over',
    { queue: [queued], waiting: { why: '--rate is used up', until: since, reason: 'rate' } },
    'queue',
    'ava.yaml is not live yet: 12 in line; nothing to do.',
  ],
  [
    'drift that is fought over',
    { drifted: [{ ...at, why: 'fought-over', until: later, fields: ['/name'], since }] },
    'drift',
    'ava.yaml is not live as declared: name was changed in the dashboard again and again: corrected from 10:05:00Z on; see who edits it there; take it over with widget-sync import widgets --update --only 3c90c3cc, or leave it to the dashboard: sync: {ignore: ["/name"]}.',
  ],
  [
    'a write to an id that the account has lost',
    { failed: [{ ...failed, error: 'The API answered 404', httpStatus: 404 }] },
    'account',
    'ava.yaml is not live: The API answered 404; correct its widget_id, or make the widget in the dashboard first.',
  ],
  [
    'a mistake in the file',
    { held: [{ ...held, code: 'unknown-field', message: 'unknown field buble_text', line: 4 }] },
    'valid',
    'ava.yaml is not live: ava.yaml, line 4: unknown field buble_text (unknown-field); mend it; widget-sync validate widgets tells when it is well.',
  ],
  [
    'a mistake in a fragment of it',
    {
      held: [{ ...held, code: 'broken-fragment', message: '_brand.yaml, line 2: unknown field x' }],
    },
    'valid',
    'ava.yaml is not live: _brand.yaml, line 2: unknown field x (broken-fragment); mend it; widget-sync validate widgets tells when it is well.',
  ],
  [
    'git left at work',
    {
      files: {
        ...{ lookedAt: since, found: 1 },
        unsettled: { code: 'git', says: 'a merge is under way', since },
      },
    },
    'files',
    'ava.yaml is not live: the files cannot be believed since 09:00:00Z: a merge is under way; finish or abort it.',
  ],
  [
    'git at work',
    {
      files: {
        ...{ lookedAt: since, found: 1 },
        unsettled: {
          ...{ code: 'git', since: new Date('2026-03-01T09:59:50Z') },
          says: 'a commit is under way (/x/index.lock); if no git is at work there, remove that file',
        },
      },
    },
    'files',
    'ava.yaml is not live yet: the files cannot be believed since 09:59:50Z: a commit is under way (/x/index.lock); nothing to do.',
  ],
  [
    'files that newer ones are waited for',
    { files: behindFiles },
    'files',
    'ava.yaml is not live yet: these files are older (since 09:00:00Z); nothing to do.',
  ],
  [
    'files of which nobody knows whether they are newer',
    { files: behindFiles, obstacles: [inTheWay('pass')] },
    'files',
    'ava.yaml is not live: these files are older (since 09:00:00Z); make a commit that comes after both, and let it reach all replicas.',
  ],
  [
    'what no plan could be made of for the key',
    { obstacles: [inTheWay('key'), inTheWay('pass')], queue: [unplanned] },
    'key',
    'ava.yaml is not live: the API refuses the key: key; put another key there: the daemon reads one in a file within a second, and is to be restarted for one in a variable.',
  ],
  [
    'what no plan could be made of for the service',
    { obstacles: [inTheWay('service'), inTheWay('pass')], queue: [unplanned] },
    'service',
    'ava.yaml is not live yet: service; nothing to do.',
  ],
  [
    'what no plan could be made of for the limit of the API',
    { obstacles: [inTheWay('limit')], queue: [unplanned] },
    'rate',
    'ava.yaml is not live yet: limit; nothing to do.',
  ],
  [
    'what no plan could be made of before anything was applied',
    {
      time: null,
      waiting: { why: 'asked to', until: later, reason: 'retry-after' },
      queue: [{ ...unplanned, reason: 'new' }],
    },
    'rate',
    'ava.yaml is not live yet: the API asks to wait until 10:05:00Z (Retry-After); nothing to do.',
  ],
  [
    'what no plan was made of yet',
    { queue: [unplanned] },
    'queue',
    'ava.yaml is not live yet: no plan could be made of it yet; nothing to do.',
  ],
  [
    'a pass that fails',
    { obstacles: [{ by: 'pass', says: 'the disk is full', since }] },
    'files',
    'ava.yaml is not live: no pass succeeds since 09:00:00Z: the disk is full; mend that; it is tried again by itself.',
  ],
  [
    'a start without a pass',
    { time: null },
    'files',
    'ava.yaml is not live yet: the first pass has not ended yet; nothing to do.',
  ],
  [
    'a file that is still being written',
    { held: [{ ...held, code: 'changing-file' }] },
    'read',
    'ava.yaml is not live yet: it is so; it is read again at once; nothing to do.',
  ],
  [
    'a live widget that cannot be compared',
    { held: [{ ...held, code: 'live-too-deep' }] },
    'live',
    'ava.yaml is not live: it is so; make the live widget flatter in the dashboard.',
  ],
  [
    'a refusal of the content',
    { failed: [{ ...failed, error: 'The API answered 422', httpStatus: 422, line: 3 }] },
    'answered',
    'ava.yaml is not live: The API answered 422; mend ava.yaml, line 3; the same content is not sent again before a full resync or SIGHUP.',
  ],
  ...[408, 429, 503, null].map((httpStatus): (typeof rows)[number] => [
    `a write that may succeed later (${httpStatus})`,
    { failed: [{ ...failed, error: 'It failed', httpStatus }] },
    'answered',
    'ava.yaml is not live: It failed; look at the log, then send SIGHUP to the daemon (process 1 on here), which then looks at everything anew.',
  ]),
  [
    'what was given up, beside a daemon',
    { queue: [{ ...queued, phase: 'unsent', place: null }] },
    'sent',
    'ava.yaml is not live: it was given up before it was sent; send SIGHUP to the daemon (process 1 on here), which then looks at everything anew.',
  ],
  [
    'a plan of which the checksum is not known',
    { queue: [{ ...queued, phase: 'refused', place: null }] },
    'limit',
    'ava.yaml is not live: the plan changes more widgets than --max-changes allows; look at widget-sync plan widgets.',
  ],
  ['what a read has shown', {}, null, 'ava.yaml is live since 08:00:00Z from abc123.'],
  [
    'what no read has shown',
    { unseen: [ava] },
    'seen',
    'ava.yaml is live since 2026-03-01T08:00:00Z from abc123: no read has shown it yet, and the next one is at 10:05:00Z; nothing to do.',
  ],
];

describe('the first line says', () => {
  test.each(rows)('%s', (_, status, gate, headline) => {
    const explanation = explained(status);
    expect(explanation.verdict.gate).toBe(gate);
    expect(explanationHeadline(explanation)).toBe(headline);
  });

  test.each([
    ['none', 'passed'],
    ['ended', 'passed'],
    ['gone', 'stopped'],
  ] as const)('beside a daemon in the state %s that what was applied is %s', (daemon, state) => {
    const { verdict } = explained({}, { daemon });
    expect(verdict).toMatchObject({ state, gate: daemon === 'gone' ? 'daemon' : null });
  });

  test('of a daemon that hangs that it is there', () => {
    const hung = explained({}, { daemon: 'gone', isHeld: true });
    expect(explanationHeadline(hung)).toBe(
      'ava.yaml is not looked at: the daemon (process 1 on here) is there and has written no status since 09:00:00Z: it hangs, or cannot write the state directory; look at its log; where it hangs, end it with kill -9 1, and start it again: widget-sync run widgets.',
    );
    const { verdict } = explained({}, { daemon: 'gone', isHeld: false });
    expect(verdict).toMatchObject({ says: expect.stringContaining('does not run any more') });
  });

  test('of a change that waits before its first try what it waits for', () => {
    const waits = { ...queued, phase: 'backing-off' as const, attempts: 0, nextTry: later };
    const { verdict } = explained({ queue: [waits] });
    expect(verdict).toMatchObject({
      ...{ state: 'waits', gate: 'queue' },
      says: expect.stringContaining('what an earlier process was sending to it may still arrive'),
    });
    expect(verdict.says).not.toContain('tried');
  });

  test('of content that was edited on top of a commit', () => {
    const { verdict, live } = explained({}, { applied: { ...applied, isEdited: true } });
    expect(verdict.says).toBe('since 08:00:00Z from abc123+edited');
    expect(live).toMatchObject({ isEdited: true });
  });

  test('before any pass that there was none', () => {
    const explanation = explained({}, { record: null, applied: null, daemon: 'none' });
    expect(explanationHeadline(explanation)).toBe(
      'ava.yaml is not looked at: no pass was ever made with this state directory; start it: widget-sync run.',
    );
  });
});

const date = fc.constantFrom(since, now, later);
const codes = ['suspended', 'yaml-syntax', 'duplicate-id', 'not-in-account', 'changing-file'];
const drawnStatus: fc.Arbitrary<Partial<StatusRecord>> = fc.record(
  {
    held: fc.array(fc.record({ ...constants(held), code: fc.constantFrom(...codes) }), {
      maxLength: 1,
    }),
    queue: fc.array(
      fc.record({
        ...constants(queued),
        phase: fc.constantFrom(
          ...(['queued', 'in-flight', 'backing-off', 'unsent', 'refused', 'unplanned'] as const),
        ),
        nextTry: fc.option(date),
      }),
      { maxLength: 1 },
    ),
    failed: fc.array(
      fc.record({
        ...constants({ ...failed, error: 'no' }),
        httpStatus: fc.constantFrom(null, 404, 422, 503),
      }),
      { maxLength: 1 },
    ),
    orphaned: fc.constantFrom([], [{ ...at, since }]),
    unseen: fc.constantFrom([], [ava as string]),
    obstacles: fc.subarray(obstacleKinds.map((by) => ({ by, says: by, since }))),
    waiting: fc.option(
      fc.record({
        why: fc.constant('so'),
        until: date,
        reason: fc.constantFrom(...waitingReasons),
      }),
    ),
    isBlind: fc.boolean(),
    time: fc.option(date),
  },
  { requiredKeys: [] },
);

function constants<Value extends object>(value: Value) {
  const entries = Object.entries(value).map(([name, one]) => [name, fc.constant(one)]);
  return Object.fromEntries(entries) as { [Name in keyof Value]: fc.Arbitrary<Value[Name]> };
}

const daemons = fc.constantFrom<Asked['daemon'][]>('none', 'running', 'ended', 'gone');
const records = fc.constantFrom<(AppliedRecord | null)[]>(applied, null);

law.prop([drawnStatus, daemons, records], { numRuns: 1000 })(
  'every explanation has all gates in order, one that counts, and nothing known behind it',
  (status, daemon, record) => {
    const { gates, verdict } = explained(status, { daemon, applied: record });
    expect(gates.map(({ gate }) => gate)).toEqual(gateNames);
    const stops = gates.filter(({ state }) => state === 'stopped');
    const waits = gates.filter(({ state }) => state === 'waits');
    if (verdict.gate === null) expect([...stops, ...waits]).toEqual([]);
    else expect(gates).toContainEqual(verdict);
    // What wants somebody is never hidden behind what ends by itself.
    if (stops.length > 0) expect(verdict.state).toBe('stopped');
    if (verdict.isToMend) expect(verdict.act).not.toBeNull();
    if (verdict.state === 'passed') expect(record).not.toBeNull();
    const behind = gates.slice(gateNames.indexOf(verdict.gate ?? 'seen') + 1);
    if (verdict.gate === 'daemon') return;
    for (const { state, says } of behind) expect([state, says]).toEqual(['not-reached', '']);
  },
);
