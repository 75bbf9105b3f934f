// Findings of fragments that several accounts share, each once.
import { join, relative, resolve, sep } from 'node:path';
import type { Affected, Problem } from '../../model/document.ts';
import type { Checked } from '../validate/check.ts';

export interface Shared {
  /** About the widget files of all of them, named from the directory below. */
  readonly finding: Problem;
  /** The directory that its file is named from. */
  readonly directory: Checked['directory'];
  /** As the accounts have found it, more than one. */
  readonly findings: readonly Problem[];
}

type Found = Pick<Shared, 'finding' | 'directory'>;

/** As many files of a finding as one account names. */
const mostNamed = 20;

/** In the order in which they are met. */
export function findShared(checked: readonly Pick<Checked, 'directory' | 'findings'>[]): Shared[] {
  const alike = new Map<string, Found[]>();
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
    return {
      ...first,
      finding: { ...first.finding, affects: allAffected(found, first.directory.dir) },
      findings: found.map(({ finding }) => finding),
    };
  });
}

function keyOf({ file, range, severity, code, summary, detail }: Problem, dir: string): string {
  const path = resolve(join(dir, file));
  return JSON.stringify([path, range, severity, code, summary, detail]);
}

/** With the files as they are named from one of the directories. */
function allAffected(found: readonly Found[], dir: string): Affected {
  const affected = found.map(({ finding: { affects }, directory }) => ({
    count: affects?.count ?? 0,
    paths: affects?.files.map((file) => join(directory.dir, file)) ?? [],
  }));
  const paths = affected.flatMap((one) => one.paths).sort();
  return {
    count: affected.reduce((sum, { count }) => sum + count, 0),
    files: paths.slice(0, mostNamed).map((path) => relative(dir, path).split(sep).join('/')),
  };
}
