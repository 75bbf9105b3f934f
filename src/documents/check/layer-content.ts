// What one file of several declares by itself, checked by itself: a widget file with `extends`, or a fragment.
import { fromPointer, type Json, type JsonObject, toPointer } from '../../base/json/json.ts';
import type { Finding, Range } from '../../model/document.ts';
import { byPlace, errorAt, placed, type Said, shown } from '../parse/finding.ts';
import type { FileKind, ParsedFile } from '../parse/parse.ts';
import { awayFromKeys, findKeys } from './find-secrets.ts';
import { layerSyncFindings, listAbove } from './sync-policy.ts';
import { validate } from './validate.ts';

/** A text in a list of the file, or the one that stands for such a list, and its place. */
export interface Entry {
  readonly text: string;
  readonly range: Range;
}

export interface LayerContent {
  /** What it extends, as written. */
  readonly entries: readonly Entry[];
  /** JSON Pointers. */
  readonly omit: readonly Entry[];
  /** Body fields and `sync`; null where an error stands in the way. */
  readonly value: JsonObject | null;
  /** Errors and warnings, sorted by place; nothing that only the whole shows. */
  readonly findings: readonly Finding[];
}

export function layerContent(file: ParsedFile, kind: FileKind): LayerContent {
  const { value } = file;
  const ofSync = value === null ? [] : placed(layerSyncFindings(value), file);
  const findings = [
    ...awayFromKeys(file.findings, file),
    ...validate(file, kind),
    ...awayFromKeys([...ofSync, ...omitFindings(file)], file),
    ...findKeys(file),
  ].sort(byPlace);
  return {
    entries: entriesAt('extends', file),
    omit: entriesAt('omit', file),
    value: value === null || findings.some(isError) ? null : layerOf(value),
    findings,
  };
}

export function isError({ severity }: Pick<Finding, 'severity'>): boolean {
  return severity === 'error';
}

/** Without what is no layer's: the id, and what is said of other files. */
export function layerOf({
  widget_id: _,
  extends: __,
  omit: ___,
  ...layer
}: JsonObject): JsonObject {
  return layer;
}

export function entriesAt(name: 'extends' | 'omit', file: ParsedFile): Entry[] {
  const value: Json | undefined = file.value?.[name];
  const at = (pointer: string) => file.place(pointer, 'value');
  if (typeof value === 'string') return [{ text: value, range: at(`/${name}`) }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((text, n) =>
    typeof text === 'string' ? { text, range: at(`/${name}/${n}`) } : [],
  );
}

/** What can be told of a pointer without what is inherited. */
function omitFindings(file: ParsedFile): Finding[] {
  const findings = entriesAt('omit', file).flatMap(({ text, range }) => {
    const said = text === '' ? omitsAll : explainInList(text, {});
    return said === null ? [] : errorAt(range, 'invalid-value', said);
  });
  return mostToldOfList(findings);
}

/** Of what one list has: more would not be mended at a time. None of its errors is lost behind its warnings. */
export function mostToldOfList(findings: readonly Finding[]): Finding[] {
  if (findings.length <= mostOfList) return [...findings];
  const [errors, warnings] = [findings.filter(isError), findings.filter((one) => !isError(one))];
  return [...errors, ...warnings].slice(0, mostOfList);
}

const mostOfList = 100;

const omitsAll: Said = {
  summary: `${shown('')} would omit all that is inherited`,
  detail: 'Name fields, such as /bubble_text; or take the fragment out of extends.',
};

/** Null where the pointer leads into no list, as the schema or what is inherited has them. */
export function explainInList(pointer: string, inherited: JsonObject): Said | null {
  const list = listAbove(fromPointer(pointer), inherited);
  if (list === null) return null;
  return {
    summary: `${shown(pointer)} leads into a list`,
    detail: `A list is inherited whole, or not at all: write ${shown(toPointer(list))}, and declare the list that is wanted.`,
  };
}
