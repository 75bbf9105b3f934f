// What a commit, or a range, has changed among the widget files, and how commits stand to each other.
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { standingTo } from '../../../src/documents/git/ancestry.ts';
import { readBrought } from '../../../src/documents/git/brought-files.ts';
import { resolveCommit } from '../../../src/documents/git/resolve-commit.ts';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import { widgetId } from '../../support/sandbox.ts';
import { commitAll, copyOf, git, repository } from '../repository.ts';
import { yaml } from '../snapshot-world.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

const now = new Date('2026-03-01T08:00:00Z');

function twoWidgets(): string {
  return copyOf('two widgets, committed', () => {
    const root = repository();
    rmSync(join(root, 'widgets/a.yaml'));
    put(root, 'widgets/a.yaml', yaml(1));
    put(root, 'widgets/deep/b.yml', yaml(2));
    put(root, 'README.md', 'read me\n');
    commitAll(root);
    return root;
  });
}

const of = (root: string, range = 'HEAD', dir = 'widgets') =>
  readBrought(join(root, dir), { range, root: null, now }).files;
const kinds = (root: string, range = 'HEAD') =>
  Object.fromEntries(of(root, range).map(({ file, content }) => [file, content.kind]));

describe('a commit brings what it changed', () => {
  test.each<[string, (root: string) => void, Record<string, string>]>([
    ['an edit', (root) => put(root, 'widgets/a.yaml', yaml(1, 'Other')), { 'a.yaml': 'declared' }],
    ['a new file', (root) => put(root, 'widgets/c.yaml', yaml(3)), { 'c.yaml': 'declared' }],
    ['a removal', (root) => rmSync(join(root, 'widgets/a.yaml')), { 'a.yaml': 'removed' }],
    [
      'a moved file, which is no removal',
      (root) => renameSync(join(root, 'widgets/a.yaml'), join(root, 'widgets/deep/moved.yaml')),
      { 'deep/moved.yaml': 'declared' },
    ],
    [
      'a broken file',
      (root) => put(root, 'widgets/a.yaml', 'widget_id: [\n'),
      { 'a.yaml': 'broken' },
    ],
    [
      'a suspended one',
      (root) => put(root, 'widgets/a.yaml', `${yaml(1)}sync: { suspend: true }\n`),
      { 'a.yaml': 'suspended' },
    ],
    [
      'one whose suspension has ended',
      (root) =>
        put(
          root,
          'widgets/a.yaml',
          `${yaml(1)}sync: { suspend: true, until: 2026-02-01T00:00:00Z }\n`,
        ),
      { 'a.yaml': 'declared' },
    ],
    [
      'one that is too large',
      (root) => put(root, 'widgets/a.yaml', `${yaml(1)}# ${'x'.repeat(1024 * 1024)}\n`),
      { 'a.yaml': 'broken' },
    ],
    [
      'nothing by files that are no widgets',
      (root) => {
        put(root, 'README.md', 'other\n');
        put(root, 'widgets/notes.txt', 'x\n');
        put(root, 'widgets/_shared.yaml', yaml(4));
        put(root, 'widgets/.hidden/x.yaml', yaml(5));
        put(root, 'other/c.yaml', yaml(6));
        symlinkSync('a.yaml', join(root, 'widgets/link.yaml'));
      },
      {},
    ],
  ])('%s', (_, edit, expected) => {
    const root = twoWidgets();
    edit(root);
    commitAll(root);
    expect(kinds(root)).toEqual(expected);
  });

  test('as its files declare it, which is what a look at them gives', () => {
    const root = twoWidgets();
    put(root, 'widgets/a.yaml', yaml(1, 'Other'));
    put(root, 'widgets/deep/b.yml', yaml(2, 'Other'));
    commitAll(root);
    const { documents } = openWidgetDirectory(join(root, 'widgets')).load();
    expect(of(root)).toEqual(
      documents.map(({ file, widgetId: id, hash }) => ({
        ...{ file, widgetId: id, content: { kind: 'declared', hash } },
      })),
    );
    // As of that commit, whatever stands in the folder by now.
    put(root, 'widgets/a.yaml', yaml(1, 'Later'));
    expect(of(root)).toHaveLength(2);
    const [{ hash = '' } = {}] = documents;
    expect(of(root)[0]?.content).toEqual({ kind: 'declared', hash });
  });

  test('all of its files, where it has no parent, and beside its first one, where it has two', () => {
    const root = twoWidgets();
    git(root, 'checkout', '-q', '--orphan', 'alone');
    commitAll(root);
    expect(kinds(root)).toEqual({ 'a.yaml': 'declared', 'deep/b.yml': 'declared' });
    git(root, 'checkout', '-q', 'main');
    git(root, 'checkout', '-q', '-b', 'side');
    put(root, 'widgets/side.yaml', yaml(3));
    commitAll(root);
    git(root, 'checkout', '-q', 'main');
    put(root, 'widgets/main.yaml', yaml(4));
    commitAll(root);
    git(root, 'merge', '-q', '--no-ff', '-m', 'Merge', 'side');
    expect(kinds(root)).toEqual({ 'side.yaml': 'declared' });
    expect(kinds(root, 'HEAD^..HEAD')).toEqual({ 'side.yaml': 'declared' });
    expect(kinds(root, 'HEAD^2..HEAD')).toEqual({ 'main.yaml': 'declared' });
  });

  test('a range brings what differs between its ends; a side that is left out is HEAD', () => {
    const root = twoWidgets();
    const start = git(root, 'rev-parse', 'HEAD');
    for (const n of [3, 4, 5]) {
      put(root, `widgets/w${n}.yaml`, yaml(n));
      commitAll(root);
    }
    rmSync(join(root, 'widgets/w3.yaml'));
    commitAll(root);
    expect(kinds(root, `${start}..HEAD`)).toEqual({ 'w4.yaml': 'declared', 'w5.yaml': 'declared' });
    expect(kinds(root, `${start}..`)).toEqual(kinds(root, `${start}..HEAD`));
    expect(kinds(root, `..${start}`)).toEqual({ 'w4.yaml': 'removed', 'w5.yaml': 'removed' });
    expect(kinds(root, 'HEAD..HEAD')).toEqual({});
    const { commit, after } = readBrought(join(root, 'widgets'), {
      range: `${start}..HEAD`,
      root: null,
      now,
    });
    expect([commit.id, after?.id]).toEqual([git(root, 'rev-parse', 'HEAD'), start]);
  });

  test('from the folder that is asked for, also where it is gone by now', () => {
    const root = twoWidgets();
    expect(of(root, 'HEAD', 'widgets/deep').map(({ file }) => file)).toEqual(['b.yml']);
    expect(of(root, 'HEAD', '.').map(({ file }) => file)).toEqual([
      'widgets/a.yaml',
      'widgets/deep/b.yml',
    ]);
    rmSync(join(root, 'widgets'), { recursive: true });
    commitAll(root);
    expect(kinds(root)).toEqual({ 'a.yaml': 'removed', 'deep/b.yml': 'removed' });
    expect(of(root).map((one) => one.widgetId)).toEqual([widgetId(1), widgetId(2)]);
  });
});

describe('it cannot be told', () => {
  const refusal = (root: string, range: string) => {
    try {
      return of(root, range);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return error.message;
    }
  };

  test('of a commit that is not here, and outside a checkout', () => {
    const root = twoWidgets();
    expect(refusal(root, 'nowhere')).toContain('names no commit');
    expect(refusal(root, 'HEAD...main')).toContain('two dots');
    expect(refusal(root, '--upload-pack=x')).toContain('names no commit');
    expect(refusal(root, '../..')).toContain('names no commit');
    expect(refusal(temporaryDirectory(), 'HEAD')).toContain('in no git checkout');
  });

  test('in a clone that lacks the parent, or the files', () => {
    const root = twoWidgets();
    git(root, 'config', 'uploadpack.allowFilter', 'true');
    const clone = (...options: string[]) => {
      const path = join(temporaryDirectory(), 'clone');
      git(root, 'clone', '-q', '--no-checkout', ...options, `file://${root}`, path);
      return path;
    };
    expect(refusal(clone('--depth=1'), 'HEAD')).toContain('git fetch --deepen=1');
    expect(refusal(clone('--depth=2'), 'HEAD')).toEqual(of(root));
    for (const filter of ['blob:none', 'tree:0']) {
      const said = refusal(clone(`--filter=${filter}`), 'HEAD');
      expect(said).toContain('is not in this clone');
      expect(said).toContain(git(root, 'rev-parse', 'HEAD'));
    }
  });
});

describe('a commit stands to another one', () => {
  test('as `git merge-base --is-ancestor` says, for any two of a history with merges', () => {
    const root = repository();
    const branches = ['main', 'side', 'third'];
    for (const [n, branch] of branches.entries()) {
      if (n > 0) git(root, 'checkout', '-q', '-b', branch);
      commitAll(root, `179000000${n} +0000`);
      if (n > 0) git(root, 'checkout', '-q', 'main');
      if (n > 0) git(root, 'merge', '-q', '--no-ff', '-m', 'Merge', branch);
      commitAll(root, `179000001${n} +0000`);
    }
    git(root, 'checkout', '-q', '--orphan', 'alone');
    commitAll(root, '1790000020 +0000');
    const ids = git(root, 'rev-list', '--all').split('\n');
    expect(ids.length).toBeGreaterThan(8);
    for (const id of ids) {
      const after = new Set(
        git(root, 'rev-list', '--all', '--ancestry-path', `^${id}`).split('\n'),
      );
      const commit = resolveCommit(root, id);
      if (commit === null) throw new Error('it was just listed');
      for (const other of ids) {
        const expected = other === id ? 'same' : after.has(other) ? 'later' : 'other';
        expect(standingTo(root, commit, other)).toBe(expected);
      }
    }
  });

  test('in an unknown way, where the clone lacks the other one or what lies between', () => {
    const root = repository();
    const first = git(root, 'rev-parse', 'HEAD');
    const [, , last = ''] = [1, 2, 3].map(() => commitAll(root));
    const clone = join(temporaryDirectory(), 'clone');
    git(root, 'clone', '-q', '--depth=1', `file://${root}`, clone);
    const commit = resolveCommit(root, first);
    if (commit === null) throw new Error('it was just made');
    expect(standingTo(root, commit, last)).toBe('later');
    expect(standingTo(clone, commit, last)).toBe('unknown');
    expect(standingTo(root, commit, 'f'.repeat(40))).toBe('unknown');
    expect(standingTo(root, commit, 'not an id')).toBe('unknown');
    expect(standingTo(temporaryDirectory(), commit, last)).toBe('unknown');
  });

  test('though a clock went wrong, and thousands lie between', () => {
    const root = repository();
    const commit = (n: number) =>
      `commit refs/heads/main\ncommitter A <a@example.org> ${1_790_000_000 + n} +0000\ndata 1\nx\n`;
    const input = Array.from({ length: 1500 }, (_, n) =>
      n === 0 ? commit(n).concat('from refs/heads/main^0\n') : commit(n),
    );
    const early = `commit refs/heads/main\ncommitter A <a@example.org> 1789700000 +0000\ndata 1\nx\n`;
    input.push(early);
    execFileSync('git', ['fast-import', '--quiet', '--force'], {
      cwd: root,
      input: input.join(''),
    });
    const first = resolveCommit(root, 'main~1500');
    if (first === null) throw new Error('it was just made');
    const startedMs = performance.now();
    expect(standingTo(root, first, git(root, 'rev-parse', 'main'))).toBe('later');
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });
});
