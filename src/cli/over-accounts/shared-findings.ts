// Findings of fragments that several accounts share, each once.
import { join, resolve } from 'node:path';
import type { Problem } from '../../model/document.ts';
import { fileIn } from '../../render/fragments/fragment-words.ts';
import type { Checked } from '../commands/validate.ts';

export interface Shared {
  /** Names all widget files that it is about as the user would, and not from one of the directories. */
  readonly finding: Problem;
  /** The directory that its file is named from. */
  readonly directory: Checked['directory'];
  /** As the accounts have found it, more than one. */
  readonly findings: readonly Problem[];
}

/** As many files of a finding as one account names. */
const mostNamed = 20;

/** In the order in which they are met. */
export function findShared(checked: readonly Pick<Checked, 'directory' | 'findings'>[]): Shared[] {
  const alike = new Map<string, { finding: Problem; directory: Checked['directory'] }[]>();
  for (const { directory, findings } of checked) {
    for (const finding of findings) {
      if (finding.affects === undefined) continue;
      const key = keyOf(finding, directory.dir);
      const known = alike.get(key);
      if (known === undefined) alike.set(key, [{ finding, directory }]);
      else known.push({ finding, directory });
    }
  }
  return [...alike.values()].flatMap((found) => {
    const [first] = found;
    if (first === undefined || found.length === 1) return [];
    const affects = found.map((one) => affectedIn(one));
    return {
      ...first,
      finding: {
        ...first.finding,
        affects: {
          count: affects.reduce((sum, { count }) => sum + count, 0),
          files: affects
            .flatMap(({ files }) => files)
            .sort()
            .slice(0, mostNamed),
        },
      },
      findings: found.map(({ finding }) => finding),
    };
  });
}

function keyOf({ file, range, severity, code, summary, detail }: Problem, dir: string): string {
  const path = resolve(join(dir, file));
  return JSON.stringify([path, range, severity, code, summary, detail]);
}

function affectedIn({ finding, directory }: Pick<Shared, 'finding' | 'directory'>) {
  const { count = 0, files = [] } = finding.affects ?? {};
  return { count, files: files.map((file) => fileIn(directory.dir, file)) };
}
