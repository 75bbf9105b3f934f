// A widget directory over time: each look is a complete one, of which only what moved is read and
// only new bytes are parsed. Keeps what the files declare, never their bytes. Does not watch.
import { join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import type { KnownContent, LoadedTree, Look, Problem, Range } from '../model/document.ts';
import { sha256 } from '../model/widget.ts';
import { parse } from './parse/parse.ts';
import { type SourceText, sourceText } from './parse/source-text.ts';
import { readFile } from './tree/read-file.ts';
import { absoluteFrom } from './tree/root-path.ts';
import { Snapshots } from './tree/snapshot-reader.ts';

export interface WidgetDirectory {
  readonly dir: string;
  /** The tree once it can be believed: what a pass acts on. */
  look(): Look;
  /** The tree as it is at this moment. Throws UsageError when the directory cannot be read at all. */
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
  /** The content of the bytes of this digest, where an earlier process has recorded it. */
  readonly remember?: (digest: string) => KnownContent | undefined;
  readonly clock?: Clock;
  /** Codes of warnings and notes that no file is to get. */
  readonly allow?: readonly string[];
  /** Whether notes are looked for; default: yes. Only `validate` shows them. */
  readonly notes?: boolean;
  /** `--root`: the source root, below which fragments may lie, where one was said. */
  readonly root?: string | null;
  /** The file of accounts that names the directory: without .git above, its folder is the source root. */
  readonly accountsFile?: string | null;
}

/** Without options: for looking once, as `validate` does. */
export function openWidgetDirectory(
  dir: string,
  options: WidgetDirectoryOptions = {},
): WidgetDirectory {
  const { remember = () => undefined, clock = systemClock, allow = [], notes = true } = options;
  const root = { root: absolute(options.root), accountsFile: absolute(options.accountsFile) };
  const snapshots = new Snapshots(dir, { remember, clock, notes, root });
  // Problems come sorted by file, so the text of one file serves all excerpts of it.
  let lastText: { digest: string; source: SourceText } | null = null;
  const now = () => clock.now();
  const path = absoluteFrom(dir);

  /** Only a file that was listed as readable is opened again, and only the same bytes are used. */
  function readAgain(file: string, digest: string): Uint8Array | null {
    const read = readFile(join(path, file), now);
    return 'bytes' in read && sha256(read.bytes) === digest ? read.bytes : null;
  }

  function sourceLine(file: string, line: number): string | null {
    const digest = snapshots.digestOf(file);
    if (digest === undefined) return null;
    if (lastText?.digest !== digest) {
      const bytes = readAgain(file, digest);
      if (bytes === null) return null;
      lastText = { digest, source: sourceText(new TextDecoder().decode(bytes)) };
    }
    return lastText.source.line(line);
  }

  function withoutAllowed(tree: LoadedTree): LoadedTree {
    if (allow.length === 0) return tree;
    const isToSay = ({ severity, code }: Problem) => severity === 'error' || !allow.includes(code);
    return {
      ...tree,
      problems: tree.problems.filter(isToSay),
      notes: tree.notes.filter(isToSay),
    };
  }

  return {
    dir,
    look() {
      const look = snapshots.look();
      return 'tree' in look ? { tree: withoutAllowed(look.tree) } : look;
    },
    load: () => withoutAllowed(snapshots.load()),
    locate(file, digest, pointer) {
      const bytes = readAgain(file, digest);
      return bytes === null ? null : parse(bytes).place(pointer, 'value');
    },
    sourceLine,
  };
}

/** Once and for all: the folder that the process was started in may be replaced. */
function absolute(path: string | null | undefined): string | null {
  return path == null ? null : absoluteFrom(path);
}
