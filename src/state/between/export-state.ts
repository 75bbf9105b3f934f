// An account of the store on PostgreSQL into a state directory. Until all of it is there a mark keeps
// others from taking half of it for the whole; nothing in the directory is written over that the store has
// not had.
import { StateError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { takeLock } from '../file/lock.ts';
import { refuseMoved } from '../file/move/move-marks.ts';
import {
  keptWords,
  readStoreMark,
  removeStoreMark,
  writeStoreMark,
} from '../file/moved-to-store.ts';
import { makeStateDirectory } from '../file/prepare-directory.ts';
import { digestOf, readStateTexts, writeStateTexts } from '../file/state-texts.ts';
import { takeLease } from '../postgres/sessions/lease.ts';
import { readAccountTexts, undoneFor } from './account-texts.ts';
import { apiUrlsOf, type BetweenRequest } from './import-state.ts';
import { asInFiles } from './move-page.ts';

export interface ExportedState {
  readonly records: number;
  readonly lines: number;
  readonly apiUrls: readonly string[];
  /** What nobody could use, in words: it stays in the store. */
  readonly damaged: readonly string[];
}

/**
 * Throws `StateError`; where the directory was begun with, a mark in it says so, and this may be done
 * again.
 */
export async function exportState(request: BetweenRequest): Promise<ExportedState> {
  const { directory, account, database, version, clock } = request;
  await database.requireSchema();
  const command = 'store export';
  await makeStateDirectory(directory);
  const lock = await takeLock({
    directory,
    command,
    since: clock.now(),
    platform: process.platform,
  });
  try {
    await refuseOther(request);
    const lease = await takeLease(database, { account, command, version });
    try {
      await refuseUndone(request);
      const { texts, damaged } = await readAccountTexts(database, account);
      if (texts.records.size === 0 && texts.history.length === 0 && texts.singles.size === 0) {
        throw new StateError(`nothing is kept for the account ${account} in ${database.place}`);
      }
      await writeStoreMark(directory, {
        ...{ stage: 'exporting', store: database.place, account, digest: null },
      });
      await writeStateTexts(directory, await asInFiles(texts, request));
      // Whoever has lost the account a moment ago may have left something meanwhile.
      await refuseUndone(request);
      await removeStoreMark(directory);
      const apiUrls = [...apiUrlsOf(texts)].sort();
      return { records: texts.records.size, lines: texts.history.length, apiUrls, damaged };
    } finally {
      await lease.release();
    }
  } finally {
    await lock.release();
  }
}

/** Throws `StateError` where something would be lost that no directory has a place for. */
async function refuseUndone({ account, database }: BetweenRequest): Promise<void> {
  const undone = await undoneFor(database, account);
  if (undone === null) return;
  throw new StateError(`the account ${account} cannot be exported now: ${undone}`);
}

/** Throws `StateError` where the directory has what this account of the store has not had. */
async function refuseOther({ directory, account, database }: BetweenRequest): Promise<void> {
  const mark = await readStoreMark(directory);
  const place = printable(directory);
  if (mark !== null && (mark.account !== account || mark.store !== database.place)) {
    throw new StateError(
      `${place} is the state of the account ${printable(mark.account)} of ${printable(mark.store)}: nothing was exported. Name another directory with --state`,
    );
  }
  if (mark === null) await refuseMoved(directory);
  // What stands there may be all that there is.
  if (mark?.stage === 'importing') throw new StateError(keptWords(directory, mark));
  // Half of an earlier export.
  if (mark?.stage === 'exporting') return;
  const { texts } = await readStateTexts(directory);
  const isKnown = mark !== null && mark.digest === digestOf(texts);
  const hasNothing =
    texts.records.size === 0 && texts.history.length === 0 && texts.singles.size === 0;
  if (isKnown || hasNothing) return;
  const why = mark === null ? 'holds a state already' : 'has changed since it was imported';
  throw new StateError(
    `${place} ${why}: nothing was exported. Name another directory with --state, or move that one away`,
  );
}
