// `run --accounts`: many accounts in one process, as their APIs and the log show it.
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { JsonObject } from '../../src/base/json/json.ts';
import { version } from '../../src/base/version.ts';
import { stateBackend } from '../../src/cli/wiring/account-state.ts';
import type { FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import type { Running } from '../support/command.ts';
import { fastClock } from '../support/fast-clock.ts';
import { maxStartsInWindow, waitFor, widgetId } from '../support/sandbox.ts';
import { few } from '../support/soak.ts';
import { openSomeAccounts, type SomeAccount, type SomeAccounts } from '../support/some-accounts.ts';
import { startHere } from '../support/start-here.ts';
import { deferred, generousMs } from '../support/workspace.ts';

function run({ flags, root }: SomeAccounts, clock = systemClock): Running {
  const keys = join(root, 'keys');
  for (const name of readdirSync(keys)) chmodSync(join(keys, name), 0o600);
  return startHere(['run', ...flags], { NO_PROXY: '*' }, clock);
}

function the(accounts: SomeAccounts, name: string): SomeAccount {
  const one = accounts.of[name];
  if (one === undefined) throw new Error(`no account ${name}`);
  return one;
}

/** Resolves once the API of the account shows this name for its n-th widget. */
/** Hundreds of accounts, and their APIs in one process, take a while. */
const patientMs = few(generousMs, { soak: 90_000 });

function shows({ sandbox }: SomeAccount, displayName: string, n = 0): Promise<void> {
  const has = () => sandbox.widget(widgetId(n))?.['display_name'] === displayName;
  return waitFor(sandbox, has, patientMs);
}

const writesOf = ({ sandbox }: SomeAccount) =>
  sandbox.requests.filter(({ method }) => method === 'PUT');

/** Resolves with the line in which it is said of the account, for the so-manieth time. */
async function said(daemon: Running, account: string, message: string | RegExp, times = 1) {
  const lines = () =>
    daemon.log().filter((line) => line['account'] === account && fits(line.msg, message));
  await daemon.waitForLog(() => lines().length >= times, generousMs);
  return lines()[times - 1];
}

const fits = (text: string, wanted: string | RegExp) =>
  typeof wanted === 'string' ? text === wanted : wanted.test(text);

const linesOf = (daemon: Running, account: string, message: string) =>
  daemon.log().filter((line) => line['account'] === account && line.msg === message);

async function stopped(daemon: Running): Promise<void> {
  daemon.signal('SIGTERM');
  expect(await daemon.finished).toMatchObject({ code: 0, stderr: '' });
}

test('each account follows its own files with its own key, into its own state', async () => {
  const accounts = await openSomeAccounts(['ada', 'bea', 'cleo']);
  const all = Object.values(accounts.of);
  const daemon = run(accounts);
  await Promise.all(all.map((one) => shows(one, 'first')));
  the(accounts, 'bea').write(1, 'second');
  await shows(the(accounts, 'bea'), 'second', 1);
  await stopped(daemon);

  for (const { name, sandbox, key } of all) {
    expect(sandbox.requests.every(({ status }) => status === 200)).toBe(true);
    expect(sandbox.widget(widgetId(0))?.['name']).toBe(`${name} 0`);
    expect(writesOf(the(accounts, name))).toHaveLength(name === 'bea' ? 3 : 2);
    expect(existsSync(join(accounts.state, name, 'widgets', `${widgetId(1)}.json`))).toBe(true);
    expect(daemon.stdout()).not.toContain(key);
  }
  const named = new Set(daemon.log().map((line) => line['account']));
  expect(named).toEqual(new Set([undefined, 'ada', 'bea', 'cleo']));
});

test('accounts come, change and go while it runs, and none of the others notices', async () => {
  const accounts = await openSomeAccounts(['ada', 'bea', 'cleo', 'dora']);
  const text = readFileSync(accounts.file, 'utf8');
  const without = (name: string) => text.replace(new RegExp(`^  ${name}:\\n(    .*\\n)+`, 'm'), '');
  writeFileSync(accounts.file, without('dora'));
  const daemon = run(accounts);
  const [ada, bea, cleo, dora] = ['ada', 'bea', 'cleo', 'dora'].map((one) => the(accounts, one));
  if (!ada || !bea || !cleo || !dora) throw new Error('not all are there');
  await Promise.all([ada, bea, cleo].map((one) => shows(one, 'first')));
  expect(dora.sandbox.requests).toEqual([]);

  writeFileSync(accounts.file, without('bea').replace('rate: 1000/s', 'rate: 999/s'));
  await shows(dora, 'first');
  await said(daemon, 'bea', 'stopped');
  bea.write(0, 'of nobody');
  await said(daemon, 'ada', 'started', 2);

  writeFileSync(accounts.file, text.replace('rate: 1000/s', 'rate: 999/s'));
  await shows(bea, 'of nobody');
  ada.write(0, 'second');
  await shows(ada, 'second');
  await stopped(daemon);

  // What was applied is known again, whatever came in between.
  expect([ada, bea, cleo, dora].map((one) => writesOf(one).length)).toEqual([3, 3, 2, 2]);
  const starts = ['ada', 'bea', 'cleo', 'dora'].map((one) => linesOf(daemon, one, 'started'));
  expect(starts.map((lines) => lines.length)).toEqual([2, 2, 2, 1]);
  expect(daemon.log().filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
});

test('an entry that changes restarts its account alone, once its requests have ended', async () => {
  const [asked, answer] = [deferred(), deferred()];
  const hold: FaultHook = async ({ method }) => {
    if (method !== 'PUT') return undefined;
    asked.resolve();
    await answer.promise;
    return undefined;
  };
  const accounts = await openSomeAccounts(['ada', 'bea'], {
    widgets: 1,
    sandbox: (name) => (name === 'ada' ? { onRequest: hold } : {}),
  });
  const daemon = run(accounts);
  const ada = the(accounts, 'ada');
  await asked.promise;
  accounts.declare({ ada: { concurrency: 2 } });
  await said(daemon, 'ada', /is stopped, and followed anew/);
  expect(linesOf(daemon, 'ada', 'started')).toHaveLength(1);
  answer.resolve();
  await said(daemon, 'ada', 'looked', 2);
  expect(linesOf(daemon, 'ada', 'started')).toHaveLength(2);
  await shows(the(accounts, 'bea'), 'first');
  await stopped(daemon);
  expect(writesOf(ada)).toHaveLength(1);
  expect(linesOf(daemon, 'ada', 'applied')).toHaveLength(1);
  expect(linesOf(daemon, 'bea', 'started')).toHaveLength(1);
});

test('a file of accounts that is gone, broken or still to come removes none', async () => {
  const accounts = await openSomeAccounts(['ada', 'bea'], { widgets: 1 });
  const [ada, bea] = [the(accounts, 'ada'), the(accounts, 'bea')];
  const aside = `${accounts.file}.aside`;
  renameSync(accounts.file, aside);
  const daemon = run(accounts);
  const troubles = () =>
    daemon.log().filter(({ msg }) => msg === 'the file of accounts needs a hand').length;
  await daemon.waitForLog(() => troubles() === 1);
  renameSync(aside, accounts.file);
  await Promise.all([ada, bea].map((one) => shows(one, 'first')));
  await daemon.waitForLog(({ msg }) => msg === 'what the file of accounts says now is in force');

  rmSync(accounts.file);
  await daemon.waitForLog(() => troubles() === 2, generousMs);
  ada.write(0, 'without the file');
  await shows(ada, 'without the file');

  writeFileSync(accounts.file, 'accounts: {ada: {directory: [');
  await daemon.waitForLog(() => troubles() >= 3, generousMs);
  bea.write(0, 'beside a broken one');
  await shows(bea, 'beside a broken one');
  await stopped(daemon);
  expect(linesOf(daemon, 'ada', 'started')).toHaveLength(1);
});

test('an account whose entry, key or state cannot be used waits alone, and goes on by itself', async () => {
  const accounts = await openSomeAccounts(['ada', 'bea', 'cleo', 'dora'], { widgets: 1 });
  const [ada, bea, cleo, dora] = ['ada', 'bea', 'cleo', 'dora'].map((one) => the(accounts, one));
  if (!ada || !bea || !cleo || !dora) throw new Error('not all are there');
  const keyOfBea = join(accounts.root, 'keys/bea');
  rmSync(keyOfBea);
  const taken = await stateBackend.open({
    directory: join(accounts.state, 'cleo'),
    apiUrl: cleo.sandbox.url,
    reader: version,
    command: 'apply',
    clock: systemClock,
    warn: () => {},
  });
  accounts.declare({ dora: { concurrency: 'many' } });
  const daemon = run(accounts);
  await shows(ada, 'first');
  const why = async (name: string) =>
    String((await said(daemon, name, /cannot be (followed|used)/))?.['error']);
  expect(await why('bea')).toContain('does not exist');
  expect(await why('cleo')).toMatch(/is in use by process .*widget-sync apply/);
  expect(await why('dora')).toContain('concurrency');
  expect([bea, cleo, dora].flatMap(({ sandbox }) => sandbox.requests)).toEqual([]);

  writeFileSync(keyOfBea, `${bea.key}\n`, { mode: 0o600 });
  await shows(bea, 'first');
  await taken.close();
  await shows(cleo, 'first');
  accounts.declare({});
  await shows(dora, 'first');
  await stopped(daemon);
  expect(linesOf(daemon, 'ada', 'started')).toHaveLength(1);
});

const troubles: Readonly<Record<string, FaultHook>> = {
  hangs: () => ({ kind: 'hang' }),
  limits: () => ({ kind: 'answer', status: 429, headers: { 'retry-after': '1' } }),
  refuses: () => ({ kind: 'answer', status: 401 }),
  fails: () => ({ kind: 'answer', status: 500 }),
};

test('an API that hangs, fails, refuses the key or answers 429 for ever holds up no other account', async () => {
  const accounts = await openSomeAccounts(['ada', 'bea', ...Object.keys(troubles)], {
    sandbox: (name) => {
      const onRequest = troubles[name];
      return onRequest === undefined ? {} : { onRequest };
    },
  });
  const hanging = Object.fromEntries(
    Object.keys(troubles).map((name) => [name, { timeout: '2s' }]),
  );
  accounts.declare(hanging);
  const daemon = run(accounts);
  const fine = [the(accounts, 'ada'), the(accounts, 'bea')];
  await Promise.all(fine.map((one) => shows(one, 'first')));
  for (const name of ['second', 'third']) {
    for (const one of fine) one.write(1, name);
    await Promise.all(fine.map((one) => shows(one, name, 1)));
  }
  for (const name of Object.keys(troubles)) {
    expect(the(accounts, name).sandbox.requests.length).toBeGreaterThan(0);
    expect(the(accounts, name).sandbox.widget(widgetId(1))?.['display_name']).not.toBe('first');
  }
  await stopped(daemon);
});

test('SIGHUP has every account looked at anew, and those that wait tried again', async () => {
  const accounts = await openSomeAccounts(['ada', 'bea'], { widgets: 1 });
  const daemon = run(accounts);
  const all = Object.values(accounts.of);
  await Promise.all(all.map(({ name }) => said(daemon, name, 'applied')));
  for (const { sandbox } of all) sandbox.edit(widgetId(0), { display_name: 'by hand' });
  daemon.signal('SIGHUP');
  await Promise.all(all.map((one) => shows(one, 'first')));
  await stopped(daemon);
});

const many = few(10, { soak: 300 });
const widgetsOfEach = 13;

test(
  'the budget of each account is exact in every second, however many share a process',
  async () => {
    const names = Array.from({ length: many }, (_, n) => `account-${n}`);
    const accounts = await openSomeAccounts(names, { widgets: widgetsOfEach });
    const changes = (n: number) => n % 10 === 9;
    const rateOf = (n: number) => (changes(n) ? 4 : 8 + (n % 5));
    const declare = (more: JsonObject) =>
      accounts.declare(
        Object.fromEntries(
          names.map((name, n) => [name, { rate: `${rateOf(n)}/s`, ...(changes(n) ? more : {}) }]),
        ),
      );
    declare({});
    const daemon = run(accounts);
    // In the middle of the work some are opened anew, and go on from what they have used. The last to be opened:
    // all others are by then.
    const last = names.toSorted().at(-1) ?? '';
    await waitFor(
      the(accounts, last).sandbox,
      () => writesOf(the(accounts, last)).length > 2,
      patientMs,
    );
    declare({ concurrency: 1 });
    // Each line is looked at once: there are tens of thousands.
    let starts = 0;
    const isStart = ({ account, msg }: { account?: unknown; msg: string }) =>
      account === last && msg === 'started';
    await daemon.waitForLog((line) => isStart(line) && ++starts === 2, patientMs);
    await Promise.all(
      names.map(async (name) => await shows(the(accounts, name), 'first', widgetsOfEach - 1)),
    );
    await stopped(daemon);
    for (const [n, name] of names.entries()) {
      const { sandbox } = the(accounts, name);
      expect(maxStartsInWindow(sandbox.requests, 1000)).toBeLessThanOrEqual(rateOf(n));
    }
  },
  patientMs * 3,
);

test('the budget of an account is exact over changes of its entry, to the request', async () => {
  // A change finds some requests unanswered, others answered, and some that were never sent.
  const slow: FaultHook = () => ({ kind: 'delay', delayMs: 50 });
  const accounts = await openSomeAccounts(['ada', 'bea'], {
    widgets: 9,
    sandbox: (name) => (name === 'ada' ? { onRequest: slow } : {}),
  });
  const perHour = (rate: string, concurrency: number) =>
    accounts.declare({ ada: { live: 'off', rate, concurrency, timeout: '5m' } });
  perHour('5/h', 1);
  const { sandbox } = the(accounts, 'ada');
  const daemon = run(accounts, fastClock(10));
  await waitFor(sandbox, () => sandbox.requests.length >= 2, generousMs);
  perHour('5/h', 4);
  await said(daemon, 'ada', 'started', 2);
  await waitFor(sandbox, () => sandbox.requests.length >= 5, generousMs);
  const usedUp = 'nothing is sent for now: earlier runs have used up --rate';
  perHour('5/h', 3);
  await said(daemon, 'ada', 'started', 3);
  await said(daemon, 'ada', usedUp);
  expect(sandbox.requests).toHaveLength(5);
  perHour('7/h', 3);
  await waitFor(sandbox, () => sandbox.requests.length >= 7, generousMs);
  await said(daemon, 'ada', usedUp, 2);
  await shows(the(accounts, 'bea'), 'first', 8);
  await stopped(daemon);
  expect(sandbox.requests).toHaveLength(7);
  expect(linesOf(daemon, 'bea', 'started')).toHaveLength(1);
});

test('the budget of each account is exact in every minute, also of one whose entry changes', async () => {
  const names = Array.from({ length: few(2, { soak: 40 }) }, (_, n) => `account-${n}`);
  const widgets = 25;
  const accounts = await openSomeAccounts(names, { widgets });
  const rateOf = (n: number) => 8 + (n % 5);
  const declare = (more: JsonObject) =>
    accounts.declare(
      Object.fromEntries(
        names.map((name, n) => [
          name,
          { rate: `${rateOf(n)}/m`, timeout: '20m', ...(n === 0 ? more : {}) },
        ]),
      ),
    );
  declare({});
  const minuteMs = 1000;
  const daemon = run(accounts, fastClock(60_000 / minuteMs));
  const first = the(accounts, 'account-0');
  await waitFor(first.sandbox, () => writesOf(first).length > 5, generousMs);
  declare({ concurrency: 1 });
  await said(daemon, 'account-0', 'started', 2);
  await Promise.all(
    names.map(async (name) => await shows(the(accounts, name), 'first', widgets - 1)),
  );
  await stopped(daemon);
  for (const [n, name] of names.entries()) {
    const { requests } = the(accounts, name).sandbox;
    expect(requests.length).toBeGreaterThan(2 * rateOf(n));
    expect(maxStartsInWindow(requests, minuteMs)).toBeLessThanOrEqual(rateOf(n));
  }
});
