// Two writes within the time that reads may lag: none is taken for the dashboard's doing, none is lost.

import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { readThrough } from '../../../src/plan/uncertain/read-through.ts';
import { confirmed, unconfirmed } from '../../support/trails.ts';
import {
  accountOf as accountViewOf,
  changed,
  documentOf,
  ignoring,
  liveOf,
  nowMs,
  recordOf,
  viewsOf,
} from '../fixtures.ts';
import { type Look, ModelAccount, type Read } from '../model-account.ts';
import type { Server } from '../model-server.ts';

const plain: Server = { omitted: 'kept', spells: false, tells: 'all', stubborn: null };
/** `lost`: the request has not arrived either. */
type Answer = 'confirmed' | 'unconfirmed' | 'lost';

const before = { name: 'A', bubble_text: 'Hi' };

function accountOf(server: Partial<Server> = {}) {
  const account = new ModelAccount({ ...plain, ...server }, { live: before, applied: null, nowMs });
  const pass = (
    body: JsonObject,
    read: Read = 'one write late',
    answer: Answer = 'confirmed',
    policy: Look['policy'] = changed,
  ) => {
    const document = documentOf(1, { widget_type: 'chat', ...body });
    const fate = { isUnconfirmed: answer !== 'confirmed', isLost: answer === 'lost' };
    return account.pass({ document, policy, read, ...fate });
  };
  return { account, pass };
}

describe('reads that are one write late', () => {
  test('show no drift after two edits (it was corrected, and counted as fought over)', async () => {
    const { account, pass } = accountOf();
    await pass({ name: 'B' });
    await pass({ name: 'C' });
    const { changes, drifted } = await pass({ name: 'C' });
    expect({ changes, drifted }).toEqual({ changes: [], drifted: [] });
    expect(account.sent).toHaveLength(2);
  });

  test.each<Server['tells']>(['all', 'nothing'])(
    'lose no release of a field that came and went and came again (it stayed for ever), told %s',
    async (tells) => {
      const { account, pass } = accountOf({ tells });
      await pass({ bubble_text: 'Hi' }, 'in time');
      await pass({});
      await pass({ bubble_text: 'Hi' });
      await pass({});
      expect(account.live['bubble_text']).toBeNull();
      await account.clock.advance(3_600_000);
      expect((await pass({}, 'in time')).changes).toEqual([]);
    },
  );

  test('hide no field of what is taken back', async () => {
    const { pass } = accountOf();
    await pass({ name: 'A' }, 'in time');
    await pass({ name: 'B' });
    const { changes } = await pass({ name: 'A' });
    expect(changes.map(({ reason, fields }) => ({ reason, fields }))).toEqual([
      {
        reason: 'edited',
        fields: [{ path: '/name', from: 'B', to: 'A', by: 'git', released: false }],
      },
    ]);
  });

  test('bring nothing back that several writes ago was reset', async () => {
    const { account, pass } = accountOf();
    await pass({ bubble_text: 'Hi' }, 'in time');
    await pass({ name: 'B' });
    for (const name of ['C', 'D', 'E']) await pass({ name });
    expect(account.live).toMatchObject({ name: 'E', bubble_text: null });
  });

  test('remember no more than a few writes', async () => {
    const { account, pass } = accountOf();
    for (let n = 0; n < 30; n += 1) await pass({ name: `name ${n}` });
    expect(account.applied?.trail.earlier.length).toBe(8);
  });
});

describe('an API that does not say what it made of a write', () => {
  test('is believed by the first read that is late enough', async () => {
    const { account, pass } = accountOf({ spells: true, tells: 'nothing' });
    await pass({ name: 'Ava', bubble_text: null });
    await account.clock.advance(15_000);
    const { changes, learned } = await pass({ name: 'Ava', bubble_text: null });
    expect({ changes, kept: learned.map(({ kept }) => kept) }).toEqual({ changes: [], kept: [[]] });
    expect(account.applied?.echo).toEqual({ widget_type: 'chat', name: 'ava', bubble_text: '' });
    expect(account.applied?.trail).toMatchObject({ state: 'confirmed', isEchoKnown: true });
  });

  test('is not yet believed before', async () => {
    const { account, pass } = accountOf({ tells: 'nothing' });
    await pass({ name: 'Ava' });
    await account.clock.advance(14_999);
    expect((await pass({ name: 'Ava' })).learned).toEqual([]);
    expect(account.applied?.trail).toMatchObject({ state: 'confirmed', isEchoKnown: false });
  });

  test('is told of once when a write did not stick, and sent nothing more', async () => {
    const { account, pass } = accountOf({ tells: 'nothing', stubborn: 'name' });
    await pass({ name: 'Ava' });
    await account.clock.advance(15_000);
    const { learned } = await pass({ name: 'Ava' });
    expect(learned).toMatchObject([{ kept: [{ path: '/name', sent: 'Ava', kept: 'A' }] }]);
    await account.clock.advance(3_600_000);
    const settled = { changes: [], drifted: [], learned: [] };
    expect(await pass({ name: 'Ava' })).toMatchObject(settled);
    expect(account.sent).toHaveLength(1);
  });

  test('is told of when a release did not stick', async () => {
    const { account, pass } = accountOf({ tells: 'nothing', stubborn: 'name' });
    await pass({ name: 'A' }, 'in time');
    await pass({ bubble_text: 'Hey' });
    await account.clock.advance(15_000);
    const { learned } = await pass({ bubble_text: 'Hey' });
    expect(learned).toMatchObject([{ kept: [{ path: '/name', sent: null, kept: 'A' }] }]);
  });

  test('leaves drift to be seen that comes after it was believed', async () => {
    const { account, pass } = accountOf({ tells: 'nothing' });
    await pass({ name: 'Ava' });
    await account.clock.advance(15_000);
    await pass({ name: 'Ava' });
    account.touch({ name: 'A' });
    expect((await pass({ name: 'Ava' })).changes).toMatchObject([{ reason: 'drifted' }]);
  });
});

describe('what is adopted shortly after a write', () => {
  test('is not taken back by who sets it to what the write had replaced: that is drift', async () => {
    const { account, pass } = accountOf();
    await pass({ name: 'B' }, 'in time');
    await account.clock.advance(5_000);
    expect((await pass({ name: 'B', bubble_text: 'Hi' }, 'in time')).adopted).toHaveLength(1);
    await account.clock.advance(60_000);
    account.touch({ name: 'A' });
    await account.clock.advance(3_600_000);
    const { changes, learned } = await pass({ name: 'B', bubble_text: 'Hi' }, 'in time');
    expect({ changes, learned }).toMatchObject({ changes: [{ reason: 'drifted' }], learned: [] });
    expect(account.live).toMatchObject({ name: 'B' });
  });
});

test('a read that leaves out nulls, and is late, hides no release', async () => {
  const { account, pass } = accountOf({ leavesOutNulls: true });
  account.touch({ bubble_text: null });
  await pass({ bubble_text: 'Git' }, 'in time');
  await pass({ name: 'C' });
  await account.clock.advance(15_000);
  expect(await pass({ name: 'C' }, 'in time')).toMatchObject({ changes: [], drifted: [] });
  expect(account.live).toMatchObject({ name: 'C', bubble_text: null });
});

describe('a write whose answer was lost', () => {
  test('has released for good what the one before declared (the next once brought it back)', async () => {
    const { account, pass } = accountOf();
    account.touch({ bubble_text: null });
    await pass({ name: 'B', bubble_text: 'Hey' });
    await pass({ name: 'C' }, 'in time', 'unconfirmed');
    expect((await pass({ name: 'C' }, 'in time')).adopted).toHaveLength(1);
    await pass({ name: 'D' }, 'in time');
    expect(account.live).toMatchObject({ name: 'D', bubble_text: null });
  });

  test('is released also where the API spells otherwise what it set', async () => {
    const { account, pass } = accountOf({ spells: true });
    await pass({ name: 'b' });
    await pass({ name: 'b', bubble_text: 'Hey' }, 'in time', 'unconfirmed');
    await pass({ name: 'b' }, 'in time');
    expect(account.live).toMatchObject({ name: 'b', bubble_text: '' });
  });

  test.each<[string, JsonObject, Partial<Server>]>([
    ['sets a field', { name: 'B', bubble_text: 'Hey' }, {}],
    [
      'sets what was null, which the API would not take',
      { name: 'B', user_opening_messages: ['Hey'] },
      {},
    ],
    ['resets a field', {}, {}],
    [
      'sets a field, of an API that does not tell',
      { name: 'B', bubble_text: 'Hey' },
      { tells: 'nothing' },
    ],
  ])(
    'is undone when the file is put back before it can be seen: it %s',
    async (_, body, server) => {
      const { account, pass } = accountOf(server);
      await pass({ name: 'B' }, 'in time');
      const former = account.live;
      await pass(body, 'in time', 'unconfirmed');
      expect(account.live).not.toEqual(former);
      const { changes } = await pass({ name: 'B' });
      expect(changes).toMatchObject([{ reason: 'edited', fields: [] }]);
      await pass({ name: 'B' });
      await account.clock.advance(15_000);
      expect(await pass({ name: 'B' }, 'in time')).toMatchObject({ changes: [], adopted: [] });
      expect(account.live).toMatchObject({ name: 'B', bubble_text: 'Hi' });
      expect(account.live['user_opening_messages'] ?? []).toEqual([]);
    },
  );

  test('is believed where a read shows it, and what it replaced is not taken for drift', async () => {
    const { account, pass } = accountOf();
    await pass({ name: 'B', bubble_text: 'Hey' });
    await pass({ name: 'C' }, 'in time', 'unconfirmed');
    expect((await pass({ name: 'C' }, 'in time')).adopted).toHaveLength(1);
    expect(await pass({ name: 'C' })).toMatchObject({ changes: [], drifted: [] });
    await pass({ name: 'D' });
    expect(account.live).toMatchObject({ name: 'D', bubble_text: null });
  });

  test.each(['kept', 'reset'] as const)(
    'brings back nothing that a confirmed write before it had replaced (%s)',
    async (omitted) => {
      const { account, pass } = accountOf({ omitted });
      const leaving = { ...changed, released: 'leave' as const };
      await pass({ bubble_text: 'Git' }, 'in time');
      await pass({ name: 'B', bubble_text: 'Git' }, 'in time', 'lost', leaving);
      await pass({ name: 'C' }, 'one write late', 'confirmed', leaving);
      expect(account.live).toMatchObject({ name: 'C', bubble_text: 'Git' });
    },
  );

  test.each<[string, JsonObject]>([
    ['the file is put back', { name: 'B' }],
    ['it is edited', { name: 'C' }],
  ])('leads to nobody being blamed for a late read, where %s', async (_, body) => {
    const { account, pass } = accountOf();
    await pass({ name: 'B' }, 'in time');
    await pass({ name: 'B', bubble_text: 'x' }, 'in time', 'lost');
    const { changes } = await pass(body);
    expect(changes).toMatchObject([{ reason: 'edited' }]);
    expect(changes.flatMap(({ fields }) => fields).map(({ by }) => by)).not.toContain('dashboard');
    expect(changes.flatMap(({ fields }) => fields).map(({ by }) => by)).not.toContain('both');
    expect(account.applied?.corrections).toBe(0);
  });

  test.each([300_000, 3_600_000])(
    'is not taken to be over when the clock was set back by %i ms',
    async (backMs) => {
      const { account, pass } = accountOf();
      await pass({ name: 'B' }, 'in time');
      await account.clock.advance(60_000);
      await pass({ name: 'B', bubble_text: 'x' }, 'in time', 'unconfirmed');
      account.clock.step(-backMs);
      expect((await pass({ name: 'B' })).changes).toHaveLength(1);
      expect(account.live).toMatchObject({ name: 'B', bubble_text: 'Hi' });
    },
  );

  test('makes nothing ours that stood there before and is only spelled much like it', async () => {
    const { account, pass } = accountOf();
    account.touch({ bubble_text: 'hi' });
    await pass({ name: 'B' }, 'in time');
    await account.clock.advance(60_000);
    await pass({ name: 'B', bubble_text: 'Hi' }, 'in time', 'lost');
    await account.clock.advance(3_600_000);
    await pass({ name: 'B' }, 'in time');
    expect(account.live).toMatchObject({ name: 'B', bubble_text: 'hi' });
  });

  test('is not found by a late read that only differs in what is ignored (it was adopted)', async () => {
    const { account } = accountOf();
    account.touch({ style_params: null, name: 'theirs' });
    const pass = (body: JsonObject, look: Partial<Look> = {}) => {
      const document = ignoring(documentOf(1, { widget_type: 'chat', ...body }), '/name');
      return account.pass({ document, policy: changed, read: 'in time', ...look });
    };
    await pass({ name: 'git' });
    await pass({ name: 'other', style_params: {} });
    await pass({ name: 'git' }, { isUnconfirmed: true, isLost: true });
    await pass({ name: 'git' }, { read: 'one write late' });
    expect(account.live).toMatchObject({ name: 'theirs', style_params: null });
  });

  test('leaves nothing to be taken for a write that did not stick', async () => {
    const { account, pass } = accountOf({ tells: 'nothing' });
    await pass({ name: 'B' });
    await pass({ name: 'A' }, 'in time', 'unconfirmed');
    await pass({ name: 'B' }, 'in time');
    expect(account.live).toMatchObject({ name: 'B' });
  });
});

describe('what a write has replaced and reset', () => {
  const record = recordOf(documentOf(1, { name: 'b' }));
  const { appliedAt } = record;
  const recent = { replaced: { name: 'a', bubble_text: 'Hi' }, beside: { bubble_text: null } };
  const former: AppliedRecord = { ...record, trail: confirmed(recent) };
  const read = (body: JsonObject) => liveOf(body, appliedAt.getTime() + 1);

  test('is what the write has left where a read still shows what it replaced', () => {
    const late = read({ name: 'a', bubble_text: 'Hi', display_name: 'x' });
    expect(readThrough(late, former, []).body).toEqual({
      name: 'b',
      bubble_text: null,
      display_name: 'x',
    });
  });

  test('stays as it was read where it is ignored', () => {
    expect(readThrough(read({ name: 'a' }), former, ['/name']).body).toEqual({ name: 'a' });
  });

  test('stays as it was read where an unconfirmed body has set it so since', () => {
    const sent = { name: ['a'], bubble_text: ['Hi'] };
    const pending = { ...former, trail: unconfirmed({ ...recent, sent }) };
    const late = read({ name: 'a', bubble_text: 'Hi' });
    expect(readThrough(late, pending, []).body).toEqual(late.body);
  });

  test('is no other spelling of what was sent since (it came back with the next write)', () => {
    const replaced = { attributes: { size: null, kind: 'b' } };
    const sent = { attributes: [{ kind: 'b' }] };
    const spec = recordOf(documentOf(1, { attributes: {} }));
    const pending = { ...spec, trail: unconfirmed({ replaced, sent }) };
    const late = liveOf(replaced, spec.appliedAt.getTime() + 1);
    expect(readThrough(late, pending, []).body).toEqual({ attributes: {} });
  });
});

describe('what a read is the first to show of a write', () => {
  const spec = { widget_type: 'chat', name: 'Git', style_params: { mine: 1, theirs: 'git' } };
  const document = ignoring(documentOf(1, spec), '/name', '/style_params/theirs');
  const untold = confirmed({ isEchoKnown: false });
  const record: AppliedRecord = { ...recordOf(document), trail: untold };
  const live = (mine: number) => ({ ...spec, name: 'Dash', style_params: { mine, theirs: 'x' } });

  function learnedFrom(body: JsonObject, applied = record) {
    const views = viewsOf({
      desired: [document],
      records: [applied],
      live: accountViewOf([[1, body]]),
    });
    return makePlan(views, changed).learned;
  }

  test('is no value of an ignored place (each was told as one that did not stick)', () => {
    const replaced = { name: 'Dash', style_params: { mine: 0, theirs: 'x' } };
    expect(learnedFrom(live(1), { ...record, trail: { ...untold, replaced } })).toMatchObject([
      { kept: [] },
    ]);
  });

  test('is a value that did not stick beside it', () => {
    const replaced = { style_params: { mine: 0, theirs: 'x' } };
    expect(learnedFrom(live(0), { ...record, trail: { ...untold, replaced } })).toMatchObject([
      { kept: [{ path: '/style_params/mine', sent: 1, kept: 0 }] },
    ]);
  });

  test.each([
    ['a day before', 24 * 3_600_000, 1],
    ['a second before', 1_000, 0],
  ])('is learned of a read that seems %s it only where the clock was set back', (_, ms, times) => {
    const appliedAt = new Date(nowMs + ms);
    expect(learnedFrom(live(1), { ...record, appliedAt })).toHaveLength(times);
  });
});
