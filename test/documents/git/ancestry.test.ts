// How two commits stand to each other by what is next to them, in every form in which a replica has its files.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lineOf } from '../../../src/documents/git/ancestry.ts';
import { startGitSync } from '../../support/git-sync.ts';
import { processorMs } from '../../support/processor-time.ts';
import { commitAll, git, repository } from '../repository.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const unknownId = 'f'.repeat(40);

function cloneOf(root: string, ...options: string[]): string {
  const clone = join(temporaryDirectory(), 'clone');
  git(root, 'clone', '-q', ...options, `file://${root}`, clone);
  return clone;
}

const isAncestor = (root: string, a: string, b: string): boolean => {
  try {
    git(root, 'merge-base', '--is-ancestor', a, b);
    return true;
  } catch {
    return false;
  }
};

describe('one commit stands to another', () => {
  test('as `git merge-base --is-ancestor` says, for any two of a history with a merge and a branch', () => {
    const root = repository();
    git(root, 'checkout', '-q', '-b', 'side');
    commitAll(root, '1790000001 +0000');
    git(root, 'checkout', '-q', 'main');
    commitAll(root, '1790000002 +0000');
    git(root, 'merge', '-q', '--no-ff', '-m', 'Merge', 'side');
    git(root, 'checkout', '-q', '--orphan', 'alone');
    commitAll(root, '1790000020 +0000');
    const ids = git(root, 'rev-list', '--all').split('\n');
    expect(ids).toHaveLength(5);
    for (const id of ids) {
      for (const other of ids.filter((one) => one !== id)) {
        const isAfter = isAncestor(root, other, id);
        const isBefore = isAncestor(root, id, other);
        const line = isAfter ? 'after' : isBefore ? 'before' : 'unknown';
        expect(lineOf(root, id, other)).toBe(line);
      }
    }
  });

  test('in a shallow clone: its newest commit names its parent, and one of a hundred names the others', () => {
    const root = repository();
    const first = git(root, 'rev-parse', 'HEAD');
    const [second = '', , fourth = ''] = [1, 2, 3].map(() => commitAll(root));
    const third = git(root, 'rev-parse', 'HEAD~1');
    const shallow = cloneOf(root, '--depth=1');
    expect(lineOf(shallow, fourth, third)).toBe('after');
    expect(lineOf(shallow, fourth, second)).toBe('unknown');
    const deeper = cloneOf(root, '--depth=100');
    expect(lineOf(deeper, fourth, first)).toBe('after');
    expect(lineOf(deeper, first, fourth)).toBe('before');
  });

  test('in a clone that was fetched again and again, each time one commit deep', () => {
    const root = repository();
    const clone = cloneOf(root, '--depth=1');
    const first = git(clone, 'rev-parse', 'HEAD');
    const fetched = [1, 2, 3].map(() => {
      const id = commitAll(root);
      git(clone, 'fetch', '-q', '--depth=1', 'origin', 'main');
      git(clone, 'reset', '-q', '--hard', 'FETCH_HEAD');
      return id;
    });
    expect(lineOf(clone, fetched[2] ?? '', first)).toBe('after');
    git(clone, 'gc', '-q', '--prune=now');
    expect(lineOf(clone, fetched[2] ?? '', fetched[1] ?? '')).toBe('after');
  });

  test('in a worktree that git-sync publishes, though the one before is gone', async () => {
    const sync = await startGitSync();
    const [first = '', second = ''] = await sync.commit([{ 'a.yaml': 'a' }, { 'a.yaml': 'b' }]);
    await sync.publish(first);
    await sync.publish(second);
    expect(lineOf(sync.link, second, first)).toBe('after');
    expect(lineOf(sync.link, first, second)).toBe('before');
  });

  test('in no way that is known, where a branch was pushed by force or nothing can be read', () => {
    const root = repository();
    const first = git(root, 'rev-parse', 'HEAD');
    const clone = cloneOf(root);
    const lost = commitAll(clone, '1790000500 +0000');
    const forced = commitAll(root, '1790000600 +0000');
    git(clone, 'fetch', '-q', 'origin');
    expect(lineOf(clone, forced, lost)).toBe('unknown');
    expect(lineOf(clone, forced, first)).toBe('after');
    for (const odd of [unknownId, 'not an id', '']) {
      expect(lineOf(root, odd, first)).toBe('unknown');
      expect(lineOf(root, forced, odd)).toBe('unknown');
    }
    expect(lineOf(temporaryDirectory(), forced, first)).toBe('unknown');
    rmSync(join(root, '.git', 'objects'), { recursive: true });
    expect(lineOf(root, forced, first)).toBe('unknown');
  });

  test('within moments, also over a long history: what is far away is not looked for', async () => {
    const root = repository();
    const commits = Array.from({ length: 1200 }, (_, n) => {
      const from = n === 0 ? 'from refs/heads/main^0\n' : '';
      return `commit refs/heads/main\ncommitter A <a@example.org> ${1_790_000_000 + n} +0000\ndata 1\nx\n${from}`;
    });
    execFileSync('git', ['fast-import', '--quiet'], { cwd: root, input: commits.join('') });
    const newest = git(root, 'rev-parse', 'main');
    expect(lineOf(root, newest, git(root, 'rev-parse', 'main~450'))).toBe('after');
    const far = git(root, 'rev-parse', 'main~1000');
    const tookMs = await processorMs(async () => {
      expect(lineOf(root, newest, unknownId)).toBe('unknown');
      expect(lineOf(root, newest, far)).toBe('unknown');
    });
    expect(tookMs).toBeLessThan(2000);
  });
});
