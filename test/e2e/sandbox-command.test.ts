// `sandbox`: the API on loopback as a command of its own, and other commands that use it.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { runCommand, startCommand, temporaryDirectory, writeFile } from '../support/command.ts';
import { readApplyJson } from '../support/json-shapes.ts';
import { runHere, runIn, waitForOutput } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

/** Two good files, one broken, and the sandbox seeded from them, on a port of its own choice. */
async function startSeeded(...flags: string[]) {
  const root = temporaryDirectory();
  const widgets = join(root, 'widgets');
  for (const n of [1, 2]) {
    writeFile(
      widgets,
      `${n}.yaml`,
      `widget_id: ${widgetId(n)}\nwidget_type: chat\nname: seed ${n}\n`,
    );
  }
  writeFile(widgets, 'broken.yaml', 'name: [');
  const server = startCommand(['sandbox', '--port', '0', '--seed', 'widgets', ...flags], {
    cwd: root,
  });
  const [, url = ''] = await waitForOutput(
    server,
    /at (http:\/\/127\.0\.0\.1:\d+), with 2 widgets/,
  );
  const [, key = ''] = await waitForOutput(server, /Key: (in-\S+)/);
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}/api/v1/widget${path}api_key=${key}`, init);
    return { status: response.status, body: (await response.json()) as JsonObject };
  };
  return { root, widgets, server, url, key, call };
}

test('says where it is and with which key, answers, keeps its port, and stops on SIGTERM with exit code 0', async () => {
  const { root, server, url, call } = await startSeeded();
  expect(server.stderr()).toMatch(/^left out: broken\.yaml: /);

  const list = await call('?page=1&size=1&');
  expect(list).toMatchObject({
    status: 200,
    body: { data: { items: [{ id: widgetId(1) }], total: 2, page: 1, size: 1, pages: 2 } },
  });
  const one = await call(`/${widgetId(2)}?`);
  expect(one).toMatchObject({ status: 200, body: { data: { id: widgetId(2), name: 'seed 2' } } });
  const put = await call(`/${widgetId(2)}?`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ widget_type: 'sms' }),
  });
  expect(put).toMatchObject({
    status: 200,
    body: { message: 'Data updated successfully', data: { widget_type: 'sms', name: 'seed 2' } },
  });
  expect(await call(`/${widgetId(2)}?`)).toMatchObject({ body: { data: { widget_type: 'sms' } } });
  expect((await call(`/${widgetId(3)}?`)).status).toBe(404);
  expect((await fetch(`${url}/api/v1/widget`)).status).toBe(401);

  const { port } = new URL(url);
  const second = await runCommand(['sandbox', '--port', port], { cwd: root });
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toBe(
    `widget-sync: Port ${port} on 127.0.0.1 is in use. Stop what listens there, or choose another port (0 takes any free one).\n`,
  );

  server.signal('SIGTERM');
  expect(await server.finished).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('curl '),
  });
  await expect(fetch(url)).rejects.toThrow();
});

test('with --put replace sets what an update leaves out back, unless the update keeps it', async () => {
  const { widgets, url, key, call } = await startSeeded('--put', 'replace');
  const put = await call(`/${widgetId(2)}?`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ widget_type: 'sms' }),
  });
  expect(put).toMatchObject({ status: 200, body: { data: { widget_type: 'sms', name: null } } });

  writeFile(widgets, 'broken.yaml', `widget_id: ${widgetId(1)}\nwidget_type: sms\n`);
  rmSync(join(widgets, '1.yaml'));
  rmSync(join(widgets, '2.yaml'));
  const flags = ['--api-url', url, '--state', join(widgets, '.state')];
  const applied = await runHere(['apply', widgets, ...flags], { INSIGHTO_API_KEY: key });
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  const one = await call(`/${widgetId(1)}?`);
  expect(one.body['data'], 'undeclared fields survive').toMatchObject({
    widget_type: 'sms',
    name: 'seed 1',
  });
});

test('refuses a seed directory without a usable file', async () => {
  const root = temporaryDirectory();
  writeFile(root, 'widgets/broken.yaml', 'name: [');
  const { code, stdout, stderr } = await runHere(['sandbox', '--seed', join(root, 'widgets')]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/--seed .*: no usable widget file there; run validate to see why/);
});

test('takes what apply sends, from whatever working directory, named relatively or not', async () => {
  const { root, widgets, url, key, call } = await startSeeded();
  writeFile(widgets, 'broken.yaml', `widget_id: ${widgetId(3)}\nwidget_type: chat\n`);
  writeFile(widgets, '1.yaml', `widget_id: ${widgetId(1)}\nwidget_type: sms\nname: edited\n`);
  writeFile(root, 'elsewhere/deep/readme', '');
  const env = { INSIGHTO_API_KEY: key };
  const flags = ['--api-url', url];

  const deep = { cwd: join(root, 'elsewhere/deep'), env };
  const first = await runIn(deep, ['apply', '../../widgets', ...flags, '--json']);
  expect(first).toMatchObject({ code: 1, stderr: '' });
  expect(readApplyJson(first.stdout).summary).toMatchObject({ applied: 1, adopted: 1, held: 1 });
  const one = await call(`/${widgetId(1)}?`);
  expect(one.body['data']).toMatchObject({ widget_type: 'sms', name: 'edited' });
  expect(readdirSync(join(root, 'elsewhere/deep'))).toEqual(['.widget-sync', 'readme']);

  const state = 'deep/.widget-sync';
  const elsewhere = { cwd: join(root, 'elsewhere'), env };
  const again = await runIn(elsewhere, ['plan', widgets, ...flags, '--state', state]);
  expect(again).toMatchObject({ code: 1, stderr: '' });
  expect(again.stdout).toMatch(
    new RegExp(`^! ${widgets}/broken\\.yaml +\\w+ +held \\(not-in-account\\)`, 'm'),
  );
  expect(again.stdout).toMatch(/No changes\. 2 widgets are as git declares them, 1 held\./);

  writeFile(widgets, 'broken.yaml', 'name: [');
  const [relative, absolute] = await Promise.all([
    runIn(elsewhere, ['validate', '../widgets/']),
    runHere(['validate', widgets]),
  ]);
  expect(relative.stdout).toMatch(/^\.\.\/widgets\/broken\.yaml:1:\d+: error/);
  expect(absolute.stdout.startsWith(`${widgets}/broken.yaml:1:`)).toBe(true);
});
