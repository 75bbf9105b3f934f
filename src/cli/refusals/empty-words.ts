// An empty word on the command line is a variable that is not set, as in `validate "$WIDGETS_DIR"`.
// Taken for a name it would mean the current directory, or none.
import type { Command } from 'commander';
import { UsageError } from '../../base/errors.ts';
import { count } from '../../base/text.ts';
import { options } from '../../config/options.ts';

/**
 * Throws `UsageError` for the first argument or value of an option that is empty. The options that the
 * environment can set as well say themselves what they expect.
 */
export function refuseEmptyWords(command: Command): void {
  const words: readonly (readonly [name: string, value: unknown])[] = [
    ...command.registeredArguments.map((argument, index) => {
      return [`[${argument.name()}]`, command.processedArgs[index]] as const;
    }),
    ...command.options
      .filter((option) => !Object.hasOwn(options, option.attributeName()))
      .map((option) => {
        return [
          option.long ?? option.flags,
          command.getOptionValue(option.attributeName()),
        ] as const;
      }),
  ];
  const empty = words.find(([, value]) => [value].flat().some(isBlank));
  if (empty === undefined) return;
  throw new UsageError(
    `${empty[0]} is empty: is a variable not set? Give a value, or leave it out.`,
  );
}

/** Called once every command is there: words that one has no argument for are then `refuseExcessWords`'. */
export function letExcessWordsPass(program: Command): void {
  for (const command of program.commands) command.allowExcessArguments();
}

/** Refuses words that the command has no argument for; throws `UsageError` where one of them is empty. */
export function refuseExcessWords(command: Command): void {
  const expected = command.registeredArguments.length;
  const { length } = command.args;
  const takesMany = command.registeredArguments.some(({ variadic }) => variadic);
  if (length <= expected || takesMany) return;
  const most = count(expected, 'argument');
  if (command.args.slice(expected).some(isBlank)) {
    throw new UsageError(
      `an argument is empty: is a variable not set? ${command.name()} takes ${most}: leave it out.`,
    );
  }
  command.error(
    `error: too many arguments for '${command.name()}'. Expected ${most} but got ${length}.`,
    { code: 'commander.excessArguments' },
  );
}

function isBlank(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === '';
}
