// One file by itself, with all that it extends: a widget file or a fragment, whatever else lies beside it. Reads
// nothing but that file and its fragments.
import { basename, dirname, isAbsolute, join, posix } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json/json.ts';
import { printable } from '../../base/text.ts';
import type { Finding, Problem, Range } from '../../model/document.ts';
import { sha256, type WidgetId } from '../../model/widget.ts';
import { readContent } from '../check/file-content.ts';
import { keyInName } from '../check/find-secrets.ts';
import { isError } from '../check/layer-content.ts';
import type { Layer } from '../compose/compose-layers.ts';
import { type ComposedFile, composedFile } from '../compose/composed-file.ts';
import { byPlace } from '../parse/finding.ts';
import { type FileKind, parse } from '../parse/parse.ts';
import { sourceText, startOfFile } from '../parse/source-text.ts';
import { byFile } from '../tree/build-tree.ts';
import { isFragmentName } from '../tree/name-fragment.ts';
import { readFile } from '../tree/read-file.ts';
import { absoluteFrom } from '../tree/root-path.ts';
import { requireRoots, type SourceRoot } from '../tree/source-root.ts';
import { isWidgetName } from '../tree/tree-limits.ts';
import { ComposedContents, layersOf } from './composed-contents.ts';
import { FragmentChains } from './fragment-chains.ts';
import { type Fragment, FragmentFiles, noFragmentsSeen } from './fragment-files.ts';
import { type LoadedFile, readLoaded, ValuePlaces } from './value-places.ts';

/** All files are relative to the folder of the one that was asked for, with forward slashes. */
export interface OneFile {
  /** That folder, as the user named it. */
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
  readonly now: () => Date;
}

/** Throws UsageError where the path leads to no file that could be a widget file or a fragment. */
export function readOneFile(path: string, { root, now }: OneFileOptions): OneFile {
  const folder = dirname(path);
  const file = basename(path);
  if (!isWidgetName(file)) {
    throw new UsageError(
      `${printable(path)} is no widget file: name files that end in .yaml or .yml.`,
    );
  }
  const { sources } = requireRoots(absoluteFrom(folder), { directory: folder, root });
  const files = new FragmentFiles(sources, noFragmentsSeen, now);
  const asked = { folder, file, path, files, chains: new FragmentChains(files), now, sources };
  if (isFragmentName(posix.join(sources.place, file))) return readFragmentFile(asked);
  if (!isAbsolute(path) && isFragmentName(path)) {
    throw new UsageError(
      `${printable(path)} lies outside of the source root with the folder whose name makes a fragment of it: ` +
        'name with --root a folder above that.',
    );
  }
  return readWidgetFile(asked);
}

interface Asked {
  readonly folder: string;
  readonly file: string;
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
  const { fragments } = chains.chainOf(inFolder, [file]);
  const problems = fragments.flatMap((one) => inFile(one.file, chains.findingsOf(one)));
  const layers = layersOf(fragments);
  const own = layers.pop();
  const loaded = new LoadedFiles(fragments);
  const isSound = own !== undefined && !problems.some(isError);
  return {
    ...{ folder, file, kind: 'fragment', widgetId: null, hash: null },
    composed: isSound ? composedFile({ fragments: layers, omit: [], own }, loaded.placeIn) : null,
    problems: sorted([...problems, ...inFile(file, keyInName(file))]),
    sourceLine: loaded.line,
  };
}

function readWidgetFile({ folder, file, path, chains, now, sources }: Asked): OneFile {
  const place = join(sources.widgets, file);
  const read = readFile(place, now);
  if ('gone' in read) throw new UsageError(`There is no file ${printable(path)}.`);
  const common = { folder, file, kind: 'widget' } as const;
  if ('finding' in read) {
    const problems = inFile(file, [read.finding]);
    return {
      ...common,
      widgetId: null,
      hash: null,
      composed: null,
      problems,
      sourceLine: () => null,
    };
  }
  const bytes = sha256(read.bytes);
  const content = readContent(read.bytes, { notes: false });
  const { layer } = content;
  const isLayered = layer !== undefined && 'entries' in layer;
  const entries = isLayered ? layer.entries.map(({ text }) => text) : [];
  const chain = chains.chainOf(file, entries);
  const loaded = new LoadedFiles(chain.fragments, { file, path: place, digest: bytes });
  const contents = new ComposedContents(loaded.places, { notes: false });
  contents.begin();
  const whole = isLayered
    ? contents.compose({ file, path: place, bytes, content, chain }, now())
    : content;
  const reached = chain.fragments.map((fragment) => ({ fragment, widgets: [file] }));
  const problems = sorted([
    ...inFile(file, [...keyInName(file), ...whole.findings]),
    ...contents.problems(chains, reached),
  ]);
  const { widget, widgetId } = whole;
  const isSound = widget !== null && !problems.some(isError);
  const own = { file, value: layerOf(read.bytes) };
  const omit = isLayered ? layer.omit.map(({ text }) => text) : [];
  const layers = { fragments: layersOf(chain.fragments), omit, own };
  return {
    ...{ ...common, widgetId, problems, sourceLine: loaded.line },
    hash: isSound ? widget.hash : null,
    composed: isSound ? composedFile(layers, loaded.placeIn) : null,
  };
}

/** What a sound file declares by itself. */
function layerOf(bytes: Uint8Array): JsonObject {
  const { widget_id: _, extends: __, omit: ___, ...value } = parse(bytes).value ?? {};
  return value;
}

/** The bytes that were loaded, read again for what is shown. */
class LoadedFiles {
  readonly places = new ValuePlaces();
  readonly #files: ReadonlyMap<string, LoadedFile>;

  constructor(fragments: readonly Fragment[], own?: Omit<LoadedFile, 'kind'> & { file: string }) {
    const loaded = fragments.map(({ file, path, digest }) => {
      return [file, { path: path ?? '', digest: digest ?? '', kind: 'fragment' as const }] as const;
    });
    this.#files = new Map([
      ...loaded,
      ...(own === undefined ? [] : [[own.file, { ...own, kind: 'widget' as const }] as const]),
    ]);
  }

  readonly placeIn = ({ file }: Layer, pointer: string): Range => {
    const loaded = this.#files.get(file);
    return (loaded && this.places.place(loaded, pointer, 'key')) ?? startOfFile;
  };

  readonly line = (file: string, line: number): string | null => {
    const loaded = this.#files.get(file);
    const bytes = loaded === undefined ? null : readLoaded(loaded);
    return bytes === null ? null : sourceText(new TextDecoder().decode(bytes)).line(line);
  };
}

function inFile(file: string, findings: readonly Finding[]): Problem[] {
  return findings.map((finding) => ({ ...finding, file }));
}

function sorted(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => byFile(a, b) || byPlace(a, b));
}
