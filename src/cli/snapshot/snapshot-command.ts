// The words of `snapshot`.
import type { Command } from 'commander';
import { UsageError } from '../../base/errors.ts';
import { oneOf } from '../../config/option-values.ts';
import type { Flags } from '../../config/settings.ts';
import type { SnapshotValues } from '../../model/snapshot/snapshot.ts';
import {
  addAccounts,
  addDirectory,
  addOptions,
  asking,
  logging,
  type SinceWords,
  sandboxOption,
  sinceOf,
  sinceOption,
  type WhoseFlags,
  whoseWords,
} from '../common-options.ts';
import type { Finish, ProcessContext } from '../process-context.ts';
import { readCheckSettings } from '../read-check-settings.ts';
import { readFlag } from '../read-flag.ts';
import { askWhom } from '../wiring/ask-whom.ts';

interface SnapshotFlags extends SinceWords {
  readonly values: string;
  readonly output?: string;
}

export function addSnapshot(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('snapshot')
    .description('write what is applied and live without its values, for a plan without a key');
  addAccounts(addDirectory(command))
    .addOption(sandboxOption())
    .option(
      '--values <none|declared>',
      'declared publishes the values that differ from what git declares',
      'none',
    )
    .option('--output <file>', 'write it to a file, which is replaced (default: it is printed)')
    .addOption(sinceOption());
  addOptions(command, [...asking, 'state', 'root', 'allow', ...logging]);
  command.action(async (directory: string, flags: Flags & WhoseFlags & SnapshotFlags) => {
    const settings = readCheckSettings(flags, context.env);
    const { values, output } = flags;
    const options = {
      values: readFlag('--values', values, oneOf<SnapshotValues>(['none', 'declared'])),
      output: output ?? null,
      ...sinceOf(flags),
    };
    const asked = await askWhom(whoseWords(command, { directory, settings, flags }), context);
    if (asked.kind === 'several') throw new UsageError(snapshotOfOne('snapshot'));
    const { snapshot } = await import('./snapshot.ts');
    finish(await snapshot({ ...asked.request, ...options }, asked.context));
  });
}

/** Each account has a file of its own. */
export function snapshotOfOne(words: string): string {
  return `${words}: a snapshot is of one account: name it by --account <name>, and give each its own file`;
}
