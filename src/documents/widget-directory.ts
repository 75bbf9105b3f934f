// A widget directory over time: each look is a complete one, of which only what moved is read and
// only new bytes are parsed. Keeps what the files declare, never their bytes. Does not watch.
import { join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import type { KnownContent, LoadedTree, Look, Problem, Range } from '../model/document.ts';
import type { WidgetId } from '../model/widget.ts';
import type { FileContent } from './check/file-content.ts';
import type { ComposedFile } from './compose/composed-file.ts';
import { LoadedFiles } from './fragments/loaded-files.ts';
import { suspendAll, type WholeSuspension } from './suspend-all.ts';
import { absoluteFrom } from './tree/root-path.ts';
import { Snapshots } from './tree/snapshot-reader.ts';

export interface WidgetDirectory {
  readonly dir: string;
  /** The tree once it can be believed: what a pass acts on. */
  look(): Look;
  /** The tree as it is at this moment. Throws UsageError when the directory cannot be read at all. */
  load(): LoadedTree;
  /**
   * The range of a JSON Pointer's value in a file itself, or of its nearest ancestor; null when the file no
   * longer has what that digest stands for: that of a document, or of the bytes.
   */
  locate(file: string, digest: string, pointer: string): Range | null;
  /**
   * A widget file with all that it inherits, and where each value stands: made again for what is shown. `digest` is that
   * of its document. Null when a file no longer has what was loaded.
   */
  compose(file: string, digest: string): ComposedFile | null;
  /** One line of a file as it was last loaded, for an excerpt; null when it has changed since. */
  sourceLine(file: string, line: number): string | null;
}

export interface WidgetDirectoryOptions {
  /** The content of the bytes of this digest, where an earlier process has recorded it. */
  readonly remember?: (digest: string) => KnownContent | undefined;
  /** What was parsed of the bytes of this digest elsewhere, without notes. */
  readonly parsed?: (digest: string) => FileContent | undefined;
  /** What the widget's file extended, where an earlier process has recorded it. */
  readonly extendsOf?: (widgetId: WidgetId) => readonly string[] | undefined;
  readonly clock?: Clock;
  /** Codes of warnings and notes that no file is to get. */
  readonly allow?: readonly string[];
  /** Whether notes are looked for; default: yes. Only `validate` shows them. */
  readonly notes?: boolean;
  /** `--root`: the source root, below which fragments may lie, where one was said. */
  readonly root?: string | null;
  /** The file of accounts that names the directory: without .git above, its folder is the source root. */
  readonly accountsFile?: string | null;
  /** Every file is held as suspended; null: as the files say. */
  readonly suspend?: WholeSuspension | null;
}

/** Without options: for looking once, as `validate` does. */
export function openWidgetDirectory(
  dir: string,
  options: WidgetDirectoryOptions = {},
): WidgetDirectory {
  const { remember = () => undefined, clock = systemClock, allow = [], notes = true } = options;
  const { suspend = null } = options;
  const root = { root: absolute(options.root), accountsFile: absolute(options.accountsFile) };
  const { extendsOf, parsed } = options;
  const recorded = { remember, ...(extendsOf && { extendsOf }), ...(parsed && { parsed }) };
  const snapshots = new Snapshots(dir, { ...recorded, clock, notes, root });
  const files = new LoadedFiles((file) => snapshots.fileOf(file));
  const path = absoluteFrom(dir);

  function withoutAllowed(tree: LoadedTree): LoadedTree {
    if (allow.length === 0) return tree;
    const isToSay = ({ severity, code }: Problem) => severity === 'error' || !allow.includes(code);
    return {
      ...tree,
      problems: tree.problems.filter(isToSay),
      notes: tree.notes.filter(isToSay),
    };
  }

  function asAsked(tree: LoadedTree): LoadedTree {
    const told = withoutAllowed(tree);
    return suspend === null ? told : suspendAll(told, suspend);
  }

  return {
    dir,
    look() {
      files.forget();
      const look = snapshots.look();
      return 'tree' in look ? { tree: asAsked(look.tree) } : look;
    },
    load() {
      files.forget();
      return asAsked(snapshots.load());
    },
    locate: (file, digest, pointer) =>
      files.locate({ file, path: join(path, file) }, digest, pointer),
    sourceLine: (file, line) => files.sourceLine(file, line),
    compose: (file, digest) => files.compose(file, digest),
  };
}

/** Once and for all: the folder that the process was started in may be replaced. */
function absolute(path: string | null | undefined): string | null {
  return path == null ? null : absoluteFrom(path);
}
