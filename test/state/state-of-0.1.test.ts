// What version 0.1 has left on a disk means the same to this one. The fixture was written by 0.1 itself
// against its own sandbox, whose widgets at the end are `account.json`; `said` is what 0.1 told of it.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { parseWidgetId } from '../../src/model/widget.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { readState } from '../../src/state/file/file-view.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { stateOptions, temporaryDirectory } from './fixtures/state-options.ts';

const fixture = join(import.meta.dirname, 'fixtures/state-of-0.1');
const apiUrl = 'http://127.0.0.1:18080';
const read = (path: string) => readFileSync(join(fixture, path), 'utf8');
const said = (name: string) => JSON.parse(read(`said/${name}.json`)) as JsonObject;

/** The widgets of the fixture; each has met something else. */
const [edited, released, landed, lost, takenBack] = [1, 3, 4, 8, 9].map(widgetId);

/** A copy of the directory, as the state of an account that stands as that of 0.1 did. */
async function resumed() {
  const widgets = (JSON.parse(read('account.json')) as JsonObject[]).map(({ id, ...fields }) => {
    const parsed = parseWidgetId(id);
    if (parsed === null) throw new Error('the account holds widgets');
    return { widgetId: parsed, fields };
  });
  const sandbox = await startSandbox({ widgets });
  onTestFinished(() => sandbox.close());
  const cwd = await temporaryDirectory();
  cpSync(join(fixture, 'widgets'), join(cwd, 'widgets'), { recursive: true });
  cpSync(join(fixture, 'state'), join(cwd, '.widget-sync'), { recursive: true });
  const records = readdirSync(join(cwd, '.widget-sync/widgets')).map((name) => `widgets/${name}`);
  for (const path of ['status.json', ...records].map((name) => join(cwd, '.widget-sync', name))) {
    writeFileSync(path, readFileSync(path, 'utf8').replace(apiUrl, sandbox.url));
  }
  const env = { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' };
  return {
    sandbox,
    run: (command: string, ...args: string[]) =>
      runIn({ cwd, env }, [command, '--json', ...args, '--api-url', sandbox.url]),
  };
}

test('its records are read, each of them', async () => {
  const options = stateOptions(join(fixture, 'state'), { apiUrl });
  const { records } = await readState(options);
  expect(options.warnings).toEqual([]);
  expect(records.size).toBe(11);
});

test('its status and its history are told as it told them', async () => {
  const { run } = await resumed();
  const status = await run('status');
  expect(status.stderr).toBe('');
  expect(JSON.parse(status.stdout)).toMatchObject(said('status'));
  const history = await runIn({ cwd: fixture, env: {} }, ['history', '--json', '--state', 'state']);
  expect(history).toMatchObject({ code: 0, stdout: read('said/history.ndjson') });
});

test('its plan is made again: without a change where it had none, and to the letter where it had one', async () => {
  const { run } = await resumed();
  const { stdout } = await run('plan');
  const { changes, adopted, drifted, ignored, orphaned, summary } = said('plan');
  expect(summary).toMatchObject({ unchanged: 5, adopt: 1, update: 2, drifted: 1 });
  const plan = { changes, adopted, drifted, ignored, orphaned, summary };
  expect(JSON.parse(stdout)).toMatchObject(plan);
});

test('what it had sent and never heard of is settled by one pass', async () => {
  const { run, sandbox } = await resumed();
  await run('apply');
  const before = { intro_message: expect.stringContaining('by hand') };
  expect(sandbox.widget(String(landed))).toMatchObject({ ...before, bubble_text: 'Ask Dora' });
  expect(sandbox.widget(String(lost))).toMatchObject({ ...before, bubble_text: 'Ask Hal' });
  expect(sandbox.widget(String(takenBack))).toMatchObject({ ...before, bubble_text: null });
  expect(sandbox.widget(String(released))).toMatchObject({ ...before, bubble_text: null });
  expect(sandbox.widget(String(edited))).toMatchObject(before);
  const { stdout } = await run('plan');
  expect(JSON.parse(stdout)).toMatchObject({
    changes: [],
    adopted: [],
    summary: { unchanged: 8, drifted: 1 },
  });
});
