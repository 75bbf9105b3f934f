// What outlives a process, and what sends everything again on purpose.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import type { SandboxRequest } from '../../src/sandbox/request-log.ts';
import type { LogLine } from '../support/command.ts';
import { maxInFlightPerWidget, waitFor, widgetId } from '../support/sandbox.ts';
import {
  bothModes,
  type Daemon,
  expectHandWorkKept,
  fieldsOf,
  fileName,
  type Live,
  named,
  numbers,
  type Put,
  patienceMs,
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
async function startApplied(
  widgets: number,
  live: Live = 'auto',
  onRequest?: FaultHook,
): Promise<Tree> {
  const tree = await startTree({ widgets, live, ...(onRequest !== undefined && { onRequest }) });
  const { code } = await tree.quickly('apply');
  expect(code).toBe(0);
  expect(sorted(tree.puts())).toEqual(numbers(widgets).map((n) => tree.putOf(n)));
  return tree;
}

/** The last line of `apply --json`. */
function summaryIn(stdout: string): unknown {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

/** Whether the write is for one of the first so many widgets. */
function isDeclared({ widgetId: id }: Put, widgets: number): boolean {
  return numbers(widgets).some((n) => widgetId(n) === id);
}

/** What the n-th widget has is changed in the dashboard. */
function drift(tree: Tree, n: number): void {
  tree.sandbox.edit(widgetId(n), { display_name: 'By hand' });
}

/** Resolves once the daemon has read the whole account after its first pass, and used what it read. */
async function swept(daemon: Daemon): Promise<void> {
  const isSweep = ({ trigger }: LogLine) => trigger === 'start';
  const looks = () => daemon.lines('looked').filter(isSweep);
  await daemon.waitForLog(() => looks().length === 2, patienceMs);
}

describe('what was applied already', () => {
  test('is not sent by a second apply, nor when its file comes back, nor by a daemon restarted', async () => {
    const tree = await startApplied(6);
    rmSync(join(tree.dir, fileName(1)));
    const without = await tree.quickly('apply', '--json', '--live', 'off');
    expect(without.code).toBe(0);
    const nothing = { applied: 0, adopted: 0, failed: 0 };
    expect(summaryIn(without.stdout)).toMatchObject({ ...nothing, unchanged: 5, orphaned: 1 });

    tree.write(fileName(1), widgetFile(1));
    const back = await tree.quickly('apply', '--json');
    expect(back.code).toBe(0);
    expect(summaryIn(back.stdout)).toMatchObject({ ...nothing, unchanged: 6, orphaned: 0 });
    expect(tree.puts()).toHaveLength(6);

    const daemon = await tree.watchHere();
    tree.write(fileName(3), named(3, 'Edited'));
    await daemon.said('applied', 1);
    expect((await daemon.stop()).code).toBe(0);
    expect(tree.puts().slice(6)).toEqual([tree.putOf(3, 'Edited')]);

    for (const live of bothModes) {
      const beforeRestart = tree.sandbox.requests.length;
      const restarted = await tree.watchHere('--live', live);
      expect(restarted.lines('looked')[0]).toMatchObject({ update: 0, adopt: 0, unchanged: 6 });
      if (live === 'auto') await swept(restarted);
      // One page holds the account, and one widget is compared.
      expect(tree.reads(beforeRestart)).toBe(live === 'auto' ? 2 : 0);
      if (live === 'auto') {
        expect(await putsBeforeMarker(tree, restarted, beforeRestart)).toEqual([]);
      }
      await restarted.stop();
      expect(tree.puts().filter((put) => isDeclared(put, 6))).toHaveLength(6 + 1);
    }
  });

  test('and was changed in the dashboard while nobody looked is set back by the daemon that starts', async () => {
    const tree = await startApplied(3);
    drift(tree, 1);
    tree.sandbox.edit(widgetId(2), { intro_message: 'Not declared' });
    const settled = tree.sandbox.requests.length;

    const daemon = await tree.watchHere();
    await tree.serverShows(1, 'Widget 1');
    await daemon.said('applied', 1);
    expect(daemon.lines('applied')).toMatchObject([
      { widget_id: widgetId(1), reason: 'drifted', fields: ['/display_name'] },
    ]);
    expect(await putsBeforeMarker(tree, daemon, settled)).toEqual([tree.putOf(1)]);
    expect(shown(tree.sandbox, 2)).toMatchObject({ intro_message: 'Not declared' });
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

  test.each(bothModes)(
    'concerns its own widget alone, with a warning: with --live off it is sent again, otherwise compared (%s)',
    async (live) => {
      const tree = await startApplied(damages.length + 2, live);
      for (const [n, [, damage]] of damages.entries()) damage(recordPath(tree, n));
      if (live === 'auto') drift(tree, 1);

      const settled = tree.sandbox.requests.length;
      const daemon = await tree.watchHere();
      const sent = live === 'auto' ? [1] : damaged;
      const counts = { update: sent.length, adopt: damages.length - sent.length, unchanged: 2 };
      expect(daemon.lines('looked')[0]).toMatchObject(counts);
      await daemon.said('applied', sent.length);
      const puts = await putsBeforeMarker(tree, daemon, settled);
      expect(sorted(puts)).toEqual(sent.map((n) => tree.putOf(n)));
      const expected = damages.flatMap(([reason], n) =>
        reason === null
          ? []
          : [
              {
                level: 'warn',
                record: join(tree.root, stateDirectory, 'widgets', `${widgetId(n)}.json`),
                reason: expect.stringContaining(reason),
              },
            ],
      );
      const loud = daemon.log().filter(({ level }) => level !== 'info' && level !== 'debug');
      expect(loud).toMatchObject(expected);
      expectHandWorkKept(tree.sandbox, damages.length + 2);

      // The records are whole again.
      for (const n of damaged) {
        const record = JSON.parse(readFileSync(recordPath(tree, n), 'utf8'));
        expect(record).toMatchObject({ file: fileName(n), hash: expect.any(String) });
      }
    },
  );
});

describe('a daemon that is killed while it sends', () => {
  test.each(bothModes)(
    'leaves nothing unconfirmed behind: the next one makes true what the files say by then, with --live %s',
    async (live) => {
      let isStuck = false;
      // The server has stored the first two by then and not the others; nobody was told of either.
      const tree = await startApplied(4, live, ({ method, widgetId: id }) => {
        if (!isStuck || method !== 'PUT') return undefined;
        const isStored = id === widgetId(0) || id === widgetId(1);
        return isStored ? { kind: 'store-then', ending: { kind: 'hang' } } : { kind: 'hang' };
      });
      isStuck = true;
      for (const n of numbers(4)) tree.write(fileName(n), named(n, 'Unconfirmed'));
      // What it was sending may arrive for so long: until then nothing else is sent to these widgets.
      const killed = await tree.watch('--timeout', '2s');
      const areInFlight = () => tree.puts().filter(({ body }) => body !== null).length === 4 + 4;
      await waitFor(tree.sandbox, areInFlight, patienceMs);
      const stored = () => [0, 1].map((n) => shown(tree.sandbox, n)?.['display_name']);
      await expect.poll(stored, { timeout: patienceMs }).toEqual(['Unconfirmed', 'Unconfirmed']);
      killed.signal('SIGKILL');
      await killed.finished;
      isStuck = false;
      for (const n of [0, 2]) tree.write(fileName(n), widgetFile(n));

      const settled = tree.sandbox.requests.length;
      const next = await tree.watchHere();
      // Who sees that the server has what was sent last need not send it. That it has not, a read this
      // soon cannot show: the third is sent as the file has it again.
      const sent = live === 'auto' ? [0, 2, 3] : [0, 1, 2, 3];
      await next.said('applied', sent.length);
      const held = next.lines(
        'waits: what an earlier process was sending to this widget may still arrive',
      );
      expect(new Set(held.map(({ file }) => file))).toEqual(new Set([0, 2].map(fileName)));
      const puts = await putsBeforeMarker(tree, next, settled);
      const name = (n: number) => (n % 2 === 0 ? `Widget ${n}` : 'Unconfirmed');
      expect(sorted(puts)).toEqual(sent.map((n) => tree.putOf(n, name(n))));
      for (const n of numbers(4))
        expect(shown(tree.sandbox, n)).toMatchObject(fieldsOf(n, name(n)));
      expectHandWorkKept(tree.sandbox, 4);
    },
  );
});

describe('everything is looked at again', () => {
  test('and sent, with reason forced, at SIGHUP where live state is off, and only then', async () => {
    const tree = await startApplied(5, 'off');
    tree.write(fileName(4), 'widget_id: [');
    const daemon = await tree.watchHere();

    daemon.signal('SIGHUP');
    await daemon.said('applied', 4);
    const puts = await putsBeforeMarker(tree, daemon, 5);
    expect(sorted(puts)).toEqual(numbers(4).map((n) => tree.putOf(n)));
    const reasons = daemon.lines('applied').map(({ reason }) => reason);
    expect(reasons).toEqual(['forced', 'forced', 'forced', 'forced', 'new']);

    daemon.signal('SIGHUP');
    await daemon.said('applied', 4 + 1 + 5);
    const history = readFileSync(join(tree.root, stateDirectory, 'history.ndjson'), 'utf8');
    expect(history.match(/"reason":"forced"/g)).toHaveLength(9);
    expect(tree.reads()).toBe(0);
  });

  test('at SIGHUP by a list and one read, and what drifted is sent; all of it at SIGUSR2 and by apply --force', async () => {
    const tree = await startApplied(4);
    const daemon = await tree.watchHere();
    await swept(daemon);
    drift(tree, 2);
    const beforeResync = tree.sandbox.requests.length;
    daemon.signal('SIGHUP');
    await daemon.said('applied', 1);
    expect(tree.reads(beforeResync)).toBe(2);
    expect(await putsBeforeMarker(tree, daemon, beforeResync)).toEqual([tree.putOf(2)]);

    const beforeResend = tree.sandbox.requests.length;
    daemon.signal('SIGUSR2');
    // The marker is one of them by now.
    await daemon.said('applied', 1 + 1 + 5);
    const reasons = daemon.lines('applied').map(({ reason }) => reason);
    expect(reasons).toEqual(['drifted', 'new', ...Array(5).fill('forced')]);
    expect(sorted(tree.puts(beforeResend)).slice(0, 4)).toEqual(
      numbers(4).map((n) => tree.putOf(n)),
    );
    expect(tree.reads(beforeResend)).toBe(2);
    await daemon.stop();

    const forced = await tree.quickly('apply', '--force', '--json');
    expect(summaryIn(forced.stdout)).toMatchObject({ applied: 5, unchanged: 0, failed: 0 });
    expectHandWorkKept(tree.sandbox, 4);
  });

  test('by schedule, however slow the server, without overlap; never where it is off', async () => {
    let isSlow = false;
    const slowly: FaultHook = () => (isSlow ? { kind: 'delay', delayMs: 1100 } : undefined);
    const [blind, seeing, left] = await Promise.all([
      startApplied(2, 'off', slowly),
      startApplied(2, 'auto', slowly),
      startTree({ widgets: 2, live: 'off' }),
    ]);
    isSlow = true;
    const cron = ['--resync', '* * * * * *'];
    const [forcing, correcting, off] = await Promise.all([
      blind.watchHere(...cron),
      seeing.watchHere(...cron),
      left.watchHere('--resync', 'off'),
    ]);
    drift(seeing, 0);

    await Promise.all([forcing.said('applied', 4), correcting.said('applied', 1)]);
    const lines = forcing.lines('applied');
    expect(lines.map(({ reason }) => reason)).toEqual(lines.map(() => 'forced'));
    const { requests } = blind.sandbox;
    expect(maxInFlightPerWidget(requests)).toBe(1);
    for (const n of numbers(2)) {
      const own = requests.filter((request) => request.widgetId === widgetId(n));
      // One by `apply`, and two that ended by the schedule.
      expect(own.length).toBeGreaterThanOrEqual(3);
      for (const { body } of own) expect(body).toEqual(fieldsOf(n));
    }

    const isList = ({ method, widgetId: id }: SandboxRequest) => method === 'GET' && id === null;
    const lists = () => seeing.sandbox.requests.filter(isList);
    const soFar = lists().length;
    await waitFor(seeing.sandbox, () => lists().length > soFar + 1, patienceMs);
    expect(maxInFlightPerWidget(lists().map((list) => ({ ...list, widgetId: widgetId(0) })))).toBe(
      1,
    );
    expect(seeing.puts().slice(2)).toEqual([seeing.putOf(0)]);
    expect(correcting.lines('applied')).toMatchObject([{ reason: 'drifted' }]);

    expect(await putsBeforeMarker(left, off, 0)).toHaveLength(2);
  });
});
