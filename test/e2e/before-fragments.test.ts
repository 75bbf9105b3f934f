// A tree without `extends` is told of, sent and recorded as by the version before fragments, byte for byte. The
// transcript was written by that version (commit e860710) with this test; what is changed on purpose since is to
// be changed in it, too.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { version } from '../../src/base/version.ts';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { makeCheckout, temporaryDirectory, writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';

const fixture = join(import.meta.dirname, 'fixtures/before-fragments');

/** The files of the fixture, each with its widget, which says something else. */
async function openScene() {
  const cwd = temporaryDirectory();
  makeCheckout(cwd);
  cpSync(join(fixture, 'widgets'), join(cwd, 'widgets'), { recursive: true });
  const { documents, held } = openWidgetDirectory(join(cwd, 'widgets')).load();
  const ids = [...documents, ...held.flatMap(({ waiting }) => waiting ?? [])];
  const fields = { name: 'Set by hand', description: 'Old', header_color: '#6b7280' };
  const sandbox = await startSandbox({
    widgets: ids.map(({ widgetId }) => ({ widgetId, fields })),
  });
  onTestFinished(() => sandbox.close());
  const env = { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*', WIDGET_SYNC_API_URL: sandbox.url };
  const run = (...args: string[]) => runIn({ cwd, env }, args);
  return { cwd, sandbox, run };
}

/** What differs from run to run: places, times, names that are drawn, and the version. */
function steady(text: string, { cwd, sandbox }: { cwd: string; sandbox: Sandbox }): string {
  return text
    .replaceAll(sandbox.url, 'http://127.0.0.1:18080')
    .replaceAll(cwd, '<directory>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"id":"w-[0-9a-f]{8}"/g, '"id":"<id>"')
    .replaceAll(`"reader": "${version}"`, '"reader": "<version>"');
}

const sending = ['--rate', '1000/s', '--concurrency', '1'];

test('a tree without fragments is told of, sent and recorded as before there were any', async () => {
  const scene = await openScene();
  const { cwd, run } = scene;
  const parts: string[] = [];
  const tell = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args);
    parts.push(`$ widget-sync ${args.join(' ')}\n${stdout}--- stderr\n${stderr}--- exit ${code}\n`);
  };
  const tellFile = (path: string) =>
    parts.push(`= ${path}\n${readFileSync(join(cwd, '.widget-sync', path), 'utf8')}`);
  const tellRecords = () => {
    const names = readdirSync(join(cwd, '.widget-sync/widgets')).sort();
    for (const name of names) tellFile(`widgets/${name}`);
  };

  await tell('validate');
  await tell('plan', '--json');
  await tell('apply', ...sending);
  tellRecords();
  const edit = (name: string, part: string, by: string) => {
    const path = join(cwd, 'widgets', name);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(part);
    writeFileSync(path, text.replace(part, by));
  };
  edit('ava.yaml', 'bubble_text: Need a hand?\n', '');
  edit('larkspur-sms.yml', 'Reply 1 to confirm', 'Reply 1 to agree');
  edit('tidepool-telegram.yaml', 'widget_type:', 'heeder_color: red\nwidget_type:');
  edit('qamar-perfumes.yaml', 'widget_type:', 'display_name: Twice\nwidget_type:');
  writeFile(cwd, 'widgets/_old.yaml', 'for: later\n');
  await tell('validate');
  await tell('validate', '--json');
  await tell('plan');
  await tell('plan', '--json');
  await tell('plan', '--format', 'markdown');
  await tell('apply', '--json', ...sending);
  tellRecords();
  tellFile('history.ndjson');

  const transcript = readFileSync(join(fixture, 'transcript.txt'), 'utf8');
  expect(steady(parts.join('\n'), scene)).toBe(transcript);
});
