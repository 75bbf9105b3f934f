// Writes of the one who holds the account, each one statement: the account's row, where the token is still
// mine, for share, and then the write. Who takes the account over updates that row, before such a statement
// or after it and never in between. Each row that is written has the token and a number that only grows: a
// statement that was given up, and is carried out late, changes nothing.
import { StateError, TenureLostError } from '../../base/errors.ts';
import type { Tenure } from '../tenure.ts';
import type { Database } from './database/database.ts';
import { readToken } from './sessions/token.ts';

/** The account as this process holds it. */
export interface HeldAccount {
  readonly name: string;
  readonly tenure: Tenure;
  /** As the lease has it; 0: nothing leaves after the tenure. */
  readonly mayLeaveMs?: number;
  /** A write was refused: the tenure is over, whatever else is known of it. */
  readonly refused: (why: TenureLostError) => void;
  readonly database: Database;
  /** Grows for as long as this process lives: an account that is opened again under one token goes on. */
  readonly nextSeq: () => number;
}

export interface TenuredWrite {
  /** For the message where it fails. */
  readonly what: string;
  /**
   * Common table expressions behind `mine`, which has one row where the token is mine: `name`, `token`.
   * Values of their own begin with `$4`.
   */
  readonly parts: string;
  /** What is selected of them. Default: nothing. */
  readonly result?: string;
  readonly values: readonly unknown[];
}

/** Resolves with the one row of `result`. Throws `TenureLostError`, and `StateError`. */
export async function writeTenured<Row extends object>(
  { name, tenure, refused, database }: HeldAccount,
  { what, parts, result, values }: TenuredWrite,
): Promise<Row> {
  if (tenure.ended.aborted) throw lostOf(tenure);
  const { number, part } = readToken(tenure.token);
  const [row] = await database.ask<Row & { readonly is_mine: boolean }>({
    what,
    sql: `with mine as materialized (
            select name, token from widget_sync.account
            where name = $1 and token = $2 and token_part = $3 for share
          ), ${parts}
          select exists (select from mine) as is_mine${result === undefined ? '' : `, ${result}`}`,
    values: [name, number, part, ...values],
  });
  if (row === undefined) throw new StateError(`${what}: PostgreSQL answered nothing`);
  if (row.is_mine) return row;
  const lost = lostOf(tenure);
  refused(lost);
  throw lost;
}

/**
 * As `writeTenured`, of one row that `parts` write as `written`. Throws `StateError` where a newer one
 * stands there: nobody waits for a write that was given up, so that it is never one of those.
 */
export async function writeRow(
  held: HeldAccount,
  write: Omit<TenuredWrite, 'result'>,
): Promise<void> {
  const result = 'exists (select from written) as is_written';
  const { is_written } = await writeTenured<{ is_written: boolean }>(held, { ...write, result });
  if (!is_written) throw new StateError(`${write.what}: a newer one is there already`);
}

function lostOf({ ended }: Tenure): TenureLostError {
  return ended.reason instanceof TenureLostError ? ended.reason : new TenureLostError();
}
