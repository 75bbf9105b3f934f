// The words that several commands take, with the help that settings.ts has for them.
import { type Command, Option } from 'commander';
import { type OptionName, options } from '../config/options.ts';
import type { Settings } from '../config/settings.ts';
import type { WhoseWords } from './wiring/asked-accounts.ts';

export const asking: readonly OptionName[] = ['apiUrl', 'rate', 'concurrency', 'timeout'];
export const logging: readonly OptionName[] = ['logLevel', 'logFormat'];

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

/** Beside `--format`. */
export function formatJsonOption(): Option {
  return new Option('--json', 'short for --format json');
}

export function outputOption(): Option {
  const help = 'write another format to a file, too; may be repeated';
  return new Option('--output <format=file>', help).argParser(collect);
}

export interface WhoseFlags extends AccountWords {
  readonly sandbox?: true;
}

/** The words by which a command that takes one directory tells whom it is about. */
export function whoseWords(
  command: Command,
  { directory, settings, flags }: { directory: string; settings: Settings; flags: WhoseFlags },
): WhoseWords {
  const named = { directory, namesDirectory: command.args.length > 0, names: flags.account };
  return { ...named, settings, useSandbox: flags.sandbox === true };
}

export interface SinceWords {
  readonly since?: string;
}

export function sinceOption(): Option {
  return new Option(
    '--since <commit>',
    'what counts as applied where nothing is recorded; none: nothing',
  );
}

export function sinceOf({ since }: SinceWords): SinceWords {
  return since === undefined ? {} : { since };
}
