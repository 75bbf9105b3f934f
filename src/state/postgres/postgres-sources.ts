// The order of revisions, and where sessions and accounts stand in it: each question one statement.
import type { ClaimedTenure } from '../../replicas/replica-store.ts';
import {
  type Entered,
  keptPositions,
  type Place,
  type SourceLook,
  type SourceStore,
  type Standpoint,
} from '../../replicas/source-store.ts';
import type { Database } from './database/database.ts';
import { readToken } from './sessions/token.ts';

export function postgresSources(database: Pick<Database, 'ask'>): SourceStore {
  return {
    look: (source, revision) => look(database, source, revision),
    append: (source, after, next) => append(database, { source, position: after }, next),
    async stand(session, source, position) {
      await database.ask({
        what: 'cannot say which files this replica has',
        // Who ends a session removes its row, before this or after it.
        sql: `insert into widget_sync.stand as s (session, source, position)
              select number, $2, $3 from widget_sync.session where number = $1 for key share
              on conflict (session, source) do update
              set position = greatest(s.position, excluded.position)`,
        values: [Number(session), source, position],
      });
    },
    async stands() {
      const rows = await database.ask<StandRow>({
        what: 'cannot tell which files the replicas have',
        sql: 'select session, source, position::float8 from widget_sync.stand',
      });
      return rows.map(({ session, ...at }) => ({ session: `${session}`, at }));
    },
    enter: (accounts, at) => enter(database, accounts, at),
  };
}

type Asked = Pick<Database, 'ask'>;

interface StandRow extends Standpoint {
  readonly session: number;
}

interface LookRow {
  /** Null with the others: nothing was followed yet. */
  readonly position: number | null;
  readonly revision: string | null;
  readonly committed_at: Date | null;
  readonly known: number | null;
}

async function look(database: Asked, source: string, asked: string): Promise<SourceLook> {
  const [row] = await database.ask<LookRow>({
    what: `cannot tell the order of revisions of ${source}`,
    sql: `select n.position::float8, n.revision, n.committed_at, (
            select max(position)::float8 from widget_sync.source where name = $1 and revision = $2
          ) as known
          from (select) as one left join lateral (
            select * from widget_sync.source where name = $1 order by position desc limit 1
          ) as n on true`,
    values: [source, asked],
  });
  const { position = null, revision = null, committed_at = null, known = null } = row ?? {};
  if (position === null || revision === null) return { newest: null, known: null };
  return { newest: { position, revision, committedAt: committed_at }, known };
}

/** Of two at once that both see the same newest, the second finds the place taken. */
async function append(
  database: Asked,
  { source, position: after }: Standpoint,
  next: Omit<Place, 'position'>,
): Promise<Place | null> {
  const [row] = await database.ask<{ readonly position: number }>({
    what: `cannot keep the order of revisions of ${source}`,
    sql: `with next as (
            insert into widget_sync.source (name, position, revision, committed_at)
            select $1, $2::bigint + 1, $3, $4::timestamptz
            where $2::bigint = coalesce(
              (select max(position) from widget_sync.source where name = $1), 0)
            on conflict do nothing
            returning position
          ), forgotten as (
            delete from widget_sync.source
            where name = $1 and position < $2::bigint - ${keptPositions} and exists (select from next)
          )
          select position::float8 from next`,
    values: [source, after, next.revision, next.committedAt],
  });
  return row === undefined ? null : { ...next, position: row.position };
}

/** Rows are locked in the order of their names: of two that name the same accounts neither waits for the other in vain. */
async function enter(
  database: Asked,
  accounts: readonly ClaimedTenure[],
  { source, position }: Standpoint,
): Promise<Entered[]> {
  if (accounts.length === 0) return [];
  const tokens = accounts.map(({ token }) => readToken(token));
  const rows = await database.ask<{ readonly entered: Entered }>({
    what: 'cannot say at which revision accounts are sent for',
    sql: `with wanted as (
            select name collate "C" as name, token, part, place
            from unnest($1::text[], $2::bigint[], $3::text[]) with ordinality
              as w (name, token, part, place)
          ), mine as materialized (
            select a.name, a.source is distinct from $4 or a.position <= $5 as may_enter
            from widget_sync.account a join wanted w on w.name = a.name
            where a.token = w.token and a.token_part = w.part
            order by a.name for no key update of a
          ), entered as (
            update widget_sync.account a set source = $4, position = $5
            from mine where mine.name = a.name and mine.may_enter
          )
          select case when m.may_enter then 'entered' when m.name is null then 'not-mine'
            else 'older' end as entered
          from wanted w left join mine m on m.name = w.name order by w.place`,
    values: [
      accounts.map(({ name }) => name),
      tokens.map(({ number }) => number),
      tokens.map(({ part }) => part),
      source,
      position,
    ],
  });
  return rows.map(({ entered }) => entered);
}
