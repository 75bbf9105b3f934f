// The output of `run`: the log, or against a sandbox the demo, which tells a person what happens.
import type { Log } from '../../base/log.ts';
import { showDemo } from '../../observe/show-demo.ts';
import { paintsWithSwatches } from '../../render/diff/value-swatch.ts';
import type { Listener, SyncEvent } from '../../sync/events.ts';
import { openLog } from '../logging.ts';
import { resultsTo } from '../output-streams.ts';
import { coloursFor, ownCommand, type ProcessContext, shownColours } from '../process-context.ts';
import type { Request } from './account.ts';
import type { WritingParts } from './wire.ts';

/** Nothing runs against a sandbox in production; a program that wants its log asks for a format. */
export function isDemo({
  useSandbox,
  settings,
}: Pick<Request, 'useSandbox' | 'settings'>): boolean {
  return useSandbox && settings.logFormat === 'auto';
}

/** Beside a demo it stands on stderr and tells of trouble only: its other lines would say it again. */
export function openRunLog(request: Request, context: ProcessContext): Log {
  const { settings } = request;
  if (!isDemo(request)) return openLog(settings, context, 'log');
  const logLevel = settings.given.has('logLevel') ? settings.logLevel : 'warn';
  return openLog({ ...settings, logLevel }, context, 'text');
}

/** Begins at once. */
export function openDemo({ directory, account }: WritingParts, context: ProcessContext): Listener {
  const { stdout, env, clock } = context;
  const few = coloursFor(stdout, env);
  const { colour: color, swatches } = shownColours(stdout, env);
  // It goes out where the log does: once no reader of that is left, the run ends.
  const output = resultsTo(context.logStreamTo(1));
  const demo = showDemo({
    apiUrl: account.apiUrl,
    stateDirectory: account.state,
    dir: directory.dir,
    sourceLine: directory.sourceLine,
    command: ownCommand(env),
    colours: swatches ? paintsWithSwatches(few) : few,
    color,
    swatches,
    print: (text) => output.write(text),
    timeOfDay: () => clock.now().toTimeString().slice(0, 8),
  });
  demo.begin();
  return demo.hear;
}

/** The log leaves out what the demo says. */
export function besideDemo(logs: readonly Listener[], demo: Listener): Listener[] {
  const isSaid = (event: SyncEvent) =>
    event.kind === 'files-loaded' ||
    (event.kind === 'change-ended' && event.outcome.status === 'applied');
  const others = logs.map(
    (hear): Listener =>
      (event) => {
        if (!isSaid(event)) hear(event);
      },
  );
  return [...others, demo];
}
