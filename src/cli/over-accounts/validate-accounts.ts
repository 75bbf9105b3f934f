// `validate` over several accounts, and of the file that names them.
import { count } from '../../base/text.ts';
import { type ValidateRequest, validateOne } from '../commands/validate.ts';
import type { ExitCode, ProcessContext } from '../process-context.ts';
import type { SeveralAccounts } from '../wiring/asked-accounts.ts';
import { rootWords } from '../wiring/root-words.ts';
import { overAccounts } from './over-accounts.ts';
import { printAccountsJson, printSections, type Words } from './print-accounts.ts';

export async function validateAccounts(
  options: Pick<ValidateRequest, 'json' | 'isStrict'>,
  accounts: SeveralAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  const done = await overAccounts(
    accounts,
    async ({ directory, settings }, section) => {
      const own = { directory, root: rootWords(settings), allow: settings.allow };
      return validateOne({ ...options, ...own }, section);
    },
    context,
  );
  return options.json ? printAccountsJson(done, context) : printSections(done, words, context);
}

const words: Words = {
  lively: 'with findings',
  totals: ({
    error_count: errors = 0,
    warning_count: warnings = 0,
    note_count: notes = 0,
    files = 0,
  }) =>
    `${count(errors, 'error')}, ${count(warnings, 'warning')} and ${count(notes, 'note')} in ${count(files, 'widget file')}`,
};
