// The tables, as numbered statements: the number of the last one that a database has is its version.

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
