// `validate`: the files only. Needs no key, no state and no network; a key that is at hand is looked
// for in them.

import { count } from '../../base/text.ts';
import { byPlace } from '../../documents/parse/finding.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree, Problem } from '../../model/document.ts';
import { renderCounts, toDiagnostics } from '../../render/problem-text.ts';
import { coloursFor, type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { hasErrors, printProblems } from './print-problems.ts';

export interface ValidateRequest {
  readonly directory: string;
  readonly json: boolean;
  /** The source root, where one was said. */
  readonly root: string | null;
  /** Codes of warnings and notes that are not to be given. */
  readonly allow: readonly string[];
  /** Whether warnings fail, too. */
  readonly isStrict: boolean;
}

export function validate(request: ValidateRequest, context: ProcessContext): ExitCode {
  const { clock, stdout, env } = context;
  const { root, allow, isStrict } = request;
  const directory = openWidgetDirectory(request.directory, { clock, allow, root });
  const tree = directory.load();
  const findings = [...tree.problems, ...tree.notes].sort(byFileAndPlace);
  const fails = hasErrors(tree.problems) || (isStrict && tree.problems.length > 0);
  if (request.json) {
    stdout.write(`${JSON.stringify(validateJson(findings), null, 2)}\n`);
  } else {
    printProblems(findings, { directory, output: stdout, env });
    const colours = coloursFor(stdout, env);
    const paint = fails ? colours.red : colours.green;
    stdout.write(`${paint(summary(tree, findings))}\n`);
  }
  return fails ? exitCode.failed : exitCode.ok;
}

function summary(tree: LoadedTree, findings: readonly Problem[]): string {
  const files = tree.documents.length + tree.held.length;
  const counts = [tree.problems.length === 0 ? 'no problems' : '', renderCounts(findings)];
  return `${counts.filter((part) => part !== '').join(', ')} in ${count(files, 'widget file')}`;
}

function validateJson(findings: readonly Problem[]): object {
  const of = (wanted: Problem['severity']) =>
    findings.filter(({ severity }) => severity === wanted).length;
  return {
    format_version: '1.0',
    valid: of('error') === 0,
    error_count: of('error'),
    warning_count: of('warning'),
    note_count: of('note'),
    diagnostics: toDiagnostics(findings),
  };
}

function byFileAndPlace(a: Problem, b: Problem): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : byPlace(a, b);
}
