// Why whoever holds an account cannot follow it, for people: of the last holder, until another one has it.
import { hideOnDisk } from '../../base/secrets.ts';
import type { Database } from './database/database.ts';
import { type HeldAccount, writeTenured } from './tenured.ts';

const kind = 'unfollowed';

/** `says`: null where it is followed. Throws `TenureLostError` and `StateError`. */
export async function keepUnfollowed(held: HeldAccount, says: string | null): Promise<void> {
  const what = `cannot write why the account ${held.name} is not followed`;
  if (says === null) {
    await writeTenured(held, {
      what,
      parts: `gone as (
                delete from widget_sync.kept k using mine where k.account = mine.name and k.kind = $4
              )`,
      values: [kind],
    });
    return;
  }
  await writeTenured(held, {
    what,
    parts: `written as (
              insert into widget_sync.kept as k (account, kind, token, seq, content)
              select name, $4, token, $5::bigint, $6 from mine
              on conflict (account, kind) do update set token = excluded.token,
                seq = excluded.seq, content = excluded.content
                where (k.token, k.seq) < (excluded.token, excluded.seq)
            )`,
    values: [kind, held.nextSeq(), hideOnDisk(says)],
  });
}

/** Null where it is followed, or its holder has not said anything. Throws `StateError`. */
export async function readUnfollowed(database: Database, account: string): Promise<string | null> {
  const [row] = await database.ask<{ content: string }>({
    what: `cannot read why the account ${account} is not followed`,
    sql: `select k.content from widget_sync.kept k join widget_sync.account a on a.name = k.account
          where a.name = $1 and k.kind = $2 and (a.holder is null or k.token = a.token)`,
    values: [account, kind],
  });
  return row?.content ?? null;
}
