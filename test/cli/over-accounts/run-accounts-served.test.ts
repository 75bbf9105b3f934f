// One process for several accounts, as those who look at it meet it: its pages, metrics, messages and log, and
// the commands that look at its state.
import { EventEmitter, once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { forgetSecrets } from '../../../src/base/secrets.ts';
import { startServer } from '../../api/loopback.ts';
import { notifyDirectory, signingSecret } from '../../observe/notify/messages.ts';
import { ask, listenTo } from '../../support/ask-over-wire.ts';
import { readAccountsStatusJson } from '../../support/json-shapes.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';
import { openSomeAccounts } from '../../support/some-accounts.ts';
import { startHere } from '../../support/start-here.ts';
import { allTextBelow, generousMs } from '../../support/workspace.ts';

const env = { NO_PROXY: '*' };
const fileChecks = ['--watch', 'poll', '--poll-interval', '50ms'];

/** Takes what a webhook and a chat are told. */
async function openTargets() {
  const files = notifyDirectory();
  const arrivals = new EventEmitter();
  const { baseUrl, received } = await startServer((response) => {
    response.end('ok');
    arrivals.emit('one');
  });
  files.write('hook', `${baseUrl}/hook`);
  files.write('chat', `${baseUrl}/chat`);
  files.write('secret', signingSecret);
  const events = 'events: [widgets.applied]';
  files.write(
    'notify.yaml',
    `targets:\n  - { to: webhook, url_file: hook, secret_file: secret, ${events} }\n  - { to: slack, url_file: chat, ${events} }\n`,
  );
  onTestFinished(forgetSecrets);
  return {
    path: files.path,
    received,
    async until(count: number) {
      while (received.length < count) await once(arrivals, 'one');
    },
  };
}

test('tells of each account by its name, on its pages, in messages, metrics, the log and the state', async () => {
  const refused = { kind: 'answer', status: 401, body: { detail: 'no such key' } } as const;
  const accounts = await openSomeAccounts(['one', 'two', 'shut'], {
    sandbox: (name) => ({ onRequest: () => (name === 'shut' ? refused : undefined) }),
  });
  const targets = await openTargets();
  const words = ['--serve', '0', '--notify', targets.path, ...fileChecks];
  const daemon = startHere(['run', ...accounts.flags, ...words], env);
  const url = String((await daemon.waitForLog(({ msg }) => msg === 'serving', 2 * generousMs)).url);
  await targets.until(4);
  const messages = targets.received.map(({ requestLine, body }) => ({
    path: requestLine.split(' ')[1],
    ...JSON.parse(body),
  }));
  const hooks = messages.filter(({ path }) => path === '/hook');
  expect(hooks.map(({ account }) => account).sort()).toEqual(['one', 'two']);
  const chats = messages.filter(({ path }) => path === '/chat');
  expect(chats.map(({ text }) => text).sort()).toEqual([
    'one: 2 widgets were applied',
    'two: 2 widgets were applied',
  ]);

  const list = async () => (await ask(url, '/')).text;
  await expect
    .poll(list, { timeout: generousMs })
    .toMatch(/a-shut.*blocked.*refused the key.*a-one.*calm.*a-two/s);
  expect(await ask(url, '/readyz')).toMatchObject({ status: 200 });
  expect(await ask(url, '/healthz')).toMatchObject({ status: 200 });
  const metrics = async (query = '') => (await ask(url, `/metrics${query}`)).text;
  expect(await metrics()).toContain('widget_sync_accounts{state="calm"} 2\n');
  expect(await metrics()).toContain('widget_sync_writes_total{reason="new",result="applied"} 4\n');
  expect(await metrics('?account=two')).toContain(
    'widget_sync_writes_total{reason="new",result="applied",account="two"} 2\n',
  );

  const told = await listenTo(`${url}events`);
  const edition = async () =>
    /data-version="([^"]+)"/.exec((await ask(url, '/accounts/two/')).text)?.[1];
  const before = await edition();
  accounts.of['two']?.write(0, 'second');
  const live = () => accounts.of['two']?.sandbox.widget(widgetId(0))?.['display_name'];
  await expect.poll(live, { timeout: generousMs }).toBe('second');
  await expect.poll(edition, { timeout: generousMs }).not.toBe(before);
  await told.until(`data: ${await edition()} two\n`);
  expect((await ask(url, `/accounts/two/widgets/${widgetId(0)}`)).text).toContain('second');

  const states = async () => {
    const beside = await runHere(['status', '--json', ...accounts.flags]);
    const { accounts: shown } = readAccountsStatusJson(beside.stdout);
    return shown.map((one) => `${one.account} ${one.account_state}`);
  };
  // Once the answer to the last write is recorded, too.
  await expect
    .poll(states, { timeout: generousMs })
    .toEqual(['shut blocked', 'one calm', 'two calm']);
  expect(await runHere(['health', ...accounts.flags])).toMatchObject({
    ...{ code: 0, stdout: 'ok, 3 of 3 accounts followed\n' },
  });

  daemon.signal('SIGTERM');
  const { stdout, stderr } = await daemon.finished;
  for (const line of daemon.log().filter(({ msg }) => msg === 'applied')) {
    expect(['one', 'two']).toContain(line['account']);
  }
  const after = await runHere(['health', ...accounts.flags]);
  expect(after).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^none of 3 accounts is followed; one: No daemon runs/),
  });
  const written = stdout + stderr + allTextBelow(accounts.state) + JSON.stringify(messages);
  expect(written).not.toMatch(/in-key-of-/);
});

test('accounts come to the page and go from it as the file of accounts says', async () => {
  const accounts = await openSomeAccounts(['one', 'two']);
  const daemon = startHere(['run', ...accounts.flags, '--serve', '0', ...fileChecks], env);
  const url = String((await daemon.waitForLog(({ msg }) => msg === 'serving', 2 * generousMs)).url);
  const page = async () => (await ask(url, '/')).text;
  const patience = { timeout: generousMs };
  await expect.poll(page, patience).toMatch(/a-one.*calm.*a-two.*calm/s);
  accounts.declare({ two: { rate: 'fast' } });
  await expect.poll(page, patience).toMatch(/a-two.*held.*rate: expected.*a-one.*calm/s);
  expect((await ask(url, '/accounts/two/')).text).toContain('It is not followed now');
  accounts.declare({ two: { suspend: 'for now' } });
  await expect.poll(page, patience).toMatch(/a-two.*suspended.*for now/s);
  const own = async () => (await ask(url, '/accounts/two/')).text;
  await expect.poll(own, patience).toContain('href="/accounts/two/plan"');
  expect(await runHere(['history', ...accounts.flags, '--account', 'two'])).toMatchObject({
    ...{ code: 0, stdout: expect.stringContaining('w0.yaml') },
  });
});
