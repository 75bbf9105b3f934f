import { beforeEach, expect, test } from 'vitest';
import type { AccountEntry, AccountsLook } from '../../../src/accounts/account-entry.ts';
import { UsageError } from '../../../src/base/errors.ts';
import { createLog } from '../../../src/base/log.ts';
import type { Failure, Following } from '../../../src/cli/run-accounts/account-run.ts';
import { logAccounts } from '../../../src/cli/run-accounts/log-accounts.ts';
import type { FollowedAccount } from '../../../src/cli/run-accounts/running-accounts.ts';
import { Supervisor } from '../../../src/cli/run-accounts/supervisor.ts';
import { readSettings } from '../../../src/config/settings.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

const settings = readSettings({}, {});

function entry(name: string, rate = '5/s'): AccountEntry {
  const own = { ...settings, rate: { limit: Number.parseInt(rate, 10), windowMs: 1000 } };
  const key = { kind: 'env', name: 'KEY' } as const;
  return { name, directory: `/${name}`, key, settings: own, suspend: null, isSpread: true };
}

function looking(...accounts: AccountEntry[]): AccountsLook {
  return { accounts, held: [], namedVariables: [], problems: [] };
}

/** `slow`: their requests in flight never end. */
function world({ slow = [] as string[], failing = [] as string[] } = {}) {
  const opened: string[] = [];
  const sweeps: string[] = [];
  const breaking = new Map<string, (failure: Failure) => void>();
  const lines: Record<string, unknown>[] = [];
  const log = createLog(
    { write: (line) => void lines.push(JSON.parse(line)) },
    { level: 'info', format: 'json', colour: false },
  );
  let fails = 0;
  let look = looking();
  const { onEvent, onProblems } = logAccounts(log, () => {
    fails += 1;
  });
  const follow = async ({ name, settings: own }: AccountEntry): Promise<Following> => {
    opened.push(`${name} ${own.rate.limit}`);
    if (failing.includes(name)) throw new UsageError(`no key of ${name}`);
    return {
      shown: { name } as FollowedAccount,
      broken: new Promise((resolve) => breaking.set(name, resolve)),
      sweep: (trigger) => void sweeps.push(`${name} ${trigger}`),
      stop: () => (slow.includes(name) ? new Promise(() => {}) : clock.sleep(100)),
    };
  };
  const supervisor = new Supervisor({
    ...{ clock, follow, onProblems, onEvent, stopDeadlineMs: 10_000, random: () => 0 },
    file: { look: () => look },
  });
  return {
    ...{ supervisor, opened, sweeps, failing },
    fails: () => fails,
    said: (account: string) =>
      lines.filter((line) => line['account'] === account).map((line) => line['msg']),
    lines: () => lines,
    states: () => supervisor.list().map(({ name, state }) => `${name} ${state}`),
    breaks: (name: string, error: unknown) => breaking.get(name)?.({ error }),
    async say(next: AccountsLook, { forMs = 200 } = {}) {
      look = next;
      supervisor.look();
      await clock.advance(forMs);
    },
  };
}

test('only what has changed is followed anew, and the others are left alone', async () => {
  const { say, opened, states } = world();
  await say(looking(entry('ada'), entry('bea'), entry('cleo')));
  await say(looking(entry('ada'), entry('cleo', '9/s'), entry('dora')));
  expect(opened).toEqual(['ada 5', 'bea 5', 'cleo 5', 'dora 5', 'cleo 9']);
  expect(states()).toEqual(['ada running', 'cleo running', 'dora running']);
});

test('an account that comes back while it still stops is followed again after that', async () => {
  const { say, opened, states } = world();
  await say(looking(entry('ada')));
  await say(looking(), { forMs: 50 });
  expect(states()).toEqual(['ada stopping']);
  await say(looking(entry('ada')), { forMs: 49 });
  expect(opened).toHaveLength(1);
  await clock.advance(1);
  expect(opened).toHaveLength(2);
  expect(states()).toEqual(['ada running']);
});

test('an account that is gone leaves the list once it has stopped', async () => {
  const { say, states } = world();
  await say(looking(entry('ada')));
  await say(looking());
  expect(states()).toEqual([]);
  await say(looking(entry('ada')));
  expect(states()).toEqual(['ada running']);
});

test('an entry that is held stops its account alone, and says why', async () => {
  const { say, states, supervisor, said } = world();
  await say(looking(entry('ada'), entry('bea')));
  const held = [{ name: 'ada', message: 'accounts.yaml:3:5: no' }];
  const problem = { place: 'accounts.yaml:3:5', message: 'no', holds: ['ada'] };
  await say({ accounts: [entry('bea')], held, namedVariables: [], problems: [problem] });
  expect(states()).toEqual(['ada held', 'bea running']);
  expect(supervisor.list()[0]?.message).toBe('accounts.yaml:3:5: no');
  expect(supervisor.problems()).toEqual([problem]);
  expect(said('ada').at(-1)).toBe('the account cannot be used: it is held');
});

test('what is wrong is told again of an account that went and came back, and of the file only once', async () => {
  const { say, said, lines } = world();
  const held = [{ name: 'ada', message: 'accounts.yaml:3:5: no' }];
  const ofFile = { place: 'accounts.yaml', message: 'odd', holds: [] };
  const rest = { namedVariables: [] };
  await say({ accounts: [], held, problems: [ofFile], ...rest });
  await say({ accounts: [entry('bea')], held, problems: [ofFile], ...rest });
  await say({ accounts: [entry('bea')], held: [], problems: [ofFile], ...rest });
  await say({ accounts: [entry('bea')], held, problems: [], ...rest });
  expect(said('ada')).toEqual(Array(2).fill('the account cannot be used: it is held'));
  expect(
    lines().flatMap(({ msg }) => (/the file of accounts/.test(String(msg)) ? [msg] : [])),
  ).toEqual([
    'the file of accounts needs a hand',
    'what the file of accounts says now is in force',
  ]);
});

test('a bug in one account is told, ends no other, and fails the process at its end', async () => {
  const { say, states, breaks, fails, lines } = world();
  await say(looking(entry('ada'), entry('bea')));
  breaks('ada', new TypeError('x is not a function'));
  await clock.advance(200);
  expect(states()).toEqual(['ada waiting', 'bea running']);
  expect(fails()).toBe(1);
  expect(lines().at(-1)).toMatchObject({
    level: 'fatal',
    account: 'ada',
    err: { message: 'x is not a function' },
  });
  await clock.advance(600_000);
  expect(states()).toEqual(['ada running', 'bea running']);
});

test('what cannot be followed is said once, and again where it failed anew', async () => {
  const { say, said, states, failing, breaks, fails } = world({ failing: ['ada'] });
  await say(looking(entry('ada')));
  await clock.advance(60_000);
  expect(said('ada')).toHaveLength(1);
  expect(fails()).toBe(0);
  failing.pop();
  await clock.advance(60_000);
  expect(states()).toEqual(['ada running']);
  failing.push('ada');
  breaks('ada', new Error('a bug'));
  await clock.advance(1_200_000);
  expect(said('ada').filter((words) => String(words).includes('cannot be followed'))).toHaveLength(
    2,
  );
});

test('a resync reaches all that are followed', async () => {
  const { supervisor, say, sweeps } = world();
  await say(looking(entry('ada'), entry('bea')));
  supervisor.sweep('signal');
  expect(sweeps).toEqual(['ada signal', 'bea signal']);
});

test('one deadline holds for all: who does not end is named, and the others have ended', async () => {
  const { supervisor, say, states } = world({ slow: ['bea'] });
  await say(looking(entry('ada'), entry('bea'), entry('cleo')));
  const stopped = supervisor.stop({ deadlineMs: 5000 });
  await clock.advance(100);
  expect(states()).toEqual(['ada stopping', 'bea stopping', 'cleo stopping']);
  await clock.advance(10_000);
  expect(await stopped).toEqual({ unended: ['bea'] });
  expect(clock.sleeping).toBe(0);
});

test('listeners hear of each change, until they leave', async () => {
  const { supervisor, say } = world();
  let changes = 0;
  const leave = supervisor.listen({
    onChange() {
      changes += 1;
    },
  });
  await say(looking(entry('ada')));
  const before = changes;
  expect(before).toBeGreaterThan(0);
  leave();
  await say(looking());
  expect(changes).toBe(before);
});
