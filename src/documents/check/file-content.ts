// The content of one file by its bytes, whatever the file is called: the unit that is remembered by
// digest, so that a moved or untouched file is not parsed again.
import { messageOf } from '../../base/errors.ts';
import { holdsRegistered } from '../../base/secrets.ts';
import { printable } from '../../base/text.ts';
import type { Finding, KnownContent, Range } from '../../model/document.ts';
import { hashSpec, type WidgetFile, type WidgetId, type WidgetSpec } from '../../model/widget.ts';
import { decode, rangeOfWidgetId } from '../parse/decode.ts';
import { byPlace, errorAt } from '../parse/finding.ts';
import { type ParsedFile, parse } from '../parse/parse.ts';
import { startOfFile } from '../parse/source-text.ts';
import { awayFromKeys, findKeys } from './find-secrets.ts';
import { lookFindings, lookNotes } from './look-findings.ts';
import { isAllowed, policyOf, type Suspension, suspensionOf } from './sync-policy.ts';
import { textFindings, textNotes } from './text-findings.ts';
import { validate } from './validate.ts';

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
  const [, place = ''] = (bug instanceof Error ? (bug.stack ?? '') : '').split('\n    at ');
  const finding = errorAt(startOfFile, 'unreadable-file', {
    summary: `the file meets an unexpected error, which is a bug: ${messageOf(bug)}`,
    detail: `Its widget stays as it is, and all other files are read. Please report it (${printable(place)}), and write the file in a simpler way until it is mended.`,
  });
  const nothing = { widgetId: null, widget: null, suspension: null };
  const at = { idRange: startOfFile, untilRange: startOfFile };
  return { ...nothing, ...at, findings: [finding], notes: [] };
}

function contentOf(bytes: Uint8Array, notes: boolean): FileContent {
  const file = parse(bytes);
  const sync = file.value?.['sync'];
  const isToSay = (finding: Finding) => !isAllowed(finding, sync);
  const refused = validate(file);
  const isFaulty = [...file.findings, ...refused].some(isError);
  const findings = [
    ...awayFromKeys(file.findings, file),
    ...refused,
    ...awayFromKeys([...lookFindings(file, { hasErrors: isFaulty }), ...textFindings(file)], file),
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

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

function notesOf(file: ParsedFile): readonly Finding[] {
  return awayFromKeys([...lookNotes(file), ...textNotes(file)].sort(byPlace), file);
}

/**
 * The content of bytes that were applied by an earlier process: parsing is spared, unless a key that
 * has come into force since stands in them. They are not suspended: they were not when they were
 * applied, and an end that had passed by then has passed.
 */
export function rememberedContent(bytes: Uint8Array, known: KnownContent): FileContent {
  const { source } = decode(bytes);
  if (holdsRegistered(source.text)) return readContent(bytes, { notes: false });
  return {
    widgetId: known.widgetId,
    idRange: rangeOfWidgetId(source),
    widget: known,
    suspension: null,
    untilRange: startOfFile,
    findings: [],
    notes: [],
  };
}

function declaredWidget({ value, widgetId }: ParsedFile): KnownContent | null {
  if (value === null || widgetId === null) return null;
  // The schema has accepted it: no error stands in the way.
  const { widget_id: _, extends: __, omit: ___, sync, ...declared } = value as WidgetFile;
  const spec = declared as WidgetSpec;
  return { widgetId, spec, hash: hashSpec(spec), sync: policyOf(sync) };
}
