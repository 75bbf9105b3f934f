// `apply` over several accounts. A checksum is that of one plan, and so of one account.
import { UsageError } from '../../base/errors.ts';
import { count } from '../../base/text.ts';
import { type ApplyRequest, applyOne } from '../apply/apply.ts';
import type { ExitCode, ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import type { SeveralAccounts } from '../wiring/asked-accounts.ts';
import { overAccounts } from './over-accounts.ts';
import { printAccountsLines, printSections, type Words } from './print-accounts.ts';

export async function applyAccounts(
  options: Omit<ApplyRequest, keyof Request>,
  accounts: SeveralAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  if (options.checksum !== null) {
    throw new UsageError(
      '--checksum is that of the plan of one account: say which one, with --account <name>',
    );
  }
  const done = await overAccounts(
    accounts,
    (request, section) => applyOne({ ...options, ...request }, section),
    context,
  );
  return options.json ? printAccountsLines(done, context) : printSections(done, words, context);
}

const words: Words = {
  lively: 'with changes',
  totals: ({ applied = 0, adopted = 0, failed = 0 }) =>
    [
      `${count(applied, 'widget')} applied`,
      ...(adopted > 0 ? [`${adopted} adopted`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
    ].join(', '),
};
