// What outlives a process, and what sends everything again on purpose.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FaultHook } from '../../src/sandbox/faults.ts';
import { maxInFlightPerWidget, waitFor, widgetId } from '../support/sandbox.ts';
import {
  fieldsOf,
  fileName,
  named,
  numbers,
  patienceMs,
  putOf,
  putsBeforeMarker,
  shown,
  sorted,
  startTree,
  type Tree,
  widgetFile,
} from '../support/watched-tree.ts';

/** The default, relative to where commands run. */
const stateDirectory = '.widget-sync';

function recordPath(tree: Tree, n: number): string {
  return join(tree.root, stateDirectory, 'widgets', `${widgetId(n)}.json`);
}

/** A tree whose widgets a first `apply` has all sent. */
async function startApplied(widgets: number, onRequest?: FaultHook): Promise<Tree> {
  const tree = await startTree({ widgets, ...(onRequest !== undefined && { onRequest }) });
  const { code } = await tree.command('apply');
  expect(code).toBe(0);
  expect(sorted(tree.puts())).toEqual(numbers(widgets).map((n) => putOf(n)));
  return tree;
}

/** The last line of `apply --json`. */
function summaryIn(stdout: string): unknown {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

describe('what was applied already', () => {
  test('is not sent by a second apply, nor by the daemon after it, nor by the daemon restarted', async () => {
    const tree = await startApplied(12);
    const second = await tree.command('apply', '--json');
    expect(second.code).toBe(0);
    expect(summaryIn(second.stdout)).toMatchObject({ applied: 0, unchanged: 12, failed: 0 });
    expect(tree.puts()).toHaveLength(12);

    const daemon = await tree.watch();
    tree.write(fileName(3), named(3, 'Edited'));
    await daemon.said('applied', 1);
    expect((await daemon.stop()).code).toBe(0);
    expect(tree.puts(12)).toEqual([putOf(3, 'Edited')]);

    const restarted = await tree.watch();
    expect(restarted.lines('looked')[0]).toMatchObject({ update: 0, unchanged: 12 });
    expect(await putsBeforeMarker(tree, restarted, 13)).toEqual([]);
  });

  test('and has no file now is reported as orphaned by apply, and sends nothing when it is back', async () => {
    const tree = await startApplied(3);
    rmSync(join(tree.dir, fileName(1)));

    const without = await tree.command('apply', '--json');
    expect(without.code).toBe(0);
    expect(summaryIn(without.stdout)).toMatchObject({ applied: 0, unchanged: 2, orphaned: 1 });

    tree.write(fileName(1), widgetFile(1));
    const back = await tree.command('apply', '--json');
    expect(summaryIn(back.stdout)).toMatchObject({ applied: 0, unchanged: 3, orphaned: 0 });
    expect(tree.puts()).toHaveLength(3);
  });
});

describe('a state record that is lost or damaged', () => {
  function edit(path: string, change: (text: string) => string): void {
    const text = readFileSync(path, 'utf8');
    const changed = change(text);
    expect(changed).not.toBe(text);
    writeFileSync(path, changed);
  }

  /** In the order of their widgets; the reason is what the warning says. */
  const damages: [reason: string | null, damage: (path: string) => void][] = [
    // Without its record a widget is like one that was never applied: there is nothing to warn of.
    [null, (path) => rmSync(path)],
    ['not complete JSON', (path) => edit(path, (text) => text.slice(0, text.length / 2))],
    ['empty', (path) => writeFileSync(path, '')],
    ['not complete JSON', (path) => writeFileSync(path, Buffer.alloc(300, 0xfe))],
    ['hash', (path) => edit(path, (text) => text.replace('"Widget 4"', '"Widget X"'))],
    ['another API', (path) => edit(path, (text) => text.replace('127.0.0.1', 'api.example.org'))],
  ];
  const damaged = numbers(damages.length);

  test('makes its own widget be sent again with a warning, and no other', async () => {
    const tree = await startApplied(damages.length + 2);
    for (const [n, [, damage]] of damages.entries()) damage(recordPath(tree, n));

    const settled = tree.sandbox.requests.length;
    const daemon = await tree.watch();
    await daemon.said('applied', damages.length);
    const puts = await putsBeforeMarker(tree, daemon, settled);
    expect(sorted(puts)).toEqual(damaged.map((n) => putOf(n)));
    const expected = damages.flatMap(([reason], n) =>
      reason === null
        ? []
        : [
            {
              level: 'warn',
              record: join(stateDirectory, 'widgets', `${widgetId(n)}.json`),
              reason: expect.stringContaining(reason),
            },
          ],
    );
    expect(daemon.log().filter(({ level }) => level !== 'info')).toMatchObject(expected);
  });
});

describe('a daemon that is killed while it sends', () => {
  test('leaves nothing unconfirmed behind: the next one sends what the files say by then', async () => {
    let isStuck = false;
    // The server has stored the first two by then and not the others; nobody was told of either.
    const tree = await startApplied(4, ({ widgetId: id }) => {
      if (!isStuck) return undefined;
      const isStored = id === widgetId(0) || id === widgetId(1);
      return isStored ? { kind: 'store-then', ending: { kind: 'hang' } } : { kind: 'hang' };
    });
    isStuck = true;
    for (const n of numbers(4)) tree.write(fileName(n), named(n, 'Unconfirmed'));
    const killed = await tree.watch();
    const areInFlight = () => tree.puts(4).filter(({ body }) => body !== null).length === 4;
    await waitFor(tree.sandbox, areInFlight, patienceMs);
    const stored = () => [0, 1].map((n) => shown(tree.sandbox, n)?.['display_name']);
    await expect.poll(stored, { timeout: patienceMs }).toEqual(['Unconfirmed', 'Unconfirmed']);
    killed.signal('SIGKILL');
    await killed.finished;
    isStuck = false;
    for (const n of [0, 2]) tree.write(fileName(n), widgetFile(n));

    const settled = tree.sandbox.requests.length;
    const next = await tree.watch();
    await next.said('applied', 4);
    const puts = await putsBeforeMarker(tree, next, settled);
    expect(sorted(puts)).toEqual([
      putOf(0),
      putOf(1, 'Unconfirmed'),
      putOf(2),
      putOf(3, 'Unconfirmed'),
    ]);
    for (const n of [0, 2]) expect(shown(tree.sandbox, n)).toMatchObject(fieldsOf(n));
    for (const n of [1, 3])
      expect(shown(tree.sandbox, n)).toMatchObject(fieldsOf(n, 'Unconfirmed'));
  });
});

describe('everything valid is sent again', () => {
  test('at SIGHUP, with reason forced, and only then', async () => {
    const tree = await startApplied(5);
    tree.write(fileName(4), 'widget_id: [');
    const daemon = await tree.watch();

    daemon.signal('SIGHUP');
    await daemon.said('applied', 4);
    const puts = await putsBeforeMarker(tree, daemon, 5);
    expect(sorted(puts)).toEqual(numbers(4).map((n) => putOf(n)));
    const reasons = daemon.lines('applied').map(({ reason }) => reason);
    expect(reasons).toEqual(['forced', 'forced', 'forced', 'forced', 'new']);

    daemon.signal('SIGHUP');
    await daemon.said('applied', 4 + 1 + 5);
    const history = readFileSync(join(tree.root, stateDirectory, 'history.ndjson'), 'utf8');
    expect(history.match(/"reason":"forced"/g)).toHaveLength(9);
  });

  test('by schedule, however slow the server, without overlap; never where it is off', async () => {
    let isSlow = false;
    const slowly: FaultHook = () => (isSlow ? { kind: 'delay', delayMs: 1100 } : undefined);
    const [resynced, left] = await Promise.all([startApplied(2, slowly), startApplied(2)]);
    isSlow = true;
    const off = await left.watch('--resync', 'off');
    const everySecond = await resynced.watch('--resync', '* * * * * *');

    await everySecond.said('applied', 4);
    const lines = everySecond.lines('applied');
    expect(lines.map(({ reason }) => reason)).toEqual(lines.map(() => 'forced'));
    const { requests } = resynced.sandbox;
    expect(maxInFlightPerWidget(requests)).toBe(1);
    for (const n of numbers(2)) {
      const own = requests.filter((request) => request.widgetId === widgetId(n));
      // One by `apply`, and two that ended by the schedule.
      expect(own.length).toBeGreaterThanOrEqual(3);
      for (const { body } of own) expect(body).toEqual(fieldsOf(n));
    }
    expect(await putsBeforeMarker(left, off, 2)).toEqual([]);
  });
});
