// `import`: reads the account, and leaves the rest to import.ts.
import { UsageError } from '../errors.ts';
import { priority } from '../sync/priority.ts';
import type { AccountView } from '../sync/read-live.ts';
import type { WidgetId } from '../widget.ts';
import { openForReading, type ReadingParts } from './assemble.ts';
import { importWidgets } from './import.ts';
import { openLog } from './logging.ts';
import type { ExitCode, Surroundings } from './surroundings.ts';
import type { Request } from './target.ts';

export interface ImportAccountRequest extends Request {
  readonly json: boolean;
  /** Null: the whole account. */
  readonly only: readonly WidgetId[] | null;
  readonly update: boolean;
}

export async function importAccount(
  request: ImportAccountRequest,
  world: Surroundings,
): Promise<ExitCode> {
  const { directory, only, update, json } = request;
  const log = openLog(request.settings, world, json ? 'json' : 'text');
  // Whatever the environment says of decisions: an import is nothing but reading what is live.
  const settings = { ...request.settings, live: 'auto' as const };
  const parts = await openForReading({ ...request, settings }, log, world);
  try {
    const view = await readWanted(only, parts.live, world.stop);
    if (view === null) throw new UsageError('stopped before anything was written');
    const found = { live: view.widgets, missing: view.missing, applied: parts.state.records };
    return await importWidgets({ directory, only: only ?? [], update, json }, found, world);
  } finally {
    await parts.close();
  }
}

async function readWanted(
  only: readonly WidgetId[] | null,
  live: ReadingParts['live'],
  signal: AbortSignal,
): Promise<AccountView | null> {
  const request = { priority: priority.edit, signal };
  if (only === null) return await live.readAccount(request);
  const view = await live.read(new Set(only), request);
  if (live.readable) return view === null ? null : { ...view, missing: 0 };
  throw new UsageError('the account cannot be read with this key, so there is nothing to import');
}
