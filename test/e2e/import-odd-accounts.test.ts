// `import` of accounts that are not as their documentation says, or hold what no file may.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Json } from '../../src/base/json/json.ts';
import { openAccount, putsOf, textOf } from '../support/account.ts';
import { temporaryDirectory } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

/** Every nothing is "", and colours are in lower case. */
function spelledItsWay(field: string, value: Json): Json {
  if (value === null) return '';
  return field.endsWith('_color') && typeof value === 'string' ? value.toLowerCase() : value;
}

test('what an API turns null into "" is imported, asks for nothing, and differs from no file', async () => {
  const account = await openAccount({
    live: [
      { widget_type: 'chat', name: 'Ava', header_color: '#abc' },
      { widget_type: 'sms' },
      { widget_type: null, name: 'Cleo' },
    ],
    normalise: spelledItsWay,
  });
  account.declare(1, { widget_type: 'sms', org_id: null, bubble_text: null, header_color: '#ABC' });
  const before = textOf(account.dir, 'w1.yaml');
  expect(await account.quickly('apply')).toMatchObject({ code: 0 });

  const imported = await account.quickly('import', '--update');
  expect([imported.code, imported.stdout]).toEqual([
    0,
    'created widgets/ava.yaml\ncreated widgets/cleo.yaml\n\n2 files created, 1 unchanged.\n',
  ]);
  expect(textOf(account.dir, 'w1.yaml')).toBe(before);
  expect(textOf(account.dir, 'ava.yaml').split('\n').slice(2)).toEqual([
    'widget_type: chat',
    'name: Ava',
    'header_color: "#abc"',
    '',
  ]);
  // Without a type it stays so, in the one spelling that a file can give.
  expect(textOf(account.dir, 'cleo.yaml').split('\n')[2]).toBe('widget_type: null');
  expect(await account.quickly('validate')).toMatchObject({ code: 0 });
  const plan = await account.quickly('plan');
  expect(plan.stdout).toContain('\nPlan: 2 to adopt, 1 unchanged (3 widgets)\n');
  const requests = await account.requestsOf(() => account.quickly('apply'));
  expect(putsOf(requests)).toEqual([]);
});

test('a widget that is named after the API key becomes no file', async () => {
  const key = 'in-Shop-2026-secret-7';
  const account = await openAccount({
    live: [
      { widget_type: 'chat', name: key },
      { widget_type: 'chat', name: 'Bea' },
    ],
  });
  const where = { cwd: join(account.dir, '..'), env: { INSIGHTO_API_KEY: key, NO_PROXY: '*' } };
  const flags = ['--api-url', account.sandbox.url, '--rate', '2000/s'];
  const { code, stdout, stderr } = await runIn(where, ['import', ...flags]);
  expect(readdirSync(account.dir)).toEqual(['bea.yaml']);
  expect(stdout).toContain(`skipped widget ${widgetId(0)}: the API key stands in name of the live`);
  expect(`${stdout}${stderr}`.toLowerCase()).not.toContain(key.toLowerCase());
  expect(code).toBe(1);
});

test('a listing that is shorter than the API counts is not taken for the whole account', async () => {
  const items = [{ id: widgetId(0), widget_type: 'chat', name: 'Ava' }];
  const page = { items, total: 3, page: 1, size: 100, pages: 1 };
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    const isOne = request.url?.includes(widgetId(0)) ?? false;
    const data = isOne ? items[0] : { ...page, previous_page: null, next_page: null };
    response.end(JSON.stringify({ message: null, meta: {}, data }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  const where = { cwd: temporaryDirectory(), env: { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' } };
  const flags = ['--api-url', `http://127.0.0.1:${port}`, '--rate', '2000/s'];
  const { code, stdout, stderr } = await runIn(where, ['import', ...flags]);
  expect(stdout).toContain('1 file created');
  expect(stderr).toContain('the account has 2 more widgets that the API did not list or give');
  expect(code).toBe(1);
});
