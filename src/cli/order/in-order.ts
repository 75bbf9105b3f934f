// Whether the files of an account, of which several processes have copies, are the newest that any of them has followed.
import type { AccountEntry } from '../../accounts/account-entry.ts';
import type { Clock } from '../../base/clock.ts';
import { TenureLostError, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { lineOf } from '../../documents/git/ancestry.ts';
import { workingCopyAt } from '../../documents/git/read-revision.ts';
import type { LoadedTree, Unsettled } from '../../model/document.ts';
import type { Entrance } from '../../replicas/entrance.ts';
import { lagWords } from '../../replicas/lag-words.ts';
import type { Placement, SeenFiles, SourceFollower } from '../../replicas/source-follower.ts';
import { sourceName } from '../../replicas/source-order.ts';
import type { InOrder } from '../../sync/loop/look.ts';

export interface OrderDeps {
  readonly follower: Pick<SourceFollower, 'place'>;
  readonly entrance: Pick<Entrance, 'enter'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Where the names of sources begin: see `homeOf`. */
  readonly home: () => string;
}

export interface InOrderAccount {
  readonly entry: Pick<AccountEntry, 'name' | 'directory' | 'files'>;
  /** Of its holder, which is this process from now on. */
  readonly token: string;
  /** Whether the entry itself is of the newest file of accounts; null: it is. */
  readonly entryLag?: (heldSinceMs: number) => Promise<Unsettled | null>;
}

/** To be made once the account is held: what was followed before that is asked for anew. */
export function inOrderFor(
  { entry, token, entryLag = async () => null }: InOrderAccount,
  { follower, entrance, clock, home }: OrderDeps,
): InOrder {
  const { name, directory } = entry;
  let sinceMs = clock.monotonicMs();
  let entered = '';
  const sourceAt = sourceFinder(directory, home);
  return async ({ revision, committedAt }) => {
    if (revision === null) return await entryLagOfShared(entry, () => entryLag(sinceMs));
    const source = sourceAt(revision);
    if (source === null) return lagWords({ kind: 'moving' }, revision);
    const lineTo = (other: string) => lineOf(directory, revision, other);
    // In the turn in which the files were read: see `place`.
    const placing = follower.place({ source, revision, committedAt, lineTo }, sinceMs);
    const [placement, lag] = await bothOf(placing, source === ownSource ? null : entryLag(sinceMs));
    if (placement.kind !== 'newest') return lagWords(placement, revision);
    if (lag !== null) return lag;
    const at = { source, position: placement.position };
    if (entered === JSON.stringify(at)) return null;
    switch (await entrance.enter({ name, token }, at)) {
      case 'entered':
        entered = JSON.stringify(at);
        return null;
      case 'not-mine':
        throw new TenureLostError();
      case 'older':
        // The holder before has followed newer ones since the order was asked for.
        sinceMs = clock.monotonicMs();
        return lagWords({ kind: 'moving' }, revision);
    }
  };
}

/** The tree that the file of accounts is in. */
const ownSource = '.';

/** A look that finds nothing new is to cost nothing: with one commit the name stays. */
function sourceFinder(directory: string, home: () => string): (revision: string) => string | null {
  let found: { readonly revision: string; readonly source: string } | null = null;
  return (revision) => {
    if (found?.revision === revision) return found.source;
    const top = workingCopyAt(directory);
    if (top === null) return null;
    found = { revision, source: sourceName(home(), top) };
    return found.source;
  };
}

/** Leaves neither alone where the other fails. */
async function bothOf<Second>(
  first: Promise<Placement>,
  second: Promise<Second | null> | null,
): Promise<[Placement, Second | null]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

async function entryLagOfShared(
  { name, directory, files }: InOrderAccount['entry'],
  entryLag: () => Promise<Unsettled | null>,
): Promise<Unsettled | null> {
  if (files === 'shared') return await entryLag();
  throw new UsageError(
    `no commit can be told of the files in ${printable(directory)}, so that replicas could not tell older ones from newer ones: keep them in git, or say \`files: shared\` for ${name} in the file of accounts where all replicas read one volume`,
  );
}

/** The topmost folder of the tree that a file of accounts is in, or else its own folder; absolute. */
export function homeOf(folder: string): string {
  return workingCopyAt(folder) ?? folder;
}

/** The files in a folder, by the commit that they are of. */
export function seenIn(
  folder: string,
  { revision, committedAt }: Pick<LoadedTree, 'revision' | 'committedAt'>,
): SeenFiles | null {
  if (revision === null) return null;
  const lineTo = (other: string) => lineOf(folder, revision, other);
  return { source: ownSource, revision, committedAt, lineTo };
}
