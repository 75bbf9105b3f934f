// Looks at a working copy in which git is at work.
import { chmodSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HandClock } from '../hand-clock.ts';
import { asOrdinaryUser } from '../ordinary-user.ts';
import { commitAll, copyOf, git, repository } from '../repository.ts';
import { both, moving, namesIn, seen, treeOf, worldOf, yaml } from '../snapshot-world.ts';
import { put } from '../temporary-directory.ts';

describe('a working copy', () => {
  /** Two widgets on main, another name for the first one on `side`. */
  function copy() {
    const root = copyOf('two widgets', () => {
      const made = repository();
      put(made, 'widgets/a.yaml', yaml(1));
      put(made, 'widgets/b.yaml', yaml(2));
      commitAll(made);
      git(made, 'checkout', '-q', '-b', 'side');
      put(made, 'widgets/a.yaml', yaml(1, 'Side'));
      commitAll(made);
      git(made, 'checkout', '-q', 'main');
      put(made, 'widgets/a.yaml', yaml(1, 'Main'));
      commitAll(made);
      return made;
    });
    return { root, ...worldOf(join(root, 'widgets')) };
  }

  const main = { ...both, 'a.yaml': 'Main' };
  const secondsAgo = (path: string, seconds: number, clock: HandClock) => {
    const time = new Date(clock.now().getTime() - seconds * 1000);
    utimesSync(path, time, time);
  };

  test('is not read while git writes in it', () => {
    const { root, clock, snapshots, lookedUp } = copy();
    const lock = put(root, '.git/index.lock', '');
    expect(seen(snapshots.look())).toEqual(['git', 100]);
    clock.pass(10_000);
    expect(seen(snapshots.look())).toEqual(['git', 500]);
    expect(lookedUp).toEqual([]);
    rmSync(lock);
    expect(seen(snapshots.look())).toEqual(main);
  });

  test('is not read while git writes in it, also from below a folder .git that is no repository', () => {
    const { root, snapshots } = copy();
    const { revision } = treeOf(snapshots.look());
    mkdirSync(join(root, 'widgets/.git'));
    const again = worldOf(join(root, 'widgets')).snapshots;
    expect(treeOf(again.look())).toMatchObject({ revision, source: 'checkout' });
    const lock = put(root, '.git/index.lock', '');
    expect(seen(again.look())).toEqual(['git', 100]);
    rmSync(lock);
    expect(seen(again.look())).toEqual(main);
  });

  // Once, the lock's own time counted, which on a shared disk is another machine's.
  test.each([
    ['61 seconds', 61],
    ['a day', 86_400],
  ])('is not believed under a fresh lock whose own time is %s behind', (_, seconds) => {
    const { root, clock, snapshots, lookedUp } = copy();
    secondsAgo(put(root, '.git/index.lock', ''), seconds, clock);
    expect(seen(snapshots.look())).toEqual(['git', 100]);
    clock.pass(59_999);
    expect(seen(snapshots.look())).toEqual(['git', 2000]);
    expect(lookedUp).toEqual([]);
  });

  test('is believed, with a remark, when its lock was there for a minute and nothing moved', () => {
    const { root, clock, snapshots } = copy();
    const lock = put(root, '.git/index.lock', '');
    expect(seen(snapshots.look())).toEqual(['git', 100]);
    clock.pass(60_000);
    expect(seen(snapshots.look())).toEqual(['git', 2000]);
    clock.pass(10_000);
    const stale = treeOf(snapshots.look());
    expect(namesIn(stale)).toEqual(main);
    const warning = { file: '.', code: 'stale-lock', severity: 'warning' };
    expect(stale.problems).toMatchObject([warning]);
    expect(stale.problems[0]?.detail).toContain(lock);
    expect(treeOf(snapshots.look()).problems).toMatchObject([warning]);
    rmSync(lock);
    expect(treeOf(snapshots.look()).problems).toEqual([]);
  });

  test('is waited for as long as files come out of an old lock', () => {
    const { root, clock, snapshots } = copy();
    put(root, '.git/index.lock', '');
    snapshots.look();
    clock.pass(60_000);
    for (const name of ['c', 'd', 'e']) {
      put(root, `widgets/${name}.yaml`, '');
      expect(seen(snapshots.look())).toEqual(['git', 2000]);
      clock.pass(9999);
    }
    expect(seen(snapshots.look())).toEqual(['git', 2000]);
    clock.pass(1);
    expect(seen(snapshots.look())).toMatchObject(main);
  });

  // Once, each of them was a change of its folder, and the next one came before ten seconds were over.
  test('with a lock that was left behind is believed, whatever hidden files come and go', () => {
    const { root, clock, snapshots } = copy();
    put(root, '.git/index.lock', '');
    snapshots.look();
    clock.pass(60_000);
    for (let second = 0; second < 10; second += 1) {
      put(root, `widgets/.heartbeat-${second}`, '');
      expect(seen(snapshots.look())).toEqual(['git', 2000]);
      clock.pass(1000);
    }
    put(root, 'widgets/.heartbeat', '');
    expect(seen(snapshots.look())).toEqual(main);
  });

  test('waits for a person where a merge has left conflicts, however long ago', () => {
    const { root, clock, snapshots } = copy();
    expect(() => git(root, 'merge', 'side')).toThrow();
    const look = snapshots.look();
    expect(seen(look)).toEqual(['git', null]);
    expect('unsettled' in look && look.unsettled.message).toMatch(/merge.*a\.yaml/);
    clock.pass(86_400_000);
    expect(seen(snapshots.look())).toEqual(['git', null]);
    git(root, 'merge', '--abort');
    expect(seen(snapshots.look())).toEqual(main);
  });

  test('goes on once the conflicts of a merge are resolved and committed', () => {
    const { root, snapshots } = copy();
    expect(() => git(root, 'merge', 'side')).toThrow();
    snapshots.look();
    put(root, 'widgets/a.yaml', yaml(1, 'Merged'));
    const head = commitAll(root);
    const tree = treeOf(snapshots.look());
    expect([namesIn(tree), tree.revision]).toEqual([{ ...both, 'a.yaml': 'Merged' }, head]);
  });

  test('is believed, with a remark, where a merge has stopped without conflicts in widgets', () => {
    const { root, clock, snapshots } = copy();
    git(root, 'merge', '-q', '-X', 'ours', '--no-commit', 'side');
    expect(snapshots.look()).toMatchObject({ unsettled: { code: 'git' } });
    clock.pass(10_000);
    snapshots.look();
    clock.pass(10_000);
    expect(treeOf(snapshots.look()).problems).toMatchObject([{ code: 'stale-lock' }]);
  });

  test('of which the git directory may not be read is believed, with a remark', () => {
    const { root, snapshots } = copy();
    // Made for its owner alone, which whoever looks here may not be.
    chmodSync(join(root, '..'), 0o755);
    chmodSync(join(root, '.git'), 0);
    const look = asOrdinaryUser(() => snapshots.look());
    // Else only root could remove it.
    chmodSync(join(root, '.git'), 0o755);
    expect(seen(look)).toEqual(main);
    expect(treeOf(look)).toMatchObject({
      revision: null,
      problems: [{ file: '.', code: 'hidden-git', severity: 'warning' }],
    });
    expect(treeOf(snapshots.look()).problems).toEqual([]);
  });

  test('holds a file with conflict markers where no merge is in progress', () => {
    const { root, snapshots } = copy();
    expect(() => git(root, 'merge', 'side')).toThrow();
    rmSync(join(root, '.git/MERGE_HEAD'));
    expect(seen(snapshots.look())).toEqual({ ...both, 'a.yaml': '(conflict-marker)' });
  });

  test.each<[string, (root: string) => void]>([
    ['has checked out', (root) => git(root, 'checkout', '-q', 'side')],
    ['has staged something', (root) => git(root, 'rm', '-q', '--cached', 'widgets/b.yaml')],
    ['has moved the branch', (root) => git(root, 'reset', '-q', '--soft', 'side')],
    ['has begun to write', (root) => put(root, '.git/index.lock', '')],
    ['has begun to merge', (root) => put(root, '.git/MERGE_HEAD', '')],
    ['has become one', (root) => rmSync(join(root, '.git'), { recursive: true })],
  ])('is looked at again when git %s in the middle', (_, operate) => {
    const { root, clock, snapshots } = copy();
    clock.interrupt(() => operate(root));
    expect(seen(snapshots.look())).toEqual(moving);
  });

  test('of which the commit changes during a load names none', () => {
    const { root, clock, snapshots } = copy();
    clock.interrupt(() => git(root, 'reset', '-q', '--soft', 'side'));
    expect(snapshots.load()).toMatchObject({ revision: null, committedAt: null });
    expect(snapshots.load().revision).toBe(git(root, 'rev-parse', 'side'));
  });

  test('is loaded at once whatever git does', () => {
    const { root, snapshots } = copy();
    put(root, '.git/index.lock', '');
    expect(namesIn(snapshots.load())).toEqual(main);
  });
});
