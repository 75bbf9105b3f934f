// What the API keeps or shows otherwise than it was sent, over passes: said for as long as it is so, learnt
// where only reads show it, and never written again for it.

import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import type { Confirmed } from '../../src/model/write-trail.ts';
import { formatRecord, parseRecord } from '../../src/state/format/record-format.ts';
import { law } from '../support/law.ts';
import { confirmed } from '../support/trails.ts';
import { changed, documentOf, ignoring, nowMs } from './fixtures.ts';
import { type Look, ModelAccount } from './model-account.ts';
import type { Server } from './model-server.ts';
import { anyStory } from './worlds.ts';

const hourMs = 3_600_000;
const echoing: Server = { omitted: 'kept', spells: false, tells: 'all', stubborn: null };
const respelling: Server = { ...echoing, respellsReads: true };
const before = { widget_type: 'chat', name: 'x', bubble_text: 'Hi', attributes: {} };

function accountOf(server: Server, applied: AppliedRecord | null = null) {
  const account = new ModelAccount(server, { live: before, applied, nowMs });
  /** An hour after the one before. */
  const pass = async (body: JsonObject, look: Partial<Look> & { ignore?: string } = {}) => {
    await account.clock.advance(hourMs);
    const declared = documentOf(1, { widget_type: 'chat', ...body });
    const document = look.ignore === undefined ? declared : ignoring(declared, look.ignore);
    return account.pass({ document, policy: changed, read: 'in time', ...look });
  };
  return { account, pass };
}

const settled = { changes: [], drifted: [], learned: [] };

describe('a spelling that only reads show', () => {
  test.each<[string, Json, Json]>([
    ['another case', 'Ava', 'ava'],
    ['nothing as another nothing', null, ''],
  ])('is learnt after two identical reads and two writes: %s', async (_, sent, kept) => {
    const { account, pass } = accountOf(respelling);
    await pass({ name: sent });
    expect(await pass({ name: sent })).toMatchObject({ changes: [{ reason: 'drifted' }] });
    const { changes, learned, kept: shown } = await pass({ name: sent });
    expect(changes).toEqual([]);
    const field = { path: '/name', sent, kept, spelling: true };
    expect(learned).toMatchObject([{ kept: [field] }]);
    expect(shown).toMatchObject([{ file: 'w1.yaml', fields: [field] }]);
    for (let passes = 0; passes < 4; passes += 1) {
      expect(await pass({ name: sent })).toMatchObject({ ...settled, kept: shown });
    }
    expect(account.sent).toHaveLength(2);
    expect(account.applied).toMatchObject({ spelling: 'read', corrections: 0 });
  });

  test('is learnt of what is edited later without another write', async () => {
    const { account, pass } = accountOf(respelling);
    for (let passes = 0; passes < 3; passes += 1) await pass({ name: 'Ava' });
    for (const name of ['Ada', 'Amy']) {
      await pass({ name });
      expect(await pass({ name })).toMatchObject({ changes: [], drifted: [] });
      expect((await pass({ name })).kept).toMatchObject([{ fields: [{ sent: name }] }]);
    }
    expect(account.sent).toHaveLength(4);
  });

  test('is learnt where only forced writes say so, as drift is only reported', async () => {
    const { account, pass } = accountOf(respelling);
    const reporting: Look['policy'] = { ...changed, drift: 'report' };
    await pass({ name: 'Ava' }, { policy: reporting });
    expect((await pass({ name: 'Ava' }, { policy: reporting })).drifted).toHaveLength(1);
    await pass({ name: 'Ava' }, { policy: { ...changed, send: 'all' } });
    const { drifted, kept } = await pass({ name: 'Ava' }, { policy: reporting });
    expect({ drifted, kept }).toMatchObject({ drifted: [], kept: [{ fields: [{ kept: 'ava' }] }] });
    expect(account.sent).toHaveLength(2);
  });

  test('is learnt of a record of an earlier version that counts as fought over', async () => {
    const first = accountOf(respelling);
    await first.pass({ name: 'Ava' });
    await first.pass({ name: 'Ava' });
    const applied = first.account.applied as AppliedRecord;
    const trail = confirmed({ ...(applied.trail as Confirmed), isRepeated: false });
    const { account, pass } = accountOf(respelling, { ...applied, trail, corrections: 2 });
    account.touch({ name: 'Ava' });
    expect(await pass({ name: 'Ava' })).toMatchObject({ changes: [], drifted: [] });
    expect(account.applied?.spelling).toBe('read');
  });

  test('is not learnt of one write: what was adopted, somebody set otherwise', async () => {
    const { account, pass } = accountOf(echoing);
    account.touch({ name: 'Ava' });
    expect((await pass({ name: 'Ava' })).adopted).toHaveLength(1);
    for (let times = 0; times < 2; times += 1) {
      account.touch({ name: 'ava' });
      expect(await pass({ name: 'Ava' })).toMatchObject({ changes: [{ reason: 'drifted' }] });
    }
    expect(account.applied?.spelling).toBeUndefined();
  });

  test.each<[string, Json, Json]>([
    ['another text', 'Ava', 'Eva'],
    ['a text that is cut', 'Ava of the bakery', 'Ava'],
    ['nothing', 'Ava', null],
  ])('is none where a person sets twice what is no respelling: %s', async (_, sent, theirs) => {
    const { account, pass } = accountOf(echoing);
    await pass({ name: sent });
    for (let times = 0; times < 2; times += 1) {
      account.touch({ name: theirs });
      expect(await pass({ name: sent })).toMatchObject({ changes: [{ reason: 'drifted' }] });
    }
    account.touch({ name: theirs });
    const { drifted, kept, learned } = await pass({ name: sent });
    expect({ learned, kept }).toEqual({ learned: [], kept: [] });
    // An hour is longer than the first pause.
    expect(drifted).toEqual([]);
    expect(account.live['name']).toBe(sent);
  });

  test('hides no drift beside it, nor another respelling later', async () => {
    const { account, pass } = accountOf(echoing);
    await pass({ name: 'Ava', bubble_text: 'Ask' });
    for (let times = 0; times < 2; times += 1) {
      account.touch({ name: 'ava' });
      await pass({ name: 'Ava', bubble_text: 'Ask' });
    }
    expect(account.applied?.spelling).toBe('read');
    account.touch({ bubble_text: 'Sale' });
    const both = await pass({ name: 'Ava', bubble_text: 'Ask' });
    expect(both.changes[0]?.fields.map(({ path }) => path)).toEqual(['/bubble_text']);
    account.touch({ name: 'AVA' });
    // The first read after a write may show any spelling; a later one may not.
    await pass({ name: 'Ava', bubble_text: 'Ask' });
    account.touch({ name: 'aVa' });
    const later = await pass({ name: 'Ava', bubble_text: 'Ask' });
    expect(later.changes).toMatchObject([{ reason: 'drifted' }]);
  });
});

describe('what the API kept otherwise', () => {
  const stubborn: Server = { ...echoing, stubborn: 'name' };
  const field = { path: '/name', sent: 'Ava', kept: 'x' };

  test.each<Server['tells']>(['all', 'some', 'nothing'])(
    'stays said, read or not, over restarts and forced writes, told %s',
    async (tells) => {
      const { account, pass } = accountOf({ ...stubborn, tells });
      await pass({ name: 'Ava' });
      const since = account.applied?.appliedAt.getTime();
      const state = [{ file: 'w1.yaml', sinceMs: since, fields: [field] }];
      expect(await pass({ name: 'Ava' })).toMatchObject({ changes: [], kept: state });
      expect(await pass({ name: 'Ava' }, { read: 'not at all' })).toMatchObject({ kept: state });
      await pass({ name: 'Ava' }, { policy: { ...changed, send: 'all' } });
      const record = stored(account.applied);
      expect(record).toEqual(account.applied);
      await pass({ name: 'Ava' });
      expect(await pass({ name: 'Ava' })).toMatchObject({ ...settled, kept: state });
      expect(account.sent).toHaveLength(2);
    },
  );

  test('is over when the file changes, and once a read agrees it is drift to have it again', async () => {
    const { account, pass } = accountOf(stubborn);
    await pass({ name: 'Ava' });
    expect((await pass({ name: 'x' })).kept).toEqual([]);
    await pass({ name: 'Ava' });
    expect((await pass({ name: 'Ava' })).kept).toHaveLength(1);
    account.touch({ name: 'Ava' });
    expect((await pass({ name: 'Ava' })).kept).toEqual([]);
    expect(await pass({ name: 'Ava' })).toMatchObject({ ...settled, kept: [] });
    expect((await pass({ name: 'Ava' }, { read: 'not at all' })).kept).toEqual([]);
    account.touch({ name: 'x' });
    expect((await pass({ name: 'Ava' })).changes).toMatchObject([{ reason: 'drifted' }]);
  });

  test('is drift where somebody sets a third value', async () => {
    const { account, pass } = accountOf(stubborn);
    await pass({ name: 'Ava' });
    account.touch({ name: 'theirs' });
    expect(await pass({ name: 'Ava' })).toMatchObject({
      changes: [{ reason: 'drifted' }],
      kept: [],
    });
  });

  test('is not spoken of where the place is the dashboard’s by now', async () => {
    const { pass } = accountOf(stubborn);
    await pass({ name: 'Ava' });
    expect((await pass({ name: 'Ava' }, { ignore: '/name' })).kept).toEqual([]);
  });

  test.each<Server['tells']>(['all', 'nothing'])(
    'is said of a field that was to be set back, told %s',
    async (tells) => {
      const { account, pass } = accountOf({ ...stubborn, tells });
      await pass({ name: 'x', bubble_text: 'A' });
      await pass({ bubble_text: 'A' });
      const kept = [{ fields: [{ path: '/name', sent: null, kept: 'x' }] }];
      expect(await pass({ bubble_text: 'A' })).toMatchObject({ changes: [], kept });
      await pass({ bubble_text: 'A' }, { policy: { ...changed, send: 'all' } });
      expect(stored(account.applied)).toEqual(account.applied);
      expect((await pass({ bubble_text: 'A' })).kept).toMatchObject(kept);
      account.touch({ name: null });
      await pass({ bubble_text: 'A' });
      expect(await pass({ bubble_text: 'A' })).toMatchObject({ ...settled, kept: [] });
    },
  );
});

/** As it comes back from the disk. */
function stored(record: AppliedRecord | null): AppliedRecord | null {
  if (record === null) return null;
  const apiUrl = 'https://api.example.com';
  const text = formatRecord(record, { apiUrl, reader: '1.0.0' });
  const parsed = parseRecord(text, record.widgetId, apiUrl);
  if (!('record' in parsed)) throw new Error(parsed.damage);
  return parsed.record;
}

describe('an API that confirms what was sent and respells it when read, whatever passes there were', () => {
  law.prop([anyStory], { numRuns: 100 })(
    'is written once more than the file changes, and then nothing is left to do',
    async ({ server, live, chapters }) => {
      const { omitted } = server;
      const account = new ModelAccount({ ...respelling, omitted }, { live, applied: null, nowMs });
      for (const { document, policy } of chapters) {
        for (let passes = 0; passes < 3; passes += 1) {
          await account.clock.advance(hourMs);
          await account.pass({ document, policy, read: 'in time' });
        }
        const calm = account.plan({ document, policy, read: 'in time' });
        expect(calm).toMatchObject({ ...settled, adopted: [] });
      }
      const edits = chapters.filter(
        ({ document }, index) => document.hash !== chapters[index - 1]?.document.hash,
      );
      expect(account.sent.length).toBeLessThanOrEqual(edits.length + 1);
    },
  );
});
