// `import --update` of one file that exists: the live values wherever a plan would see a difference, by the
// smallest edit. Writes into the widget's own file, never into a fragment.
import { join } from 'node:path';
import type { JsonObject } from '../../base/json/json.ts';
import { printable } from '../../base/text.ts';
import type { ComposedFile } from '../../documents/compose/composed-file.ts';
import { editOverFragments } from '../../documents/edit/edit-over-fragments.ts';
import { editWidgetFile } from '../../documents/edit/edit-widget.ts';
import type { FileText } from '../../documents/edit/write-widget.ts';
import { readFile } from '../../documents/tree/read-file.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import { diffFields } from '../../model/diff-fields.ts';
import type { WidgetDocument } from '../../model/document.ts';
import type { LiveWidget } from '../../model/plan.ts';
import { pickFields } from '../../model/value-at.ts';
import { asJson, sha256 } from '../../model/widget.ts';
import type { AppliedState } from '../../state/state-store.ts';
import type { ProcessContext } from '../process-context.ts';
import type { AgreedValues, Inheritance } from './agreed-values.ts';
import { replaceText } from './import-files.ts';
import { describeInexact, holdsKey, type Imported, skipped } from './import-report.ts';
import { fieldsWithKey, wantedFields, writableFields } from './import-values.ts';

export interface Updating {
  readonly directory: WidgetDirectory;
  readonly update: boolean;
  readonly applied: AppliedState['records'];
  readonly context: Pick<ProcessContext, 'clock' | 'stderr'>;
  /** Is told of all that differs from what a file inherits. */
  readonly agreed: AgreedValues;
}

export async function updateFile(
  document: WidgetDocument,
  live: LiveWidget,
  { directory, update: isWanted, applied, context, agreed }: Updating,
): Promise<Imported> {
  const { widgetId, file, spec } = document;
  const wanted = wantedFields({ document, applied: applied.get(widgetId) ?? null, live });
  const fields = diffFields(asJson(spec), wanted).map(({ path }) => path);
  if (fields.length === 0) return { widgetId, file, outcome: 'unchanged' };
  const exposed = fieldsWithKey(wanted);
  const { fields: writable, inexact } = writableFields(wanted);
  const composed = inheritance(document, directory);
  if (exposed.length === 0) agreed.note(document, composed, writable);
  if (!isWanted) return { widgetId, file, outcome: 'left', fields };
  if (exposed.length > 0) return skipped({ widgetId, file }, holdsKey(exposed));
  const brought = diffFields(pickFields(asJson(spec), writable), writable).map(({ path }) => path);
  if (brought.length === 0) return skipped({ widgetId, file }, describeInexact(inexact));
  const text = readText(document, directory, context);
  if (text === null || composed === 'changed') {
    return skipped({ widgetId, file }, 'the file was changed in the meantime; try again');
  }
  const edited = edit(text, composed, writable);
  if ('problem' in edited) {
    return skipped({ widgetId, file }, `cannot be brought into the file: ${edited.problem}`);
  }
  const path = join(directory.dir, file);
  for (const loss of await replaceText(path, edited.text)) {
    context.stderr.write(`widget-sync: ${printable(path)} ${loss}\n`);
  }
  return { widgetId, file, outcome: 'updated', fields: brought, inexact };
}

function inheritance(document: WidgetDocument, directory: WidgetDirectory): Inheritance {
  if (document.extends === undefined) return null;
  return directory.compose(document.file, document.digest) ?? 'changed';
}

/** Null where the file is not as it was loaded; of a file with fragments the edit itself finds that out. */
function readText(
  { file, digest, extends: fragments }: WidgetDocument,
  { dir }: WidgetDirectory,
  { clock }: Updating['context'],
): string | null {
  const read = readFile(join(dir, file), () => clock.now());
  if (!('bytes' in read)) return null;
  if (fragments === undefined && sha256(read.bytes) !== digest) return null;
  // The decoder would drop a byte order mark.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(read.bytes);
}

function edit(text: string, composed: ComposedFile | null, wanted: JsonObject): FileText {
  return composed === null
    ? editWidgetFile(text, wanted)
    : editOverFragments(text, composed, wanted);
}
