// The result of reading a directory: documents that can be used, files that cannot, and why.

import type { Commit } from './commit.ts';
import type { HeldCode, ProblemCode } from './problem-codes.ts';
import type { SyncPolicy, WidgetId, WidgetSpec } from './widget.ts';

/** A place in a file; lines and columns count from 1, columns in UTF-16 units, `end` is exclusive. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where a value stands. `file` is relative to the widget directory: `../_brand.yaml` stands above it. */
export interface Origin {
  /** With forward slashes. */
  readonly file: string;
  readonly range: Range;
}

/** Something a user mends by editing a file. */
export interface Problem {
  /** An error holds the file; a warning does not; a note is no fault, and is only told by `validate`. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly code: ProblemCode;
  /** Relative to the widget directory, with forward slashes. */
  readonly file: string;
  readonly range: Range;
  /** One line: what is wrong. */
  readonly summary: string;
  /** Says what was expected, what was found and what to do. */
  readonly detail: string;
  /** The widget files that a finding of a fragment is about; absent for a widget file's own. */
  readonly affects?: Affected;
}

export interface Affected {
  readonly count: number;
  /** Sorted; at most 20 of them. */
  readonly files: readonly string[];
}

/** A problem of some bytes, whatever file they stand in. */
export type Finding = Omit<Problem, 'file' | 'affects'>;

/** A file that declares one widget and can be acted on. */
export interface WidgetDocument {
  readonly widgetId: WidgetId;
  readonly file: string;
  /**
   * SHA-256 (hex): of the file's bytes; where it has `extends`, over the digest of its bytes and the meanings of
   * its fragments, the weakest first.
   */
  readonly digest: string;
  /** What it extends, as written, as a list; absent where it does not say. */
  readonly extends?: readonly string[];
  /** With all that the file inherits. */
  readonly spec: WidgetSpec;
  /** `hashSpec(spec)`. */
  readonly hash: string;
  readonly sync: SyncPolicy;
}

/** A fragment that some widget file extends, directly or through others. */
export interface ReachedFragment {
  /** Relative to the widget directory, with forward slashes: `../_brand.yaml` stands above it. */
  readonly file: string;
  /** The widget files that it reaches, held ones among them, sorted. */
  readonly widgets: readonly string[];
}

/** A file that cannot be used now: its widget stays as it is. */
export interface HeldFile {
  readonly file: string;
  /** Null when the file is too broken to say. */
  readonly widgetId: WidgetId | null;
  readonly code: ProblemCode | HeldCode;
  readonly message: string;
  /** When a suspension ends by itself; absent where it does not. */
  readonly until?: Date;
  /** The document that would be applied, were the file not suspended; absent for other files. */
  readonly waiting?: WidgetDocument;
}

/**
 * `checkout`: git's directory is there, and with it the lock that git holds while it writes;
 * `published`: a link is swapped to trees that are whole, by git-sync or by the volume of a ConfigMap;
 * `plain`: neither, so that half a checkout cannot be told from a whole one, and no commit is known.
 */
export type TreeSource = 'checkout' | 'published' | 'plain';

/**
 * Whether the file, of the bytes of that digest, is not as the tree's commit has it; false also where that
 * cannot be told. Reads the file when it is first asked. Never throws.
 */
export type IsEdited = (document: Pick<WidgetDocument, 'file' | 'digest'>) => boolean;

export interface LoadedTree {
  /** Sorted by file. Each widget id occurs once. */
  readonly documents: readonly WidgetDocument[];
  /** Sorted by file; one entry a file, even where it has several problems. */
  readonly held: readonly HeldFile[];
  /** Sorted by file; empty where no widget file extends any. */
  readonly fragments: readonly ReachedFragment[];
  /** Errors and warnings, sorted by file, then by place. */
  readonly problems: readonly Problem[];
  /** Sorted by file, then by place. */
  readonly notes: readonly Problem[];
  /** The earliest end of a suspension among the held files: look again then. */
  readonly nextUntil: Date | null;
  /** The commit that was checked out or published while the files were read, where one can be told. */
  readonly revision: string | null;
  /** When that commit was made, where it can be told. */
  readonly committedAt: Date | null;
  /** The commit itself; absent where its object cannot be read. */
  readonly commit?: Commit;
  /** Absent where it cannot be told: outside a checkout, or where the commit cannot be read. */
  readonly isEdited?: IsEdited;
  /** The origin of the files. */
  readonly source: TreeSource;
  /** The folders, and what tells each from another one that takes its place. */
  readonly folders: ReadonlyMap<string, string>;
  /**
   * Where the names of fragments, and of the links to them, are looked up: by folder (absolute, without links), the
   * names. Absent where no file names any.
   */
  readonly places?: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A tree that can be believed, or why none can be at the moment. */
export type Look = { readonly tree: LoadedTree } | { readonly unsettled: Unsettled };

/** Nothing is decided from a directory in such a state: it is looked at again. */
export interface Unsettled {
  /**
   * `missing` or `unreadable`: there is no such directory now; `emptied`: nothing is left in it;
   * `git`: an operation is under way; `moving`: files were changing a moment ago; `behind`: another process has
   * followed newer ones.
   */
  readonly code: 'missing' | 'unreadable' | 'emptied' | 'git' | 'moving' | 'behind';
  /** One line for people. */
  readonly message: string;
  /** When to look again, in milliseconds; null: when something changes, or the next rescan is due. */
  readonly retryInMs: number | null;
}

/** A document's content without its place, as remembered from an earlier reading of the same bytes. */
export type KnownContent = Pick<WidgetDocument, 'widgetId' | 'spec' | 'hash' | 'sync'>;
