// Findings → workflow commands, which GitHub shows beside the lines of a pull request
// (docs.github.com/actions: "Workflow commands"). Of each kind it shows ten for a step and drops the rest without
// a word.
import { count } from '../../base/text.ts';
import { fullText, type Report, type ReportedFinding } from './report.ts';

const mostOfAKind = 10;

const kinds = [
  { severity: 'error', command: 'error' },
  { severity: 'warning', command: 'warning' },
  { severity: 'note', command: 'notice' },
] as const;

export function toGithub({ findings }: Report): string {
  return kinds
    .flatMap(({ severity, command }) => {
      const all = findings.filter((finding) => finding.severity === severity);
      const shown = all.length > mostOfAKind ? all.slice(0, mostOfAKind - 1) : all;
      const lines = shown.map((finding) => annotation(command, finding));
      const more = all.length - shown.length;
      return more === 0 ? lines : [...lines, `::${command}::${moreWords(more, severity)}`];
    })
    .map((line) => `${line}\n`)
    .join('');
}

function moreWords(more: number, severity: ReportedFinding['severity']): string {
  return `and ${count(more, `more ${severity}`)}: GitHub shows ${mostOfAKind} of a kind; widget-sync validate names all of them`;
}

function annotation(command: string, finding: ReportedFinding): string {
  const { path, range, summary } = finding;
  const place = range === null ? [] : placeOf(range);
  const properties = [['file', path] as const, ...place, ['title', summary] as const]
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join(',');
  return `::${command} ${properties}::${escapeText(messageOf(finding))}`;
}

/** The title says the summary. */
function messageOf(finding: ReportedFinding): string {
  return finding.detail === '' ? fullText(finding) : `${finding.detail} [${finding.code}]`;
}

/** Columns are only taken where a finding lies within one line; the last one is the last that belongs to it. */
function placeOf({
  start,
  end,
}: NonNullable<ReportedFinding['range']>): (readonly [string, number])[] {
  if (end.line > start.line) {
    return [
      ['line', start.line],
      ['endLine', end.line],
    ];
  }
  return [
    ['line', start.line],
    ['endLine', end.line],
    ['col', start.column],
    ['endColumn', Math.max(start.column, end.column - 1)],
  ];
}

/** As `@actions/core` escapes them. */
function escapeText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
