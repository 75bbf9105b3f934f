// `resync` over several accounts.
import { count } from '../../base/text.ts';
import type { ExitCode, ProcessContext } from '../process-context.ts';
import { resyncOne } from '../resync/resync.ts';
import type { SeveralAccounts } from '../wiring/asked-accounts.ts';
import { overAccounts } from './over-accounts.ts';
import { printSections, type Words } from './print-accounts.ts';

export async function resyncAccounts(
  accounts: SeveralAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  const done = await overAccounts(
    accounts,
    ({ settings }, section) => resyncOne({ settings }, section),
    context,
  );
  return printSections(done, words, context);
}

const words: Words = {
  lively: 'with changes',
  totals: ({ widgets = 0 }) => `${count(widgets, 'widget')} to look at`,
};
