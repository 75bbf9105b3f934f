// Which log a command gets: the daemon's is its output, a one-shot command's stands beside results.
import { createLog, type Log } from '../base/log.ts';
import type { Settings } from '../config/settings.ts';
import { type Output, type ProcessContext, wantsColour } from './process-context.ts';

/**
 * `stdout`: what the command prints there. Beside a text for people the log is for people too, wherever
 * it goes; beside JSON, and as the daemon's output, it is so on a terminal only.
 */
export function openLog(
  settings: Pick<Settings, 'logLevel' | 'logFormat'>,
  context: ProcessContext,
  stdout: 'log' | 'text' | 'json',
): Log {
  const descriptor = stdout === 'log' ? 1 : 2;
  const output: Output = stdout === 'log' ? context.stdout : context.stderr;
  const automatic = stdout === 'text' || output.isTerminal ? 'pretty' : 'json';
  const log = createLog(context.logStreamTo(descriptor), {
    level: settings.logLevel,
    format: settings.logFormat === 'auto' ? automatic : settings.logFormat,
    colour: wantsColour(output, context.env),
  });
  const { account } = context;
  return account === undefined ? log : log.child({ account: account.name });
}

/** For who only looks at the state of an account of several: what is odd there is told with its name. */
export function warnOfState(
  { name, settings }: { readonly name: string; readonly settings: Parameters<typeof openLog>[0] },
  context: ProcessContext,
  { json }: { readonly json: boolean },
): (message: string, fields: object) => void {
  const log = openLog(settings, context, json ? 'json' : 'text');
  return (message, fields) => log.warn({ account: name, ...fields }, message);
}
