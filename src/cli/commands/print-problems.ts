// Problems on their way to an output: with excerpts for a person, a line each for everything else.

import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { Problem } from '../../model/document.ts';
import { renderProblemLines, renderProblems } from '../../render/problem-text.ts';
import { type Output, type ProcessContext, shownColours } from '../process-context.ts';

export interface Printing {
  readonly directory: Pick<WidgetDirectory, 'dir' | 'sourceLine'>;
  readonly output: Output;
  readonly env: ProcessContext['env'];
}

export function printProblems(problems: readonly Problem[], printing: Printing): void {
  const { directory, output, env } = printing;
  if (problems.length === 0) return;
  if (!output.isTerminal) {
    output.write(renderProblemLines(problems, directory.dir));
    return;
  }
  const { dir, sourceLine } = directory;
  const { colour: color, swatches } = shownColours(output, env);
  output.write(`${renderProblems(problems, { dir, sourceLine, color, swatches })}\n`);
}

/** Whether a held widget waits for a person. A suspension is meant so. */
export function isToMend({ code }: { readonly code: string }): boolean {
  return code !== 'suspended';
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(isError);
}

export function isError({ severity }: Pick<Problem, 'severity'>): boolean {
  return severity === 'error';
}

/** Whoever knows that it is none says so with `like-a-key` allowed, and sees it. */
export function mayHoldKey(problems: readonly Pick<Problem, 'code'>[]): boolean {
  return problems.some(({ code }) => code === 'like-a-key');
}
