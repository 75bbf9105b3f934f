// A widget directory over time: each `load` is a complete look, of which only what moved is read and
// only new bytes are parsed. Keeps what the files declare, never their bytes. Does not watch.
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { sha256 } from '../widget.ts';
import { type FileContent, readContent, rememberedContent } from './content.ts';
import { loadTree } from './load.ts';
import { parse } from './parse.ts';
import { readFile } from './read-file.ts';
import { readTree, type Tree } from './read-tree.ts';
import { readRevision } from './revision.ts';
import { type SourceText, sourceText } from './source-text.ts';
import type { KnownContent, LoadedTree, Range } from './types.ts';

export interface WidgetDirectory {
  readonly dir: string;
  /** Throws UsageError when the directory cannot be read at all. */
  load(): LoadedTree;
  /**
   * The range of a JSON Pointer's value in a file, or of its nearest ancestor; null when the file no
   * longer has the bytes of that digest.
   */
  locate(file: string, digest: string, pointer: string): Range | null;
  /** One line of a file as it was last loaded, for an excerpt; null when it has changed since. */
  sourceLine(file: string, line: number): string | null;
}

export interface WidgetDirectoryOptions {
  /** What bytes of this digest declare, where an earlier process has recorded it. */
  readonly remember?: (digest: string) => KnownContent | undefined;
  readonly clock?: Clock;
}

/** Without options: for looking once, as `validate` does. */
export function openWidgetDirectory(
  dir: string,
  { remember = () => undefined, clock = systemClock }: WidgetDirectoryOptions = {},
): WidgetDirectory {
  let seen: Tree['seen'] = new Map();
  let contents = new Map<string, FileContent>();
  let digests = new Map<string, string>();
  // Problems come sorted by file, so the text of one file serves all excerpts of it.
  let lastText: { digest: string; source: SourceText } | null = null;
  const now = () => clock.now();

  function load(): LoadedTree {
    const before = readRevision(dir);
    const known = contents;
    const tree = readTree(dir, seen, {
      now,
      onRead(digest, bytes) {
        if (known.has(digest)) return;
        const recorded = remember(digest);
        known.set(
          digest,
          recorded === undefined ? readContent(bytes) : rememberedContent(bytes, recorded),
        );
      },
    });
    seen = tree.seen;
    digests = new Map(
      tree.files.flatMap((file) => ('digest' in file ? [[file.path, file.digest] as const] : [])),
    );
    contents = only(known, digests.values());
    const loaded = loadTree(tree.files, (digest) => contentOf(contents, digest), now());
    // In the middle of a checkout no commit can be named.
    const after = readRevision(dir);
    return { ...loaded, revision: before === after ? after : null };
  }

  /** Only a file that was listed as readable is opened again, and only the same bytes are used. */
  function readAgain(file: string, digest: string): Uint8Array | null {
    const read = readFile(join(dir, file), now);
    return 'bytes' in read && sha256(read.bytes) === digest ? read.bytes : null;
  }

  function sourceLine(file: string, line: number): string | null {
    const digest = digests.get(file);
    if (digest === undefined) return null;
    if (lastText?.digest !== digest) {
      const bytes = readAgain(file, digest);
      if (bytes === null) return null;
      lastText = { digest, source: sourceText(new TextDecoder().decode(bytes)) };
    }
    return lastText.source.line(line);
  }

  return {
    dir,
    load,
    locate(file, digest, pointer) {
      const bytes = readAgain(file, digest);
      return bytes === null ? null : parse(bytes).place(pointer, 'value');
    },
    sourceLine,
  };
}

/** The contents that some file still has: an edited file's former content is forgotten. */
function only(known: ReadonlyMap<string, FileContent>, digests: Iterable<string>) {
  const kept = new Map<string, FileContent>();
  for (const digest of digests) kept.set(digest, contentOf(known, digest));
  return kept;
}

function contentOf(contents: ReadonlyMap<string, FileContent>, digest: string): FileContent {
  const content = contents.get(digest);
  if (content === undefined) throw new Error(`no content was read for the digest ${digest}`);
  return content;
}
