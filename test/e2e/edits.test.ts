// Files edited by hand while the daemon watches: how soon, in what order, and what is left out.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isJsonObject, type Json } from '../../src/base/json/json.ts';
import type { LogLine } from '../support/command.ts';
import { maxInFlightPerWidget, waitFor, widgetId } from '../support/sandbox.ts';
import {
  bothModes,
  expectHandWorkKept,
  fieldsOf,
  fileName,
  named,
  numbers,
  type Put,
  patienceMs,
  putsBeforeMarker,
  type Scene,
  shown,
  startScene,
  widgetFile,
  writeAndWait,
} from '../support/watched-tree.ts';

function isFor(n: number) {
  return (one: { readonly widgetId: string | null }) => one.widgetId === widgetId(n);
}

/** Whether all of it has arrived. */
function hasArrived(put: Put | undefined): boolean {
  return put !== undefined && put.body !== null;
}

function displayName(body: Json): string {
  return isJsonObject(body) ? String(body['display_name']) : '';
}

/** Something that others wait for until the test opens it. */
interface Latch {
  readonly opened: Promise<void>;
  open(): void;
}

function createLatch(): Latch {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

test('an edit reaches the server in under a second in the middle case', async () => {
  const { tree, daemon } = await startScene({
    runs: 'here',
    widgets: 2,
    flags: ['--rate', '5/s'],
  });
  const delaysMs: number[] = [];

  for (const n of numbers(5)) {
    const writtenAtMs = performance.now();
    tree.write(fileName(n % 2), named(n % 2, `Edit ${n}`));
    await daemon.said('applied', 2 + n + 1);
    const request = tree.sandbox.requests.findLast(({ method }) => method === 'PUT');
    expect(request?.body).toEqual(tree.putOf(n % 2, `Edit ${n}`).body);
    delaysMs.push((request?.startedAtMs ?? Number.POSITIVE_INFINITY) - writtenAtMs);
  }

  const median = delaysMs.sort((a, b) => a - b)[2];
  expect(median).toBeLessThan(1000);
});

describe('ten edits of one file in quick succession', () => {
  const edits = numbers(10).map((n) => `Edit ${n}`);

  /** No request carried an older edit than the one before, one was in flight at a time, the last edit stayed. */
  function expectOrder({ tree, settled }: Scene): void {
    const requests = tree.sandbox.requests.slice(settled).filter(({ method }) => method === 'PUT');
    const ofWidget = requests.filter(isFor(0));
    const sent = ofWidget.map(({ body }) => edits.indexOf(displayName(body)));
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect(sent.at(-1)).toBe(9);
    expect(maxInFlightPerWidget(requests)).toBe(1);
    expect(shown(tree.sandbox, 0)).toMatchObject(fieldsOf(0, 'Edit 9'));
  }

  test('while the server is slow and fails now and then', async () => {
    const scene = await startScene({ runs: 'here', widgets: 1, live: 'off' });
    const { tree, daemon, faults, settled } = scene;
    faults.writes = async () => {
      const fails = tree.puts(settled).length % 3 === 2;
      await sleep(fails ? 100 : 300);
      return fails ? { kind: 'answer', status: 500 } : undefined;
    };

    // Some are seen by themselves, some only together with the next.
    for (const [n, name] of edits.entries()) {
      if (n % 3 === 0) tree.write(fileName(0), named(0, name));
      else await writeAndWait(scene, 0, name);
    }
    await tree.serverShows(0, 'Edit 9');

    faults.writes = () => undefined;
    expect((await putsBeforeMarker(tree, daemon, settled)).length).toBeGreaterThan(1);
    expectOrder(scene);
  });

  test('during one write: only the last of them is sent after it', async () => {
    const scene = await startScene({ runs: 'here', widgets: 2 });
    const { tree, daemon, faults, settled } = scene;
    const latch = createLatch();
    faults.writes = async ({ widgetId: id }) => {
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
    expect(puts).toEqual([tree.putOf(0, 'Edit 0'), tree.putOf(0, 'Edit 9')]);
    expectOrder(scene);
    expectHandWorkKept(tree.sandbox, 2);
  });
});

describe('an edit that is reverted', () => {
  test('before its turn has come is not sent', async () => {
    // Otherwise its pass would wait for the one place too, to read what is live.
    const scene = await startScene({
      runs: 'here',
      widgets: 2,
      live: 'off',
      flags: ['--concurrency', '1'],
    });
    const { tree, daemon, faults, settled } = scene;
    const latch = createLatch();
    faults.writes = () => latch.opened.then(() => undefined);

    await writeAndWait(scene, 0, 'In the way');
    await writeAndWait(scene, 1, 'Reverted');
    await writeAndWait(scene, 1, 'Widget 1');
    latch.open();

    const puts = await putsBeforeMarker(tree, daemon, settled);
    expect(puts).toEqual([tree.putOf(0, 'In the way')]);
  });

  test('while what is live is read for it is not sent', async () => {
    const { tree, daemon, faults, settled } = await startScene({ runs: 'here', widgets: 2 });
    const latch = createLatch();
    faults.reads = () => latch.opened.then(() => undefined);

    tree.write(fileName(1), named(1, 'Reverted'));
    // The daemon has seen the edit.
    await waitFor(tree.sandbox, () => tree.reads(settled) === 1, patienceMs);
    tree.write(fileName(1), widgetFile(1));
    latch.open();

    expect(await putsBeforeMarker(tree, daemon, settled)).toEqual([]);
  });

  test('while the API has everything wait is not sent', async () => {
    const scene = await startScene({ runs: 'here', widgets: 2, live: 'off' });
    const { tree, daemon, faults } = scene;
    let since = 0;
    let isInTime = false;

    // The reverted edit has to be seen while everything waits: on a slow machine that takes longer.
    for (const seconds of [2, 5, 15]) {
      since = tree.sandbox.requests.length;
      faults.writes = () => ({
        kind: 'answer',
        status: 429,
        headers: { 'Retry-After': String(seconds) },
      });
      await writeAndWait(scene, 0, `Held for ${seconds} s`);
      await daemon.waitForLog(
        ({ msg, attempts }) => msg === 'not applied, trying again' && attempts === 1,
        patienceMs,
      );
      faults.writes = () => undefined;
      await writeAndWait(scene, 1, 'Reverted');
      await writeAndWait(scene, 1, 'Widget 1');
      isInTime = tree.puts(since).length === 1;
      await tree.serverShows(0, `Held for ${seconds} s`);
      if (isInTime) break;
    }

    expect(isInTime).toBe(true);
    const puts = await putsBeforeMarker(tree, daemon, since);
    expect(puts).not.toContainEqual(tree.putOf(1, 'Reverted'));
    expect(shown(tree.sandbox, 1)).toMatchObject(fieldsOf(1));
  });

  test.each(bothModes)('while it is sent is sent back, with --live %s', async (live) => {
    const scene = await startScene({ runs: 'here', widgets: 1, live });
    const { tree, daemon, faults, settled } = scene;
    const latch = createLatch();
    faults.writes = () => latch.opened.then(() => undefined);

    await writeAndWait(scene, 0, 'Reverted');
    await waitFor(tree.sandbox, () => hasArrived(tree.puts(settled)[0]), patienceMs);
    await writeAndWait(scene, 0, 'Widget 0');
    latch.open();
    await tree.serverShows(0, 'Reverted');
    await tree.serverShows(0, 'Widget 0');

    const puts = await putsBeforeMarker(tree, daemon, settled);
    expect(puts).toEqual([tree.putOf(0, 'Reverted'), tree.putOf(0)]);
  });

  // The daemon sees the revert before the server stored the edit, or after.
  const moments = [
    { live: 'off', seen: 'after' },
    { live: 'auto', seen: 'after' },
    { live: 'auto', seen: 'before' },
  ] as const;

  test.each(moments)(
    'and was stored, but its answer was lost, is sent back, with --live $live, seen $seen it was stored',
    async ({ live, seen }) => {
      const scene = await startScene({ runs: 'here', widgets: 1, live });
      const { tree, daemon, faults, settled } = scene;
      const latch = createLatch();
      if (seen === 'after') latch.open();
      faults.writes = async ({ body }) => {
        if (displayName(body) !== 'Reverted') return undefined;
        await latch.opened;
        return { kind: 'store-then', ending: { kind: 'reset' } };
      };

      tree.write(fileName(0), named(0, 'Reverted'));
      await waitFor(tree.sandbox, () => hasArrived(tree.puts(settled)[0]), patienceMs);
      if (seen === 'after') await tree.serverShows(0, 'Reverted');
      await writeAndWait(scene, 0, 'Widget 0');
      latch.open();
      await tree.serverShows(0, 'Widget 0');

      const isBack = (line: LogLine) => line.msg === 'applied' && line['reason'] !== 'new';
      await daemon.waitForLog(isBack, patienceMs);
      await putsBeforeMarker(tree, daemon, settled);
      expect(shown(tree.sandbox, 0)).toMatchObject(fieldsOf(0));
    },
  );
});
