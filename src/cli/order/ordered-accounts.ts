// The file of accounts as a replica takes it: what it says counts once its commit is the newest that any replica has
// followed. Until then the entries before stay in force, of which a lagging replica at its start has none.
import { dirname, resolve } from 'node:path';
import type { AccountsFile, AccountsLook, AccountsProblem } from '../../accounts/account-entry.ts';
import { messageOf, StateError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { CommitReader } from '../../documents/git/commit-reader.ts';
import type { Unsettled } from '../../model/document.ts';
import { lagWords } from '../../replicas/lag-words.ts';
import type { SeenFiles, SourceFollower } from '../../replicas/source-follower.ts';
import { seenIn } from './in-order.ts';

export interface OrderedAccountsDeps {
  readonly follower: Pick<SourceFollower, 'place'>;
  /** The next look may say something else: it need not wait for its turn. */
  readonly onPlaced: () => void;
  readonly onBug: (error: unknown) => void;
}

export interface OrderedAccounts extends AccountsFile {
  /**
   * Whether what it said last is of files that lag, since somebody else may have held an account in between; null: it
   * is not. Throws `StateError`.
   */
  lag(heldSinceMs: number): Promise<Unsettled | null>;
}

const nothing: AccountsLook = { accounts: [], held: [], namedVariables: [], problems: [] };

export function orderedAccounts(file: AccountsFile, deps: OrderedAccountsDeps): OrderedAccounts {
  const folder = dirname(resolve(file.path));
  const commits = new CommitReader();
  const read = () => seenIn(folder, commits.read(folder));
  const order = new FileOrder(deps);
  const held = holder(printable(file.path));
  let taken = nothing;
  return {
    path: file.path,
    hint: () => file.hint(),
    look() {
      const files = read();
      const look = file.look();
      // It was replaced meanwhile: whose entries these are is not known.
      if (read()?.revision !== files?.revision) return held(taken, null);
      const isTaken = files === null ? whyUnordered(look) === null : order.isNewest(files);
      if (isTaken) taken = look;
      const why = files === null ? whyUnordered(look) : order.why;
      return held(taken, why);
    },
    async lag(heldSinceMs) {
      const files = read();
      // Newer entries are taken at the next look, a moment later.
      if (files === null || files.revision !== order.placed) return null;
      const placement = await deps.follower.place(files, heldSinceMs);
      return placement.kind === 'newest' ? null : lagWords(placement, files.revision);
    },
  };
}

/** One that cannot be read says so itself. */
function whyUnordered({ accounts, held, files }: AccountsLook): string | null {
  if (files === 'shared' || accounts.length + held.length === 0) return null;
  return 'no commit can be told of it, so that replicas could not tell an older one from a newer one: keep it in git, or say files: shared under defaults where all replicas read one volume';
}

/** Whether the commit of the file is the newest: asked beside the looks, which do not wait. */
class FileOrder {
  readonly #deps: OrderedAccountsDeps;
  /** The last revision that was the newest when it was asked for. */
  placed: string | null = null;
  /** Why the file is not taken; null: it is, or nothing is known yet. */
  why: string | null = null;
  #seen: string | null = null;
  #isAsking = false;

  constructor(deps: OrderedAccountsDeps) {
    this.#deps = deps;
  }

  isNewest(files: SeenFiles): boolean {
    if (files.revision !== this.#seen) this.why = null;
    this.#seen = files.revision;
    const isPlaced = files.revision === this.placed;
    if (isPlaced) this.why = null;
    else if (!this.#isAsking) void this.#ask(files);
    return isPlaced;
  }

  async #ask(files: SeenFiles): Promise<void> {
    this.#isAsking = true;
    try {
      const placement = await this.#deps.follower.place(files, 0);
      if (placement.kind === 'newest') this.placed = files.revision;
      // What was replaced meanwhile is asked for anew, and nobody is to hear of it.
      else if (placement.kind !== 'moving') this.why = lagWords(placement, files.revision).message;
    } catch (error) {
      if (!(error instanceof StateError)) this.#deps.onBug(error);
      this.why = messageOf(error);
    } finally {
      this.#isAsking = false;
    }
    if (this.placed === files.revision) this.#deps.onPlaced();
  }
}

/** The entries with one problem more; the very same value as long as both are the same. */
function holder(place: string) {
  let last: { look: AccountsLook; why: string | null; shown: AccountsLook } | null = null;
  return (look: AccountsLook, why: string | null): AccountsLook => {
    if (last !== null && last.look === look && last.why === why) return last.shown;
    const problem = (message: string): AccountsProblem => ({ place, message, holds: [] });
    const shown =
      why === null
        ? look
        : { ...look, problems: [...look.problems, problem(`not taken now: ${why}`)] };
    last = { look, why, shown };
    return shown;
  };
}
