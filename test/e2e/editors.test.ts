// Files written by whatever means an editor has, and files and folders that move: the server ends with
// what the tree says, and is never told what no file ever held in full.
import {
  appendFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { type LogLine, writeFile } from '../support/command.ts';
import { widgetId } from '../support/sandbox.ts';
import { type Chance, startChance } from '../support/seeded-random.ts';
import {
  type Daemon,
  expectHandWorkKept,
  fieldsOf,
  fileName,
  named,
  numbers,
  patienceMs,
  putsBeforeMarker,
  startScene,
  widgetFile,
} from '../support/watched-tree.ts';

interface Editor {
  readonly way: string;
  save(path: string, content: string): void | Promise<void>;
}

function beside(path: string, name: string): string {
  return join(dirname(path), name);
}

const editors: readonly Editor[] = [
  { way: 'in place', save: (path, content) => writeFileSync(path, content) },
  {
    way: 'in place, in two parts',
    save(path, content) {
      writeFileSync(path, content.slice(0, 70));
      appendFileSync(path, content.slice(70));
    },
  },
  {
    way: 'in place, a while after it was emptied',
    async save(path, content) {
      truncateSync(path);
      await sleep(120);
      writeFileSync(path, content, { flag: 'r+' });
    },
  },
  {
    way: 'beside it, then renamed over it',
    save(path, content) {
      const draft = beside(path, `.${basename(path)}.swp`);
      writeFileSync(draft, content);
      renameSync(draft, path);
    },
  },
  {
    way: 'beside it under a name like its own, then renamed over it',
    save(path, content) {
      writeFileSync(`${path}.tmp123`, content);
      renameSync(`${path}.tmp123`, path);
    },
  },
  {
    way: 'as vim does: a trial file, the former one moved aside until the new one is there',
    save(path, content) {
      const trial = beside(path, '4913');
      writeFileSync(trial, '');
      rmSync(trial);
      renameSync(path, `${path}~`);
      writeFileSync(path, content);
      rmSync(`${path}~`);
    },
  },
  {
    way: 'as emacs does: a link as lock, what was typed so far, the former one kept',
    save(path, content) {
      const lock = beside(path, `.#${basename(path)}`);
      const typed = beside(path, `#${basename(path)}#`);
      symlinkSync('someone@host.4711:1790000000', lock);
      writeFileSync(typed, content.slice(0, 100));
      renameSync(path, `${path}~`);
      writeFileSync(path, content);
      rmSync(typed);
      rmSync(lock);
    },
  },
  {
    way: 'anew, after it was removed',
    save(path, content) {
      rmSync(path);
      writeFileSync(path, content);
    },
  },
];

/** Nobody was told of a widget without a file, or with two. */
function expectNothingAmiss(daemon: Daemon): void {
  // A look in the middle of a change is put off, which is no news: a slow machine has more of them.
  const isAmiss = ({ msg, code }: LogLine) =>
    /^orphaned/.test(msg) || (code !== undefined && code !== 'moving');
  const amiss = daemon.log().filter(isAmiss);
  expect(amiss).toEqual([]);
}

/** Whatever is cut off its end, a valid widget is left. */
function longFields(displayName: string): JsonObject {
  const { description: _, ...others } = fieldsOf(0, displayName);
  return { ...others, description: 'and so on '.repeat(32).trim() };
}

/** Gives the longest pause between two parts, in milliseconds. */
async function writeSlowly(path: string, content: string, chance: Chance): Promise<number> {
  const partLength = 17;
  let longestMs = 0;
  let at = content.indexOf('and so on');
  writeFileSync(path, content.slice(0, at));
  let writtenAtMs = performance.now();
  for (; at < content.length; at += partLength) {
    await sleep(chance.between(100, 190));
    appendFileSync(path, content.slice(at, at + partLength));
    longestMs = Math.max(longestMs, performance.now() - writtenAtMs);
    writtenAtMs = performance.now();
  }
  return longestMs;
}

describe('the server ends with what the tree says', () => {
  test('however an editor writes a file', async () => {
    const { tree, daemon, settled } = await startScene({
      runs: 'apart',
      widgets: editors.length + 1,
    });
    const { root, dir } = tree;

    for (const [n, { way, save }] of editors.entries()) {
      await save(join(dir, fileName(n)), named(n, way));
      await tree.serverShows(n, way);
    }
    // Moved in from elsewhere under another name.
    const last = editors.length;
    writeFile(root, 'elsewhere.yaml', named(last, 'Moved in'));
    rmSync(join(dir, fileName(last)));
    renameSync(join(root, 'elsewhere.yaml'), join(dir, 'arrived.yml'));
    await tree.serverShows(last, 'Moved in');

    const puts = await putsBeforeMarker(tree, daemon, settled);
    const edited = editors.map(({ way }, n) => tree.putOf(n, way));
    expect(puts).toEqual([...edited, tree.putOf(last, 'Moved in')]);
    expectHandWorkKept(tree.sandbox, last + 1);
  });

  test('when a file is written slowly, cut in the middle of lines: it is sent once, whole', async () => {
    const chance = startChance();
    // A body without live state is what the file declares, and shows where it was cut.
    const { tree, daemon } = await startScene({ runs: 'here', widgets: 1, live: 'off' });
    const path = join(tree.dir, fileName(0));
    let since = 0;
    let name = '';
    let longestMs = Number.POSITIVE_INFINITY;

    // On a machine that pauses the writer for longer, nobody can tell that there is more to come.
    for (let attempt = 1; attempt <= 6 && longestMs > 230; attempt += 1) {
      since = tree.sandbox.requests.length;
      name = `Written in many parts, for the ${attempt}. time`;
      longestMs = await writeSlowly(path, widgetFile(0, longFields(name)), chance);
      await tree.serverShows(0, name);
    }

    expect(longestMs).toBeLessThan(230);
    const puts = await putsBeforeMarker(tree, daemon, since);
    expect(puts).toEqual([tree.putOfFields(0, longFields(name))]);
  });

  test('when a file is edited twice within 2 to 40 ms, by whatever means', async () => {
    const chance = startChance();
    const { tree, daemon, settled } = await startScene({ runs: 'here', widgets: 1, live: 'off' });
    const path = join(tree.dir, fileName(0));
    const atOnce = editors.filter(({ way }) => !way.includes('a while') && !way.includes('emacs'));
    const rounds = numbers(2 * atOnce.length);

    for (const round of rounds) {
      const { save } = atOnce[round % atOnce.length] ?? {};
      await save?.(path, named(0, `First ${round}`));
      await sleep(chance.between(2, 40));
      await save?.(path, named(0, `Second ${round}`));
      await tree.serverShows(0, `Second ${round}`);
    }

    const puts = await putsBeforeMarker(tree, daemon, settled);
    const full = rounds.flatMap((n) => [tree.putOf(0, `First ${n}`), tree.putOf(0, `Second ${n}`)]);
    expect(full).toEqual(expect.arrayContaining(puts));
    expectNothingAmiss(daemon);
  });

  test('when a file is away for a third of a second: nobody is told that it is gone', async () => {
    // Two, since a tree without any file is another matter.
    const { tree, daemon } = await startScene({ runs: 'here', widgets: 2, live: 'off' });
    const path = join(tree.dir, fileName(0));
    const orphaned = () => daemon.log().filter(({ msg }) => msg.startsWith('orphaned')).length;
    let awayMs = Number.POSITIVE_INFINITY;
    let orphanedBefore = 0;

    // Long enough to be missed once. On a machine that pauses longer it may be missed twice.
    for (let attempt = 1; attempt <= 6 && awayMs > 420; attempt += 1) {
      orphanedBefore = orphaned();
      const removedAtMs = performance.now();
      rmSync(path);
      await sleep(350);
      writeFileSync(path, named(0, `Back ${attempt}`));
      awayMs = performance.now() - removedAtMs;
      await tree.serverShows(0, `Back ${attempt}`);
    }

    expect(awayMs).toBeLessThan(420);
    expect(orphaned()).toBe(orphanedBefore);
  });

  test('when files are renamed, swapped and removed: nothing is sent, and they are watched where they are now', async () => {
    const { tree, daemon, settled } = await startScene({ runs: 'apart', widgets: 6, live: 'off' });
    const { dir, write } = tree;
    const move = (from: string, to: string) => renameSync(join(dir, from), join(dir, to));

    move(fileName(0), 'chat.yml');
    // In its case only.
    move(fileName(1), 'Widget-01.yaml');
    move(fileName(2), 'swap.yaml');
    move(fileName(3), fileName(2));
    move('swap.yaml', fileName(3));
    expect(await putsBeforeMarker(tree, daemon, settled)).toEqual([]);
    expectNothingAmiss(daemon);
    const before = tree.sandbox.requests.length;
    rmSync(join(dir, fileName(4)));
    await daemon.waitForLog(({ msg }) => msg.startsWith('orphaned'), patienceMs);
    expect(await putsBeforeMarker(tree, daemon, before)).toEqual([]);

    const places = ['chat.yml', 'Widget-01.yaml', fileName(3), fileName(2), fileName(4)];
    for (const [n, place] of places.entries()) write(place, named(n, `Edited ${n}`));
    for (const n of places.keys()) await tree.serverShows(n, `Edited ${n}`);
    expect(daemon.log().filter(({ msg }) => msg.startsWith('orphaned'))).toEqual([
      expect.objectContaining({ file: fileName(4), widget_id: widgetId(4) }),
    ]);
  });

  test('when a file and a draft of it change places, there and back', async () => {
    const { tree, daemon, settled } = await startScene({ runs: 'apart', widgets: 1 });
    const path = (name: string) => join(tree.dir, name);
    writeFileSync(path('_draft.yaml'), named(0, 'Draft'));

    for (const name of ['Draft', 'Widget 0', 'Draft']) {
      renameSync(path(fileName(0)), path('_aside.yaml'));
      renameSync(path('_draft.yaml'), path(fileName(0)));
      renameSync(path('_aside.yaml'), path('_draft.yaml'));
      await tree.serverShows(0, name);
    }

    const puts = await putsBeforeMarker(tree, daemon, settled);
    expect(puts).toEqual([tree.putOf(0, 'Draft'), tree.putOf(0), tree.putOf(0, 'Draft')]);
    expectNothingAmiss(daemon);
  });

  test('when folders leave the tree, come back, and are put in place of others', async () => {
    const { tree, daemon, settled } = await startScene({ runs: 'here', widgets: 3 });
    const { root, dir, write } = tree;
    const [inside, outside] = [join(dir, 'acme'), join(root, 'acme')];
    for (const n of numbers(2)) rmSync(join(dir, fileName(n)));
    for (const n of numbers(2)) write(`acme/deep/chat-${n}.yaml`, named(n, 'In a folder'));
    for (const n of numbers(2)) await tree.serverShows(n, 'In a folder');

    // Out of the tree, edited there, and in again.
    renameSync(inside, outside);
    const isOrphaned = ({ msg }: { msg: string }) => msg.startsWith('orphaned');
    await daemon.waitForLog(isOrphaned, patienceMs);
    writeFile(outside, 'deep/chat-0.yaml', named(0, 'Edited outside'));
    renameSync(outside, inside);
    await tree.serverShows(0, 'Edited outside');
    write('acme/deep/chat-0.yaml', named(0, 'Edited inside'));
    await tree.serverShows(0, 'Edited inside');
    // Another folder in its place, which is watched as well.
    writeFile(root, 'next/deep/chat-0.yaml', named(0, 'In another folder'));
    writeFile(root, 'next/deep/chat-1.yaml', named(1, 'In a folder'));
    await rename(inside, outside);
    await rename(join(root, 'next'), inside);
    await tree.serverShows(0, 'In another folder');
    write('acme/deep/chat-1.yaml', named(1, 'Edited in another folder'));
    await tree.serverShows(1, 'Edited in another folder');
    // Removed, made again empty, and filled after a while.
    await rm(join(inside, 'deep'), { recursive: true });
    await mkdir(join(inside, 'deep'));
    expect(await putsBeforeMarker(tree, daemon, settled)).toHaveLength(6);
    write('acme/deep/chat-0.yaml', named(0, 'In a folder made again'));
    await tree.serverShows(0, 'In a folder made again');

    const ofLast = ({ widgetId: id }: { widgetId: string | null }) => id === widgetId(2);
    expect(tree.puts(settled).filter(ofLast)).toEqual([]);
    expectHandWorkKept(tree.sandbox, 3);
  });

  test('wherever folders come from and go', async () => {
    const { tree, daemon, settled } = await startScene({ runs: 'here', widgets: 3 });
    const { root, dir, write } = tree;

    // New folders, filled at once, and a file that comes later.
    rmSync(join(dir, fileName(0)));
    write('acme/north/chat.yaml', named(0, 'In a new folder'));
    await tree.serverShows(0, 'In a new folder');
    write('acme/north/chat.yaml', named(0, 'Edited in a new folder'));
    await tree.serverShows(0, 'Edited in a new folder');
    // Renamed: nothing to send, and still watched.
    renameSync(join(dir, 'acme'), join(dir, 'zenith'));
    expect(await putsBeforeMarker(tree, daemon, settled)).toHaveLength(2);
    write('zenith/north/chat.yaml', named(0, 'In a renamed folder'));
    await tree.serverShows(0, 'In a renamed folder');
    // Moved in from elsewhere.
    rmSync(join(dir, fileName(1)));
    writeFile(root, 'outside/deep/chat.yaml', named(1, 'From outside'));
    renameSync(join(root, 'outside'), join(dir, 'inside'));
    await tree.serverShows(1, 'From outside');
    write('inside/deep/chat.yaml', named(1, 'Edited inside'));
    await tree.serverShows(1, 'Edited inside');
    // Removed and made again.
    await rm(join(dir, 'inside'), { recursive: true });
    write('inside/deep/chat.yaml', named(1, 'Made again'));
    await tree.serverShows(1, 'Made again');
    write('inside/deep/chat.yaml', named(1, 'Edited once more'));
    await tree.serverShows(1, 'Edited once more');

    expect(tree.puts(settled).filter(({ widgetId: id }) => id === widgetId(2))).toEqual([]);
  });
});
