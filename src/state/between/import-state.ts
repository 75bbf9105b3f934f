// A state directory into the store on PostgreSQL: all of it in one transaction, or nothing. Nothing in the
// store is written over.
import { existsSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { StateError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { takeLock } from '../file/lock.ts';
import { refuseMoved } from '../file/move/move-marks.ts';
import {
  keptWords,
  readStoreMark,
  removeStoreMark,
  type StoreMark,
  writeStoreMark,
} from '../file/moved-to-store.ts';
import { digestOf, readStateTexts, type StateTexts } from '../file/state-texts.ts';
import { apiUrlOf } from '../format/api-url-of.ts';
import { type Database, UncertainError } from '../postgres/database/database.ts';
import { takeLease } from '../postgres/sessions/lease.ts';
import { readToken } from '../postgres/sessions/token.ts';
import { type AccountTexts, readAccountTexts, writeAccountTexts } from './account-texts.ts';
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

/**
 * A mark stands in the directory before anything is in the store, so that at no moment both are taken for the
 * state. Throws `StateError`: nothing was imported then, or, where the mark still stands, perhaps: to do it
 * again tells, and ends it.
 */
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
    if (mark?.stage === 'exporting') throw new StateError(keptWords(directory, mark));
    const { texts, damaged } = await readStateTexts(directory);
    if (isEmpty(texts)) throw nothingIn(directory);
    const lease = await takeLease(database, { account, command, version });
    try {
      const digest = digestOf(texts);
      const bringing = { ...request, texts, digest, mark, token: lease.tenure.token };
      const isNew = await bringOver(bringing);
      await writeStoreMark(directory, { ...markOf(bringing), stage: 'imported' });
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
  /** That was found in the directory. */
  readonly mark: StoreMark | null;
  readonly token: string;
}

function markOf({ database, account, digest }: Bringing): Omit<StoreMark, 'stage'> {
  return { store: database.place, account, digest };
}

/** False where it was done before. */
async function bringOver(bringing: Bringing): Promise<boolean> {
  const { account, database, directory, digest, mark, texts, token } = bringing;
  const there = await readAccountTexts(database, account);
  if (there.importedDigest === digest) return false;
  // Another state than the one that this store is to get: it went elsewhere, or into an account that went.
  const isOurs = mark?.store === database.place && mark.account === account;
  if (mark !== null && !isOurs) throw new StateError(keptWords(directory, mark));
  if (!isEmpty(there.texts)) {
    if (mark?.stage === 'importing') {
      // It ended well and somebody has changed the directory, or the directory alone has that state.
      const stage = there.importedDigest === mark.digest ? 'imported' : null;
      await putBack(directory, stage === null ? null : { ...mark, stage });
    }
    throw new StateError(hasOther(directory, account, there));
  }
  const { number } = readToken(token);
  const stored = await asInStore(texts, bringing);
  await writeStoreMark(directory, { ...markOf(bringing), stage: 'importing' });
  try {
    await writeAccountTexts(database, {
      ...{ account, token: number, texts: stored, importedDigest: digest },
    });
  } catch (error) {
    if (error instanceof UncertainError) throw new StateError(uncertainWords(directory, error));
    await putBack(directory, mark?.stage === 'importing' ? null : mark);
    throw error;
  }
  return true;
}

async function putBack(directory: string, mark: StoreMark | null): Promise<void> {
  if (mark === null) await removeStoreMark(directory);
  else await writeStoreMark(directory, mark);
}

function hasOther(
  directory: string,
  account: string,
  { texts, importedDigest }: AccountTexts,
): string {
  const since =
    importedDigest === null
      ? 'that was not imported from it'
      : 'and the directory has changed since it was imported';
  return (
    `the store has a state of the account ${account} (${texts.records.size} records), ${since}: nothing was ` +
    `imported from ${printable(directory)}. Where that one is not needed, let it go first (docs/scale.md, "An account that is no more")`
  );
}

function uncertainWords(directory: string, { message }: Error): string {
  return `${message}: it is not known whether it was done. Nobody uses ${printable(directory)} until it is asked for again`;
}

export function apiUrlsOf({ records, singles }: StateTexts): Set<string> {
  const texts = [singles.get('status.json') ?? '', ...records.values()];
  return new Set(texts.flatMap((text) => apiUrlOf(text) ?? []));
}
