// What `validate` has found in one directory, for people.
import { count, printable } from '../../base/text.ts';
import { unreachedFragments } from '../../documents/fragments/unreached-fragments.ts';
import type { LoadedTree, Problem } from '../../model/document.ts';
import { fileIn } from '../../render/fragments/fragment-words.ts';
import { renderCounts } from '../../render/problem-text.ts';
import { printProblems } from '../commands/print-problems.ts';
import { coloursFor, exitCode, type ProcessContext } from '../process-context.ts';
import { type Checked, filesIn } from './check.ts';

/** For people. `told` are those of the findings that are shown elsewhere: they are only counted. */
export function printChecked(
  { directory, tree, findings, end }: Checked,
  { stdout, env }: ProcessContext,
  told: ReadonlySet<Problem> = new Set(),
): void {
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

export function noteUnreached({ directory, tree }: Checked, { stderr }: ProcessContext): void {
  for (const line of unreachedLines(tree, directory.dir)) stderr.write(`${line}\n`);
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
