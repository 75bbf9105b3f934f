// A pass that would change more widgets than is allowed, and the one way past that.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isJsonObject } from '../../src/base/json/json.ts';
import { readApplyJson } from '../support/json-shapes.ts';
import { widgetId } from '../support/sandbox.ts';
import {
  fileName,
  named,
  numbers,
  patienceMs,
  shown,
  startTree,
  type Tree,
} from '../support/watched-tree.ts';
import { askEveryMs } from '../support/workspace.ts';

async function appliedTree(widgets: number): Promise<Tree> {
  const tree = await startTree({ widgets });
  expect((await tree.quickly('apply')).code).toBe(0);
  return tree;
}

function editAll(tree: Tree, widgets: number, name: string): void {
  for (const n of numbers(widgets)) tree.write(fileName(n), named(n, `${name} ${n}`));
}

test('apply refuses what is too much, and applies exactly the plan whose checksum it is given', async () => {
  const tree = await appliedTree(4);
  const before = tree.puts().length;
  editAll(tree, 3, 'Edited');
  const refused = await tree.quickly('apply', '--max-changes', '50%');
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/Refused \(too-many-changes\): 3 widgets .* allows 2: nothing is/);
  const sum = /--checksum ([0-9a-f]{64})/.exec(refused.stdout)?.[1] ?? '';
  const planned = await tree.quickly('plan', '--max-changes', '2', '--json');
  expect(JSON.parse(planned.stdout)).toMatchObject({
    checksum: sum,
    refused: { code: 'too-many-changes', changes: 3, most: 2, checksum: sum },
  });
  const told = await tree.quickly('apply', '--max-changes', '2', '--json');
  expect(readApplyJson(told.stdout)).toMatchObject({
    refused: { code: 'too-many-changes', checksum: sum },
    outcomes: [],
    summary: { applied: 0, adopted: 0, unchanged: 1 },
  });

  // A plan that somebody has changed since is another one.
  tree.write(fileName(3), named(3, 'Smuggled in'));
  const other = await tree.quickly('apply', '--checksum', sum);
  expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining('Refused (other-plan)') });
  expect(tree.puts().slice(before)).toEqual([]);

  tree.write(fileName(3), named(3, 'Widget 3'));
  expect((await tree.quickly('apply', '--max-changes', '2', '--checksum', sum)).code).toBe(0);
  expect(tree.puts().slice(before)).toHaveLength(3);
  const bad = await tree.quickly('apply', '--checksum', 'abc');
  expect(bad).toMatchObject({ code: 1, stdout: '' });
});

test('apply sends nothing where it cannot keep what a person has let through', async () => {
  const tree = await appliedTree(2);
  editAll(tree, 2, 'Edited');
  const before = tree.puts().length;
  const { checksum } = JSON.parse((await tree.quickly('plan', '--json')).stdout);
  mkdirSync(join(tree.root, '.widget-sync/admitted.json/in-the-way'), { recursive: true });
  const applied = await tree.quickly('apply', '--checksum', checksum);
  expect(applied).toMatchObject({ code: 1, stderr: expect.stringContaining('admitted.json') });
  expect(tree.puts().slice(before)).toEqual([]);
});

test('the daemon waits until exactly the refused plan is approved', async () => {
  const tree = await appliedTree(4);
  const before = tree.puts().length;
  const daemon = await tree.watchHere('--max-changes', '2');
  editAll(tree, 3, 'Edited');
  const refusal = await daemon.waitForLog(
    ({ msg }) => msg === 'refused: too many changes',
    patienceMs,
  );
  expect(refusal).toMatchObject({ level: 'error', code: 'too-many-changes', changes: 3, most: 2 });
  const sum = String(refusal['checksum']);
  await expect
    .poll(
      async () => JSON.parse((await tree.quickly('status', '--json')).stdout).refused_checksum,
      {
        timeout: patienceMs,
        interval: askEveryMs,
      },
    )
    .toBe(sum);
  expect((await tree.quickly('status')).stdout).toContain(`apply --checksum ${sum}`);

  const wrong = await tree.quickly('apply', '--checksum', 'f'.repeat(64));
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining(sum) });
  expect(tree.puts().slice(before)).toEqual([]);

  const approved = await tree.quickly('apply', '--checksum', sum);
  expect(approved).toMatchObject({ code: 0, stdout: expect.stringContaining('Approved') });
  for (const n of numbers(3)) await tree.serverShows(n, `Edited ${n}`);
  expect(tree.puts().slice(before)).toHaveLength(3);
  await daemon.waitForLog(({ msg }) => msg === 'no plan is refused any longer', patienceMs);
  expect(shown(tree.sandbox, 3)).toMatchObject({ display_name: 'Widget 3' });

  await expect
    .poll(async () => JSON.parse((await tree.quickly('status', '--json')).stdout).blocked, {
      timeout: patienceMs,
      interval: askEveryMs,
    })
    .toBeNull();
  const late = await tree.quickly('apply', '--checksum', sum);
  expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing to approve') });
});

test('the daemon refuses, and applies once it is approved, exactly what plan shows, also in a large account', async () => {
  // More than a page: what is live of the others is read only because a person is to be asked.
  const tree = await startTree({ widgets: 105 });
  expect((await tree.quickly('apply')).code).toBe(0);
  const daemon = await tree.watchHere('--max-changes', '1', '--drift', 'report');
  await daemon.waitForLog(({ msg, live }) => msg === 'looked' && live === 'read', patienceMs);
  const before = tree.puts().length;
  tree.sandbox.edit(widgetId(9), { header_color: '#000000' });
  for (const n of [0, 1]) tree.write(fileName(n), named(n, `Edited ${n}`));
  const refusal = await daemon.waitForLog(
    ({ msg }) => msg === 'refused: too many changes',
    patienceMs,
  );
  expect(refusal['first']).toEqual([
    `${fileName(0)} (edited): display_name`,
    `${fileName(1)} (edited): display_name`,
  ]);
  const planned = await tree.quickly('plan', '--drift', 'report', '--json');
  expect(JSON.parse(planned.stdout)).toMatchObject({
    checksum: refusal['checksum'],
    drifted: [{ widget_id: widgetId(9) }],
  });
  // The status is written a moment after the line.
  const waitsFor = async () =>
    JSON.parse((await tree.quickly('status', '--json')).stdout).refused_checksum;
  await expect
    .poll(waitsFor, { timeout: patienceMs, interval: askEveryMs })
    .toBe(refusal['checksum']);
  expect((await tree.quickly('apply', '--checksum', String(refusal['checksum']))).code).toBe(0);
  for (const n of [0, 1]) await tree.serverShows(n, `Edited ${n}`);
  expect(tree.puts().slice(before)).toHaveLength(2);
});

test('what the API refused does not count again, neither after a signal nor after a restart', async () => {
  let isStrict = true;
  const tree = await startTree({
    widgets: 3,
    onRequest: ({ method, body }) => {
      const name = isJsonObject(body) ? String(body['display_name']) : '';
      const isRefused = isStrict && method === 'PUT' && name.startsWith('Bad');
      return isRefused ? { kind: 'answer', status: 409 } : undefined;
    },
  });
  expect((await tree.quickly('apply')).code).toBe(0);
  let daemon = await tree.watchHere('--max-changes', '1');
  for (const n of [0, 1]) {
    tree.write(fileName(n), named(n, `Bad ${n}`));
    await daemon.said('failed', n + 1);
  }
  daemon.signal('SIGHUP');
  await daemon.said('failed', 4);
  await daemon.stop();
  daemon = await tree.watchHere('--max-changes', '1');
  await daemon.said('failed', 2);
  isStrict = false;
  daemon.signal('SIGHUP');
  for (const n of [0, 1]) await tree.serverShows(n, `Bad ${n}`);
  expect(daemon.lines('refused: too many changes')).toEqual([]);
});
