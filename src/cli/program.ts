// The command line: words in, a command's exit code out. What the words mean stands in settings.ts,
// what the commands do in their own files.
import { Command, CommanderError, Option } from 'commander';
import { messageOf, StateError, UsageError } from '../errors.ts';
import { type Flags, type OptionName, options, readSettings, wholeNumber } from '../settings.ts';
import { version } from '../version.ts';
import { type ExitCode, exitCode, type Surroundings } from './surroundings.ts';

// Each command is loaded when it is asked for: `validate` in a pre-commit hook needs no HTTP client.

/** Runs one command. Whatever a user can mend ends here as one line on stderr and exit code 1. */
export async function runProgram(argv: readonly string[], world: Surroundings): Promise<number> {
  let code: number = exitCode.failed;
  const program = describeProgram(world, (result) => {
    code = result;
  });
  try {
    refuseKeyArgument(argv);
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof UsageError || error instanceof StateError)) throw error;
    world.stderr.write(`widget-sync: ${error.message}\n`);
    return exitCode.failed;
  }
}

type Finish = (code: ExitCode) => void;

function describeProgram(world: Surroundings, finish: Finish): Command {
  const program = new Command('widget-sync')
    .description('Keeps chat widgets as the YAML files in a directory declare them.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
    })
    .showHelpAfterError(
      '(widget-sync --help lists the commands, widget-sync <command> --help its flags)',
    );
  addRun(program, world, finish);
  addApply(program, world, finish);
  addPlan(program, world, finish);
  addValidate(program, world, finish);
  addSandbox(program, world, finish);
  return program;
}

const sending: OptionName[] = ['apiUrl', 'state', 'rate', 'concurrency', 'timeout'];
const logging: OptionName[] = ['logLevel', 'logFormat'];
const directoryHelp = 'directory of widget files';

function addRun(program: Command, world: Surroundings, finish: Finish): void {
  const command = program
    .command('run')
    .description('watch the directory and push what changes, until told to stop')
    .argument('[dir]', directoryHelp, 'widgets')
    .addOption(sandboxOption());
  addOptions(command, [...sending, 'resync', 'timezone', ...logging]);
  command.action(async (directory: string, flags: Flags & { sandbox?: true }) => {
    const settings = readSettings(flags, world.env);
    const { run } = await import('./run.ts');
    finish(await run({ directory, settings, useSandbox: flags.sandbox === true }, world));
  });
}

function addApply(program: Command, world: Surroundings, finish: Finish): void {
  const command = program
    .command('apply')
    .description('push what differs, once, then exit')
    .argument('[dir]', directoryHelp, 'widgets')
    .addOption(sandboxOption())
    .addOption(jsonOption());
  addOptions(command, [...sending, ...logging]);
  command.action(async (directory: string, flags: Flags & { sandbox?: true; json?: true }) => {
    const settings = readSettings(flags, world.env);
    const json = flags.json === true;
    const { apply } = await import('./apply.ts');
    finish(await apply({ directory, settings, useSandbox: flags.sandbox === true, json }, world));
  });
}

function addPlan(program: Command, world: Surroundings, finish: Finish): void {
  const command = program
    .command('plan')
    .description('show what apply would do; writes nothing')
    .argument('[dir]', directoryHelp, 'widgets')
    .addOption(sandboxOption())
    .addOption(jsonOption())
    .option('--detailed-exitcode', 'exit with 2 when something would change');
  addOptions(command, ['apiUrl', 'state', ...logging]);
  type PlanFlags = Flags & { sandbox?: true; json?: true; detailedExitcode?: true };
  command.action(async (directory: string, flags: PlanFlags) => {
    const settings = readSettings(flags, world.env);
    const request = {
      directory,
      settings,
      useSandbox: flags.sandbox === true,
      json: flags.json === true,
      detailedExitcode: flags.detailedExitcode === true,
    };
    const { plan } = await import('./plan.ts');
    finish(await plan(request, world));
  });
}

function addValidate(program: Command, world: Surroundings, finish: Finish): void {
  program
    .command('validate')
    .description('check the files; needs no key and no network')
    .argument('[dir]', directoryHelp, 'widgets')
    .addOption(jsonOption())
    .action(async (directory: string, flags: { json?: true }) => {
      readSettings({}, world.env);
      const { validate } = await import('./validate.ts');
      finish(validate({ directory, json: flags.json === true }, world));
    });
}

function addSandbox(program: Command, world: Surroundings, finish: Finish): void {
  program
    .command('sandbox')
    .description('serve the API on loopback, for trying and for tests')
    .option('--port <n>', 'port to listen on; 0 takes a free one', '8080')
    .option('--seed <dir>', 'start with the widgets that these files declare')
    .action(async (flags: { port: string; seed?: string }) => {
      readSettings({}, world.env);
      const port = readPort(flags.port);
      const { sandbox } = await import('./sandbox.ts');
      finish(await sandbox({ port, seed: flags.seed ?? null }, world));
    });
}

function readPort(text: string): number {
  try {
    return wholeNumber(0, 65_535)(text);
  } catch (error) {
    throw new UsageError(`--port: expected ${messageOf(error)}, found ${JSON.stringify(text)}`);
  }
}

function addOptions(command: Command, names: readonly OptionName[]): void {
  for (const name of names) {
    const { flag, help, fallback, env } = options[name];
    command.addOption(new Option(flag, `${help} (default: ${fallback}, env: ${env})`));
  }
}

function sandboxOption(): Option {
  return new Option(
    '--sandbox',
    'use an in-process sandbox seeded with stale values; needs no key',
  );
}

function jsonOption(): Option {
  return new Option('--json', 'print JSON');
}

function refuseKeyArgument(argv: readonly string[]): void {
  if (!argv.some((word) => /^--?(api[-_]?)?key(=|$)/i.test(word))) return;
  throw new UsageError(
    'the API key is never an argument, since other users of the machine can read those; ' +
      'set INSIGHTO_API_KEY, or INSIGHTO_API_KEY_FILE to the path of a file that holds it',
  );
}
