// Whom a command is about that names a file of accounts: one of it, or several. The one place that turns
// --accounts and --account into accounts. Loaded where there are any.
import { relative, resolve, sep } from 'node:path';
import type { AccountEntry, AccountsFile, AccountsLook } from '../../accounts/account-entry.ts';
import { UsageError } from '../../base/errors.ts';
import { closestName } from '../../base/suggest-name.ts';
import { listed, printable } from '../../base/text.ts';
import { accountFields } from '../../config/account-settings.ts';
import { options } from '../../config/options.ts';
import type { Settings } from '../../config/settings.ts';
import type { ProcessContext } from '../process-context.ts';
import type { Request } from './account.ts';

/** The words of a command line that tell whom it is about. */
export interface WhoseWords {
  readonly settings: Settings;
  /** `--account`, each; absent: not given. */
  readonly names?: readonly string[] | undefined;
  /** The directory, or its default; '' for a command that takes none. */
  readonly directory: string;
  /** Whether a directory stands on the command line. */
  readonly namesDirectory: boolean;
  readonly useSandbox?: boolean;
}

/** `one`: one account of a directory. Where the file of accounts has it, the request holds its entry. */
export type Asked =
  | { readonly kind: 'one'; readonly request: Request; readonly context: ProcessContext }
  | { readonly kind: 'several'; readonly accounts: SeveralAccounts };

export interface SeveralAccounts {
  /** As the user named it. */
  readonly path: string;
  /** Those of all accounts of the file. */
  readonly names: readonly string[];
  /** Those that were asked for, and what is wrong with them; of all of them, also with the file. */
  readonly look: AccountsLook;
  /** The same by now: accounts come, go and change. */
  readonly again: () => AccountsLook;
  /** Of the process. */
  readonly settings: Settings;
  /** The file names none that can be used: these are those that have a state. */
  readonly isOfStates: boolean;
}

/** No account can be told from the file of accounts. */
export class NoAccountsError extends UsageError {
  readonly path: string;
  /** What is wrong with the file. */
  readonly problems: AccountsLook['problems'];

  constructor(path: string, problems: AccountsLook['problems']) {
    const lines = problems.map(({ place, message }) => `${place}: ${message}`);
    const none = `${printable(path)} names no account: expected folders that fit each, or accounts by name`;
    super(lines.length > 0 ? lines.join('\n') : none);
    this.path = path;
    const nothing = { place: path, message: none.slice(printable(path).length + 1), holds: [] };
    this.problems = problems.length > 0 ? problems : [nothing];
  }
}

type Needed = Pick<ProcessContext, 'env'>;

/** How `each` finds accounts; see `AccountsDeps`. */
export type FoundBy = 'folders' | 'folders-and-keys';

/** Whom the words mean, of a file of accounts. Throws `UsageError`. */
export async function askOfAccounts(
  words: WhoseWords,
  context: ProcessContext,
  foundBy: FoundBy,
): Promise<Asked> {
  const { names } = words;
  const settings = await storedSettings(accountsSettings(words), context);
  const { file, look } = await openAsked({ settings }, context, foundBy);
  const all = namesOf(look);
  const accounts: SeveralAccounts = {
    ...{ path: file.path, names: all, settings, isOfStates: false },
    look: narrowed(look, names ?? null, file.path),
    again: () => ofNames(file.look(), names ?? null),
  };
  const [name, ...others] = names ?? [];
  if (name === undefined || others.length > 0) return { kind: 'several', accounts };
  const [entry] = accounts.look.accounts;
  if (entry === undefined) throw new UsageError(accounts.look.held[0]?.message ?? name);
  const account = { name, listed: () => all };
  return { kind: 'one', request: requestOf(entry), context: { ...context, account } };
}

/** The settings, which name a file of accounts. Throws `UsageError` for what does not go together. */
export function accountsSettings(words: WhoseWords): AskedSettings {
  const { settings, namesDirectory, useSandbox = false } = words;
  const { accounts } = settings;
  if (accounts === null) {
    throw new UsageError(
      `--account names one of a file of accounts: add --accounts <file> (${options.accounts.env})`,
    );
  }
  const away = `leave --accounts (${options.accounts.env}) away, or say --accounts none`;
  if (useSandbox) throw new UsageError(`--sandbox is an account of its own: ${away}`);
  if (namesDirectory) {
    throw new UsageError(
      `${printable(words.directory)}: beside --accounts the directories are those of the file of accounts; leave it away, or say --accounts none`,
    );
  }
  refuseOptionsOfOne(settings);
  return { ...settings, accounts };
}

/** Of a store that is not files, whose place is that of the states then. Throws `UsageError`. */
export async function storedSettings(
  settings: AskedSettings,
  context: Needed,
): Promise<AskedSettings> {
  if (settings.store === 'files') return settings;
  const { withStore } = await import('./open-store.ts');
  return withStore(settings, context);
}

interface AskedSettings extends Settings {
  readonly accounts: string;
}

/** One of them said here would hold for all, and against what the file says. */
function refuseOptionsOfOne({ given, accounts }: Settings): void {
  for (const [field, name] of Object.entries(accountFields)) {
    const by = given.get(name);
    if (by === undefined) continue;
    const { flag, env } = options[name];
    const where = by === 'flag' ? flag.split(' ')[0] : env;
    throw new UsageError(
      `${where}: beside --accounts each account has its own; say ${field} in ${printable(accounts ?? '')}, under defaults for all of them`,
    );
  }
}

/**
 * The file of accounts, and a first look at it. Throws `UsageError` where no account can be told from it, and
 * where the key of one process is set, which would be nobody's.
 */
export async function openAsked(
  { settings }: { readonly settings: AskedSettings },
  { env }: Needed,
  foundBy: FoundBy = 'folders',
): Promise<{ readonly file: AccountsFile; readonly look: AccountsLook }> {
  // Commands for one account need neither the parser of YAML nor that of schemas.
  const { openAccountsFile } = await import('../../accounts/open-accounts-file.ts');
  const file = openAccountsFile(settings.accounts, { settings, env, foundBy });
  const look = file.look();
  if (look.accounts.length === 0 && look.held.length === 0) {
    throw new NoAccountsError(settings.accounts, look.problems);
  }
  refuseKeyOfOne(look, settings.accounts, env);
  return { file, look };
}

/**
 * Throws `UsageError` where the key of one process is set, which would be nobody's. Of a file that cannot be
 * used yet it is not known whose it is.
 */
export function refuseKeyOfOne(
  { accounts, held, namedVariables }: AccountsLook,
  path: string,
  env: NodeJS.ProcessEnv,
): void {
  if (accounts.length === 0 && held.length === 0) return;
  for (const name of ['INSIGHTO_API_KEY', 'INSIGHTO_API_KEY_FILE']) {
    if ((env[name] ?? '') === '' || namedVariables.includes(name)) continue;
    throw new UsageError(
      `${name}: beside --accounts each account has a key of its own; say its key_file, or key_env, in ${printable(path)}, and unset ${name}`,
    );
  }
}

function namesOf({ accounts, held }: AccountsLook): string[] {
  return [...accounts, ...held].map(({ name }) => name).sort();
}

/** Throws `UsageError` for a name that there is not. */
function narrowed(look: AccountsLook, names: readonly string[] | null, path: string): AccountsLook {
  if (names === null) return look;
  const known = namesOf(look);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const nearest = closestName(unknown, known);
    const advice =
      nearest === null ? `there are ${printable(listed(known, 20))}` : `did you mean ${nearest}?`;
    throw new UsageError(
      `--account: there is no account ${printable(unknown)} in ${printable(path)}; ${advice}`,
    );
  }
  return ofNames(look, names);
}

function ofNames(look: AccountsLook, names: readonly string[] | null): AccountsLook {
  if (names === null) return look;
  const isAsked = ({ name }: { readonly name: string }) => names.includes(name);
  return {
    ...look,
    accounts: look.accounts.filter(isAsked),
    held: look.held.filter(isAsked),
    problems: look.problems.filter(({ holds }) => holds.some((name) => names.includes(name))),
  };
}

/** What a command for one account is asked, for one of several. */
export function requestOf(entry: AccountEntry): Request {
  const { directory, settings } = entry;
  return { directory: shownPath(directory), settings, useSandbox: false, entry };
}

/** As a person would name it from here: below the working directory without that. */
export function shownPath(path: string): string {
  const below = relative(resolve(), path);
  return below === '' || below === '..' || below.startsWith(`..${sep}`) ? path : below;
}
