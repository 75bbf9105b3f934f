// A report in the formats of those who read it.
import { version } from '../../base/version.ts';
import { problemCodes } from '../../model/problem-codes.ts';
import { toGithub } from '../../render/findings/github.ts';
import { toGitlab } from '../../render/findings/gitlab.ts';
import { toJunit } from '../../render/findings/junit.ts';
import type { Report } from '../../render/findings/report.ts';
import { toSarif } from '../../render/findings/sarif.ts';
import type { FileFormat } from './read-validate-format.ts';
import { accountsCode } from './to-report.ts';

export type ReportFormat = Exclude<FileFormat, 'json'>;

export function renderReport(format: ReportFormat, report: Report): string {
  switch (format) {
    case 'github':
      return toGithub(report);
    case 'gitlab':
      return toGitlab(report);
    case 'sarif':
      return toSarif(report, { version, describe });
    case 'junit':
      return toJunit(report);
  }
}

function describe(code: string): string | null {
  if (code === accountsCode) return 'The file of accounts, or one of its entries, cannot be used.';
  const texts: Readonly<Record<string, string>> = problemCodes;
  return texts[code] ?? null;
}
