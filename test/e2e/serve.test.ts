// The daemon with its server: what it shows follows what it does, and it never depends on it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Account, openAccount } from '../support/account.ts';
import { ask, listenTo } from '../support/ask-over-wire.ts';
import type { LogLine, Running } from '../support/command.ts';
import { writeFile } from '../support/command.ts';
import { readStatusJson } from '../support/json-shapes.ts';
import { piecesOfKey, plantedKey, plantKey } from '../support/planted-key.ts';
import { runHere, waitForOutput } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { startHere } from '../support/start-here.ts';
import { openWorkspace, said } from '../support/workspace.ts';

const served = ({ msg }: LogLine) => msg === 'serving';

async function urlOf(daemon: Pick<Running, 'waitForLog'>): Promise<string> {
  const { url } = await daemon.waitForLog(served);
  return String(url).replace(/\/$/, '');
}

async function watchServed(account: Account) {
  const daemon = await account.watchHere('--serve', '0');
  return { daemon, url: await urlOf(daemon) };
}

const chat = (name: string) => ({ widget_type: 'chat', name });

test('the page follows a change from the file to the account, and tells who listens', async () => {
  const account = await openAccount({ live: [chat('Old')] });
  account.declare(0, chat('Ava'));
  const { daemon, url } = await watchServed(account);
  expect(await ask(url, '/readyz')).toMatchObject({ status: 200, text: 'ready\n' });
  const events = await listenTo(`${url}/events`);
  await events.until('event: changed');
  account.declare(0, chat('Bea'));
  const isShown = async () => (await ask(url, '/')).text.includes('Bea');
  await expect.poll(isShown, { timeout: 20_000 }).toBe(true);
  const own = `/widgets/${widgetId(0)}`;
  await expect
    .poll(async () => (await ask(url, own)).text, { timeout: 20_000 })
    .toMatch(/Bea.*Last writes.*edited.*<code>name<\/code>/s);
  const statusJson = async () => JSON.parse((await ask(url, '/status.json')).text);
  const state0 = async () => (await statusJson()).widgets[0].state;
  await expect.poll(state0, { timeout: 20_000 }).toBe('applied');
  const { next_resync, blocked_by, ...told } = await statusJson();
  expect([next_resync, blocked_by]).toEqual([null, []]);
  const { widgets, daemon: state } = told;
  expect(state).toBe('running');
  expect(widgets).toMatchObject([{ name: 'Bea', state: 'applied' }]);
  const picture = await ask(url, `/pictures/${widgets[0].pictures.now}.svg`);
  expect(picture.text).toContain('Bea');
  const bare = widgets.map(({ pictures: _, ...widget }: { pictures: object }) => widget);
  expect(Object.keys(readStatusJson(JSON.stringify({ ...told, widgets: bare })))).not.toEqual([]);
  const printed = JSON.parse((await account.quickly('status', '--json')).stdout);
  expect(bare).toEqual(printed.widgets);
  const metrics = (await ask(url, '/metrics')).text;
  expect(metrics).toContain('widget_sync_widgets{state="applied"} 1\n');
  expect(metrics).toMatch(/^widget_sync_writes_total\{reason="edited",result="applied"\} 1$/m);
  await daemon.stop();
});

test('ends as quickly with fifty open pages', async () => {
  const account = await openAccount({ live: [chat('Ava')] });
  account.declare(0, chat('Ava'));
  const { daemon, url } = await watchServed(account);
  await Promise.all(Array.from({ length: 50 }, () => listenTo(`${url}/events`)));
  const began = performance.now();
  await daemon.stop();
  expect(performance.now() - began).toBeLessThan(5000);
  await expect(ask(url, '/healthz')).rejects.toThrow('ECONNREFUSED');
});

test('a port in use is said before anything begins', async () => {
  const other = await startSandbox({ widgets: [] });
  onTestFinished(() => other.close());
  const { port } = new URL(other.url);
  const { cwd, sandbox, env } = await openWorkspace({ widgets: 1 });
  const state = join(cwd, '.widget-sync');
  const words = ['run', join(cwd, 'widgets'), '--api-url', sandbox.url, '--state', state];
  const { code, stdout, stderr } = await runHere([...words, '--serve', port], env);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /^widget-sync: --serve: Port \d+ on 127\.0\.0\.1 is in use\. Stop what listens there, or choose another port \(0 takes any free one\)\.\n$/,
  );
  expect(sandbox.requests).toEqual([]);
  expect(existsSync(state)).toBe(false);
});

test('a demo, which has no log, says where the page is', async () => {
  const { cwd, env } = await openWorkspace({ widgets: 1 });
  const { INSIGHTO_API_KEY: _, ...bare } = env;
  const words = ['run', join(cwd, 'widgets'), '--sandbox', '--serve', '0'];
  const demo = startHere(words, bare);
  await waitForOutput(demo, /pushed and live/);
  const [, url = ''] = /The status page is at (http:\S+)\/\n/.exec(demo.stderr()) ?? [];
  expect((await ask(url, '/')).text).toContain('w0.yaml');
});

test.each([
  ['--serve', 'worker:8080', /^widget-sync: --serve: expected a port such as 8081, /],
  ['--serve-host', 'a:80', /^widget-sync: --serve-host: expected names of hosts such as /],
])('%s %s is no address', async (flag, value, message) => {
  const { code, stderr } = await runHere(['run', '/nowhere', flag, value]);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
});

test('no answer has the key, wherever it stands in the files and in the account', async () => {
  const workspace = await openWorkspace({ widgets: 3, apiKey: plantedKey });
  const { cwd, sandbox, write, runHere: run, arrival } = workspace;
  const told = `Ask with ${plantedKey} or ${encodeURIComponent(plantedKey)}`;
  sandbox.edit(widgetId(0), {
    description: told,
    bubble_text: told,
    attributes: { [plantedKey]: 1 },
  });
  sandbox.edit(widgetId(1), {
    user_opening_messages: ['first', told, `${'x'.repeat(390)}${told}`],
  });
  write(0, 'first', 'description: ask\n');
  write(1, 'first', `user_opening_messages: [second]\nintro_message: ${'words '.repeat(80)}\n`);
  plantKey(join(cwd, 'widgets'), 10);
  writeFile(
    cwd,
    'widgets/w2.yaml',
    `widget_id: ${widgetId(2)}\nwidget_type: chat\nname: Cleo\nsync: {drift: report}\n`,
  );
  const daemon = run('--serve', '0');
  const url = await urlOf(daemon);
  await arrival(0, 'first');
  await daemon.waitForLog(said('applied', 0));
  sandbox.edit(widgetId(2), { name: told });
  daemon.signal('SIGHUP');
  const isDrifted = async () => (await ask(url, '/?state=drifted')).text.includes('w2.yaml');
  await expect.poll(isDrifted, { timeout: 20_000 }).toBe(true);

  const paths = [
    '/',
    `/?q=${encodeURIComponent(plantedKey)}`,
    '/plan',
    '/history',
    '/status.json',
    '/readyz',
    '/healthz',
  ];
  const seen = new Map<string, string>();
  for (const path of paths) {
    const { text, headers } = await ask(url, path);
    seen.set(path, text + JSON.stringify(headers));
    for (const [, next = ''] of text.matchAll(/(?:href|src)="(\/[^"?]*)"/g)) {
      if (!paths.includes(next)) paths.push(next);
    }
  }
  expect(paths.filter((path) => path.startsWith('/widgets/')).length).toBeGreaterThan(30);
  expect(paths.filter((path) => path.startsWith('/pictures/')).length).toBeGreaterThan(3);
  for (const [path, text] of seen) expect(piecesOfKey(text), path).toEqual([]);
  expect(seen.get('/')).toContain('[api key]');
  expect(seen.get(`/widgets/${widgetId(2)}`)).toContain('[api key]');
});
