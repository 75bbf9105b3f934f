// Files edited by hand while the daemon watches: how soon, in what order, and by whatever means an
// editor has of writing one.
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isJsonObject, type Json } from '../../src/json.ts';
import { writeFile } from '../support/command.ts';
import { maxInFlightPerWidget, waitFor, widgetId } from '../support/sandbox.ts';
import {
  createLatch,
  fieldsOf,
  fileName,
  named,
  numbers,
  patienceMs,
  putOf,
  putsBeforeMarker,
  type Scene,
  shown,
  startScene,
  writeAndWait,
} from '../support/watched-tree.ts';

function isFor(n: number) {
  return (one: { readonly widgetId: string | null }) => one.widgetId === widgetId(n);
}

function displayName(body: Json): string {
  return isJsonObject(body) ? String(body['display_name']) : '';
}

test('an edit reaches the server in under a second in the middle case', async () => {
  const { tree, daemon } = await startScene(5, '--rate', '5/s');
  const delaysMs: number[] = [];

  for (const n of numbers(9)) {
    const writtenAtMs = performance.now();
    tree.write(fileName(n % 5), named(n % 5, `Edit ${n}`));
    await daemon.said('applied', 5 + n + 1);
    const request = tree.sandbox.requests.at(-1);
    expect(request?.body).toEqual(fieldsOf(n % 5, `Edit ${n}`));
    delaysMs.push((request?.startedAtMs ?? Number.POSITIVE_INFINITY) - writtenAtMs);
  }

  const median = delaysMs.sort((a, b) => a - b)[4];
  expect(median).toBeLessThan(1000);
});

describe('ten edits of one file in quick succession', () => {
  const edits = numbers(10).map((n) => `Edit ${n}`);

  /** No request carried an older edit than the one before, one was in flight at a time, the last edit stayed. */
  function expectOrder({ tree, settled }: Scene): void {
    const requests = tree.sandbox.requests.slice(settled);
    const ofWidget = requests.filter(isFor(0));
    const sent = ofWidget.map(({ body }) => edits.indexOf(displayName(body)));
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect(sent.at(-1)).toBe(9);
    expect(maxInFlightPerWidget(requests)).toBe(1);
    expect(shown(tree.sandbox, 0)).toMatchObject(fieldsOf(0, 'Edit 9'));
  }

  test('while the server is slow and fails now and then', async () => {
    const scene = await startScene(1);
    const { tree, daemon, faults, settled } = scene;
    faults.next = async () => {
      const fails = tree.puts(settled).length % 3 === 2;
      await sleep(fails ? 150 : 400);
      return fails ? { kind: 'answer', status: 500 } : undefined;
    };

    // Some are seen by themselves, some only together with the next.
    for (const [n, name] of edits.entries()) {
      if (n % 3 === 0) tree.write(fileName(0), named(0, name));
      else await writeAndWait(scene, 0, name);
    }
    await tree.serverShows(0, 'Edit 9');

    faults.next = () => undefined;
    expect((await putsBeforeMarker(tree, daemon, settled)).length).toBeGreaterThan(1);
    expectOrder(scene);
  });

  test('during one request: only the last of them is sent after it', async () => {
    const scene = await startScene(2);
    const { tree, daemon, faults, settled } = scene;
    const latch = createLatch();
    faults.next = async ({ widgetId: id }) => {
      if (id === widgetId(0)) await latch.opened;
      return undefined;
    };

    for (const [n, name] of edits.entries()) {
      tree.write(fileName(0), named(0, name));
      if (n % 3 !== 0) continue;
      // Whoever sends this one has seen the edit too.
      tree.write(fileName(1), named(1, `Beside ${name}`));
      await tree.serverShows(1, `Beside ${name}`);
    }
    latch.open();
    await tree.serverShows(0, 'Edit 9');

    const puts = (await putsBeforeMarker(tree, daemon, settled)).filter(isFor(0));
    expect(puts).toEqual([putOf(0, 'Edit 0'), putOf(0, 'Edit 9')]);
    expectOrder(scene);
  });
});

describe('an edit that is reverted', () => {
  test('before its turn has come is not sent', async () => {
    const scene = await startScene(2, '--concurrency', '1');
    const { tree, daemon, faults, settled } = scene;
    const latch = createLatch();
    faults.next = () => latch.opened.then(() => undefined);

    await writeAndWait(scene, 0, 'In the way');
    await writeAndWait(scene, 1, 'Reverted');
    await writeAndWait(scene, 1, 'Widget 1');
    latch.open();

    const puts = await putsBeforeMarker(tree, daemon, settled);
    expect(puts).toEqual([putOf(0, 'In the way')]);
  });

  test('while the API has everything wait is not sent', async () => {
    const scene = await startScene(2);
    const { tree, daemon, faults } = scene;
    let since = 0;
    let isInTime = false;

    // The reverted edit has to be seen while everything waits: on a slow machine that takes longer.
    for (const seconds of [2, 5, 15]) {
      since = tree.sandbox.requests.length;
      faults.next = () => ({
        kind: 'answer',
        status: 429,
        headers: { 'Retry-After': String(seconds) },
      });
      await writeAndWait(scene, 0, `Held for ${seconds} s`);
      await daemon.waitForLog(
        ({ msg, attempts }) => msg === 'not applied, trying again' && attempts === 1,
        patienceMs,
      );
      faults.next = () => undefined;
      await writeAndWait(scene, 1, 'Reverted');
      await writeAndWait(scene, 1, 'Widget 1');
      isInTime = tree.puts(since).length === 1;
      await tree.serverShows(0, `Held for ${seconds} s`);
      if (isInTime) break;
    }

    expect(isInTime).toBe(true);
    const puts = await putsBeforeMarker(tree, daemon, since);
    expect(puts).not.toContainEqual(putOf(1, 'Reverted'));
    expect(shown(tree.sandbox, 1)).toMatchObject(fieldsOf(1));
  });

  test('while it is sent is sent back', async () => {
    const scene = await startScene(1);
    const { tree, daemon, faults, settled } = scene;
    const latch = createLatch();
    faults.next = () => latch.opened.then(() => undefined);

    await writeAndWait(scene, 0, 'Reverted');
    await waitFor(tree.sandbox, () => tree.puts(settled)[0]?.body !== undefined, patienceMs);
    await writeAndWait(scene, 0, 'Widget 0');
    latch.open();
    await tree.serverShows(0, 'Reverted');
    await tree.serverShows(0, 'Widget 0');

    const puts = await putsBeforeMarker(tree, daemon, settled);
    expect(puts).toEqual([putOf(0, 'Reverted'), putOf(0)]);
  });

  test('after the server stored it, but the answer was lost, is sent back', async () => {
    const scene = await startScene(1);
    const { tree, daemon, faults, settled } = scene;
    faults.next = ({ body }) =>
      JSON.stringify(body).includes('Reverted')
        ? { kind: 'store-then', ending: { kind: 'reset' } }
        : undefined;

    tree.write(fileName(0), named(0, 'Reverted'));
    await tree.serverShows(0, 'Reverted');
    tree.write(fileName(0), named(0, 'Widget 0'));
    await tree.serverShows(0, 'Widget 0');

    await daemon.waitForLog(({ msg, reason }) => msg === 'applied' && reason !== 'new', patienceMs);
    await putsBeforeMarker(tree, daemon, settled);
    expect(shown(tree.sandbox, 0)).toMatchObject(fieldsOf(0));
  });
});

describe('the server ends with what the tree says', () => {
  test('however an editor writes a file', async () => {
    const { tree, daemon, settled } = await startScene(6);
    const { root, dir, write } = tree;
    const path = (n: number) => join(dir, fileName(n));
    const edited = (n: number) => named(n, `Edited ${n}`);

    // In place.
    write(fileName(0), edited(0));
    await tree.serverShows(0, 'Edited 0');
    // In place, in two parts.
    writeFileSync(path(1), edited(1).slice(0, 70));
    appendFileSync(path(1), edited(1).slice(70));
    await tree.serverShows(1, 'Edited 1');
    // Beside it, then renamed over it.
    write(`.${fileName(2)}.swp`, edited(2));
    renameSync(join(dir, `.${fileName(2)}.swp`), path(2));
    await tree.serverShows(2, 'Edited 2');
    // The former one moved aside, a new one written.
    renameSync(path(3), `${path(3)}~`);
    write(fileName(3), edited(3));
    rmSync(`${path(3)}~`);
    await tree.serverShows(3, 'Edited 3');
    // Moved in under another name.
    writeFile(root, 'elsewhere.yaml', edited(4));
    rmSync(path(4));
    renameSync(join(root, 'elsewhere.yaml'), join(dir, 'arrived.yml'));
    await tree.serverShows(4, 'Edited 4');

    const puts = await putsBeforeMarker(tree, daemon, settled);
    expect(puts).toEqual(numbers(5).map((n) => putOf(n, `Edited ${n}`)));
  });

  test('wherever folders come from and go', async () => {
    const { tree, daemon, settled } = await startScene(3);
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
    rmSync(join(dir, 'inside'), { recursive: true });
    write('inside/deep/chat.yaml', named(1, 'Made again'));
    await tree.serverShows(1, 'Made again');
    write('inside/deep/chat.yaml', named(1, 'Edited once more'));
    await tree.serverShows(1, 'Edited once more');

    expect(tree.puts(settled).filter(isFor(2))).toEqual([]);
  });
});
