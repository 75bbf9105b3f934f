// One file by itself, with all that it extends: a widget file or a fragment, whatever else lies beside it. Reads
// nothing but that file and its fragments.
import { basename, dirname, isAbsolute, join, posix, relative, sep } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import type { Finding, Problem } from '../../model/document.ts';
import { sha256, type WidgetId } from '../../model/widget.ts';
import { readContent } from '../check/file-content.ts';
import { keyInName } from '../check/find-secrets.ts';
import { isError } from '../check/layer-content.ts';
import type { ComposedFile } from '../compose/composed-file.ts';
import { byPlace } from '../parse/finding.ts';
import { type FileKind, parse } from '../parse/parse.ts';
import { byFile } from '../tree/build-tree.ts';
import { isFragmentName } from '../tree/name-fragment.ts';
import { readFile } from '../tree/read-file.ts';
import { absoluteFrom } from '../tree/root-path.ts';
import { requireRoots, type SourceRoot } from '../tree/source-root.ts';
import { statsOf } from '../tree/stat-path.ts';
import { isWidgetName } from '../tree/tree-limits.ts';
import type { LoadedFile } from '../tree/tree-reader.ts';
import { compose } from './composed-content.ts';
import { FragmentChains } from './fragment-chains.ts';
import { FragmentFiles, fragmentMoved, noFragmentsSeen } from './fragment-files.ts';
import { toldOfFragments } from './fragment-problems.ts';
import { LoadedFiles } from './loaded-files.ts';
import { ValuePlaces } from './value-places.ts';

/** All files are relative to one folder, with forward slashes. */
export interface OneFile {
  /**
   * As the user named it: of a widget file its own, which stands for the widget directory; of a fragment the nearest one
   * around it from which its name says so.
   */
  readonly folder: string;
  readonly file: string;
  readonly kind: FileKind;
  readonly widgetId: WidgetId | null;
  /** Of the body; null for a fragment, and beside an error. */
  readonly hash: string | null;
  /** Null beside an error. */
  readonly composed: ComposedFile | null;
  /** Errors and warnings of the file and of its fragments, sorted by file, then by place. */
  readonly problems: readonly Problem[];
  /** For an excerpt; null where the line cannot be had. */
  readonly sourceLine: (file: string, line: number) => string | null;
}

export interface OneFileOptions {
  /** `--root`. */
  readonly root: string | null;
  /** The folder of the shell: without more words, what the way from there to the file holds may be named. */
  readonly startedIn: string;
  readonly now: () => Date;
}

/** Throws UsageError where the path leads to no file that could be a widget file or a fragment. */
export function readOneFile(path: string, options: OneFileOptions): OneFile {
  if (!isWidgetName(basename(path))) {
    throw new UsageError(
      `${printable(path)} is no widget file: name files that end in .yaml or .yml.`,
    );
  }
  try {
    const asked = askedFor(path, dirname(path), options);
    if (!isFragment(asked)) return readWidgetFile(asked);
    return readFragmentFile(askedFor(path, folderAround(asked), options));
  } catch (error) {
    if (error !== fragmentMoved) throw error;
    throw new UsageError(`A file that ${printable(path)} extends was moved meanwhile: try again.`);
  }
}

function askedFor(path: string, folder: string, options: OneFileOptions): Asked {
  const { root, startedIn, now } = options;
  const file = relative(folder, path).split(sep).join('/');
  const { sources } = requireRoots(absoluteFrom(folder), { directory: folder, root, startedIn });
  const files = new FragmentFiles(sources, noFragmentsSeen, now);
  return { folder, file, path, files, chains: new FragmentChains(files), now, sources };
}

/**
 * A name with `_` makes a fragment of a file, whatever it says. That of a folder may also be one that the widget
 * directory lies in: there what says a `widget_id` is a widget file.
 */
function isFragment({ file, path, sources, now }: Asked): boolean {
  if (isFragmentName(file)) return true;
  const isInRoot = isFragmentName(posix.join(sources.place, file));
  const isByWay = !isAbsolute(path) && isFragmentName(path);
  if (!isInRoot && !isByWay) return false;
  const read = readFile(join(sources.widgets, file), now);
  const isOfWidget = !('bytes' in read) || parse(read.bytes).value?.['widget_id'] !== undefined;
  if (isOfWidget || isInRoot) return !isOfWidget;
  throw new UsageError(
    `${printable(path)} lies outside of the source root with the folder whose name makes a fragment of it: ` +
      'name with --root a folder above that.',
  );
}

/** The nearest folder from which the name of the file says that it is a fragment, as the user would name it. */
function folderAround({ folder, sources }: Asked): string {
  const names = sources.place.split('/');
  const first = names.findIndex((name) => name.startsWith('_'));
  return first === -1 ? folder : join(folder, ...names.slice(first).map(() => '..'));
}

interface Asked extends Pick<OneFile, 'folder' | 'file'> {
  readonly path: string;
  readonly files: FragmentFiles;
  readonly chains: FragmentChains;
  readonly now: () => Date;
  readonly sources: SourceRoot;
}

/** Stands for a file of the folder: from there, the name of a fragment is an entry that leads to it. */
const inFolder = '_';

function readFragmentFile({ folder, file, path, files, chains }: Asked): OneFile {
  const found = files.resolve(inFolder, file);
  if ('refusal' in found) {
    const { summary, detail } = found.refusal;
    throw new UsageError(`${printable(path)}: ${summary}. ${detail}`);
  }
  const texts = found.content.entries.map(({ text }) => text);
  const chain = chains.chainOf(file, texts);
  const reached = new Set([...chain.fragments, found]);
  const problems = [...reached].flatMap((one) => inFile(one.file, chains.findingsOf(one)));
  const bytes = found.digest ?? '';
  // Read as a widget file, which may extend others: what only a fragment may not say was looked for above.
  const loaded = loadedFiles(file, { path: found.path ?? '', bytes, kind: 'widget', chain });
  return {
    ...{ folder, file, kind: 'fragment', widgetId: null, hash: null },
    composed: problems.some(isError) ? null : loaded.compose(file, bytes),
    problems: sorted([...problems, ...inFile(file, keyInName(file))]),
    sourceLine: (of, line) => loaded.sourceLine(of, line),
  };
}

function readWidgetFile({ folder, file, path, chains, now, sources }: Asked): OneFile {
  const place = join(sources.widgets, file);
  if (statsOf(place)?.isDirectory()) {
    throw new UsageError(`${printable(path)} is a folder: name the files in it.`);
  }
  const read = readFile(place, now);
  if ('gone' in read) throw new UsageError(`There is no file ${printable(path)}.`);
  const common = { folder, file, kind: 'widget' } as const;
  if ('finding' in read) {
    const nothing = { widgetId: null, hash: null, composed: null, sourceLine: () => null };
    return { ...common, ...nothing, problems: inFile(file, [read.finding]) };
  }
  const bytes = sha256(read.bytes);
  const content = readContent(read.bytes, { notes: false });
  const { layer } = content;
  const isLayered = layer !== undefined && 'entries' in layer;
  const chain = isLayered
    ? chains.chainOf(
        file,
        layer.entries.map(({ text }) => text),
      )
    : null;
  const loaded = loadedFiles(file, { path: place, bytes, kind: 'widget', chain });
  const layered = { file, root: sources.widgets, bytes, content };
  const options = { now: now(), notes: false, places: new ValuePlaces() };
  const composed = chain === null ? null : compose({ ...layered, chain }, null, options);
  const whole = composed?.content ?? content;
  const met = composed === null ? [] : [{ file, ...composed.elsewhere }];
  const reached = (chain?.fragments ?? []).map((fragment) => ({ fragment, widgets: [file] }));
  const problems = sorted([
    ...inFile(file, [...keyInName(file), ...whole.findings]),
    ...toldOfFragments(met, reached, chains).problems,
  ]);
  const { widget, widgetId } = whole;
  const isSound = widget !== null && !problems.some(isError);
  return {
    ...{ ...common, widgetId, problems },
    hash: isSound ? widget.hash : null,
    composed: isSound ? loaded.compose(file, bytes) : null,
    sourceLine: (of, line) => loaded.sourceLine(of, line),
  };
}

function loadedFiles(file: string, own: LoadedFile): LoadedFiles {
  const fragments = (own.chain?.fragments ?? []).map((fragment) => {
    const { path, digest } = fragment;
    const loaded = {
      path: path ?? '',
      bytes: digest ?? '',
      kind: 'fragment',
      chain: null,
    } as const;
    return [fragment.file, loaded] as const;
  });
  const files = new Map<string, LoadedFile>([...fragments, [file, own]]);
  return new LoadedFiles((of) => files.get(of));
}

function inFile(file: string, findings: readonly Finding[]): Problem[] {
  return findings.map((finding) => ({ ...finding, file }));
}

function sorted(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => byFile(a, b) || byPlace(a, b));
}
