// What the daemon says of its schedule.
import { expect, test } from 'vitest';
import { openWorkspace, said } from '../support/workspace.ts';

test('the log names the zone at the start, and the next resync in that zone', async () => {
  const { runHere } = await openWorkspace({ widgets: 0 });
  const daemon = runHere('--resync', '0 6 * * *', '--timezone', 'asia/tokyo');
  const started = await daemon.waitForLog(said('started'));
  expect(started).toMatchObject({ resync: '0 6 * * *', timezone: 'Asia/Tokyo' });
  const next = await daemon.waitForLog(said('next resync'));
  expect(next).toMatchObject({
    timezone: 'Asia/Tokyo',
    next_resync: expect.stringMatching(/^\d{4}-\d\d-\d\dT21:00:00\.000Z$/),
  });
  const inMs = Date.parse(String(next['next_resync'])) - Date.now();
  expect(inMs).toBeLessThanOrEqual(24 * 3_600_000);
});

test('each resync says when the next one is', async () => {
  const { runHere, reads } = await openWorkspace({ widgets: 1 });
  const daemon = runHere('--resync', '* * * * * *', '--timezone', 'UTC');
  const times = new Set<unknown>();
  await daemon.waitForLog((line) => {
    if (line.msg === 'next resync') times.add(line['next_resync']);
    return times.size === 3;
  });
  expect(reads().length).toBeGreaterThan(1);
});
