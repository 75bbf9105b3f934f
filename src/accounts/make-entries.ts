// What is written, and the names that `each` finds → the accounts as they would run, each with what is wrong
// with it alone. What is wrong between two of them is another's affair.
import { dirname, join, resolve } from 'node:path';
import { closestName } from '../base/suggest-name.ts';
import { printable } from '../base/text.ts';
import type { Mistake } from '../base/yaml/yaml-places.ts';
import { settingsOfAccount } from '../config/account-settings.ts';
import type { Settings } from '../config/settings.ts';
import type { AccountEntry, AccountKey } from './account-entry.ts';
import { isFolder, pathFor } from './find-names.ts';
import type { SaidFields, WrittenAccount, WrittenAccounts, WrittenEach } from './parse-accounts.ts';
import { spreadResync } from './spread-resync.ts';

/** An account before it is known to go together with the others. */
export interface Candidate {
  readonly name: string;
  readonly directory: string | null;
  readonly key: AccountKey | null;
  /** Null where its own entry has a mistake. */
  readonly entry: AccountEntry | null;
  readonly mistakes: readonly Mistake[];
  /** Where to say what is wrong with it: at the field, or where the account comes from. */
  offsetOf(field: string): number;
}

export interface Making {
  /** The file that says it, which paths are relative to. */
  readonly file: string;
  readonly settings: Settings;
  /** Sorted, those of `each`. */
  readonly found: readonly string[];
  /** Whether an account may begin with its key alone: its folder is still to be made. */
  readonly isFolderToCome: boolean;
}

/** Sorted by name. */
export function makeCandidates(written: WrittenAccounts, making: Making): Candidate[] {
  const byName = new Map(written.accounts.map((one) => [one.name, one]));
  const names = [...new Set([...byName.keys(), ...making.found])].sort();
  return names.map((name) => candidateOf(name, byName.get(name) ?? null, { written, making }));
}

interface Given {
  readonly written: WrittenAccounts;
  readonly making: Making;
}

function candidateOf(name: string, own: WrittenAccount | null, given: Given): Candidate {
  const { each } = given.written;
  const said = own?.said ?? { values: {} };
  const offsetOf = (field: string) => own?.offsetOf(field) ?? each?.offset ?? 0;
  const directory = directoryOf(name, said, given);
  const key = keyOf(name, said, given);
  const mistakes = [...(own?.mistakes ?? [])];
  const refuse = (message: string) => mistakes.push({ offset: offsetOf(''), message });
  if (directory === null) {
    refuse(`${name}: directory is missing: the folder of the account's widget files`);
  } else if (said.directory === undefined && !isMade(name, directory, given.making)) {
    refuse(whyNotFound(name, directory, given.making));
  }
  if (key === null) {
    refuse(
      `${name}: key_file is missing: a file that holds the account's API key, and nothing else`,
    );
  }
  if (mistakes.length > 0 || directory === null || key === null) {
    return { name, directory, key, entry: null, mistakes, offsetOf };
  }
  const entry = entryOf(name, said, { ...given, directory, key });
  return { name, directory, key, entry, mistakes, offsetOf };
}

function directoryOf(name: string, said: SaidFields, { written, making }: Given): string | null {
  const path = said.directory ?? fromEach(written.each, 'directory', name);
  return path === null ? null : resolve(dirname(making.file), path);
}

function keyOf(name: string, said: SaidFields, { written, making }: Given): AccountKey | null {
  if (said.keyEnv !== undefined) return { kind: 'env', name: said.keyEnv };
  const path = said.keyFile ?? fromEach(written.each, 'keyFile', name);
  return path === null ? null : { kind: 'file', path: resolve(dirname(making.file), path) };
}

function fromEach(each: WrittenEach | null, field: 'directory' | 'keyFile', name: string) {
  return each === null ? null : pathFor(each[field], name);
}

/** `each` finds an account by its folder, so that one without is most likely misspelt. */
function isMade(name: string, directory: string, { found, isFolderToCome }: Making): boolean {
  return isFolderToCome || found.includes(name) || isFolder(directory);
}

function whyNotFound(name: string, directory: string, { found }: Making): string {
  const nearest = closestName(name, found);
  const advice =
    nearest === null ? 'make it, or say the directory of this account' : `did you mean ${nearest}?`;
  return `${name}: there is no folder ${printable(directory)}, as each has it; ${advice}`;
}

function entryOf(
  name: string,
  said: SaidFields,
  { written, making, directory, key }: Given & Pick<AccountEntry, 'directory' | 'key'>,
): AccountEntry {
  const { defaults } = written;
  const values = { ...defaults.values, ...said.values };
  // An entry that says another moment than `defaults` takes the place of what those say, whole.
  const isOwnMoment = said.spread !== undefined;
  const spread = isOwnMoment ? said.spread : defaults.spread;
  const moment = spread === undefined ? 'hourly' : spread;
  const resync = moment === null ? {} : { resync: spreadResync(name, moment) };
  const state = join(making.settings.state, name);
  const suspend = said.suspend === undefined ? (defaults.suspend ?? null) : said.suspend;
  const shared = (said.files ?? defaults.files) === 'shared' ? ({ files: 'shared' } as const) : {};
  const settings = settingsOfAccount(making.settings, { ...values, ...resync, state });
  return { name, directory, key, settings, suspend, ...shared, isSpread: moment !== null };
}
