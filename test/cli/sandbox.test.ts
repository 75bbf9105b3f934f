// What `sandbox` says at its start can be copied into a shell, and does what it says.
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sandbox } from '../../src/cli/sandbox.ts';
import { isJsonObject, type JsonObject } from '../../src/json.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { capturedWorld } from './fixtures/captured-world.ts';

async function start(seed: string | null) {
  const stopping = new AbortController();
  const world = { ...capturedWorld(), stop: stopping.signal };
  const ended = sandbox({ port: 0, put: 'merge', seed, faults: null }, world);
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

test('without widgets says how to have some, rather than what would be refused', async () => {
  const lines = await start(null);
  expect(lines.join('\n')).not.toContain("PUT '");
  expect(lines.at(-1)).toBe(
    'There is no widget to change: --seed <dir> starts with those that files declare.',
  );
});

async function nameOf(url: string): Promise<unknown> {
  const answer = (await (await fetch(url)).json()) as JsonObject;
  const { data } = answer;
  return isJsonObject(data) ? data['display_name'] : null;
}
