// The settings of commands that check the files.
import { UsageError } from '../base/errors.ts';
import { options } from '../config/options.ts';
import { type Flags, readSettings, type Settings } from '../config/settings.ts';
import { whyNotAllowed } from '../model/problem-codes.ts';
import type { ProcessContext } from './process-context.ts';

/** Reads as `readSettings` does, and refuses to allow a code that no warning or note has. */
export function readCheckSettings(flags: Flags, env: ProcessContext['env']): Settings {
  const settings = readSettings(flags, env);
  for (const code of settings.allow) {
    const refusal = whyNotAllowed(code);
    if (refusal === null) continue;
    const where = settings.given.get('allow') === 'flag' ? '--allow' : options.allow.env;
    throw new UsageError(`${where}: ${refusal}`);
  }
  return settings;
}
