// Hints from the folders below one root. Only folders are watched; their watches report edits of the
// files in them, at a hundredth of the cost of a watch per file.
import { basename, join, relative, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { linkStatsOf } from '../tree/stat-path.ts';
import { countFolders, isPassedOver } from '../tree/tree-limits.ts';

export interface FolderWatchDeps {
  readonly onHint: () => void;
  readonly onFailure: (error: unknown) => void;
  /** There are, or were made, too many folders to go on so; said once, and nothing is watched any more. */
  readonly onTooMany: () => void;
  readonly mostFolders: number;
}

/** Those that a watch of the root would watch; see `countFolders`. */
export function countWatched(root: string, most: number): number {
  return countFolders(root, most);
}

/** chokidar reports a removal 100 ms late. */
const againMs = 150;

/** So many folders are watched again one by one. Each makes the next one slower; all anew takes seconds. */
const mostAgain = 1000;

export class FolderWatch {
  readonly #root: string;
  readonly #deps: FolderWatchDeps;
  readonly #watcher: FSWatcher;
  readonly #again = new Map<string, NodeJS.Timeout>();
  /** Resolves once every folder is watched, or the watch was stopped. */
  readonly ready: Promise<void>;
  #setReady = () => {};
  #folders: number;
  #madeAgain = 0;
  #stopped = false;

  /** `folders` are there to begin with. */
  constructor(root: string, folders: number, deps: FolderWatchDeps) {
    this.#root = root;
    this.#folders = folders;
    this.#deps = deps;
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
    this.#watcher = this.#start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#again.values()) clearTimeout(timer);
    this.#again.clear();
    this.#setReady();
    await this.#watcher.close();
  }

  #start(): FSWatcher {
    const { onHint, onFailure } = this.#deps;
    const watcher = watch(this.#root, {
      ignoreInitial: true,
      followSymlinks: false,
      // chokidar would hold deletions back for 100 ms to pair them with creations; a hint needs no pairs.
      atomic: false,
      ignored: (path, stats) => stats?.isFile() === true || isHidden(this.#root, path),
    });
    // `raw` reports what the folders' watches see before chokidar, whose own events drop the second
    // of two quick edits, has thought about it.
    watcher.on('raw', (event, name, details) => {
      onHint();
      if (event === 'rename') this.#watchAgain(placeOf(name, details));
    });
    watcher.on('all', (event) => {
      onHint();
      if (event === 'addDir' || event === 'unlinkDir') this.#count(event);
    });
    watcher.on('error', onFailure);
    watcher.once('ready', () => this.#setReady());
    return watcher;
  }

  #count(event: 'addDir' | 'unlinkDir'): void {
    this.#folders += event === 'addDir' ? 1 : -1;
    if (this.#folders > this.#deps.mostFolders) this.#giveUp();
  }

  #giveUp(): void {
    if (this.#stopped) return;
    void this.stop();
    this.#deps.onTooMany();
  }

  /**
   * A folder that is removed and made again at once looks unchanged to chokidar, whose watch went
   * with the former one. Looked at a little later, when chokidar has settled what it saw itself.
   */
  #watchAgain(path: string | null): void {
    if (path === null || this.#stopped || this.#again.has(path)) return;
    const timer = setTimeout(() => {
      this.#again.delete(path);
      if (linkStatsOf(path)?.isDirectory() !== true || isHidden(this.#root, path)) return;
      this.#madeAgain += 1;
      if (this.#madeAgain > mostAgain) return this.#giveUp();
      this.#watcher.unwatch(path);
      this.#watcher.add(path);
      this.#deps.onHint();
    }, againMs);
    this.#again.set(path, timer);
  }
}

/** The place of a raw event: node names the entry, chokidar the folder that was watched. */
function placeOf(name: unknown, details: unknown): string | null {
  const folder = (details as { watchedPath?: unknown } | null)?.watchedPath;
  return typeof name === 'string' && typeof folder === 'string' ? join(folder, name) : null;
}

/**
 * Below the root only: the root's own path may well lead through a hidden folder. Whatever the walk
 * passes over could only wake it in vain.
 */
function isHidden(root: string, path: string): boolean {
  const below = relative(root, path);
  if (below === '' || below.startsWith(`..${sep}`)) return false;
  return isPassedOver(basename(path));
}
