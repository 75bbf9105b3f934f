// `validate` over several accounts, and of the file that names them. What is wrong with a fragment that several of
// them share is said once, and counted once.
import { count } from '../../base/text.ts';
import type { Report } from '../../render/findings/report.ts';
import { printProblems } from '../commands/print-problems.ts';
import { writeOutputs } from '../formats/write-outputs.ts';
import { printJson } from '../print-json.ts';
import { coloursFor, type ExitCode, type ProcessContext } from '../process-context.ts';
import { type Checked, check, checkedJson, countsOf } from '../validate/check.ts';
import { noteUnreached, printChecked } from '../validate/print-checked.ts';
import { renderReport } from '../validate/print-report.ts';
import type { FileFormat, ValidateFormat } from '../validate/read-validate-format.ts';
import { accountFinding, accountsFinding, toReport } from '../validate/to-report.ts';
import type { ValidateRequest } from '../validate/validate.ts';
import type { SeveralAccounts } from '../wiring/asked-accounts.ts';
import { rootWords } from '../wiring/root-words.ts';
import { type Done, overAccounts, type Section } from './over-accounts.ts';
import { accountsJson, printAllMessages, printSections, type Words } from './print-accounts.ts';
import { findShared, type Shared } from './shared-findings.ts';

type Options = Pick<ValidateRequest, keyof ValidateFormat | 'isStrict'>;

/** Throws `UsageError` where a file of `--output` cannot be written. */
export async function validateAccounts(
  options: Options,
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
      printJson(checkedJson(one), section);
      noteUnreached(one, section);
      return one.end;
    },
    context,
  );
  const shared = findShared([...checked.values()]);
  const counted = { ...done, sums: sumsOf(done, shared) };
  const report = () => reportOf(counted, { checked, shared, accounts, options });
  const render = (wanted: FileFormat): string =>
    wanted === 'json' ? accountsJson(counted) : renderReport(wanted, report());
  if (options.format === 'text') {
    printShared(shared, context);
    const sections = done.sections.map((section) => printed(section, { checked, shared, context }));
    printSections({ ...counted, sections }, words, context);
  } else {
    context.stdout.write(render(options.format));
    printAllMessages(counted, context);
  }
  await writeOutputs(options.outputs, render);
  return counted.code;
}

interface All {
  readonly checked: ReadonlyMap<string, Checked>;
  readonly shared: readonly Shared[];
  readonly accounts: SeveralAccounts;
  readonly options: Options;
}

/** Of all accounts, and of the file that names them. */
function reportOf({ sections }: Done, { checked, shared, accounts, options }: All): Report {
  const { look, path } = accounts;
  const told = new Set(shared.flatMap(({ findings }) => findings));
  const own = [...checked.values()].map(({ directory, tree, findings }) => ({
    ...{ directory, tree },
    findings: findings.filter((finding) => !told.has(finding)),
  }));
  const together = shared.map(({ directory, finding }) => ({
    ...{ directory, tree: { documents: [], held: [] } },
    findings: [finding],
  }));
  const explained = new Set(look.problems.flatMap(({ holds }) => holds));
  const others = sections.flatMap(({ name, error }) =>
    error === null || explained.has(name) ? [] : [accountFinding(path, name, error)],
  );
  return toReport([...own, ...together], {
    isStrict: options.isStrict,
    others: [...look.problems.map(accountsFinding), ...others],
  });
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
  let stdout = '';
  const write = (text: string) => {
    stdout += text;
  };
  const told = new Set(shared.flatMap(({ findings }) => findings));
  printChecked(one, { ...context, stdout: { ...context.stdout, write } }, told);
  return { ...section, stdout };
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
