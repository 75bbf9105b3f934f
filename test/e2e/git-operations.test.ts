// Git at work in the directory that the daemon watches: half of an operation is never sent, nor is
// anything that no commit says.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startChance } from '../support/seeded-random.ts';
import { few } from '../support/soak.ts';
import { numbers } from '../support/watched-tree.ts';
import { arrived, indexLock, startWorkingCopy, type WorkingCopy } from '../support/working-copy.ts';

/** Longer than any pause between an edit and its look: whoever does not wait for git shows by then. */
const longPauseMs = 1500;

/** Files that one operation of git changes, in more than a moment. */
const many = few(30, { soak: 500 });

/** Widgets beyond those that differ between branches. */
const alike = 10;

function withBranch(name: string, widgets: readonly number[]) {
  return ({ upstream, files }: Pick<WorkingCopy, 'upstream' | 'files'>) =>
    upstream.branch(name, files(name, widgets));
}

/** Sent was nothing but what one of the two sides says about widgets that differ between them. */
function expectOnly(names: readonly string[], sides: readonly string[]): void {
  expect(names.filter((name) => !sides.includes(name))).toEqual([]);
}

/**
 * The looks at files that found something to send, from the so many-th line of the log on. Each request
 * of an earlier pass that was still in flight leads to a look of its own, which is not counted.
 */
function updates({ daemon }: WorkingCopy, since: number): number[] {
  const looks = daemon.lines('looked').slice(since);
  const byFiles = looks.filter((line) => line['trigger'] === 'files');
  return byFiles.map((line) => Number(line['update'])).filter((update) => update > 0);
}

describe('a checkout', () => {
  test.each([
    { files: 1, oneIn: 1, switches: few(4, { soak: 12 }) },
    { files: many, oneIn: 5, switches: few(2, { soak: 8 }) },
  ])(
    'between branches that differ in $files files, again and again at any moment, ends with what the tree says',
    async ({ files, oneIn, switches }) => {
      const chance = startChance();
      const changed = numbers(files);
      const prepare = withBranch('topic', changed);
      const copy = await startWorkingCopy({ widgets: files + alike, oneIn, prepare });

      for (const n of numbers(switches)) {
        await copy.upstream.gitHere('checkout', '--quiet', n % 2 === 0 ? 'topic' : 'main');
        await sleep(chance.between(0, 700));
      }
      const sides = ['main', 'topic'].flatMap((kind) => copy.namesOf(kind, changed));
      expectOnly(await copy.namesSent(copy.settled), sides);

      // Whatever was going on before, this one is seen as well.
      const before = copy.tree.sandbox.requests.length;
      await copy.upstream.gitHere('checkout', '--quiet', 'topic');
      const names = await copy.namesSent(before);
      expect(names).toEqual(copy.namesOf('topic', changed));
    },
  );

  const thousands = few(200, { soak: 5000 });

  test(`of ${thousands} files is one look, or a few, and sends what differs once`, async () => {
    const changed = numbers(thousands);
    const prepare = withBranch('topic', changed);
    const copy = await startWorkingCopy({ widgets: thousands + alike, oneIn: 25, prepare });
    const looks = copy.daemon.lines('looked').length;

    await copy.upstream.gitHere('checkout', '--quiet', 'topic');
    await arrived(copy);

    expect(updates(copy, looks).length).toBeLessThanOrEqual(3);
    const names = await copy.namesSent(copy.settled);
    expect(names).toEqual(copy.namesOf('topic', changed));
    // Seconds on a machine at rest.
  }, 120_000);
});

describe('what differs is sent once, and nothing else', () => {
  const changed = numbers(many);

  test('by pull, back by reset --hard, and by stash and stash pop, at rest and at any moment', async () => {
    const chance = startChance();
    const copy = await startWorkingCopy({ widgets: many + alike, oneIn: 5 });
    const { upstream, tree, settled, namesOf } = copy;

    await upstream.commit((dir) => copy.write(dir, 'pulled', changed));
    expect(await copy.namesSent(settled)).toEqual(namesOf('pulled', changed));
    const beforeReset = tree.sandbox.requests.length;
    await upstream.gitHere('reset', '--quiet', '--hard', 'HEAD~1');
    expect(await copy.namesSent(beforeReset)).toEqual(namesOf('main', changed));

    const beforeEdit = tree.sandbox.requests.length;
    copy.write(tree.dir, 'by hand', changed);
    expect(await copy.namesSent(beforeEdit)).toEqual(namesOf('by hand', changed));
    const beforeStash = tree.sandbox.requests.length;
    await upstream.gitHere('stash', '--quiet');
    expect(await copy.namesSent(beforeStash)).toEqual(namesOf('main', changed));
    const beforePop = tree.sandbox.requests.length;
    await upstream.gitHere('stash', 'pop', '--quiet');
    expect(await copy.namesSent(beforePop)).toEqual(namesOf('by hand', changed));

    const beforeMore = tree.sandbox.requests.length;
    for (const _ of numbers(few(1, { soak: 3 }))) {
      await upstream.gitHere('stash', '--quiet');
      await sleep(chance.between(0, 600));
      await upstream.gitHere('stash', 'pop', '--quiet');
      await sleep(chance.between(0, 600));
    }
    const sides = ['main', 'by hand'].flatMap((kind) => namesOf(kind, changed));
    expectOnly(await copy.namesSent(beforeMore), sides);
  });

  test('by a rebase: commits of the branch itself are not taken back meanwhile', async () => {
    const mine = [many, many + 5];
    const prepare = withBranch('topic', changed);
    const copy = await startWorkingCopy({ widgets: many + alike, oneIn: 5, prepare });
    const { upstream, tree, settled, namesOf } = copy;
    for (const n of mine) {
      copy.write(tree.dir, 'mine', [n]);
      await upstream.gitHere('commit', '--quiet', '--all', '--message', `Edit ${n}`);
    }
    expect(await copy.namesSent(settled)).toEqual(namesOf('mine', mine));

    const before = tree.sandbox.requests.length;
    await upstream.gitHere('rebase', '--quiet', 'origin/topic');

    expect(await copy.namesSent(before)).toEqual(namesOf('topic', changed));
  });
});

describe('while a conflict stands', () => {
  const contested = few(20, { soak: 200 });
  const theirs = numbers(contested);
  const mine = [0, contested];
  const oneIn = 5;

  /** A working copy whose branch and the other one have edited one widget each in its own way. */
  async function startContest(): Promise<WorkingCopy> {
    const prepare = withBranch('topic', theirs);
    const copy = await startWorkingCopy({ widgets: contested + alike, oneIn, prepare });
    copy.write(copy.tree.dir, 'mine', mine);
    await copy.upstream.gitHere('commit', '--quiet', '--all', '--message', 'mine');
    await copy.namesSent(copy.settled);
    return copy;
  }

  /** Starts what stops at the conflict, and shows that nothing is sent for as long as it stands. */
  async function runIntoConflict(copy: WorkingCopy, operation: string): Promise<number> {
    const { upstream, tree } = copy;
    const before = tree.sandbox.requests.length;
    await expect(upstream.gitHere(operation, 'origin/topic')).rejects.toThrow();
    await sleep(longPauseMs);
    expect(await upstream.gitHere('ls-files', '--unmerged')).not.toBe('');
    expect(tree.puts(before)).toEqual([]);
    return before;
  }

  test('of a merge or a rebase nothing is sent, nor after --abort, and after --continue what the other branch says', async () => {
    const copy = await startContest();
    const { upstream, tree, namesOf } = copy;
    await upstream.gitHere('tag', 'contest');

    for (const [operation, side] of [
      ['merge', '--theirs'],
      ['rebase', '--ours'],
    ] as const) {
      const before = await runIntoConflict(copy, operation);
      await upstream.gitHere(operation, '--abort');
      expect(await copy.namesSent(before), operation).toEqual([]);

      const beforeAgain = await runIntoConflict(copy, operation);
      await upstream.gitHere('checkout', side, tree.dir);
      await upstream.gitHere('add', '--update');
      await upstream.gitHere(operation, '--continue');
      expect(await copy.namesSent(beforeAgain), operation).toEqual(namesOf('topic', theirs));

      const beforeReset = tree.sandbox.requests.length;
      await upstream.gitHere('reset', '--quiet', '--hard', 'contest');
      expect(await copy.namesSent(beforeReset), operation).toHaveLength(theirs.length / oneIn);
    }
  });
});

describe('while the index is locked', () => {
  const changed = numbers(40);
  const halves = [changed.slice(0, 20), changed.slice(20)] as const;

  /** Writes the files as a slow git would, and shows that nothing is sent before it has ended. */
  async function checkOutSlowly(copy: WorkingCopy, lock: string): Promise<void> {
    const { tree, settled } = copy;
    writeFileSync(lock, '');
    copy.write(tree.dir, 'slow', halves[0]);
    await sleep(longPauseMs);
    expect(tree.puts(settled)).toEqual([]);
    copy.write(tree.dir, 'slow', halves[1]);
    rmSync(lock);

    expect(await copy.namesSent(settled)).toEqual(copy.namesOf('slow', changed));
  }

  test('by a slow checkout nothing is sent, and everything after it', async () => {
    const copy = await startWorkingCopy({ widgets: 40 + alike });
    await checkOutSlowly(copy, await indexLock(copy.upstream, copy.upstream.work));
  });

  test('the same goes for a linked worktree, whose lock is elsewhere', async () => {
    const linked = (work: string) => join(work, '..', 'linked');
    const copy = await startWorkingCopy({
      widgets: 40 + alike,
      async prepare({ upstream, files }) {
        await upstream.branch('topic', files('topic', changed));
        const { work } = upstream;
        await upstream.gitHere('worktree', 'add', '--quiet', '-b', 'here', linked(work), 'main');
      },
      dirOf: ({ work }) => join(linked(work), 'widgets'),
    });
    const { upstream, tree, namesOf } = copy;
    const worktree = linked(upstream.work);
    const lock = await indexLock(upstream, worktree);
    expect(lock).toContain(join('.git', 'worktrees'));
    await checkOutSlowly(copy, lock);

    // The lock of the other working tree is no concern of this one.
    const before = tree.sandbox.requests.length;
    writeFileSync(await indexLock(upstream, upstream.work), '');
    await upstream.gitHere('-C', worktree, 'reset', '--quiet', '--hard', 'origin/topic');
    expect(await copy.namesSent(before)).toEqual(namesOf('topic', changed));
  });
});
