// A commit of git, and what it says of the widget files that it changed. Types only.
import type { WidgetId } from './widget.ts';

export interface Commit {
  /** The hash in full. */
  readonly id: string;
  /** The first line of its message. */
  readonly subject: string;
  /** The author's name. */
  readonly author: string;
  /** The committer's date. */
  readonly time: Date;
}

export type BroughtContent =
  | { readonly kind: 'declared'; readonly hash: string }
  /** `message`: why, and until when. */
  | { readonly kind: 'suspended'; readonly message: string }
  | {
      readonly kind: 'broken';
      readonly code: string;
      readonly message: string;
      readonly line: number;
    }
  | { readonly kind: 'removed' };

export interface BroughtFile {
  /** Relative to the widget directory, with forward slashes. */
  readonly file: string;
  /** Null where the file is too broken to say, now or, of one that was removed, before. */
  readonly widgetId: WidgetId | null;
  readonly content: BroughtContent;
}

export interface Brought {
  readonly commit: Commit;
  /** Of a range, the commit that it begins after; null for a single commit. */
  readonly after: Commit | null;
  /** Sorted by file. */
  readonly files: readonly BroughtFile[];
}

/**
 * A commit beside another one: the same, later on the same line, neither, or `unknown` where this clone has
 * too little of the history to tell.
 */
export type Standing = 'same' | 'later' | 'other' | 'unknown';

/** How one commit stands to another one, as far as that is known: `unknown` is also said of two branches. */
export type Line = 'before' | 'after' | 'unknown';
