// Tells of a directory that belongs to no git checkout and no published link: most often only a
// part of the repository was mounted, and that would not be noticed.

import type { Log } from '../../base/log.ts';
import type { LoadedTree } from '../../model/document.ts';

const what = 'the directory belongs to no git checkout and to no published link';
const why = 'half a checkout is not seen there, nor which commit it is';
const advice =
  'mount the whole repository, with its .git, and name the folder in it; or the link that git-sync publishes';

const brief = 'in a container, mount the whole repository, with its .git';

/** One line; null where there is nothing to tell. */
export function plainLine({ source }: Pick<LoadedTree, 'source'>): string | null {
  return source === 'plain' ? `Note: no git checkout, so ${why}; ${brief}` : null;
}

/** Said once, as a warning; of what is only tried out, as news. */
export function sayPlain(log: Log, { isSandbox }: { readonly isSandbox: boolean }) {
  let isSaid = false;
  return ({ source }: Pick<LoadedTree, 'source'>): void => {
    if (source === 'plain' && !isSaid) {
      const detail = `${why}: in a container, ${advice}`;
      log[isSandbox ? 'info' : 'warn']({ detail }, what);
    }
    isSaid = source === 'plain';
  };
}
