// `validate`: the files only. Needs no key, no state and no network; a key that is at hand is looked
// for in them.

import { count } from '../../base/text.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree } from '../../model/document.ts';
import { renderCounts, toDiagnostics } from '../../render/problem-text.ts';
import { coloursFor, type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { hasErrors, printProblems } from './print-problems.ts';

export interface ValidateRequest {
  readonly directory: string;
  readonly json: boolean;
}

export function validate(request: ValidateRequest, context: ProcessContext): ExitCode {
  const { clock, stdout, env } = context;
  const directory = openWidgetDirectory(request.directory, { clock });
  const tree = directory.load();
  if (request.json) {
    stdout.write(`${JSON.stringify(validateJson(tree), null, 2)}\n`);
  } else {
    printProblems(tree.problems, { directory, output: stdout, env });
    const colours = coloursFor(stdout, env);
    const paint = hasErrors(tree.problems) ? colours.red : colours.green;
    stdout.write(`${paint(summary(tree))}\n`);
  }
  return hasErrors(tree.problems) ? exitCode.failed : exitCode.ok;
}

function summary(tree: LoadedTree): string {
  const files = tree.documents.length + tree.held.length;
  return `${renderCounts(tree.problems) || 'no problems'} in ${count(files, 'widget file')}`;
}

function validateJson({ problems }: LoadedTree): object {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  return {
    format_version: '1.0',
    valid: errors === 0,
    error_count: errors,
    warning_count: problems.length - errors,
    diagnostics: toDiagnostics(problems),
  };
}
