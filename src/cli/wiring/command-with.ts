// A command as it is to be typed here, with the options that name the same account again.
import { dirname } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import type { AdvisedCommand, TypedCommand } from '../../status/explain/explanation.ts';

type AccountOption = 'state' | 'apiUrl';

const flags: Readonly<Record<AccountOption, string>> = { state: '--state', apiUrl: '--api-url' };

const both = ['state', 'apiUrl'] as const;

/** What names the account, of the options that each command takes: it refuses another one. */
export const accountOptions: Readonly<Record<AdvisedCommand, readonly AccountOption[]>> = {
  apply: both,
  explain: both,
  forget: both,
  import: both,
  plan: both,
  run: both,
  status: both,
  validate: [],
};

export interface Here {
  readonly settings: Settings;
  /** The account's: the state may tell of another API than the settings, which commands that send ask. */
  readonly apiUrl: string;
  /** How this program is started here. */
  readonly program: string;
  /** Its name in the file of accounts; absent for one that the command line names. */
  readonly account?: string | undefined;
}

export function commandWith(here: Here): TypedCommand {
  const named = here.account === undefined ? ofOne(here) : ofSeveral(here, here.account);
  return (name, ...words) =>
    [here.program, name, ...[...words, ...named(name)].map(quoted)].join(' ');
}

/** The options with which a command names the account again. */
type Naming = (command: AdvisedCommand) => string[];

function ofOne({ settings, apiUrl }: Here): Naming {
  const values = { state: settings.state, apiUrl };
  const isNeeded = (option: AccountOption) =>
    settings.given.get(option) === 'flag' || values[option] !== settings[option];
  return (command) =>
    accountOptions[command].filter(isNeeded).flatMap((option) => [flags[option], values[option]]);
}

/** Its API stands in the file, and its state lies in that of the process, by its name. */
function ofSeveral({ settings: { given, accounts, state } }: Here, account: string): Naming {
  const file = given.get('accounts') === 'flag' ? ['--accounts', accounts ?? ''] : [];
  const states = given.get('state') === 'flag' ? ['--state', dirname(state)] : [];
  return (command) => [
    ...file,
    // The daemon has all of them.
    ...(command === 'run' ? [] : ['--account', account]),
    ...(accountOptions[command].includes('state') ? states : []),
  ];
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
