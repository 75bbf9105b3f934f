// The bytes of one file → the JSON mapping it declares, everything that is wrong with its form, and
// where each field stands. Never throws for what a file holds; knows nothing of the schema.
import { isJsonObject, type JsonObject } from '../../base/json/json.ts';
import type { Finding, Range } from '../../model/document.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { composeYaml } from './compose-yaml.ts';
import { decode, findWidgetId } from './decode.ts';
import { errorAt, type Part, shown } from './finding.ts';
import { locate, type Written } from './locate.ts';
import { type LostText, lostTexts } from './lost-texts.ts';
import { type SourceText, startOfFile } from './source-text.ts';
import { type Converted, toJson } from './to-json.ts';

export interface ParsedFile {
  /** Null where the text cannot be read as one mapping, which the findings then say. */
  readonly value: JsonObject | null;
  /** Also given for a broken file, where its text tells it beyond doubt. */
  readonly widgetId: WidgetId | null;
  readonly findings: readonly Finding[];
  /** JSON Pointers of values that have a finding; what stands there in `value` means nothing. */
  readonly unreadable: ReadonlySet<string>;
  /** The places where the text says more than `value` does. */
  readonly lost: readonly LostText[];
  readonly source: SourceText;
  /** The range of the pointer's key or value, or of its nearest ancestor that is there. */
  place(pointer: string, part: Part): Range;
}

/** What a file is read as: a widget, or a fragment of several. */
export type FileKind = 'widget' | 'fragment';

export function parse(bytes: Uint8Array, kind: FileKind = 'widget'): ParsedFile {
  const { source, findings } = decode(bytes);
  if (findings.length > 0) return unreadableFile(source, findings);
  const composed = composeYaml(source);
  const { document } = composed;
  if (document === null) return unreadableFile(source, composed.findings);

  const converted = toJson(document, source);
  const written: Written = { root: document.contents, targets: converted.targets, source };
  const at = locate(written, '', 'value');
  const rootFindings = checkRoot(converted, source, { at, kind });
  const value = rootFindings.length === 0 && isJsonObject(converted.value) ? converted.value : null;
  return {
    value,
    widgetId: declaredId(value, converted.unreadable) ?? findWidgetId(source)?.id ?? null,
    findings: [...composed.findings, ...converted.findings, ...rootFindings],
    unreadable: converted.unreadable,
    lost: lostTexts(written),
    source,
    place: (pointer, part) => locate(written, pointer, part),
  };
}

function unreadableFile(source: SourceText, findings: readonly Finding[]): ParsedFile {
  const found = findWidgetId(source);
  return {
    value: null,
    widgetId: found?.id ?? null,
    findings,
    unreadable: new Set(['']),
    lost: [],
    source,
    place: (pointer) => (pointer === '/widget_id' && found !== null ? found.range : startOfFile),
  };
}

function declaredId(value: JsonObject | null, unreadable: ReadonlySet<string>): WidgetId | null {
  return unreadable.has('/widget_id') ? null : parseWidgetId(value?.['widget_id']);
}

function checkRoot(
  { value, unreadable }: Converted,
  source: SourceText,
  { at, kind }: { readonly at: Range; readonly kind: FileKind },
): Finding[] {
  if (isJsonObject(value) || unreadable.has('')) return [];
  // A fragment that was emptied by mishap would take its fields from all that extend it.
  if (value === null && kind === 'fragment') {
    return [
      errorAt(startOfFile, 'not-a-mapping', {
        summary: `the fragment ${source.text.trim() === '' ? 'is empty' : 'declares nothing'}`,
        detail: 'Declare the fields that are shared; or write {} if it is to declare none.',
      }),
    ];
  }
  if (value === null) {
    const isBlank = source.text.trim() === '';
    return [
      errorAt(startOfFile, 'missing-field', {
        summary: `the file ${isBlank ? 'is empty' : 'declares nothing'}: widget_id and widget_type are missing`,
        detail:
          'Declare at least widget_id and widget_type, or delete the file. A file kept for later can be named with a leading _ .',
      }),
    ];
  }
  return [
    errorAt(at, 'not-a-mapping', {
      summary: 'the file does not consist of fields',
      detail: `Expected lines such as "widget_type: chat", found ${shown(value)}.`,
    }),
  ];
}
