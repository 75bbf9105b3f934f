// `import`: files for live widgets. Creates what is missing, edits what exists only when asked to, and
// overwrites nothing. Gets the live widgets as values: reading the account is another's part.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json/json.ts';
import { count, printable } from '../../base/text.ts';
import { widgetFileName } from '../../documents/edit/choose-file-name.ts';
import { editWidgetFile } from '../../documents/edit/edit-widget.ts';
import { declaredFields, writeWidgetFile } from '../../documents/edit/write-widget.ts';
import { readFile } from '../../documents/tree/read-file.ts';
import type { RootWords } from '../../documents/tree/source-root.ts';
import { openWidgetDirectory, type WidgetDirectory } from '../../documents/widget-directory.ts';
import { diffFields } from '../../model/diff-fields.ts';
import type { HeldFile, LoadedTree, WidgetDocument } from '../../model/document.ts';
import type { LiveState, LiveView, LiveWidget } from '../../model/plan.ts';
import { pickFields } from '../../model/value-at.ts';
import { asJson, sha256, type WidgetId } from '../../model/widget.ts';
import type { AppliedState } from '../../state/state-store.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import { exitCode, type ProcessContext } from '../process-context.ts';
import { createFile, prepareDirectory, replaceText } from './import-files.ts';
import { describeInexact, type Imported, isToMend, reportImport } from './import-report.ts';
import { schemaReference } from './import-schema.ts';
import { fieldsWithKey, wantedFields, writableFields } from './import-values.ts';

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
  const writing = { ...request, directory, taken, schemaPath: schema.path, applied, context };

  const results = request.only.length === 0 ? nameless(tree) : [];
  const wanted = chosen(request, live);
  let done = 0;
  for (const widgetId of wanted) {
    if (context.stop.aborted) break;
    results.push(await importOne(widgetId, live.get(widgetId), tree, writing));
    done += 1;
  }
  const tally = reportImport(results, request, context);
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

interface Writing {
  readonly directory: WidgetDirectory;
  readonly update: boolean;
  /** File names in the directory, in lower case; grows with every file. */
  readonly taken: Set<string>;
  readonly schemaPath: string;
  readonly applied: ImportParts['applied'];
  readonly context: ImportContext;
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
    if (document !== undefined) return await update(document, live, writing);
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

async function update(
  document: WidgetDocument,
  live: LiveWidget,
  { directory, update: isWanted, applied, context }: Writing,
): Promise<Imported> {
  const { widgetId, file, digest, spec } = document;
  const wanted = wantedFields({ document, applied: applied.get(widgetId) ?? null, live });
  const fields = diffFields(asJson(spec), wanted).map(({ path }) => path);
  if (fields.length === 0) return { widgetId, file, outcome: 'unchanged' };
  if (!isWanted) return { widgetId, file, outcome: 'left', fields };
  const exposed = fieldsWithKey(wanted);
  if (exposed.length > 0) return skipped({ widgetId, file }, holdsKey(exposed));
  const { fields: writable, inexact } = writableFields(wanted);
  const brought = diffFields(pickFields(asJson(spec), writable), writable).map(({ path }) => path);
  if (brought.length === 0) return skipped({ widgetId, file }, describeInexact(inexact));
  const path = join(directory.dir, file);
  const read = readFile(path, () => context.clock.now());
  if (!('bytes' in read) || sha256(read.bytes) !== digest) {
    return skipped({ widgetId, file }, 'the file was changed in the meantime; try again');
  }
  // The decoder would drop a byte order mark.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(read.bytes);
  const edited = editWidgetFile(text, writable);
  if ('problem' in edited) {
    return skipped({ widgetId, file }, `cannot be brought into the file: ${edited.problem}`);
  }
  for (const loss of await replaceText(path, edited.text)) {
    context.stderr.write(`widget-sync: ${printable(path)} ${loss}\n`);
  }
  return { widgetId, file, outcome: 'updated', fields: brought, inexact };
}

function holdsKey(fields: readonly string[]): string {
  return (
    `the API key stands in ${fields.join(', ')} of the live widget, and a file would carry it into git; ` +
    'take it out in the dashboard, replace the key by a new one there, and import again'
  );
}

/** Suspended is as somebody wants it; anything else is to be mended. */
function leftHeld(widgetId: WidgetId, { file, code, message }: HeldFile): Imported {
  if (code === 'suspended') {
    return leftToDashboard({ widgetId, file }, `suspended: ${message}`);
  }
  return skipped({ widgetId, file }, `the file is invalid: ${message}`);
}

/** Nothing is to be mended here, or can be: the widget is told of and counted, and is no failure. */
function leftToDashboard(about: Pick<Imported, 'widgetId' | 'file'>, reason: string): Imported {
  return { ...about, outcome: 'skipped', reason, toMend: false };
}

function skipped(about: Pick<Imported, 'widgetId' | 'file'>, reason: string): Imported {
  return { ...about, outcome: 'skipped', reason, toMend: true };
}
