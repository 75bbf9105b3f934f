// A state directory into the store on PostgreSQL: all of it in one transaction, or nothing. Nothing in the
// store is written over.
import { existsSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { StateError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { takeLock } from '../file/lock.ts';
import { refuseMoved } from '../file/move/move-marks.ts';
import { readStoreMark, writeStoreMark } from '../file/moved-to-store.ts';
import { digestOf, readStateTexts, type StateTexts } from '../file/state-texts.ts';
import { apiUrlOf } from '../format/api-url-of.ts';
import type { Database } from '../postgres/database/database.ts';
import { takeLease } from '../postgres/sessions/lease.ts';
import { readToken } from '../postgres/sessions/token.ts';
import { readAccountTexts, writeAccountTexts } from './account-texts.ts';
import { asInStore } from './move-page.ts';

export interface BetweenRequest {
  readonly directory: string;
  readonly account: string;
  readonly database: Database;
  /** Of widget-sync. */
  readonly version: string;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
}

export interface ImportedState {
  /** False: all of it was imported before, and the directory has not changed since. */
  readonly isNew: boolean;
  readonly records: number;
  readonly lines: number;
  readonly apiUrls: readonly string[];
  /** What nobody could use, in words: it stays in the directory. */
  readonly damaged: readonly string[];
}

const advice = 'stop it, or take the account out of the file of accounts until then';

/** Throws `StateError`, and nothing was imported then. */
export async function importState(request: BetweenRequest): Promise<ImportedState> {
  const { directory, account, database, version, clock } = request;
  await database.requireSchema();
  if (!existsSync(directory)) throw nothingIn(directory);
  const command = 'store import';
  const lock = await takeLock({
    ...{ directory, command, advice, since: clock.now(), platform: process.platform },
  });
  try {
    const mark = await readStoreMark(directory);
    if (mark === null) await refuseMoved(directory);
    const { texts, damaged } = await readStateTexts(directory);
    if (isEmpty(texts)) throw nothingIn(directory);
    const digest = digestOf(texts);
    const lease = await takeLease(database, { account, command, version });
    try {
      const isNew = await bringOver({ ...request, texts, digest, token: lease.tenure.token });
      await writeStoreMark(directory, { store: database.place, account, digest });
      const { records, history } = texts;
      const apiUrls = [...apiUrlsOf(texts)].sort();
      return { isNew, records: records.size, lines: history.length, apiUrls, damaged };
    } finally {
      await lease.release();
    }
  } finally {
    await lock.release();
  }
}

function nothingIn(directory: string): StateError {
  return new StateError(`there is no state in ${printable(directory)} to import`);
}

function isEmpty({ records, history, singles }: StateTexts): boolean {
  return records.size === 0 && history.length === 0 && singles.size === 0;
}

interface Bringing extends BetweenRequest {
  readonly texts: StateTexts;
  readonly digest: string;
  readonly token: string;
}

/** False where it was done before. */
async function bringOver(bringing: Bringing): Promise<boolean> {
  const { account, database, directory, digest, texts, token } = bringing;
  const there = await readAccountTexts(database, account);
  if (there.importedDigest === digest) return false;
  if (!isEmpty(there.texts)) {
    const since =
      there.importedDigest === null
        ? 'that was not imported from it'
        : 'and the directory has changed since it was imported';
    throw new StateError(
      `the store has a state of the account ${account} (${there.texts.records.size} records), ${since}: nothing was ` +
        `imported from ${printable(directory)}. Where that one is not needed, let it go first (docs/scale.md, "An account that is no more")`,
    );
  }
  const { number } = readToken(token);
  const stored = await asInStore(texts, bringing);
  await writeAccountTexts(database, {
    account,
    token: number,
    texts: stored,
    importedDigest: digest,
  });
  return true;
}

export function apiUrlsOf({ records, singles }: StateTexts): Set<string> {
  const texts = [singles.get('status.json') ?? '', ...records.values()];
  return new Set(texts.flatMap((text) => apiUrlOf(text) ?? []));
}
