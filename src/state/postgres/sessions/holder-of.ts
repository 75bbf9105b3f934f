// Who holds an account, for people.
import { isJsonObject, parseJson } from '../../../base/json/json.ts';
import { type Holder, type UnknownHolder, unknownHolder } from '../../holder.ts';
import type { Database } from '../database/database.ts';
import { findHolderRow, type HolderRow } from './alive.ts';

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
