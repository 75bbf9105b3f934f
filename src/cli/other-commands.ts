// The words of the commands that are about no account.
import type { Command } from 'commander';
import { oneOf, wholeNumber } from '../config/option-values.ts';
import { type Flags, readSettings } from '../config/settings.ts';
import type { ListMode } from '../sandbox/brief-item.ts';
import { addOptions } from './common-options.ts';
import type { Ci } from './init/wanted-files.ts';
import type { Finish, ProcessContext } from './process-context.ts';
import { readFlag } from './read-flag.ts';

interface SandboxFlags {
  readonly port: string;
  readonly put: string;
  readonly list: string;
  readonly seed?: string;
  readonly root?: string;
  readonly faults?: string;
}

export function addSandbox(program: Command, context: ProcessContext, finish: Finish): void {
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

export function addInit(program: Command, context: ProcessContext, finish: Finish): void {
  program
    .command('init')
    .description('set up a repository of widgets; changes nothing that is there')
    .argument('[dir]', 'its folder', '.')
    .option('--ci <github|gitlab|none>', 'the workflows that it is to have', 'none')
    .action(async (directory: string, flags: { ci: string }) => {
      const ci = readFlag('--ci', flags.ci, oneOf<Ci>(['github', 'gitlab', 'none']));
      const { init } = await import('./init/init.ts');
      finish(await init({ directory, ci }, context));
    });
}

export function addNotify(program: Command, context: ProcessContext, finish: Finish): void {
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

export function addStore(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('store')
    .description('make the store on PostgreSQL, or bring a state into it or back')
    .argument('[init|import|export]', 'what to do with the store')
    .option('--account <name>', 'the account that the state is, or is to be, in the store');
  addOptions(command, ['state', 'pooler']);
  command.action(async (action: string | undefined, flags: Flags & { account?: string }) => {
    const { account, ...options } = flags;
    const settings = readSettings(options, context.env);
    const { store } = await import('./store/store.ts');
    const named = account === undefined ? {} : { account };
    finish(await store({ action: action ?? '', ...named, settings }, context));
  });
}
