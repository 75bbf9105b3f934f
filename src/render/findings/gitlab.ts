// Findings → a Code Quality report, which GitLab shows in a merge request (docs.gitlab.com: "Code Quality",
// "Code Quality report format").
import { stringifyJson } from '../../base/json/json-text.ts';
import { fingerprints } from './fingerprint.ts';
import { fullText, type Report } from './report.ts';

const severities = { error: 'major', warning: 'minor', note: 'info' } as const;

export function toGitlab({ findings }: Report): string {
  const prints = fingerprints(findings);
  const entries = findings.map((finding, at) => ({
    description: fullText(finding),
    check_name: finding.code,
    fingerprint: prints[at],
    severity: severities[finding.severity],
    location: { path: finding.path, lines: { begin: finding.range?.start.line ?? 1 } },
  }));
  return `${stringifyJson(entries, 2)}\n`;
}
