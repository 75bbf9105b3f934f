// Trees that are published by swapping a link, as git-sync and the kubelet do, while the daemon looks.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isJsonObject } from '../../src/base/json/json.ts';
import { type LogLine, temporaryDirectory, writeFile } from '../support/command.ts';
import { type ConfigMapVolume, configMapVolume } from '../support/config-map.ts';
import { after, startConfined, whyNotAfter } from '../support/confined-daemon.ts';
import { type Edit, type GitSync, startGitSync } from '../support/git-sync.ts';
import { widgetId } from '../support/sandbox.ts';
import { type Chance, startChance } from '../support/seeded-random.ts';
import { few } from '../support/soak.ts';
import {
  type Daemon,
  fileName,
  named,
  numbers,
  putsBeforeMarker,
  type SceneOptions,
  startTree,
  type Tree,
} from '../support/watched-tree.ts';

/** So rare that whatever comes in time was told of by an event. */
const rareRescan = ['--rescan', '10m'];
const frequentRescan = ['--rescan', '1s'];
/** A second or two, and as much again for a busy machine. */
const soonMs = 4000;

/** The names of widgets by their numbers. */
type Names = ReadonlyMap<number, string>;

/** Some swaps come at once, most soon, a few just when the daemon looks at those before. */
function pauseMs(chance: Chance): number {
  const kind = chance.between(1, 10);
  if (kind <= 5) return 0;
  return kind <= 9 ? chance.between(1, 120) : chance.between(250, 280);
}

/** Gives every body that arrives without having been published, in full, by then. */
function watchForStrangers(tree: Tree) {
  const published = new Set<string>();
  const strangers: unknown[] = [];
  tree.sandbox.observe(({ method, widgetId: id, body, endedAtMs }) => {
    if (method !== 'PUT' || !isJsonObject(body) || endedAtMs !== null) return;
    const name = String(body['display_name']);
    const whole = tree.putOf(Number.parseInt(String(id), 16), name).body;
    if (!published.has(`${id} ${name}`) || !isDeepStrictEqual(body, whole)) strangers.push(body);
  });
  const publish = (names: Names) => {
    for (const [n, name] of names) published.add(`${widgetId(n)} ${name}`);
  };
  return { strangers, publish };
}

function withNames(names: Names, pathOf: (n: number) => string): Record<string, string> {
  return Object.fromEntries([...names].map(([n, name]) => [pathOf(n), named(n, name)]));
}

async function serverShowsAll(tree: Tree, names: Names): Promise<void> {
  for (const [n, name] of names) await tree.serverShows(n, name);
}

function troubles(daemon: Daemon): LogLine[] {
  return daemon.log().filter(({ level }) => ['warn', 'error', 'fatal'].includes(level));
}

interface Published {
  readonly gitSync: GitSync;
  readonly tree: Tree;
  readonly daemon: Daemon;
  readonly first: { readonly hash: string; readonly names: Names };
}

/** Widgets are in a folder of the repository, as they mostly are. */
const folder = join('site', 'widgets');

function editOf(names: Names): Edit {
  return withNames(names, (n) => join(folder, fileName(n)));
}

/** The daemon has no process of its own: git has. */
async function startPublished(widgets: number, flags: readonly string[]): Promise<Published> {
  const gitSync = await startGitSync();
  const names = new Map(numbers(widgets).map((n) => [n, `Widget ${n}`]));
  const [hash = ''] = await gitSync.commit([editOf(names)]);
  await gitSync.publish(hash);
  const tree = await startTree({ widgets, dir: join(gitSync.link, folder) });
  const daemon = await tree.watchHere(...flags);
  await daemon.said('applied', widgets);
  return { gitSync, tree, daemon, first: { hash, names } };
}

/** Each write had what the commit has that the log names for it, and so has each record. */
function expectCommitsAreNamed(
  { tree, daemon, first }: Published,
  commits: ReadonlyMap<string, Names>,
): void {
  const nameIn = (commit: unknown, n: number) => commits.get(String(commit))?.get(n) ?? 'none';
  for (const n of first.names.keys()) {
    const id = widgetId(n);
    const lines = daemon.lines('applied').filter((line) => line['widget_id'] === id);
    const said = lines.map(({ revision }) => tree.putOf(n, nameIn(revision, n)));
    expect(tree.puts().filter((put) => put.widgetId === id)).toEqual(said);
    const record = join(tree.root, '.widget-sync', 'widgets', `${id}.json`);
    const { revision, spec } = JSON.parse(readFileSync(record, 'utf8'));
    expect(spec.display_name).toBe(nameIn(revision, n));
  }
}

describe('a link that git-sync swaps', () => {
  const swaps = few(10, { soak: 200 });
  const widgets = 8;

  function someNames(chance: Chance, name: string): Names {
    const count = chance.between(1, 3);
    return new Map(numbers(count).map(() => [chance.between(0, widgets - 1), name]));
  }

  test(`${swaps} times at any moment, removing the tree before at once, leaves the last commit live, and nothing is sent that was not published`, async () => {
    const chance = startChance();
    const world = await startPublished(widgets, rareRescan);
    const { gitSync, tree, daemon, first } = world;
    const { strangers, publish } = watchForStrangers(tree);
    const edits = numbers(swaps).map((k) => someNames(chance, `Commit ${k}`));
    const hashes = await gitSync.commit(edits.map(editOf));
    const commits = new Map([[first.hash, first.names]]);
    let names = first.names;
    for (const [k, hash] of hashes.entries()) {
      names = new Map([...names, ...(edits[k] ?? [])]);
      commits.set(hash, names);
    }

    for (const [k, hash] of hashes.entries()) {
      // Now and then somebody goes back: the same path again, and another folder.
      const goesBack = k < swaps - 1 && chance.between(1, 10) === 1;
      const target = (goesBack ? hashes[k - 3] : hash) ?? hash;
      publish(commits.get(target) ?? names);
      await gitSync.publish(target);
      await sleep(pauseMs(chance));
    }
    await serverShowsAll(tree, names);

    // Not blind: neither to another swap, nor to an edit in the tree that is published now.
    const edit = new Map([[3, 'After a pause']]);
    const [last = ''] = await gitSync.commit([editOf(edit)]);
    commits.set(last, new Map([...names, ...edit]));
    publish(edit);
    const before = tree.sandbox.requests.length;
    const publishedAtMs = performance.now();
    await gitSync.publish(last);
    await tree.serverShows(3, 'After a pause');
    expect(performance.now() - publishedAtMs).toBeLessThan(soonMs);

    await daemon.said('applied', tree.puts().length);
    expect(strangers).toEqual([]);
    expectCommitsAreNamed(world, commits);
    expect(troubles(daemon)).toEqual([]);
    expect(await putsBeforeMarker(tree, daemon, before)).toEqual([tree.putOf(3, 'After a pause')]);
  }, 180_000);

  test.each<[string, (gitSync: GitSync, first: string, next: string) => unknown]>([
    ['whose tree is lost', (gitSync, first) => gitSync.removeWorktree(first)],
    [
      'that leads to a tree which is not there yet',
      (gitSync, first, next) => {
        gitSync.pointTo(next);
        return gitSync.removeWorktree(first);
      },
    ],
  ])('%s changes nothing until that tree is checked out', async (_, lose) => {
    const { gitSync, tree, daemon, first } = await startPublished(4, frequentRescan);
    const [next = '', afterwards = ''] = await gitSync.commit([
      editOf(new Map([[2, 'In the next commit']])),
      editOf(new Map([[1, 'In the one after']])),
    ]);
    const before = tree.sandbox.requests.length;

    await lose(gitSync, first.hash, next);
    await daemon.said('cannot look yet', 1);
    expect(troubles(daemon)).toEqual([expect.objectContaining({ code: 'missing' })]);
    expect(tree.sandbox.requests).toHaveLength(before);
    const lost = gitSync.published();
    await gitSync.checkOut(lost);
    await daemon.said('can look again', 1);
    const puts = lost === next ? [tree.putOf(2, 'In the next commit')] : [];
    expect(await putsBeforeMarker(tree, daemon, before)).toEqual(puts);

    const beforeSwap = tree.sandbox.requests.length;
    await gitSync.publish(afterwards);
    await tree.serverShows(1, 'In the one after');
    await tree.serverShows(2, 'In the next commit');
    expect(tree.puts(beforeSwap)).toHaveLength(lost === next ? 1 : 2);
    const noise = troubles(daemon).filter(({ msg }) => !msg.startsWith('orphaned'));
    expect(noise).toHaveLength(1);
  });
});

describe('a ConfigMap', () => {
  const widgets = 8;

  type Runs = SceneOptions['runs'];

  interface Mounted {
    readonly volume: ConfigMapVolume;
    readonly tree: Tree;
    readonly daemon: Daemon;
    show(names: Names): void;
  }

  /** The daemon watches one folder of the volume, and the files are in one: `.` is the volume itself. */
  async function startMounted(watched: string, files: string, runs: Runs): Promise<Mounted> {
    const mountPoint = temporaryDirectory();
    const volume = configMapVolume(mountPoint);
    const show = (names: Names) => volume.update(withNames(names, (n) => join(files, fileName(n))));
    show(new Map(numbers(widgets).map((n) => [n, `Widget ${n}`])));
    const tree = await startTree({ widgets, dir: join(mountPoint, watched) });
    const daemon = await (runs === 'apart' ? tree.watch : tree.watchHere)(...rareRescan);
    await daemon.said('applied', widgets);
    return { volume, tree, daemon, show };
  }

  test.each([
    ['', few(10, { soak: 50 }), '.', '.', 'apart'],
    [' with folders', few(10, { soak: 20 }), '.', 'clients/widgets', 'here'],
    [
      ', of which a folder is watched',
      few(10, { soak: 20 }),
      'clients/widgets',
      'clients/widgets',
      'here',
    ],
  ] as const)(
    'as a volume%s, swapped %d times, with files that come and go, leaves the last state live',
    async (...row) => {
      const [, swaps, watched, folderOfFiles, runs] = row;
      const chance = startChance();
      const { tree, daemon, show } = await startMounted(watched, folderOfFiles, runs);
      const { strangers, publish } = watchForStrangers(tree);
      const last = widgets - 1;
      let names: Names = new Map(numbers(widgets).map((n) => [n, `Widget ${n}`]));

      for (const k of numbers(swaps)) {
        names = new Map([...names, [chance.between(0, last - 1), `Swap ${k}`]]);
        // The last one's file comes and goes, and is gone at the end.
        const isGone = k === swaps - 1 || chance.between(1, 3) === 1;
        const shown = new Map([...names].filter(([n]) => n !== last || !isGone));
        publish(shown);
        show(shown);
        await sleep(pauseMs(chance));
      }
      await serverShowsAll(tree, names);
      await daemon.waitForLog(({ msg }) => msg.startsWith('orphaned'));
      expect(strangers).toEqual([]);
      expect(troubles(daemon).filter(({ msg }) => !msg.startsWith('orphaned'))).toEqual([]);
      const plan = JSON.parse((await tree.quickly('plan', '--json')).stdout);
      expect(plan).toMatchObject({
        changes: [],
        held: [],
        orphaned: [
          {
            widget_id: widgetId(last),
            file: join(relative(watched, folderOfFiles), fileName(last)),
          },
        ],
        diagnostics: [],
      });

      const before = tree.sandbox.requests.length;
      const shownAtMs = performance.now();
      show(new Map([...names, [last, 'Back again']]));
      await tree.serverShows(last, 'Back again');
      expect(performance.now() - shownAtMs).toBeLessThan(soonMs);
      expect(tree.puts(before)).toEqual([tree.putOf(last, 'Back again')]);
    },
  );

  test('mounted by subPath never changes, and nothing is said of it', async ({ skip }) => {
    const mount = 'mount --bind "$1" "$2"';
    // Not /tmp itself: nobody may bind what others have mounted something below.
    const probe = temporaryDirectory();
    const why = whyNotAfter(`mount --bind ${probe} ${probe}`);
    if (why !== null) skip(why);
    const volumeDirectory = temporaryDirectory();
    const volume = configMapVolume(volumeDirectory);
    volume.update({ 'widget.yaml': named(0, 'At the start') });
    const tree = await startTree({ widgets: 2 });
    // The kubelet binds the file itself, which the link led to at that moment.
    const file = join(tree.dir, fileName(0));
    const source = join(volumeDirectory, 'widget.yaml');
    const daemon = startConfined(tree, {
      flags: frequentRescan,
      through: after(mount, source, file),
    });
    await tree.serverShows(0, 'At the start');
    await daemon.said('applied', 2);

    const before = tree.sandbox.requests.length;
    for (const k of numbers(3)) volume.update({ 'widget.yaml': named(0, `Update ${k}`) });
    writeFile(tree.dir, fileName(1), named(1, 'Beside it'));
    await tree.serverShows(1, 'Beside it');
    expect(await putsBeforeMarker(tree, daemon, before)).toEqual([tree.putOf(1, 'Beside it')]);
    expect(troubles(daemon)).toEqual([]);
  });
});
