// What any store of the state has to do, told over its port alone. What becomes of damage, of full disks
// and of killed processes is for the tests of each store.
import { describe, expect, onTestFinished, test } from 'vitest';
import { StateError } from '../../src/base/errors.ts';
import type { Rate } from '../../src/config/rate.ts';
import type { Announcement } from '../../src/model/notify/notification.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import { sha256 } from '../../src/model/widget.ts';
import { StateTakenError } from '../../src/state/holder.ts';
import {
  approvalValidMs,
  type HistoryRequest,
  type LearntLimit,
  type OpenOptions,
  orderValidMs,
  type StateBackend,
  type StateStore,
  type UnderWay,
} from '../../src/state/state-store.ts';
import type { HistoryEntry } from '../../src/status/history-entry.ts';
import {
  ava,
  ben,
  entryOf,
  foundAt,
  fullEntryOf,
  queuedOf,
  recordOf,
  statusOf,
} from '../state/fixtures/state-options.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { unconfirmed } from '../support/trails.ts';

export interface StateUnderTest {
  readonly backend: StateBackend;
  /** Where nothing was kept yet. */
  readonly directory: string;
}

const everyone = { limit: 100, widgetId: null };
const minute: Rate = { limit: 3, windowMs: 60_000 };
const timeoutMs = 30_000;
const reading = (): UnderWay => ({ widgetId: null, hash: null });
const writing = (widgetId: WidgetId): UnderWay => ({ widgetId, hash: sha256(widgetId) });
const learnt: LearntLimit = { perSecond: 2.7, refusedAt: 3.03, isConfirmed: true, about: 3.03 };
const allowed = new Map([
  [ava, sha256('one')],
  [ben, sha256('two')],
]);

const announced: Announcement = {
  message: {
    id: 'a',
    type: 'widget.failed',
    state: 'raised',
    severity: 'error',
    time: new Date('2026-03-01T08:00:10.000Z'),
    cause: sha256('both'),
    ends: [],
    title: 'Two widgets could not be written',
    text: 'Ava: refused\nBen: refused',
    count: 2,
    widgets: [
      { widgetId: ava, file: 'ava.yaml', name: 'Ava' },
      { widgetId: null, file: 'ben.yaml', name: null },
    ],
    fields: ['/name'],
    commit: {
      id: 'a1b2c3d',
      subject: 'Winter colours',
      author: 'Mia Berg',
      time: new Date('2026-03-01T07:59:00.000Z'),
    },
    source: { directory: 'widgets', host: 'ops-1' },
  },
  since: new Date('2026-03-01T07:00:00.000Z'),
  members: [
    { key: sha256('one'), subject: ava },
    { key: sha256('two'), subject: 'ben.yaml' },
  ],
  isTold: true,
};

/** One place, and processes that come to it one after another or side by side. */
async function world(make: () => Promise<StateUnderTest>) {
  const { backend, directory } = await make();
  const clock = new FakeClock();
  const warned: string[] = [];
  const options = (changes: Partial<OpenOptions> = {}): OpenOptions => ({
    directory,
    apiUrl: 'https://api.example.com',
    reader: '1.0.0',
    command: 'apply',
    clock,
    warn: (message) => void warned.push(message),
    ...changes,
  });
  const opened: StateStore[] = [];
  const closeAll = async () => {
    for (const store of opened) await store.close();
  };
  onTestFinished(closeAll);
  return {
    clock,
    warned,
    closeAll,
    async open(changes: Partial<OpenOptions> = {}) {
      const store = await backend.open(options(changes));
      opened.push(store);
      return store;
    },
    look: (changes: Partial<OpenOptions> = {}) => backend.look(options(changes)),
  };
}

const other = { apiUrl: 'https://other.example.com' };

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

export function describeStateStore(name: string, make: () => Promise<StateUnderTest>): void {
  describe(`${name}: before anything is kept`, () => {
    test('there is nothing to see, and looking makes nothing', async () => {
      const { look } = await world(make);
      const view = look();
      expect((await view.applied()).records.size).toBe(0);
      expect(await view.recordedIds()).toEqual([]);
      expect(await collect(view.apiUrls())).toEqual([]);
      expect(await view.history(everyone)).toEqual({ entries: [], damaged: 0 });
      expect(await view.status()).toEqual({ status: null, damaged: null });
      expect((await view.allowedChanges()).size).toBe(0);
      expect(await view.earlierRequestsMs(minute)).toEqual([]);
      expect(await view.learntLimit()).toBeNull();
      await expect(look().requireState()).rejects.toThrow(StateError);
    });

    test('opening makes a state', async () => {
      const { open, look } = await world(make);
      const store = await open();
      expect(store.records.size).toBe(0);
      expect(await store.approval()).toBeNull();
      expect((await store.allowedChanges()).size).toBe(0);
      expect(await store.learntLimit()).toBeNull();
      expect((await store.openRateUsage(minute, timeoutMs)).earlierMs).toEqual([]);
      await look().requireState();
    });
  });

  describe(`${name}: records`, () => {
    test('stand from one opening to the next, the last of each widget', async () => {
      const { open, look } = await world(make);
      const store = await open();
      await Promise.all([store.save(recordOf(ava)), store.save(recordOf(ben))]);
      const later = recordOf(ava, { trail: unconfirmed() });
      await store.save(later);
      const wanted = [later, recordOf(ben)];
      expect(new Map(store.records)).toEqual(new Map(wanted.map((one) => [one.widgetId, one])));
      const seen = await look().applied();
      expect([...seen.records.values()]).toEqual(wanted);
      expect(await look().recordedIds()).toEqual([ava, ben]);
      await store.close();
      expect([...(await open()).records.values()]).toEqual(wanted);
    });

    test('of a few widgets are given as they are now, others not at all', async () => {
      const { open, look } = await world(make);
      const view = look();
      expect(await view.recordsOf(new Set([ava]))).toEqual([]);
      const store = await open();
      await Promise.all([store.save(recordOf(ava)), store.save(recordOf(ben))]);
      expect(await view.recordsOf(new Set([ava]))).toEqual([recordOf(ava)]);
      expect(await view.recordsOf(new Set())).toEqual([]);
      const later = recordOf(ava, { revision: 'later' });
      await store.save(later);
      expect(await view.recordsOf(new Set([ava, ben]))).toEqual([later, recordOf(ben)]);
    });

    test('are not seen to change by who looked before', async () => {
      const { open, look } = await world(make);
      const store = await open();
      const view = look();
      expect((await view.applied()).records.size).toBe(0);
      await store.save(recordOf(ava));
      expect((await view.applied()).records.size).toBe(0);
      expect((await look().applied()).records.size).toBe(1);
    });

    test('tell what the bytes of a file declare, to the version that has read them', async () => {
      const { open } = await world(make);
      const record = recordOf(ava);
      const { digest, spec, hash, sync } = record;
      const old = await open({ reader: '0.9.0' });
      await old.save(record);
      expect(old.knownContent(digest)).toEqual({ widgetId: ava, spec, hash, sync });
      await old.close();

      const store = await open();
      expect(store.records.get(ava)).toEqual(record);
      expect(store.knownContent(digest)).toBeUndefined();
      // Marked, and not read again.
      await store.save({ ...record, trail: unconfirmed() });
      expect(store.knownContent(digest)).toBeUndefined();
      await store.confirm(record, entryOf(record));
      expect(store.knownContent(digest)).toMatchObject({ widgetId: ava });
      await store.save(recordOf(ava, { digest: sha256('edited') }));
      expect(store.knownContent(digest)).toBeUndefined();
    });

    test('keep what a file extended, and drop it once it extends nothing', async () => {
      const { open } = await world(make);
      const store = await open();
      const record = recordOf(ava, { extends: ['../_brand.yaml'] });
      await store.save(record);
      await store.close();
      const again = await open();
      expect(again.records.get(ava)).toEqual(record);
      expect(again.knownContent(record.digest)).toMatchObject({ widgetId: ava });
      await again.save(recordOf(ava));
      await again.close();
      expect((await open()).records.get(ava)).not.toHaveProperty('extends');
    });

    test('tell which widget directory they came from', async () => {
      const { open, look } = await world(make);
      const first = await open({ root: '/one' });
      await first.save(recordOf(ava));
      await first.close();
      const store = await open({ root: '/two' });
      expect(store.rootOf(ava)).toBe('/one');
      expect(store.isFromElsewhere(ava)).toBe(true);
      await store.save(recordOf(ava));
      expect(store.isFromElsewhere(ava)).toBe(false);
      expect((await look().applied()).rootOf(ava)).toBe('/two');
      expect(store.isFromElsewhere(ben)).toBe(false);
    });

    test('that were found are not saved over what was written meanwhile', async () => {
      const { open } = await world(make);
      const store = await open();
      const found = store.records.get(ava);
      const written = store.confirm(recordOf(ava), entryOf(recordOf(ava)));
      await store.saveUnlessMoved(recordOf(ava, { file: 'older.yaml' }), found);
      await written;
      expect(store.records.get(ava)?.file).toBe(recordOf(ava).file);
      const moved = recordOf(ava, { file: 'moved.yaml' });
      await store.saveUnlessMoved(moved, store.records.get(ava));
      expect(store.records.get(ava)).toEqual(moved);
    });

    test('of another API are as good as none to see, and it is said whose they are', async () => {
      const { open, look, warned } = await world(make);
      const store = await open(other);
      await store.save(recordOf(ava));
      expect((await look().applied()).records.size).toBe(0);
      expect(warned).toHaveLength(1);
      expect(await look().recordedIds()).toEqual([ava]);
      expect(await collect(look().apiUrls())).toEqual([other.apiUrl]);
    });

    // Once they were taken for none, and replaced.
    test('of another API are not opened for writing, and stand for their own', async () => {
      const { open } = await world(make);
      const store = await open(other);
      await store.save(recordOf(ava));
      await store.close();
      const opened = open();
      await expect(opened).rejects.toThrow(StateError);
      await expect(opened).rejects.toThrow(`belongs to ${other.apiUrl}, not to`);
      expect([...(await open(other)).records.values()]).toEqual([recordOf(ava)]);
    });
  });

  describe(`${name}: what is forgotten`, () => {
    const time = new Date('2026-03-02T10:00:00Z');

    test('has no record any more, one line of history, and is new when it comes again', async () => {
      const { open, look } = await world(make);
      const store = await open();
      const record = recordOf(ava);
      await store.confirm(record, entryOf(record));
      await store.save(recordOf(ben));
      expect(await store.forget([ava], time)).toEqual([ava]);
      expect([...store.records.keys()]).toEqual([ben]);
      expect(store.knownContent(record.digest)).toBeUndefined();
      expect(store.rootOf(ava)).toBeUndefined();
      expect(await store.forget([ava], time)).toEqual([]);
      const view = look();
      expect(await view.recordedIds()).toEqual([ben]);
      const { widgetId, file, hash, revision } = record;
      const line = { time, widgetId, file, reason: 'forgotten', hash, revision };
      expect((await view.history(everyone)).entries).toEqual([
        entryOf(record),
        { ...line, fields: [], attempts: 0 },
      ]);
      await store.close();

      const later = await open();
      expect([...later.records.keys()]).toEqual([ben]);
      const again = recordOf(ava, { appliedAt: new Date('2026-03-02T11:00:00Z') });
      await later.confirm(again, entryOf(again));
      const noon = new Date('2026-03-02T12:00:00Z');
      expect(await later.forget([ben, ava], noon)).toEqual([ben, ava]);
      const reasons = (await look().history(everyone)).entries.map(({ reason }) => reason);
      expect(reasons).toEqual(['edited', 'forgotten', 'edited', 'forgotten', 'forgotten']);
      expect(await look().recordedIds()).toEqual([]);
    });

    test('is ordered beside the holder, who answers once', async () => {
      const { open, look } = await world(make);
      const store = await open();
      const view = look();
      expect(await store.forgetOrders()).toEqual([]);
      const id = await view.orderForget([ava, ben]);
      expect(await view.forgetAnswer(id)).toBeNull();
      expect(await store.forgetOrders()).toMatchObject([{ id, widgetIds: [ava, ben] }]);
      expect(await store.takeForget(id)).toBe(true);
      // What was begun and not ended is there for the next process.
      expect(await store.forgetOrders()).toMatchObject([{ id, widgetIds: [ava, ben] }]);
      expect(await store.takeForget(id)).toBe(true);
      expect(await view.withdrawForget(id)).toBe(false);
      expect(await view.forgetAnswer(id)).toBeNull();
      const answer = {
        forgotten: [ava],
        refused: [{ widgetId: ben, why: 'ben.yaml declares it' }],
      };
      await store.answerForget(id, answer);
      expect(await store.forgetOrders()).toEqual([]);
      expect(await view.withdrawForget(id)).toBe(false);
      expect(await view.forgetAnswer(id)).toEqual(answer);
      expect(await view.forgetAnswer(id)).toBeNull();
    });

    test('an order that was taken back, or is old, is none', async () => {
      const { open, look, clock } = await world(make);
      const store = await open();
      const view = look();
      const id = await view.orderForget([ava]);
      expect(await view.withdrawForget(id)).toBe(true);
      expect(await store.forgetOrders()).toEqual([]);
      expect(await store.takeForget(id)).toBe(false);
      await store.answerForget(id, { forgotten: [ava], refused: [] });
      expect(await view.forgetAnswer(id)).toBeNull();
      await view.orderForget([ava]);
      await clock.advance(orderValidMs + 1);
      expect(await store.forgetOrders()).toEqual([]);
    });

    test('a look at all that is live is ordered beside the holder, and taken once', async () => {
      const { open, look, clock } = await world(make);
      const store = await open();
      const view = look();
      expect(await store.takeResync()).toBe(false);
      const [one, other] = [await view.orderResync(), await view.orderResync()];
      expect(one).not.toBe(other);
      expect(await view.isResyncTaken(one)).toBe(false);
      expect(await store.forgetOrders()).toEqual([]);
      expect(await store.takeResync()).toBe(true);
      expect(await store.takeResync()).toBe(false);
      for (const id of [one, other]) {
        expect(await view.isResyncTaken(id)).toBe(true);
        expect(await view.withdrawResync(id)).toBe(false);
      }
      expect(await view.withdrawResync(await view.orderResync())).toBe(true);
      expect(await store.takeResync()).toBe(false);
      const old = await view.orderResync();
      await clock.advance(orderValidMs + 1);
      expect(await store.takeResync()).toBe(false);
      expect(await view.isResyncTaken(old)).toBe(true);
    });

    test('a record is found by any text in it, in any case', async () => {
      const { open, look } = await world(make);
      const store = await open();
      await store.save(recordOf(ava, { file: 'clients/Ava "1".yaml' }));
      await store.save(recordOf(ben));
      const found = async (text: string) =>
        (await look().search(text)).map(({ widgetId }) => widgetId);
      expect(await found(ava)).toEqual([ava]);
      expect(await found(ben.slice(0, 6).toUpperCase())).toEqual([ben]);
      expect(await found('clients/ava "1".yaml')).toEqual([ava]);
      expect(await found('nobody')).toEqual([]);
    });
  });

  describe(`${name}: history`, () => {
    test('has one entry for each confirmed write, newest last', async () => {
      const { open, look } = await world(make);
      const store = await open();
      const [one, two] = [recordOf(ava), recordOf(ben)];
      await store.confirm(one, entryOf(one));
      await store.confirm(two, entryOf(two));
      await store.save(one);
      await store.close();
      const next = await open();
      const again = { ...entryOf(one), reason: 'forced', revision: null, fields: [] };
      await next.confirm(one, again);
      const history = async (limit: number, widgetId: WidgetId | null) =>
        (await look().history({ limit, widgetId })).entries;
      expect(await history(9, null)).toEqual([entryOf(one), entryOf(two), again]);
      expect(await history(1, null)).toEqual([again]);
      expect(await history(9, ben)).toEqual([entryOf(two)]);
      expect(await history(1, ava)).toEqual([again]);
    });

    test('keeps all that an entry says, as it was said', async () => {
      const { open, look } = await world(make);
      const store = await open();
      const record = recordOf(ava);
      const plain = entryOf(record);
      const full = fullEntryOf(record);
      const kept = [
        plain,
        full,
        { ...full, isEdited: true as const, isBeforeAsApplied: true as const },
        { ...full, before: {}, after: { intro_message: null, attributes: { a: [1, 'é'] } } },
        { ...full, after: { description: 'A long text.\n'.repeat(20_000) } },
        { ...plain, id: 'w-00000000', reason: 'forgotten', fields: [], attempts: 0 },
      ];
      for (const entry of kept) await store.confirm(record, entry);
      expect((await look().history(everyone)).entries).toEqual(kept);
    });

    test('gives what is asked for: a widget, a file, a time, a commit, a field', async () => {
      const { open, look } = await world(make);
      const store = await open();
      const day = (n: number) => new Date(Date.UTC(2026, 2, n));
      const full = fullEntryOf(recordOf(ava));
      const entries: HistoryEntry[] = [
        { ...full, time: day(1) },
        { ...full, time: day(2), widgetId: ben, file: 'ben.yaml', revision: 'ffff0000' },
        { ...full, time: day(3), revision: null, fields: ['/display_names', '/a~1b/c'] },
        { ...full, time: day(4), file: 'moved.yaml', fields: ['/style_params'] },
      ];
      for (const entry of entries) await store.confirm(recordOf(entry.widgetId), entry);
      const days = async (filter: Partial<HistoryRequest>) => {
        const found = await look().history({ ...everyone, ...filter });
        expect(found.damaged).toBe(0);
        return found.entries.map(({ time }) => time.getUTCDate());
      };
      expect(await days({ widgetId: ben })).toEqual([2]);
      expect(await days({ file: 'moved.yaml' })).toEqual([4]);
      expect(await days({ sinceMs: day(2).getTime() })).toEqual([2, 3, 4]);
      expect(await days({ untilMs: day(2).getTime() })).toEqual([1, 2]);
      expect(await days({ sinceMs: day(2).getTime(), untilMs: day(3).getTime() })).toEqual([2, 3]);
      expect(await days({ commit: 'a1b2' })).toEqual([1, 4]);
      expect(await days({ commit: 'ffff0000' })).toEqual([2]);
      expect(await days({ field: 'display_name' })).toEqual([1, 2]);
      expect(await days({ field: 'a/b' })).toEqual([3]);
      expect(await days({ field: 'style_params' })).toEqual([1, 2, 4]);
      expect(await days({ field: 'style_params', commit: 'a1b2', limit: 1 })).toEqual([4]);
      expect(await days({ widgetId: ava, untilMs: day(1).getTime() - 1 })).toEqual([]);
    });

    test('takes no more room than it may, and loses its oldest entries alone', async () => {
      const { open, look } = await world(make);
      const full = fullEntryOf(recordOf(ava));
      const keepHistoryBytes = 10 * JSON.stringify(full).length;
      const store = await open({ keepHistoryBytes });
      for (let n = 1; n <= 40; n += 1) {
        await store.confirm(recordOf(ava), { ...full, attempts: n });
        const { entries, damaged } = await look().history(everyone);
        expect(damaged).toBe(0);
        expect(JSON.stringify(entries).length).toBeLessThan(1.2 * keepHistoryBytes);
        expect(entries.length).toBeGreaterThanOrEqual(Math.min(n, 3));
        expect(entries.map(({ attempts }) => attempts)).toEqual(
          entries.map((_, index) => n - entries.length + 1 + index),
        );
      }
      await store.close();
      const next = await open({ keepHistoryBytes });
      await next.confirm(recordOf(ava), { ...full, attempts: 41 });
      const { entries } = await look().history({ ...everyone, limit: 2 });
      expect(entries.map(({ attempts }) => attempts)).toEqual([40, 41]);
    });

    test('has each of many writes at once, and their records', async () => {
      const { open, look } = await world(make);
      const store = await open();
      const ids = Array.from(
        { length: 60 },
        (_, n) => `${String(n).padStart(8, '0')}-0d44-4b50-8888-8dd25736052a` as WidgetId,
      );
      const records = ids.map((widgetId) => recordOf(widgetId));
      await Promise.all(records.map((record) => store.confirm(record, entryOf(record))));
      const { entries } = await look().history(everyone);
      expect(entries.map(({ widgetId }) => widgetId).sort()).toEqual(ids);
      expect([...(await look().applied()).records.values()]).toEqual(records);
    });
  });

  describe(`${name}: the status`, () => {
    test('is the last that was reported, for its own API alone', async () => {
      const { open, look } = await world(make);
      const store = await open();
      await store.reportStatus(statusOf({ queue: [queuedOf(ava)], refusedChecksum: 'abc' }));
      const held = { widgetId: ava, file: 'a', code: 'b', message: 'c', line: 3, until: null };
      const last = statusOf({ held: [{ ...held, since: foundAt }] });
      await store.reportStatus(last);
      expect(await store.status()).toEqual({ status: last, damaged: null });
      expect(await look().status()).toEqual({ status: last, damaged: null });
      expect(await look(other).status()).toEqual({ status: null, damaged: null });
    });

    test('says whose state it is, also where nothing else is kept', async () => {
      const { open, look } = await world(make);
      const store = await open(other);
      await store.reportStatus(statusOf());
      await store.close();
      expect(await collect(look().apiUrls())).toEqual([other.apiUrl]);
      await expect(open()).rejects.toThrow(`belongs to ${other.apiUrl}, not to`);
    });
  });

  describe(`${name}: what was let past the limit`, () => {
    test('is there for the next process, until it is replaced, and nothing to another API', async () => {
      const { open, look } = await world(make);
      const store = await open();
      await store.saveAllowedChanges(allowed);
      expect(await store.allowedChanges()).toEqual(allowed);
      await store.close();
      expect(await look().allowedChanges()).toEqual(allowed);
      expect((await look(other).allowedChanges()).size).toBe(0);
      const next = await open();
      expect(await next.allowedChanges()).toEqual(allowed);
      await next.saveAllowedChanges(new Map());
      expect((await look().allowedChanges()).size).toBe(0);
    });

    test('is over once a record confirms it, and not while its write is unconfirmed', async () => {
      const { open, look } = await world(make);
      const store = await open();
      const [one, two] = [recordOf(ava), recordOf(ben, { trail: unconfirmed() })];
      await store.saveAllowedChanges(new Map([one, two].map((at) => [at.widgetId, at.hash])));
      await store.save(one);
      await store.save(two);
      expect([...(await store.allowedChanges()).keys()]).toEqual([ben]);
      expect([...(await look().allowedChanges()).keys()]).toEqual([ben]);
    });
  });

  describe(`${name}: what people were told`, () => {
    test('is there for the next process, until it is replaced, and nothing to another API', async () => {
      const { open } = await world(make);
      const store = await open();
      expect(await store.announcements()).toEqual([]);
      await store.saveAnnouncements([announced]);
      const source = { account: 'fernwood', ...announced.message.source };
      const cleared = { state: 'cleared', ends: [sha256('one')] } as const;
      const untold: Announcement = {
        ...announced,
        message: { ...announced.message, ...cleared, source, commit: null },
        members: [{ key: sha256('one'), subject: null }],
        isTold: false,
      };
      await store.saveAnnouncements([announced, untold]);
      expect(await store.announcements()).toEqual([announced, untold]);
      await store.close();
      const next = await open();
      expect(await next.announcements()).toEqual([announced, untold]);
      await next.saveAnnouncements([]);
      expect(await next.announcements()).toEqual([]);
      await next.saveAnnouncements([announced]);
      await next.close();
      expect(await (await open(other)).announcements()).toEqual([]);
    });
  });

  describe(`${name}: an approval`, () => {
    test('is left for the holder, and used once', async () => {
      const { open, look } = await world(make);
      const store = await open({ command: 'run' });
      await look().approve('first');
      await look().approve('second');
      expect(await store.approval()).toBe('second');
      expect(await store.approval()).toBe('second');
      await store.forgetApproval();
      expect(await store.approval()).toBeNull();
      await store.forgetApproval();
    });

    test('is meant for what somebody has just looked at, by whichever clock', async () => {
      const { open, look, clock } = await world(make);
      const store = await open({ command: 'run' });
      await look().approve('a plan');
      await clock.advance(approvalValidMs);
      expect(await store.approval()).toBe('a plan');
      await clock.advance(1);
      expect(await store.approval()).toBeNull();
      clock.step(-2 * approvalValidMs - 2);
      expect(await store.approval()).toBeNull();
    });
  });

  describe(`${name}: the used rate`, () => {
    test('is there for the next process: each request for one window after its end', async () => {
      const { open, look, clock } = await world(make);
      const store = await open();
      const usage = await store.openRateUsage(minute, timeoutMs);
      expect(usage.earlierMs).toEqual([]);
      for (const _ of [1, 2]) {
        usage.ended(clock.monotonicMs());
        await clock.advance(20_000);
      }
      await usage.keep([]);
      await clock.advance(15_000);
      const seen = await look().earlierRequestsMs(minute);
      await store.close();
      const next = await (await open()).openRateUsage(minute, timeoutMs);
      expect(seen).toEqual(next.earlierMs);
      const agesMs = next.earlierMs.map((atMs) => clock.monotonicMs() - atMs);
      // Wall times between processes are whole milliseconds.
      expect(agesMs.map((ms) => Math.ceil(ms / 10) * 10)).toEqual([55_000, 35_000]);
      await clock.advance(20_000);
      expect(await look().earlierRequestsMs(minute)).toHaveLength(1);
      await clock.advance(60_000);
      expect(await look().earlierRequestsMs(minute)).toEqual([]);
    });

    test('counts what was under way when a process ended as ended by the next, once', async () => {
      const { open, look, clock } = await world(make);
      const store = await open();
      const usage = await store.openRateUsage(minute, timeoutMs);
      await usage.keep([writing(ava), reading()]);
      await clock.advance(30_000);
      const seen = await look().earlierRequestsMs(minute);
      await store.close();
      const second = await open();
      const { earlierMs } = await second.openRateUsage(minute, timeoutMs);
      expect(earlierMs).toEqual(seen);
      expect(earlierMs).toHaveLength(2);
      for (const endedMs of earlierMs) {
        expect(endedMs).toBeGreaterThanOrEqual(clock.monotonicMs());
        expect(endedMs).toBeLessThanOrEqual(clock.monotonicMs() + timeoutMs);
      }
      await second.close();
      await clock.advance(timeoutMs + minute.windowMs + 2);
      const third = await (await open()).openRateUsage(minute, timeoutMs);
      expect(third.earlierMs).toEqual([]);
    });

    test('tells which widgets it may still write, until that is over', async () => {
      const { open, clock, closeAll } = await world(make);
      const store = await open();
      const usage = await store.openRateUsage(minute, timeoutMs);
      expect(usage.inherited).toEqual([]);
      const ofBen = writing(ben);
      await usage.keep([writing(ava), ofBen, reading()]);
      usage.ended(clock.monotonicMs());
      await usage.keep([ofBen]);
      await clock.advance(10_000);
      await store.close();
      const second = await open();
      const { inherited } = await second.openRateUsage(minute, timeoutMs);
      expect(inherited).toEqual([
        { widgetId: ben, hash: expect.any(String), untilMs: expect.any(Number) },
      ]);
      const hash = inherited[0]?.hash ?? '';
      expect(hash.length).toBeGreaterThanOrEqual(16);
      expect(sha256(ben).startsWith(hash)).toBe(true);
      const untilMs = inherited[0]?.untilMs ?? 0;
      expect(untilMs).toBeGreaterThanOrEqual(timeoutMs);
      expect(untilMs).toBeLessThanOrEqual(clock.monotonicMs() + timeoutMs + 1);
      await second.close();

      // Another one comes before that is over, with requests of its own.
      const third = await (await open()).openRateUsage(minute, timeoutMs);
      expect(third.inherited.map(({ widgetId }) => widgetId)).toEqual([ben]);
      expect(third.inherited[0]?.untilMs).toBeGreaterThanOrEqual(untilMs);
      await third.keep([writing(ava)]);
      await clock.advance(1000);
      await closeAll();
      const fourth = await (await open()).openRateUsage(minute, timeoutMs);
      expect(fourth.inherited.map(({ widgetId }) => widgetId).sort()).toEqual([ava, ben].sort());
      await clock.advance(2 * timeoutMs + 3);
      await closeAll();
      expect((await (await open()).openRateUsage(minute, timeoutMs)).inherited).toEqual([]);
    });

    test('names no request that had ended when it was closed', async () => {
      const { open, clock } = await world(make);
      const store = await open();
      const usage = await store.openRateUsage(minute, timeoutMs);
      const underWay = [writing(ava), writing(ben)];
      await usage.keep(underWay);
      // It is closed before the end of the request was kept.
      underWay.shift();
      usage.ended(clock.monotonicMs());
      await store.close();
      const { inherited } = await (await open()).openRateUsage(minute, timeoutMs);
      expect(inherited.map(({ widgetId }) => widgetId)).toEqual([ben]);
    });

    test('holds no more places than the rate has, and the newest ones', async () => {
      const { open, look, clock } = await world(make);
      const usage = await (await open()).openRateUsage(
        { limit: 9, windowMs: 3_600_000 },
        timeoutMs,
      );
      for (const _ of [1, 2, 3, 4, 5]) {
        await clock.advance(100_000);
        usage.ended(clock.monotonicMs());
      }
      await usage.keep([]);
      const hour = { limit: 3, windowMs: 3_600_000 };
      expect(await look().earlierRequestsMs(hour)).toHaveLength(3);
      expect(await look().earlierRequestsMs(minute)).toHaveLength(1);
    });

    test('frees no place while the clock is set back', async () => {
      const { open, look, clock } = await world(make);
      const usage = await (await open()).openRateUsage(minute, timeoutMs);
      usage.ended(clock.monotonicMs());
      await usage.keep([]);
      clock.step(-86_400_000);
      await clock.advance(50_000);
      expect(await look().earlierRequestsMs(minute)).toHaveLength(1);
    });
  });

  describe(`${name}: the learnt limit`, () => {
    test('is there for the next process, and so is that nothing is left of it', async () => {
      const { open, look } = await world(make);
      const store = await open();
      store.keepLearntLimit(learnt);
      await store.close();
      expect(await look().learntLimit()).toEqual(learnt);
      expect(await look(other).learntLimit()).toBeNull();
      const next = await open();
      expect(await next.learntLimit()).toEqual(learnt);
      next.keepLearntLimit(null);
      await next.close();
      expect(await look().learntLimit()).toBeNull();
    });
  });

  describe(`${name}: who holds it`, () => {
    test('keeps others from opening it, and nobody from looking, until it is closed', async () => {
      const { open, look } = await world(make);
      expect(
        await look()
          .holder()
          .catch(() => null),
      ).toBeNull();
      const store = await open({ command: 'run' });
      const holder = { command: 'run', pid: process.pid };
      const taken = await open().catch((error: unknown) => error);
      expect(taken).toBeInstanceOf(StateTakenError);
      expect(taken).toMatchObject({ holder });
      await store.save(recordOf(ava));
      expect((await look().applied()).records.size).toBe(1);
      expect(await look().holder()).toMatchObject(holder);
      await store.close();
      await store.close();
      expect(await look().holder()).toBeNull();
      expect((await open()).records.size).toBe(1);
    });

    test('is told once what is under way is kept, and keeps nothing after that', async () => {
      const { open, look } = await world(make);
      const store = await open();
      const usage = await store.openRateUsage(minute, timeoutMs);
      const writing = store.confirm(recordOf(ava), entryOf(recordOf(ava)));
      await store.close();
      expect((await look().applied()).records.size).toBe(1);
      expect((await look().history(everyone)).entries).toHaveLength(1);
      await writing;
      const late = [
        () => store.save(recordOf(ben)),
        () => store.confirm(recordOf(ben), entryOf(recordOf(ben))),
        () => store.reportStatus(statusOf()),
        () => store.saveAllowedChanges(allowed),
        () => store.saveAnnouncements([announced]),
      ];
      for (const write of late) await expect(write()).rejects.toThrow(StateError);
      store.keepLearntLimit(learnt);
      await usage.keep([reading(), reading(), reading()]);
      expect(await look().recordedIds()).toEqual([ava]);
      expect(await look().status()).toEqual({ status: null, damaged: null });
      expect((await look().allowedChanges()).size).toBe(0);
      expect(await look().learntLimit()).toBeNull();
      expect(await look().earlierRequestsMs(minute)).toEqual([]);
    });
  });
}
