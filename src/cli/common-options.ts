// The words that several commands take, with the help that settings.ts has for them.
import { type Command, Option } from 'commander';
import { type OptionName, options } from '../config/settings.ts';

export function addOptions(command: Command, names: readonly OptionName[]): void {
  for (const name of names) {
    const { flag, help, fallback, env } = options[name];
    const option = new Option(flag, `${help} (default: ${fallback}, env: ${env})`);
    if (name === 'allow') option.argParser((code, earlier) => [earlier ?? [], code].flat().join());
    command.addOption(option);
  }
}

/** The words of a command that knows several accounts, and what is kept of them. */
export function addAccounts(command: Command): Command {
  addOptions(addAccountNames(command), ['store', 'pooler']);
  return command;
}

/** Those of one that knows the accounts alone. */
export function addAccountNames(command: Command): Command {
  addOptions(command, ['accounts']);
  return command.option(
    '--account <name>',
    'this one of --accounts, not all of them; may be repeated',
    collect,
  );
}

/** `--account`, each. */
export interface AccountWords {
  readonly account?: readonly string[];
}

/** For an option that may be repeated. */
export function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

export function addDirectory(command: Command): Command {
  return command.argument('[dir]', 'directory of widget files', 'widgets');
}

export function sandboxOption(): Option {
  return new Option(
    '--sandbox',
    'use an in-process sandbox seeded with stale values; needs no key',
  );
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON');
}
