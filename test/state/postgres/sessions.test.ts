// Sessions on a real server: what its locks, its timeouts and its restarts do to who holds what.
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { StateError } from '../../../src/base/errors.ts';
import type { ReplicaSession } from '../../../src/replicas/replica-store.ts';
import { silenceMs } from '../../../src/replicas/replica-store.ts';
import { StateTakenError } from '../../../src/state/holder.ts';
import { hasPgBouncer, hasPostgres, sharePostgres, startPooler } from '../../support/postgres.ts';
import { ava, recordOf, stateOptions } from '../fixtures/state-options.ts';
import { blindLease, claimOne, madeStore, shareProcesses, startProcess } from './postgres-world.ts';

const { postgres } = sharePostgres();
let name = '';
const processes = shareProcesses(postgres, () => name);
/** One that says nothing from the beginning of these tests on, and how long it lived. */
let silent: { readonly session: ReplicaSession; readonly livedMs: Promise<number> } | null = null;

beforeAll(async () => {
  if (!hasPostgres) return;
  name = await madeStore(postgres());
});

const infoOf = (replica: string) => ({ replica, host: 'ops-1', version: '1.0.0' });
const process = () => processes(1);

async function begin(replica: string): Promise<ReplicaSession> {
  const session = await process().replicas.begin(infoOf(replica));
  onTestFinished(() => session.end());
  return session;
}

const namesOf = (n: number, prefix: string) =>
  Array.from({ length: n }, (_, index) => `${prefix}-${index}`);

/** As a kill of its process does: the server sees the end of its connection. */
async function cut(session: ReplicaSession): Promise<void> {
  await postgres().query(
    name,
    `select pg_terminate_backend(pid, 20000) from pg_locks
     where locktype = 'advisory' and objid = $1::int::oid and mode = 'ExclusiveLock'`,
    [Number(session.number)],
  );
  await untilAborted(session.ended);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

describe.skipIf(!hasPostgres)('an account that nobody holds', () => {
  /** What is locked by a transaction that is under way, until it is let go. */
  async function touched(sql: string, account: string) {
    const database = processes(2).database;
    const { session } = await claimOne(process(), account);
    await session.end();
    const what = 'cannot touch it';
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let done: Promise<void> = Promise.resolve();
    await new Promise<void>((locked) => {
      done = database.inTransaction(what, async (ask) => {
        await ask({ what, sql, values: [account] });
        locked();
        await held;
      });
    });
    onTestFinished(async () => {
      letGo();
      await done;
    });
    return { letGo };
  }

  test('can be claimed while somebody leaves a note for its holder', async () => {
    await touched(
      `insert into widget_sync.note (account, kind, content) values ($1, 'approval', '')`,
      'with-a-note',
    );
    const session = await begin('a');
    expect(await session.claim(['with-a-note'])).toMatchObject([{ kind: 'claimed' }]);
  });

  const late = 'select from widget_sync.account where name = $1 for share';

  test('is waited for by a command while a late write is refused', async () => {
    const { letGo } = await touched(late, 'late');
    const opening = process().state.open(stateOptions('state/late', { clock: systemClock }));
    // The command has tried, and has seen that nobody holds it.
    const looks = `select from pg_stat_activity where query like '%where a.name = $1 and s.number%' and pid <> pg_backend_pid()`;
    while ((await postgres().query(name, looks)).length === 0);
    letGo();
    await (await opening).close();
  });

  test('and stays locked is not said to be in use', async () => {
    await touched(late, 'stuck');
    const opening = process().state.open(stateOptions('state/stuck', { clock: systemClock }));
    await expect(opening).rejects.toThrow(
      'nobody holds the account stuck, and something in PostgreSQL keeps its row locked',
    );
  });
});

describe.skipIf(!hasPostgres)('a session', () => {
  test('begins to be silent, for the last test of these', async () => {
    const { replicas } = process();
    const beganMs = performance.now();
    const session = await replicas.begin(infoOf('silent'));
    await session.claim(['of-the-silent']);
    const livedMs = untilAborted(session.ended).then(() => performance.now() - beganMs);
    silent = { session, livedMs };
    expect(session.ended.aborted).toBe(false);
  });

  test('has a number of its own, and sees those that are alive', async () => {
    const [one, two] = [await begin('one'), await begin('two')];
    expect(one.number).not.toBe(two.number);
    const seen = async () => (await one.beat()).sessions.map(({ replica }) => replica);
    expect(await seen()).toEqual(expect.arrayContaining(['one', 'two']));
    const { sessions } = await two.beat();
    const seenOne = sessions.find(({ number }) => number === one.number);
    expect(seenOne).toMatchObject({ number: one.number, ...infoOf('one') });
    await two.end();
    expect(await seen()).not.toContain('two');
    await expect(two.beat()).rejects.toThrow(StateError);
    const third = await begin('three');
    expect([one.number, two.number]).not.toContain(third.number);
  });

  test('claims what nobody holds, each account for one of all who ask at once', async () => {
    const sessions = await Promise.all(namesOf(5, 'racer').map(begin));
    const names = namesOf(60, 'raced');
    for (const held of [0, 60]) {
      const answers = await Promise.all(sessions.map((session) => session.claim(names)));
      const claimed = answers.flat().filter(({ kind }) => kind === 'claimed');
      expect(claimed).toHaveLength(60 - held);
      expect(new Set(claimed.map((one) => one.name)).size).toBe(60 - held);
      expect(answers.every((one) => one.length === 60)).toBe(true);
    }
  });

  test('claims what one that is gone has left, each account for one of all who ask at once', async () => {
    const gone = await begin('gone');
    const sessions = await Promise.all(namesOf(4, 'heir').map(begin));
    const names = namesOf(60, 'estate');
    await gone.claim(names);
    await cut(gone);
    const claimed: string[] = [];
    // What another one is about to claim counts as held: somebody has it by the next round.
    for (let round = 0; round < 2; round += 1) {
      const answers = await Promise.all(sessions.map((session) => session.claim(names)));
      for (const answer of answers.flat()) {
        if (answer.kind === 'claimed') claimed.push(`${answer.name} ${answer.token.split('-')[0]}`);
      }
    }
    expect(claimed.sort()).toEqual(names.map((left) => `${left} 2`).sort());
  });

  test('that is cut leaves its accounts to others, who see whose they were', async () => {
    const [one, two] = [await begin('cut'), await begin('heir')];
    const names = namesOf(3, 'left');
    const first = await one.claim(names);
    expect((await two.beat()).unheld.filter((account) => names.includes(account.name))).toEqual([]);
    expect((await two.claim(names)).map(({ kind }) => kind)).toEqual(['held', 'held', 'held']);
    await cut(one);
    const last = { session: one.number, replica: 'cut', byRestart: false };
    const { unheld } = await two.beat();
    expect(unheld.filter((account) => names.includes(account.name))).toEqual(
      names.map((left) => ({ name: left, last })),
    );
    const second = await two.claim(names);
    expect(second).toMatchObject(names.map((left) => ({ kind: 'claimed', name: left, last })));
    const numberOf = (answer: object) => Number.parseInt((answer as { token: string }).token, 10);
    expect(second.map(numberOf)).toEqual(first.map((answer) => numberOf(answer) + 1));
    await expect(one.claim(['another'])).rejects.toThrow(StateError);
  });

  test('releases what it still has, and others are told', async () => {
    const [one, two] = [await begin('giver'), await begin('taker')];
    const names = namesOf(2, 'given');
    const claimed = (await one.claim(names)).flatMap((answer) =>
      answer.kind === 'claimed' ? [answer] : [],
    );
    const told = new Promise<void>((resolve) => two.onFreed(resolve));
    let isTold = false;
    one.onFreed(() => {
      isTold = true;
    });
    // A token that it has not any more frees nothing.
    await one.release(claimed.map(({ name: given }) => ({ name: given, token: '1-00000000' })));
    expect((await two.claim(names)).map(({ kind }) => kind)).toEqual(['held', 'held']);
    await one.release(claimed.slice(0, 1));
    await told;
    const { unheld } = await two.beat();
    expect(unheld).toContainEqual({ name: names[0], last: null });
    expect(await two.claim(names)).toMatchObject([
      { kind: 'claimed', last: null },
      { kind: 'held' },
    ]);
    await one.end();
    expect(await two.claim(names)).toMatchObject([{ kind: 'held' }, { kind: 'claimed' }]);
    expect(isTold).toBe(false);
  });

  test('is seen by people, alive or gone, with who holds what', async () => {
    const [one, two] = [await begin('seen'), await begin('unseen')];
    await one.claim(['shown-one']);
    await two.claim(['shown-two']);
    await cut(two);
    const { sessions, accounts } = await process().replicas.look();
    const of = (number: string) => sessions.find((session) => session.number === number);
    expect(of(one.number)).toMatchObject({
      isGone: false,
      host: 'ops-1',
      lastBeat: expect.any(Date),
    });
    expect(of(two.number)).toMatchObject({ isGone: true, lastBeat: null, since: expect.any(Date) });
    const shown = accounts.filter((account) => account.name.startsWith('shown'));
    expect(shown).toEqual([
      { name: 'shown-one', holder: one.number, token: expect.stringMatching(/^1-[0-9a-f]{8}$/) },
      { name: 'shown-two', holder: two.number, token: expect.stringMatching(/^1-[0-9a-f]{8}$/) },
    ]);
    // Once nothing is held by one that is gone, it is forgotten.
    expect((await one.claim(['shown-two']))[0]).toMatchObject({ kind: 'claimed' });
    await begin('cleaner');
    expect((await process().replicas.look()).sessions.map(({ number }) => number)).not.toContain(
      two.number,
    );
  });

  test('is what a command has that opens one account, and others are told who that is', async () => {
    const options = stateOptions('state/one-shot', { clock: systemClock, account: 'one-shot' });
    const store = await process().state.open({ ...options, command: 'apply' });
    const refused = process().state.open({ ...options, command: 'forget' });
    await expect(refused).rejects.toThrow(StateTakenError);
    await expect(refused).rejects.toThrow(
      /^the account one-shot is in use by process \d+ \(widget-sync apply, since .*\); a run applies/,
    );
    expect(store.tenure.isMine()).toBe(true);
    await store.close();
    expect(store.tenure.isMine()).toBe(false);
    await (await process().state.open({ ...options, command: 'forget' })).close();
  });

  test.skipIf(!hasPgBouncer)('does not begin behind a pooler, and says what to do', async () => {
    const pooler = await startPooler(postgres());
    onTestFinished(() => pooler.stop());
    const env = { ...postgres().envOf(name), PGPORT: `${pooler.port}` };
    const behind = startProcess({ ...postgres(), envOf: () => env }, name);
    onTestFinished(() => behind.database.close());
    for (const _ of [1, 2, 3]) {
      await expect(behind.replicas.begin(infoOf('behind'))).rejects.toThrow(
        /lead to a pooler, and a session needs PostgreSQL itself; name that there, and the pooler, .*--pooler <host:port>/,
      );
    }
    // Nothing of it is left that anybody would take for alive.
    const rows = await postgres().query(
      name,
      `select from widget_sync.session where replica = 'behind'`,
    );
    expect(rows).toEqual([]);
  });

  test('that is silent is ended by the server, and its account is free', async () => {
    const { livedMs, session } = silent ?? { livedMs: Promise.resolve(0), session: null };
    const lived = await livedMs;
    expect(lived).toBeGreaterThanOrEqual(silenceMs);
    expect(lived).toBeLessThan(silenceMs + 2000);
    const heir = await begin('heir-of-the-silent');
    expect(await heir.claim(['of-the-silent'])).toMatchObject([
      { kind: 'claimed', last: { session: session?.number, replica: 'silent' } },
    ]);
  });
});

describe.skipIf(!hasPostgres)('a server that is gone for a while', () => {
  test('ends all sessions, and keeps what was confirmed; the page waits for it', async () => {
    const account = 'through-a-crash';
    const first = process();
    const { session, token } = await claimOne(first, account);
    const lease = blindLease(token);
    const options = stateOptions(`state/${account}`, { clock: systemClock });
    const store = await first.state.openHeld(options, lease);
    await store.save(recordOf(ava));
    const page = await store.openRateUsage({ limit: 3, windowMs: 60_000 }, 30_000);
    await postgres().crash();
    await untilAborted(session.ended);
    await expect(store.save(recordOf(ava, { revision: 'later' }))).rejects.toThrow(
      /no PostgreSQL answers there; start it, or mend PGHOST and PGPORT/,
    );
    let isKept = false;
    const kept = page.keep([{ widgetId: ava, hash: 'a'.repeat(64) }]).then(() => {
      isKept = true;
    });
    expect(store.records.get(ava)).toEqual(recordOf(ava));
    expect(isKept).toBe(false);
    await postgres().startAgain();
    await kept;
    // Nobody else has taken it over: this token is still the one.
    await store.save(recordOf(ava, { revision: 'later' }));
    expect(options.warnings.map(({ message }) => message)).toContain(
      'what may be under way cannot be written: nothing is sent until it can',
    );
    const { last } = await claimOne(process(), account);
    expect(last).toEqual({
      session: session.number,
      replica: `replica-${account}`,
      byRestart: true,
    });
    await expect(store.save(recordOf(ava))).rejects.toThrow(/no longer holds the account/);
  });
});
