// Commits pulled into the working copy that the daemon watches: what is sent, and what never is.
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { writeFile } from '../support/command.ts';
import { widgetId } from '../support/sandbox.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import {
  bothModes,
  byHand,
  type Daemon,
  expectHandWorkKept,
  fieldsOf,
  fileName,
  type Live,
  named,
  numbers,
  patienceMs,
  putsBeforeMarker,
  shown,
  sorted,
  startTree,
  type Tree,
  widgetFile,
  widgetFiles,
} from '../support/watched-tree.ts';

interface Checkout {
  readonly upstream: Upstream;
  readonly tree: Tree;
  readonly daemon: Daemon;
  /** Requests that the first pass caused. */
  readonly settled: number;
}

/** A daemon that has applied every widget of a working copy. */
async function startCheckout(widgets: number, live: Live = 'auto'): Promise<Checkout> {
  const upstream = await startUpstream(widgetFiles(widgets));
  const tree = await startTree({ widgets, dir: upstream.dir, live });
  const daemon = await tree.watchHere();
  await daemon.said('applied', widgets);
  return { upstream, tree, daemon, settled: tree.sandbox.requests.length };
}

describe('a commit that is pulled', () => {
  test.each(bothModes)(
    'causes one write for each of the 5 files of 24 that it changes, and with --live %s its body is what it has to be',
    async (live) => {
      const { upstream, tree, daemon, settled } = await startCheckout(24, live);
      expect(sorted(tree.puts())).toEqual(numbers(24).map((n) => tree.putOf(n)));
      // One page holds them all, and one of them is compared.
      expect(tree.reads()).toBe(live === 'auto' ? 2 : 0);
      const changed = [3, 11, 12, 17, 23];

      await upstream.commit((dir) => {
        for (const n of changed) writeFile(dir, fileName(n), named(n, `Changed ${n}`));
      });
      await daemon.said('applied', 24 + changed.length);
      const revision = await upstream.git('rev-parse', 'HEAD');
      const revisions = daemon
        .lines('applied')
        .slice(24)
        .map((line) => line['revision']);
      expect(revisions).toEqual(changed.map(() => revision));
      const puts = await putsBeforeMarker(tree, daemon, settled);
      expect(sorted(puts)).toEqual(changed.map((n) => tree.putOf(n, `Changed ${n}`)));

      // A field that the file no longer declares is reset, once.
      const { header_color: _, ...released } = fieldsOf(3);
      const beforeRelease = tree.sandbox.requests.length;
      await upstream.commit((dir) => writeFile(dir, fileName(3), widgetFile(3, released)));
      await tree.serverShows(3, 'Widget 3');
      expect(await putsBeforeMarker(tree, daemon, beforeRelease)).toEqual([
        tree.putOfFields(3, { ...released, header_color: null }),
      ]);
      expect(tree.reads() > 0).toBe(live === 'auto');
      expectHandWorkKept(tree.sandbox, 24);
    },
  );

  test('causes none where only comments, key order, quoting and file names differ', async () => {
    const { upstream, tree, daemon, settled } = await startCheckout(8);

    await upstream.commit(async (dir) => {
      appendFileSync(join(dir, fileName(0)), '# A comment at the end.\n');
      writeFile(dir, fileName(1), `# A comment before.\n\n${widgetFile(1)}`);
      const reversed = Object.entries({ widget_id: widgetId(2), ...fieldsOf(2) }).reverse();
      writeFile(dir, fileName(2), stringify(Object.fromEntries(reversed)));
      const declared = { widget_id: widgetId(3).toUpperCase(), ...fieldsOf(3) };
      const quoted = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_SINGLE' } as const;
      writeFile(dir, fileName(3), stringify(declared, quoted));
      writeFile(dir, fileName(4), JSON.stringify({ widget_id: widgetId(4), ...fieldsOf(4) }));
      mkdirSync(join(dir, 'acme'));
      await upstream.git('mv', `widgets/${fileName(5)}`, 'widgets/renamed.yml');
      await upstream.git('mv', `widgets/${fileName(6)}`, 'widgets/acme/chat.yaml');
    });
    expect(await putsBeforeMarker(tree, daemon, settled)).toEqual([]);

    expect(tree.reads(settled)).toBe(1);

    // Nor after a restart, with the records of files that have moved.
    await daemon.stop();
    const again = await tree.watchHere();
    expect(await putsBeforeMarker(tree, again, tree.sandbox.requests.length)).toEqual([]);

    const beforeMove = tree.sandbox.requests.length;
    await upstream.commit(async (dir) => {
      await upstream.git('mv', 'widgets/acme/chat.yaml', 'widgets/acme.yaml');
      writeFile(dir, 'acme.yaml', named(6, 'Moved and edited'));
    });
    await tree.serverShows(6, 'Moved and edited');
    const puts = await putsBeforeMarker(tree, again, beforeMove);
    expect(puts).toEqual([tree.putOf(6, 'Moved and edited')]);
    expectHandWorkKept(tree.sandbox, 8);
  });

  test('causes none where it deletes a file, which is reported as orphaned, nor where it brings it back', async () => {
    const { upstream, tree, daemon, settled } = await startCheckout(4);
    const orphan = { widget_id: widgetId(2), file: fileName(2) };

    await upstream.commit((dir) => rmSync(join(dir, fileName(2))));
    await daemon.waitForLog((line) => line.msg.startsWith('orphaned'), patienceMs);
    expect(await putsBeforeMarker(tree, daemon, settled)).toEqual([]);
    expect(daemon.log().filter((line) => line.msg.startsWith('orphaned'))).toEqual([
      expect.objectContaining({ level: 'warn', ...orphan }),
    ]);
    expect(JSON.parse((await tree.quickly('plan', '--json')).stdout)).toMatchObject({
      changes: [],
      orphaned: [orphan],
      summary: { update: 0, orphaned: 1 },
    });

    const beforeRevert = tree.sandbox.requests.length;
    await upstream.git('revert', '--no-edit', 'HEAD');
    await upstream.publish();
    expect(await putsBeforeMarker(tree, daemon, beforeRevert)).toEqual([]);
    expect(JSON.parse((await tree.quickly('plan', '--json')).stdout)).toMatchObject({
      changes: [],
      orphaned: [],
    });
    expect(shown(tree.sandbox, 2)).toMatchObject(fieldsOf(2));
  });

  test('causes none where every widget is live as its file declares it: all are adopted', async () => {
    const upstream = await startUpstream(widgetFiles(3));
    const tree = await startTree({ widgets: 3, dir: upstream.dir });
    for (const n of numbers(3)) tree.sandbox.edit(widgetId(n), fieldsOf(n));
    const daemon = await tree.watchHere();
    expect(daemon.lines('looked')[0]).toMatchObject({ update: 0, adopt: 3 });

    // The dashboard was first, and git says the same.
    tree.sandbox.edit(widgetId(1), { display_name: 'Agreed' });
    await upstream.commit((dir) => writeFile(dir, fileName(1), named(1, 'Agreed')));
    await daemon.waitForLog(({ trigger, adopt }) => trigger === 'files' && adopt === 1, patienceMs);
    expect(await putsBeforeMarker(tree, daemon, 0)).toEqual([]);
    expect(JSON.parse((await tree.quickly('plan', '--json')).stdout)).toMatchObject({
      changes: [],
      adopted: [],
      summary: { unchanged: 4 },
    });
  });

  test('holds the widgets of broken, duplicate, suspended and stray files, and no other, until it is mended', async () => {
    const { upstream, tree, daemon, settled } = await startCheckout(5);
    const heldNumbers = [1, 2, 3];
    for (const n of heldNumbers) tree.sandbox.edit(widgetId(n), { display_name: 'By hand' });
    const before = heldNumbers.map((n) => shown(tree.sandbox, n));

    await upstream.commit((dir) => {
      writeFile(dir, fileName(0), named(0, 'Before the held ones'));
      writeFile(dir, fileName(1), widgetFile(1, { ...fieldsOf(1, 'Broken'), header_color: 5 }));
      writeFile(dir, fileName(2), named(2, 'First of two'));
      writeFile(dir, 'copy/second.yaml', named(2, 'Second of two'));
      const suspended = { ...fieldsOf(3, 'Suspended'), sync: { suspend: true } };
      writeFile(dir, fileName(3), widgetFile(3, suspended));
      writeFile(dir, fileName(4), named(4, 'After the held ones'));
      // The account has no such widget yet.
      writeFile(dir, fileName(5), named(5, 'Too early'));
    });
    await tree.serverShows(0, 'Before the held ones');
    await tree.serverShows(4, 'After the held ones');
    // Not even when everything is sent again.
    await daemon.said('applied', 5 + 2);
    daemon.signal('SIGUSR2');
    await daemon.said('applied', 5 + 2 + 2);
    const meanwhile = await putsBeforeMarker(tree, daemon, settled);
    const edited = [tree.putOf(0, 'Before the held ones'), tree.putOf(4, 'After the held ones')];
    expect(sorted(meanwhile.slice(0, 2))).toEqual(edited);
    expect(sorted(meanwhile.slice(2))).toEqual(edited);
    expect(heldNumbers.map((n) => shown(tree.sandbox, n))).toEqual(before);
    await expectHeldIsReported(tree, daemon);

    const beforeMending = tree.sandbox.requests.length;
    tree.sandbox.seed([{ widgetId: widgetId(5), fields: byHand(tree.sandbox, 0) }]);
    await upstream.commit((dir) => {
      writeFile(dir, fileName(1), named(1, 'Mended'));
      rmSync(join(dir, fileName(2)));
      writeFile(dir, fileName(3), named(3, 'Suspended'));
    });
    await tree.serverShows(1, 'Mended');
    await tree.serverShows(2, 'Second of two');
    await tree.serverShows(3, 'Suspended');
    await tree.serverShows(5, 'Too early');
    const mended = await putsBeforeMarker(tree, daemon, beforeMending);
    expect(sorted(mended)).toEqual([
      tree.putOf(1, 'Mended'),
      tree.putOf(2, 'Second of two'),
      tree.putOf(3, 'Suspended'),
      tree.putOf(5, 'Too early'),
    ]);
    expectHandWorkKept(tree.sandbox, 6);
  });
});

async function expectHeldIsReported(tree: Tree, daemon: Daemon): Promise<void> {
  const { stdout } = await tree.quickly('plan', '--json');
  const { changes, held, orphaned } = JSON.parse(stdout);
  expect({ changes, orphaned }).toEqual({ changes: [], orphaned: [] });
  expect(held).toMatchObject([
    { widget_id: widgetId(2), file: 'copy/second.yaml', code: 'duplicate-id' },
    { widget_id: widgetId(1), file: fileName(1), code: 'wrong-type' },
    { widget_id: widgetId(2), file: fileName(2), code: 'duplicate-id' },
    { widget_id: widgetId(3), file: fileName(3), code: 'suspended' },
    { widget_id: widgetId(5), file: fileName(5), code: 'not-in-account' },
  ]);
  const naming = (file: string) => expect.stringContaining(`${file}:1`);
  for (const line of [
    { level: 'error', file: fileName(1), line: 5, code: 'wrong-type' },
    { level: 'error', file: fileName(2), code: 'duplicate-id', msg: naming('copy/second.yaml') },
    { level: 'error', file: 'copy/second.yaml', code: 'duplicate-id', msg: naming(fileName(2)) },
    { level: 'info', file: fileName(3), widget_id: widgetId(3), code: 'suspended' },
    { level: 'warn', file: fileName(5), widget_id: widgetId(5), code: 'not-in-account' },
  ]) {
    expect(daemon.log()).toContainEqual(expect.objectContaining(line));
  }
}
