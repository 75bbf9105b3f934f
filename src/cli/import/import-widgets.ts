// `import`: files for live widgets. Creates what is missing, edits what exists only when asked to, and
// overwrites nothing. Gets the live widgets as values: reading the account is another's part.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json/json.ts';
import { count } from '../../base/text.ts';
import { widgetFileName } from '../../documents/edit/choose-file-name.ts';
import { declaredFields, writeWidgetFile } from '../../documents/edit/write-widget.ts';
import type { RootWords } from '../../documents/tree/source-root.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import type { HeldFile, LoadedTree } from '../../model/document.ts';
import type { LiveState, LiveView } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { AppliedState } from '../../state/state-store.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import { exitCode, type ProcessContext } from '../process-context.ts';
import { AgreedValues } from './agreed-values.ts';
import { createFile, prepareDirectory } from './import-files.ts';
import {
  holdsKey,
  type Imported,
  isToMend,
  leftToDashboard,
  reportImport,
  skipped,
} from './import-report.ts';
import { schemaReference } from './import-schema.ts';
import { fieldsWithKey, writableFields } from './import-values.ts';
import { type Updating, updateFile } from './update-file.ts';

export interface ImportRequest {
  readonly directory: string;
  /** Empty: every widget of the account. */
  readonly only: readonly WidgetId[];
  /** Bring live values into files that exist. */
  readonly update: boolean;
  readonly json: boolean;
  readonly root?: RootWords;
}

export interface ImportParts {
  /** The account's widgets, or at least those that are asked for; what could not be read is missing. */
  readonly live: LiveView['widgets'];
  /** How many widgets the API counted but did not list or give. */
  readonly missing: number;
  readonly applied: AppliedState['records'];
}

/** All that an import needs of the process. */
export type ImportContext = Pick<
  ProcessContext,
  'env' | 'stdout' | 'stderr' | 'clock' | 'stop' | 'account'
>;

export async function importWidgets(
  request: ImportRequest,
  { live, missing, applied }: ImportParts,
  context: ImportContext,
): Promise<AccountEnd> {
  const { root } = request;
  const { clock } = context;
  const directory = openWidgetDirectory(request.directory, { ...root, clock, notes: false });
  const tree = existsSync(request.directory) ? directory.load() : nothingThere;
  const taken = await prepareDirectory(request.directory);
  const schema = schemaReference(directory, tree);
  const agreed = new AgreedValues(directory, tree);
  const writing = {
    ...request,
    directory,
    taken,
    schemaPath: schema.path,
    applied,
    context,
    agreed,
  };

  const results = request.only.length === 0 ? nameless(tree) : [];
  const wanted = chosen(request, live);
  let done = 0;
  for (const widgetId of wanted) {
    if (context.stop.aborted) break;
    results.push(await importOne(widgetId, live.get(widgetId), tree, writing));
    done += 1;
  }
  const tally = reportImport({ all: results, agreed: agreed.all() }, request, context);
  if (schema.copyFrom !== null && results.some(({ outcome }) => outcome === 'created')) {
    context.stderr.write(
      `widget-sync: the new files name ${schema.path} as their schema, for editors, and nothing is there; ` +
        `copy it from ${schema.copyFrom}\n`,
    );
  }
  if (missing > 0) {
    context.stderr.write(
      `widget-sync: the account has ${count(missing, 'more widget')} that the API did not list or give; import again, or name them with --only\n`,
    );
  }
  const left = wanted.length - done;
  if (left > 0) {
    context.stderr.write(
      `widget-sync: stopped: ${count(left, 'widget')} of ${wanted.length} not looked at; import again for the rest\n`,
    );
  }
  const isAllWell = !results.some(isToMend) && missing === 0 && left === 0;
  const isCalm = tally.unchanged === tally.total;
  return { code: isAllWell ? exitCode.ok : exitCode.failed, isCalm, sums: { ...tally } };
}

const nothingThere: LoadedTree = {
  documents: [],
  held: [],
  problems: [],
  notes: [],
  fragments: [],
  nextUntil: null,
  revision: null,
  committedAt: null,
  source: 'plain',
  folders: new Map(),
};

/** Sorted, so that names are given out in the same order every time. */
function chosen({ only }: ImportRequest, live: ImportParts['live']): WidgetId[] {
  return [...new Set(only.length === 0 ? live.keys() : only)].sort();
}

/** A file that does not say which widget it declares may well declare one that is imported now. */
function nameless(tree: LoadedTree): Imported[] {
  return tree.held
    .filter(({ widgetId }) => widgetId === null)
    .map(({ file, message }) =>
      skipped({ widgetId: null, file }, `the file is invalid: ${message}`),
    );
}

interface Writing extends Updating {
  /** File names in the directory, in lower case; grows with every file. */
  readonly taken: Set<string>;
  readonly schemaPath: string;
}

async function importOne(
  widgetId: WidgetId,
  live: LiveState | undefined,
  tree: LoadedTree,
  writing: Writing,
): Promise<Imported> {
  const document = tree.documents.find((one) => one.widgetId === widgetId);
  const held = tree.held.find((one) => one.widgetId === widgetId);
  if (live === undefined || live === 'absent') {
    const file = document?.file ?? held?.file ?? null;
    const isAbsent = live === 'absent';
    const reason = isAbsent ? 'the account has no such widget' : 'could not be read; try again';
    return skipped({ widgetId, file }, reason);
  }
  if ('unusable' in live) {
    return leftToDashboard({ widgetId, file: document?.file ?? held?.file ?? null }, live.unusable);
  }
  try {
    if (document !== undefined) return await updateFile(document, live, writing);
    if (held !== undefined) return leftHeld(widgetId, held);
    return await create(widgetId, live.body, writing);
  } catch (error) {
    const file = document?.file ?? null;
    return skipped({ widgetId, file }, `the file cannot be written: ${messageOf(error)}`);
  }
}

async function create(
  widgetId: WidgetId,
  fields: JsonObject,
  { directory, taken, schemaPath }: Writing,
): Promise<Imported> {
  const exposed = fieldsWithKey(declaredFields(fields));
  if (exposed.length > 0) return skipped({ widgetId, file: null }, holdsKey(exposed));
  // A field that a file does not declare stays as it is: nothing is lost by leaving it out.
  const { fields: writable, inexact } = writableFields(declaredFields(fields));
  const written = writeWidgetFile({ widgetId, fields: writable }, { schemaPath });
  if ('problem' in written) {
    const reason = `cannot be written as a widget file: ${written.problem}`;
    return leftToDashboard({ widgetId, file: null }, reason);
  }
  for (;;) {
    const file = widgetFileName({ widgetId, fields }, taken);
    taken.add(file);
    // False: somebody else was faster, and the name is taken by now.
    if (await createFile(join(directory.dir, file), written.text)) {
      return { widgetId, file, outcome: 'created', inexact };
    }
  }
}

/** Suspended is as somebody wants it; anything else is to be mended. */
function leftHeld(widgetId: WidgetId, { file, code, message }: HeldFile): Imported {
  if (code === 'suspended') {
    return leftToDashboard({ widgetId, file }, `suspended: ${message}`);
  }
  return skipped({ widgetId, file }, `the file is invalid: ${message}`);
}
