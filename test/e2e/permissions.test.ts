// Permissions that are lost while the daemon runs: only what it can no longer read is held.
import { chmodSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { findCommoner, startConfined } from '../support/confined-daemon.ts';
import {
  type Daemon,
  fileName,
  named,
  patienceMs,
  putsBeforeMarker,
  sorted,
  startTree,
  type Tree,
} from '../support/watched-tree.ts';

const rescanMs = 500;
const flags = ['--rescan', `${rescanMs}ms`];
const aFewRescansMs = 2.5 * rescanMs;
const widgets = 3;

interface Settled {
  readonly tree: Tree;
  readonly daemon: Daemon;
  /** Requests that the first pass caused. */
  readonly settled: number;
}

function expectNoOrphans(daemon: Daemon): void {
  expect(daemon.log().filter(({ msg }) => msg.startsWith('orphaned'))).toEqual([]);
}

describe('permissions that are lost', () => {
  /** Two of the widgets have a folder of their own. */
  const client = join('client', fileName(0));

  /** A text says why nobody here is stopped by permissions. */
  async function startAsCommoner(): Promise<Settled | string> {
    const commoner = findCommoner();
    if (typeof commoner === 'string') return commoner;
    const tree = await startTree({ widgets });
    for (const n of [0, 1]) {
      rmSync(join(tree.dir, fileName(n)));
      tree.write(join('client', fileName(n)), named(n, `Widget ${n}`));
    }
    commoner.admit(tree);
    const { user } = commoner;
    const daemon = startConfined(tree, { flags, ...(user !== undefined && { user }) });
    await daemon.said('applied', widgets);
    return { tree, daemon, settled: tree.sandbox.requests.length };
  }

  test.for<[string, string, number[]]>([
    ['a file', client, [1, 2]],
    ['a folder', dirname(client), [2]],
  ])(
    'for %s hold its widgets and no others, until they return',
    async ([, path, left], { skip }) => {
      const started = await startAsCommoner();
      if (typeof started === 'string') return skip(started);
      const { tree, daemon, settled } = started;
      const { mode } = statSync(join(tree.dir, path));

      // An edit that nobody may read by the time it is looked at.
      tree.write(client, named(0, 'Unreadable'));
      chmodSync(join(tree.dir, path), 0);
      await daemon.waitForLog(({ level }) => level === 'error', patienceMs);
      expect(daemon.log().filter(({ level }) => level === 'error')).toEqual([
        expect.objectContaining({ code: 'unreadable-file', file: path }),
      ]);
      for (const n of left) {
        tree.write(n === 2 ? fileName(n) : join('client', fileName(n)), named(n, 'Readable'));
        await tree.serverShows(n, 'Readable');
      }
      const meanwhile = await putsBeforeMarker(tree, daemon, settled);
      expect(sorted(meanwhile)).toEqual(left.map((n) => tree.putOf(n, 'Readable')));
      expectNoOrphans(daemon);

      const before = tree.sandbox.requests.length;
      chmodSync(join(tree.dir, path), mode);
      await tree.serverShows(0, 'Unreadable');
      expect(await putsBeforeMarker(tree, daemon, before)).toEqual([tree.putOf(0, 'Unreadable')]);
      expect(daemon.lines('no longer held')).toHaveLength(1);
      expectNoOrphans(daemon);
    },
  );

  test('for the root change nothing, until they return', async ({ skip }) => {
    const started = await startAsCommoner();
    if (typeof started === 'string') return skip(started);
    const { tree, daemon, settled } = started;
    const { mode } = statSync(tree.dir);

    chmodSync(tree.dir, 0);
    await daemon.waitForLog(({ msg }) => msg.startsWith('cannot look'), patienceMs);
    await sleep(aFewRescansMs);
    expect(tree.sandbox.requests).toHaveLength(settled);
    chmodSync(tree.dir, mode);
    await daemon.said('can look again', 1);
    tree.write(fileName(2), named(2, 'After it came back'));
    await tree.serverShows(2, 'After it came back');
    const puts = await putsBeforeMarker(tree, daemon, settled);
    expect(puts).toEqual([tree.putOf(2, 'After it came back')]);
    expectNoOrphans(daemon);
  });
});
