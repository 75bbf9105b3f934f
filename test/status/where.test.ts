// What has become of the files of a commit, for each thing that may be known of them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import type { BroughtContent, BroughtFile, Standing } from '../../src/model/commit.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import { accountStatus } from '../../src/status/account-status.ts';
import type { HeldStatus, QueuedStatus, StatusRecord } from '../../src/status/status-record.ts';
import { type Where, type WidgetWhere, whereIs } from '../../src/status/where.ts';
import { documentOf, idOf, recordOf } from '../plan/fixtures.ts';
import { law } from '../support/law.ts';
import { unconfirmed } from '../support/trails.ts';

const at = new Date('2026-03-01T08:00:00Z');
const since = new Date('2026-03-01T07:00:00Z');
const document = documentOf(1, { name: 'one' });
const older = documentOf(1, { name: 'older' });
const { widgetId, file, hash } = document;

const declared: BroughtFile = { file, widgetId, content: { kind: 'declared', hash } };
const brought = (content: BroughtContent, id: WidgetId | null = widgetId): BroughtFile => ({
  ...{ file, widgetId: id, content },
});
const broken = { kind: 'broken', code: 'yaml-syntax', message: 'not YAML', line: 3 } as const;

/** The commit that is asked for is `asked`; of others the name says how they stand to it. */
const standingOf = (revision: string): Standing => {
  if (revision === 'asked') return 'same';
  if (revision.startsWith('later')) return 'later';
  return revision.startsWith('foreign') ? 'unknown' : 'other';
};

/** What the last pass left, which was at `revision` and found nothing. */
function passAt(revision: string | null, found: Partial<StatusRecord> = {}): StatusRecord {
  return {
    ...{
      time: at,
      command: 'run',
      directory: 'widgets',
      revision,
      commit: null,
      source: 'checkout',
    },
    ...{ obstacles: [], waiting: null, apiRate: null, isBlind: false, refusedChecksum: null },
    lifetime: {
      ...{ pid: null, host: null, startedAt: null, heartbeat: null, endedAt: null },
      ...{ lastResync: null, nextResync: null, lastWrite: null },
    },
    ...{ files: null, unseen: [] },
    ...{ queue: [], held: [], failed: [], drifted: [], orphaned: [], kept: [] },
    ...found,
  };
}

interface Situation {
  readonly applied?: AppliedRecord;
  readonly pass?: StatusRecord | null;
  readonly brought?: BroughtFile;
}

function ask({ applied, pass = passAt('asked'), brought: asked = declared }: Situation): Where {
  const records = applied === undefined ? [] : [applied];
  const byId = new Map(records.map((record) => [record.widgetId, record]));
  const account = accountStatus(records, pass);
  return whereIs([asked], { records: byId, account, standingOf });
}

function only(situation: Situation): WidgetWhere {
  const [widget, ...others] = ask(situation).widgets;
  expect(others).toEqual([]);
  if (widget === undefined) throw new Error('the file is missing');
  return widget;
}

const applied = (changes: Partial<AppliedRecord> = {}): AppliedRecord => ({
  ...{ ...recordOf(document), revision: 'asked' },
  ...changes,
});
const once = (changes: Partial<AppliedRecord> = {}): AppliedRecord => ({
  ...{ ...recordOf(older), revision: 'earlier' },
  ...changes,
});

const queued: QueuedStatus = {
  ...{ widgetId, file, name: null, widgetType: null, reason: 'edited', fields: ['/name'] },
  ...{ revision: 'asked', phase: 'queued', place: 2, attempts: 0, answered: null },
  ...{ httpStatus: null, nextTry: null, since },
};
const heldAs = (code: string, message: string, id: string | null = widgetId): HeldStatus => ({
  ...{ widgetId: id, file, code, message, line: 3, until: null, since },
});
const failed = {
  ...{ widgetId, file, name: null, widgetType: null, error: 'refused (422)', httpStatus: 422 },
  ...{ attempts: 1, time: at, line: null, since },
};
const drifted = { widgetId, file, why: 'policy', until: null, fields: ['/name'], since } as const;

describe('the first that holds', () => {
  test.each<[string, Situation, Partial<WidgetWhere>]>([
    [
      'the content is the applied one',
      { applied: applied() },
      { state: 'live', isDone: true, since: at, reason: null, revision: 'asked' },
    ],
    [
      'the same, applied before the commit came, and again after it',
      { applied: applied({ revision: 'earlier' }), pass: passAt('earlier') },
      { state: 'live', isDone: true },
    ],
    [
      'the same, under a commit that nobody knows here',
      { applied: applied({ revision: 'foreign' }), pass: passAt('foreign') },
      { state: 'live', isDone: true },
    ],
    [
      'the same, and changed in the dashboard since',
      { applied: applied(), pass: passAt('asked', { drifted: [drifted] }) },
      { state: 'live', isDone: true, reason: expect.stringContaining('changed in the dashboard') },
    ],
    [
      'the same, but a write since then is not confirmed',
      { applied: applied({ trail: unconfirmed() }) },
      { state: 'waits', isDone: false, reason: 'its write is not confirmed yet' },
    ],
    [
      'the widget is gone from the account',
      { applied: applied({ isGone: true }) },
      { state: 'waits', isDone: false },
    ],
    [
      'a later commit is live',
      { applied: once({ revision: 'later-commit' }), pass: passAt('later-commit') },
      { state: 'superseded', isDone: true, since: at, reason: 'by later-co, which is live' },
    ],
    [
      'an edit on top of the commit is live',
      { applied: once({ revision: 'asked', isEdited: true }) },
      { state: 'superseded', isDone: true, reason: 'by asked+edited, which is live' },
    ],
    [
      'a later commit is live, and something fails by now',
      {
        applied: once({ revision: 'later' }),
        pass: passAt('later-still', { failed: [failed] }),
      },
      { state: 'superseded', isDone: true },
    ],
    [
      'no pass was ever made',
      { pass: null },
      { state: 'waits', isDone: false, reason: 'no pass was made here yet' },
    ],
    [
      'the last pass has not seen the commit, and found something of what was before',
      { applied: once(), pass: passAt('earlier', { failed: [failed] }) },
      { state: 'waits', isDone: false, reason: expect.stringContaining('it was at earlier') },
    ],
    [
      'it was refused',
      { applied: once(), pass: passAt('asked', { failed: [failed] }) },
      { state: 'failed', isDone: false, since, reason: expect.stringContaining('refused (422)') },
    ],
    [
      'the file is held',
      {
        pass: passAt('asked', { held: [heldAs('yaml-syntax', 'not YAML')] }),
        brought: brought(broken),
      },
      { state: 'held', isDone: false, code: 'yaml-syntax', line: 3, reason: 'not YAML', since },
    ],
    [
      'the file is held, and too broken to say which widget it is',
      {
        pass: passAt('asked', { held: [heldAs('yaml-syntax', 'not YAML', null)] }),
        brought: brought(broken, null),
      },
      { state: 'held', isDone: false, code: 'yaml-syntax', since },
    ],
    [
      'the file is valid, and held for another reason',
      { pass: passAt('asked', { held: [heldAs('duplicate-id', 'twice')] }) },
      { state: 'held', isDone: false, code: 'duplicate-id', reason: 'twice' },
    ],
    [
      'it is suspended',
      { pass: passAt('asked', { held: [heldAs('suspended', 'a fair')] }) },
      { state: 'suspended', isDone: true, isStuck: false, reason: 'a fair' },
    ],
    [
      'it waits in line',
      { applied: once(), pass: passAt('asked', { queue: [queued] }) },
      { state: 'waits', isDone: false, since, reason: '1 field edited; place 2 in the line' },
    ],
    [
      'the file went with a later commit',
      {
        applied: once(),
        pass: passAt('later', { orphaned: [{ widgetId, file, since }] }),
      },
      { state: 'superseded', isDone: true, reason: 'its file is gone since' },
    ],
    [
      'the file went, and no commit says so',
      { applied: once(), pass: passAt('asked', { orphaned: [{ widgetId, file, since }] }) },
      { state: 'waits', isDone: false, reason: expect.stringContaining('found no file') },
    ],
    [
      'the file came and went before anybody looked',
      { pass: passAt('later') },
      { state: 'superseded', isDone: true, since: null, reason: 'its file is gone since' },
    ],
    [
      'a later commit took it back before anybody looked',
      { applied: once(), pass: passAt('later') },
      {
        state: 'superseded',
        isDone: true,
        since: at,
        reason: 'a later commit declares again what is live',
      },
    ],
    [
      'what was broken is mended, and live',
      { applied: once({ revision: 'later' }), pass: passAt('later'), brought: brought(broken) },
      { state: 'superseded', isDone: true },
    ],
    [
      'it is broken, and the status says nothing of it yet',
      { brought: brought(broken) },
      { state: 'held', isDone: false, code: 'yaml-syntax', line: 3 },
    ],
    [
      'it is suspended, and the status says nothing of it yet',
      { brought: brought({ kind: 'suspended', message: 'a fair' }) },
      { state: 'suspended', isDone: true, isStuck: false, reason: 'a fair' },
    ],
    [
      'another content was found at the commit itself',
      { applied: once() },
      { state: 'waits', isDone: false, reason: expect.stringContaining('the file is edited') },
    ],
    [
      'the last pass was at a commit that is not here',
      { applied: once(), pass: passAt('foreign') },
      { state: 'waits', isDone: false, reason: expect.stringContaining('does not tell apart') },
    ],
    [
      'no commit is known of the files',
      { applied: once({ revision: null }), pass: passAt(null) },
      { state: 'waits', isDone: false, reason: expect.stringContaining('it is not known') },
    ],
    [
      'the file was removed',
      {
        applied: once(),
        pass: passAt('asked', { orphaned: [{ widgetId, file, since }] }),
        brought: brought({ kind: 'removed' }),
      },
      { state: 'removed', isDone: true, since, reason: expect.stringContaining('stays as it is') },
    ],
    [
      'the file was removed, and nobody has seen it yet',
      { applied: once(), pass: passAt('earlier'), brought: brought({ kind: 'removed' }) },
      { state: 'removed', isDone: false, reason: expect.stringContaining('has not seen') },
    ],
    [
      'a file was removed that was never applied',
      { pass: passAt('earlier'), brought: brought({ kind: 'removed' }) },
      { state: 'removed', isDone: false },
    ],
    [
      'a file was removed that was never applied, and a pass has seen it',
      { brought: brought({ kind: 'removed' }) },
      { state: 'removed', isDone: true },
    ],
  ])('%s', (_, situation, expected) => {
    expect(only(situation)).toMatchObject({ ...expected, file });
  });
});

test.each<[string | null, Where['seen']]>([
  ['asked', 'yes'],
  ['later', 'yes'],
  ['earlier', 'no'],
  ['foreign', 'unknown'],
  [null, 'unknown'],
])('after a pass at %s it is seen: %s', (revision, seen) => {
  expect(ask({ pass: passAt(revision) }).seen).toBe(seen);
  expect(ask({ pass: { ...passAt(revision), time: null } }).seen).toBe('no');
});

test('the worst stand first, then by file', () => {
  const files = [4, 3, 2, 1].map((n): BroughtFile => {
    const { widgetId: id, file: path, hash: wanted } = documentOf(n, { name: `${n}` });
    return { file: path, widgetId: id, content: { kind: 'declared', hash: wanted } };
  });
  const records = [1, 4].map((n) => ({
    ...recordOf(documentOf(n, { name: `${n}` })),
    revision: 'asked',
  }));
  const held = [{ ...heldAs('yaml-syntax', 'x', idOf(3)), file: documentOf(3, {}).file }];
  const { widgets } = whereIs(files, {
    records: new Map(records.map((record) => [record.widgetId, record])),
    account: accountStatus(records, passAt('asked', { held })),
    standingOf,
  });
  expect(widgets.map((one) => [one.state, one.file])).toEqual([
    ['held', 'w3.yaml'],
    ['waits', 'w2.yaml'],
    ['live', 'w1.yaml'],
    ['live', 'w4.yaml'],
  ]);
});

const revisions = fc.constantFrom('asked', 'later', 'earlier', 'foreign', null);
law.prop([
  fc.record({
    hashIs: fc.constantFrom('same', 'other', 'none'),
    revision: revisions,
    pass: revisions,
    finding: fc.constantFrom('none', 'failed', 'queued', 'held', 'orphaned'),
    kind: fc.constantFrom('declared', 'broken', 'suspended', 'removed'),
  }),
])('what is neither live nor to stay as it is is never done', (drawn) => {
  const record =
    drawn.hashIs === 'same'
      ? applied({ revision: drawn.revision })
      : once({ revision: drawn.revision });
  const found = {
    none: {},
    failed: { failed: [failed] },
    queued: { queue: [queued] },
    held: { held: [heldAs('yaml-syntax', 'x')] },
    orphaned: { orphaned: [{ widgetId, file, since }] },
  }[drawn.finding];
  const contents: Record<typeof drawn.kind, BroughtContent> = {
    ...{ declared: declared.content, broken, suspended: { kind: 'suspended', message: 'x' } },
    removed: { kind: 'removed' },
  };
  const widget = only({
    ...(drawn.hashIs !== 'none' && { applied: record }),
    pass: passAt(drawn.pass, found),
    brought: brought(contents[drawn.kind]),
  });
  expect(widget.isDone).toBe(
    ['live', 'superseded', 'suspended'].includes(widget.state) ||
      (widget.state === 'removed' && drawn.pass !== 'earlier'),
  );
  if (widget.state === 'live') expect([drawn.hashIs, drawn.kind]).toEqual(['same', 'declared']);
  if (widget.state === 'superseded') expect([drawn.revision, drawn.pass]).toContainEqual('later');
  expect(widget.reason === null).toBe(widget.state === 'live');
});
