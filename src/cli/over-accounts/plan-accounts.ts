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
  const reaches = sharedReach(done);
  const render = (wanted: PlanFileFormat): string =>
    wanted === 'json' ? accountsJson(done, reachJson(reaches)) : commentOf(done, reaches);
  if (options.format === 'text') {
    printReach(reaches, context);
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

/** How far a fragment reaches that more than one account extends: each account tells of itself alone. */
interface SharedReach {
  readonly path: string;
  /** By name. */
  readonly accounts: readonly string[];
  /** Of these, those in which it changes something. */
  readonly changed: readonly string[];
  readonly widgets: number;
  readonly changes: number;
}

/** In the order of their paths. */
function sharedReach({ sections }: Done): SharedReach[] {
  const reaches = sharesOf(sections, ({ name, end }) =>
    [...(end?.reach ?? [])].map(([path, reach]) => [path, { name, ...reach }] as const),
  );
  return [...reaches].sort(byPath).flatMap(([path, all]) => {
    if (all.length < 2) return [];
    const sum = (of: 'widgets' | 'changes') => all.reduce((total, one) => total + one[of], 0);
    const namesOf = (some: typeof all) => some.map(({ name }) => name).sort();
    return {
      path: shownPath(path),
      accounts: namesOf(all),
      changed: namesOf(all.filter(({ changes }) => changes > 0)),
      ...{ widgets: sum('widgets'), changes: sum('changes') },
    };
  });
}

function reachWords({ accounts, changed, widgets, changes }: SharedReach): string {
  const reached = `${count(widgets, 'widget')} in ${count(accounts.length, 'account')}`;
  return `reaches ${reached}: ${changes} change in ${changed.length}`;
}

/** A part of what programs are told. */
function reachJson(reaches: readonly SharedReach[]): object {
  if (reaches.length === 0) return {};
  const fragments = reaches.map(({ path, changed, ...reach }) => ({
    ...{ file: path, ...reach, accounts_changed: changed },
  }));
  return { fragments };
}

function printReach(reaches: readonly SharedReach[], { stdout }: ProcessContext): void {
  const lines = reaches
    .filter(({ changes }) => changes > 0)
    .map((one) => `${printable(one.path)} ${reachWords(one)}`);
  if (lines.length > 0) stdout.write(`${lines.join('\n')}\n\n`);
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function commentOf(done: Done, reaches: readonly SharedReach[]): string {
  const parts = done.sections.map(({ name, error, end }) => ({
    account: name,
    error,
    isCalm: end?.isCalm ?? false,
    comment: end?.comment ?? null,
  }));
  const reach = reaches
    .filter(({ changes }) => changes > 0)
    .map((one) => ({ path: one.path, words: reachWords(one) }));
  return accountsMarkdown({ sentence: sentenceOf(done, words), reach }, parts);
}
