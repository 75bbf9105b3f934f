// One directory that holds every hostile file at once, beside a good widget: the good one is applied,
// nothing hangs, and no output of any command has a byte that a terminal obeys.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { bodyFields } from '../../src/model/widget.ts';
import { widgetSchema } from '../../src/model/widget-schema.ts';
import type { FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Finished, temporaryDirectory, writeFile } from '../support/command.ts';
import { evil, harmIn, hostileFiles, wrong } from '../support/hostile-tree.ts';
import { runIn, waitForOutput } from '../support/program.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { startHere, startIn } from '../support/start-here.ts';

const boundMs = 20_000;

function file(n: number, fields: JsonObject, sync?: JsonObject): string {
  const written = { widget_id: widgetId(n), widget_type: 'chat', ...fields, ...(sync && { sync }) };
  return JSON.stringify(written);
}

const properties: Readonly<Record<string, { readonly type?: unknown; readonly format?: string }>> =
  widgetSchema.properties;

/** Every field that takes a text, with one that hurts; and keys that do in those that have keys. */
function evilFields(): JsonObject {
  const texts = bodyFields.filter((name) => {
    const { type, format } = properties[name] ?? {};
    return format === undefined && name !== 'widget_type' && [type].flat().includes('string');
  });
  expect(texts.length).toBeGreaterThan(10);
  const own: Json = JSON.parse(`{"__proto__": {"x": 1}, "constructor": "toString"}`);
  return {
    ...Object.fromEntries(texts.map((name) => [name, evil])),
    user_opening_messages: [evil],
    action_buttons: [{ [evil]: evil }],
    attributes: { [evil]: evil, own },
    style_params: { [evil]: { [evil]: evil } },
  };
}

const terminalName = 'x\u001b]0;t\u0007\u001b[2J\u009b1m\u202e\u007f.yaml';

/** Widgets by number: what they are, and what their files say. */
const files: Readonly<Record<string, string>> = {
  'good.yaml': file(0, { display_name: 'Good' }),
  'evil.yaml': file(1, evilFields()),
  [terminalName]: file(2, { name: 'named' }),
  'refused.yaml': file(3, { name: evil }),
  'flaky.yaml': file(4, { name: evil }),
  'unknown.yaml': file(5, { name: evil }),
  'suspended.yaml': file(6, {}, { suspend: true, reason: evil }),
  'drifted.yaml': file(7, { attributes: { [evil]: 1 } }, { drift: 'report' }),
  'ignored.yaml': file(8, { name: 'n' }, { ignore: [`/attributes/${evil}`] }),
  [`twin-${terminalName}`]: file(9, {}),
  [`twin-2-${terminalName}`]: file(9, {}),
  [`wrong-${terminalName}`]: wrong(10),
};

/** An API that says what hurts, wherever it can say something. */
function evilAnswers(): FaultHook {
  let hasFailed = false;
  return ({ method, widgetId: id }) => {
    if (method !== 'PUT') return undefined;
    const detail = [{ loc: ['body', 'name', evil], msg: evil, type: evil }];
    if (id === widgetId(3)) return { kind: 'answer', status: 422, body: { detail } };
    if (id !== widgetId(4) || hasFailed) return undefined;
    hasFailed = true;
    return { kind: 'answer', status: 503, body: { detail: evil, message: evil } };
  };
}

async function openPlace() {
  const cwd = temporaryDirectory();
  const widgets = [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11].map((n) => ({
    widgetId: widgetId(n),
    fields: n === 7 ? { attributes: { [evil]: 1 } } : {},
  }));
  const sandbox = await startSandbox({ widgets, onRequest: evilAnswers() });
  onTestFinished(() => sandbox.close());
  for (const [name, content] of Object.entries(files)) writeFile(cwd, `widgets/${name}`, content);
  const env = {
    INSIGHTO_API_KEY: 'in-test',
    NO_PROXY: '*',
    WIDGET_SYNC_RATE: '200/s',
    WIDGET_SYNC_API_URL: sandbox.url,
  };
  const place = { cwd, env };
  const quickly = (...args: string[]) => runIn(place, args);
  const daemon = async (...flags: string[]) => {
    const here = [join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync')];
    const args = ['run', ...here, '--resync', 'off', '--log-level', 'trace', '--live', 'off'];
    const since = sandbox.requests.length;
    const started = startHere([...args, ...flags], env);
    const isStored = (n: number) =>
      sandbox.requests
        .slice(since)
        .some(({ widgetId: id, status }) => id === widgetId(n) && status === 200);
    await waitFor(sandbox, () => [0, 1, 4, 7, 8].every(isStored), boundMs);
    started.signal('SIGTERM');
    return started.finished;
  };
  return { cwd, sandbox, env, quickly, daemon };
}

function expectHarmless(outputs: Readonly<Record<string, Finished>>): void {
  const harm = Object.entries(outputs).flatMap(([name, { stdout, stderr }]) =>
    harmIn(stdout + stderr).map((line) => `${name}: ${line}`),
  );
  expect(harm).toEqual([]);
}

const linux = process.platform === 'linux';

describe.skipIf(!linux)('a directory of hostile files (Linux)', () => {
  test('is checked, planned and watched in a moment, and its good widget is applied', async () => {
    const { cwd, sandbox, quickly, daemon } = await openPlace();
    for (const one of hostileFiles) one.make(join(cwd, 'widgets'));
    const startedMs = performance.now();
    const [validate, plan] = await Promise.all([quickly('validate'), quickly('plan')]);
    const ran = await daemon('--log-format', 'json');
    expect(performance.now() - startedMs).toBeLessThan(boundMs);

    expect([validate.code, plan.code, ran.code]).toEqual([1, 1, 0]);
    const said = hostileFiles.filter(({ code }) => code !== null);
    for (const { kind, code } of said) expect(validate.stdout, kind).toContain(`[${code}]`);
    expect(validate.stdout.match(/\n/g)?.length).toBeGreaterThanOrEqual(said.length);
    expect(sandbox.widget(widgetId(0))).toMatchObject({ display_name: 'Good' });
    expect(sandbox.widget(widgetId(1))).toMatchObject(evilFields());
    const sent = sandbox.requests.find(
      ({ method, widgetId: id }) => method === 'PUT' && id === widgetId(1),
    );
    expect(JSON.stringify(sent?.body)).toContain('"__proto__":{"x":1}');
    expect(ran.stderr).toBe('');
    for (const line of ran.stdout.trimEnd().split('\n')) {
      expect(JSON.parse(line)).toHaveProperty('level');
    }
    expect(ran.stdout).not.toMatch(/this is a bug|watching files failed/);
    expectHarmless({ validate, plan, ran });
  });

  test('is written down so that the next daemon sends nothing of it again', async () => {
    const { sandbox, quickly, daemon } = await openPlace();
    await daemon('--log-format', 'json');
    const before = sandbox.requests.length;
    const again = await quickly('apply', '--json', '--live', 'off');
    const written = sandbox.requests.slice(before).filter(({ method }) => method === 'PUT');
    // Only what was refused, and what the account does not have.
    expect(written.map(({ widgetId: id }) => id).sort()).toEqual([3, 5].map(widgetId));
    expect(again.code).toBe(1);
  });
});

describe('no byte that a terminal obeys is', () => {
  test('in what a command says of the files, the account and its own past', async () => {
    const { cwd, sandbox, quickly, daemon } = await openPlace();
    const state = (name: string) => ['--state', join(cwd, name)];
    const first = { json: state('json'), text: state('text') };
    const [validate, validateJson, plan, planJson, comment, pretty] = await Promise.all([
      quickly('validate'),
      quickly('validate', '--json'),
      quickly('plan'),
      quickly('plan', '--json'),
      quickly('plan', '--format', 'markdown'),
      daemon('--log-format', 'pretty', ...state('pretty')),
    ]);
    const [apply, applyJson] = await Promise.all([
      quickly('apply', '--live', 'off', ...first.text),
      quickly('apply', '--live', 'off', '--json', ...first.json),
    ]);
    rmSync(join(cwd, 'widgets', terminalName));
    sandbox.edit(widgetId(7), { attributes: { [evil]: 2 } });
    const json = await daemon('--log-format', 'json', ...state('daemon'));
    const again = await quickly('apply', ...first.text);
    const [status, statusJson, history, historyJson] = await Promise.all([
      quickly('status', ...first.text),
      quickly('status', '--json', ...first.text),
      quickly('history', ...first.text),
      quickly('history', '--json', ...first.text),
    ]);
    for (const { stdout } of [planJson, validateJson, statusJson]) JSON.parse(stdout);
    expect(status.stdout).toMatch(/ORPHANED/);
    expectHarmless({ validate, validateJson, plan, planJson, comment, pretty, apply });
    expectHarmless({ applyJson, json });
    expectHarmless({ again, status, statusJson, history, historyJson });
  });

  test('in what import says and in the files that it writes, which declare what is live', async () => {
    const { cwd, sandbox, quickly } = await openPlace();
    sandbox.edit(widgetId(11), { ...evilFields(), display_name: evil, name: evil });
    const [text, json] = await Promise.all([
      quickly('import', 'a'),
      quickly('import', 'b', '--json'),
    ]);
    sandbox.edit(widgetId(11), { attributes: { [`${evil}2`]: 1 } });
    const [left, updated] = await Promise.all([
      quickly('import', 'a'),
      quickly('import', 'b', '--json', '--update'),
    ]);
    expectHarmless({ text, json, left, updated });
    const written = readdirSync(join(cwd, 'a')).map((name) => readFileSync(join(cwd, 'a', name)));
    expect(written.length).toBeGreaterThan(10);
    expect(written.flatMap((bytes) => harmIn(bytes.toString()))).toEqual([]);
    expect((await quickly('validate', 'b')).code).toBe(0);
  });

  test('in what the sandbox says of its seed and of requests', async () => {
    const { cwd, env } = await openPlace();
    writeFile(cwd, 'faults.yaml', 'faults: [{then: {status: 500}}]\n');
    const args = ['sandbox', '--seed', 'widgets', '--port', '0'];
    const seeded = startIn({ cwd, env }, args);
    const [, url = ''] = await waitForOutput(seeded, /at (http:\S+),/);
    await fetch(`${url}/api/v1/widget/${encodeURIComponent(evil)}?x=${encodeURIComponent(evil)}`);
    seeded.signal('SIGTERM');
    const sandbox = await seeded.finished;
    expect(sandbox.stderr).toContain('left out');
    expectHarmless({ sandbox });
  });

  test.each<[string, string[], Record<string, string>?]>([
    ['a command', [evil]],
    ['a flag', ['validate', `--${evil}`]],
    ['a directory', ['validate', evil]],
    ['a value', ['run', '--rate', evil]],
    ['a widget', ['history', '--widget', evil]],
    ['a state directory', ['status', '--state', `file/${evil}`]],
    ['a variable', ['run'], { [`WIDGET_SYNC_${evil.replaceAll('\0', '')}`]: '1' }],
  ])('in what is said of %s that cannot be used', async (_, args, env = {}) => {
    const cwd = temporaryDirectory();
    writeFile(cwd, 'file', '');
    // No argument may hold a zero byte.
    const words = args.map((word) => word.replaceAll('\0', ''));
    const said = await runIn({ cwd, env }, words);
    expect(said.code).toBe(1);
    expect(said.stderr).not.toBe('');
    expectHarmless({ said });
  });
});
