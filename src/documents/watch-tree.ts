// Hints that something below a directory may have changed. A hint carries no facts: the reader
// looks at the tree. Only directories are watched; their watches report edits of the files in them,
// at a hundredth of the cost of a watch per file.
import { lstatSync, type FSWatcher as PlaceWatcher, watch as watchPlace } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { type RootPath, resolveRoot } from './root-path.ts';

export interface WatchDeps {
  readonly onHint: () => void;
  /** The watcher failed; it goes on with what it still sees. */
  readonly onFailure: (error: unknown) => void;
}

export interface TreeWatch {
  stop(): Promise<void>;
}

/**
 * Resolves once every directory is watched. The places where the directory's name is looked up are
 * watched too: git-sync publishes a commit by swapping a link, and a folder may be made anew.
 */
export async function watchTree(directory: string, deps: WatchDeps): Promise<TreeWatch> {
  const watching = new Watching(directory, deps);
  await watching.arm();
  return { stop: () => watching.stop() };
}

/** chokidar reports a removal 100 ms late. */
const againMs = 150;

class Watching {
  readonly #directory: string;
  readonly #deps: WatchDeps;
  #root: RootPath = { path: '', identity: '', places: new Map() };
  #tree: FSWatcher | null = null;
  #places: PlaceWatcher[] = [];
  #arming: Promise<void> = Promise.resolve();
  readonly #again = new Map<string, NodeJS.Timeout>();
  #stopped = false;

  constructor(directory: string, deps: WatchDeps) {
    this.#directory = directory;
    this.#deps = deps;
  }

  /** Watches whatever the directory's name leads to now. */
  arm(): Promise<void> {
    this.#arming = this.#arming.then(() => this.#armOnce());
    return this.#arming;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#arming;
    for (const timer of this.#again.values()) clearTimeout(timer);
    for (const place of this.#places) place.close();
    await this.#tree?.close();
  }

  async #armOnce(): Promise<void> {
    const root = resolveRoot(this.#directory);
    if (this.#stopped || root === null || root.identity === this.#root.identity) return;
    const former = { tree: this.#tree, places: this.#places };
    // chokidar shares its watches by path, and would go on with those of the former folder.
    if (root.path === this.#root.path) await former.tree?.close();
    this.#root = root;
    // The new places before the old ones go: a swap in between is seen by one of them.
    this.#places = [...root.places].flatMap(([folder, names]) => this.#watchPlace(folder, names));
    this.#tree = this.#watchTree(root.path);
    const armed = this.#tree;
    await new Promise<void>((done) => armed.once('ready', () => done()));
    for (const place of former.places) place.close();
    await former.tree?.close();
    // What changed while nothing was watched; before the first time that is nobody's to tell.
    if (former.tree !== null) this.#deps.onHint();
  }

  #watchTree(root: string): FSWatcher {
    const watcher = watch(root, {
      ignoreInitial: true,
      followSymlinks: false,
      // chokidar would hold deletions back for 100 ms to pair them with creations; a hint needs no pairs.
      atomic: false,
      ignored: (path, stats) => stats?.isFile() === true || isHidden(root, path),
    });
    // `raw` reports what the directories' watches see before chokidar, whose own events drop the
    // second of two quick edits, has thought about it.
    watcher.on('raw', (event, name, details) => {
      this.#deps.onHint();
      if (event === 'rename') this.#watchAgain(watcher, placeOf(name, details));
    });
    watcher.on('all', this.#deps.onHint);
    watcher.on('error', (error) => {
      this.#deps.onFailure(error);
      this.#deps.onHint();
    });
    return watcher;
  }

  /**
   * A folder that is removed and made again at once looks unchanged to chokidar, whose watch went
   * with the former one. Looked at a little later, when chokidar has settled what it saw itself.
   */
  #watchAgain(watcher: FSWatcher, path: string | null): void {
    if (path === null || this.#again.has(path)) return;
    const timer = setTimeout(() => {
      this.#again.delete(path);
      if (watcher !== this.#tree || !isDirectory(path) || isHidden(this.#root.path, path)) return;
      watcher.unwatch(path);
      watcher.add(path);
      this.#deps.onHint();
    }, againMs);
    this.#again.set(path, timer);
  }

  #watchPlace(folder: string, names: ReadonlySet<string>): PlaceWatcher[] {
    try {
      const watcher = watchPlace(folder, (_, name) => {
        if (name === null || names.has(name)) void this.arm().catch(this.#deps.onFailure);
      });
      watcher.on('error', this.#deps.onFailure);
      return [watcher];
    } catch (error) {
      this.#deps.onFailure(error);
      return [];
    }
  }
}

/** Where a raw event happened: node names the entry, chokidar the folder that was watched. */
function placeOf(name: unknown, details: unknown): string | null {
  const folder = (details as { watchedPath?: unknown } | null)?.watchedPath;
  return typeof name === 'string' && typeof folder === 'string' ? join(folder, name) : null;
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Below the root only: the root's own path may well lead through a hidden folder. */
function isHidden(root: string, path: string): boolean {
  const below = relative(root, path);
  if (below === '' || below.startsWith(`..${sep}`)) return false;
  return basename(path).startsWith('.');
}
