// Options that other commands take and this one does not: it is said whose they are, where the parser
// would guess at the nearest one that it knows.
import { type Command, Option } from 'commander';
import { options } from '../../config/options.ts';

/**
 * Called once every command has the options of its own. Only of commands that are named in `argv`: two thousand
 * options of all the others would be a good part of each start.
 */
export function explainMisplacedOptions(program: Command, argv: readonly string[]): void {
  const takers = takersOfOptions(program);
  for (const command of program.commands.filter((one) => argv.includes(one.name()))) {
    for (const [flag, names] of takers) {
      if (names.includes(command.name())) continue;
      // With any value and with none: whatever follows, this is what is said.
      const option = new Option(`${flag} [value]`).hideHelp();
      command.addOption(option);
      command.on(`option:${option.name()}`, () => refuse(command, flag, names));
    }
  }
}

/** Whether any command takes the flag. */
export function isKnownOption(program: Command, flag: string): boolean {
  return program.commands.some((command) => command.options.some(({ long }) => long === flag));
}

/** The names of the commands that take it, by flag. */
function takersOfOptions(program: Command): Map<string, string[]> {
  const takers = new Map<string, string[]>();
  for (const command of program.commands) {
    for (const { long } of command.options) {
      if (long != null) takers.set(long, [...(takers.get(long) ?? []), command.name()]);
    }
  }
  return takers;
}

/** `run, apply and plan`. */
const and = new Intl.ListFormat('en-GB', { type: 'conjunction' });

/** The options that come close to it, where the flag itself cannot be had. */
const instead: Readonly<Record<string, string>> = {
  'run --json': 'run prints a log: --log-format json makes it JSON',
};

function refuse(command: Command, flag: string, takers: readonly string[]): never {
  const name = command.name();
  const advice = instead[`${name} ${flag}`] ?? (takers.length > 1 ? everywhere(flag) : null);
  const words = `error: unknown option '${flag}' for ${name}: it belongs to ${and.format(takers)}`;
  command.error(advice === null ? words : `${words}\n(${advice})`);
}

/** Scripts give the same words to every command; what is in the environment bothers none of them. */
function everywhere(flag: string): string | null {
  const option = Object.values(options).find((one) => one.flag.split(' ')[0] === flag);
  return option === undefined ? null : `${option.env} sets it for all of them`;
}
