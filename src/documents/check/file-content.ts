// The content of one file by its bytes, whatever the file is called: the unit that is remembered by
// digest, so that a moved or untouched file is not parsed again.
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json/json.ts';
import { holdsRegistered } from '../../base/secrets.ts';
import { printable } from '../../base/text.ts';
import type { Finding, KnownContent, Range } from '../../model/document.ts';
import { hashSpec, type WidgetFile, type WidgetId, type WidgetSpec } from '../../model/widget.ts';
import { findWidgetId, rangeOfWidgetId } from '../parse/decode.ts';
import { type BodyFinding, byPlace, errorAt, placed } from '../parse/finding.ts';
import { type ParsedFile, parse } from '../parse/parse.ts';
import { sourceText, startOfFile } from '../parse/source-text.ts';
import { awayFromKeys, findKeys } from './find-secrets.ts';
import { isError, type LayerContent, layerContent } from './layer-content.ts';
import { lookFindings, lookNotes } from './look-findings.ts';
import { isAllowed, policyOf, type Suspension, suspensionOf, syncFindings } from './sync-policy.ts';
import { textFindings, textNotes } from './text-findings.ts';
import { validate } from './validate.ts';
import { idleOmitFindings } from './whole-content.ts';

export interface FileContent {
  /** Null when the bytes are too broken to say. */
  readonly widgetId: WidgetId | null;
  /** The place of `widget_id`. */
  readonly idRange: Range;
  /** The content to apply; null when an error stands in the way. */
  readonly widget: KnownContent | null;
  /** Whether it has ended is not said here: contents outlive the moment they were read in. */
  readonly suspension: Suspension | null;
  /** The place of `sync.until`, or what is nearest to it. */
  readonly untilRange: Range;
  /** Errors and warnings, sorted by place. */
  readonly findings: readonly Finding[];
  /** Sorted by place; none beside an error, and none where they were not asked for. */
  readonly notes: readonly Finding[];
  /**
   * What a file with `extends` declares by itself; absent for other files. What `widget`, `suspension` and the rest say
   * of it is for the whole to say. `unparsed`: an earlier process has recorded what bytes of this widget extended.
   */
  readonly layer?: LayerContent | UnparsedLayer;
}

/** As recorded with the widget that the bytes declare. */
export interface UnparsedLayer {
  readonly unparsed: readonly string[];
}

export interface UnparsedContent extends FileContent {
  readonly layer: UnparsedLayer;
}

export function isUnparsed(content: FileContent): content is UnparsedContent {
  return content.layer !== undefined && 'unparsed' in content.layer;
}

/** Never throws: a bug that one file meets holds that file, and no other. */
export function readContent(bytes: Uint8Array, { notes = true } = {}): FileContent {
  try {
    return contentOf(bytes, notes);
  } catch (bug) {
    return unreadable(bug);
  }
}

function unreadable(bug: unknown): FileContent {
  const nothing = { widgetId: null, widget: null, suspension: null };
  const at = { idRange: startOfFile, untilRange: startOfFile };
  return { ...nothing, ...at, findings: [bugFinding(bug)], notes: [] };
}

export function bugFinding(bug: unknown): Finding {
  const [, place = ''] = (bug instanceof Error ? (bug.stack ?? '') : '').split('\n    at ');
  return errorAt(startOfFile, 'unreadable-file', {
    summary: `the file meets an unexpected error, which is a bug: ${messageOf(bug)}`,
    detail: `Its widget stays as it is, and all other files are read. Please report it (${printable(place)}), and write the file in a simpler way until it is mended.`,
  });
}

function contentOf(bytes: Uint8Array, notes: boolean): FileContent {
  const file = parse(bytes);
  const { value } = file;
  if (value !== null && Object.hasOwn(value, 'extends')) return layered(file);
  const sync = value?.['sync'];
  const isToSay = (finding: Finding) => !isAllowed(finding, sync);
  const ofSync = value === null ? [] : placed(syncFindings(value), file);
  const refused = [...validate(file, 'widget'), ...ofSync];
  const isFaulty = [...file.findings, ...refused].some(isError);
  const ofWhole = value === null ? [] : bodyFindings(value, { hasErrors: isFaulty });
  const findings = [
    ...awayFromKeys(file.findings, file),
    ...refused,
    ...awayFromKeys([...placed(ofWhole, file), ...omitFindings(file)], file),
    ...findKeys(file),
  ]
    .filter(isToSay)
    .sort(byPlace);
  const hasErrors = findings.some(isError);
  return {
    widgetId: file.widgetId,
    idRange: file.place('/widget_id', 'value'),
    widget: hasErrors ? null : declaredWidget(file),
    suspension: suspensionOf(sync),
    untilRange: file.place('/sync/until', 'value'),
    findings,
    notes: hasErrors || !notes ? [] : notesOf(file).filter(isToSay),
  };
}

function bodyFindings(value: JsonObject, faults: { readonly hasErrors: boolean }): BodyFinding[] {
  return [...lookFindings(value, faults), ...textFindings(value)];
}

/** Of a file that extends nothing: nothing is inherited that it could omit. */
function omitFindings(file: ParsedFile): Finding[] {
  return file.value?.['omit'] === undefined
    ? []
    : idleOmitFindings(layerContent(file, 'widget').omit);
}

function layered(file: ParsedFile): FileContent {
  const layer = layerContent(file, 'widget');
  return {
    widgetId: file.widgetId,
    idRange: file.place('/widget_id', 'value'),
    widget: null,
    suspension: suspensionOf(file.value?.['sync']),
    untilRange: startOfFile,
    findings: layer.findings,
    notes: [],
    layer,
  };
}

function notesOf(file: ParsedFile): readonly Finding[] {
  const body = file.value ?? {};
  const notes = placed([...lookNotes(body), ...textNotes(body)], file);
  return awayFromKeys(notes.sort(byPlace), file);
}

/**
 * The content of bytes that were applied by an earlier process: parsing is spared, unless a key that
 * has come into force since stands in them. They are not suspended: they were not when they were
 * applied, and an end that had passed by then has passed.
 */
export function rememberedContent(bytes: Uint8Array, known: KnownContent): FileContent {
  const text = decoder.decode(bytes);
  if (holdsRegistered(text)) return readContent(bytes, { notes: false });
  const idRange = rangeOfWidgetId(sourceText(text));
  return {
    widgetId: known.widgetId,
    idRange,
    widget: known,
    suspension: null,
    untilRange: startOfFile,
    findings: none,
    notes: none,
  };
}

const none: readonly Finding[] = [];

/** Making one takes longer than decoding a file. */
const decoder = new TextDecoder();

/**
 * The bytes of a widget whose record names what it extended: whether they are those that were applied is told once
 * these fragments are read. Null where they have to be parsed.
 */
export function unparsedContent(
  bytes: Uint8Array,
  extendsOf: (widgetId: WidgetId) => readonly string[] | undefined,
): UnparsedContent | null {
  // What is wrong with the text would have been told when it was recorded.
  const text = decoder.decode(bytes);
  if (!text.includes('extends')) return null;
  const found = findWidgetId(sourceText(text));
  const unparsed = found === null ? undefined : extendsOf(found.id);
  if (found === null || unparsed === undefined || holdsRegistered(text)) return null;
  return {
    widgetId: found.id,
    idRange: found.range,
    widget: null,
    suspension: null,
    untilRange: startOfFile,
    findings: none,
    notes: none,
    layer: { unparsed },
  };
}

function declaredWidget({ value, widgetId }: ParsedFile): KnownContent | null {
  if (value === null || widgetId === null) return null;
  // The schema has accepted it: no error stands in the way.
  const { widget_id: _, extends: __, omit: ___, sync, ...declared } = value as WidgetFile;
  const spec = declared as WidgetSpec;
  return { widgetId, spec, hash: hashSpec(spec), sync: policyOf(sync) };
}
