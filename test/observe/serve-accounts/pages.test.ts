// What is shown of many accounts, to people and to machines, and how little of it is made before somebody asks.
import { describe, expect, onTestFinished, test } from 'vitest';
import { ApiError, UsageError } from '../../../src/base/errors.ts';
import { registerSecret } from '../../../src/base/secrets.ts';
import { nothingLive } from '../../../src/model/plan.ts';
import { accountStatus } from '../../../src/status/account-status.ts';
import {
  type AccountSummary,
  accountSummary,
  noReplica,
} from '../../../src/status/over-accounts/account-summary.ts';
import type { SyncEvent } from '../../../src/sync/events.ts';
import { documentOf, recordOf, viewsOf } from '../../plan/fixtures.ts';
import { ask, listenTo } from '../../support/ask-over-wire.ts';
import { processorMs } from '../../support/processor-time.ts';
import { calmRecord, planMade, startedAt } from '../serve/world.ts';
import { openAccountsWorld } from './world.ts';

const chat = (name: string) => ({ widget_type: 'chat', name });
const records = [1, 2].map((n) => recordOf(documentOf(n, chat(`Widget ${n}`), `w${n}.yaml`)));
const obstacle = { by: 'key', says: 'the key is <refused>', since: startedAt } as const;
const held = {
  ...{ widgetId: null, file: 'b.yaml', code: 'yaml-syntax', message: 'not closed' },
  ...{ line: 3, until: null, since: startedAt },
};
const outOfUse = { state: 'held', says: 'accounts.yaml:7:3: rate: expected a count' } as const;

const four = {
  calm: { records },
  failing: { records, record: { held: [held] } },
  blocked: { records, record: { obstacles: [obstacle] } },
  broken: { trouble: outOfUse },
};

const namesIn = (page: string) => [...page.matchAll(/<a id="a-([^"]+)"/g)].map(([, name]) => name);

describe('the list', () => {
  test('has the worst first, counts that are filters, and a search by name', async () => {
    const { url } = await openAccountsWorld(four);
    const { text } = await ask(url, '/');
    expect(namesIn(text)).toEqual(['broken', 'blocked', 'failing', 'calm']);
    expect(text).toContain('the key is &lt;refused&gt;');
    expect(text).toContain('b.yaml, line 3: yaml-syntax: not closed');
    expect(text).toContain('accounts.yaml:7:3: rate: expected a count');
    const counts = [...text.matchAll(/<strong>(\d+)<\/strong> ([^<]+)<\/a>/g)];
    expect(counts.map(([, count, state]) => `${count} ${state}`)).toEqual([
      ...['4 accounts', '1 calm', '0 sending', '0 waiting', '1 failing', '1 blocked', '1 held'],
      ...['0 not running', '0 suspended'],
    ]);
    expect(namesIn((await ask(url, '/?state=failing')).text)).toEqual(['failing']);
    expect(namesIn((await ask(url, '/?q=B')).text)).toEqual(['broken', 'blocked']);
    expect((await ask(url, '/?q=nobody')).text).toContain('There is no account with “nobody”');
    expect(await ask(url, '/?state=asleep')).toMatchObject({ status: 404 });
  });

  test('has those that other replicas follow, which count in no probe and no metric', async () => {
    const counts = { failed: 1, held: 0, pending: 0, drifted: 0, suspended: 0, applied: 2 };
    const far: AccountSummary = {
      ...{ name: 'far', state: 'failing', reason: 'b.yaml: <gone>', since: null },
      ...{ widgets: 3, counts: { ...counts, orphaned: 0 }, lastPass: null, replica: 'ops-2 (47)' },
    };
    const lost = { ...far, name: 'lost', replica: noReplica };
    const { url } = await openAccountsWorld({ calm: { records } }, { far, lost });
    const { text } = await ask(url, '/');
    expect(namesIn(text)).toEqual(['far', 'lost', 'calm']);
    expect(text).toContain('b.yaml: &lt;gone&gt;');
    expect(text).toContain('on ops-2 (47)');
    const { summary } = JSON.parse((await ask(url, '/status.json')).text);
    expect(summary).toMatchObject({ accounts: 3, widgets: 8 });
    expect((await ask(url, '/metrics')).text).toContain(
      '\nwidget_sync_accounts{state="failing"} 0\n',
    );
    expect(await ask(url, '/accounts/far/')).toMatchObject({
      status: 200,
      text: expect.stringContaining('It is followed by ops-2 (47), whose server has its pages.'),
    });
    expect((await ask(url, '/accounts/lost/')).text).toContain('It is not followed now');
  });

  test('says what is wrong with the file of accounts', async () => {
    const { url, world, clock } = await openAccountsWorld(four);
    world.problems.push({
      place: 'accounts.yaml',
      message: 'it is gone; the accounts are kept as they were <b>',
    });
    await clock.advance(10_000);
    expect((await ask(url, '/')).text).toContain('kept as they were &lt;b&gt;');
    const { problems } = JSON.parse((await ask(url, '/status.json')).text);
    expect(problems).toEqual(world.problems);
    const metrics = async () => (await ask(url, '/metrics')).text;
    expect(await metrics()).toContain('\nwidget_sync_accounts_file_problems 1\n');
    world.problems.length = 0;
    expect(await metrics()).toContain('\nwidget_sync_accounts_file_problems 0\n');
  });

  test('is told of when it shows something else, and not of every sign of life', async () => {
    const { url, become, clock } = await openAccountsWorld(four);
    const listener = await listenTo(`${url}/events`);
    const edition = async () => /data-version="([^"]+)"/.exec((await ask(url, '/')).text)?.[1];
    const before = await edition();
    await listener.until(`data: ${before}\n\n`);
    // A heartbeat: the page of that account is another one, and the list is not.
    become('calm', { ...four.calm });
    await clock.advance(1000);
    expect(await edition()).toBe(before);
    become('calm', { ...four.calm, record: { obstacles: [obstacle] } });
    await clock.advance(1000);
    const after = await edition();
    expect(after).not.toBe(before);
    const told = await listener.until(`data: ${after}\n\n`);
    expect(told.match(/data: \S+ calm\n/g)?.length).toBeGreaterThan(1);
  });

  test('follows accounts that come and go', async () => {
    const { url, come, go } = await openAccountsWorld(four);
    come('newcomer', { records });
    go('calm');
    const { text } = await ask(url, '/');
    expect(namesIn(text)).toEqual(['broken', 'blocked', 'failing', 'newcomer']);
    expect(await ask(url, '/accounts/newcomer/')).toMatchObject({ status: 200 });
    expect(await ask(url, '/accounts/calm/')).toMatchObject({ status: 404 });
    expect((await ask(url, '/accounts/calm/')).text).toContain('All accounts');
  });

  test('of 300 accounts of 100 widgets is made within 100 ms, and looks at what has moved alone', async () => {
    const many = [...Array(100).keys()].map((n) =>
      recordOf(documentOf(n + 1, chat(`Widget ${n}`), `w${n}.yaml`)),
    );
    const names = [...Array(300).keys()].map((n) => `client-${n}`);
    const accounts = Object.fromEntries(names.map((name) => [name, { records: many }]));
    const { url, become, world } = await openAccountsWorld(accounts);
    expect(namesIn((await ask(url, '/')).text)).toHaveLength(200);
    expect(namesIn((await ask(url, '/?page=2')).text)).toHaveLength(100);
    expect(world.looks, 'each account once').toBe(300);
    const times: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      become(`client-${n}`, { records: many, record: { obstacles: [obstacle] } });
      const listed = async () => namesIn((await ask(url, '/')).text)[0];
      times.push(await processorMs(() => expect(listed()).resolves.toMatch(/^client-\d+$/)));
    }
    expect(world.looks).toBe(312);
    expect(Math.min(...times)).toBeLessThan(100);
  });
});

describe('the pages of one account', () => {
  test('are what they are of the only one, below its path', async () => {
    const { url } = await openAccountsWorld(four);
    const base = '/accounts/failing';
    expect(await ask(url, base)).toMatchObject({ status: 302, headers: { location: `${base}/` } });
    const { text } = await ask(url, `${base}/`);
    expect(text).toContain('<title>failing: Widgets – widget-sync</title>');
    expect(text).toContain('data-topic="failing"');
    const links = [...text.matchAll(/(?:href|src|action)="([^"]+)"/g)].map(
      ([, link]) => link ?? '',
    );
    const shared = [
      '/',
      '/style.css',
      '/icon.svg',
      '/script.js',
      '/metrics?account=failing',
      '#main',
    ];
    const own = links.filter((link) => !shared.includes(link));
    expect(own.filter((link) => !link.startsWith(`${base}/`))).toEqual([]);
    for (const link of new Set(own)) {
      expect(await ask(url, link), link).toMatchObject({ status: 200 });
    }
    expect(own.some((link) => link.startsWith(`${base}/pictures/`))).toBe(true);
  });

  test('of an account that is not followed say why', async () => {
    const { url } = await openAccountsWorld(four);
    const { status, text } = await ask(url, '/accounts/broken/');
    expect(status).toBe(200);
    expect(text).toContain('accounts.yaml:7:3: rate: expected a count');
    expect(await ask(url, '/accounts/broken/plan')).toMatchObject({ status: 404 });
    expect(await ask(url, '/accounts/nobody/')).toMatchObject({ status: 404 });
    expect(await ask(url, '/accounts/..%2f')).toMatchObject({ status: 404 });
  });
});

test('status.json has each account without its widgets, and totals', async () => {
  const { url } = await openAccountsWorld(four);
  const { accounts, summary } = JSON.parse((await ask(url, '/status.json')).text);
  expect(accounts.map((one: { account: string }) => one.account)).toEqual([
    ...['broken', 'blocked', 'failing', 'calm'],
  ]);
  expect(accounts[2]).toMatchObject({ account_state: 'failing', held: [{ file: 'b.yaml' }] });
  expect(accounts[2]).not.toHaveProperty('widgets');
  expect(summary).toMatchObject({ accounts: 4, states: { applied: 6, held: 1 } });
  const whole = JSON.parse((await ask(url, '/accounts/failing/status.json')).text);
  expect(whole.widgets).toHaveLength(3);
});

test('no key is in any answer', async () => {
  onTestFinished(registerSecret('in-registered-Key1'));
  const says = 'no in-registered-Key1 here';
  const { url } = await openAccountsWorld({
    one: { record: { obstacles: [{ ...obstacle, says }] } },
    two: { trouble: { state: 'held', says } },
  });
  for (const path of ['/', '/status.json', '/accounts/one/', '/accounts/two/', '/readyz']) {
    const { text } = await ask(url, path);
    expect(text, path).not.toContain('Key1');
  }
});

describe('metrics', () => {
  test('are sums, and of one account its own where it is asked for', async () => {
    const { url, hear } = await openAccountsWorld(four);
    const made = planMade(viewsOf({ live: nothingLive }));
    for (const name of ['calm', 'calm', 'failing']) hear(name, made);
    const sums = (await ask(url, '/metrics')).text;
    expect(sums).toContain('widget_sync_accounts{state="held"} 1\n');
    expect(sums).toContain('widget_sync_accounts{state="calm"} 1\n');
    expect(sums).toContain('widget_sync_widgets{state="applied"} 6\n');
    expect(sums).toContain('widget_sync_blocked{by="key"} 1\n');
    expect(sums).toContain('widget_sync_passes_total{trigger="files",result="ok"} 3\n');
    expect(sums).toContain('process_resident_memory_bytes');
    expect(sums).not.toContain('account=');
    const own = (await ask(url, '/metrics?account=calm')).text;
    expect(own).toContain('widget_sync_widgets{state="applied",account="calm"} 2\n');
    expect(own).toContain(
      'widget_sync_passes_total{trigger="files",result="ok",account="calm"} 2\n',
    );
    expect(own).not.toContain('process_');
    const series = own.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(series.filter((line) => !line.includes('account="calm"'))).toEqual([]);
    expect(await ask(url, '/metrics?account=broken')).toMatchObject({ status: 404 });
    const headers = { host: '10.1.2.3:8080' };
    expect(await ask(url, '/metrics?account=calm', { headers })).toMatchObject({ status: 200 });
  });

  test('of accounts that have gone stay in the sums', async () => {
    const { url, hear, go } = await openAccountsWorld(four);
    hear('calm', planMade(viewsOf({ live: nothingLive })));
    go('calm');
    expect((await ask(url, '/metrics')).text).toContain(
      'widget_sync_passes_total{trigger="files",result="ok"} 1\n',
    );
    expect(await ask(url, '/metrics?account=calm')).toMatchObject({ status: 404 });
  });
});

const passed = planMade(viewsOf({ live: nothingLive }));
const failed: SyncEvent = {
  ...{ kind: 'work-failed', work: 'pass', trigger: 'start', retryInMs: 1000 },
  error: new UsageError('no directory'),
};
const refused: SyncEvent = {
  kind: 'sending-halted',
  error: new ApiError('the key is refused (401)', { status: 401 } as never),
  isFinal: false,
};

describe('/readyz', () => {
  const three = { one: {}, two: {}, broken: { trouble: outOfUse } };
  const none = 'not ready: no account is ready; one: ';
  test.each([
    ['at first', [], 'not ready: the first look at 2 accounts is under way\n'],
    [
      'once one has passed',
      [['one', passed]],
      'not ready: the first look at 1 account is under way\n',
    ],
    [
      'once all have',
      [
        ['one', passed],
        ['two', passed],
      ],
      null,
    ],
    [
      'where the key of one is refused',
      [
        ['one', refused],
        ['two', passed],
      ],
      null,
    ],
    [
      'where one cannot be looked at',
      [
        ['one', failed],
        ['two', passed],
      ],
      null,
    ],
    [
      'where none is any good',
      [
        ['one', refused],
        ['two', failed],
      ],
      `${none}the key is refused (401)\n`,
    ],
  ] as const)('%s', async (_, events, reason) => {
    const { url, hear } = await openAccountsWorld(three);
    for (const [name, event] of events) hear(name, event);
    const { status, text } = await ask(url, '/readyz');
    expect([status, text]).toEqual(reason === null ? [200, 'ready\n'] : [503, reason]);
  });

  test('waits ten seconds at most for an account whose API hangs', async () => {
    const { url, hear, clock } = await openAccountsWorld(three);
    hear('one', passed);
    await clock.advance(9_999);
    expect((await ask(url, '/readyz')).status).toBe(503);
    await clock.advance(1);
    expect((await ask(url, '/readyz')).status).toBe(200);
  });

  test('is not ready without an account, and says what is wrong with the file', async () => {
    const { url, world, come, hear, go } = await openAccountsWorld({});
    const said = async () => (await ask(url, '/readyz')).text;
    const begins = 'not ready: there is no account in the file of accounts: ';
    expect(await said()).toBe(`${begins}it names none\n`);
    world.problems = [{ place: 'accounts.yaml:1:3', message: 'no' }];
    expect(await said()).toBe(`${begins}accounts.yaml:1:3: no\n`);
    come('one', {});
    hear('one', passed);
    expect(await said()).toBe('ready\n');
    go('one');
    expect(await said()).toBe('ready\n');
  });

  test('is ready with none where it stands by for other replicas, and judged by its own otherwise', async () => {
    const { url, world, hear, come } = await openAccountsWorld({});
    world.standsBy = true;
    expect(await ask(url, '/readyz')).toMatchObject({
      status: 200,
      text: 'ready, holds no account\n',
    });
    come('one', {});
    expect((await ask(url, '/readyz')).text).toContain('the first look at 1 account is under way');
    hear('one', passed);
    expect((await ask(url, '/readyz')).text).toBe('ready\n');
  });

  test('stays ready once it stood by, and says before that what it has no session with', async () => {
    const status = accountStatus([], calmRecord);
    const seen = {
      name: 'another',
      status,
      daemon: 'running',
      trouble: null,
      suspend: null,
    } as const;
    const { url, world } = await openAccountsWorld(
      {},
      { another: accountSummary(seen, new Date()) },
    );
    expect(await ask(url, '/readyz')).toMatchObject({
      status: 503,
      text: 'not ready: it can hold no account: it has no session with PostgreSQL; its log says why\n',
    });
    world.standsBy = true;
    expect((await ask(url, '/readyz')).status).toBe(200);
    // As while the database is away.
    world.standsBy = false;
    expect(await ask(url, '/readyz')).toMatchObject({ status: 200, text: 'ready\n' });
  });

  test('stays ready while a newcomer is begun', async () => {
    const { url, hear, come } = await openAccountsWorld({ one: {} });
    hear('one', passed);
    expect((await ask(url, '/readyz')).status).toBe(200);
    come('two', {});
    expect((await ask(url, '/readyz')).status).toBe(200);
  });
});

test('/healthz is 200 unless a loop stands still, whatever becomes of an account at its API', async () => {
  const world = await openAccountsWorld(four);
  expect(await ask(world.url, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  world.come('stalled', { liveness: { isAlive: false, silentMs: 7 * 60_000 } });
  expect(await ask(world.url, '/healthz')).toMatchObject({
    status: 503,
    text: 'no sign of work for 7 min of stalled\n',
  });
  expect((await ask(world.url, '/')).text).toMatch(/a-stalled.*not running.*stands still/s);
});
