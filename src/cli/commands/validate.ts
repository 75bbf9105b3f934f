// `validate`: the files only. Needs no key, no state and no network; a key that is at hand is looked
// for in them.

import { count, printable } from '../../base/text.ts';
import { unreachedFragments } from '../../documents/fragments/unreached-fragments.ts';
import { byPlace } from '../../documents/parse/finding.ts';
import type { RootWords } from '../../documents/tree/source-root.ts';
import { openWidgetDirectory, type WidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree, Problem } from '../../model/document.ts';
import { fileIn } from '../../render/fragments/fragment-words.ts';
import { renderCounts, toDiagnostics } from '../../render/problem-text.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import { printJson } from '../print-json.ts';
import { coloursFor, type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { hasErrors, mayHoldKey, printProblems } from './print-problems.ts';

export interface ValidateRequest {
  readonly directory: string;
  readonly json: boolean;
  readonly root: RootWords;
  /** Codes of warnings and notes that are not to be given. */
  readonly allow: readonly string[];
  /** Whether warnings fail, too. */
  readonly isStrict: boolean;
}

export function validate(request: ValidateRequest, context: ProcessContext): ExitCode {
  return validateOne(request, context).code;
}

export function validateOne(request: ValidateRequest, context: ProcessContext): AccountEnd {
  const checked = check(request, context);
  printChecked(checked, request, context);
  return checked.end;
}

/** What was found in a directory. */
export interface Checked {
  readonly directory: WidgetDirectory;
  readonly tree: LoadedTree;
  /** Sorted by file, then by place. */
  readonly findings: readonly Problem[];
  readonly end: AccountEnd;
}

export function check(request: ValidateRequest, { clock }: ProcessContext): Checked {
  const { root, allow, isStrict } = request;
  const directory = openWidgetDirectory(request.directory, { ...root, clock, allow });
  const tree = directory.load();
  const findings = [...tree.problems, ...sayable(tree)].sort(byFileAndPlace);
  const fails = hasErrors(tree.problems) || (isStrict && tree.problems.length > 0);
  const code = fails ? exitCode.failed : exitCode.ok;
  const sums = { ...countsOf(findings), files: filesIn(tree) };
  return { directory, tree, findings, end: { code, isCalm: findings.length === 0, sums } };
}

/** The notes; none of a file that may hold a key, since they quote what stands there. */
function sayable({ problems, notes }: LoadedTree): Problem[] {
  const suspect = new Set(problems.filter((one) => mayHoldKey([one])).map(({ file }) => file));
  return notes.filter(({ file }) => !suspect.has(file));
}

/** `told` are those of the findings that are shown elsewhere: for people they are only counted. */
export function printChecked(
  { directory, tree, findings, end }: Checked,
  { json, told = new Set() }: { readonly json: boolean; readonly told?: ReadonlySet<Problem> },
  context: ProcessContext,
): void {
  const { stdout, stderr, env } = context;
  if (json) {
    printJson(validateJson(tree, findings), context);
  } else {
    const own = findings.filter((finding) => !told.has(finding));
    printProblems(own, { directory, output: stdout, env });
    const colours = coloursFor(stdout, env);
    for (const { file, widgets } of tree.fragments) {
      const path = printable(fileIn(directory.dir, file));
      stdout.write(`${path} reaches ${count(widgets.length, 'widget')}\n`);
    }
    const paint = end.code === exitCode.ok ? colours.green : colours.red;
    const elsewhere = findings.length - own.length;
    const above = elsewhere === 0 ? '' : `, ${elsewhere} of them told above`;
    stdout.write(`${paint(`${summary(tree, findings)}${above}`)}\n`);
  }
  for (const line of unreachedLines(tree, directory.dir)) stderr.write(`${line}\n`);
}

function filesIn({ documents, held }: LoadedTree): number {
  return documents.length + held.length;
}

/** So many are named. */
const mostUnreached = 20;

/** Where nothing is extended at all, such files are kept for later, and nobody has forgotten to name them. */
function unreachedLines({ fragments }: LoadedTree, dir: string): string[] {
  if (fragments.length === 0) return [];
  const unreached = unreachedFragments(dir, fragments);
  const more = unreached.length - mostUnreached;
  return [
    ...unreached
      .slice(0, mostUnreached)
      .map((file) => `note: ${printable(fileIn(dir, file))} is extended by no widget file`),
    ...(more > 0 ? [`note: and ${more} more such files`] : []),
  ];
}

function summary(tree: LoadedTree, findings: readonly Problem[]): string {
  const counts = [tree.problems.length === 0 ? 'no problems' : '', renderCounts(findings)];
  return `${counts.filter((part) => part !== '').join(', ')} in ${count(filesIn(tree), 'widget file')}`;
}

function validateJson({ fragments }: LoadedTree, findings: readonly Problem[]): object {
  const counts = countsOf(findings);
  const valid = counts.error_count === 0;
  const reached = fragments.map(({ file, widgets }) => ({ file, widgets: widgets.length }));
  return {
    ...{ format_version: '1.0', valid, ...counts },
    ...(reached.length > 0 && { fragments: reached }),
    diagnostics: toDiagnostics(findings),
  };
}

export function countsOf(findings: readonly Problem[]) {
  const of = (wanted: Problem['severity']) =>
    findings.filter(({ severity }) => severity === wanted).length;
  return { error_count: of('error'), warning_count: of('warning'), note_count: of('note') };
}

function byFileAndPlace(a: Problem, b: Problem): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : byPlace(a, b);
}
