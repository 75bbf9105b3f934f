// `forget --orphans` over several accounts. A widget that is named is one account's.
import { UsageError } from '../../base/errors.ts';
import { type ForgetRequest, forgetOne } from '../forget/forget.ts';
import type { ExitCode, ProcessContext } from '../process-context.ts';
import type { SeveralAccounts } from '../wiring/asked-accounts.ts';
import { overAccounts } from './over-accounts.ts';
import { printAccountsJson, printSections, type Words } from './print-accounts.ts';

export async function forgetAccounts(
  options: Omit<ForgetRequest, 'settings'>,
  accounts: SeveralAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  if (options.widgets.length > 0) {
    throw new UsageError(
      'widgets that are named are of one account: say which one, with --account <name>',
    );
  }
  const done = await overAccounts(
    accounts,
    ({ settings }, section) => forgetOne({ ...options, settings }, section),
    context,
  );
  return options.json ? printAccountsJson(done, context) : printSections(done, words, context);
}

const words: Words = {
  lively: 'with orphans',
  totals: ({ would_forget: shown = 0, forgotten = 0 }) =>
    shown > 0 ? `${shown} would be forgotten` : `${forgotten} forgotten`,
};
