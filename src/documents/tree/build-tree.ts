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

/** `now` decides which suspensions have ended. */
export function loadTree(
  files: readonly TreeFile[],
  contentOf: (digest: string, path: string) => Content,
  { now }: { readonly now: Date },
): BuiltTree {
  const read = files.filter((file) => 'digest' in file);
  const loaded = read.map(
    (file): LoadedFile => ({
      ...file,
      content: named(file.path, contentOf(file.digest, file.path)),
    }),
  );
  const duplicates = findDuplicates(loaded);
  const documents: WidgetDocument[] = [];
  const held: HeldFile[] = [];
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  const ends: Date[] = [];

  for (const file of loaded) {
    const { path, content } = file;
    const moving = file.settlesInMs > 0 ? 'the file' : unsettledFragment(content);
    if (moving !== null) {
      held.push(unsettled(file, moving));
      continue;
    }
    // Its own errors first: they are what the file is held for.
    const findings = [
      ...content.findings,
      ...(duplicates.get(path) ?? []),
      ...overFindings(content, now),
    ];
    for (const finding of findings) problems.push({ ...finding, file: path });
    for (const note of content.notes) notes.push({ ...note, file: path });
    const errors = findings.filter(({ severity }) => severity === 'error');
    const { widgetId } = content;
    const waiting = documentOf(file);
    if (errors.length > 0) held.push(heldBy(errors, path, widgetId));
    else if ('broken' in content && content.broken !== null) {
      held.push({ file: path, widgetId, code: 'broken-fragment', message: content.broken });
    } else if (content.suspension !== null && !isOver(content.suspension, now)) {
      const { until } = content.suspension;
      const message = suspensionMessage(content.suspension);
      const ended = until === null ? {} : { until };
      held.push({ ...suspended({ file: path, widgetId, waiting }, message), ...ended });
      if (until !== null) ends.push(until);
    } else if (waiting !== null) documents.push(waiting);
  }
  for (const { path, finding } of files.filter((file) => 'finding' in file)) {
    const findings = [...keyInName(path), finding];
    for (const one of findings) problems.push({ ...one, file: path });
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) held.push(heldBy(errors, path, null));
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
function findDuplicates(files: readonly LoadedFile[]): Map<string, Finding[]> {
  const byId = new Map<WidgetId, LoadedFile[]>();
  for (const file of files) {
    const id = file.content.widgetId;
    if (id === null) continue;
    const sharing = byId.get(id);
    if (sharing === undefined) byId.set(id, [file]);
    else sharing.push(file);
  }
  const found = new Map<string, Finding[]>();
  for (const [id, sharing] of byId) {
    if (sharing.length < 2) continue;
    for (const file of sharing) {
      const others = sharing.filter((other) => other !== file);
      found.set(file.path, [duplicateOf(id, file, others)]);
    }
  }
  return found;
}

function duplicateOf(id: WidgetId, file: LoadedFile, others: readonly LoadedFile[]): Finding {
  const places = others.map(
    ({ path, content }) => `${printable(path)}:${content.idRange.start.line}`,
  );
  return errorAt(file.content.idRange, 'duplicate-id', {
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
