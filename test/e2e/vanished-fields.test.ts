// Fields that disappear from the API's answers: news of the API, and nobody's drift.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { openAccount, putsOf, times } from '../support/account.ts';

const widget: JsonObject = { widget_type: 'chat', display_name: 'Ava', bubble_text: 'Ask me' };

test('a field that vanishes is told once, and nothing is written for it', async () => {
  const account = await openAccount({ live: times(3, () => widget) });
  for (const n of [0, 1, 2]) account.declare(n, widget);
  const daemon = await account.watchHere();
  account.sandbox.setFaults([{ kind: 'omit', field: 'bubble_text' }]);
  const requests = await account.requestsOf(async () => {
    for (let resync = 0; resync < 3; resync += 1) await daemon.sweep();
  });
  expect(putsOf(requests)).toEqual([]);
  expect(daemon.complaints()).toMatchObject([
    {
      level: 'warn',
      msg: 'the API speaks of widgets otherwise than this version knows',
      field: 'bubble_text',
      kind: 'missing',
      detail: expect.stringContaining('3 widgets declare it'),
    },
  ]);

  // What a person changes beside it is drift as ever.
  account.edit(1, { display_name: 'Eva' });
  const correction = await account.requestsOf(() => daemon.sweep());
  expect(putsOf(correction)).toHaveLength(1);
  expect(account.live(1)).toMatchObject(widget);
  await daemon.stop();

  const { stdout } = await account.quickly('plan');
  expect(stdout).toMatch(
    /w0\.yaml .* no longer in the API's answers, and left as applied: bubble_text/,
  );
  expect(stdout).toContain('No changes.');
  const { code, stderr } = await account.quickly('apply', '--json');
  expect(code).toBe(0);
  expect(stderr).toContain('"kind":"missing"');
});

test('a field that no answer ever has is written once', async () => {
  const faults = { rules: [{ kind: 'omit', field: 'bubble_text' }] } as const;
  const account = await openAccount({ live: [{}], faults });
  account.declare(0, widget);
  const requests = await account.requestsOf(async () => {
    for (let time = 0; time < 3; time += 1) await account.quickly('apply');
  });
  expect(putsOf(requests)).toHaveLength(1);
  expect(account.live(0)).toMatchObject(widget);
});
