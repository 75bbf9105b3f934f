// What `validate` has found, as every format for machines tells it: a list of findings, each with the path by which
// a checkout knows its file. Pure.
import { posix } from 'node:path';
import { printable } from '../../base/text.ts';
import type { Problem, Range } from '../../model/document.ts';
import { affectedWords } from '../fragments/affected-words.ts';

export interface Report {
  /** The errors first, then the warnings, then the notes; within these as they were found. */
  readonly findings: readonly ReportedFinding[];
  /** Every widget file, by its path, sorted. */
  readonly files: readonly string[];
  /** Whether a warning fails, too. */
  readonly isStrict: boolean;
}

export interface ReportedFinding {
  readonly severity: Problem['severity'];
  readonly code: string;
  /** From the topmost folder of the checkout, with forward slashes; `..` in front where it lies outside of it. */
  readonly path: string;
  /** Null where no line is to blame. */
  readonly range: Range | null;
  /** One line: what is wrong. */
  readonly summary: string;
  /** What was expected, what was found, what to do, and the widgets that it is about. May be empty. */
  readonly detail: string;
}

/** `folder` is the path of the widget directory, as the paths of a report are. */
export function reportedFinding(problem: Problem, folder: string): ReportedFinding {
  const { severity, code, file, range, summary, detail } = problem;
  const affected = affectedWords(problem, folder);
  return {
    ...{ severity, code, path: posix.join(folder, file) },
    range: file === '.' ? null : range,
    summary: printable(summary),
    detail: printable(affected === null ? detail : `${detail} (${affected})`.trim()),
  };
}

const ranks = ['error', 'warning', 'note'] as const;

export function worstFirst(findings: readonly ReportedFinding[]): ReportedFinding[] {
  return ranks.flatMap((rank) => findings.filter(({ severity }) => severity === rank));
}

/** All that there is to read of it, as one text. */
export function fullText({ summary, detail, code }: ReportedFinding): string {
  return [summary, `[${code}]`, detail].filter((part) => part !== '').join(' ');
}
