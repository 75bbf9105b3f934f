// The row of an account, and what it keeps.
/** What is kept for one account besides its records: what was spent, and what may be under way. */
export interface Page {
  readonly underWay: readonly string[];
  /** How long ago requests ended when it was written. */
  readonly endedAgoMs: readonly number[];
}

export interface ModelAccount {
  holder: number | null;
  token: number;
  /** When its holder has claimed it. */
  takenMs: number;
  /** What its page said then. */
  takenPage: Page;
  page: Page;
  seq: number;
  pageWrittenMs: number;
  readonly records: Map<string, number>;
}
