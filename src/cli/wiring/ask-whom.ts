// Whom a command is about: the one account that its words name, or those of a file of accounts. Who has one
// account loads nothing that is for several.
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
    return { kind: 'one', request: { directory, settings, useSandbox }, context };
  }
  const { askOfAccounts } = await import('./asked-accounts.ts');
  return await askOfAccounts(words, context, foundBy);
}
