// Looks at one directory of widget files for `validate`.
import { byPlace } from '../../documents/parse/finding.ts';
import type { RootWords } from '../../documents/tree/source-root.ts';
import { openWidgetDirectory, type WidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree, Problem } from '../../model/document.ts';
import { toDiagnostics } from '../../render/problem-text.ts';
import { hasErrors, mayHoldKey } from '../commands/print-problems.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import { exitCode, type ProcessContext } from '../process-context.ts';

export interface CheckRequest {
  readonly directory: string;
  readonly root: RootWords;
  /** Codes of warnings and notes that are not to be given. */
  readonly allow: readonly string[];
  /** Whether warnings fail, too. */
  readonly isStrict: boolean;
}

/** What was found in a directory. */
export interface Checked {
  readonly directory: WidgetDirectory;
  readonly tree: LoadedTree;
  /** Sorted by file, then by place. */
  readonly findings: readonly Problem[];
  readonly end: AccountEnd;
}

export function check(request: CheckRequest, { clock }: ProcessContext): Checked {
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

export function filesIn({ documents, held }: LoadedTree): number {
  return documents.length + held.length;
}

/** What `--json` prints. */
export function checkedJson({ tree: { fragments }, findings }: Checked): object {
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
