// A commit of git, as far as people ask for it. Types only.

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
