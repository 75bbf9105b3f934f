// `validate`: the files only. Needs no key, no state and no network; a key that is at hand is looked
// for in them.

import { count, printable } from '../../base/text.ts';
import { unreachedFragments } from '../../documents/fragments/unreached-fragments.ts';
import { byPlace } from '../../documents/parse/finding.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree, Problem } from '../../model/document.ts';
import { fileIn } from '../../render/fragments/fragment-words.ts';
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
  const { clock, stdout, stderr, env } = context;
  const { root, allow, isStrict } = request;
  const directory = openWidgetDirectory(request.directory, { clock, allow, root });
  const tree = directory.load();
  const findings = [...tree.problems, ...tree.notes].sort(byFileAndPlace);
  const fails = hasErrors(tree.problems) || (isStrict && tree.problems.length > 0);
  if (request.json) {
    stdout.write(`${JSON.stringify(validateJson(tree, findings), null, 2)}\n`);
  } else {
    printProblems(findings, { directory, output: stdout, env });
    const colours = coloursFor(stdout, env);
    for (const { file, widgets } of tree.fragments) {
      const path = printable(fileIn(directory.dir, file));
      stdout.write(`${path} reaches ${count(widgets.length, 'widget')}\n`);
    }
    const paint = fails ? colours.red : colours.green;
    stdout.write(`${paint(summary(tree, findings))}\n`);
  }
  for (const line of unreachedLines(tree, directory.dir)) stderr.write(`${line}\n`);
  return fails ? exitCode.failed : exitCode.ok;
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
  const files = tree.documents.length + tree.held.length;
  const counts = [tree.problems.length === 0 ? 'no problems' : '', renderCounts(findings)];
  return `${counts.filter((part) => part !== '').join(', ')} in ${count(files, 'widget file')}`;
}

function validateJson({ fragments }: LoadedTree, findings: readonly Problem[]): object {
  const of = (wanted: Problem['severity']) =>
    findings.filter(({ severity }) => severity === wanted).length;
  return {
    format_version: '1.0',
    valid: of('error') === 0,
    error_count: of('error'),
    warning_count: of('warning'),
    note_count: of('note'),
    ...(fragments.length > 0 && {
      fragments: fragments.map(({ file, widgets }) => ({ file, widgets: widgets.length })),
    }),
    diagnostics: toDiagnostics(findings),
  };
}

function byFileAndPlace(a: Problem, b: Problem): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : byPlace(a, b);
}
