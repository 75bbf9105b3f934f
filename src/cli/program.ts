// The command line: words in, a command's exit code out.
import { Command, CommanderError } from 'commander';
import { ApiError, StateError, UsageError } from '../base/errors.ts';
import { closestName } from '../base/suggest-name.ts';
import { printable, printableLines } from '../base/text.ts';
import { version } from '../base/version.ts';
import { addCommands } from './command-line.ts';
import { type ExitCode, exitCode, type ProcessContext } from './process-context.ts';
import { letExcessWordsPass, refuseEmptyWords, refuseExcessWords } from './refusals/empty-words.ts';
import { explainMisplacedOptions, isKnownOption } from './refusals/misplaced-options.ts';
import { registerKeys } from './register-keys.ts';

/** Runs one command. Whatever a user can mend ends here as one line on stderr and exit code 1. */
export async function runProgram(
  argv: readonly string[],
  context: ProcessContext,
): Promise<number> {
  let code: number = exitCode.failed;
  registerKeys(context.env);
  const program = describeProgram(context);
  addCommands(program, context, (result) => {
    code = result;
  });
  explainMisplacedOptions(program, argv);
  letExcessWordsPass(program);
  try {
    refuseKeyArgument(argv);
    refuseHabits(argv);
    refuseUnknownTopic(argv, program);
    refuseLeadingOption(argv, program);
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : refused(argv);
    if (!isExpected(error)) throw error;
    context.stderr.write(`widget-sync: ${printableLines(error.message)}\n`);
    return refused(argv);
  }
}

/** To those that answer a question 1 is an answer: that they cannot tell is another one. */
const answering: readonly string[] = ['where', 'explain'];
const cannotTell = 2;

function refused([command = '']: readonly string[]): ExitCode {
  return answering.includes(command) ? cannotTell : exitCode.failed;
}

function isExpected(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof StateError || error instanceof ApiError;
}

function describeProgram(context: ProcessContext): Command {
  return new Command('widget-sync')
    .hook('preAction', (_, command) => {
      refuseEmptyWords(command);
      refuseExcessWords(command);
    })
    .description('Keeps chat widgets as the YAML files in a directory declare them.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(printableLines(text)),
    })
    .addHelpText(
      'after',
      '\nThe API key comes from INSIGHTO_API_KEY_FILE (the path of a file that holds it) or INSIGHTO_API_KEY.',
    )
    .showHelpAfterError(
      '(widget-sync --help lists the commands, widget-sync <command> --help its flags)',
    );
}

/** Words that people try, and what to do instead. */
function refuseHabits(argv: readonly string[]): void {
  if (argv.includes('--dry-run')) {
    throw new UsageError('there is no --dry-run: `widget-sync plan` shows what apply would do');
  }
}

/** Commander shows the general help then, as if nothing had been asked. */
function refuseUnknownTopic([first, topic]: readonly string[], program: Command): void {
  const names = [...program.commands.map((command) => command.name()), 'help'];
  if (first !== 'help' || topic === undefined || topic.startsWith('-') || names.includes(topic))
    return;
  const nearest = closestName(topic, names);
  const meant =
    nearest === null ? `The commands are ${names.join(', ')}` : `Did you mean ${nearest}?`;
  throw new UsageError(`unknown command '${printable(topic)}'. ${meant}`);
}

/** Options belong to commands, and only what stands behind a command is known to be its own. */
function refuseLeadingOption([first = '']: readonly string[], program: Command): void {
  const [flag = ''] = first.split('=');
  if (!isKnownOption(program, flag)) return;
  throw new UsageError(`${flag} belongs behind the command: widget-sync <command> ${flag}`);
}

function refuseKeyArgument(argv: readonly string[]): void {
  if (!argv.some((word) => /^--?(api[-_]?)?key(=|$)/i.test(word))) return;
  throw new UsageError(
    'the API key is never an argument, since other users of the machine can read those; ' +
      'set INSIGHTO_API_KEY, or INSIGHTO_API_KEY_FILE to the path of a file that holds it',
  );
}
