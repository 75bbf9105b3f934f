// Replicas as processes: they share the accounts of one file on one PostgreSQL, and one that is killed, stopped or
// asked to end is replaced by the others. What the APIs got judges them.
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type LogLine, type Started, startCommand } from '../support/command.ts';
import { readAccountsStatusJson } from '../support/json-shapes.ts';
import { hasPostgres, sharePostgres } from '../support/postgres.ts';
import { runHere } from '../support/program.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { inSoak } from '../support/soak.ts';
import { openSomeAccounts, type SomeAccount, type SomeAccounts } from '../support/some-accounts.ts';
import { generousMs } from '../support/workspace.ts';

const { postgres } = sharePostgres();
const hour = 3_600_000;
const names = ['fernwood', 'harbor', 'linden', 'mistral', 'orchard', 'quay'];

interface World {
  readonly accounts: SomeAccounts;
  readonly start: () => Started;
  readonly status: (...more: string[]) => Promise<string>;
  /** Who holds each account, by the number of its process; null: nobody who is alive. */
  readonly holders: () => Promise<ReadonlyMap<string, number | null>>;
  /** Resolves once each write is recorded: what may be under way waits until that is over. */
  readonly untilRecorded: () => Promise<void>;
  /** All of PostgreSQL stands still while this acts. */
  readonly freeze: (act: () => Promise<void>) => Promise<void>;
  readonly endSessions: () => Promise<void>;
  /** How many the database has committed. */
  readonly transactions: () => Promise<number>;
  /** Resolves once each account is held by one of these. */
  readonly untilHeldBy: (
    replicas: readonly Started[],
  ) => Promise<ReadonlyMap<string, number | null>>;
}

async function openWorld(): Promise<World> {
  const database = await postgres().makeDatabase();
  const env = postgres().envOf(database) as Record<string, string>;
  expect(await runHere(['store', 'init'], env)).toMatchObject({ code: 0 });
  const accounts = await openSomeAccounts(names, { defaults: { files: 'shared' } });
  const keys = join(accounts.root, 'keys');
  for (const name of readdirSync(keys)) chmodSync(join(keys, name), 0o600);
  const words = ['run', '--accounts', accounts.file, '--store', 'postgres'];
  const holders: World['holders'] = async () => {
    const rows = await postgres().query(
      database,
      `select a.name, (s.content::json ->> 'pid')::int as pid from widget_sync.account a
       left join pg_locks l on l.locktype = 'advisory' and l.objid::int = a.holder and l.granted
       left join widget_sync.session s on s.number = a.holder and l.pid is not null`,
    );
    return new Map(rows.map(({ name, pid }) => [String(name), pid as number | null]));
  };
  return {
    accounts,
    start: () => startCommand(words, { cwd: accounts.root, env: { ...env, NO_PROXY: '*' } }),
    async status(...more) {
      const asked = ['status', '--accounts', accounts.file, '--store', 'postgres', ...more];
      const { stdout, stderr } = await runHere(asked, env);
      expect(stderr).toBe('');
      return stdout;
    },
    holders,
    async freeze(act) {
      const rows = await postgres().query(database, 'select pid from pg_stat_activity');
      const [file] = await postgres().query(
        database,
        "select pg_read_file('postmaster.pid') as said",
      );
      const pids = [
        Number.parseInt(String(file?.['said']), 10),
        ...rows.map(({ pid }) => Number(pid)),
      ];
      const signal = (name: NodeJS.Signals) => {
        for (const pid of pids) {
          try {
            process.kill(pid, name);
          } catch {
            // The connection that asked is gone.
          }
        }
      };
      signal('SIGSTOP');
      try {
        await act();
      } finally {
        signal('SIGCONT');
      }
    },
    async endSessions() {
      await postgres().query(
        database,
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      );
    },
    async transactions() {
      const [row] = await postgres().query(
        database,
        'select xact_commit::int as n from pg_stat_database where datname = current_database()',
      );
      return Number(row?.['n']);
    },
    async untilRecorded() {
      const writes = Object.values(accounts.of).flatMap(({ sandbox }) =>
        sandbox.requests.filter(({ method }) => method === 'PUT'),
      );
      await eventually(async () => {
        const [row] = await postgres().query(
          database,
          'select count(*)::int as n from widget_sync.history',
        );
        return Number(row?.['n']) >= writes.length ? true : null;
      });
    },
    async untilHeldBy(replicas) {
      const pids = replicas.map(({ child }) => child.pid);
      return await eventually(async () => {
        const held = await holders();
        const isHeld = names.every((name) => pids.includes(held.get(name) ?? -1));
        return isHeld ? held : null;
      });
    },
  };
}

async function eventually<Found>(look: () => Promise<Found | null>): Promise<Found> {
  const untilMs = Date.now() + generousMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > untilMs) throw new Error('it did not come to that');
    await sleep(20);
  }
}

function accountOf({ accounts }: World, name: string): SomeAccount {
  const account = accounts.of[name];
  if (account === undefined) throw new Error(`there is no account ${name}`);
  return account;
}

const shown = ({ sandbox }: SomeAccount) => sandbox.widget(widgetId(0))?.['display_name'];

/** Edits a widget of each account; resolves with how long each took to be live, in milliseconds. */
async function edit(world: World, displayName: string, some: readonly string[] = names) {
  const fromMs = performance.now();
  const took = some.map(async (name) => {
    const account = accountOf(world, name);
    account.write(0, displayName);
    await waitFor(account.sandbox, () => shown(account) === displayName, generousMs);
    return performance.now() - fromMs;
  });
  return await Promise.all(took);
}

const heldBy = (held: ReadonlyMap<string, number | null>, { child }: Started) =>
  names.filter((name) => held.get(name) === child.pid);

/** The names that widget 0 of each account had, in the order in which they were sent. */
function sentTo(world: World, name: string): unknown[] {
  return accountOf(world, name)
    .sandbox.requests.filter(({ method, path }) => method === 'PUT' && path.endsWith(widgetId(0)))
    .map(({ body }) => (body as Record<string, unknown>)['display_name']);
}

async function startTwo(world: World): Promise<readonly [Started, Started]> {
  const first = world.start();
  const second = world.start();
  const replicas = [first, second] as const;
  await Promise.all(
    replicas.map((one) => one.waitForLog(({ msg }) => msg.startsWith('shares accounts'))),
  );
  const held = await world.untilHeldBy(replicas);
  await Promise.all(
    names.map((name) =>
      waitFor(
        accountOf(world, name).sandbox,
        () => shown(accountOf(world, name)) === 'first',
        generousMs,
      ),
    ),
  );
  await edit(world, 'shared');
  // The one that is to go first: it has something to lose.
  return heldBy(held, first).length > 0 ? [first, second] : [second, first];
}

/** What is promised, in milliseconds, on a machine with time for it; all others share one with many tests. */
const promised = { kill: 2000, stop: 6000, end: 1000 };
const figures = new Map<keyof typeof promised, number[]>();

function took(what: keyof typeof promised, ms: number): void {
  figures.set(what, [...(figures.get(what) ?? []), Math.round(ms)]);
}

const longest = (all: readonly number[]) => Math.max(0, ...all);

const requestsOf = (world: World) =>
  names.map((name) => accountOf(world, name).sandbox.requests.length);

/** What was sent twice, or out of order: names are numbered. */
function disorder(world: World): string[] {
  return names.filter((name) => {
    const sent = sentTo(world, name).filter((one) => /^edit \d+$/.test(String(one)));
    const numbers = sent.map((one) => Number(String(one).slice(5)));
    return numbers.some((number, at) => number <= (numbers[at - 1] ?? 0));
  });
}

/** Kills it; resolves once the other has all, and has sent an edit of each account. */
async function kill(world: World, victim: Started, left: Started, displayName: string) {
  await world.untilRecorded();
  victim.signal('SIGKILL');
  took('kill', longest(await edit(world, displayName)));
  await world.untilHeldBy([left]);
}

/** Stops it for as long as that takes, and wakes it. */
async function stall(world: World, victim: Started, left: Started, displayName: string) {
  const its = heldBy(await world.holders(), victim);
  const before = victim.log().length;
  await world.untilRecorded();
  victim.signal('SIGSTOP');
  took('stop', longest(await edit(world, displayName)));
  await world.untilHeldBy([left]);
  victim.signal('SIGCONT');
  const since = (wanted: string) => (line: LogLine) =>
    line.msg.startsWith(wanted) && victim.log().indexOf(line) >= before;
  const lost = await victim.waitForLog(since('its session is over'));
  expect(lost['accounts']).toBe(its.length);
  await victim.waitForLog(since('shares accounts'));
  expect(heldBy(await world.holders(), left)).toEqual(names);
}

async function end(world: World, ending: Started, left: Started) {
  const fromMs = performance.now();
  ending.signal('SIGTERM');
  await world.untilHeldBy([left]);
  took('end', performance.now() - fromMs);
  expect(await ending.finished).toMatchObject({ code: 0, stderr: '' });
}

async function startAnother(world: World): Promise<Started> {
  const another = world.start();
  await another.waitForLog(({ msg }) => msg.startsWith('shares accounts'));
  return another;
}

const troubles = ({ log }: Started) =>
  log().filter(({ level }) => level === 'error' || level === 'fatal');

async function showsWhoHolds(world: World, replicas: readonly Started[]): Promise<void> {
  const pids = replicas.map(({ child }) => child.pid);
  const holders = await world.holders();
  const { accounts, replicas: shown = [] } = readAccountsStatusJson(await world.status('--json'));
  expect(new Set(shown.map(({ pid }) => pid))).toEqual(new Set(pids));
  const pidOf = new Map(shown.map(({ session, pid }) => [session, pid]));
  for (const { account, replica } of accounts) {
    expect(pidOf.get(replica ?? '')).toBe(holders.get(account));
  }
  for (const { pid, accounts: count } of shown) {
    expect(count).toBe([...holders.values()].filter((holder) => holder === pid).length);
  }
  const text = await world.status();
  for (const pid of pids) expect(text).toMatch(new RegExp(`\\(${pid}\\) +run `));
}

describe.skipIf(!hasPostgres)('replicas', () => {
  test('go on for each other: one that is stopped, one that is killed, one that is asked to end', async () => {
    const world = await openWorld();
    const [first, second] = await startTwo(world);
    await showsWhoHolds(world, [first, second]);
    await stall(world, first, second, 'edit 1');
    await edit(world, 'edit 2');
    await kill(world, second, first, 'edit 3');
    const third = await startAnother(world);
    await showsWhoHolds(world, [first, third]);
    await end(world, first, third);
    await edit(world, 'edit 4');
    for (const name of names) {
      expect(sentTo(world, name)).toEqual([
        'first',
        'shared',
        'edit 1',
        'edit 2',
        'edit 3',
        'edit 4',
      ]);
    }
    expect([first, third].flatMap(troubles)).toEqual([]);
  });
});

describe.skipIf(!hasPostgres || !inSoak)('for long', () => {
  test('50 kills', { timeout: hour }, async () => {
    const world = await openWorld();
    let [victim, left] = await startTwo(world);
    for (let round = 1; round <= 50; round += 1) {
      await kill(world, victim, left, `edit ${round}`);
      [victim, left] = [left, await startAnother(world)];
      expect(disorder(world)).toEqual([]);
    }
  });

  test('100 stops', { timeout: hour }, async () => {
    const world = await openWorld();
    let [victim, left] = await startTwo(world);
    for (let round = 1; round <= 100; round += 1) {
      await stall(world, victim, left, `edit ${round}`);
      [victim, left] = [left, victim];
      expect(disorder(world)).toEqual([]);
    }
  });

  test('20 that are asked to end', { timeout: hour }, async () => {
    const world = await openWorld();
    let [victim, left] = await startTwo(world);
    for (let round = 1; round <= 20; round += 1) {
      await end(world, victim, left);
      await edit(world, `edit ${round}`);
      [victim, left] = [left, await startAnother(world)];
      expect(disorder(world)).toEqual([]);
    }
  });

  test('PostgreSQL is away for 30 s: nothing is sent, nobody takes anything, and then it goes on', {
    timeout: hour,
  }, async () => {
    const world = await openWorld();
    const replicas = await startTwo(world);
    await world.untilRecorded();
    const before = await world.holders();
    await world.freeze(async () => {
      // What could be sent just so.
      await sleep(4000);
      const sent = requestsOf(world);
      for (const name of names) accountOf(world, name).write(0, 'edit 1');
      await sleep(25_000);
      expect(requestsOf(world)).toEqual(sent);
    });
    const fromMs = performance.now();
    await edit(world, 'edit 2');
    process.stdout.write(
      `after 30 s without PostgreSQL: ${Math.round(performance.now() - fromMs)} ms\n`,
    );
    expect(await world.untilHeldBy(replicas)).toEqual(before);
    expect(disorder(world)).toEqual([]);
  });

  test('all sessions are ended at once: each goes on with what it had', {
    timeout: hour,
  }, async () => {
    const world = await openWorld();
    const replicas = await startTwo(world);
    await world.untilRecorded();
    const before = await world.holders();
    for (let round = 1; round <= 10; round += 1) {
      await world.endSessions();
      const fromMs = performance.now();
      await edit(world, `edit ${round}`);
      process.stdout.write(`all sessions ended: ${Math.round(performance.now() - fromMs)} ms\n`);
      expect(await world.untilHeldBy(replicas)).toEqual(before);
      await world.untilRecorded();
    }
    expect(disorder(world)).toEqual([]);
  });

  test('that have nothing to do ask little of PostgreSQL', { timeout: hour }, async () => {
    const world = await openWorld();
    await startTwo(world);
    await sleep(10_000);
    const from = await world.transactions();
    await sleep(30_000);
    const perSecond = ((await world.transactions()) - from) / 30;
    process.stdout.write(`idle: ${perSecond.toFixed(1)} transactions/s for two replicas\n`);
    expect(perSecond).toBeLessThan(10);
  });

  test('all of them as fast as promised', () => {
    for (const [what, all] of figures) {
      const sorted = all.sort((a, b) => a - b);
      process.stdout.write(
        `${what}: ${all.length} rounds, ${sorted[sorted.length >> 1]} ms in the middle, ${longest(all)} ms at the longest\n`,
      );
    }
    for (const [what, all] of figures)
      expect(longest(all), what).toBeLessThanOrEqual(promised[what]);
  });
});
