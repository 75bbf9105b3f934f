// A field that every widget needs, gone from a fragment: one mistake, told where it is mended, and not once for each
// widget file. Pure.
import { printable } from '../../base/text.ts';
import type { HeldFile, Problem, ReachedFragment } from '../../model/document.ts';
import { isTypeMissing, typeMissingForAll } from '../check/whole-content.ts';
import { errorAt } from '../parse/finding.ts';
import { startOfFile } from '../parse/source-text.ts';
import { FragmentProblems } from './fragment-problems.ts';

interface Told {
  readonly problems: readonly Problem[];
  readonly held: readonly HeldFile[];
}

/** A single file is mended by itself. */
const fewest = 2;

/**
 * What a tree tells, with the widget files that lack a type told at a fragment where most of those that it reaches
 * do. Which fragment declared it before is not known: of several that reach as many, the one nearest to the files.
 * `orderOf`: the fragments of a widget file, the weakest first.
 */
export function lacksTogether<Tree extends Told>(
  tree: Tree,
  reached: readonly ReachedFragment[],
  orderOf: (file: string) => readonly string[],
): Tree {
  const lacking = filesLackingOnly(tree.problems);
  if (lacking.size < fewest) return tree;
  const blamed = new Map<string, string>();
  const told = new FragmentProblems();
  for (const { file, files } of suspects(reached, lacking, orderOf)) {
    const left = files.filter((one) => !blamed.has(one));
    if (left.length < fewest) continue;
    told.addOwn({ file, widgets: left }, [missing]);
    for (const one of left) blamed.set(one, file);
  }
  return {
    ...tree,
    problems: [
      ...tree.problems.filter((one) => !(blamed.has(one.file) && isTypeMissing(one))),
      ...told.all,
    ],
    held: tree.held.map((one) => heldBy(one, blamed.get(one.file))),
  };
}

const missing = errorAt(startOfFile, 'missing-field', typeMissingForAll);

/** A file with another error has to be opened anyway. */
function filesLackingOnly(problems: readonly Problem[]): ReadonlySet<string> {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const others = new Set(errors.filter((one) => !isTypeMissing(one)).map(({ file }) => file));
  const lacking = errors.filter((one) => isTypeMissing(one) && !others.has(one.file));
  return new Set(lacking.map(({ file }) => file));
}

interface Suspect {
  readonly file: string;
  /** The widget files that lack a type. */
  readonly files: readonly string[];
  /** How near to these it lies. */
  readonly rank: number;
}

/** The worst first. */
function suspects(
  reached: readonly ReachedFragment[],
  lacking: ReadonlySet<string>,
  orderOf: (file: string) => readonly string[],
): Suspect[] {
  const found = reached.flatMap(({ file, widgets }): Suspect[] => {
    const files = widgets.filter((widget) => lacking.has(widget));
    const [first] = files;
    if (first === undefined || files.length * 2 <= widgets.length) return [];
    return [{ file, files, rank: orderOf(first).indexOf(file) }];
  });
  return found.sort((a, b) => b.files.length - a.files.length || b.rank - a.rank);
}

function heldBy(held: HeldFile, fragment: string | undefined): HeldFile {
  if (fragment === undefined) return held;
  const { range, summary } = missing;
  const message = `${printable(fragment)}, line ${range.start.line}: ${summary}`;
  return { ...held, code: 'broken-fragment', message };
}
