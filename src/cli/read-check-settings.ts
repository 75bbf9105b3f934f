// The settings of commands that check the files.
import { UsageError } from '../base/errors.ts';
import { closestName } from '../base/suggest-name.ts';
import { type Flags, options, readSettings, type Settings } from '../config/settings.ts';
import { isWarningCode, problemCodes, warningCodes } from '../model/problem-codes.ts';
import type { ProcessContext } from './process-context.ts';

/** Reads as `readSettings` does, and refuses to allow a code that no warning or note has. */
export function readCheckSettings(flags: Flags, env: ProcessContext['env']): Settings {
  const settings = readSettings(flags, env);
  for (const code of settings.allow) {
    if (isWarningCode(code)) continue;
    const where = settings.given.get('allow') === 'flag' ? '--allow' : options.allow.env;
    const nearest = closestName(code, warningCodes);
    const advice =
      nearest === null ? `Known are ${warningCodes.join(', ')}.` : `Did you mean ${nearest}?`;
    throw new UsageError(
      Object.hasOwn(problemCodes, code)
        ? `${where}: ${code} is an error, which cannot be allowed. Known are ${warningCodes.join(', ')}.`
        : `${where}: there is no warning called ${JSON.stringify(code)}. ${advice}`,
    );
  }
  return settings;
}
