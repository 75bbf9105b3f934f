// `plan` over several accounts.
import { count, printable } from '../../base/text.ts';
import { sharesOf } from '../../plan/trace/shared-fields.ts';
import { accountsMarkdown } from '../../render/comment/accounts-markdown.ts';
import { type PlanRequest, planOne } from '../commands/plan.ts';
import type { PlanFileFormat } from '../formats/read-plan-format.ts';
import { writeOutputs } from '../formats/write-outputs.ts';
import { printJson } from '../print-json.ts';
import type { ExitCode, ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { type SeveralAccounts, shownPath } from '../wiring/asked-accounts.ts';
import { type Done, type OneAccount, overAccounts } from './over-accounts.ts';
import {
  accountsJson,
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
  const one: OneAccount = async (request, section) => {
    const { end, value } = await planOne({ ...options, ...request }, section);
    if (value !== null) printJson(value, section);
    return end;
  };
  const done = await overAccounts(accounts, one, context);
  const render = (wanted: PlanFileFormat): string =>
    wanted === 'json' ? accountsJson(done) : commentOf(done);
  if (options.format === 'text') {
    printReach(done, context);
    printSections(done, words, context);
  } else {
    context.stdout.write(render(options.format));
    printAllMessages(done, context);
  }
  await writeOutputs(options.outputs, render);
  return done.code;
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

function commentOf(done: Done): string {
  const parts = done.sections.map(({ name, error, end }) => ({
    account: name,
    error,
    isCalm: end?.isCalm ?? false,
    comment: end?.comment ?? null,
  }));
  return accountsMarkdown(sentenceOf(done, words), parts);
}
