// What people hear of accounts of one process that are not followed, on a clock that runs ahead.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { fastClock } from '../../support/fast-clock.ts';
import { openSomeAccounts, type SomeAccounts } from '../../support/some-accounts.ts';
import { startHere } from '../../support/start-here.ts';
import { openWebhook } from '../../support/webhook.ts';

const times = 40;
const clock = fastClock(times);

function run({ flags }: SomeAccounts, { path }: { readonly path: string }) {
  return startHere(['run', ...flags, '--notify', path], { NO_PROXY: '*' }, clock);
}

type Daemon = ReturnType<typeof run>;

/** What takes long here because the machine is busy must not pass for what does not end in time. */
async function stop(daemon: Daemon): Promise<void> {
  clock.run(1);
  daemon.signal('SIGTERM');
  expect(await daemon.finished).toMatchObject({ code: 0, stderr: '' });
  clock.run(times);
}

/** Nor must it pass for an API that hangs. */
function declare({ of, declare: write }: SomeAccounts, differing: Record<string, JsonObject> = {}) {
  const entries = Object.keys(of).map((name) => [name, { timeout: '1h', ...differing[name] }]);
  write(Object.fromEntries(entries));
}

/** Long enough for whatever lasts to be told, and for what is gone to be over. */
const awhile = () => clock.sleep(45_000);

test('a held account is told once, over a restart, and once more when it is followed', async () => {
  const accounts = await openSomeAccounts(['ada', 'bea'], { widgets: 1 });
  const webhook = await openWebhook();
  declare(accounts, { ada: { rate: 'fast' } });
  let daemon = run(accounts, webhook);
  await webhook.until(1);
  const [raised] = webhook.messages();
  expect(raised).toMatchObject({
    ...{ type: 'account.unfollowed', state: 'raised', severity: 'error', account: 'ada' },
    ...{ title: 'The account ada is held', count: 1, widgets: [] },
  });
  expect(raised.text).toMatch(/accounts\.yaml:\d+:\d+: .*"fast"/);
  await stop(daemon);
  daemon = run(accounts, webhook);
  await awhile();
  expect(webhook.told()).toEqual(['account.unfollowed raised']);
  declare(accounts);
  await webhook.until(2);
  expect(webhook.messages()[1]).toMatchObject({
    ...{ type: 'account.unfollowed', state: 'cleared', account: 'ada' },
    ...{ title: 'Resolved: The account ada is held', ends: [raised.cause] },
  });
  await stop(daemon);
  daemon = run(accounts, webhook);
  await awhile();
  expect(webhook.messages()).toHaveLength(2);
});

test('many accounts without their keys are one message, after two minutes of trying', async () => {
  const names = Array.from({ length: 8 }, (_, n) => `client-${n}`);
  const accounts = await openSomeAccounts(names, { widgets: 1 });
  const webhook = await openWebhook();
  declare(accounts);
  renameSync(join(accounts.root, 'keys'), join(accounts.root, 'aside'));
  mkdirSync(join(accounts.root, 'keys'));
  const startedAtMs = clock.monotonicMs();
  run(accounts, webhook);
  await webhook.until(1);
  expect(clock.monotonicMs() - startedAtMs).toBeGreaterThanOrEqual(120_000);
  const [raised] = webhook.messages();
  expect(raised).toMatchObject({ title: '8 accounts are not followed', count: 8 });
  expect(raised).not.toHaveProperty('account');
  expect(raised.text.split('\n')).toEqual([
    ...names.slice(0, 5).map((name) => expect.stringContaining(`The account ${name} is not fol`)),
    'and 3 more',
  ]);
  rmSync(join(accounts.root, 'keys'), { recursive: true });
  renameSync(join(accounts.root, 'aside'), join(accounts.root, 'keys'));
  await webhook.until(2);
  expect(webhook.messages()[1]).toMatchObject({
    ...{ state: 'cleared', title: 'Resolved: 8 accounts are not followed' },
    ends: [raised.cause],
  });
});

test('a file of accounts that is not taken is told, and no account of it as over by the next process', async () => {
  const accounts = await openSomeAccounts(['ada', 'bea'], { widgets: 1 });
  const webhook = await openWebhook();
  declare(accounts, { ada: { rate: 'fast' } });
  const heldText = readFileSync(accounts.file, 'utf8');
  let daemon = run(accounts, webhook);
  await webhook.until(1);
  writeFileSync(accounts.file, heldText.replace('resync: off', 'resink: off'));
  await webhook.until(2);
  expect(webhook.messages()[1]).toMatchObject({
    ...{ type: 'accounts-file.refused', state: 'raised', severity: 'warning' },
    ...{ title: 'The file of accounts cannot be taken as it is', count: 1 },
    text: expect.stringMatching(/accounts\.yaml:2:3: .*resink/),
  });
  await stop(daemon);
  daemon = run(accounts, webhook);
  await awhile();
  expect(webhook.told().slice(2)).toEqual([]);
  writeFileSync(accounts.file, heldText);
  await webhook.until(3);
  await awhile();
  expect(webhook.told().slice(2)).toEqual(['accounts-file.refused cleared']);
});

test('what was told of the widgets of an account is over once it is taken out, and not while it is held', async () => {
  const accounts = await openSomeAccounts(['ada', 'bea'], { widgets: 1 });
  const webhook = await openWebhook();
  declare(accounts);
  accounts.of['ada']?.write(0, 'first', 'colour: red\n');
  run(accounts, webhook);
  await webhook.until(1);
  expect(webhook.told()).toEqual(['file.held raised']);
  declare(accounts, { ada: { rate: 'fast' } });
  await webhook.until(2);
  await awhile();
  expect(webhook.told().slice(1)).toEqual(['account.unfollowed raised']);
  declare(accounts);
  await webhook.until(3);
  await awhile();
  // It is followed again, and its file is as it was.
  expect(webhook.told().slice(2)).toEqual(['account.unfollowed cleared']);
  const text = readFileSync(accounts.file, 'utf8');
  writeFileSync(accounts.file, text.replace(/^ {2}ada:\n( {4}.*\n)+/m, ''));
  await webhook.until(4);
  expect(webhook.messages()[3]).toMatchObject({
    ...{ type: 'file.held', state: 'cleared', account: 'ada' },
    text: 'The account is not in the file of accounts any more.',
  });
});
