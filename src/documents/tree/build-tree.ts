// The files of one tree with their contents → documents, held files and problems. Pure. A broken
// file holds itself only; two usable files that declare one widget hold each other.
import { printable } from '../../base/text.ts';
import type {
  Finding,
  HeldFile,
  LoadedTree,
  Problem,
  WidgetDocument,
} from '../../model/document.ts';
import type { ProblemCode } from '../../model/problem-codes.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { FileContent } from '../check/file-content.ts';
import { keyInName } from '../check/find-secrets.ts';
import { explainOver, isOver, suspensionMessage } from '../check/sync-policy.ts';
import type { ComposedContent } from '../fragments/composed-content.ts';
import { byPlace, warningAt } from '../parse/finding.ts';
import { startOfFile } from '../parse/source-text.ts';
import type { FileRest } from './file-age.ts';
import { findDuplicates } from './find-duplicates.ts';

/** A file whose bytes were read, or why they were not. */
export type TreeFile = ReadableFile | UnreadFile;

export interface ReadableFile extends FileRest {
  /** Relative to the widget directory, with forward slashes. */
  readonly path: string;
  readonly digest: string;
}

export interface UnreadFile {
  readonly path: string;
  /** A warning (a skipped folder) holds nothing; an error holds the file. */
  readonly finding: Finding;
}

/** The content of a file that stands alone, or with all that it extends. */
export type Content = FileContent | ComposedContent;

export type BuiltTree = Pick<LoadedTree, 'documents' | 'held' | 'problems' | 'notes' | 'nextUntil'>;

/** What comes of one file. */
export interface BuiltFile {
  readonly document: WidgetDocument | null;
  readonly held: HeldFile | null;
  /** Sorted by place, as the notes. */
  readonly problems: readonly Problem[];
  readonly notes: readonly Problem[];
  readonly until: Date | null;
  /** The same comes of the file again as long as this is its content; null where that is not so. */
  readonly content: Content | null;
}

/** What came of the files of a tree. */
export interface BuiltFiles {
  /** By the index of the file. */
  readonly built: readonly BuiltFile[];
  readonly duplicates: ReadonlyMap<string, readonly Finding[]>;
}

/** The same files as in the tree before, with the same ids. */
export interface TreeBefore extends BuiltFiles {
  /** The indexes of those of which something else may come. */
  readonly moved: readonly number[];
}

export interface TreeOptions {
  /** Decides which suspensions have ended. */
  readonly now: Date;
  /** What came of the same file before. */
  readonly builtBefore?: (index: number) => BuiltFile | null;
  readonly before?: TreeBefore | null;
}

/** The files are sorted by path. */
export function loadTree(
  files: readonly TreeFile[],
  contentOf: (digest: string, path: string, index: number) => Content,
  { now, builtBefore = () => null, before = null }: TreeOptions,
): BuiltTree & BuiltFiles {
  const content = (index: number) => {
    const file = files[index];
    return file !== undefined && 'digest' in file ? contentOf(file.digest, file.path, index) : null;
  };
  const duplicates = before?.duplicates ?? findDuplicates(files, content);
  const built = before === null ? [] : [...before.built];
  for (const index of before?.moved ?? files.keys()) {
    const file = files[index];
    if (file === undefined) continue;
    const duplicate = duplicates.get(file.path) ?? none;
    built[index] = builtAgain(builtBefore(index), file, {
      content: content(index),
      duplicate,
      now,
    });
  }
  return { ...joined(built), built, duplicates };
}

interface BuildOptions {
  /** Null of a file that was not read. */
  readonly content: Content | null;
  readonly duplicate: readonly Finding[];
  readonly now: Date;
}

function builtAgain(
  before: BuiltFile | null,
  file: TreeFile,
  { content, duplicate, now }: BuildOptions,
): BuiltFile {
  if (!('digest' in file) || content === null) {
    return 'finding' in file ? builtOfUnread(file) : nothing;
  }
  const isAlone = duplicate.length === 0 && file.settlesInMs === 0;
  if (isAlone && before?.content === content) return before;
  return builtOf(file, isAlone && !isTimed(content), { content, duplicate, now });
}

const none: readonly never[] = [];

const nothing: BuiltFile = {
  ...{ document: null, held: null, problems: none, notes: none, until: null, content: null },
};

function joined(built: readonly BuiltFile[]): BuiltTree {
  const documents: WidgetDocument[] = [];
  const held: HeldFile[] = [];
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  let nextUntil: Date | null = null;
  for (const one of built) {
    if (one.document !== null) documents.push(one.document);
    if (one.held !== null) held.push(one.held);
    if (one.problems.length > 0) problems.push(...one.problems);
    if (one.notes.length > 0) notes.push(...one.notes);
    const { until } = one;
    if (until !== null && (nextUntil === null || until < nextUntil)) nextUntil = until;
  }
  if (documents.length === 0 && held.length === 0) {
    problems.push(noWidgets);
    problems.sort(byFile);
  }
  return { documents, held, problems, notes, nextUntil };
}

function builtOfUnread({ path, finding }: UnreadFile): BuiltFile {
  const findings = [...keyInName(path), finding];
  const errors = findings.filter(({ severity }) => severity === 'error');
  return {
    ...nothing,
    held: errors.length > 0 ? heldBy(errors, path, null) : null,
    problems: inFile(findings, path),
  };
}

function inFile(findings: readonly Finding[], file: string): readonly Problem[] {
  if (findings.length === 0) return none;
  return findings.map((finding) => ({ ...finding, file })).sort(byPlace);
}

/** Whether what comes of the content changes as time goes by. */
export function isTimed({ suspension }: Content): boolean {
  return suspension !== null && suspension.until !== null;
}

function builtOf(
  file: ReadableFile,
  isToKeep: boolean,
  { content: asRead, duplicate, now }: BuildOptions & { readonly content: Content },
): BuiltFile {
  const { path } = file;
  const content = named(path, asRead);
  const kept = isToKeep ? asRead : null;
  const { widgetId, suspension: said } = content;
  const moving = file.settlesInMs > 0 ? 'the file' : unsettledFragment(content);
  if (moving !== null) return { ...nothing, content: kept, held: unsettled(file, content, moving) };
  // Its own errors first: they are what the file is held for.
  const findings = joinedFindings(content.findings, duplicate, overFindings(content, now));
  const suspension = said === null || isOver(said, now) ? null : said;
  const until = suspension?.until ?? null;
  const problems = inFile(findings, path);
  const notes = inFile(content.notes, path);
  const held = heldOf(path, content, findings);
  // Of a file that is held for another reason as well: that the suspension is over is told of it then.
  if (held !== null) return { document: null, held, problems, notes, until, content: kept };
  const document = documentOf(file, content);
  if (suspension === null) return { document, held: null, problems, notes, until, content: kept };
  const waiting = suspended(
    { file: path, widgetId, waiting: document },
    suspensionMessage(suspension),
  );
  return {
    ...{ document: null, held: until === null ? waiting : { ...waiting, until } },
    ...{ problems, notes, until, content: kept },
  };
}

/** Most files have none. */
function joinedFindings(...lists: readonly (readonly Finding[])[]): readonly Finding[] {
  const found = lists.filter(({ length }) => length > 0);
  return found.length > 1 ? found.flat() : (found[0] ?? none);
}

function heldOf(path: string, content: Content, findings: readonly Finding[]): HeldFile | null {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return heldBy(errors, path, content.widgetId);
  if (!('broken' in content) || content.broken === null) return null;
  const { widgetId, broken: message } = content;
  return { file: path, widgetId, code: 'broken-fragment', message };
}

function overFindings({ suspension, untilRange, layer }: Content, now: Date): readonly Finding[] {
  // The whole of a file with others tells where the end stands.
  if (suspension === null || layer !== undefined) return none;
  const over = explainOver(suspension, now);
  return over === null ? none : [warningAt(untilRange, 'no-effect', over)];
}

/** Member by member: of many files, it is what takes longest. */
function documentOf({ path: file, digest }: ReadableFile, content: Content): WidgetDocument | null {
  if (content.widget === null) return null;
  const { widgetId, spec, hash, sync } = content.widget;
  if (!('extends' in content)) return { widgetId, spec, hash, sync, file, digest };
  const { digest: composed, extends: entries } = content;
  return { widgetId, spec, hash, sync, file, digest: composed, extends: entries };
}

function unsettledFragment(content: Content): string | null {
  return 'unsettled' in content && content.unsettled !== null ? printable(content.unsettled) : null;
}

/** The content as a file of this name has it. */
function named(path: string, content: Content): Content {
  const findings = keyInName(path);
  if (findings.length === 0) return content;
  return { ...content, widget: null, findings: [...findings, ...content.findings] };
}

function heldBy(errors: readonly Finding[], file: string, widgetId: WidgetId | null): HeldFile {
  const [first] = errors;
  const more = errors.length - 1;
  const code: ProblemCode = first?.code ?? 'unreadable-file';
  const message = `${first?.summary ?? ''}${more > 0 ? ` (and ${more} more)` : ''}`;
  return { file, widgetId, code, message };
}

/** No problem: it will be read in a moment, and was only not waited for by others. */
function unsettled({ path }: ReadableFile, { widgetId }: Content, what: string): HeldFile {
  const message = `${what} was being written a moment ago`;
  return { file: path, widgetId, code: 'changing-file', message };
}

interface Waiting extends Pick<HeldFile, 'file' | 'widgetId'> {
  readonly waiting: WidgetDocument | null;
}

function suspended({ waiting, ...file }: Waiting, message: string): HeldFile {
  const held = { ...file, code: 'suspended', message } as const;
  return waiting === null ? held : { ...held, waiting };
}

const noWidgets: Problem = {
  file: '.',
  ...warningAt(startOfFile, 'no-widgets', {
    summary: 'the directory holds no widget file',
    detail:
      'Expected files ending in .yaml or .yml, at any depth; names beginning with . or _ do not count.',
  }),
};

export function byFile(a: { readonly file: string }, b: { readonly file: string }): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0;
}
