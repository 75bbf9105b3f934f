// `forget` without a daemon: this process holds the state, looks at the files itself, and does it.
import { resolve } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { LoadedTree } from '../../model/document.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { ForgetAnswer, StateStore } from '../../state/state-store.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import {
  declaredWords,
  declaringFile,
  forgetUndeclared,
} from '../../sync/loop/notes/forget-orders.ts';
import { openLog } from '../logging.ts';
import type { ProcessContext } from '../process-context.ts';
import { stateBackend } from '../wiring/account-state.ts';

interface Place {
  readonly settings: Settings;
  readonly apiUrl: string;
  readonly record: StatusRecord | null;
}

/** Throws `StateTakenError` where another process holds the state. */
export async function forgetHere(
  widgetIds: readonly WidgetId[],
  { settings, apiUrl, record }: Place,
  context: ProcessContext,
): Promise<ForgetAnswer> {
  const { clock } = context;
  const log = openLog(settings, context, 'text');
  const state = await stateBackend.open({
    ...{ directory: settings.state, apiUrl, reader: version, command: 'forget', clock },
    warn: (message, fields) => log.warn(fields, message),
  });
  try {
    const files = new Files(record);
    const { forgotten, refused } = await forgetUndeclared(widgetIds, {
      ...{ state, now: clock.now() },
      whyKept: (found) => whyKept(found, { state, files }),
    });
    await tellStatus(forgotten, state);
    return { forgotten, refused };
  } finally {
    await state.close();
  }
}

/** The next pass would say so, and may be far away. */
async function tellStatus(forgotten: readonly WidgetId[], state: StateStore): Promise<void> {
  const { status } = await state.status();
  if (status === null || forgotten.length === 0) return;
  const ids = new Set<string>(forgotten);
  const orphaned = status.orphaned.filter(({ widgetId }) => !ids.has(widgetId));
  const unseen = status.unseen.filter((widgetId) => !ids.has(widgetId));
  await state.reportStatus({ ...status, orphaned, unseen });
}

interface Judging {
  readonly state: Pick<StateStore, 'rootOf'>;
  readonly files: Files;
}

/** Null where nothing stands against it. */
function whyKept(found: AppliedRecord, { state, files }: Judging): string | null {
  const file = files.declaring(found, state.rootOf(found.widgetId));
  if (file === null) return null;
  return 'file' in file
    ? declaredWords(file.file)
    : `whether a file declares it is not known: ${file.trouble}`;
}

/** The directories that widgets were applied from, each read once. */
class Files {
  readonly #record: StatusRecord | null;
  readonly #trees = new Map<string, LoadedTree | UsageError>();

  constructor(record: StatusRecord | null) {
    this.#record = record;
  }

  /** Null where no file declares it: as its directory says, or, where that is gone, as the last pass found. */
  declaring(
    record: AppliedRecord,
    root: string | undefined,
  ): { readonly file: string } | { readonly trouble: string } | null {
    const named = root ?? (this.#record === null ? null : resolve(this.#record.directory));
    const tree = named === null ? null : this.#tree(named);
    if (tree !== null && !(tree instanceof UsageError)) {
      const file = declaringFile(tree, record);
      return file === null ? null : { file };
    }
    const { widgetId } = record;
    const wasOrphaned = this.#record?.orphaned.some((one) => one.widgetId === widgetId) ?? false;
    if (wasOrphaned || record.isGone === true) return null;
    return { trouble: tree?.message ?? `no pass over ${printable(record.file)} is recorded` };
  }

  #tree(root: string): LoadedTree | UsageError {
    const known = this.#trees.get(root) ?? loadTree(root);
    this.#trees.set(root, known);
    return known;
  }
}

function loadTree(root: string): LoadedTree | UsageError {
  try {
    return openWidgetDirectory(root).load();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}
