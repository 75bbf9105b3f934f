// What a repository of widgets begins with. Each file comes with the program, as it is.
import { packagedFile } from '../../base/version.ts';

export type Ci = 'github' | 'gitlab' | 'none';

export interface WantedFile {
  /** From the directory that is set up. */
  readonly path: string;
  /** The file that comes with the program, absolute. */
  readonly source: string;
  /** Who reads it at the top of a checkout only; absent where it may lie anywhere. */
  readonly readAtTop?: string;
}

/** `import` names the schema in the first line of what it writes, as `../schemas/widget.schema.json`. */
const anywhere = ['schemas/widget.schema.json', 'schemas/fragment.schema.json'];

const atTop: { readonly [reader in 'pre-commit' | Exclude<Ci, 'none'>]: readonly Source[] } = {
  'pre-commit': [{ path: '.pre-commit-config.yaml', from: 'deploy/pre-commit-config.yaml' }],
  github: ['plan', 'apply'].map((name) => ({
    path: `.github/workflows/widget-sync-${name}.yml`,
    from: `deploy/workflows/github-${name}.yml`,
  })),
  gitlab: [{ path: '.gitlab-ci.yml', from: 'deploy/gitlab-ci.yml' }],
};

interface Source {
  readonly path: string;
  readonly from: string;
}

export function wantedFiles(ci: Ci): WantedFile[] {
  const readers = ci === 'none' ? (['pre-commit'] as const) : (['pre-commit', ci] as const);
  return [
    ...anywhere.map((path) => ({ path, source: packagedFile(path) })),
    ...readers.flatMap((reader) =>
      atTop[reader].map(({ path, from }) => ({
        ...{ path, source: packagedFile(from) },
        readAtTop: readerNames[reader],
      })),
    ),
  ];
}

const readerNames = { 'pre-commit': 'pre-commit', github: 'GitHub', gitlab: 'GitLab' };
