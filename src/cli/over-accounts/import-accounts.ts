// `import` over several accounts: each one's widgets into its own directory, which is made where there is none.
import { UsageError } from '../../base/errors.ts';
import { count } from '../../base/text.ts';
import { type ImportAccountRequest, importOne } from '../import/import.ts';
import type { ExitCode, ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import type { SeveralAccounts } from '../wiring/asked-accounts.ts';
import { overAccounts } from './over-accounts.ts';
import { printAccountsJson, printSections, type Words } from './print-accounts.ts';

export async function importAccounts(
  options: Omit<ImportAccountRequest, keyof Request>,
  accounts: SeveralAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  if (options.only !== null) {
    throw new UsageError(
      '--only names widgets of one account: say which one, with --account <name>',
    );
  }
  const done = await overAccounts(
    accounts,
    (request, section) => importOne({ ...options, ...request }, section),
    context,
  );
  return options.json ? printAccountsJson(done, context) : printSections(done, words, context);
}

const words: Words = {
  lively: 'with other files',
  totals: ({ created = 0, updated = 0, unchanged = 0, left = 0, skipped = 0 }) =>
    [
      `${count(created, 'file')} created`,
      ...(updated > 0 ? [`${updated} updated`] : []),
      `${unchanged} unchanged`,
      ...(left > 0 ? [`${left} left`] : []),
      ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ].join(', '),
};
