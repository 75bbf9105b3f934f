// A live widget → the text of a new file that declares it. Pure. Refuses to write what the file, read
// strictly, would not give back: the caller is told why.

import { equalJson, type Json, type JsonObject } from '../../base/json/json.ts';
import { bodyFields, type WidgetId } from '../../model/widget.ts';
import { declarable, isEmpty } from '../../model/widget-fields.ts';
import { readContent } from '../check/file-content.ts';
import { largestFile } from '../tree/unreadable-file.ts';
import { doubleQuoted, type TextStyle } from '../write/write-text.ts';
import { mappingEntry } from '../write/write-value.ts';

export interface LiveFields {
  readonly widgetId: WidgetId;
  /** The body as the API has it; what cannot be declared is left out. */
  readonly fields: JsonObject;
}

export interface WriteOptions {
  /** The schema that editors are to check the file with: a path from the file's folder, or a URL. */
  readonly schemaPath: string;
}

/** The whole text of a file, or one line that says why there is none. */
export type FileText = { readonly text: string } | { readonly problem: string };

export function writeWidgetFile(widget: LiveFields, { schemaPath }: WriteOptions): FileText {
  const declared = declaredFields(widget.fields);
  let problem = '';
  for (const texts of ['pleasant', 'quoted'] as const) {
    const lines = [
      `# yaml-language-server: $schema=${schemaPath}`,
      `widget_id: ${widget.widgetId}`,
      ...Object.entries(declared).map(([name, value]) => field(name, value, texts)),
    ];
    const text = `${lines.join('\n')}\n`;
    const found = whyDifferent(text, widget.widgetId, declared);
    if (found === null) return { text };
    problem = found;
  }
  return { problem };
}

/**
 * The fields that a file declares of a live widget: those that can be declared, in the schema's order, without
 * those that are empty or the API's default. The type is always declared.
 */
export function declaredFields(fields: JsonObject): JsonObject {
  const isDeclared = (name: string): boolean =>
    Object.hasOwn(fields, name) && (name === 'widget_type' || !isEmpty(name, fields[name] as Json));
  return Object.fromEntries(
    bodyFields.filter(isDeclared).map((name) => [name, declarable(name, fields[name] as Json)]),
  );
}

function field(name: string, value: Json, texts: TextStyle): string {
  // Quoted also where it is a name: the next one to edit it will write #1f2937.
  if (name.endsWith('_color') && typeof value === 'string')
    return `${name}: ${doubleQuoted(value)}`;
  return mappingEntry(name, value, { indent: 0, lineEnd: '\n', texts });
}

/** Null when a strict reading of the text gives exactly the widget. */
function whyDifferent(text: string, widgetId: WidgetId, declared: JsonObject): string | null {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > largestFile) return 'the file would be larger than 1 MiB';
  const { widget, findings } = readContent(bytes);
  const error = findings.find(({ severity }) => severity === 'error');
  if (error !== undefined) return error.summary;
  const isSame = widget?.widgetId === widgetId && equalJson(widget.spec as JsonObject, declared);
  return isSame ? null : 'its values cannot be written as YAML without changing them';
}
