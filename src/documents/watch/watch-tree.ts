// Hints that something below a directory may have changed. A hint carries no facts: the reader looks
// at the tree. Notices when the directory's name comes to lead elsewhere, and when events cannot be
// relied on.
import { watch } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { codeOf, messageOf } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { absoluteFrom, findPlaces, findRoot } from '../tree/root-path.ts';
import { folderIdentity, statsOf } from '../tree/stat-path.ts';
import { treeLimits } from '../tree/tree-limits.ts';
import { silentFileSystem } from './event-support.ts';
import { hasReplacement, isWalked, type Walked } from './walked.ts';
import { isExhausted, isForbidden, limitOf, unseen } from './watch-errors.ts';
import { countWatched, FolderWatch } from './watch-folders.ts';
import { type Closable, NameWatch, type OnEvent, type Places } from './watch-names.ts';

/** `auto` goes over to polling where events cannot be relied on; `events` never does. */
export type WatchMode = 'auto' | 'events' | 'poll';

export interface WatchDeps {
  readonly onHint: () => void;
  /** Events cannot be relied on from now on, for this reason; null: they can again. */
  readonly onBlind: (why: string | null) => void;
  /** The watcher failed; it goes on with what it still sees. */
  readonly onFailure: (error: unknown) => void;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** The name of a file system that tells of no changes, or null. */
  readonly silentFileSystem?: (path: string) => string | null;
  /** Watches one folder, without those in it. */
  readonly watchPlace?: (folder: string, onEvent: OnEvent) => Closable;
  /** Default: `treeLimits.folders`. */
  readonly mostFolders?: number;
}

export interface TreeWatch {
  /** Compares what is watched with what a look found; null when there was nothing to look at. */
  compare(walked: Walked | null): void;
  stop(): Promise<void>;
}

/**
 * Resolves once every folder is watched. The places where the directory's name is looked up are
 * watched too: git-sync publishes a commit by swapping a link, and a folder may be made anew.
 */
export async function watchTree(
  directory: string,
  mode: WatchMode,
  deps: WatchDeps,
): Promise<TreeWatch> {
  if (mode === 'poll') return { compare: () => {}, stop: async () => {} };
  const watching = new Watching(directory, mode, deps);
  await watching.arm('if moved');
  return watching;
}

/** When inotify was exhausted, events are tried again after this time. */
const tryAgainMs = 5 * 60_000;

/** The folders that are watched, and under which identity. */
interface Armed {
  readonly identity: string;
  readonly path: string | null;
  readonly places: readonly Closable[];
  readonly folders: FolderWatch | null;
}

const nothing: Armed = { identity: '', path: null, places: [], folders: null };

class Watching implements TreeWatch {
  readonly #directory: string;
  readonly #mode: WatchMode;
  readonly #deps: WatchDeps;
  #armed: Armed = nothing;
  #arming: Promise<void> = Promise.resolve();
  readonly #fragments: NameWatch;
  #folders: ReadonlyMap<string, string> | null = null;
  #wasLost = false;
  #blind: string | null = null;
  #exhaustedAtMs: number | null = null;
  #isFirst = true;
  /** Why a place cannot be watched. */
  #unseen: string | null = null;
  readonly #complaints = new Set<string>();
  #stopped = false;

  constructor(directory: string, mode: WatchMode, deps: WatchDeps) {
    this.#directory = absoluteFrom(directory);
    this.#mode = mode;
    this.#deps = deps;
    this.#fragments = new NameWatch({
      watchPlace: deps.watchPlace ?? watch,
      onHint: deps.onHint,
      onFailure: (error) => this.#failed(error),
    });
  }

  /** Watches whatever the directory's name leads to now. */
  arm(when: 'if moved' | 'anew'): Promise<void> {
    this.#arming = this.#arming.then(() => this.#armOnce(when)).catch(this.#deps.onFailure);
    return this.#arming;
  }

  compare(walked: Walked | null): void {
    const folders = walked?.folders ?? null;
    const isBack = folders !== null && this.#wasLost;
    const isReplaced = isBack || hasReplacement(this.#folders, folders);
    this.#wasLost = folders === null;
    this.#folders = folders ?? this.#folders;
    if (this.#exhaustedAtMs !== null) {
      if (this.#deps.clock.monotonicMs() - this.#exhaustedAtMs < tryAgainMs) return;
      this.#exhaustedAtMs = null;
      void this.arm('anew');
    } else void this.arm(isReplaced ? 'anew' : 'if moved');
    if (walked !== null) this.#follow(walked.places ?? new Map());
  }

  /** Once the folders are watched that are walked: these need no second watch. */
  #follow(places: Places): void {
    this.#arming = this.#arming
      .then(() => {
        if (this.#stopped || this.#exhaustedAtMs !== null) return;
        const { path } = this.#armed;
        if (path === null || (places.size === 0 && this.#fragments.folders.length === 0)) return;
        const others = [...places].filter(([folder]) => !isWalked(path, folder));
        const isNew = this.#fragments.follow(new Map(others));
        if (this.#exhaustedAtMs !== null) return;
        this.#sayWhatIsLost(path);
        // Something may have changed between the look and now.
        if (isNew) this.#deps.onHint();
      })
      .catch(this.#deps.onFailure);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    // The promises that wait for a watch to be ready resolve.
    await this.#armed.folders?.stop();
    await this.#arming;
    await this.#disarm();
  }

  async #armOnce(when: 'if moved' | 'anew'): Promise<void> {
    if (this.#stopped || this.#exhaustedAtMs !== null) return;
    const root = findRoot(this.#directory);
    const path = 'kind' in root ? null : root.path;
    const places = findPlaces(this.#directory);
    const identity = JSON.stringify(['kind' in root ? null : root.identity, ...identify(places)]);
    if (when === 'if moved' && identity === this.#armed.identity) return;
    const former = this.#armed;
    // chokidar shares its watches by path, and would go on with those of the former folder.
    if (path === former.path) await former.folders?.stop();
    if (this.#stopped) return;
    // The new places before the old ones go: a swap in between is seen by one of them.
    this.#unseen = null;
    const watched = [...places].flatMap(([folder, names]) => this.#watchPlace(folder, names));
    const folders = path === null ? null : this.#watchFolders(path);
    this.#armed = { identity, path, places: watched, folders };
    await folders?.ready;
    await stopAll(former);
    // Something may have changed while nothing was watched; before the first time there was nothing to
    // compare with.
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (this.#exhaustedAtMs !== null) return this.#disarm();
    this.#sayWhatIsLost(path);
    if (!isFirst) this.#deps.onHint();
  }

  #sayWhatIsLost(path: string | null): void {
    const { forbidden } = this.#fragments;
    const unseenHere = this.#unseen ?? (forbidden === null ? null : unseen(forbidden));
    if (this.#mode === 'events') {
      if (unseenHere !== null) this.#complain(unseenHere);
      return this.#say(null);
    }
    this.#say(path === null ? this.#blind : (this.#silence(path) ?? unseenHere));
  }

  #silence(path: string): string | null {
    const nameOf = this.#deps.silentFileSystem ?? silentFileSystem;
    for (const folder of [path, ...this.#fragments.folders]) {
      const name = nameOf(folder);
      if (name !== null) return `${name} does not tell of changes made elsewhere`;
    }
    return null;
  }

  /** Null where there are too many: each would take memory, and the first look refuses them all. */
  #watchFolders(path: string): FolderWatch | null {
    const { onHint, mostFolders = treeLimits.folders } = this.#deps;
    const count = countWatched(path, mostFolders);
    if (count > mostFolders) {
      this.#unseen = `${printable(path)} holds more than ${mostFolders} folders, which are too many to be watched`;
      return null;
    }
    const folders: FolderWatch = new FolderWatch(path, count, {
      onHint,
      mostFolders,
      onTooMany: () => void this.arm('anew'),
      onFailure: (error) => {
        this.#failed(error);
        onHint();
        if (this.#exhaustedAtMs !== null) void folders.stop();
      },
    });
    return folders;
  }

  #watchPlace(folder: string, names: ReadonlySet<string>): Closable[] {
    try {
      const watcher = (this.#deps.watchPlace ?? watch)(folder, (_, name) => {
        if (name === null || names.has(name)) void this.arm('if moved');
      });
      watcher.on('error', (error) => this.#failed(error));
      return [watcher];
    } catch (error) {
      if (isForbidden(codeOf(error))) this.#unseen ??= unseen(folder);
      else this.#failed(error);
      return [];
    }
  }

  #failed(error: unknown): void {
    const code = codeOf(error);
    // It went while it was about to be watched: the next look compares.
    if (this.#stopped || code === 'ENOENT') return;
    if (!isExhausted(code)) return this.#deps.onFailure(error);
    if (this.#mode === 'events') return this.#complain(`events are lost; raise ${limitOf(code)}`);
    if (this.#exhaustedAtMs !== null) return;
    this.#exhaustedAtMs = this.#deps.clock.monotonicMs();
    this.#say(`${messageOf(error)}; raise ${limitOf(code)}`);
    this.#arming = this.#arming.then(() => this.#disarm()).catch(this.#deps.onFailure);
  }

  /** Once, though there is an error for each folder, and one more whenever it is armed again. */
  #complain(why: string): void {
    if (this.#complaints.has(why)) return;
    this.#complaints.add(why);
    this.#deps.onFailure(new Error(why));
  }

  #say(why: string | null): void {
    if ((why === null) === (this.#blind === null)) return;
    this.#blind = why;
    this.#deps.onBlind(why);
  }

  async #disarm(): Promise<void> {
    const armed = this.#armed;
    this.#armed = nothing;
    this.#fragments.stop();
    await stopAll(armed);
  }
}

async function stopAll({ places, folders }: Armed): Promise<void> {
  for (const place of places) place.close();
  await folders?.stop();
}

/** The folders that are looked in, each with what tells it from another one of that name. */
function identify(places: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  return [...places].map(([folder, names]) => {
    const stats = statsOf(folder);
    return [folder, stats === null ? '' : folderIdentity(stats), ...names];
  });
}
