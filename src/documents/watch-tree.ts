// Hints that something below a directory may have changed. A hint carries no facts: the reader
// looks at the tree. Only directories are watched; their watches report edits of the files in them,
// at a hundredth of the cost of a watch per file.
import { basename, relative, resolve, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

export interface WatchDeps {
  readonly onHint: () => void;
  /** The watcher failed; it goes on with what it still sees. */
  readonly onFailure: (error: unknown) => void;
}

export interface TreeWatch {
  stop(): Promise<void>;
}

/** Resolves once every directory is watched. */
export async function watchTree(directory: string, deps: WatchDeps): Promise<TreeWatch> {
  const root = resolve(directory);
  const watcher = watch(root, {
    ignoreInitial: true,
    followSymlinks: false,
    // chokidar would hold deletions back for 100 ms to pair them with creations; a hint needs no pairs.
    atomic: false,
    ignored: (path, stats) => stats?.isFile() === true || isHidden(root, path),
  });
  // `raw` reports what the directories' watches see before chokidar, whose own events drop the
  // second of two quick edits, has thought about it.
  watcher.on('raw', deps.onHint);
  watcher.on('all', deps.onHint);
  watcher.on('error', (error) => {
    deps.onFailure(error);
    deps.onHint();
  });
  await ready(watcher);
  return { stop: () => watcher.close() };
}

function ready(watcher: FSWatcher): Promise<void> {
  return new Promise((done) => watcher.once('ready', () => done()));
}

/** Below the root only: the root's own path may well lead through a hidden folder. */
function isHidden(root: string, path: string): boolean {
  const below = relative(root, path);
  if (below === '' || below.startsWith(`..${sep}`)) return false;
  return basename(path).startsWith('.');
}
