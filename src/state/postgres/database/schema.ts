// Which version of the tables a database has, and whether it fits. A version of widget-sync works with its own
// and with the one before, so that replicas may be renewed one after another.
import { StateError } from '../../../base/errors.ts';
import type { Database } from './database.ts';
import { schemaStatements } from './schema-statements.ts';

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
