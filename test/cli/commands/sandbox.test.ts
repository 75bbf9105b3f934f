// What `sandbox` says at its start can be copied into a shell, and does what it says.
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../src/base/json/json.ts';
import { type SandboxRequest, sandbox } from '../../../src/cli/commands/sandbox.ts';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
import { runIn } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';
import { capturedWorld } from '../fixtures/captured-world.ts';

async function start(
  seed: string | null,
  {
    put = 'merge',
    env = {},
    root = null,
  }: Partial<Pick<SandboxRequest, 'put' | 'root'>> & { env?: NodeJS.ProcessEnv } = {},
) {
  const stopping = new AbortController();
  const world = { ...capturedWorld(), env, stop: stopping.signal };
  const ended = sandbox({ port: 0, put, list: 'whole', seed, root, faults: null }, world);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    stopping.abort();
    await ended;
  });
  await vi.waitFor(() => expect(world.printed.stdout).toMatch(/\nTry: .*\n.*\n/), 15_000);
  return world.printed.stdout.trimEnd().split('\n');
}

test('prints an update of a widget, and the command that takes it back', async () => {
  const root = temporaryDirectory();
  // A name that a shell would take apart.
  const seed = join(root, "the client's widgets");
  const file = `widget_id: ${widgetId(7)}\nwidget_type: sms\ndisplay_name: Ava\n`;
  writeFile(seed, 'ava.yaml', file);
  const lines = await start(seed);

  expect(lines).toContainEqual(expect.stringContaining('nothing to push yet: edit a file'));
  const change = lines.find((line) => line.startsWith('Change a widget: ')) ?? '';
  const put = /^.*: curl -X PUT '([^']+)' -H 'content-type: (application\/json)' -d '([^']+)'$/;
  const [, url = '', type = '', body = ''] = put.exec(change) ?? [];
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': type },
    body,
  });
  expect(response.status).toBe(200);
  expect(await nameOf(url)).toBe('Set elsewhere');

  const push = lines.find((line) => line.startsWith('Push the files: ')) ?? '';
  const words = /^.*: INSIGHTO_API_KEY=(\S+) widget-sync apply '(.*)' (--api-url \S+ --state \S+)$/;
  const [, key = '', directory = '', flags = ''] = words.exec(push) ?? [];
  const args = ['apply', directory.replaceAll(`'\\''`, "'"), ...flags.split(' ')];
  const applied = await runIn({ cwd: root, env: { INSIGHTO_API_KEY: key } }, args);
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  expect(await nameOf(url)).toBe('Ava');
});

test('names the source root again, without which the files cannot be read', async () => {
  const root = temporaryDirectory();
  writeFile(root, '_house.yaml', 'widget_type: sms\n');
  const seed = join(root, 'widgets');
  writeFile(seed, 'ava.yaml', `widget_id: ${widgetId(7)}\nextends: ../_house.yaml\n`);
  const lines = await start(seed, { root });
  const push = lines.find((line) => line.startsWith('Push the files: ')) ?? '';
  const [, key = '', words = ''] =
    /INSIGHTO_API_KEY=(\S+) widget-sync (apply .*)$/.exec(push) ?? [];
  const args = words.split(' ');
  expect(args.slice(1, 4)).toEqual([seed, '--root', root]);
  const within = { cwd: root, env: { INSIGHTO_API_KEY: key } };
  expect(await runIn(within, args)).toMatchObject({ code: 0, stderr: '' });
  const without = await runIn(within, args.toSpliced(2, 2));
  expect(without.stdout + without.stderr).toContain('fragment-outside');
});

test('where an update resets what it leaves out, the one it prints changes one field all the same', async () => {
  const seed = temporaryDirectory();
  const file = `widget_id: ${widgetId(7)}\nwidget_type: sms\ndisplay_name: Ava\n`;
  writeFile(seed, 'ava.yaml', `${file}intro_message: "It's \u202eme"\nbubble_text: null\n`);
  const lines = await start(seed, { put: 'replace' });
  const change = lines.find((line) => line.startsWith('Change a widget: ')) ?? '';
  // What a shell makes of the words, without the program that they start.
  const words = change.replace(/^.*?: curl -X PUT/, 'printf "%s\\n"');
  const [url = '', , type = '', , body = ''] = execFileSync('sh', ['-c', words], {
    encoding: 'utf8',
  }).split('\n');
  const before = await widgetAt(url);
  const [name = '', value = ''] = type.split(': ');
  const response = await fetch(url, { method: 'PUT', headers: { [name]: value }, body });
  expect(response.status).toBe(200);
  expect(before).toMatchObject({ intro_message: "It's \u202eme", display_name: 'Ava' });
  expect(await widgetAt(url)).toEqual({ ...before, display_name: 'Set elsewhere' });
});

test.each([
  ['npx', 'exec', 'npx --no -- widget-sync'],
  ['npm run', 'run-script', 'npx --no -- widget-sync'],
  ['npm 11 run', 'run', 'npx --no -- widget-sync'],
  ['npm test', 'test', 'widget-sync'],
])('started by %s prints a command that is found', async (_, command, name) => {
  const seed = temporaryDirectory();
  writeFile(seed, 'ava.yaml', `widget_id: ${widgetId(7)}\nwidget_type: sms\n`);
  const lines = await start(seed, { env: { npm_command: command } });
  const push = lines.find((line) => line.startsWith('Push the files: '));
  expect(push).toContain(`INSIGHTO_API_KEY=in-sandbox ${name} apply `);
});

test('the state directory that it suggests is not committed in this repository', async () => {
  const cwd = temporaryDirectory();
  cpSync(new URL('../../../.gitignore', import.meta.url), join(cwd, '.gitignore'));
  execFileSync('git', ['init', '-q', cwd]);
  for (const name of ['.widget-sync', '.widget-sync-sandbox-8080']) {
    const ignored = execFileSync('git', ['check-ignore', `${name}/`], { cwd, encoding: 'utf8' });
    expect(ignored).toBe(`${name}/\n`);
  }
});

test('without widgets says how to have some, rather than what would be refused', async () => {
  const lines = await start(null);
  expect(lines.join('\n')).not.toContain("PUT '");
  expect(lines.at(-1)).toBe(
    'There is no widget to change: --seed <dir> starts with those that files declare.',
  );
});

async function nameOf(url: string): Promise<unknown> {
  return (await widgetAt(url))['display_name'];
}

async function widgetAt(url: string): Promise<JsonObject> {
  const answer = (await (await fetch(url)).json()) as JsonObject;
  const { data } = answer;
  return isJsonObject(data) ? data : {};
}
