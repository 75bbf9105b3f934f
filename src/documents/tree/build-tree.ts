// The files of one tree with their contents → documents, held files and problems. Pure. A broken
// file holds itself only; two usable files that declare one widget hold each other.
import { listed, printable } from '../../base/text.ts';
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
import type { ComposedContent } from '../fragments/composed-contents.ts';
import { byPlace, errorAt, warningAt } from '../parse/finding.ts';
import { startOfFile } from '../parse/source-text.ts';
import type { FileRest } from './file-age.ts';

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
type Content = FileContent | ComposedContent;

export type BuiltTree = Pick<LoadedTree, 'documents' | 'held' | 'problems' | 'notes' | 'nextUntil'>;

/** What comes of one file, by path: the same again as long as its content is the same object. */
export type BuiltFiles = Map<string, BuiltFile>;

interface BuiltFile {
  readonly content: Content;
  readonly document: WidgetDocument | null;
  readonly held: HeldFile | null;
  readonly problems: readonly Problem[];
  readonly notes: readonly Problem[];
  readonly until: Date | null;
}

/** `now` decides which suspensions have ended. `built`: what came of the files before, which is brought up to date. */
export function loadTree(
  files: readonly TreeFile[],
  contentOf: (digest: string, path: string) => Content,
  { now, built = new Map() }: { readonly now: Date; readonly built?: BuiltFiles },
): BuiltTree {
  const read = files
    .filter((file) => 'digest' in file)
    .map((file) => ({ file, content: contentOf(file.digest, file.path) }));
  const duplicates = findDuplicates(read);
  const documents: WidgetDocument[] = [];
  const held: HeldFile[] = [];
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  const ends: Date[] = [];

  for (const { file, content } of read) {
    const duplicate = duplicates.get(file.path);
    const known = built.get(file.path);
    const isKnown = known?.content === content && duplicate === undefined && file.settlesInMs === 0;
    const one = isKnown ? known : builtOf({ ...file, content }, duplicate ?? [], now);
    if (one.document !== null) documents.push(one.document);
    if (one.held !== null) held.push(one.held);
    if (one.until !== null) ends.push(one.until);
    problems.push(...one.problems);
    notes.push(...one.notes);
    const isLasting = duplicate === undefined && file.settlesInMs === 0 && !isTimed(content);
    if (!isLasting) built.delete(file.path);
    else if (!isKnown) built.set(file.path, one);
  }
  for (const { path, finding } of files.filter((file) => 'finding' in file)) {
    const findings = [...keyInName(path), finding];
    for (const one of findings) problems.push({ ...one, file: path });
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) held.push(heldBy(errors, path, null));
  }
  if (built.size > read.length) {
    const there = new Set(read.map(({ file }) => file.path));
    for (const path of built.keys()) if (!there.has(path)) built.delete(path);
  }
  if (documents.length === 0 && held.length === 0) problems.push(noWidgets);
  return {
    documents: documents.sort(byFile),
    held: held.sort(byFile),
    problems: problems.sort((a, b) => byFile(a, b) || byPlace(a, b)),
    notes: notes.sort((a, b) => byFile(a, b) || byPlace(a, b)),
    nextUntil: ends.sort((a, b) => a.getTime() - b.getTime())[0] ?? null,
  };
}

/** Whether what comes of the content changes as time goes by. */
function isTimed({ suspension }: Content): boolean {
  return suspension !== null && suspension.until !== null;
}

function builtOf(read: LoadedFile, duplicate: readonly Finding[], now: Date): BuiltFile {
  const { path, content: asRead } = read;
  const content = named(path, asRead);
  const file = { ...read, content };
  const { widgetId } = content;
  const nothing = {
    content: asRead,
    document: null,
    held: null,
    problems: [],
    notes: [],
    until: null,
  };
  const moving = file.settlesInMs > 0 ? 'the file' : unsettledFragment(content);
  if (moving !== null) return { ...nothing, held: unsettled(file, moving) };
  // Its own errors first: they are what the file is held for.
  const findings = [...content.findings, ...duplicate, ...overFindings(content, now)];
  const told = {
    ...nothing,
    problems: findings.map((finding) => ({ ...finding, file: path })),
    notes: content.notes.map((note) => ({ ...note, file: path })),
  };
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return { ...told, held: heldBy(errors, path, widgetId) };
  if ('broken' in content && content.broken !== null) {
    const code = 'broken-fragment';
    return { ...told, held: { file: path, widgetId, code, message: content.broken } };
  }
  const waiting = documentOf(file);
  if (content.suspension === null || isOver(content.suspension, now)) {
    return { ...told, document: waiting };
  }
  const { until } = content.suspension;
  const message = suspensionMessage(content.suspension);
  const held = suspended({ file: path, widgetId, waiting }, message);
  return { ...told, held: until === null ? held : { ...held, until }, until };
}

function overFindings({ suspension, untilRange, layer }: Content, now: Date): Finding[] {
  // The whole of a file with others tells where the end stands.
  const over = layer === undefined ? explainOver(suspension, now) : null;
  return over === null ? [] : [warningAt(untilRange, 'no-effect', over)];
}

function documentOf({ path, digest, content }: LoadedFile): WidgetDocument | null {
  if (content.widget === null) return null;
  if (!('extends' in content)) return { ...content.widget, file: path, digest };
  return { ...content.widget, file: path, digest: content.digest, extends: content.extends };
}

function unsettledFragment(content: Content): string | null {
  return 'unsettled' in content && content.unsettled !== null ? printable(content.unsettled) : null;
}

interface LoadedFile extends ReadableFile {
  readonly content: Content;
}

/** The content as a file of this name has it. */
function named(path: string, content: Content): Content {
  const findings = keyInName(path);
  if (findings.length === 0) return content;
  return { ...content, widget: null, findings: [...findings, ...content.findings] };
}

/**
 * The duplicate-id findings, by path. A file without errors of its own is held by other such files
 * (suspended ones too: one file says leave it, the other says set it), never by a broken one.
 */
function findDuplicates(read: readonly SharingFile[]): Map<string, Finding[]> {
  const first = new Map<WidgetId, SharingFile>();
  const several = new Map<WidgetId, SharingFile[]>();
  for (const one of read) {
    const id = one.content.widgetId;
    if (id === null) continue;
    const other = first.get(id);
    const sharing = several.get(id);
    if (other === undefined) first.set(id, one);
    else if (sharing === undefined) several.set(id, [other, one]);
    else sharing.push(one);
  }
  const found = new Map<string, Finding[]>();
  for (const [id, sharing] of several) {
    for (const one of sharing) {
      const others = sharing.filter((other) => other !== one);
      found.set(one.file.path, [duplicateOf(id, one, others)]);
    }
  }
  return found;
}

interface SharingFile {
  readonly file: Pick<ReadableFile, 'path'>;
  readonly content: Content;
}

function duplicateOf(id: WidgetId, one: SharingFile, others: readonly SharingFile[]): Finding {
  const places = others.map(
    ({ file: { path }, content: { idRange } }) => `${printable(path)}:${idRange.start.line}`,
  );
  return errorAt(one.content.idRange, 'duplicate-id', {
    summary: `the widget ${id} is declared in ${listed(places, 3)} as well`,
    detail: 'Keep one file for each widget.',
  });
}

function heldBy(errors: readonly Finding[], file: string, widgetId: WidgetId | null): HeldFile {
  const [first] = errors;
  const more = errors.length - 1;
  const code: ProblemCode = first?.code ?? 'unreadable-file';
  const message = `${first?.summary ?? ''}${more > 0 ? ` (and ${more} more)` : ''}`;
  return { file, widgetId, code, message };
}

/** No problem: it will be read in a moment, and was only not waited for by others. */
function unsettled({ path, content }: LoadedFile, what: string): HeldFile {
  const message = `${what} was being written a moment ago`;
  return { file: path, widgetId: content.widgetId, code: 'changing-file', message };
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
