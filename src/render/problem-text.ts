// Problems → text for a person, a line each for grep, or the diagnostics of `validate --json`. Pure:
// the caller says how to get at a line of a file. Nothing from a file reaches a terminal raw.
import { posix } from 'node:path';
import picocolors from 'picocolors';
import { hideRegistered } from '../base/secrets.ts';
import { count, printable } from '../base/text.ts';
import type { Affected, Problem, Range } from '../model/document.ts';
import type { ProblemCode } from '../model/problem-codes.ts';
import { affectedWords } from './fragments/affected-words.ts';
import { withSwatches } from './swatch.ts';
import { cutToWidth, displayWidth } from './width.ts';

export interface ExcerptOptions {
  /** The widget directory as the user named it. */
  readonly dir: string;
  readonly color: boolean;
  /** Whether a colour that a problem tells of is shown, which takes 24 bits. */
  readonly swatches: boolean;
  /** One line of a file, or null where it cannot be had. */
  readonly sourceLine: (file: string, line: number) => string | null;
}

/** For a terminal: each problem with its place, an excerpt with a pointer, and what to do. */
export function renderProblems(problems: readonly Problem[], options: ExcerptOptions): string {
  const exposed = new Set(
    problems.filter(({ code }) => code === 'holds-key').map(({ file }) => file),
  );
  const shown = {
    ...options,
    // Cut out of its line, or broken over two, a key would not be known for one on its way out.
    sourceLine: (file: string, line: number) => {
      const text = exposed.has(file) ? null : options.sourceLine(file, line);
      return text === null || hideRegistered(text) !== text ? null : text;
    },
  };
  return problems.map((problem) => `${renderOne(problem, shown)}\n`).join('\n');
}

/** For a pipe: one line each, `widgets/ava.yaml:5:1: error: summary [code] detail`. */
export function renderProblemLines(problems: readonly Problem[], dir: string): string {
  return problems
    .map((problem) => {
      const { severity, code, summary, detail } = problem;
      const affected = affectedWords(problem, dir);
      const aside = affected === null ? '' : ` (${printable(affected)})`;
      return `${placeOf(problem, dir)}: ${severity}: ${printable(summary)} [${code}] ${printable(detail)}${aside}\n`;
    })
    .join('');
}

/** `2 errors, 1 warning, 3 notes`; '' for none. */
export function renderCounts(problems: readonly Problem[]): string {
  return (['error', 'warning', 'note'] as const)
    .map(
      (severity) => [severity, problems.filter((one) => one.severity === severity).length] as const,
    )
    .filter(([, amount]) => amount > 0)
    .map(([severity, amount]) => count(amount, severity))
    .join(', ');
}

function renderOne(problem: Problem, options: ExcerptOptions): string {
  const colors = picocolors.createColors(options.color);
  const paint = { error: colors.red, warning: colors.yellow, note: colors.cyan }[problem.severity];
  const say = (text: string) =>
    options.swatches ? withSwatches(printable(text)) : printable(text);
  const { start } = problem.range;
  const margin = ' '.repeat(String(start.line).length);
  const title = `${colors.bold(paint(problem.severity))}${colors.bold(`: ${say(problem.summary)}`)}`;
  const lines = [
    `${title} ${colors.dim(`[${problem.code}]`)}`,
    `${margin}${colors.cyan('-->')} ${placeOf(problem, options.dir)}`,
  ];
  const text = options.sourceLine(problem.file, start.line);
  if (text !== null && text.trim() !== '') {
    const { excerpt, indent, width } = point(text, problem.range);
    const bar = colors.cyan('|');
    lines.push(
      `${margin} ${bar}`,
      `${colors.cyan(String(start.line))} ${bar} ${excerpt}`,
      `${margin} ${bar} ${' '.repeat(indent)}${paint('^'.repeat(width))}`,
    );
  }
  const notes = [problem.detail, affectedWords(problem, options.dir)].filter(
    (note) => note !== null,
  );
  lines.push(...notes.map((note) => `${margin} ${colors.cyan('=')} ${say(note)}`));
  return lines.join('\n');
}

const widestExcerpt = 100;

/** The part of a line around a range, and where the carets go, in columns. */
function point(text: string, { start, end }: Range) {
  const from = start.column - 1;
  const to = end.line > start.line ? text.length : end.column - 1;
  const isCut = from > widestExcerpt / 2 && text.length > widestExcerpt;
  const head = isCut ? `…${show(text.slice(from - 20, from))}` : show(text.slice(0, from));
  const marked = show(text.slice(from, to));
  const indent = displayWidth(head);
  const excerpt = cutToWidth(head + marked + show(text.slice(Math.max(from, to))), widestExcerpt);
  const width = Math.max(1, Math.min(displayWidth(marked), displayWidth(excerpt) - indent));
  return { excerpt, indent, width };
}

/** A tab as one space, so that the carets stand under what they mean. */
function show(text: string): string {
  return printable(text.replaceAll('\t', ' '));
}

function placeOf({ file, range }: Problem, dir: string): string {
  const path = printable(posix.join(dir, file));
  // The problem of the directory itself has no line.
  return file === '.' ? path : `${path}:${range.start.line}:${range.start.column}`;
}

/** One entry of `validate --json`; lines and columns count from 1. */
export interface Diagnostic {
  readonly severity: Problem['severity'];
  readonly code: ProblemCode;
  readonly summary: string;
  readonly detail: string;
  readonly file: string;
  readonly range: Range;
  /** Only of a fragment: the widget files that it is about, of which at most 20 are named. */
  readonly affects?: Affected;
}

export function toDiagnostics(problems: readonly Problem[]): Diagnostic[] {
  return problems.map(({ severity, code, summary, detail, file, range, affects }) => ({
    severity,
    code,
    summary,
    detail,
    file,
    range,
    ...(affects !== undefined && { affects }),
  }));
}
