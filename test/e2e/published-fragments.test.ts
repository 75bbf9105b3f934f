// Fragments that change together with the files that extend them, by git-sync, the kubelet and git itself, while the
// daemon looks: half of one commit and half of another is never sent.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isJsonObject, type Json } from '../../src/base/json/json.ts';
import { commitAll, git, initRepository } from '../documents/repository.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { configMapVolume } from '../support/config-map.ts';
import { startGitSync } from '../support/git-sync.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { type Chance, startChance } from '../support/seeded-random.ts';
import { few } from '../support/soak.ts';
import {
  type Daemon,
  fileName,
  numbers,
  patienceMs,
  shown,
  startTree,
  type Tree,
} from '../support/watched-tree.ts';

/** So rare that whatever comes in time was told of by an event. */
const rareRescan = ['--rescan', '10m'];
const widgets = 6;
const longestMs = few(120_000, { soak: 3_600_000 });

/** What one commit says: the colour of the brand, and the name in each file. */
interface Said {
  readonly colour: string;
  readonly names: readonly string[];
}

const first: Said = { colour: '#000000', names: numbers(widgets).map(() => 'Commit 0') };

/** Each commit has a colour of its own, and some names. */
function next({ names }: Said, k: number, chance: Chance): Said {
  const changed = new Set(numbers(chance.between(0, 3)).map(() => chance.between(0, widgets - 1)));
  return {
    colour: `#${k.toString(16).padStart(6, '0')}`,
    names: names.map((name, n) => (changed.has(n) ? `Commit ${k}` : name)),
  };
}

function drawn(count: number, chance: Chance): Said[] {
  const all = [first];
  for (let k = 1; k <= count; k += 1) all.push(next(all[k - 1] ?? first, k, chance));
  return all;
}

/** Odd files are in a folder. The brand extends a base, which has the colour. */
function filesOf({ colour, names }: Said, folder: string, up: string): Record<string, string> {
  const files = names.map((name, n) => {
    const [path, entry] = n % 2 === 1 ? [`in/${fileName(n)}`, `../${up}`] : [fileName(n), up];
    const text = `extends: ${entry}_kit/brand.yaml\nwidget_id: ${widgetId(n)}\ndisplay_name: ${name}\n`;
    return [join(folder, path), text] as const;
  });
  return {
    ...Object.fromEntries(files),
    '_base.yaml': `widget_type: chat\nheader_color: "${colour}"\n`,
    '_kit/brand.yaml': 'extends: ../_base.yaml\nbubble_text: Hello\n',
  };
}

const words = (n: number, name: Json | undefined, colour: Json | undefined) =>
  `${widgetId(n)} ${name} ${colour}`;

/** Gives every body that arrives and that no commit had, of those that were published by then. */
function watchForStrangers(tree: Tree) {
  const published = new Set<string>();
  const strangers: unknown[] = [];
  tree.sandbox.observe(({ method, widgetId: id, body, endedAtMs }) => {
    if (method !== 'PUT' || !isJsonObject(body) || endedAtMs !== null) return;
    const n = Number.parseInt(String(id), 16);
    if (!published.has(words(n, body['display_name'], body['header_color']))) strangers.push(body);
  });
  const publish = ({ names, colour }: Said) => {
    for (const [n, name] of names.entries()) published.add(words(n, name, colour));
  };
  return { strangers, publish };
}

async function serverShowsAll({ sandbox }: Tree, { names, colour }: Said): Promise<void> {
  for (const [n, name] of names.entries()) {
    const isThere = () => {
      const widget = shown(sandbox, n);
      return (
        words(n, widget?.['display_name'], widget?.['header_color']) === words(n, name, colour)
      );
    };
    await waitFor(sandbox, isThere, patienceMs);
  }
}

/** But for files that never stand still for ten seconds. */
const troubles = (daemon: Daemon) =>
  daemon
    .log()
    .filter(({ level }) => ['warn', 'error', 'fatal'].includes(level))
    .filter(({ code }) => code !== 'moving');

/** Some changes come at once, most soon, a few just when the daemon looks at those before. */
function pauseMs(chance: Chance): number {
  const kind = chance.between(1, 10);
  if (kind <= 5) return 0;
  return kind <= 9 ? chance.between(1, 120) : chance.between(250, 280);
}

const flips = few(5, { soak: 1000 });

test(
  `git-sync publishes ${flips} commits of fragments and files: nothing is sent that is in no commit`,
  async () => {
    const chance = startChance();
    const gitSync = await startGitSync();
    const said = drawn(flips + 1, chance);
    const hashes = await gitSync.commit(said.map((one) => filesOf(one, 'site/widgets', '../../')));
    await gitSync.publish(hashes[0] ?? '');
    const tree = await startTree({ widgets, dir: join(gitSync.link, 'site/widgets') });
    const { strangers, publish } = watchForStrangers(tree);
    publish(first);
    const daemon = await tree.watchHere(...rareRescan);
    await daemon.said('applied', widgets);

    for (const k of numbers(flips)) {
      // Now and then somebody goes back.
      const at = k > 2 && k < flips - 1 && chance.between(1, 10) === 1 ? k - 2 : k + 1;
      publish(said[at] ?? first);
      await gitSync.publish(hashes[at] ?? '');
      await sleep(pauseMs(chance));
    }
    await serverShowsAll(tree, said[flips] ?? first);
    await daemon.said('applied', tree.puts().length);
    expect(strangers).toEqual([]);
    const byHash = new Map(hashes.map((hash, k) => [hash, said[k]]));
    for (const n of numbers(widgets)) {
      const lines = daemon.lines('applied').filter((line) => line['widget_id'] === widgetId(n));
      const told = lines.map(({ revision }) => {
        const { names = [], colour } = byHash.get(String(revision)) ?? {};
        return words(n, names[n], colour);
      });
      const puts = tree.puts().filter((put) => put.widgetId === widgetId(n));
      expect(
        puts.map(
          ({ body }) => isJsonObject(body) && words(n, body['display_name'], body['header_color']),
        ),
      ).toEqual(told);
    }
    expect(troubles(daemon)).toEqual([]);
  },
  longestMs,
);

const swaps = few(8, { soak: 1000 });

test.each([
  ['of which all is watched', '.', '', []],
  ['of which a folder is watched, below --root', 'site/widgets', '../../', ['--root']],
] as const)(
  `a ConfigMap %s is swapped ${swaps} times: nothing is sent that was in none`,
  async (_, folder, up, root) => {
    const chance = startChance();
    const mountPoint = temporaryDirectory();
    const volume = configMapVolume(mountPoint);
    const said = drawn(swaps, chance);
    volume.update(filesOf(first, folder, up));
    const tree = await startTree({ widgets, dir: join(mountPoint, folder) });
    const { strangers, publish } = watchForStrangers(tree);
    publish(first);
    const flags = root.flatMap((flag) => [flag, mountPoint]);
    const daemon = await tree.watchHere(...rareRescan, ...flags);
    await daemon.said('applied', widgets);

    for (const one of said.slice(1)) {
      publish(one);
      volume.update(filesOf(one, folder, up));
      await sleep(pauseMs(chance));
    }
    await serverShowsAll(tree, said[swaps] ?? first);
    expect(strangers).toEqual([]);
    expect(troubles(daemon)).toEqual([]);
  },
  longestMs,
);

const checkouts = few(8, { soak: 200 });

test(
  `git checks out ${checkouts} commits of fragments and files: nothing is sent that is in no commit`,
  async () => {
    const chance = startChance();
    const root = temporaryDirectory();
    initRepository(root);
    const commits = few(4, { soak: 20 });
    const said = drawn(commits, chance);
    const hashes = said.map((one) => {
      for (const [path, text] of Object.entries(filesOf(one, 'site/widgets', '../../'))) {
        writeFile(root, path, text);
      }
      return commitAll(root);
    });
    const dir = join(root, 'site/widgets');
    mkdirSync(dir, { recursive: true });
    const tree = await startTree({ widgets, dir });
    const { strangers, publish } = watchForStrangers(tree);
    for (const one of said) publish(one);
    const daemon = await tree.watchHere(...rareRescan);
    await serverShowsAll(tree, said[commits] ?? first);

    let at = commits;
    for (const _ of numbers(checkouts)) {
      at = (at + chance.between(1, commits)) % (commits + 1);
      git(root, 'checkout', '-q', hashes[at] ?? '');
      await sleep(chance.between(0, 400));
    }
    await serverShowsAll(tree, said[at] ?? first);
    expect(strangers).toEqual([]);
    expect(troubles(daemon)).toEqual([]);
  },
  longestMs,
);
