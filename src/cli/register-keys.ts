// The keys that are at hand, known before the first word is said: also the commands that need none name
// files and repeat arguments in which one may stand.
import { type KeySource, openApiKey } from '../api/api-key.ts';
import { UsageError } from '../base/errors.ts';

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
