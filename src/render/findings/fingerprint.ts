// What tells a finding from others over several commits: not its line, so that an edit above it makes no new one.
import { createHash } from 'node:crypto';
import type { ReportedFinding } from './report.ts';

/** 64 hexadecimal digits for each finding, in their order; equal ones are told apart by their number. */
export function fingerprints(findings: readonly ReportedFinding[]): string[] {
  const seen = new Map<string, number>();
  return findings.map(({ path, code, summary }) => {
    const alike = JSON.stringify([path, code, summary]);
    const at = seen.get(alike) ?? 0;
    seen.set(alike, at + 1);
    return createHash('sha256').update(`${alike}${at}`).digest('hex');
  });
}
