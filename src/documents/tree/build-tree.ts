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
import type { ComposedContent } from '../fragments/composed-content.ts';
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
export type Content = FileContent | ComposedContent;

export type BuiltTree = Pick<LoadedTree, 'documents' | 'held' | 'problems' | 'notes' | 'nextUntil'>;

/** What comes of one file. */
interface Told {
  readonly document: WidgetDocument | null;
  readonly held: HeldFile | null;
  /** Sorted by place, as the notes. */
  readonly problems: readonly Problem[];
  readonly notes: readonly Problem[];
  readonly until: Date | null;
}

/** The same again as long as the content is the same object. */
export interface BuiltFile extends Told {
  readonly content: Content;
}

export interface TreeOptions {
  /** Decides which suspensions have ended. */
  readonly now: Date;
  /** What came of the same file before. */
  readonly before?: (index: number) => BuiltFile | null;
}

/** The files are sorted by path. `built` has for each what may be used again; null where nothing may. */
export function loadTree(
  files: readonly TreeFile[],
  contentOf: (digest: string, path: string, index: number) => Content,
  { now, before = () => null }: TreeOptions,
): BuiltTree & { readonly built: readonly (BuiltFile | null)[] } {
  const contents = files.map((file, index) =>
    'digest' in file ? contentOf(file.digest, file.path, index) : null,
  );
  const duplicates = findDuplicates(files, contents);
  const built: (BuiltFile | null)[] = [];
  const told = files.map((file, index) => {
    const content = contents[index] ?? null;
    if (!('digest' in file) || content === null) {
      built.push(null);
      return 'finding' in file ? toldOfUnread(file) : nothing;
    }
    const duplicate = duplicates.get(file.path);
    const isAlone = duplicate === undefined && file.settlesInMs === 0;
    const known = isAlone ? before(index) : null;
    const one =
      known?.content === content ? known : builtOf({ ...file, content }, duplicate ?? [], now);
    built.push(isAlone && !isTimed(content) ? one : null);
    return one;
  });
  return { ...joined(told), built };
}

const nothing: Told = { document: null, held: null, problems: [], notes: [], until: null };

function joined(told: readonly Told[]): BuiltTree {
  const documents: WidgetDocument[] = [];
  const held: HeldFile[] = [];
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  let nextUntil: Date | null = null;
  for (const one of told) {
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

function toldOfUnread({ path, finding }: UnreadFile): Told {
  const findings = [...keyInName(path), finding];
  const errors = findings.filter(({ severity }) => severity === 'error');
  return {
    ...nothing,
    held: errors.length > 0 ? heldBy(errors, path, null) : null,
    problems: inFile(findings, path),
  };
}

function inFile(findings: readonly Finding[], file: string): Problem[] {
  return findings.map((finding) => ({ ...finding, file })).sort(byPlace);
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
  const silent = { ...nothing, content: asRead };
  const moving = file.settlesInMs > 0 ? 'the file' : unsettledFragment(content);
  if (moving !== null) return { ...silent, held: unsettled(file, moving) };
  // Its own errors first: they are what the file is held for.
  const findings = [...content.findings, ...duplicate, ...overFindings(content, now)];
  const { suspension: said } = content;
  const suspension = said === null || isOver(said, now) ? null : said;
  const until = suspension?.until ?? null;
  const told = {
    ...silent,
    problems: inFile(findings, path),
    notes: inFile(content.notes, path),
    // Of a file that is held for another reason as well: that the suspension is over is told of it then.
    until,
  };
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return { ...told, held: heldBy(errors, path, widgetId) };
  if ('broken' in content && content.broken !== null) {
    const code = 'broken-fragment';
    return { ...told, held: { file: path, widgetId, code, message: content.broken } };
  }
  const waiting = documentOf(file);
  if (suspension === null) return { ...told, document: waiting };
  const held = suspended({ file: path, widgetId, waiting }, suspensionMessage(suspension));
  return { ...told, held: until === null ? held : { ...held, until } };
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
function findDuplicates(
  files: readonly TreeFile[],
  contents: readonly (Content | null)[],
): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>();
  const repeated = repeatedIds(contents);
  if (repeated.size === 0) return found;
  const several = new Map<WidgetId, SharingFile[]>();
  for (const [index, { path }] of files.entries()) {
    const content = contents[index] ?? null;
    const id = content?.widgetId ?? null;
    if (content === null || id === null || !repeated.has(id)) continue;
    several.set(id, [...(several.get(id) ?? []), { path, content }]);
  }
  for (const [id, sharing] of several) {
    for (const one of sharing) {
      const others = sharing.filter((other) => other !== one);
      found.set(one.path, [duplicateOf(id, one, others)]);
    }
  }
  return found;
}

/** Hardly ever any: so much is looked at in each tree. */
function repeatedIds(contents: readonly (Content | null)[]): Set<WidgetId> {
  const seen = new Set<WidgetId>();
  const repeated = new Set<WidgetId>();
  for (const content of contents) {
    const id = content?.widgetId ?? null;
    if (id === null) continue;
    if (seen.has(id)) repeated.add(id);
    else seen.add(id);
  }
  return repeated;
}

interface SharingFile {
  readonly path: string;
  readonly content: Content;
}

function duplicateOf(id: WidgetId, one: SharingFile, others: readonly SharingFile[]): Finding {
  const places = others.map(
    ({ path, content: { idRange } }) => `${printable(path)}:${idRange.start.line}`,
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
