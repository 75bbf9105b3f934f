// A widget that was deleted in the dashboard, and whose file is gone too: nobody is to hear of it for ever.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { type Account, countKinds, openAccount, textOf, times } from '../support/account.ts';
import { readPlanJson, readStatusJson } from '../support/json-shapes.ts';
import { widgetId } from '../support/sandbox.ts';

const widget = (n: number): JsonObject => ({ widget_type: 'chat', display_name: `Widget ${n}` });
const one = { widget_id: widgetId(1), file: 'w1.yaml' };

async function openApplied(): Promise<Account> {
  const account = await openAccount({ live: times(3, widget) });
  for (const n of [0, 1, 2]) account.declare(n, widget(n));
  expect((await account.quickly('apply')).code).toBe(0);
  return account;
}

async function orphanedIn(account: Account): Promise<unknown> {
  const { stdout } = await account.quickly('status', '--json');
  return readStatusJson(stdout).orphaned;
}

test('run lists an orphan until the account has it no longer, and says so once, over restarts too', async () => {
  const account = await openApplied();
  const daemon = await account.watchHere();
  rmSync(join(account.dir, 'w1.yaml'));
  await daemon.said('orphaned: no file declares it now; it stays as it is', 1);
  await daemon.sweep();
  const goodbye = 'no longer orphaned: the account does not have it any more either';
  expect(daemon.lines(goodbye)).toEqual([]);

  account.sandbox.remove(widgetId(1));
  for (let sweep = 0; sweep < 2; sweep += 1) await daemon.sweep();
  expect(daemon.lines(goodbye)).toMatchObject([{ level: 'info', ...one }]);
  // Nor is it asked for any more.
  const quiet = await account.requestsOf(() => daemon.sweep());
  expect(countKinds(quiet)).toEqual({ list: 1, get: 1, put: 0 });
  await daemon.stop();
  expect(await orphanedIn(account)).toEqual([]);

  const again = await account.watchHere();
  await again.sweep();
  expect([...again.lines(goodbye), ...again.complaints()]).toEqual([]);
  await again.stop();
});

test('plan says it until apply has recorded it, and both are silent after that', async () => {
  const account = await openApplied();
  rmSync(join(account.dir, 'w1.yaml'));
  account.sandbox.remove(widgetId(1));
  const told = /w1\.yaml +\S+ +gone from the account too: no longer listed\n/;
  for (const command of ['plan', 'apply'] as const) {
    const { code, stdout } = await account.quickly(command);
    expect(code).toBe(0);
    expect(stdout).toMatch(told);
    expect(stdout).not.toContain('orphaned');
  }
  const { stdout } = await account.quickly('plan', '--json');
  expect(readPlanJson(stdout)).toMatchObject({ gone: [], orphaned: [], summary: { orphaned: 0 } });
  expect((await account.quickly('apply', '--live', 'off')).stdout).not.toMatch(/orphaned|gone/);
  expect(await orphanedIn(account)).toEqual([]);
});

test('one that the account has after all is an orphan again, and one whose file is back is no news', async () => {
  const account = await openApplied();
  const text = textOf(account.dir, 'w1.yaml');
  rmSync(join(account.dir, 'w1.yaml'));
  account.sandbox.remove(widgetId(1));
  await account.quickly('apply');
  account.sandbox.seed([{ widgetId: widgetId(1), fields: widget(1) }]);
  expect(await account.plan()).toMatchObject({ orphaned: [one], gone: [] });
  await account.quickly('apply');
  expect((await account.quickly('plan', '--live', 'off')).stdout).toContain('1 orphaned');

  writeFileSync(join(account.dir, 'w1.yaml'), text);
  expect(await account.plan()).toMatchObject({
    changes: [],
    orphaned: [],
    summary: { unchanged: 3 },
  });
});
