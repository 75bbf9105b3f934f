// Beside a daemon that waits for a person's yes.
import { expect, test } from 'vitest';
import { readApplyJson } from '../support/json-shapes.ts';
import { fileName, named, patienceMs, startTree } from '../support/watched-tree.ts';
import { askEveryMs } from '../support/workspace.ts';

test('apply names the plan that the daemon waits to have approved, and how to approve it', async () => {
  const tree = await startTree({ widgets: 3 });
  expect((await tree.quickly('apply')).code).toBe(0);
  const daemon = await tree.watchHere('--max-changes', '1');
  const before = await tree.quickly('apply');
  const holder = / is in use by process \d+ .*directory\n$/;
  expect(before.stderr).toMatch(holder);
  const [inUse = ''] = / is in use by process \d+ /.exec(before.stderr) ?? [];
  expect(before.stderr).not.toContain('--checksum');

  for (const n of [0, 1, 2]) tree.write(fileName(n), named(n, `Edited ${n}`));
  const refused = await daemon.waitForLog(
    ({ msg }) => msg === 'refused: too many changes',
    patienceMs,
  );
  const hint = `apply --checksum ${refused['checksum']} approves it`;
  // The status is written a moment after the line.
  await expect
    .poll(async () => (await tree.quickly('apply')).stderr, {
      timeout: patienceMs,
      interval: askEveryMs,
    })
    .toContain(hint);
  const { code, stderr } = await tree.quickly('apply');
  expect(code).toBe(1);
  expect(stderr).toContain(inUse);

  const sum = String(refused['checksum']);
  const approved = await tree.quickly('apply', '--checksum', sum, '--json');
  expect(approved).toMatchObject({ code: 0, stderr: '' });
  expect(readApplyJson(approved.stdout)).toMatchObject({
    approved: { checksum: sum },
    outcomes: [],
    summary: { applied: 0 },
  });
  for (const n of [0, 1, 2]) await tree.serverShows(n, `Edited ${n}`);

  const elsewhere = await tree.quickly(
    'apply',
    '--checksum',
    sum,
    '--api-url',
    'http://127.0.0.1:9',
  );
  expect(elsewhere).toMatchObject({ code: 1, stdout: '' });
  expect(elsewhere.stderr).toContain(`belongs to ${tree.sandbox.url}, not to http://127.0.0.1:9`);
});
