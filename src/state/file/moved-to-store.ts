// The mark of a directory whose state is kept by a store without files: whoever opens it is told. It stands
// there while half of a state is being brought back, too.
import { join } from 'node:path';
import { StateError } from '../../base/errors.ts';
import { isJsonObject, parseJson } from '../../base/json/json.ts';
import { printable } from '../../base/text.ts';
import { readStateFile, removeStateFile, replaceStateFile } from './state-file.ts';

export const storeMark = 'in-store.json';

export interface StoreMark {
  /** Where it is kept, without the account's name, as `postgres:db.internal:5432/widgets`. */
  readonly store: string;
  readonly account: string;
  /** Of what stood in the directory then; null: it is being brought back, and may be half there. */
  readonly digest: string | null;
}

const markIn = (directory: string) => [join(directory, storeMark), 'the state directory'] as const;

/** Null where there is none; a damaged one names nothing. Throws `StateError`. */
export async function readStoreMark(directory: string): Promise<StoreMark | null> {
  const text = await readStateFile(...markIn(directory));
  if (text === null) return null;
  const mark = parseJson(text);
  const { store, account, digest } = isJsonObject(mark) ? mark : {};
  return {
    store: typeof store === 'string' ? store : '',
    account: typeof account === 'string' ? account : '',
    digest: typeof digest === 'string' ? digest : null,
  };
}

/** Throws `StateError`. */
export async function writeStoreMark(directory: string, mark: StoreMark): Promise<void> {
  await replaceStateFile(...markIn(directory), `${JSON.stringify(mark)}\n`);
}

/** Throws `StateError`. */
export async function removeStoreMark(directory: string): Promise<void> {
  await removeStateFile(...markIn(directory));
}

/** Throws `StateError` where the state is kept by a store. */
export async function refuseKeptByStore(directory: string): Promise<void> {
  const mark = await readStoreMark(directory);
  if (mark === null) return;
  const [place, account] = [printable(directory), printable(mark.account)];
  throw new StateError(
    `the state in ${place} was imported into ${printable(mark.store)}, as the account ${account}: give --store postgres, ` +
      `bring it back with: widget-sync store export --state ${place} --account ${account}, ` +
      `or remove ${printable(join(directory, storeMark))} to go on with what stands here`,
  );
}
