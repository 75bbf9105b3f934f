// `import`: reads the account, and leaves the rest to import.ts.
import { UsageError } from '../../base/errors.ts';
import type { LiveView } from '../../model/plan.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import type { AccountView } from '../../sync/live/live-reader.ts';
import type { ReadRequest } from '../../sync/live/rate-limited-reads.ts';
import { priority } from '../../sync/rate/priority.ts';
import { oneStartingWith } from '../id-start.ts';
import { openLog } from '../logging.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import type { ExitCode, ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { rootWords } from '../wiring/root-words.ts';
import { openForReading, type ReadingParts } from '../wiring/wire.ts';
import { importWidgets } from './import-widgets.ts';

export interface ImportAccountRequest extends Request {
  readonly json: boolean;
  /** Widget ids or beginnings of them, in lower case; null: the whole account. */
  readonly only: readonly string[] | null;
  readonly update: boolean;
}

export async function importAccount(
  request: ImportAccountRequest,
  context: ProcessContext,
): Promise<ExitCode> {
  return (await importOne(request, context)).code;
}

export async function importOne(
  request: ImportAccountRequest,
  context: ProcessContext,
): Promise<AccountEnd> {
  const { directory, only, update, json } = request;
  const log = openLog(request.settings, context, json ? 'json' : 'text');
  // Whatever the environment says of decisions: an import is nothing but reading what is live.
  const settings = { ...request.settings, live: 'auto' as const };
  const root = rootWords(settings);
  const parts = await openForReading({ ...request, settings }, log, context);
  try {
    const view = await readWanted(only, parts.live, context.stop);
    if (view === null) throw new UsageError('stopped before anything was written');
    const { widgetIds, widgets, missing } = view;
    const found = { live: widgets, missing, applied: parts.state.records };
    return await importWidgets({ directory, root, only: widgetIds, update, json }, found, context);
  } finally {
    await parts.close();
  }
}

interface WantedView extends Pick<AccountView, 'widgets' | 'missing'> {
  /** Those that were asked for; empty for the whole account. */
  readonly widgetIds: readonly WidgetId[];
}

async function readWanted(
  only: readonly string[] | null,
  live: ReadingParts['live'],
  signal: AbortSignal,
): Promise<WantedView | null> {
  const request = { priority: priority.edit, signal };
  if (only === null) {
    const account = await live.readAccount(request);
    return account && { ...account, widgetIds: [] };
  }
  const widgetIds = only.flatMap((start) => parseWidgetId(start) ?? []);
  if (widgetIds.length < only.length) return await readBeginnings(only, live, request);
  const view = await readThese(widgetIds, live, request);
  return view && { widgets: view.widgets, missing: 0, widgetIds };
}

/** Only the whole account tells which widget a beginning stands for. */
async function readBeginnings(
  only: readonly string[],
  live: ReadingParts['live'],
  request: ReadRequest,
): Promise<WantedView | null> {
  const account = await live.readAccount(request);
  if (account === null) return null;
  const known = { widgetIds: [...account.widgets.keys()], lack: 'is listed in the account' };
  const widgetIds = only.map(
    (start) => parseWidgetId(start) ?? oneStartingWith(start, '--only', known),
  );
  // A widget that is named in full need not be listed.
  const unlisted = widgetIds.filter((widgetId) => !account.widgets.has(widgetId));
  const rest = await readThese(unlisted, live, request);
  return rest && { widgets: new Map([...account.widgets, ...rest.widgets]), missing: 0, widgetIds };
}

async function readThese(
  widgetIds: readonly WidgetId[],
  live: ReadingParts['live'],
  request: ReadRequest,
): Promise<LiveView | null> {
  const view = await live.read(new Set(widgetIds), request);
  if (live.readable) return view;
  throw new UsageError('the account cannot be read with this key, so there is nothing to import');
}
