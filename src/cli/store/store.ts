// `store`: the tables of the store on PostgreSQL, and states of accounts that come from a directory or go
// to one. Needs no key of the API.
import { accountName } from '../../accounts/account-entry.ts';
import { UsageError } from '../../base/errors.ts';
import { count, printable } from '../../base/text.ts';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { exportState, importState, makeSchema, openStore } from '../wiring/open-store.ts';

export interface StoreRequest {
  readonly action: string;
  readonly account?: string;
  readonly settings: Settings;
}

/** Throws `UsageError` and `StateError`. */
export async function store(request: StoreRequest, context: ProcessContext): Promise<ExitCode> {
  const { action, settings } = request;
  switch (action) {
    case 'init':
      refuseWords(request);
      break;
    case 'import':
    case 'export':
      requireWords(request);
      break;
    default:
      throw new UsageError(
        'say what to do: store init, store import --state <dir> --account <name>, or store export with the same words',
      );
  }
  const { database } = openStore(settings, context.env);
  if (action === 'init') {
    const { before, after } = await makeSchema(database);
    const was = before === after ? 'was there already' : before === 0 ? 'is made' : `was ${before}`;
    context.stdout.write(
      `The store in ${printable(database.place)} is of version ${after}; it ${was}.\n`,
    );
    return exitCode.ok;
  }
  return action === 'import' ? await bringIn(request, context) : await bringBack(request, context);
}

function refuseWords({ account, settings }: StoreRequest): void {
  if (account === undefined && settings.given.get('state') !== 'flag') return;
  throw new UsageError(
    'store init makes the tables for all accounts: leave --account and --state away',
  );
}

function requireWords({ action, account, settings }: StoreRequest): void {
  if (account === undefined || settings.given.get('state') === undefined) {
    throw new UsageError(`name both: store ${action} --state <dir> --account <name>`);
  }
  if (accountName.test(account)) return;
  throw new UsageError(
    `--account: expected a name of lower-case letters, digits and hyphens, found ${JSON.stringify(account)}`,
  );
}

async function bringIn(request: StoreRequest, context: ProcessContext): Promise<ExitCode> {
  const { stdout } = context;
  const between = betweenOf(request, context);
  const { isNew, records, lines, apiUrls, damaged } = await importState(between);
  const [from, account] = [printable(between.directory), between.account];
  const what = `${count(records, 'record')} and ${count(lines, 'line')} of history`;
  stdout.write(
    isNew
      ? `Imported the state in ${from} as the account ${account}: ${what}.\n`
      : `The state in ${from} was imported as the account ${account} before; nothing had to be done.\n`,
  );
  sayOwner(apiUrls, context);
  sayStays(damaged, from, context);
  stdout.write(
    `Who opens ${from} is told from now on: give --accounts <file> --store postgres to go on.\n`,
  );
  return exitCode.ok;
}

async function bringBack(request: StoreRequest, context: ProcessContext): Promise<ExitCode> {
  const between = betweenOf(request, context);
  const { records, lines, apiUrls, damaged } = await exportState(between);
  const what = `${count(records, 'record')} and ${count(lines, 'line')} of history`;
  const { stdout } = context;
  stdout.write(
    `Exported the account ${between.account} to ${printable(between.directory)}: ${what}.\n`,
  );
  sayOwner(apiUrls, context);
  sayStays(damaged, 'the store', context);
  stdout.write(
    'The store still has it: take it out of the file of accounts of every replica before you go on from the directory.\n',
  );
  return exitCode.ok;
}

function betweenOf({ account = '', settings }: StoreRequest, { env, clock }: ProcessContext) {
  const { database } = openStore(settings, env);
  return { directory: settings.state, account, database, version, clock };
}

function sayOwner(apiUrls: readonly string[], { stdout }: ProcessContext): void {
  if (apiUrls.length > 0) stdout.write(`It belongs to ${printable(apiUrls.join(' and '))}.\n`);
}

function sayStays(damaged: readonly string[], where: string, { stderr }: ProcessContext): void {
  for (const one of damaged) {
    stderr.write(`widget-sync: could not be used, and stays in ${where}: ${printable(one)}\n`);
  }
}
