// Records of widgets that no file declares go when a person says so, beside a daemon and without one. The
// widgets stay, and a file that comes back is new.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFile } from '../support/command.ts';
import { readExplainJson, readForgetJson, readHistoryJson } from '../support/json-shapes.ts';
import { runHere } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import {
  askEveryMs,
  generousMs,
  openWorkspace,
  said,
  type Workspace,
  writesOf,
} from '../support/workspace.ts';

const polled = ['--watch', 'poll', '--poll-interval', '100ms'];

async function applied(widgets: number): Promise<Workspace> {
  const workspace = await openWorkspace({ widgets });
  expect((await workspace.quickly('apply')).code).toBe(0);
  return workspace;
}

function look({ cwd }: Workspace, command: string, ...words: string[]) {
  return runHere([command, ...words, '--state', join(cwd, '.widget-sync')]);
}

function recorded({ cwd }: Workspace): string[] {
  return readdirSync(join(cwd, '.widget-sync/widgets')).sort();
}

const recordOf = (n: number) => `${widgetId(n)}.json`;

async function reasons(workspace: Workspace, n: number): Promise<unknown[]> {
  const { stdout } = await look(workspace, 'history', '--json', '--widget', widgetId(n));
  return readHistoryJson(stdout).map(({ reason }) => reason);
}

test('without a daemon the record of a widget goes once its file is gone', async () => {
  const workspace = await applied(3);
  const declared = await look(workspace, 'forget', 'w0.yaml');
  expect(declared).toMatchObject({ code: 1, stdout: '' });
  expect(declared.stderr).toBe(
    `widget-sync: ${widgetId(0)} is not forgotten: w0.yaml declares it: take the file away first\n`,
  );
  rmSync(join(workspace.cwd, 'widgets/w0.yaml'));
  const puts = workspace.writes().length;
  const { code, stdout, stderr } = await look(workspace, 'forget', 'w0.yaml');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(
    `Forgot w0.yaml (${widgetId(0)}); the widget stays as it is in the account.\n`,
  );
  expect(recorded(workspace)).toEqual([recordOf(1), recordOf(2)]);
  expect(await reasons(workspace, 0)).toEqual(['new', 'forgotten']);
  expect(workspace.sandbox.widget(widgetId(0))?.['display_name']).toBe('first');
  expect(workspace.writes()).toHaveLength(puts);

  const unknown = await look(workspace, 'forget', 'w0.yaml');
  expect(unknown).toMatchObject({ code: 1, stdout: '' });
  expect(unknown.stderr).toMatch(/^widget-sync: nothing is recorded of a widget with .* w0\.yaml/);
});

test('beside a daemon the daemon does it, and a file that comes back is new', async () => {
  const workspace = await openWorkspace({ widgets: 3 });
  const { cwd, write, sandbox } = workspace;
  const daemon = workspace.runHere(...polled);
  for (const n of [0, 1, 2]) await daemon.waitForLog(said('applied', n));
  const declared = await look(workspace, 'forget', widgetId(0), 'w1.yaml', '--json');
  expect(declared.code).toBe(1);
  expect(readForgetJson(declared.stdout)).toMatchObject({
    forgotten: [],
    refused: [{ file: 'w0.yaml', why: 'w0.yaml declares it: take the file away first' }, {}],
  });

  // A broken file in its place may declare it.
  writeFile(cwd, 'widgets/w1.yaml', 'name: "open\n');
  rmSync(join(cwd, 'widgets/w0.yaml'));
  const orphans = async () =>
    JSON.parse((await look(workspace, 'status', '--json')).stdout).orphaned.length;
  await expect.poll(orphans, { timeout: generousMs, interval: askEveryMs }).toBe(1);
  const both = await look(workspace, 'forget', 'w0.yaml', 'w1.yaml', '--json');
  expect(both.code).toBe(1);
  expect(readForgetJson(both.stdout)).toMatchObject({
    forgotten: [{ widget_id: widgetId(0), file: 'w0.yaml' }],
    refused: [{ widget_id: widgetId(1) }],
  });
  expect(recorded(workspace)).toEqual([recordOf(1), recordOf(2)]);
  expect(readdirSync(join(cwd, '.widget-sync/orders'))).toEqual([]);
  await daemon.waitForLog(said('forgotten', 0));
  await expect.poll(orphans, { timeout: generousMs, interval: askEveryMs }).toBe(0);
  expect((await look(workspace, 'explain', widgetId(0))).code).toBe(2);

  const before = writesOf(sandbox).length;
  write(0, 'again');
  await workspace.arrival(0, 'again');
  await expect.poll(() => reasons(workspace, 0)).toEqual(['new', 'forgotten', 'new']);
  expect(writesOf(sandbox)).toHaveLength(before + 1);
  const explained = await look(workspace, 'explain', 'w0.yaml', '--json');
  expect(readExplainJson(explained.stdout).live).toMatchObject({ came_by: 'write' });
});

test('all orphans are shown first, and go with --yes', async () => {
  const workspace = await applied(3);
  const none = await look(workspace, 'forget', '--orphans');
  expect(none).toMatchObject({
    code: 0,
    stdout: 'No widget is without a file, as of the last pass.\n',
  });
  for (const n of [0, 2]) rmSync(join(workspace.cwd, `widgets/w${n}.yaml`));
  expect((await workspace.quickly('apply')).code).toBe(0);
  const shown = await look(workspace, 'forget', '--orphans');
  expect(shown.code).toBe(2);
  expect(shown.stdout).toBe(
    [
      '2 widgets without a file would be forgotten; they stay as they are in the account:',
      `  w0.yaml (${widgetId(0)})`,
      `  w2.yaml (${widgetId(2)})`,
      `Nothing is forgotten yet: widget-sync forget --orphans --yes --state ${join(workspace.cwd, '.widget-sync')} --api-url ${workspace.sandbox.url} does it.`,
      '',
    ].join('\n'),
  );
  const json = await look(workspace, 'forget', '--orphans', '--json');
  expect(readForgetJson(json.stdout)).toMatchObject({ would_forget: [{}, {}], forgotten: [] });
  expect(recorded(workspace)).toHaveLength(3);

  expect((await look(workspace, 'forget', '--orphans', '--yes')).code).toBe(0);
  expect(recorded(workspace)).toEqual([recordOf(1)]);
  expect((await look(workspace, 'status')).stdout).not.toContain('ORPHANED');
  for (const n of [0, 2]) expect(await reasons(workspace, n)).toEqual(['new', 'forgotten']);
});

test.each([
  [[], 'name the widgets to forget, or give --orphans'],
  [['w0.yaml', '--orphans'], 'name the widgets to forget, or give --orphans'],
  [['first'], 'first means 2 widgets, name each by its id: w0.yaml (00000000), w1.yaml'],
])('%j is refused', async (words, message) => {
  const workspace = await applied(2);
  const { code, stdout, stderr } = await look(workspace, 'forget', ...words);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(message);
  expect(recorded(workspace)).toHaveLength(2);
});
