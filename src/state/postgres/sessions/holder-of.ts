// Who holds an account, for people.
import { isJsonObject, parseJson } from '../../../base/json/json.ts';
import { type Holder, type UnknownHolder, unknownHolder } from '../../holder.ts';
import type { Database } from '../database/database.ts';
import { aliveSessions } from './alive.ts';

/** Null where the account is free. Throws `StateError`. */
export async function findHolder(
  database: Database,
  account: string,
): Promise<Holder | UnknownHolder | null> {
  const row = await findHolderRow(database, account);
  return row === null ? null : holderIn(row);
}

function holderIn({ content, begun_at }: HolderRow): Holder | UnknownHolder {
  const said = parseJson(content);
  if (!isJsonObject(said)) return unknownHolder;
  const { pid, host, command } = said;
  const isWhole =
    typeof pid === 'number' && typeof host === 'string' && typeof command === 'string';
  return isWhole ? { pid, host, command, since: begun_at.toISOString() } : unknownHolder;
}

interface HolderRow {
  readonly content: string;
  readonly begun_at: Date;
}

/** The living session that holds it. */
async function findHolderRow(database: Database, account: string): Promise<HolderRow | null> {
  const [row] = await database.ask<HolderRow>({
    what: `cannot see who holds the account ${account}`,
    sql: `with alive as materialized (${aliveSessions})
          select s.content, s.begun_at from widget_sync.account a
          join widget_sync.session s on s.number = a.holder
          where a.name = $1 and s.number in (select number from alive)`,
    values: [account],
  });
  return row ?? null;
}
