// Findings → SARIF 2.1.0 (OASIS), which code scanning and editors read.
import { stringifyJson } from '../../base/json/json-text.ts';
import { fingerprints } from './fingerprint.ts';
import type { Report, ReportedFinding } from './report.ts';

export interface Tool {
  readonly version: string;
  /** What a code means, in one sentence; null for one that is not known. */
  readonly describe: (code: string) => string | null;
}

/** GitHub refuses a report with more. */
const mostResults = 25_000;

export function toSarif({ findings }: Report, { version, describe }: Tool): string {
  const told = findings.slice(0, mostResults);
  const prints = fingerprints(told);
  const codes = [...new Set(told.map(({ code }) => code))].sort();
  const rules = codes.map((code) => ({
    id: code,
    shortDescription: { text: describe(code) ?? code },
  }));
  const results = told.map((finding, at) => ({
    ruleId: finding.code,
    ruleIndex: codes.indexOf(finding.code),
    level: finding.severity,
    message: { text: [finding.summary, finding.detail].filter((text) => text !== '').join('. ') },
    locations: [{ physicalLocation: placeOf(finding) }],
    partialFingerprints: { 'widgetSync/v1': prints[at] },
  }));
  const driver = { name: 'widget-sync', semanticVersion: version, rules };
  return `${stringifyJson(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
    },
    2,
  )}\n`;
}

function placeOf({ path, range }: ReportedFinding): object {
  const artifactLocation = { uri: uriOf(path), uriBaseId: '%SRCROOT%' };
  if (range === null) return { artifactLocation };
  const { start, end } = range;
  const region = {
    ...{ startLine: start.line, startColumn: start.column },
    ...{ endLine: end.line, endColumn: end.column },
  };
  return { artifactLocation, region };
}

function uriOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
