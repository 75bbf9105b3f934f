// Every command by its words. What the options mean stands in settings.ts, what the commands do in
// their own files, each loaded when it is asked for: `validate` in a hook needs no HTTP client.
import type { Command } from 'commander';
import { type Flags, type OptionName, readSettings } from '../config/settings.ts';
import {
  type AccountWords,
  addAccounts,
  addDirectory,
  addOptions,
  asking,
  collect,
  formatJsonOption,
  jsonOption,
  logging,
  outputOption,
  type SinceWords,
  sandboxOption,
  sinceOf,
  sinceOption,
  type WhoseFlags,
  whoseWords,
} from './common-options.ts';
import { addPreview, addRender, addValidate } from './file-commands.ts';
import { harmlessOnRunner } from './formats/harmless-on-runner.ts';
import { type FormatFlags, readPlanFormat } from './formats/read-plan-format.ts';
import { startOfIdFrom } from './id-start.ts';
import { addNotify, addSandbox, addStore } from './other-commands.ts';
import type { Finish, ProcessContext } from './process-context.ts';
import { readCheckSettings } from './read-check-settings.ts';
import { readFlag } from './read-flag.ts';
import { addShellCommands } from './shell/shell-commands.ts';
import {
  addExplain,
  addForget,
  addHealth,
  addHistory,
  addResync,
  addStateMove,
  addStatus,
  addWhere,
} from './state-commands.ts';
import { askWhom, refuseStoreOfOne } from './wiring/ask-whom.ts';

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
  addResync(program, context, finish);
  addStateMove(program, context, finish);
  addStore(program, context, finish);
  addHealth(program, context, finish);
  addSandbox(program, context, finish);
  addNotify(program, context, finish);
  addShellCommands(program, context, finish);
}

const deciding: OptionName[] = ['state', 'live', 'drift', 'released'];
const watching: OptionName[] = ['resync', 'timezone', 'watch', 'rescan', 'pollInterval'];
const telling: OptionName[] = ['notify', 'notifyAgain'];
const serving: OptionName[] = ['serve', 'serveHost'];

function addRun(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('run')
    .description('watch the directory and push what changes, until told to stop');
  addDirectory(command).addOption(sandboxOption());
  addOptions(command, ['accounts', 'store', 'pooler']);
  const following = ['keepHistory', ...watching, ...serving, ...telling, ...logging] as const;
  addOptions(command, [...asking, ...deciding, 'root', 'maxChanges', 'allow', ...following]);
  command.action(async (directory: string, flags: Flags & { sandbox?: true }) => {
    const settings = readCheckSettings(flags, context.env);
    const useSandbox = flags.sandbox === true;
    const namesDirectory = command.args.length > 0;
    if (settings.accounts !== null) {
      const { accountsSettings } = await import('./wiring/asked-accounts.ts');
      accountsSettings({ settings, directory, namesDirectory, useSandbox });
      const { runAccounts } = await import('./run-accounts/run-accounts.ts');
      finish(await runAccounts({ settings, path: settings.accounts }, context));
      return;
    }
    refuseStoreOfOne(settings);
    const { run } = await import('./commands/run.ts');
    finish(await run({ directory, settings, useSandbox }, context));
  });
}

function addApply(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program.command('apply').description('push what differs, once, then exit');
  addAccounts(addDirectory(command))
    .addOption(sandboxOption())
    .addOption(jsonOption())
    .option('--force', 'send every valid widget, whatever is recorded or live')
    .option('--checksum <sum>', 'apply the plan of this checksum, and no other')
    .addOption(sinceOption());
  const keeping = ['root', 'maxChanges', 'keepHistory', 'allow'] as const;
  addOptions(command, [...asking, ...deciding, ...keeping, ...logging]);
  type ApplyFlags = Flags &
    WhoseFlags &
    SinceWords & { json?: true; force?: true; checksum?: string };
  command.action(async (directory: string, flags: ApplyFlags) => {
    const { json, force, checksum } = flags;
    const settings = readCheckSettings(flags, context.env);
    const options = {
      json: json === true,
      force: force === true,
      checksum: checksum === undefined ? null : readFlag('--checksum', checksum, planChecksum),
      ...sinceOf(flags),
    };
    const shown = harmlessOnRunner(context, { isForPeople: !options.json });
    const asked = await askWhom(whoseWords(command, { directory, settings, flags }), shown);
    if (asked.kind === 'several') {
      const { applyAccounts } = await import('./over-accounts/apply-accounts.ts');
      return finish(await applyAccounts(options, asked.accounts, shown));
    }
    const { apply } = await import('./apply/apply.ts');
    finish(await apply({ ...asked.request, ...options }, asked.context));
  });
}

function addPlan(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program.command('plan').description('show what apply would do; writes nothing');
  addAccounts(addDirectory(command))
    .addOption(sandboxOption())
    .option('--format <text|json|markdown>', 'for people, for programs, or a pull-request comment')
    .addOption(formatJsonOption())
    .addOption(outputOption())
    .option('--pictures <url>', 'where the pictures lie that a comment shows (--format markdown)')
    .option('--detailed-exitcode', 'exit with 2 when something would change')
    .addOption(sinceOption());
  addOptions(command, [...asking, ...deciding, 'root', 'maxChanges', 'allow', ...logging]);
  type PlanFlags = Flags & FormatFlags & WhoseFlags & SinceWords & { detailedExitcode?: true };
  command.action(async (directory: string, flags: PlanFlags) => {
    const settings = readCheckSettings(flags, context.env);
    const detailedExitcode = flags.detailedExitcode === true;
    const options = { ...readPlanFormat(flags), ...sinceOf(flags), detailedExitcode };
    const shown = harmlessOnRunner(context, { isForPeople: options.format === 'text' });
    const asked = await askWhom(whoseWords(command, { directory, settings, flags }), shown);
    if (asked.kind === 'several') {
      const { planAccounts } = await import('./over-accounts/plan-accounts.ts');
      return finish(await planAccounts(options, asked.accounts, shown));
    }
    const { plan } = await import('./commands/plan.ts');
    finish(await plan({ ...asked.request, ...options }, asked.context));
  });
}

function addImport(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('import')
    .description('write files for the widgets that are live');
  addAccounts(addDirectory(command))
    .addOption(jsonOption())
    .option(
      '--only <id>',
      'this widget, not the whole account; the first 4 characters of its id are enough; may be repeated',
      collect,
    )
    .option('--update', 'bring live values into files that exist, by the smallest edit');
  addOptions(command, [...asking, 'state', 'root', ...logging]);
  type ImportFlags = Flags & AccountWords & { json?: true; only?: string[]; update?: true };
  command.action(async (directory: string, flags: ImportFlags) => {
    const settings = readSettings(flags, context.env);
    const options = {
      json: flags.json === true,
      only: flags.only?.map((id) => readFlag('--only', id, startOfIdFrom)) ?? null,
      update: flags.update === true,
    };
    const words = whoseWords(command, { directory, settings, flags });
    // It makes the folders by which accounts are found elsewhere.
    const asked = await askWhom(words, context, 'folders-and-keys');
    if (asked.kind === 'several') {
      const { importAccounts } = await import('./over-accounts/import-accounts.ts');
      return finish(await importAccounts(options, asked.accounts, context));
    }
    const { importAccount } = await import('./import/import.ts');
    finish(await importAccount({ ...asked.request, ...options }, asked.context));
  });
}

function planChecksum(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new Error('the checksum of a plan (64 hexadecimal digits)');
  return text;
}
