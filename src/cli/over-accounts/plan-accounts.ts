// `plan` over several accounts.
import { count, printable } from '../../base/text.ts';
import { sharesOf } from '../../plan/trace/shared-fields.ts';
import { accountsMarkdown } from '../../render/comment/accounts-markdown.ts';
import { type PlanRequest, planOne } from '../commands/plan.ts';
import type { ExitCode, ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { type SeveralAccounts, shownPath } from '../wiring/asked-accounts.ts';
import { type Done, type OneAccount, overAccounts } from './over-accounts.ts';
import {
  printAccountsJson,
  printAllMessages,
  printSections,
  sentenceOf,
  type Words,
} from './print-accounts.ts';

export async function planAccounts(
  options: Omit<PlanRequest, keyof Request>,
  accounts: SeveralAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  const one: OneAccount = (request, section) => planOne({ ...options, ...request }, section);
  const done = await overAccounts(accounts, one, context);
  switch (options.format) {
    case 'text':
      printReach(done, context);
      return printSections(done, words, context);
    case 'json':
      return printAccountsJson(done, context);
    case 'markdown':
      return printComment(done, context);
  }
}

const words: Words = {
  lively: 'with changes',
  totals: ({ update = 0, adopt = 0, held = 0, orphaned = 0, total = 0 }) =>
    [
      `${update} of ${count(total, 'widget')} to update`,
      ...(adopt > 0 ? [`${adopt} to adopt`] : []),
      ...(held > 0 ? [`${held} held`] : []),
      ...(orphaned > 0 ? [`${orphaned} orphaned`] : []),
    ].join(', '),
};

/** Of the fragments that change something and reach more than one account: each account tells of itself alone. */
function printReach({ sections }: Done, { stdout }: ProcessContext): void {
  const reaches = sharesOf(sections, ({ end }) => [...(end?.reach ?? [])]);
  const lines = [...reaches].sort(byPath).flatMap(([path, all]) => {
    const sum = (of: 'widgets' | 'changes') => all.reduce((total, one) => total + one[of], 0);
    if (all.length < 2 || sum('changes') === 0) return [];
    const reached = `${count(sum('widgets'), 'widget')} in ${count(all.length, 'account')}`;
    const changing = all.filter(({ changes }) => changes > 0).length;
    return `${printable(shownPath(path))} reaches ${reached}: ${sum('changes')} change in ${changing}`;
  });
  if (lines.length > 0) stdout.write(`${lines.join('\n')}\n\n`);
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function printComment(done: Done, context: ProcessContext): ExitCode {
  const parts = done.sections.map(({ name, error, end }) => ({
    account: name,
    error,
    isCalm: end?.isCalm ?? false,
    comment: end?.comment ?? null,
  }));
  context.stdout.write(accountsMarkdown(sentenceOf(done, words), parts));
  printAllMessages(done, context);
  return done.code;
}
