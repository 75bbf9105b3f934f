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
}

/** Those that take the widget directory as their first word, which an account of several brings along. */
const withDirectory: ReadonlySet<AdvisedCommand> = new Set([
  ...(['apply', 'import', 'plan', 'run', 'validate'] as const),
]);

/** As `commandWith`, of one account of several: its directory and its API are known by its name. */
export function commandForAccount(
  { settings, program }: Omit<Here, 'apiUrl'>,
  name: string,
): TypedCommand {
  const isGiven = (option: 'accounts' | 'state' | 'store' | 'pooler') =>
    settings.given.get(option) === 'flag';
  return (command, ...words) => {
    const [first] = words;
    const isDirectory =
      withDirectory.has(command) && first !== undefined && !first.startsWith('--');
    const account = [
      ...(isGiven('accounts') && settings.accounts !== null
        ? ['--accounts', settings.accounts]
        : []),
      // A process follows all of them.
      ...(command === 'run' ? [] : ['--account', name]),
      ...(isGiven('store') ? ['--store', settings.store] : []),
      ...(isGiven('pooler') && settings.pooler !== null ? ['--pooler', settings.pooler] : []),
      // Each account has a folder of its own in there.
      ...(isGiven('state') && command !== 'validate' ? ['--state', dirname(settings.state)] : []),
    ];
    const rest = isDirectory ? words.slice(1) : words;
    return [program, command, ...[...rest, ...account].map(quoted)].join(' ');
  };
}

export function commandWith({ settings, apiUrl, program }: Here): TypedCommand {
  const values = { state: settings.state, apiUrl };
  const isNeeded = (option: AccountOption) =>
    settings.given.get(option) === 'flag' || values[option] !== settings[option];
  return (name, ...words) => {
    const account = accountOptions[name]
      .filter(isNeeded)
      .flatMap((option) => [flags[option], values[option]]);
    return [program, name, ...[...words, ...account].map(quoted)].join(' ');
  };
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
