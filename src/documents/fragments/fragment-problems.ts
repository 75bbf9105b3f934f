// What is wrong in fragments, said once each, however many widgets meet it. Pure.
import type { Affected, Finding, Problem, ReachedFragment } from '../../model/document.ts';

/** A problem with what tells it from others. */
export interface KeyedProblem {
  readonly key: string;
  readonly problem: Problem;
}

export function keyed(problem: Problem): KeyedProblem {
  const { file, code, range, summary, detail } = problem;
  return { key: JSON.stringify([file, code, range.start, summary, detail]), problem };
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
