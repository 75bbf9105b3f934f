// Which log a command gets: the daemon's is its output, a one-shot command's stands beside results.
import { createLog, type Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import { type Output, type Surroundings, wantsColour } from './surroundings.ts';

export function openLog(
  settings: Pick<Settings, 'logLevel' | 'logFormat'>,
  { env, stdout, stderr, logStreamTo }: Surroundings,
  descriptor: 1 | 2,
): Log {
  const output: Output = descriptor === 1 ? stdout : stderr;
  const automatic = output.isTerminal ? 'pretty' : 'json';
  return createLog(logStreamTo(descriptor), {
    level: settings.logLevel,
    format: settings.logFormat === 'auto' ? automatic : settings.logFormat,
    colour: wantsColour(output, env),
  });
}
