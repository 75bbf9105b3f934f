// What `validate` has found in one directory, or in several, as a report for machines.
import { basename, dirname, posix, relative, resolve, sep } from 'node:path';
import type { AccountsProblem } from '../../accounts/account-entry.ts';
import { findGitDirectory } from '../../documents/git/git-directory.ts';
import type { Problem } from '../../model/document.ts';
import {
  type Report,
  type ReportedFinding,
  reportedFinding,
  worstFirst,
} from '../../render/findings/report.ts';
import type { Checked } from './check.ts';

interface Found {
  readonly directory: Pick<Checked['directory'], 'dir'>;
  readonly tree: Pick<Checked['tree'], 'documents' | 'held'>;
  readonly findings: readonly Problem[];
}

export function toReport(
  checked: readonly Found[],
  { isStrict, others = [] }: { isStrict: boolean; others?: readonly ReportedFinding[] },
): Report {
  const files = checked.flatMap(({ directory, tree }) => {
    const folder = pathInCheckout(directory.dir);
    const all = [...tree.documents, ...tree.held].map(({ file }) => posix.join(folder, file));
    return [...new Set(all)];
  });
  const findings = checked.flatMap(({ directory, findings: own }) => {
    const folder = pathInCheckout(directory.dir);
    return own.map((finding) => reportedFinding(finding, folder));
  });
  return { findings: worstFirst([...others, ...findings]), files: files.sort(), isStrict };
}

/** From the topmost folder of the checkout, or, outside of any, from the working directory. */
function pathInCheckout(path: string): string {
  const absolute = resolve(path);
  const from = findGitDirectory(absolute)?.top ?? resolve();
  return relative(from, absolute).split(sep).join('/');
}

/** Of the file of accounts. */
export function accountsFinding({ place, message }: AccountsProblem): ReportedFinding {
  const [, file = place, line, column] = /^(.*):(\d+):(\d+)$/s.exec(place) ?? [];
  const start = { line: Number(line), column: Number(column) };
  return {
    ...{
      severity: 'error',
      code: accountsCode,
      path: posix.join(pathInCheckout(dirname(file)), basename(file)),
    },
    range: line === undefined ? null : { start, end: start },
    ...{ summary: message, detail: '' },
  };
}

/** Of an account that could not be looked at, for another reason than its entry. */
export function accountFinding(file: string, name: string, error: string): ReportedFinding {
  return accountsFinding({ place: file, message: `${name}: ${error}`, holds: [name] });
}

export const accountsCode = 'accounts';
