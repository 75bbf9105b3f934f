// Which files are not as HEAD has them, beside what `git status` says.
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import type { LoadedTree } from '../../../src/model/document.ts';
import { commitAll, copyOf, git, initRepository, repository } from '../repository.ts';
import { yaml } from '../snapshot-world.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

/** Files of every kind, all committed. */
function committed(...initOptions: string[]): string {
  return copyOf(`widgets in folders ${initOptions}`, () => {
    const root = repository(...initOptions);
    rmSync(join(root, 'widgets/a.yaml'));
    for (const [n, path] of ['a.yaml', 'b.yml', 'deep/er/c.yaml', 'deep/d.yaml'].entries()) {
      put(root, `widgets/${path}`, yaml(n + 1));
    }
    commitAll(root);
    return root;
  });
}

const load = (root: string) => openWidgetDirectory(join(root, 'widgets')).load();

function editedIn(tree: LoadedTree): string[] {
  if (tree.isEdited === undefined) throw new Error('it cannot be told');
  const { isEdited } = tree;
  return tree.documents.filter((document) => isEdited(document)).map(({ file }) => file);
}

/** Files below `widgets` that git itself lists as modified, added or untracked. */
function saidByGit(root: string): string[] {
  const lines = git(root, 'status', '--porcelain', '-z', '-uall', '--', 'widgets').split('\0');
  // Trimmed was the space of the first line.
  return lines.flatMap((line) => /^ ?[ MARC?]{1,2} widgets\/(.*)$/.exec(line)?.[1] ?? []).sort();
}

const edits: [string, (root: string) => void, readonly string[]][] = [
  ['nothing', () => {}, []],
  ['an edit', (root) => put(root, 'widgets/deep/d.yaml', yaml(4, 'Other')), ['deep/d.yaml']],
  ['a new file', (root) => put(root, 'widgets/new/e.yaml', yaml(5)), ['new/e.yaml']],
  [
    'a staged edit',
    (root) => {
      put(root, 'widgets/a.yaml', yaml(1, 'Other'));
      git(root, 'add', '--all');
    },
    ['a.yaml'],
  ],
  [
    'an edit that was taken back',
    (root) => {
      put(root, 'widgets/a.yaml', yaml(1, 'Other'));
      git(root, 'add', '--all');
      put(root, 'widgets/a.yaml', yaml(1));
      git(root, 'add', '--all');
    },
    [],
  ],
  [
    'a moved file',
    (root) => renameSync(join(root, 'widgets/a.yaml'), join(root, 'widgets/moved.yaml')),
    ['moved.yaml'],
  ],
];

describe.each([
  ['loose objects', [], () => {}],
  ['packed ones', [], (root: string) => git(root, 'gc', '-q', '--aggressive')],
  ['SHA-256', ['--object-format=sha256'], () => {}],
] as const)('with %s', (_, initOptions, store) => {
  test.each(edits)('after %s', (__, edit, expected) => {
    const root = committed(...initOptions);
    edit(root);
    store(root);
    expect(editedIn(load(root))).toEqual(expected);
    expect(saidByGit(root)).toEqual(expected);
  });
});

test('a commit makes it as the commit has it', () => {
  const root = committed();
  put(root, 'widgets/a.yaml', yaml(1, 'Other'));
  const directory = openWidgetDirectory(join(root, 'widgets'));
  expect(editedIn(directory.load())).toEqual(['a.yaml']);
  commitAll(root);
  expect(editedIn(directory.load())).toEqual([]);
});

test('line ends alone make no difference', () => {
  const root = committed();
  put(root, 'widgets/a.yaml', yaml(1).replaceAll('\n', '\r\n'));
  put(root, 'widgets/deep/d.yaml', yaml(4, 'Other').replaceAll('\n', '\r\n'));
  expect(editedIn(load(root))).toEqual(['deep/d.yaml']);
});

test('nothing is said of a link, nor of a file of another repository', () => {
  const root = committed();
  renameSync(join(root, 'widgets/b.yml'), join(root, 'widgets/_real.txt'));
  symlinkSync('_real.txt', join(root, 'widgets/b.yml'));
  const inner = join(root, 'widgets/inner');
  put(inner, 'f.yaml', yaml(6));
  initRepository(inner);
  commitAll(inner);
  put(inner, 'f.yaml', yaml(6, 'Other'));
  const tree = load(root);
  expect(tree.documents.map(({ file }) => file)).toContain('inner/f.yaml');
  expect(editedIn(tree)).toEqual([]);
});

test('nothing is said of a file that has changed since it was loaded', () => {
  const root = committed();
  const tree = load(root);
  put(root, 'widgets/a.yaml', yaml(1, 'Later'));
  rmSync(join(root, 'widgets/deep'), { recursive: true });
  expect(editedIn(tree)).toEqual([]);
});

test.each<[string, (root: string) => string]>([
  ['outside a checkout', () => temporaryDirectory()],
  [
    'without a commit',
    () => {
      const root = temporaryDirectory();
      initRepository(root);
      return root;
    },
  ],
  [
    'in what git-sync publishes',
    () => {
      const root = committed();
      const published = join(temporaryDirectory(), '.worktrees', git(root, 'rev-parse', 'HEAD'));
      git(root, 'worktree', 'add', '-q', '--detach', published);
      return published;
    },
  ],
  [
    'where the commit cannot be read',
    () => {
      const root = committed();
      rmSync(join(root, '.git/objects'), { recursive: true });
      return root;
    },
  ],
])('%s it cannot be told', (_, make) => {
  const root = make('');
  put(root, 'widgets/x.yaml', yaml(7));
  expect(load(root).isEdited).toBeUndefined();
});

test('where the tree of the commit cannot be read nothing is said', () => {
  const root = committed();
  git(root, 'config', 'uploadpack.allowFilter', 'true');
  const clone = join(temporaryDirectory(), 'clone');
  git(root, 'clone', '-q', '--no-checkout', '--filter=tree:0', `file://${root}`, clone);
  put(clone, 'widgets/x.yaml', yaml(7));
  expect(editedIn(load(clone))).toEqual([]);
});

test('in a linked working copy HEAD is its own', () => {
  const root = committed();
  const linked = join(temporaryDirectory(), 'linked');
  git(root, 'worktree', 'add', '-q', '-b', 'other', linked);
  put(linked, 'widgets/a.yaml', yaml(1, 'There'));
  commitAll(linked);
  put(linked, 'widgets/b.yml', yaml(2, 'Edited'));
  expect(editedIn(load(linked))).toEqual(['b.yml']);
  expect(editedIn(load(root))).toEqual([]);
});

describe('a widget counts as edited when a fragment that reaches it is', () => {
  /** Two of three widgets over a brand above their directory, one of which has a kit behind a link as well. */
  function branded(): string {
    const copy = copyOf('widgets over a brand', () => {
      const root = repository();
      rmSync(join(root, 'widgets/a.yaml'));
      put(root, '_base.yaml', 'bubble_text: Hello\n');
      put(root, '_brand.yaml', 'extends: _base.yaml\nwidget_type: chat\n');
      put(root, '_kits/v1/_kit.yaml', 'header_color: "#111111"\n');
      put(root, '_kits/v2/_kit.yaml', 'header_color: "#222222"\n');
      symlinkSync('v1', join(root, '_kits/now'));
      put(root, 'widgets/a.yaml', `widget_id: ${id(1)}\nextends: ../_brand.yaml\n`);
      const both = '[../../_brand.yaml, ../../_kits/now/_kit.yaml]';
      put(root, 'widgets/in/b.yaml', `widget_id: ${id(2)}\nextends: ${both}\n`);
      put(root, 'widgets/c.yaml', yaml(3));
      commitAll(root);
      return root;
    });
    // A copy has no links.
    rmSync(join(copy, '_kits/now'), { recursive: true });
    symlinkSync('v1', join(copy, '_kits/now'));
    return copy;
  }
  const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;

  test.each<[string, (root: string) => unknown, readonly string[]]>([
    ['nothing is', () => {}, []],
    [
      'the brand',
      (root) => put(root, '_brand.yaml', 'widget_type: chat\n'),
      ['a.yaml', 'in/b.yaml'],
    ],
    [
      'what the brand extends',
      (root) => put(root, '_base.yaml', 'bubble_text: Hi\n'),
      ['a.yaml', 'in/b.yaml'],
    ],
    [
      'a comment, of which git tells as well',
      (root) => put(root, '_base.yaml', '# base\nbubble_text: Hello\n'),
      ['a.yaml', 'in/b.yaml'],
    ],
    [
      'line ends alone, of which git tells nothing',
      (root) => put(root, '_base.yaml', 'bubble_text: Hello\r\n'),
      [],
    ],
    [
      'the file behind a link',
      (root) => put(root, '_kits/v1/_kit.yaml', 'header_color: "#333333"\n'),
      ['in/b.yaml'],
    ],
    [
      'the link, which leads to another committed file',
      (root) => {
        rmSync(join(root, '_kits/now'));
        symlinkSync('v2', join(root, '_kits/now'));
      },
      ['in/b.yaml'],
    ],
    [
      'a file that leads to the brand now',
      (root) => put(root, 'widgets/c.yaml', `widget_id: ${id(3)}\nextends: ../_brand.yaml\n`),
      ['c.yaml'],
    ],
    [
      'a fragment that is not known to git',
      (root) => {
        put(root, '_new.yaml', 'widget_type: chat\n');
        put(root, 'widgets/c.yaml', `widget_id: ${id(3)}\nextends: ../_new.yaml\n`);
        commitAll(root);
        git(root, 'rm', '-q', '--cached', '_new.yaml');
        git(root, 'commit', '-q', '-m', 'Forget it');
      },
      ['c.yaml'],
    ],
  ])('%s', (_, edit, expected) => {
    const root = branded();
    edit(root);
    expect(editedIn(load(root))).toEqual(expected);
  });

  test('of a fragment outside of the repository it cannot be told', () => {
    const root = branded();
    put(dirname(root), '_outer.yaml', 'widget_type: chat\n');
    put(root, 'widgets/a.yaml', `widget_id: ${id(1)}\nextends: ../../_outer.yaml\n`);
    commitAll(root);
    const directory = openWidgetDirectory(join(root, 'widgets'), { root: dirname(root) });
    const tree = directory.load();
    expect(tree.problems).toEqual([]);
    expect(editedIn(tree)).toEqual([]);
  });

  test('what was told of one tree holds for it, whatever was loaded since', () => {
    const root = branded();
    const directory = openWidgetDirectory(join(root, 'widgets'));
    const before = directory.load();
    put(root, '_brand.yaml', 'widget_type: phone\n');
    const after = directory.load();
    expect(editedIn(after)).toEqual(['a.yaml', 'in/b.yaml']);
    expect(editedIn(before)).toEqual([]);
  });
});
