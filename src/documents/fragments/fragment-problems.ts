// What is wrong in fragments, said once each, however many widgets meet it. Pure.
import type {
  Affected,
  Finding,
  LoadedTree,
  Problem,
  ReachedFragment,
} from '../../model/document.ts';
import type { FragmentChains } from './fragment-chains.ts';
import type { Fragment } from './fragment-files.ts';

/** A problem with what tells it from others. */
export interface KeyedProblem {
  readonly key: string;
  readonly problem: Problem;
}

export function keyed(problem: Problem): KeyedProblem {
  const { file, code, range, summary, detail } = problem;
  return { key: JSON.stringify([file, code, range.start, summary, detail]), problem };
}

/** What is wrong, or to be noted, in the fragments of a widget file. */
export interface Elsewhere {
  readonly problems: readonly KeyedProblem[];
  readonly notes: readonly KeyedProblem[];
}

/** What the whole of a widget file has to tell of its fragments. */
export interface Met extends Elsewhere {
  readonly file: string;
}

/** A fragment and the widget files that it reaches, sorted. */
export interface Reached {
  readonly fragment: Fragment;
  readonly widgets: readonly string[];
}

/** Of what files have met, and of each fragment by itself. */
export function toldOfFragments(
  met: readonly Met[],
  reached: readonly Reached[],
  chains: FragmentChains,
): Pick<LoadedTree, 'problems' | 'notes'> {
  const [told, noted] = [new FragmentProblems(), new FragmentProblems()];
  for (const { file, problems, notes } of met) {
    for (const problem of problems) told.add(problem, file);
    for (const note of notes) noted.add(note, file);
  }
  for (const { fragment, widgets } of reached) {
    told.addOwn({ file: fragment.file, widgets }, chains.findingsOf(fragment));
  }
  return { problems: told.all, notes: noted.all };
}

/** So many of the widget files that a finding is about are named. */
const mostNamed = 20;

export class FragmentProblems {
  readonly #problems = new Map<
    string,
    { readonly problem: Problem; readonly files: Set<string> }
  >();

  /** `widget`: the widget file that meets it. */
  add({ key, problem }: KeyedProblem, widget: string): void {
    const known = this.#problems.get(key);
    if (known === undefined) this.#problems.set(key, { problem, files: new Set([widget]) });
    else known.files.add(widget);
  }

  /** Findings of a fragment by itself: all that it reaches meet them. */
  addOwn({ file, widgets }: ReachedFragment, findings: readonly Finding[]): void {
    for (const finding of findings) {
      const key = JSON.stringify([file, finding]);
      this.#problems.set(key, { problem: { ...finding, file }, files: new Set(widgets) });
    }
  }

  get all(): Problem[] {
    return [...this.#problems.values()].map(({ problem, files }) => ({
      ...problem,
      affects: affected(files),
    }));
  }
}

function affected(files: ReadonlySet<string>): Affected {
  const sorted = [...files].sort();
  return { count: sorted.length, files: sorted.slice(0, mostNamed) };
}
