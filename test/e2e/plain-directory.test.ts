// Only the folder of widgets is there, as where a container is given no more than that: git's lock is not
// seen then, nor the commit, and everybody who looks is told so. Once.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { type Account, openAccount } from '../support/account.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { readApplyJson, readPlanJson, readStatusJson } from '../support/json-shapes.ts';
import { widgetId } from '../support/sandbox.ts';
import { startIn } from '../support/start-here.ts';

const fields: JsonObject = { widget_type: 'chat', display_name: 'Ava' };

async function openIn(source: 'plain' | 'checkout'): Promise<Account> {
  const account = await openAccount({
    live: [{}, {}],
    ...(source === 'plain' && { isPlain: true }),
  });
  for (const n of [0, 1]) account.declare(n, fields);
  return account;
}

const told =
  /^Note: no git checkout, so half a checkout .*mount the whole repository, with its \.git$/;

test.each(['plain', 'checkout'] as const)('plan, apply and status tell: %s', async (source) => {
  const account = await openIn(source);
  const lines = (stdout: string) => stdout.split('\n').filter((line) => told.test(line)).length;
  const expected = source === 'plain' ? 1 : 0;

  const planned = await account.quickly('plan');
  expect(planned).toMatchObject({ code: 0, stderr: '' });
  expect(lines(planned.stdout)).toBe(expected);
  const asJson = await account.quickly('plan', '--json');
  expect(asJson.stderr).toBe('');
  expect(readPlanJson(asJson.stdout)).toMatchObject({ source });

  const applied = await account.quickly('apply');
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  expect(lines(applied.stdout)).toBe(expected);
  const again = await account.quickly('apply', '--json');
  expect(again.stderr).toBe('');
  expect(readApplyJson(again.stdout).summary).toMatchObject({ unchanged: 2, source });

  const shown = await account.quickly('status');
  expect(shown.code).toBe(0);
  const line = 'Plain: no git checkout and no published link';
  expect(shown.stdout.includes(line)).toBe(source === 'plain');
  const status = await account.quickly('status', '--json');
  expect(readStatusJson(status.stdout)).toMatchObject({ source });
});

test('run warns of a plain folder once, before it sends anything, and not of a checkout', async () => {
  const [plain, checkout] = [await openIn('plain'), await openIn('checkout')];
  const daemons = [await plain.watchHere(), await checkout.watchHere()] as const;
  for (const daemon of daemons) await daemon.sweep();
  const warned = /^the directory belongs to no git checkout and to no published link$/;
  const [lines, others] = daemons.map((daemon) =>
    daemon.log().filter(({ msg }) => warned.test(msg)),
  );
  expect(lines).toMatchObject([{ level: 'warn', detail: /mount the whole repository/ }]);
  expect(others).toEqual([]);
  const order = daemons[0].log().map(({ msg }) => msg);
  expect(order.findIndex((msg) => warned.test(msg))).toBeLessThan(order.indexOf('applied'));
  for (const daemon of daemons) await daemon.stop();
  const status = await plain.quickly('status', '--json');
  expect(readStatusJson(status.stdout)).toMatchObject({ command: 'run', source: 'plain' });
});

test('who only tries it in a plain folder is told by the way', async () => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'widgets/a.yaml', `widget_id: ${widgetId(1)}\nwidget_type: chat\nname: Ava\n`);
  const demo = startIn({ cwd, env: {} }, ['run', '--sandbox', '--log-format', 'json']);
  await demo.waitForLog(({ msg }) => msg === 'applied');
  demo.signal('SIGTERM');
  await demo.finished;
  const about = demo.log().filter(({ msg }) => msg.includes('no git checkout'));
  expect(about).toMatchObject([{ level: 'info' }]);
});
