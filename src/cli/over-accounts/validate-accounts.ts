// `validate` over several accounts, and of the file that names them. What is wrong with a fragment that several of
// them share is said once, and counted once.
import { count } from '../../base/text.ts';
import { printProblems } from '../commands/print-problems.ts';
import {
  type Checked,
  check,
  countsOf,
  printChecked,
  type ValidateRequest,
} from '../commands/validate.ts';
import { coloursFor, type ExitCode, type ProcessContext } from '../process-context.ts';
import type { SeveralAccounts } from '../wiring/asked-accounts.ts';
import { rootWords } from '../wiring/root-words.ts';
import { type Done, overAccounts, type Section } from './over-accounts.ts';
import { printAccountsJson, printSections, type Words } from './print-accounts.ts';
import { findShared, type Shared } from './shared-findings.ts';

export async function validateAccounts(
  options: Pick<ValidateRequest, 'json' | 'isStrict'>,
  accounts: SeveralAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  const checked = new Map<string, Checked>();
  const done = await overAccounts(
    accounts,
    async ({ directory, settings, entry }, section) => {
      const own = { directory, root: rootWords(settings), allow: settings.allow };
      const one = check({ ...options, ...own }, section);
      if (entry !== undefined) checked.set(entry.name, one);
      if (options.json) printChecked(one, options, section);
      return one.end;
    },
    context,
  );
  const shared = findShared([...checked.values()]);
  const counted = { ...done, sums: sumsOf(done, shared) };
  if (options.json) return printAccountsJson(counted, context);
  printShared(shared, context);
  const sections = done.sections.map((section) => printed(section, { checked, shared, context }));
  return printSections({ ...counted, sections }, words, context);
}

/** Of what several accounts have found alike, one counts. */
function sumsOf({ sums }: Done, shared: readonly Shared[]): Done['sums'] {
  const repeated: Done['sums'] = countsOf(shared.flatMap(({ findings }) => findings.slice(1)));
  const entries = Object.entries(sums);
  return Object.fromEntries(
    entries.map(([name, amount]) => [name, amount - (repeated[name] ?? 0)]),
  );
}

function printShared(shared: readonly Shared[], { stdout, env }: ProcessContext): void {
  if (shared.length === 0) return;
  const title = '=== in what several accounts share';
  stdout.write(`${coloursFor(stdout, env).bold(title)}\n`);
  for (const { finding, directory } of shared) {
    printProblems([finding], { directory, output: stdout, env });
  }
  stdout.write('\n');
}

interface Printing {
  readonly checked: ReadonlyMap<string, Checked>;
  readonly shared: readonly Shared[];
  readonly context: ProcessContext;
}

/** What an account has found by itself, now that it is known what others have found too. */
function printed(section: Section, { checked, shared, context }: Printing): Section {
  const one = checked.get(section.name);
  if (one === undefined) return section;
  const outputs = { stdout: '', stderr: '' };
  const printTo = (out: keyof typeof outputs) => ({
    ...context[out],
    write: (text: string) => {
      outputs[out] += text;
    },
  });
  const told = new Set(shared.flatMap(({ findings }) => findings));
  const within = { ...context, stdout: printTo('stdout'), stderr: printTo('stderr') };
  printChecked(one, { json: false, told }, within);
  return { ...section, ...outputs };
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
