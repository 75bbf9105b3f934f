// Whom a command is about: the one account that its words name, or those of a file of accounts. Who has one
// account loads nothing that is for several.
import { UsageError } from '../../base/errors.ts';
import { options } from '../../config/options.ts';
import type { Settings } from '../../config/settings.ts';
import type { ProcessContext } from '../process-context.ts';
import type { Asked, FoundBy, WhoseWords } from './asked-accounts.ts';

/** For commands that do their work and end. Throws `UsageError`. */
export async function askWhom(
  words: WhoseWords,
  context: ProcessContext,
  foundBy: FoundBy = 'folders',
): Promise<Asked> {
  const { settings, directory, names, useSandbox = false } = words;
  if (settings.accounts === null && names === undefined) {
    refuseStoreOfOne(settings);
    return { kind: 'one', request: { directory, settings, useSandbox }, context };
  }
  const { askOfAccounts } = await import('./asked-accounts.ts');
  return await askOfAccounts(words, context, foundBy);
}

/** An account is known by its name there. Throws `UsageError`. */
export function refuseStoreOfOne({ store }: Pick<Settings, 'store'>): void {
  if (store === 'files') return;
  throw new UsageError(
    `--store ${store} (${options.store.env}) keeps accounts by their names: add --accounts <file> (${options.accounts.env}), or say --store files`,
  );
}
