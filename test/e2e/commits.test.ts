// Commits pulled into the working copy that the daemon watches: what is sent, and what never is.
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { writeFile } from '../support/command.ts';
import { widgetId } from '../support/sandbox.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import {
  type Daemon,
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
  writeWidgets,
} from '../support/watched-tree.ts';

interface Checkout {
  readonly upstream: Upstream;
  readonly tree: Tree;
  readonly daemon: Daemon;
  /** Requests that the first pass caused. */
  readonly settled: number;
}

/** A daemon that has applied every widget of a working copy. */
async function startCheckout(widgets: number): Promise<Checkout> {
  const upstream = await startUpstream((dir) => writeWidgets(dir, widgets));
  const tree = await startTree({ widgets, dir: upstream.dir });
  const daemon = await tree.watch();
  await daemon.said('applied', widgets);
  return { upstream, tree, daemon, settled: tree.sandbox.requests.length };
}

describe('a commit that is pulled', () => {
  test('causes one request for each of the 7 files of 60 that it changes, with the declared fields', async () => {
    const { upstream, tree, daemon, settled } = await startCheckout(60);
    expect(sorted(tree.puts())).toEqual(numbers(60).map((n) => putOf(n)));
    const changed = [3, 11, 12, 30, 41, 58, 59];

    await upstream.commit((dir) => {
      for (const n of changed) writeFile(dir, fileName(n), named(n, `Changed ${n}`));
    });
    await daemon.said('applied', 60 + changed.length);

    const puts = await putsBeforeMarker(tree, daemon, settled);
    expect(sorted(puts)).toEqual(changed.map((n) => putOf(n, `Changed ${n}`)));
  });

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

    // Nor after a restart, with the records of files that have moved.
    await daemon.stop();
    const again = await tree.watch();
    expect(await putsBeforeMarker(tree, again, tree.sandbox.requests.length)).toEqual([]);

    const beforeMove = tree.sandbox.requests.length;
    await upstream.commit(async (dir) => {
      await upstream.git('mv', 'widgets/acme/chat.yaml', 'widgets/acme.yaml');
      writeFile(dir, 'acme.yaml', named(6, 'Moved and edited'));
    });
    await tree.serverShows(6, 'Moved and edited');
    const puts = await putsBeforeMarker(tree, again, beforeMove);
    expect(puts).toEqual([putOf(6, 'Moved and edited')]);
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
    expect(JSON.parse((await tree.command('plan', '--json')).stdout)).toMatchObject({
      changes: [],
      orphaned: [orphan],
      summary: { update: 0, orphaned: 1 },
    });

    const beforeRevert = tree.sandbox.requests.length;
    await upstream.git('revert', '--no-edit', 'HEAD');
    await upstream.publish();
    expect(await putsBeforeMarker(tree, daemon, beforeRevert)).toEqual([]);
    expect(JSON.parse((await tree.command('plan', '--json')).stdout)).toMatchObject({
      changes: [],
      orphaned: [],
    });
    expect(shown(tree.sandbox, 2)).toMatchObject(fieldsOf(2));
  });

  test('holds the widgets of broken, duplicate and suspended files, and no other, until it is mended', async () => {
    const { upstream, tree, daemon, settled } = await startCheckout(5);
    const heldNumbers = [1, 2, 3];
    const before = heldNumbers.map((n) => shown(tree.sandbox, n));

    await upstream.commit((dir) => {
      writeFile(dir, fileName(0), named(0, 'Before the held ones'));
      writeFile(dir, fileName(1), widgetFile(1, { ...fieldsOf(1, 'Broken'), header_color: 5 }));
      writeFile(dir, fileName(2), named(2, 'First of two'));
      writeFile(dir, 'copy/second.yaml', named(2, 'Second of two'));
      const suspended = { ...fieldsOf(3, 'Suspended'), sync: { suspend: true } };
      writeFile(dir, fileName(3), widgetFile(3, suspended));
      writeFile(dir, fileName(4), named(4, 'After the held ones'));
    });
    await tree.serverShows(0, 'Before the held ones');
    await tree.serverShows(4, 'After the held ones');
    // Not even when everything is sent again.
    await daemon.said('applied', 5 + 2);
    daemon.signal('SIGHUP');
    await daemon.said('applied', 5 + 2 + 2);
    const meanwhile = await putsBeforeMarker(tree, daemon, settled);
    const edited = [putOf(0, 'Before the held ones'), putOf(4, 'After the held ones')];
    expect(sorted(meanwhile.slice(0, 2))).toEqual(edited);
    expect(sorted(meanwhile.slice(2))).toEqual(edited);
    expect(heldNumbers.map((n) => shown(tree.sandbox, n))).toEqual(before);
    await expectHeldIsReported(tree, daemon);

    const beforeMending = tree.sandbox.requests.length;
    await upstream.commit((dir) => {
      writeFile(dir, fileName(1), named(1, 'Mended'));
      rmSync(join(dir, fileName(2)));
      writeFile(dir, fileName(3), named(3, 'Suspended'));
    });
    await tree.serverShows(1, 'Mended');
    await tree.serverShows(2, 'Second of two');
    await tree.serverShows(3, 'Suspended');
    const mended = await putsBeforeMarker(tree, daemon, beforeMending);
    expect(sorted(mended)).toEqual([
      putOf(1, 'Mended'),
      putOf(2, 'Second of two'),
      putOf(3, 'Suspended'),
    ]);
  });
});

async function expectHeldIsReported(tree: Tree, daemon: Daemon): Promise<void> {
  const { stdout } = await tree.command('plan', '--json');
  const { changes, held, orphaned } = JSON.parse(stdout);
  expect({ changes, orphaned }).toEqual({ changes: [], orphaned: [] });
  expect(held).toMatchObject([
    { widget_id: widgetId(2), file: 'copy/second.yaml', code: 'duplicate-id' },
    { widget_id: widgetId(1), file: fileName(1), code: 'wrong-type' },
    { widget_id: widgetId(2), file: fileName(2), code: 'duplicate-id' },
    { widget_id: widgetId(3), file: fileName(3), code: 'suspended' },
  ]);
  const naming = (file: string) => expect.stringContaining(`${file}:1`);
  for (const line of [
    { level: 'error', file: fileName(1), line: 5, code: 'wrong-type' },
    { level: 'error', file: fileName(2), code: 'duplicate-id', detail: naming('copy/second.yaml') },
    { level: 'error', file: 'copy/second.yaml', code: 'duplicate-id', detail: naming(fileName(2)) },
    { level: 'info', file: fileName(3), widget_id: widgetId(3), msg: 'suspended' },
  ]) {
    expect(daemon.log()).toContainEqual(expect.objectContaining(line));
  }
}
