// Problems of files, each with its place, the line that it points at, and what to do.
import type { Problem } from '../../model/document.ts';
import { affectedWords } from '../fragments/affected-words.ts';
import { excerptOf, type SourceLine } from './excerpt.ts';
import { type Html, html } from './html.ts';
import { withSwatches } from './swatch.ts';

export function problemList(problems: readonly Problem[], sourceLine: SourceLine): Html | null {
  if (problems.length === 0) return null;
  // Where a key stands in a file, it may also stand in a line that something else points at.
  const exposed = new Set(
    problems.filter(({ code }) => code === 'holds-key').map(({ file }) => file),
  );
  const shown = (file: string, line: number) => (exposed.has(file) ? null : sourceLine(file, line));
  return html`<ul class="problems">${problems.map((problem) => problemItem(problem, shown))}</ul>`;
}

const names = { error: 'Error', warning: 'Warning', note: 'Note' } as const;

function problemItem(problem: Problem, sourceLine: SourceLine): Html {
  const { severity, code, file, range, summary, detail } = problem;
  const { line, column } = range.start;
  // The directory itself has no line.
  const place = file === '.' ? null : `${file}:${line}:${column}`;
  const affected = affectedWords(problem, '');
  return html`<li class="${severity}"><p class="summary"><strong>${names[severity]}:</strong> ${withSwatches(summary)} <code class="code">${code}</code></p>
${excerptLine(problem, sourceLine)}<p class="detail">${place !== null && html`<code>${place}</code> `}${withSwatches(detail)}${affected !== null && ` (${affected})`}</p></li>`;
}

function excerptLine(problem: Problem, sourceLine: SourceLine): Html | null {
  const excerpt = excerptOf(problem, sourceLine);
  if (excerpt === null) return null;
  const { line } = problem.range.start;
  return html`<pre tabindex="0" role="group" aria-label="Line ${line} of ${problem.file}"><code><span class="line">${line}</span> ${excerpt.head}<mark>${withSwatches(excerpt.marked)}</mark>${excerpt.tail}</code></pre>`;
}

/** By file; a file without problems is missing. */
export function problemsByFile(problems: readonly Problem[]): Map<string, Problem[]> {
  const found = new Map<string, Problem[]>();
  for (const problem of problems) {
    const others = found.get(problem.file);
    if (others === undefined) found.set(problem.file, [problem]);
    else others.push(problem);
  }
  return found;
}
