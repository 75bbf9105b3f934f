// The tables, as numbered statements: the number of the last one that a database has is its version. A
// version of widget-sync works with its own and with the one before, so that replicas may be renewed one
// after another.
import { StateError } from '../../../base/errors.ts';
import type { Database } from './database.ts';

/** One more comes at the end; none that was released is ever changed. */
export const schemaStatements: readonly string[] = [
  `
  -- A replica, or a command, that is or was there. It is alive as long as it holds the advisory lock of its number.
  create table widget_sync.session (
    number int generated always as identity primary key,
    replica text not null,
    content text not null,
    begun_at timestamptz not null default clock_timestamp(),
    server_started_at timestamptz not null default pg_postmaster_start_time()
  );

  -- Whose turn it is to write. The token grows with each holder; its second part tells two of one number apart.
  create table widget_sync.account (
    name text collate "C" primary key,
    token bigint not null default 0,
    token_part text not null default '',
    holder int,
    -- The files that it was sent for last: both or neither.
    source text collate "C",
    position bigint
  );
  create index account_holder on widget_sync.account (holder);

  -- What was applied to each widget. No record: it was forgotten, and no late write is to bring it back.
  create table widget_sync.widget (
    account text collate "C" not null references widget_sync.account on delete cascade,
    widget_id text collate "C" not null,
    token bigint not null,
    seq bigint not null,
    record text,
    primary key (account, widget_id)
  );

  -- One line for each write that was confirmed.
  create table widget_sync.history (
    account text collate "C" not null references widget_sync.account on delete cascade,
    token bigint not null,
    seq bigint not null,
    line text not null,
    primary key (account, token, seq)
  );

  -- What there is one of for an account: status, page, allowed changes, learnt limit, announcements.
  create table widget_sync.kept (
    account text collate "C" not null references widget_sync.account on delete cascade,
    kind text collate "C" not null,
    token bigint not null,
    seq bigint not null,
    content text not null,
    primary key (account, kind)
  ) with (fillfactor = 50);

  -- What others leave for the holder: approvals, orders, suspects.
  create table widget_sync.note (
    number bigint generated always as identity,
    id text collate "C" primary key default gen_random_uuid()::text,
    account text collate "C" not null references widget_sync.account on delete cascade,
    kind text collate "C" not null,
    content text not null,
    left_at timestamptz not null default clock_timestamp()
  );
  create index note_account on widget_sync.note (account);

  -- In which order the revisions of a tree of files were followed first.
  create table widget_sync.source (
    name text collate "C" not null,
    position bigint not null,
    revision text collate "C" not null,
    committed_at timestamptz,
    primary key (name, position)
  );
  create index source_revision on widget_sync.source (name, revision, position);

  -- Where each session has its files in it.
  create table widget_sync.stand (
    session int not null references widget_sync.session on delete cascade,
    source text collate "C" not null,
    position bigint not null,
    primary key (session, source)
  );
  `,
];

/** The first half of all our advisory locks; the second is a session's number, or 0 for the schema. */
export const lockClass = 0x77_73_79_6e;

export const schemaVersion = schemaStatements.length;

/** With this and with `schemaVersion` this version of widget-sync works. */
const oldestVersion = Math.max(1, schemaVersion - 1);

/** Throws `StateError` where there is no schema, or one of another version. */
export async function requireSchema(database: Database): Promise<void> {
  const { version, encoding } = await readVersion(database.ask.bind(database));
  if (encoding !== 'UTF8') throw new StateError(encodingWords(encoding));
  if (version > schemaVersion) throw new StateError(newerWords(version));
  if (version >= oldestVersion) return;
  throw new StateError(
    `the tables in the database are of version ${version}, and this widget-sync needs ${schemaVersion}: ` +
      'bring them up to date with: widget-sync store init',
  );
}

async function readVersion(ask: Database['ask']) {
  const [row] = await ask<{ version: number; encoding: string }>({
    what: 'cannot use the store on PostgreSQL',
    sql: `select coalesce(max(version), 0) as version, current_setting('server_encoding') as encoding
          from widget_sync.schema_version`,
  });
  return row ?? { version: 0, encoding: '' };
}

function newerWords(version: number): string {
  return (
    `the tables in the database are of version ${version}, which a newer widget-sync has made; this one knows ` +
    `${schemaVersion}: use that version, or a database of its own (PGDATABASE)`
  );
}

function encodingWords(encoding: string): string {
  return `the database keeps texts as ${encoding}: make one with encoding UTF8, and name it with PGDATABASE`;
}

export interface SchemaChange {
  /** 0: there was none. */
  readonly before: number;
  readonly after: number;
}

/**
 * Makes the tables, or brings them up to date; what is there stays. Two that do so at once do it once.
 * Throws `StateError`, and nothing was changed then.
 */
export async function makeSchema(database: Database): Promise<SchemaChange> {
  const what = 'cannot make the store on PostgreSQL';
  return await database.inTransaction(what, async (ask) => {
    await ask({ what, sql: 'select pg_advisory_xact_lock($1, 0)', values: [lockClass] });
    await ask({ what, sql: 'create schema if not exists widget_sync' });
    await ask({
      what,
      sql: `create table if not exists widget_sync.schema_version
            (version int primary key, made_at timestamptz not null default clock_timestamp())`,
    });
    const { version: before, encoding } = await readVersion(ask);
    if (encoding !== 'UTF8') throw new StateError(encodingWords(encoding));
    if (before > schemaVersion) throw new StateError(newerWords(before));
    for (const [index, statements] of schemaStatements.entries()) {
      if (index < before) continue;
      await ask({ what, sql: statements });
      const sql = 'insert into widget_sync.schema_version (version) values ($1)';
      await ask({ what, sql, values: [index + 1] });
    }
    return { before, after: schemaVersion };
  });
}
