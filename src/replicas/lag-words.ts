// What people are told of files that may not be acted on.
import { listed, printable } from '../base/text.ts';
import type { Lag } from './source-follower.ts';

export interface LagWords {
  readonly code: 'behind' | 'moving';
  /** One line, without a stop at its end. */
  readonly message: string;
  /** In milliseconds; null: when something changes, or the next look is due anyway. */
  readonly retryInMs: number | null;
}

/** What the store says of others may have changed by then; newer files are seen at once. */
const behindMs = 5000;
const movingMs = 500;

export function lagWords(lag: Lag, revision: string): LagWords {
  const [mine, newest] = [revision, 'newest' in lag ? lag.newest.revision : ''].map(short);
  const waits = 'nothing is decided until newer ones are here';
  switch (lag.kind) {
    case 'moving':
      return {
        ...{ code: 'moving', retryInMs: movingMs },
        message: 'the files were replaced a moment ago',
      };
    case 'older':
      return {
        ...{ code: 'behind', retryInMs: behindMs },
        message: `the files (${mine}) are older than those that were followed last (${newest}): ${waits}; where they are meant, make a new commit of them`,
      };
    case 'contested':
      return {
        ...{ code: 'behind', retryInMs: behindMs },
        message: `nothing tells whether the files (${mine}) come after those that were followed last (${newest}): ${waits}`,
      };
    case 'blocked': {
      const hosts = printable(listed(lag.hosts, 3));
      const who = hosts === '' ? '' : `, which ${hosts} has`;
      return {
        ...{ code: 'behind', retryInMs: null },
        message: `two revisions are followed, and nothing tells which is newer: ${mine} here, and ${newest}${who}; make a commit that comes after both, and let it reach all replicas`,
      };
    }
  }
}

function short(revision: string): string {
  return printable(revision.slice(0, 8));
}
