// What the API keeps or shows otherwise than it was sent: every command says so for as long as it is so,
// over restarts too, and none writes again for it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../src/base/json/json.ts';
import { type Account, openAccount, putsOf } from '../support/account.ts';
import { readApplyJson, readPlanJson, readStatusJson } from '../support/json-shapes.ts';

const widget: JsonObject = { widget_type: 'chat', display_name: 'Ava', header_color: '#1F2937' };

function stateOf({ dir }: Account): string {
  return join(dirname(dir), '.widget-sync');
}

/** An hour later, as the records have it: reads then come too late to lag behind the last write. */
function anHourPasses(account: Account): void {
  const records = join(stateOf(account), 'widgets');
  for (const name of readdirSync(records)) {
    const record = JSON.parse(readFileSync(join(records, name), 'utf8'));
    const appliedAt = new Date(Date.parse(record.applied_at) - 3_600_000).toISOString();
    writeFileSync(join(records, name), JSON.stringify({ ...record, applied_at: appliedAt }));
  }
}

/** What `apply --json` says, and whether it has written. */
async function applied(account: Account) {
  const results: ReturnType<typeof readApplyJson>[] = [];
  const requests = await account.requestsOf(async () => {
    results.push(readApplyJson((await account.quickly('apply', '--json')).stdout));
  });
  const [result] = results;
  if (result === undefined) throw new Error('it has ended');
  return { ...result, puts: putsOf(requests).length };
}

test('a value that did not stick is in every result until a read agrees', async () => {
  const account = await openAccount({ live: [{ header_color: 'red' }], drop: ['header_color'] });
  account.declare(0, widget);
  const field = { path: '/header_color', sent: '#1F2937', kept: 'red' };
  const first = await applied(account);
  expect(first.outcomes).toMatchObject([{ status: 'applied', kept: [field] }]);
  expect(first.summary).toMatchObject({ applied: 1, kept: 1 });
  const statusFile = () => JSON.parse(readFileSync(join(stateOf(account), 'status.json'), 'utf8'));
  expect(statusFile().kept).toMatchObject([{ file: 'w0.yaml', fields: [field] }]);

  anHourPasses(account);
  const later = await applied(account);
  expect(later).toMatchObject({ puts: 0, outcomes: [], summary: { unchanged: 1, kept: 1 } });
  const state = [{ file: 'w0.yaml', fields: [field] }];
  expect(later.kept).toMatchObject(state);
  expect(readPlanJson((await account.quickly('plan', '--json')).stdout).kept).toMatchObject(state);
  const offline = await account.quickly('plan', '--json', '--live', 'off');
  expect(readPlanJson(offline.stdout).kept).toMatchObject(state);
  const { stdout } = await account.quickly('plan');
  expect(stdout).toMatch(
    /^≈ widgets\/w0\.yaml .* the API keeps 1 field otherwise than sent, since /m,
  );
  expect(stdout).toContain('    ~ header_color  "#1F2937" → "red"\n');
  expect(stdout).toContain('No changes. 1 kept otherwise by the API.\n');
  const status = await account.quickly('status', '--json');
  expect(status.code).toBe(0);
  expect(readStatusJson(status.stdout).kept).toMatchObject(state);
  expect((await account.quickly('status')).stdout).toMatch(
    /w0\.yaml .*header_color "#1F2937" → "red"$/m,
  );

  const daemon = await account.watchHere();
  await daemon.said('the API kept another value', 1);
  for (let resync = 0; resync < 2; resync += 1) await daemon.sweep();
  expect(daemon.complaints()).toMatchObject([{ file: 'w0.yaml', field: '/header_color' }]);
  account.edit(0, { header_color: '#1F2937' });
  await daemon.sweep();
  await daemon.said('the API keeps what was sent after all', 1);
  await daemon.stop();
  expect(statusFile().kept).toEqual([]);
  expect(await applied(account)).toMatchObject({ puts: 0, kept: [], summary: { kept: 0 } });
});

test('what was not set back is in the results of a forced write as in the plan, since the same time', async () => {
  const account = await openAccount({ live: [{ bubble_text: 'Hi' }], drop: ['bubble_text'] });
  account.declare(0, { ...widget, bubble_text: 'Hi' });
  await applied(account);
  account.declare(0, widget);
  await applied(account);
  anHourPasses(account);
  const planned = async () => readPlanJson((await account.quickly('plan', '--json')).stdout).kept;
  const [before] = await planned();
  const fields = [{ path: '/bubble_text', sent: null, kept: 'Hi' }];
  expect(before).toMatchObject({ file: 'w0.yaml', fields });

  const forced = readApplyJson((await account.quickly('apply', '--json', '--force')).stdout);
  expect(forced.outcomes).toMatchObject([{ status: 'applied', kept: fields }]);
  expect(forced.summary).toMatchObject({ applied: 1, kept: 1 });
  const status = async () => readStatusJson((await account.quickly('status', '--json')).stdout);
  expect((await status()).kept).toEqual([before]);
  expect(await planned()).toEqual([before]);
  const { stdout } = await account.quickly('apply', '--force');
  expect(stdout).toContain(
    '\n  note the API kept 1 field otherwise than sent:\n    ~ bubble_text  null → "Hi"\n',
  );
  expect((await status()).kept).toEqual([before]);
});

test('apply shows a value that was never sent as the plan shows it', async () => {
  const normalise = (field: string, value: Json) =>
    field === 'attributes' && isJsonObject(value) ? { ...value, 'of the API': 1 } : value;
  const account = await openAccount({ live: [{}], normalise });
  account.declare(0, { ...widget, attributes: { ours: 1 } });
  const { stdout } = await account.quickly('apply');
  const line = '    + attributes["of the API"]  1\n';
  expect(stdout).toContain(`\n  note the API kept 1 field otherwise than sent:\n${line}`);
  expect(stdout).not.toContain('undefined');
  expect((await account.quickly('plan')).stdout).toContain(line);
});

test('an API that respells what it confirmed is written once more, and never again', async () => {
  const faults = { rules: [{ kind: 'respell' as const }] };
  const account = await openAccount({ live: [{}], faults });
  account.declare(0, widget);
  const puts: number[] = [];
  for (let pass = 0; pass < 6; pass += 1) {
    puts.push((await applied(account)).puts);
    anHourPasses(account);
  }
  expect(puts).toEqual([1, 1, 0, 0, 0, 0]);
  const fields = [
    { path: '/display_name', sent: 'Ava', kept: 'ava', spelling: true },
    { path: '/header_color', sent: '#1F2937', kept: '#1f2937', spelling: true },
  ];
  expect((await applied(account)).kept).toMatchObject([{ file: 'w0.yaml', fields }]);
  const { stdout } = await account.quickly('plan');
  expect(stdout).toContain('"Ava" → "ava"  (another spelling, as two reads have shown)\n');

  // From now on the first read tells of every edit.
  account.declare(0, { ...widget, display_name: 'Ada' });
  expect((await applied(account)).puts).toBe(1);
  anHourPasses(account);
  expect(await applied(account)).toMatchObject({ puts: 0, outcomes: [], summary: { drifted: 0 } });
  expect(account.live(0)).toMatchObject({ display_name: 'Ada' });
});
