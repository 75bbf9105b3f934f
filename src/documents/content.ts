// What the bytes of one file declare, whatever the file is called: the unit that is remembered by
// digest, so that a moved or untouched file is not parsed again.
import type { Json } from '../json.ts';
import { hashSpec, type WidgetId, type WidgetSpec } from '../widget.ts';
import { decode, rangeOfWidgetId } from './decode.ts';
import { byPlace } from './finding.ts';
import { type ParsedFile, parse } from './parse.ts';
import type { Finding, KnownContent, Range } from './types.ts';
import { validate } from './validate.ts';

export interface FileContent {
  /** Null when the bytes are too broken to say. */
  readonly widgetId: WidgetId | null;
  /** Where `widget_id` is declared. */
  readonly idRange: Range;
  /** What to apply; null when an error stands in the way. */
  readonly widget: KnownContent | null;
  readonly isSuspended: boolean;
  /** Sorted by place. */
  readonly findings: readonly Finding[];
}

export function readContent(bytes: Uint8Array): FileContent {
  const file = parse(bytes);
  const findings = [...file.findings, ...validate(file)].sort(byPlace);
  const hasErrors = findings.some(({ severity }) => severity === 'error');
  return {
    widgetId: file.widgetId,
    idRange: file.place('/widget_id', 'value'),
    widget: hasErrors ? null : declaredWidget(file),
    isSuspended: isSuspended(file),
    findings,
  };
}

/** The content of bytes that were read before, by an earlier process: parsing is spared. */
export function rememberedContent(bytes: Uint8Array, known: KnownContent): FileContent {
  return {
    widgetId: known.widgetId,
    idRange: rangeOfWidgetId(decode(bytes).source),
    widget: known,
    isSuspended: false,
    findings: [],
  };
}

function declaredWidget({ value, widgetId }: ParsedFile): KnownContent | null {
  if (value === null || widgetId === null) return null;
  const { widget_id: _, sync: __, ...body } = value;
  // The schema has accepted it: no error stands in the way.
  const spec = body as WidgetSpec;
  return { widgetId, spec, hash: hashSpec(spec) };
}

function isSuspended({ value }: ParsedFile): boolean {
  const sync: Json | undefined = value?.['sync'];
  return (
    typeof sync === 'object' && sync !== null && !Array.isArray(sync) && sync['suspend'] === true
  );
}
