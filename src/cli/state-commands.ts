// The words of the commands that only look at what is kept for an account: no key, no network, no lock.
import type { Command } from 'commander';
import { oneOf, parseDuration } from '../config/option-values.ts';
import { type Flags, readSettings } from '../config/settings.ts';
import { type WidgetState, widgetStates } from '../status/widget-status.ts';
import { addOptions, jsonOption } from './common-options.ts';
import type { Finish, ProcessContext } from './process-context.ts';
import { readFlag } from './read-flag.ts';

export function addStatus(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('status')
    .description('show the state of each widget and what is in the way, from the state directory')
    .option('--widget <id|file|name>', 'of this widget only; the beginning of its id is enough')
    .option('--only <state,...>', `of widgets in these states only: ${widgetStates.join(', ')}`)
    .option('--max-age <duration>', 'fail unless a daemon runs that was seen to work since then')
    .option('--watch', 'show it again whenever it changes')
    .addOption(jsonOption());
  addOptions(command, ['state', 'apiUrl']);
  // The `--watch` of other commands is a setting, of how files are watched.
  command.action(async ({ watch, ...flags }: StatusFlags) => {
    const { widget = null, only, maxAge } = flags;
    const request = {
      settings: readSettings(flags, context.env),
      ...{ json: flags.json === true, watch: watch === true, widget },
      only: only === undefined ? null : readFlag('--only', only, statesFrom),
      maxAgeMs: maxAge === undefined ? null : readFlag('--max-age', maxAge, parseDuration),
    };
    const { status } = await import('./commands/status.ts');
    finish(await status(request, context));
  });
}

type StatusFlags = Omit<Flags, 'watch'> & {
  readonly widget?: string;
  readonly only?: string;
  readonly maxAge?: string;
  readonly watch?: true;
  readonly json?: true;
};

function statesFrom(text: string): WidgetState[] {
  return text.split(',').map((state) => oneOf<WidgetState>(widgetStates)(state.trim()));
}
