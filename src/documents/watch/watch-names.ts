// Hints from single names in folders that are not walked: where fragments lie, and the links to them.
import { basename } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import { folderIdentity, statsOf } from '../tree/stat-path.ts';
import { isForbidden } from './watch-errors.ts';

export type OnEvent = (event: string, name: string | null) => void;

export interface Closable {
  close(): void;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

export interface NameWatchDeps {
  /** Watches one folder, without those in it. */
  readonly watchPlace: (folder: string, onEvent: OnEvent) => Closable;
  readonly onHint: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** By folder without links, the names that are looked up there. */
export type Places = ReadonlyMap<string, ReadonlySet<string>>;

interface Watched {
  /** Tells the folder from another one of its name; null for none. */
  readonly identity: string | null;
  names: ReadonlySet<string>;
  readonly watcher: Closable | 'forbidden' | null;
}

export class NameWatch {
  readonly #deps: NameWatchDeps;
  #watched = new Map<string, Watched>();

  constructor(deps: NameWatchDeps) {
    this.#deps = deps;
  }

  get folders(): readonly string[] {
    return [...this.#watched.keys()];
  }

  /** The first folder that this user may not watch; null for none. */
  get forbidden(): string | null {
    return [...this.#watched].find(([, { watcher }]) => watcher === 'forbidden')?.[0] ?? null;
  }

  /** Watches these, and nothing else. Gives whether a folder among them was not watched before. */
  follow(places: Places): boolean {
    const former = this.#watched;
    this.#watched = new Map();
    let isNew = false;
    for (const [folder, names] of places) {
      const stats = statsOf(folder);
      const identity = stats === null ? null : folderIdentity(stats);
      const known = former.get(folder);
      if (known?.identity === identity) {
        known.names = names;
        this.#watched.set(folder, known);
        former.delete(folder);
      } else if (this.#watch(folder, { identity, names })) isNew = true;
    }
    for (const { watcher } of former.values()) if (isOpen(watcher)) watcher.close();
    return isNew;
  }

  stop(): void {
    this.follow(new Map());
  }

  #watch(folder: string, { identity, names }: Omit<Watched, 'watcher'>): boolean {
    const watched: Watched = { identity, names, watcher: this.#open(folder) };
    this.#watched.set(folder, watched);
    return isOpen(watched.watcher);
  }

  /** What cannot be watched is told once, and tried again once it is another folder. */
  #open(folder: string): Watched['watcher'] {
    try {
      const watcher = this.#deps.watchPlace(folder, (_, name) => {
        // The folder itself goes by its own name.
        const isMeant =
          name === null ||
          name === basename(folder) ||
          this.#watched.get(folder)?.names.has(name) === true;
        if (isMeant) this.#deps.onHint();
      });
      watcher.on('error', this.#deps.onFailure);
      return watcher;
    } catch (error) {
      if (isForbidden(codeOf(error))) return 'forbidden';
      this.#deps.onFailure(error);
      return null;
    }
  }
}

function isOpen(watcher: Watched['watcher']): watcher is Closable {
  return watcher !== null && watcher !== 'forbidden';
}
