// Every command by its words. What the options mean stands in settings.ts, what the commands do in
// their own files, each loaded when it is asked for: `validate` in a hook needs no HTTP client.
import { type Command, Option } from 'commander';
import { oneOf, wholeNumber } from '../config/option-values.ts';
import { type Flags, type OptionName, readSettings } from '../config/settings.ts';
import type { ListMode } from '../sandbox/brief-item.ts';
import { addDirectory, addOptions, jsonOption, sandboxOption } from './common-options.ts';
import { startOfIdFrom } from './id-start.ts';
import { type FormatFlags, readPlanFormat } from './plan-format.ts';
import type { PreviewWords } from './preview/read-preview.ts';
import type { Finish, ProcessContext } from './process-context.ts';
import { readCheckSettings } from './read-check-settings.ts';
import { readFlag } from './read-flag.ts';
import {
  addExplain,
  addForget,
  addHealth,
  addHistory,
  addStateMove,
  addStatus,
  addWhere,
} from './state-commands.ts';

export function addCommands(program: Command, context: ProcessContext, finish: Finish): void {
  addRun(program, context, finish);
  addApply(program, context, finish);
  addPlan(program, context, finish);
  addValidate(program, context, finish);
  addRender(program, context, finish);
  addPreview(program, context, finish);
  addImport(program, context, finish);
  addStatus(program, context, finish);
  addExplain(program, context, finish);
  addWhere(program, context, finish);
  addHistory(program, context, finish);
  addForget(program, context, finish);
  addStateMove(program, context, finish);
  addHealth(program, context, finish);
  addSandbox(program, context, finish);
  addNotify(program, context, finish);
}

const asking: OptionName[] = ['apiUrl', 'rate', 'concurrency', 'timeout'];
const deciding: OptionName[] = ['state', 'live', 'drift', 'released'];
const watching: OptionName[] = ['resync', 'timezone', 'watch', 'rescan', 'pollInterval'];
const telling: OptionName[] = ['notify', 'notifyAgain'];
const serving: OptionName[] = ['serve', 'serveHost'];
const logging: OptionName[] = ['logLevel', 'logFormat'];

function addRun(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('run')
    .description('watch the directory and push what changes, until told to stop');
  addDirectory(command).addOption(sandboxOption());
  addOptions(command, ['accounts']);
  const following = ['keepHistory', ...watching, ...serving, ...telling, ...logging] as const;
  addOptions(command, [...asking, ...deciding, 'root', 'maxChanges', 'allow', ...following]);
  command.action(async (directory: string, flags: Flags & { sandbox?: true }) => {
    const settings = readCheckSettings(flags, context.env);
    const useSandbox = flags.sandbox === true;
    const namesDirectory = command.args.length > 0;
    if (settings.accounts !== null) {
      const { hasAccounts } = await import('./wiring/asked-accounts.ts');
      hasAccounts({ settings, directory, namesDirectory, useSandbox });
      const { runAccounts } = await import('./run-accounts/run-accounts.ts');
      finish(await runAccounts({ settings, path: settings.accounts }, context));
      return;
    }
    const { run } = await import('./commands/run.ts');
    finish(await run({ directory, settings, useSandbox }, context));
  });
}

function addApply(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program.command('apply').description('push what differs, once, then exit');
  addDirectory(command)
    .addOption(sandboxOption())
    .addOption(jsonOption())
    .option('--force', 'send every valid widget, whatever is recorded or live')
    .option('--checksum <sum>', 'apply the plan of this checksum, and no other');
  const keeping = ['root', 'maxChanges', 'keepHistory', 'allow'] as const;
  addOptions(command, [...asking, ...deciding, ...keeping, ...logging]);
  type ApplyFlags = Flags & { sandbox?: true; json?: true; force?: true; checksum?: string };
  command.action(async (directory: string, flags: ApplyFlags) => {
    const request = {
      directory,
      settings: readCheckSettings(flags, context.env),
      useSandbox: flags.sandbox === true,
      json: flags.json === true,
      force: flags.force === true,
      checksum:
        flags.checksum === undefined ? null : readFlag('--checksum', flags.checksum, planChecksum),
    };
    const { apply } = await import('./apply/apply.ts');
    finish(await apply(request, context));
  });
}

function addPlan(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program.command('plan').description('show what apply would do; writes nothing');
  addDirectory(command)
    .addOption(sandboxOption())
    .option('--format <text|json|markdown>', 'for people, for programs, or a pull-request comment')
    .addOption(new Option('--json', 'short for --format json'))
    .option('--pictures <url>', 'where the pictures lie that a comment shows (--format markdown)')
    .option('--detailed-exitcode', 'exit with 2 when something would change');
  addOptions(command, [...asking, ...deciding, 'root', 'maxChanges', 'allow', ...logging]);
  type PlanFlags = Flags & FormatFlags & { sandbox?: true; detailedExitcode?: true };
  command.action(async (directory: string, flags: PlanFlags) => {
    const request = {
      directory,
      settings: readCheckSettings(flags, context.env),
      useSandbox: flags.sandbox === true,
      ...readPlanFormat(flags),
      detailedExitcode: flags.detailedExitcode === true,
    };
    const { plan } = await import('./commands/plan.ts');
    finish(await plan(request, context));
  });
}

function addValidate(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('validate')
    .description('check the files; needs no key and no network');
  addDirectory(command)
    .addOption(jsonOption())
    .option('--strict', 'warnings fail, too: exit with 1');
  addOptions(command, ['root', 'allow']);
  command.action(async (directory: string, flags: Flags & { json?: true; strict?: true }) => {
    const { root, allow } = readCheckSettings(flags, context.env);
    const request = {
      directory,
      root,
      allow,
      json: flags.json === true,
      isStrict: flags.strict === true,
    };
    const { validate } = await import('./commands/validate.ts');
    finish(validate(request, context));
  });
}

function addRender(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('render')
    .description('print files with all that they extend, each value with where it stands')
    .argument('<file...>', 'widget files or fragments')
    .addOption(jsonOption());
  addOptions(command, ['root', 'allow']);
  command.action(async (files: string[], flags: Flags & { json?: true }) => {
    const { root, allow } = readCheckSettings(flags, context.env);
    const { render } = await import('./commands/render.ts');
    finish(render({ files, root, allow, json: flags.json === true }, context));
  });
}

function addPreview(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('preview')
    .description('show what the widgets will look like; needs no key and no network');
  addDirectory(command)
    .option('--port <n>', 'port of the page; 0 takes a free one (default: 8090)')
    .option(
      '--before <applied|live|dir>',
      'what "now" is: as applied, as live (needs the key), or another directory',
      'applied',
    )
    .option('--changed', 'leave out the widgets that are as before')
    .option('--out <file.html|folder/>', 'write a page, or a folder of pictures, and end')
    .option('--png', 'a PNG beside each picture of the folder; needs a Chromium')
    .option('--browser <path>', 'the Chromium that makes them')
    .addOption(jsonOption());
  addOptions(command, [
    ...asking,
    'state',
    'root',
    'released',
    'watch',
    'rescan',
    'pollInterval',
    'allow',
    ...logging,
  ]);
  command.action(async (directory: string, flags: Flags & PreviewWords) => {
    const settings = readCheckSettings(flags, context.env);
    const { readPreview } = await import('./preview/read-preview.ts');
    const request = readPreview({ directory, settings, useSandbox: false }, flags, context.env);
    const { preview } = await import('./preview/preview.ts');
    finish(await preview(request, context));
  });
}

function addImport(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('import')
    .description('write files for the widgets that are live');
  addDirectory(command)
    .addOption(jsonOption())
    .option(
      '--only <id>',
      'this widget, not the whole account; the first 4 characters of its id are enough; may be repeated',
      collect,
    )
    .option('--update', 'bring live values into files that exist, by the smallest edit');
  addOptions(command, [...asking, 'state', 'root', ...logging]);
  type ImportFlags = Flags & { json?: true; only?: string[]; update?: true };
  command.action(async (directory: string, flags: ImportFlags) => {
    const request = {
      directory,
      settings: readSettings(flags, context.env),
      useSandbox: false,
      json: flags.json === true,
      only: flags.only?.map((id) => readFlag('--only', id, startOfIdFrom)) ?? null,
      update: flags.update === true,
    };
    const { importAccount } = await import('./import/import.ts');
    finish(await importAccount(request, context));
  });
}

interface SandboxFlags {
  readonly port: string;
  readonly put: string;
  readonly list: string;
  readonly seed?: string;
  readonly root?: string;
  readonly faults?: string;
}

function addSandbox(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('sandbox')
    .description('serve the API on loopback, for trying and for tests')
    .option('--port <n>', 'port to listen on; 0 takes a free one', '8080')
    .option('--seed <dir>', 'start with the widgets that these files declare')
    .option('--put <merge|replace>', 'what an update does to fields that it leaves out', 'merge')
    .option('--list <whole|brief>', 'what the list of widgets has of each', 'whole')
    .option('--faults <file>', 'what is to go wrong, and when');
  addOptions(command, ['root']);
  command.action(async ({ root: rootFlag, ...flags }: SandboxFlags) => {
    const { root } = readSettings(rootFlag === undefined ? {} : { root: rootFlag }, context.env);
    const request = {
      port: readFlag('--port', flags.port, wholeNumber(0, 65_535)),
      put: readFlag('--put', flags.put, oneOf<'merge' | 'replace'>(['merge', 'replace'])),
      list: readFlag('--list', flags.list, oneOf<ListMode>(['whole', 'brief'])),
      seed: flags.seed ?? null,
      root,
      faults: flags.faults ?? null,
    };
    const { sandbox } = await import('./commands/sandbox.ts');
    finish(await sandbox(request, context));
  });
}

function addNotify(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('notify')
    .description('check the file of notification targets')
    .option('--test', 'send a sample to each target, and say what came back');
  addOptions(command, ['notify']);
  command.action(async (flags: Flags & { test?: true }) => {
    const { notify } = readSettings(flags, context.env);
    const { notifyTest } = await import('./commands/notify.ts');
    finish(await notifyTest({ file: notify, isTest: flags.test === true }, context));
  });
}

function planChecksum(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new Error('the checksum of a plan (64 hexadecimal digits)');
  return text;
}

function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}
