// An API that has moved: who waits for the answer is told at once, and the daemon waits for it to be back.
import { expect, test } from 'vitest';
import { openAccount, putsOf } from '../support/account.ts';

const moved = { kind: 'redirect', status: 308, to: 'https://api.example' } as const;
const words =
  'The API answered 308 Permanent Redirect to api.example. Redirects are not followed: check --api-url';

// Once, each request was repeated for half a minute.
test.each([
  { command: 'plan', flags: [], requests: 1, shown: 'stderr' },
  { command: 'apply', flags: [], requests: 1, shown: 'stderr' },
  { command: 'apply', flags: ['--live', 'off'], requests: 2, shown: 'stdout' },
] as const)('$command $flags says at once that it has moved for good', async (asked) => {
  const account = await openAccount({ live: [{}, {}], faults: { rules: [moved] } });
  for (const n of [0, 1]) account.declare(n, { widget_type: 'chat', display_name: `Widget ${n}` });
  const requests = await account.requestsOf(async () => {
    const finished = await account.quickly(asked.command, ...asked.flags);
    expect(finished.code).toBe(1);
    expect(finished[asked.shown]).toContain(words);
  });
  expect(requests).toHaveLength(asked.requests);
});

test('an edit of which the daemon was told so is sent once the API is back', async () => {
  const account = await openAccount({ live: [{}] });
  account.declare(0, { widget_type: 'chat', display_name: 'Ava' });
  const daemon = await account.watchHere('--live', 'off');
  account.sandbox.setFaults([{ ...moved, method: 'PUT', times: 2 }]);
  const requests = await account.requestsOf(async () => {
    account.declare(0, { widget_type: 'chat', display_name: 'Ben' });
    await daemon.said('applied', 2);
  });
  expect(putsOf(requests)).toHaveLength(3);
  expect(account.live(0)).toMatchObject({ display_name: 'Ben' });
  await daemon.stop();
});
