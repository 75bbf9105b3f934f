// What widget files declared in an earlier commit, and in those after it. Types only.
import type { Commit } from '../commit.ts';
import type { KnownContent } from '../document.ts';
import type { WidgetId } from '../widget.ts';

export interface DeclaredThen {
  readonly commit: Commit;
  /** By widget: those that the commit declared, or one after it. */
  readonly widgets: ReadonlyMap<WidgetId, DeclaredWidget>;
}

export interface DeclaredWidget {
  /** From the widget directory, as it was called last. */
  readonly file: string;
  /** What the commit itself declared; null where only a later one did. */
  readonly declared: DeclaredContent | null;
  /** What the commits between it and the one that is checked out declared otherwise, the newest first. */
  readonly later: readonly LaterContent[];
}

export interface DeclaredContent {
  readonly content: KnownContent;
  /** SHA-256 (hex) of the file's bytes; of one that extends something a digest that no file of a directory has. */
  readonly digest: string;
  /** As written; absent where the file extended nothing. */
  readonly extends?: readonly string[];
}

export interface LaterContent {
  readonly content: KnownContent;
  /** The committer's date. */
  readonly time: Date;
}
