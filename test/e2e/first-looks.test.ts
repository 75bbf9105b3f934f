// What a restarted daemon says of its first two passes: one from the records, one from what is live.
import { expect, test } from 'vitest';
import { openAccount } from '../support/account.ts';

test('the second look at the start says that it follows the reading, and counts the drift it corrects', async () => {
  const account = await openAccount({ live: [{}, {}, {}] });
  for (const n of [0, 1, 2]) {
    account.declare(n, { widget_type: 'chat', display_name: `Widget ${n}` });
  }
  expect((await account.quickly('apply')).code).toBe(0);
  for (const n of [0, 1]) account.edit(n, { display_name: 'By hand' });

  const daemon = await account.watchHere();
  await daemon.said('looked', 2);
  await daemon.said('applied', 2);
  const [first, second] = daemon.lines('looked');
  expect(first).toMatchObject({ trigger: 'start', update: 0, drifted: 0 });
  expect(first).not.toHaveProperty('live');
  expect(second).toMatchObject({ trigger: 'start', live: 'read', update: 2, drifted: 2 });
  await daemon.sweep();
  expect(daemon.lines('looked').at(-1)).toMatchObject({ trigger: 'signal', drifted: 0 });
  expect(daemon.lines('looked').at(-1)).not.toHaveProperty('live');
  await daemon.stop();
});

test('drift that is only reported is counted as before', async () => {
  const account = await openAccount({ live: [{}] });
  account.declare(0, { widget_type: 'chat', display_name: 'Widget' });
  expect((await account.quickly('apply')).code).toBe(0);
  account.edit(0, { display_name: 'By hand' });
  const daemon = await account.watchHere('--drift', 'report');
  await daemon.said('looked', 2);
  expect(daemon.lines('looked').at(1)).toMatchObject({ update: 0, drifted: 1 });
  await daemon.stop();
});
