// The keys that are at hand, known before the first word is said: also the commands that need none name
// files and repeat arguments in which one may stand.
import { type KeySource, openApiKey } from '../api/api-key.ts';
import { UsageError } from '../base/errors.ts';
import type { Settings } from '../config/settings.ts';
import type { ProcessContext } from './process-context.ts';

/** From now on they are found in files, and hidden. One that cannot be used stops only who needs it. */
export function registerKeys({ INSIGHTO_API_KEY, INSIGHTO_API_KEY_FILE }: NodeJS.ProcessEnv): void {
  const sources: KeySource[] = [
    { kind: 'value', value: INSIGHTO_API_KEY ?? '' },
    { kind: 'file', path: INSIGHTO_API_KEY_FILE ?? '' },
  ];
  for (const source of sources) {
    try {
      openApiKey(source);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }
}

/** The same of the keys of a file of accounts, for a command that is about none of them. */
export async function registerAccountKeys(
  settings: Settings,
  { env, stderr }: Pick<ProcessContext, 'env' | 'stderr'>,
): Promise<void> {
  if (settings.accounts === null) return;
  const { openAccountsFile } = await import('../accounts/open-accounts-file.ts');
  const file = openAccountsFile(settings.accounts, { settings, env, foundBy: 'folders' });
  const { accounts, problems } = file.look();
  if (accounts.length > 0) return;
  for (const { place, message } of problems) {
    stderr.write(`widget-sync: keys are not known: ${place}: ${message}\n`);
  }
}
