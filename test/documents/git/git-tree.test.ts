// The files of commits and how they differ, beside what git itself says.
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withRepository } from '../../../src/documents/git/git-repository.ts';
import { GitTrees, MissingObject } from '../../../src/documents/git/git-tree.ts';
import { commitNamed } from '../../../src/documents/git/resolve-commit.ts';
import { commitAll, copyOf, git, repository } from '../repository.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

/** Every kind of edit between its commits, of which each folder's last is the last. */
function edited(...initOptions: string[]): string {
  return copyOf(`edits ${initOptions}`, () => {
    const root = repository(...initOptions);
    const edit = (change: () => void) => {
      change();
      commitAll(root);
    };
    edit(() => {
      put(root, 'widgets/b.yaml', 'b\n');
      put(root, 'widgets/deep/er/c.yaml', 'c\n');
      put(root, 'widgets-old/z.yaml', 'z\n');
      put(root, 'widgets.yaml', 'not in the folder\n');
      put(root, 'docs/readme.md', 'read me\n');
    });
    edit(() => put(root, 'widgets/deep/er/c.yaml', 'c2\n'));
    edit(() => rmSync(join(root, 'widgets/b.yaml')));
    edit(() => renameSync(join(root, 'widgets/deep'), join(root, 'widgets/moved')));
    edit(() => {
      rmSync(join(root, 'widgets/moved'), { recursive: true });
      put(root, 'widgets/moved', 'a file where a folder was\n');
    });
    edit(() => {
      rmSync(join(root, 'widgets/moved'));
      symlinkSync('a.yaml', join(root, 'widgets/moved'));
      put(root, 'widgets/ünï cödé "quoted".yaml', 'odd\n');
    });
    edit(() => chmodSync(join(root, 'widgets/a.yaml'), 0o755));
    edit(() => put(root, 'docs/readme.md', 'elsewhere\n'));
    edit(() => rmSync(join(root, 'widgets'), { recursive: true }));
    return root;
  });
}

/** Plain files by what they hold: git's own list, without links and submodules. */
function saidByGit(root: string, name: string, place: string): Map<string, string> {
  const path = place === '' ? [] : [`${place}/`];
  const lines = git(root, 'ls-tree', '-r', '-z', name, ...path).split('\0');
  return new Map(
    lines.flatMap((line) => {
      const [, id = '', path = ''] = /^100\d{3} blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return id === '' ? [] : [[place === '' ? path : path.slice(place.length + 1), id] as const];
    }),
  );
}

function folderAt(trees: GitTrees, tree: string, place: string): string | null {
  const entry = trees.at(tree, place);
  return entry?.kind === 'folder' ? entry.id : null;
}

test.each([
  ['loose', [], () => {}],
  ['packed', [], (root: string) => git(root, 'gc', '-q', '--aggressive')],
  ['with SHA-256', ['--object-format=sha256'], () => {}],
] as const)(
  'the files below a folder, and those that any two commits have otherwise: %s',
  (_, initOptions, store) => {
    const root = edited(...initOptions);
    store(root);
    const names = git(root, 'rev-list', 'HEAD').split('\n');
    for (const place of ['', 'widgets', 'widgets/deep/er', 'nowhere']) {
      withRepository(root, (repository) => {
        const trees = new GitTrees(repository.objects);
        const folders = names.map((name) =>
          folderAt(trees, commitNamed(repository, name).tree, place),
        );
        const files = names.map((name) => saidByGit(root, name, place));
        folders.forEach((folder, n) => {
          expect(folder === null ? new Map() : trees.filesBelow(folder)).toEqual(files[n]);
          folders.forEach((other, m) => {
            const [before = new Map(), after = new Map()] = [files[n], files[m]];
            const paths = [...new Set([...before.keys(), ...after.keys()])];
            const differing = paths
              .map((path) => ({
                path,
                before: before.get(path) ?? null,
                after: after.get(path) ?? null,
              }))
              .filter((file) => file.before !== file.after);
            const sorted = differing.sort((a, b) => (a.path < b.path ? -1 : 1));
            expect(trees.differences(folder, other)).toEqual(sorted);
          });
        });
      });
    }
  },
);

test('a folder is named from the top, whatever leads to it, and though it is gone', () => {
  const root = edited();
  const places = (folder: string) => withRepository(folder, ({ place }) => place);
  expect(places(root)).toBe('');
  expect(places(join(root, 'widgets', 'deep'))).toBe('widgets/deep');
  mkdirSync(join(root, 'real/widgets'), { recursive: true });
  const link = join(temporaryDirectory(), 'link');
  symlinkSync(join(root, 'real'), link);
  expect(places(join(link, 'widgets'))).toBe('real/widgets');
  expect(places(join(link, 'gone', 'too'))).toBe('real/gone/too');
  expect(places(temporaryDirectory())).toBeNull();
});

test('a tree that the clone lacks is said to be missing, not empty', () => {
  const root = edited();
  git(root, 'config', 'uploadpack.allowFilter', 'true');
  const clone = join(temporaryDirectory(), 'clone');
  git(root, 'clone', '-q', '--no-checkout', '--filter=tree:0', `file://${root}`, clone);
  withRepository(clone, (repository) => {
    const trees = new GitTrees(repository.objects);
    const { tree } = commitNamed(repository, 'HEAD');
    expect(() => trees.at(tree, 'widgets')).toThrow(MissingObject);
    expect(() => trees.filesBelow(tree)).toThrow(MissingObject);
  });
});

test('a path is followed through the links of the tree itself, and not out of it', () => {
  const root = repository();
  put(root, '_kits/v2/_brand.yaml', 'brand\n');
  put(root, 'widgets/_own.yaml', 'own\n');
  const links: [string, string][] = [
    ['kit', '_kits/now'],
    ['_kits/now', 'v2'],
    ['widgets/_brand.yaml', '../kit/./_brand.yaml'],
    ['widgets/_loop.yaml', '_loop.yaml'],
    ['widgets/_out.yaml', '../../_brand.yaml'],
    ['widgets/_abs.yaml', '/etc/passwd'],
    ['widgets/_gone.yaml', '_no.yaml'],
  ];
  for (const [path, target] of links) symlinkSync(target, join(root, path));
  commitAll(root);
  const follow = (path: string) =>
    withRepository(root, (repo) =>
      new GitTrees(repo.objects).follow(commitNamed(repo, 'HEAD').tree, path),
    );
  const brand = {
    path: '_kits/v2/_brand.yaml',
    id: git(root, 'rev-parse', 'HEAD:_kits/v2/_brand.yaml'),
  };
  expect(follow('kit/_brand.yaml')).toEqual(brand);
  expect(follow('widgets/_brand.yaml')).toEqual(brand);
  expect(follow('widgets/../_kits//v2/_brand.yaml')).toEqual(brand);
  const nowhere = ['_loop', '_out', '_abs', '_gone', '_none'].map((name) => `widgets/${name}.yaml`);
  for (const path of [...nowhere, 'widgets', '', '../repo/kit/_brand.yaml', 'widgets/a.yaml/b']) {
    expect(follow(path)).toBeNull();
  }
});

test('links that differ are told where they are asked for', () => {
  const root = repository();
  symlinkSync('a.yaml', join(root, 'widgets/_b.yaml'));
  commitAll(root);
  rmSync(join(root, 'widgets/_b.yaml'));
  symlinkSync('c.yaml', join(root, 'widgets/_b.yaml'));
  put(root, 'widgets/a.yaml', 'other\n');
  commitAll(root);
  const differ = (kind: 'file' | 'link') =>
    withRepository(root, (repo) => {
      const [before, after] = ['HEAD~1', 'HEAD'].map((name) => commitNamed(repo, name).tree);
      const trees = new GitTrees(repo.objects);
      return trees.differences(before ?? null, after ?? null, kind).map(({ path }) => path);
    });
  expect(differ('file')).toEqual(['widgets/a.yaml']);
  expect(differ('link')).toEqual(['widgets/_b.yaml']);
});
