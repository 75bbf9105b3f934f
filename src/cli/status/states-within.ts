// The states of several accounts that lie in one directory, for who cannot ask the file of accounts: a folder
// each, by the account's name.
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AccountEntry, AccountsLook } from '../../accounts/account-entry.ts';
import { codeOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import type { Settings } from '../../config/settings.ts';
import type { ProcessContext } from '../process-context.ts';
import { lookAtState, storeAt } from '../wiring/account-state.ts';
import { askWhom } from '../wiring/ask-whom.ts';
import {
  type Asked,
  NoAccountsError,
  requestOf,
  storedSettings,
  type WhoseWords,
} from '../wiring/asked-accounts.ts';

type Looking = Pick<ProcessContext, 'clock'>;

/**
 * As `askWhom`. Where no account can be told from the file, all whose states are there, and stderr has what is
 * wrong with the file: in an incident what processes have left counts.
 */
export async function askWhomOrStates(words: WhoseWords, context: ProcessContext): Promise<Asked> {
  try {
    return await askWhom(words, context);
  } catch (error) {
    if (!(error instanceof NoAccountsError)) throw error;
    const { names = null } = words;
    const settings = await storedSettings({ ...words.settings, accounts: error.path }, context);
    const all = await statesWithin(settings, context);
    const accounts = all.filter(({ name }) => names?.includes(name) ?? true);
    if (accounts.length === 0) throw error;
    const [entry, ...others] = accounts;
    if (entry !== undefined && names !== null && others.length === 0) {
      sayProblems(error.problems, context);
      const { name } = entry;
      return { kind: 'one', request: requestOf(entry), context: { ...context, account: { name } } };
    }
    const { path, problems } = error;
    const look: AccountsLook = { accounts, held: [], problems, namedVariables: [] };
    const known = all.map(({ name }) => name);
    const several = { path, names: known, settings, look, again: () => look, isOfStates: true };
    return { kind: 'several', accounts: several };
  }
}

/** Those that hold no account: what holds one is said where the account stands. */
export function sayProblems(
  problems: AccountsLook['problems'],
  { stderr }: Pick<ProcessContext, 'stderr'>,
): void {
  for (const { place, message } of problems.filter(({ holds }) => holds.length === 0)) {
    stderr.write(`widget-sync: ${printable(`${place}: ${message}`)}\n`);
  }
}

/** Sorted by name; none where there is no such directory. Throws `UsageError` where it cannot be read. */
export async function statesWithin(
  settings: Settings,
  looking: Looking,
): Promise<readonly AccountEntry[]> {
  const entries = await Promise.all(
    (await namesIn(settings.state)).map((name) => entryOfState(name, settings, looking)),
  );
  return entries.filter((entry) => entry !== null);
}

async function namesIn(place: string): Promise<readonly string[]> {
  const store = storeAt(place);
  return store === null ? await foldersIn(place) : await store.accounts();
}

async function foldersIn(directory: string): Promise<string[]> {
  try {
    const found = await readdir(directory, { withFileTypes: true });
    return found
      .filter((one) => one.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw new UsageError(`cannot read the state directory ${directory} (${codeOf(error)})`);
  }
}

/** Null where the folder holds no state. */
async function entryOfState(
  name: string,
  settings: Settings,
  { clock }: Looking,
): Promise<AccountEntry | null> {
  const entry = ofStateAlone(name, settings);
  const { state } = entry.settings;
  for await (const apiUrl of lookAtState(entry.settings, { clock }).apiUrls()) {
    const { status } = await lookAtState({ state, apiUrl }, { clock }).status();
    return { ...entry, directory: resolve(status?.directory ?? name) };
  }
  return null;
}

/** An account of which only its name is known, and where its state lies. */
export function ofStateAlone(name: string, settings: Settings): AccountEntry {
  return {
    name,
    directory: resolve(name),
    key: { kind: 'env', name: '' },
    settings: { ...settings, state: join(settings.state, name) },
    suspend: null,
    isSpread: false,
  };
}
