// Who no longer holds an account changes nothing of it, whatever that process believes, and a statement
// that was given up changes nothing when it is carried out late.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { StateError, TenureLostError } from '../../../src/base/errors.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { sha256 } from '../../../src/model/widget.ts';
import { openDatabase } from '../../../src/state/postgres/database/open-database.ts';
import { Kept } from '../../../src/state/postgres/kept.ts';
import { postgresState } from '../../../src/state/postgres/postgres-store.ts';
import { removeRecords, writeLines, writeRecord } from '../../../src/state/postgres/records.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { hasPostgres, sharePostgres } from '../../support/postgres.ts';
import { few } from '../../support/soak.ts';
import { ava, ben, entryOf, recordOf, stateOptions, statusOf } from '../fixtures/state-options.ts';
import { blindLease, claimOne, madeStore, shareProcesses } from './postgres-world.ts';

const { postgres } = sharePostgres();
let name = '';
const processes = shareProcesses(postgres, () => name);
let accounts = 0;

beforeAll(async () => {
  if (hasPostgres) name = await madeStore(postgres());
});

const optionsOf = (account: string) => stateOptions(`state/${account}`, { clock: systemClock });
const minute = { limit: 3, windowMs: 60_000 };
const reading = { widgetId: null, hash: null };

/** Two processes; the first holds the account and is never told of anything. */
async function world() {
  accounts += 1;
  const account = `account-${accounts}`;
  const [first, second] = [processes(1), processes(2)];
  const { session, token } = await claimOne(first, account);
  const lease = blindLease(token);
  const options = optionsOf(account);
  const store = await first.state.openHeld(options, lease);
  return { account, first, second, session, token, lease, store, options };
}

/** All rows of the account, as text. */
async function rowsOf(account: string): Promise<string> {
  const tables = ['widget', 'history', 'kept', 'note'];
  const rows = await Promise.all(
    tables.map((table) =>
      postgres().query(name, `select * from widget_sync.${table} where account = $1`, [account]),
    ),
  );
  return JSON.stringify(rows);
}

const writes: readonly [string, (store: StateStore) => Promise<unknown>][] = [
  ['a record', (store) => store.save(recordOf(ava, { revision: 'late' }))],
  ['a record that was found', (store) => store.saveUnlessMoved(recordOf(ben), undefined)],
  ['a confirmation', (store) => store.confirm(recordOf(ava), entryOf(recordOf(ava)))],
  ['to forget', (store) => store.forget([ava], new Date())],
  ['the status', (store) => store.reportStatus(statusOf())],
  ['what was let through', (store) => store.saveAllowedChanges(new Map([[ava, sha256('x')]]))],
  ['what was told', (store) => store.saveAnnouncements([])],
  ['that an order is taken', (store) => store.takeForget('an order')],
  ['that a suspicion is over', async (store) => await store.suspects?.remove(['one'])],
];

describe.skipIf(!hasPostgres)('a former holder', () => {
  test.each(writes)('does not write %s', async (_, write) => {
    const { account, second, session, store, lease } = await world();
    await store.save(recordOf(ava));
    await session.end();
    const successor = await second.state.open(optionsOf(account));
    onTestFinished(() => successor.close());
    const before = await rowsOf(account);
    await expect(write(store)).rejects.toThrow(TenureLostError);
    expect(lease.why()).toBeInstanceOf(TenureLostError);
    expect(await rowsOf(account)).toBe(before);
    // From then on it knows.
    await expect(store.save(recordOf(ben))).rejects.toThrow(TenureLostError);
    expect([...successor.records.values()]).toEqual([recordOf(ava)]);
  });

  test('keeps no page, and what is left to people is used by the holder alone', async () => {
    const { account, second, session, store, options } = await world();
    const page = await store.openRateUsage(minute, 30_000);
    await page.keep([reading]);
    const view = second.state.look(options);
    await view.approve('a plan');
    const order = await view.orderForget([ava]);
    expect(await store.approval()).toBe('a plan');
    await session.end();
    const successor = await second.state.open(optionsOf(account));
    onTestFinished(() => successor.close());
    const before = await rowsOf(account);
    await expect(page.keep([])).rejects.toThrow(TenureLostError);
    await expect(store.forgetApproval()).rejects.toThrow(TenureLostError);
    await expect(store.takeForget(order)).rejects.toThrow(TenureLostError);
    expect(await rowsOf(account)).toBe(before);
    expect(await successor.approval()).toBe('a plan');
    expect((await successor.openRateUsage(minute, 30_000)).earlierMs).toHaveLength(1);
    // Only this is open to it: to say what may have landed.
    await store.suspects?.leave([
      { widgetId: ava, hash: sha256('x'), sent: { display_name: 'Ava' } },
    ]);
    const left = (await successor.suspects?.left()) ?? [];
    expect(left).toMatchObject([{ widgetId: ava, sent: { display_name: 'Ava' } }]);
    await successor.suspects?.remove(left.map(({ id }) => id));
    expect(await successor.suspects?.left()).toEqual([]);
  });

  test('has written what its successor reads, and nothing after that', async () => {
    for (let round = 0; round < few(10, { soak: 200 }); round += 1) {
      const { account, second, session, store } = await world();
      const saved = new Set<string>();
      let isOver = false;
      const writing = Promise.all(
        Array.from({ length: 4 }, async (_, lane) => {
          for (let n = 0; !isOver; n += 1) {
            const id =
              `${lane}${String(n).padStart(7, '0')}-0d44-4b50-8888-8dd25736052a` as WidgetId;
            const record = recordOf(id);
            await store.confirm(record, entryOf(record)).then(
              () => saved.add(id),
              () => {
                isOver = true;
              },
            );
          }
        }),
      );
      // In the middle of it, at any moment.
      while (saved.size < 5 + round) await new Promise((resolve) => setImmediate(resolve));
      const lost = session.end();
      const successor = await openUntilFree(() => second.state.open(optionsOf(account)));
      const seen = new Set<string>(successor.records.keys());
      await Promise.all([writing, lost]);
      expect([...saved].filter((id) => !seen.has(id))).toEqual([]);
      const view = second.state.look(optionsOf(account));
      expect(new Set(await view.recordedIds())).toEqual(seen);
      const { entries } = await view.history({ limit: 10_000, widgetId: null });
      expect(new Set(entries.map(({ widgetId }) => widgetId))).toEqual(seen);
      await successor.close();
    }
  });
});

// The account's row is locked for as long as a write takes: without that, it would come after what the
// successor reads.
test.skipIf(!hasPostgres)(
  'a write that takes long is done before its successor reads',
  async () => {
    const { account, second, session, store } = await world();
    await postgres().query(
      name,
      `create function slow() returns trigger language plpgsql as
       $$ begin perform pg_sleep(0.4); return new; end $$;
     create trigger slow before insert on widget_sync.widget
       for each row when (new.account = '${account}') execute function slow()`,
    );
    const written = store.save(recordOf(ava));
    const isUnderWay = `select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`;
    while ((await postgres().query(name, isUnderWay)).length === 0) await sleep(10);
    await session.end();
    const successor = await openUntilFree(() => second.state.open(optionsOf(account)));
    onTestFinished(() => successor.close());
    await written;
    expect([...successor.records.values()]).toEqual([recordOf(ava)]);
  },
);

async function openUntilFree(open: () => Promise<StateStore>): Promise<StateStore> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
    }
  }
}

test.skipIf(!hasPostgres)(
  'a write that was given up may be done all the same, and the next one stands',
  async () => {
    const { account, token } = await world();
    const database = openDatabase({ env: postgres().envOf(name), pooler: null, longestMs: 400 });
    onTestFinished(() => database.close());
    const state = postgresState(database);
    const store = await state.openHeld(optionsOf(account), blindLease(token));
    await store.save(recordOf(ava, { revision: 'one' }));
    const blocked = await blockWrites();
    await expect(
      store.confirm(recordOf(ava, { revision: 'two' }), entryOf(recordOf(ava))),
    ).rejects.toThrow(StateError);
    // As far as this process knows, nothing has changed.
    expect(store.records.get(ava)?.revision).toBe('one');
    await blocked.end();
    const revision = async () => {
      const [record] = await state.look(optionsOf(account)).recordsOf(new Set([ava]));
      return record?.revision;
    };
    while ((await revision()) !== 'two') {}
    await store.confirm(recordOf(ava, { revision: 'three' }), entryOf(recordOf(ava)));
    expect(await revision()).toBe('three');
    // The line of the one that was given up came with it, and again with the next.
    const { entries } = await state.look(optionsOf(account)).history({ limit: 9, widgetId: null });
    expect(entries).toHaveLength(2);
  },
);

/** Nobody writes a record until it ends. */
async function blockWrites(): Promise<pg.Client> {
  const { PGHOST: host, PGPORT: port } = postgres().envOf(name);
  const client = new pg.Client({ host, port: Number(port), user: 'postgres', database: name });
  await client.connect();
  await client.query('begin; lock table widget_sync.widget in share mode');
  return client;
}

describe.skipIf(!hasPostgres)('a statement that is carried out late', () => {
  /** The account as its holder has it, with the numbers of its statements said by the test. */
  async function held() {
    const { account, first, token, options } = await world();
    const lease = blindLease(token);
    let seq = 0;
    return {
      options,
      state: first.state,
      at: (number: number) => {
        seq = number;
        return {
          ...{ name: account, tenure: lease.tenure, database: first.database },
          refused: (why: TenureLostError) => lease.refused(why),
          nextSeq: () => seq,
        };
      },
    };
  }
  const text = (revision: string) => ({ widgetId: ava, text: `{"revision":"${revision}"}` });

  test('does not write an older record over a newer one', async () => {
    const { at, options } = await held();
    await writeRecord(at(2), text('newer'));
    await expect(writeRecord(at(1), text('older'))).rejects.toThrow('a newer one is there already');
    const rows = await postgres().query(
      name,
      'select record from widget_sync.widget where account = $1',
      [options.directory.slice('state/'.length)],
    );
    expect(rows).toEqual([{ record: text('newer').text }]);
  });

  test('does not bring back a record that was forgotten', async () => {
    const { at, state, options } = await held();
    await writeRecord(at(1), text('older'));
    await removeRecords(at(3), [ava], []);
    await expect(writeRecord(at(2), text('late'))).rejects.toThrow(StateError);
    expect(await state.look(options).recordedIds()).toEqual([]);
    await writeRecord(at(4), text('again'));
    expect(await state.look(options).recordedIds()).toEqual([ava]);
    await removeRecords(at(2), [ava], []);
    expect(await state.look(options).recordedIds()).toEqual([ava]);
  });

  test('does not write an older page over a newer one', async () => {
    const { at } = await held();
    await new Kept(at(2), new Map()).write('usage', 'newer');
    const late = new Kept(at(1), new Map()).write('usage', 'older');
    await expect(late).rejects.toThrow(StateError);
    const rows = await postgres().query(
      name,
      `select content from widget_sync.kept where account = $1 and kind = 'usage'`,
      [at(1).name],
    );
    expect(rows).toEqual([{ content: 'newer' }]);
  });

  test('does not say a line of history twice', async () => {
    const { at } = await held();
    const line = { text: '{"time":"2026-03-01T08:00:00.000Z"}', seq: 7 };
    await writeLines(at(7), [line]);
    await writeLines(at(8), [line, { ...line, seq: 8 }]);
    const rows = await postgres().query(
      name,
      'select count(*)::int as n from widget_sync.history where account = $1',
      [at(1).name],
    );
    expect(rows).toEqual([{ n: 2 }]);
  });
});
