// What a session asks of the accounts: which are without a holder, and to be the holder of some.

import { isJsonObject, parseJson } from '../../../base/json/json.ts';
import type {
  Beat,
  ClaimAnswer,
  LivingSession,
  LostHolder,
} from '../../../replicas/replica-store.ts';
import { aliveSessions, isGone } from './alive.ts';
import { newTokenPart, tokenText } from './token.ts';

export interface SessionRow {
  readonly number: number;
  readonly replica: string;
  readonly content: string;
}

interface LostRow {
  readonly name: string;
  /** The session that held it; null: none. */
  readonly was: number | null;
  readonly replica: string | null;
  readonly by_restart: boolean | null;
}

export interface BeatRow {
  readonly sessions: readonly SessionRow[];
  readonly unheld: readonly LostRow[];
}

/** A promoted standby has started at another moment, too. */
const byRestart = 's.server_started_at <> pg_postmaster_start_time() as by_restart';

/** One row. Of the accounts only those are looked at that have no living holder. */
export const beatStatement = `
  with alive as materialized (${aliveSessions}),
  lost as (
    select s.number, s.replica, ${byRestart} from widget_sync.session s
    where s.number not in (select number from alive)
  ),
  unheld as (
    select a.name, null::int as was, null::text as replica, null::boolean as by_restart
    from widget_sync.account a where a.holder is null
    union all
    select a.name, s.number, s.replica, s.by_restart
    from lost s join widget_sync.account a on a.holder = s.number
  )
  select
    (select coalesce(json_agg(json_build_object(
       'number', s.number, 'replica', s.replica, 'content', s.content)), '[]')
     from widget_sync.session s where s.number in (select number from alive)) as sessions,
    (select coalesce(json_agg(unheld order by name), '[]') from unheld) as unheld`;

export function readBeat({ sessions, unheld }: BeatRow): Beat {
  return {
    sessions: sessions.map(livingIn),
    unheld: unheld.map((row) => ({ name: row.name, last: lastIn(row) })),
  };
}

export function livingIn({ number, replica, content }: SessionRow): LivingSession {
  const said = parseJson(content);
  const { host, version, pid, command } = isJsonObject(said) ? said : {};
  return {
    number: `${number}`,
    replica,
    host: typeof host === 'string' ? host : '',
    version: typeof version === 'string' ? version : '',
    pid: typeof pid === 'number' ? pid : 0,
    command: typeof command === 'string' ? command : '',
  };
}

function lastIn({ was, replica, by_restart }: LostRow): LostHolder | null {
  if (was === null) return null;
  return { session: `${was}`, replica: replica ?? '', byRestart: by_restart === true };
}

export interface ClaimRow extends LostRow {
  readonly token: string;
}

/**
 * `$1` names, `$2` the number of the session. A row that changes hands meanwhile is looked at again as it
 * is then, its new holder included. One that a claim or a write has locked is left out, and not one that a note
 * refers to.
 */
export const claimStatement = `
  with wanted as (select distinct unnest($1::text[]) collate "C" as name),
  made as (
    insert into widget_sync.account (name, token, token_part, holder)
    select w.name, 1, ${newTokenPart}, $2::int from wanted w
    where not exists (select from widget_sync.account a where a.name = w.name)
    on conflict do nothing
    returning name, ${tokenText} as token, null::int as was
  ),
  free as materialized (
    select a.name, a.holder from widget_sync.account a join wanted w on w.name = a.name
    where a.holder is null or (a.holder <> $2::int and ${isGone('a.holder')})
    for no key update of a skip locked
  ),
  taken as (
    update widget_sync.account a set token = a.token + 1, token_part = ${newTokenPart}, holder = $2::int
    from free where a.name = free.name
    returning a.name, a.token || '-' || a.token_part as token, free.holder as was
  ),
  claimed as (select * from made union all select * from taken)
  select c.name, c.token, c.was, s.replica, ${byRestart}
  from claimed c left join widget_sync.session s on s.number = c.was`;

export function readClaim(names: readonly string[], rows: readonly ClaimRow[]): ClaimAnswer[] {
  const claimed = new Map(rows.map((row) => [row.name, row]));
  return [...new Set(names)].map((name): ClaimAnswer => {
    const row = claimed.get(name);
    if (row === undefined) return { kind: 'held', name };
    return { kind: 'claimed', name, token: row.token, last: lastIn(row) };
  });
}
