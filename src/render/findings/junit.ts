// Findings → JUnit's XML, which most systems of CI read: one case for each file, so that those without a finding
// count as passed.
import { posix } from 'node:path';
import { printableLines } from '../../base/text.ts';
import { fullText, type Report, type ReportedFinding } from './report.ts';

export function toJunit({ findings, files, isStrict }: Report): string {
  const paths = [...new Set([...files, ...findings.map(({ path }) => path)])].sort();
  const byPath = new Map(paths.map((path) => [path, [] as ReportedFinding[]]));
  for (const finding of findings) byPath.get(finding.path)?.push(finding);
  const cases = [...byPath].map(([path, own]) => caseOf(path, own, isStrict));
  const failures = cases.filter(({ fails }) => fails).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="widget-sync validate" ${counts}>`,
    `  <testsuite name="widget-sync validate" ${counts}>`,
    ...cases.map(({ xml }) => xml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseOf(path: string, findings: readonly ReportedFinding[], isStrict: boolean) {
  const open = `    <testcase name="${escapeXml(path)}" classname="${escapeXml(posix.dirname(path))}"`;
  const failing = findings.filter(
    ({ severity }) => severity === 'error' || (isStrict && severity === 'warning'),
  );
  const others = findings.filter((finding) => !failing.includes(finding));
  const parts = [
    // Several in one case are not read everywhere.
    ...(failing.length > 0 ? [failureOf(failing)] : []),
    ...(others.length > 0 ? [`      <system-out>${linesOf(others)}</system-out>`] : []),
  ];
  const xml =
    parts.length === 0 ? `${open}/>` : [`${open}>`, ...parts, '    </testcase>'].join('\n');
  return { fails: failing.length > 0, xml };
}

function failureOf(failing: readonly ReportedFinding[]): string {
  const [first] = failing;
  const more = failing.length > 1 ? ` (and ${failing.length - 1} more)` : '';
  const message = escapeXml(`${first?.summary ?? ''}${more}`);
  return `      <failure type="${escapeXml(first?.code ?? '')}" message="${message}">${linesOf(failing)}</failure>`;
}

function linesOf(findings: readonly ReportedFinding[]): string {
  return escapeXml(findings.map(lineOf).join('\n'));
}

function lineOf(finding: ReportedFinding): string {
  const { path, range, severity } = finding;
  const place = range === null ? path : `${path}:${range.start.line}:${range.start.column}`;
  return `${place}: ${severity}: ${fullText(finding)}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 has no way to write most control characters, halves of pairs, and these two. */
function escapeXml(text: string): string {
  return printableLines(text)
    .replaceAll(/[\ufffe\uffff]/g, '\u{fffd}')
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
