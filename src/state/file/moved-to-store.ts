// The mark of a directory whose state is kept by a store without files: whoever opens it is told. It stands
// there while half of a state is being brought back, too.
import { join } from 'node:path';
import { StateError } from '../../base/errors.ts';
import { isJsonObject, parseJson } from '../../base/json/json.ts';
import { printable } from '../../base/text.ts';
import { readStateFile, removeStateFile, replaceStateFile } from './state-file.ts';

export const storeMark = 'in-store.json';

/**
 * Two are of a move that was begun: until it is asked for again, and ends, nobody can tell which of the two
 * places has the state.
 */
const stages = ['importing', 'imported', 'exporting'] as const;

export interface StoreMark {
  readonly stage: (typeof stages)[number];
  /** Where it is kept, without the account's name, as `postgres:db.internal:5432/widgets`. */
  readonly store: string;
  readonly account: string;
  /** Of what stood in the directory when it was imported; null where it is exported. */
  readonly digest: string | null;
}

const markIn = (directory: string) => [join(directory, storeMark), 'the state directory'] as const;

/** Null where there is none; a damaged one names nothing, and may be of any move. Throws `StateError`. */
export async function readStoreMark(directory: string): Promise<StoreMark | null> {
  const text = await readStateFile(...markIn(directory));
  if (text === null) return null;
  const mark = parseJson(text);
  const { stage, store, account, digest } = isJsonObject(mark) ? mark : {};
  return {
    stage: stages.find((one) => one === stage) ?? 'exporting',
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

/** Throws `StateError` where the state is kept by a store, or is on its way to one or back. */
export async function refuseKeptByStore(directory: string): Promise<void> {
  const mark = await readStoreMark(directory);
  if (mark !== null) throw new StateError(keptWords(directory, mark));
}

/** Where the state is, and what to do. */
export function keptWords(directory: string, mark: StoreMark): string {
  const [place, account, store] = [directory, mark.account, mark.store].map(printable);
  const [asked, file] = [`--state ${place} --account ${account}`, join(directory, storeMark)];
  switch (mark.stage) {
    case 'importing':
      return (
        `the state in ${place} is being imported into ${store}, as the account ${account}, and it is not known ` +
        `whether all of it is there: end that with: widget-sync store import ${asked}`
      );
    case 'imported':
      return (
        `the state in ${place} was imported into ${store}, as the account ${account}: give --store postgres, ` +
        `bring it back with: widget-sync store export ${asked}, ` +
        `or remove ${printable(file)} to go on with what stands here`
      );
    case 'exporting':
      return (
        `the state in ${place} is being brought back from ${store}, and is not whole: end that with: ` +
        `widget-sync store export ${asked}`
      );
  }
}
