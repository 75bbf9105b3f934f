// The words of the commands that only look at what is kept for an account: no key, no network, no lock.
import type { Command } from 'commander';
import { oneOf, parseDuration } from '../config/option-values.ts';
import { type Flags, readSettings } from '../config/settings.ts';
import { type WidgetState, widgetStates } from '../status/widget-status.ts';
import { type HistoryWords, readHistoryWords } from './commands/history-words.ts';
import {
  type AccountWords,
  addAccounts,
  addDirectory,
  addOptions,
  jsonOption,
} from './common-options.ts';
import type { Finish, ProcessContext } from './process-context.ts';
import { readFlag } from './read-flag.ts';
import { askWhom } from './wiring/ask-whom.ts';
import type { Asked, WhoseWords } from './wiring/asked-accounts.ts';

export function addStatus(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('status')
    .description('show the state of each widget and what is in the way, from the state directory')
    .option('--widget <id|file|name>', 'of this widget only; the beginning of its id is enough')
    .option('--only <state,...>', `of widgets in these states only: ${widgetStates.join(', ')}`)
    .option('--max-age <duration>', 'fail unless a daemon runs that was seen to work since then')
    .option('--watch', 'show it again whenever it changes')
    .addOption(jsonOption());
  addOptions(addAccounts(command), ['state', 'apiUrl']);
  // The `--watch` of other commands is a setting, of how files are watched.
  command.action(async ({ watch, ...flags }: StatusFlags) => {
    const { widget = null, only, maxAge } = flags;
    const request = {
      ...{ json: flags.json === true, watch: watch === true, widget },
      only: only === undefined ? null : readFlag('--only', only, statesFrom),
      maxAgeMs: maxAge === undefined ? null : readFlag('--max-age', maxAge, parseDuration),
    };
    const asked = await askOf(flags, context);
    if (asked.kind === 'several') {
      const { statusOfAccounts } = await import('./status/status-of-accounts.ts');
      finish(await statusOfAccounts({ ...request, of: asked.accounts }, context));
      return;
    }
    const { settings } = asked.request;
    const { status } = await import('./status/status.ts');
    finish(await status({ ...request, settings }, asked.context));
  });
}

export function addExplain(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('explain')
    .description('say why a widget is not live, gate by gate, from the state directory')
    .argument('[widget]', 'its file, its id or the first 4 characters of that, or its name')
    .addOption(jsonOption());
  addOptions(addAccounts(command), ['state', 'apiUrl']);
  type ExplainFlags = Flags & AccountWords & { readonly json?: true };
  command.action(async (widget: string | undefined, flags: ExplainFlags) => {
    const request = { json: flags.json === true, widget: widget ?? null };
    const asked = await askOf(flags, context);
    if (asked.kind === 'several') {
      const { explainInAccounts } = await import('./explain/explain-in-accounts.ts');
      finish(await explainInAccounts({ ...request, of: asked.accounts.look }, context));
      return;
    }
    const { settings } = asked.request;
    const { explain } = await import('./explain/explain.ts');
    finish(await explain({ ...request, settings }, asked.context));
  });
}

export function addForget(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('forget')
    .description('let the records of widgets go that no file declares; the widgets stay')
    .argument('[widget...]', 'each by its file, its id or the first 4 characters, or its name')
    .option('--orphans', 'all that the last pass found without a file')
    .option('--yes', 'forget them; without it --orphans only shows them')
    .addOption(jsonOption());
  addOptions(addAccounts(command), ['state', 'apiUrl']);
  command.action(async (widgets: readonly string[], flags: ForgetFlags) => {
    const options = {
      ...{ json: flags.json === true, widgets },
      ...{ orphans: flags.orphans === true, yes: flags.yes === true },
    };
    const asked = await askOf(flags, context, { ...noDirectory, needsFile: true });
    if (asked.kind === 'several') {
      const { forgetAccounts } = await import('./over-accounts/forget-accounts.ts');
      return finish(await forgetAccounts(options, asked.accounts, context));
    }
    const { forget } = await import('./forget/forget.ts');
    finish(await forget({ ...options, settings: asked.request.settings }, asked.context));
  });
}

export function addResync(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('resync')
    .description('let whoever follows the account look at all that is live, as by SIGHUP');
  addOptions(addAccounts(command), ['state', 'apiUrl']);
  command.action(async (flags: Flags & AccountWords) => {
    const asked = await askOf(flags, context, { ...noDirectory, needsFile: true });
    if (asked.kind === 'several') {
      const { resyncAccounts } = await import('./over-accounts/resync-accounts.ts');
      return finish(await resyncAccounts(asked.accounts, context));
    }
    const { resync } = await import('./resync/resync.ts');
    finish(await resync({ settings: asked.request.settings }, asked.context));
  });
}

interface ForgetFlags extends Flags, AccountWords {
  readonly orphans?: true;
  readonly yes?: true;
  readonly json?: true;
}

export function addStateMove(program: Command, context: ProcessContext, finish: Finish): void {
  program
    .command('state')
    .description('move all that is kept for an account to another directory')
    .argument('[move]', 'what to do with the state')
    .option('--from <dir>', 'the state directory as it is now')
    .option('--to <dir>', 'where it is to be, such as <state>/<account>')
    .action(async (action: string | undefined, flags: { from?: string; to?: string }) => {
      const { state } = readSettings({}, context.env);
      const { stateMove } = await import('./state/state-move.ts');
      finish(await stateMove({ action: action ?? '', state, ...flags }, context));
    });
}

export function addWhere(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('where')
    .description('say whether what a commit brought is live, and if not, why')
    .argument('[commit]', 'a commit, branch or tag, or a range as A..B', 'HEAD');
  addDirectory(command)
    .option('--wait <duration>', 'wait until all of it is live, at most so long')
    .addOption(jsonOption());
  addOptions(addAccounts(command), ['state', 'apiUrl', 'root']);
  type WhereFlags = Flags & AccountWords & { wait?: string; json?: true };
  command.action(async (range: string, directory: string, flags: WhereFlags) => {
    const { wait } = flags;
    const request = {
      range,
      waitMs: wait === undefined ? null : readFlag('--wait', wait, parseDuration),
      json: flags.json === true,
    };
    const words = { directory, namesDirectory: command.args.length > 1, needsFile: true };
    const asked = await askOf(flags, context, words);
    if (asked.kind === 'several') {
      const { whereInAccounts } = await import('./where/where-in-accounts.ts');
      finish(await whereInAccounts({ ...request, of: asked.accounts.look }, context));
      return;
    }
    const { where } = await import('./where/where.ts');
    finish(await where({ ...request, ...asked.request }, asked.context));
  });
}

export function addHealth(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('health')
    .description('say whether the daemon works; exit 1 where it does not')
    .option(
      '--url <url>',
      'where it serves (default: as WIDGET_SYNC_SERVE says; else its sign of life in the state counts)',
    );
  addOptions(addAccounts(command), ['state']);
  type HealthFlags = Flags & AccountWords & { readonly url?: string };
  command.action(async ({ url, ...flags }: HealthFlags) => {
    const settings = readSettings(flags, context.env);
    const { health, healthOfAccounts, parseHealthUrl, servedAt } = await import(
      './commands/health.ts'
    );
    // What is named on the command line is meant.
    const isMeant = flags.state !== undefined || flags.account !== undefined;
    const served = isMeant ? null : servedAt(settings.serve);
    const at = url === undefined ? served : readFlag('--url', url, parseHealthUrl);
    if (at !== null) {
      finish(await health({ url: at, settings }, context));
      return;
    }
    const asked = await askOf(flags, context);
    finish(
      asked.kind === 'several'
        ? await healthOfAccounts(asked.accounts, context)
        : await health({ url: null, settings: asked.request.settings }, context),
    );
  });
}

type StatusFlags = Omit<Flags, 'watch'> &
  AccountWords & {
    readonly widget?: string;
    readonly only?: string;
    readonly maxAge?: string;
    readonly watch?: true;
    readonly json?: true;
  };

function statesFrom(text: string): WidgetState[] {
  return text.split(',').map((state) => oneOf<WidgetState>(widgetStates)(state.trim()));
}

export function addHistory(program: Command, context: ProcessContext, finish: Finish): void {
  const command = program
    .command('history')
    .description('show who changed what and when, from the state directory')
    .option('--limit <n>', 'how many writes at most', '20')
    .option(
      '--widget <file|id>',
      'of this widget only; the first 4 characters of its id are enough',
    )
    .option(
      '--since <time>',
      'from this time on, such as 2026-03-01T08:00Z, or 2d for two days ago',
    )
    .option('--until <time>', 'up to this time')
    .option('--commit <sha>', 'of this commit only; its first 4 digits are enough')
    .option('--field <name>', 'writes that changed this field')
    .option('--full', 'all values whole')
    .addOption(jsonOption());
  addOptions(addAccounts(command), ['state']);
  command.action(async (flags: Flags & AccountWords & HistoryWords) => {
    const request = readHistoryWords(flags, context.clock.now());
    const asked = await askOf(flags, context);
    if (asked.kind === 'several') {
      const { historyOfAccounts } = await import('./commands/history-of-accounts.ts');
      finish(await historyOfAccounts({ ...request, of: asked.accounts.look }, context));
      return;
    }
    const { settings } = asked.request;
    const { history } = await import('./commands/history.ts');
    finish(await history({ ...request, settings }, asked.context));
  });
}

const noDirectory = { directory: '', namesDirectory: false };

interface LookWords extends Pick<WhoseWords, 'directory' | 'namesDirectory'> {
  /** What the states hold is not enough. */
  readonly needsFile?: boolean;
}

/** Whom a command is about that only looks at what is kept. */
async function askOf(
  { account: names, ...flags }: Flags & AccountWords,
  context: ProcessContext,
  { needsFile = false, ...words }: LookWords = noDirectory,
): Promise<Asked> {
  const whose = { settings: readSettings(flags, context.env), names, ...words };
  if (whose.settings.accounts === null || needsFile) return await askWhom(whose, context);
  const { askWhomOrStates } = await import('./status/states-within.ts');
  return await askWhomOrStates(whose, context);
}
