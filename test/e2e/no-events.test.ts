// Edits where the kernel tells of them, where it no longer does, and where it is not asked to.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LogLine } from '../support/command.ts';
import {
  type InotifyLimit,
  limited,
  startConfined,
  whyNotAfter,
} from '../support/confined-daemon.ts';
import { widgetId } from '../support/sandbox.ts';
import { few, inSoak } from '../support/soak.ts';
import {
  type Daemon,
  fieldsOf,
  fileName,
  named,
  numbers,
  startTree,
  type Tree,
  widgetFile,
} from '../support/watched-tree.ts';

const widgets = 8;
const pollIntervalMs = 200;
/** How much longer than usual things may take. */
const busyMachine = 5;

interface Limit {
  readonly limit: InotifyLimit;
  readonly most: number;
  /** What has to be raised, as `sysctl` calls it. */
  readonly setting: string;
}

/** Three watches are enough for the root, and not for the folders in it. */
const tooFewWatches: Limit = {
  limit: 'max_inotify_watches',
  most: 3,
  setting: 'fs.inotify.max_user_watches',
};
const noWatches: Limit = { ...tooFewWatches, most: 0 };
const noInstances: Limit = {
  limit: 'max_inotify_instances',
  most: 0,
  setting: 'fs.inotify.max_user_instances',
};

/** Each widget in a folder of its own. */
function clientFile(n: number): string {
  return join(`client-${n}`, fileName(n));
}

function whyNotLimited({ limit, most }: Limit): string | null {
  return whyNotAfter(`echo ${most} > /proc/sys/user/${limit}`);
}

/** A daemon that may watch so little, and has applied every widget. */
async function startLimited({ limit, most }: Limit, flags: readonly string[]) {
  const tree = await startTree({ widgets: 0 });
  tree.sandbox.seed(numbers(widgets).map((n) => ({ widgetId: widgetId(n), fields: {} })));
  for (const n of numbers(widgets)) tree.write(clientFile(n), named(n, `Widget ${n}`));
  const daemon = startConfined(tree, { flags, through: limited(limit, most) });
  await daemon.said('applied', widgets);
  return { tree, daemon };
}

function warnings(daemon: Daemon): LogLine[] {
  return daemon.log().filter(({ level }) => ['warn', 'error', 'fatal'].includes(level));
}

/** Edits in folders old and new: each arrives, once. */
async function expectEditsArrive(tree: Tree): Promise<void> {
  const before = tree.sandbox.requests.length;
  for (const n of [0, widgets - 1]) {
    const name = `Edit ${tree.sandbox.requests.length}`;
    tree.write(clientFile(n), named(n, name));
    await tree.serverShows(n, name);
  }
  tree.sandbox.seed([{ widgetId: widgetId(widgets), fields: {} }]);
  tree.write(clientFile(widgets), named(widgets, 'In a new folder'));
  await tree.serverShows(widgets, 'In a new folder');
  expect(tree.puts(before)).toHaveLength(3);
}

describe('where the kernel gives no more watches', () => {
  test.for([
    ['folders', tooFewWatches],
    ['anything', noWatches],
    ['anything, for want of an instance,', noInstances],
  ] as const)(
    'to %s, polling takes over, which is said once, with the setting to raise',
    async ([, limit], { skip }) => {
      const why = whyNotLimited(limit);
      if (why !== null) skip(why);
      const { tree, daemon } = await startLimited(limit, ['--rescan', '10m']);
      await expectEditsArrive(tree);
      expect(warnings(daemon)).toEqual([
        expect.objectContaining({ level: 'warn', msg: 'polling for changes' }),
      ]);
      expect(JSON.stringify(warnings(daemon))).toContain(limit.setting);
    },
  );

  test('--watch events says so, and goes on with what the rescan finds', async ({ skip }) => {
    const why = whyNotLimited(tooFewWatches);
    if (why !== null) skip(why);
    const flags = ['--watch', 'events', '--rescan', '1s'];
    const { tree, daemon } = await startLimited(tooFewWatches, flags);
    await expectEditsArrive(tree);
    expect(daemon.lines('polling for changes')).toEqual([]);
    expect(warnings(daemon)).toHaveLength(1);
    expect(JSON.stringify(warnings(daemon))).toContain(tooFewWatches.setting);
  });

  const unneeded = [
    ['watches', noWatches],
    ['instances', noInstances],
  ] as const;
  test.for(inSoak ? unneeded : unneeded.slice(0, 1))(
    '--watch poll does not miss the %s',
    async ([, limit], { skip }) => {
      const why = whyNotLimited(limit);
      if (why !== null) skip(why);
      const polling = [
        '--watch',
        'poll',
        '--poll-interval',
        `${pollIntervalMs}ms`,
        '--rescan',
        '10m',
      ];
      const { tree, daemon } = await startLimited(limit, polling);
      const looks = daemon.lines('looked').length;
      const countedAtMs = performance.now();
      await daemon.said('looked', looks + 5);
      expect(performance.now() - countedAtMs).toBeLessThan(5 * pollIntervalMs * busyMachine);
      await expectEditsArrive(tree);
      expect(warnings(daemon)).toEqual([]);
    },
  );
});

test('among 1,000 files an edit reaches the server in under two seconds in the middle case', async () => {
  const files = 1000;
  const edits = few(5, { soak: 15 });
  const tree = await startTree({ widgets: edits });
  // All the others are read and planned as these are, but it takes no thousand requests to begin.
  const suspended = widgetFile(0, { ...fieldsOf(0), sync: { suspend: true } });
  for (const n of numbers(files).slice(edits)) {
    // Not by the YAML library, which takes a second for all of them.
    tree.write(fileName(n), suspended.replace(widgetId(0), widgetId(n)));
  }
  const daemon = await tree.watchHere('--rescan', '10m');
  expect(daemon.lines('looked')[0]).toMatchObject({ update: edits, held: files - edits });
  await tree.serverShows(edits - 1, `Widget ${edits - 1}`);
  const delaysMs: number[] = [];
  for (const n of numbers(edits)) {
    const writtenAtMs = performance.now();
    tree.write(fileName(n), named(n, `Edit ${n}`));
    await tree.serverShows(n, `Edit ${n}`);
    const request = tree.sandbox.requests.findLast(({ method }) => method === 'PUT');
    expect(request?.widgetId).toBe(widgetId(n));
    delaysMs.push((request?.startedAtMs ?? Number.POSITIVE_INFINITY) - writtenAtMs);
  }
  expect(delaysMs.sort((a, b) => a - b)[(edits - 1) / 2]).toBeLessThan(2000);
});
