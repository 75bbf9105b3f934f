// The words of the commands that show what the files say. None of them needs a key, unless it is asked for what is
// live.
import type { Command } from 'commander';
import type { Flags } from '../config/settings.ts';
import {
  type AccountWords,
  addAccountNames,
  addAccounts,
  addDirectory,
  addOptions,
  asking,
  formatJsonOption,
  jsonOption,
  logging,
  outputOption,
  type WhoseFlags,
  whoseWords,
} from './common-options.ts';
import { harmlessOnRunner } from './formats/harmless-on-runner.ts';
import type { FormatWords } from './formats/read-format.ts';
import type { PreviewWords } from './preview/read-preview.ts';
import type { Finish, ProcessContext } from './process-context.ts';
import { readCheckSettings } from './read-check-settings.ts';
import { registerAccountKeys } from './register-keys.ts';
import { readValidateFormat } from './validate/read-validate-format.ts';
import { askWhom } from './wiring/ask-whom.ts';
import { rootWords } from './wiring/root-words.ts';

export function addValidate(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('validate')
    .description('check the files; needs no key and no network');
  addAccountNames(addDirectory(command))
    .option(
      '--format <text|json|github|gitlab|sarif|junit>',
      'for people, for programs, or for a system of CI',
    )
    .addOption(formatJsonOption())
    .addOption(outputOption())
    .option('--strict', 'warnings fail, too: exit with 1');
  addOptions(command, ['root', 'allow']);
  type ValidateFlags = Flags & WhoseFlags & FormatWords & { strict?: true };
  command.action(async (directory: string, flags: ValidateFlags) => {
    // Nothing that is kept is looked at.
    const settings = { ...readCheckSettings(flags, context.env), store: 'files' as const };
    const options = { ...readValidateFormat(flags), isStrict: flags.strict === true };
    const shown = harmlessOnRunner(context, { isForPeople: options.format === 'text' });
    const asked = await askWhom(whoseWords(command, { directory, settings, flags }), shown);
    if (asked.kind === 'several') {
      const { validateAccounts } = await import('./over-accounts/validate-accounts.ts');
      return finish(await validateAccounts(options, asked.accounts, shown));
    }
    const { validate } = await import('./validate/validate.ts');
    const { directory: named, settings: own } = asked.request;
    const one = { directory: named, root: rootWords(own), allow: own.allow };
    finish(await validate({ ...one, ...options }, asked.context));
  });
}

export function addRender(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('render')
    .description('print files with all that they extend, each value with where it stands')
    .argument('[file...]', 'widget files or fragments')
    .addOption(jsonOption());
  addOptions(command, ['root', 'allow']);
  command.action(async (files: string[], flags: Flags & { json?: true }) => {
    const settings = readCheckSettings(flags, context.env);
    await registerAccountKeys(settings, context);
    const { root, allow } = settings;
    const { render } = await import('./render/render.ts');
    finish(render({ files, root, allow, json: flags.json === true }, context));
  });
}

export function addPreview(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('preview')
    .description('show what the widgets will look like; needs no key and no network');
  addAccounts(addDirectory(command))
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
  command.action(async (directory: string, flags: Flags & AccountWords & PreviewWords) => {
    const settings = readCheckSettings(flags, context.env);
    const { readPreview } = await import('./preview/read-preview.ts');
    const options = readPreview(flags, context.env);
    const asked = await askWhom(whoseWords(command, { directory, settings, flags }), context);
    if (asked.kind === 'several') {
      const { previewAccounts } = await import('./over-accounts/preview-accounts.ts');
      return finish(await previewAccounts(options, asked.accounts, context));
    }
    const { preview } = await import('./preview/preview.ts');
    finish(await preview({ ...asked.request, ...options }, asked.context));
  });
}
