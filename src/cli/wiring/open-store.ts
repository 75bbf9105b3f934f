// The store on PostgreSQL, opened once for what the environment names. Loaded only with `--store postgres`.
import { UsageError } from '../../base/errors.ts';
import { options, type Settings } from '../../config/settings.ts';
import { exportState } from '../../state/between/export-state.ts';
import { importState } from '../../state/between/import-state.ts';
import type { Database } from '../../state/postgres/database/database.ts';
import { openDatabase } from '../../state/postgres/database/open-database.ts';
import { makeSchema } from '../../state/postgres/database/schema.ts';
import { postgresSources } from '../../state/postgres/postgres-sources.ts';
import { type PostgresState, postgresState } from '../../state/postgres/postgres-store.ts';
import { PostgresReplicas } from '../../state/postgres/sessions/postgres-replicas.ts';
import type { ProcessContext } from '../process-context.ts';
import { keepStatesIn } from './account-state.ts';

export {
  exportState,
  importState,
  makeSchema,
  PostgresReplicas,
  type PostgresState,
  postgresSources,
};

export interface OpenStore {
  readonly database: Database;
  readonly state: PostgresState;
}

interface KnownStore extends OpenStore {
  /** Who connects, and by which way. */
  readonly by: string;
}

const opened = new Map<string, KnownStore>();

/**
 * The settings, whose `state` is then the store: the states of accounts lie within, as in a directory.
 * Throws `UsageError` where the environment says what cannot be used.
 */
export function withStore<Some extends Settings>(
  settings: Some,
  { env }: Pick<ProcessContext, 'env'>,
): Some {
  if (settings.given.get('state') === 'flag') {
    throw new UsageError(
      `--state names a directory, and --store postgres (${options.store.env}) keeps nothing in one: leave one of them away`,
    );
  }
  const { database } = openStore(settings, env);
  return { ...settings, state: database.place };
}

/** Of one place there is one in a process: its connections are shared. */
export function openStore({ pooler }: Pick<Settings, 'pooler'>, env: NodeJS.ProcessEnv): OpenStore {
  const database = openDatabase({ env, pooler });
  const by = JSON.stringify([database.direct.user, pooler]);
  const known = opened.get(database.place);
  if (known?.by === by) return known;
  const store = { database, state: postgresState(database), by };
  opened.set(database.place, store);
  keepStatesIn(database.place, store.state);
  return store;
}
