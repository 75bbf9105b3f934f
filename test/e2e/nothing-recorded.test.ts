// A runner that did not keep the state directory cannot see what was taken out of a file: it says so.
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAccount } from '../support/account.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { readApplyJson, readPlanJson } from '../support/json-shapes.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

const widget = { widget_type: 'chat', display_name: 'Ava' };
const words = /^Note: nothing is recorded of these widgets in \.widget-sync, /m;

test('plan and apply say where nothing is recorded of what is declared, and what that means', async () => {
  const account = await openAccount({ live: [{}] });
  const state = join(account.dir, '../.widget-sync');
  account.declare(0, { ...widget, bubble_text: 'Hello' });

  const first = await account.quickly('plan');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(words);
  expect(first.stdout).toContain('taken out of a file before stays live');
  expect((await account.quickly('apply')).stdout).toMatch(words);
  expect((await account.quickly('plan')).stdout).not.toMatch(words);
  expect(await account.plan()).toMatchObject({ nothing_recorded: false });

  // The field goes; a runner without the state does not see it, and says so.
  account.declare(0, widget);
  expect(await account.plan()).toMatchObject({ changes: [{ fields: [{ path: '/bubble_text' }] }] });
  renameSync(state, `${state}-kept`);
  const blind = await account.quickly('plan');
  expect(blind).toMatchObject({ code: 0, stderr: '' });
  expect(blind.stdout).toMatch(words);
  const json = await account.quickly('plan', '--json');
  expect(readPlanJson(json.stdout)).toMatchObject({ changes: [], nothing_recorded: true });
  const applied = await account.quickly('apply', '--json');
  expect(applied.code).toBe(0);
  expect(summaryOf(applied.stdout)).toMatchObject({ adopted: 1, nothing_recorded: true });
  expect(account.live(0)).toMatchObject({ ...widget, bubble_text: 'Hello' });

  // One that kept it takes the field out.
  rmSync(state, { recursive: true });
  renameSync(`${state}-kept`, state);
  const seeing = await account.quickly('apply', '--json');
  expect(summaryOf(seeing.stdout)).toMatchObject({ applied: 1, nothing_recorded: false });
  expect(account.live(0)['bubble_text'] ?? null).toBeNull();
});

function summaryOf(stdout: string): object {
  readApplyJson(stdout);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

test('records of other widgets are none of these', async () => {
  const one = await openAccount({ live: [{}, {}] });
  one.declare(1, widget);
  await one.quickly('apply');
  rmSync(join(one.dir, 'w1.yaml'));
  one.declare(0, widget);
  expect(await one.plan()).toMatchObject({ nothing_recorded: true });
});

test('a daemon says it once in its log; a sandbox has no past to miss', async () => {
  const account = await openAccount({ live: [{}] });
  account.declare(0, widget);
  const daemon = await account.watchHere();
  await daemon.sweep();
  const said = () => daemon.log().filter(({ msg }) => msg.startsWith('nothing is recorded'));
  expect(said()).toMatchObject([{ level: 'info', detail: expect.stringContaining('stays live') }]);
  await daemon.stop();

  const cwd = temporaryDirectory();
  writeFile(cwd, 'widgets/a.yaml', `widget_id: ${widgetId(0)}\nwidget_type: chat\nname: Ava\n`);
  const plan = await runIn({ cwd, env: {} }, ['plan', '--sandbox']);
  expect(plan.code).toBe(0);
  expect(plan.stdout).not.toContain('Nothing is recorded');
});

test('what waits in a suspended file is shown by plan, is not sent, and costs a read', async () => {
  const account = await openAccount({ live: [{ display_name: 'Eva' }, {}] });
  account.declare(0, widget, { suspend: true, reason: 'spring' });
  account.declare(1, widget);
  const requests = await account.requestsOf(async () => {
    const { stdout } = await account.quickly('plan');
    expect(stdout).toMatch(/^! widgets\/w0\.yaml .*: spring; what waits: \d fields$/m);
    expect(stdout).toMatch(/^ {4}~ display_name {2}"Eva" → "Ava"$/m);
  });
  expect(requests.every(({ method }) => method === 'GET')).toBe(true);
  const json = await account.quickly('plan', '--json');
  expect(readPlanJson(json.stdout).held).toMatchObject([
    {
      code: 'suspended',
      fields: expect.arrayContaining([
        { path: '/display_name', from: 'Eva', to: 'Ava', by: 'git' },
      ]),
    },
  ]);
  expect((await account.quickly('apply')).code).toBe(0);
  expect(account.live(0)).toMatchObject({ display_name: 'Eva' });
  expect(account.live(1)).toMatchObject(widget);
  const status = readFileSync(join(account.dir, '../.widget-sync/status.json'), 'utf8');
  expect(JSON.parse(status).held[0]).not.toHaveProperty('waiting');
});

test('long texts that differ as a whole are shown whole, in a pipe too', async () => {
  const text = (word: string) => `${word} `.repeat(40_000);
  const account = await openAccount({ live: [{ description: text('one') }] });
  account.declare(0, { widget_type: 'chat', description: text('two') });
  const { code, stdout } = await account.quickly('plan');
  expect(code).toBe(0);
  expect(stdout.length).toBeGreaterThan(2 * 160_000);
});
