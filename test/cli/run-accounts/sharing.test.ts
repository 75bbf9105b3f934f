// The accounts of a replica: followed under a tenure, left with it, and released once nothing of them runs.
import { beforeEach, expect, test } from 'vitest';
import type { AccountEntry, AccountsLook } from '../../../src/accounts/account-entry.ts';
import { TenureLostError } from '../../../src/base/errors.ts';
import type { Following, RunEvent } from '../../../src/cli/run-accounts/account-run.ts';
import type { FollowedAccount } from '../../../src/cli/run-accounts/running-accounts.ts';
import { Supervisor } from '../../../src/cli/run-accounts/supervisor.ts';
import { readSettings } from '../../../src/config/settings.ts';
import type { HeldTenure } from '../../../src/replicas/session-tenure.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

const settings = readSettings({}, {});

function entry(name: string, limit = 5): AccountEntry {
  const own = { ...settings, rate: { limit, windowMs: 1000 } };
  const key = { kind: 'env', name: 'KEY' } as const;
  return { name, directory: `/${name}`, key, settings: own, suspend: null, isSpread: true };
}

function tenure(token: string) {
  const over = new AbortController();
  const held: HeldTenure = {
    token,
    isMine: () => !over.signal.aborted,
    ended: over.signal,
    refused: (why) => over.abort(why),
  };
  return { held, lose: () => over.abort(new TenureLostError()) };
}

/** Requests in flight take 100 ms to end. */
function world() {
  const told: string[] = [];
  let look: AccountsLook = { accounts: [], held: [], namedVariables: [], problems: [] };
  const follow = async (
    { name }: AccountEntry,
    _: AbortSignal,
    under: HeldTenure | null,
  ): Promise<Following> => {
    told.push(`follows ${name} under ${under?.token}`);
    return {
      shown: { name } as FollowedAccount,
      broken: new Promise(() => {}),
      sweep: () => {},
      async stop({ deadlineMs }) {
        told.push(`stops ${name} within ${deadlineMs}`);
        await clock.sleep(100);
      },
    };
  };
  let isAlive = false;
  const supervisor = new Supervisor({
    ...{ clock, follow, stopDeadlineMs: 10_000, random: () => 0, onProblems: () => {} },
    onEvent: (name: string, event: RunEvent) => {
      if (event.kind === 'leaving') told.push(`leaves ${name}: ${event.why}`);
    },
    file: { look: () => look },
    sharing: {
      want: (accounts) => void told.push(`wants ${[...accounts].join(' ')}`),
      isAlive: () => isAlive,
      release: (account, { token }) => void told.push(`releases ${account} of ${token}`),
    },
  });
  return {
    supervisor,
    begin() {
      isAlive = true;
    },
    states: () => supervisor.list().map(({ name, state }) => `${name} ${state}`),
    /** What has happened since it was asked last. */
    told: () => told.splice(0),
    async say(...accounts: AccountEntry[]) {
      look = { ...look, accounts };
      supervisor.look();
      await clock.advance(0);
    },
  };
}

test('nothing is followed before it is claimed, and then under that tenure', async () => {
  const { supervisor, say, told, states } = world();
  await say(entry('ada'), entry('bea'));
  expect(told()).toEqual(['wants ada bea']);
  expect(states()).toEqual([]);
  supervisor.claimed('bea', tenure('7').held);
  await clock.advance(0);
  expect(told()).toEqual(['follows bea under 7']);
  expect(states()).toEqual(['bea running']);
});

test('a replica without an account stands by once it counts as alive, if there are accounts', async () => {
  const { supervisor, say, begin } = world();
  await say(entry('ada'));
  expect(supervisor.standsBy()).toBe(false);
  begin();
  expect(supervisor.standsBy()).toBe(true);
  await say();
  expect(supervisor.standsBy()).toBe(false);
});

test('what is to be given back is left in good order, and released after that', async () => {
  const { supervisor, say, told, states } = world();
  await say(entry('ada'));
  supervisor.claimed('ada', tenure('7').held);
  await clock.advance(0);
  told();
  supervisor.giveBack('ada');
  await clock.advance(99);
  expect(told()).toEqual(['leaves ada: elsewhere', 'stops ada within 10000']);
  await clock.advance(1);
  expect(told()).toEqual(['releases ada of 7']);
  expect(states()).toEqual([]);
});

test('what is lost is left at once, and followed again under another tenure after that', async () => {
  const { supervisor, say, told, states } = world();
  await say(entry('ada'));
  const [first, second] = [tenure('7'), tenure('8')];
  supervisor.claimed('ada', first.held);
  await clock.advance(0);
  told();
  first.lose();
  await clock.advance(50);
  expect(told()).toEqual(['leaves ada: lost', 'stops ada within 0']);
  supervisor.claimed('ada', second.held);
  await clock.advance(50);
  // What has come meanwhile is not let go for what has ended.
  expect(told()).toEqual(['follows ada under 8']);
  expect(states()).toEqual(['ada running']);
});

test('an entry that changes keeps its tenure, and one that is gone is released', async () => {
  const { supervisor, say, told } = world();
  await say(entry('ada'), entry('bea'));
  supervisor.claimed('ada', tenure('7').held);
  await clock.advance(0);
  told();
  await say(entry('ada', 9), entry('bea'));
  await clock.advance(100);
  expect(told()).toEqual([
    'wants ada bea',
    'leaves ada: changed',
    'stops ada within 10000',
    'follows ada under 7',
  ]);
  await say(entry('bea'));
  await clock.advance(100);
  expect(told()).toEqual([
    'wants bea',
    'leaves ada: gone',
    'stops ada within 10000',
    'releases ada of 7',
  ]);
});

test('a replica that stops wants nothing, and releases each account as it has ended', async () => {
  const { supervisor, say, told } = world();
  await say(entry('ada'), entry('bea'));
  supervisor.claimed('ada', tenure('7').held);
  supervisor.claimed('bea', tenure('8').held);
  await clock.advance(0);
  told();
  const stopped = supervisor.stop({ deadlineMs: 5000 });
  await clock.advance(100);
  expect(await stopped).toEqual({ unended: [] });
  expect(told()).toEqual([
    'wants ',
    ...['leaves ada: stop', 'stops ada within 5000', 'leaves bea: stop', 'stops bea within 5000'],
    ...['releases ada of 7', 'releases bea of 8'],
  ]);
});
