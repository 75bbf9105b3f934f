// What becomes of a change that the API does not confirm, at the built command's edge.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { Ending, Fault } from '../../src/sandbox/faults/carry-out-fault.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { startHere } from '../support/start-here.ts';
import {
  applyLines,
  generousMs,
  openWorkspace,
  outcomeOf,
  said,
  unreachable,
} from '../support/workspace.ts';

test('500 500 200 is applied in three attempts; a request that hangs, or is reset, in two', async () => {
  const failures: Record<string, Ending[]> = {
    [widgetId(0)]: [500, 500].map((status) => ({ kind: 'answer', status })),
    [widgetId(1)]: [{ kind: 'hang' }],
    [widgetId(2)]: [{ kind: 'reset' }],
  };
  const listFailures: Ending[] = [{ kind: 'answer', status: 503 }, { kind: 'reset' }];
  const { sandbox, quickly, reads, writes } = await openWorkspace({
    widgets: 4,
    onRequest: () => listFailures.shift(),
    onWrite: ({ widgetId: id }) => failures[id ?? '']?.shift(),
  });
  const { code, stdout, stderr } = await quickly('apply', '--json', '--timeout', '1s');
  expect(code).toBe(0);
  for (const [n, attempts] of [3, 2, 2, 1].entries()) {
    expect(outcomeOf(stdout, n)).toMatchObject({ status: 'applied', attempts, http_status: 200 });
  }
  const statuses = [0, 1, 2, 3].map((n) => writes(n).map((request) => request.status));
  expect(statuses).toEqual([[500, 500, 200], [null, 200], [null, 200], [200]]);
  expect(stderr).toContain(`No answer from 127.0.0.1:${sandbox.port} within 1 s`);
  expect(reads().map((request) => request.status)).toEqual([503, null, 200, 200]);
  expect(stderr).toContain('The API answered 503 Service Unavailable when asked for page 1');
});

test.each(['auto', 'off'])(
  'the daemon outlives an API that is away, and goes on by itself when it is back (--live %s)',
  async (live) => {
    const { sandbox, runHere, write } = await openWorkspace({ widgets: 2 });
    const daemon = runHere('--live', live);
    await Promise.all([0, 1].map((n) => daemon.waitForLog(said('applied', n))));
    await sandbox.close();
    write(0, 'second');
    const failure = await daemon.waitForLog(unreachable);
    expect(failure['error']).toMatch(/^No answer from 127\.0\.0\.1:\d+.*: .*refused/);

    const fields = { display_name: 'first' };
    const again = await startSandbox({
      port: sandbox.port,
      widgets: [{ widgetId: widgetId(0), fields }],
    });
    try {
      const arrived = () => again.widget(widgetId(0))?.['display_name'] === 'second';
      await waitFor(again, arrived, generousMs);
    } finally {
      await again.close();
    }
  },
);

const badColour = 'header_color: reddish\n';

function refuseColour(body: unknown): Fault | undefined {
  if ((body as { header_color?: string }).header_color !== 'reddish') return undefined;
  const detail = [{ loc: ['body', 'header_color'], msg: 'not a colour', type: 'value_error' }];
  return { kind: 'answer', status: 422, body: { detail } };
}

test('apply says file, line and column of a field that the API refused, and applies the others', async () => {
  const workspace = await openWorkspace({
    widgets: 2,
    onWrite: ({ body }) => refuseColour(body),
  });
  workspace.write(0, 'first', badColour);
  const json = await workspace.quickly('apply', '--json');
  expect(json.code).toBe(1);
  const outcome = outcomeOf(json.stdout, 0);
  expect(outcome).toMatchObject({ status: 'failed', attempts: 1, http_status: 422 });
  expect(outcome?.error).toContain('w0.yaml:4:15: the API refused header_color: not a colour');
  expect(applyLines(json.stdout).at(-1)).toMatchObject({ type: 'summary', applied: 1, failed: 1 });

  const text = await workspace.quickly('apply');
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(/^widgets\/w0\.yaml:4:15: error: the API refused header_color/m);
  expect(text.stdout).toContain('0 widgets applied, 1 failed.');
  expect(workspace.writes(0)).toHaveLength(2);
  expect(workspace.writes(1)).toHaveLength(1);
});

test('the daemon sends a refused widget again only after its file changes or on SIGHUP', async () => {
  const { runHere, write, arrival, writes } = await openWorkspace({
    widgets: 2,
    onWrite: ({ body }) => refuseColour(body),
  });
  write(0, 'first', badColour);
  const daemon = runHere();
  const refusals = () => daemon.log().filter(said('failed', 0)).length;
  const refused = (times: number) => daemon.waitForLog(() => refusals() === times);
  await refused(1);
  expect(await daemon.waitForLog(said('the API refused header_color', 0))).toMatchObject({
    level: 'error',
    code: 'refused-by-api',
    line: 4,
    column: 15,
    detail: 'not a colour',
  });
  write(1, 'second');
  await arrival(1, 'second');
  expect(writes(0)).toHaveLength(1);

  daemon.signal('SIGHUP');
  await refused(2);
  write(1, 'third');
  await arrival(1, 'third');
  expect(writes(0)).toHaveLength(2);

  write(0, 'second', badColour);
  await refused(3);
  write(0, 'second', 'header_color: "#ff0000"\n');
  await arrival(0, 'second');
  expect(writes(0).map((request) => request.status)).toEqual([422, 422, 422, 200]);
});

test('a widget that the account does not have is held, said once, and holds up nothing', async () => {
  const { runHere, quickly, write, writes, arrival } = await openWorkspace({ widgets: 2 });
  write(7, 'first');
  const { code, stdout } = await quickly('apply', '--json', '--state', 'elsewhere');
  expect(code).toBe(1);
  const outcome = outcomeOf(stdout, 7);
  expect(outcome).toMatchObject({ status: 'held', attempts: 0, http_status: null });
  expect(outcome?.error).toMatch(/^not-in-account: /);
  expect(applyLines(stdout).at(-1)).toMatchObject({ applied: 2, held: 1, failed: 0 });

  const daemon = runHere();
  const held = said('held', 7);
  expect(await daemon.waitForLog(held)).toMatchObject({ level: 'warn', code: 'not-in-account' });
  write(1, 'second');
  await arrival(1, 'second');
  await daemon.waitForLog(said('applied', 1));
  expect(daemon.log().filter(held)).toHaveLength(1);
  expect(writes(7)).toEqual([]);
});

test('without live state, a widget that the account does not have fails once, and holds up nothing', async () => {
  const { runHere, quickly, write, writes, arrival } = await openWorkspace({ widgets: 2 });
  write(7, 'first');
  const daemon = runHere('--live', 'off');
  expect(await daemon.waitForLog(said('failed', 7))).toMatchObject({
    attempts: 1,
    error: expect.stringMatching(/^This account has no such widget \(404\)/),
  });
  write(1, 'second');
  await arrival(1, 'second');
  expect(writes(7).map((request) => request.status)).toEqual([404]);
  daemon.signal('SIGTERM');
  await daemon.finished;

  const { code, stdout } = await quickly('apply', '--json', '--live', 'off');
  expect(code).toBe(1);
  expect(outcomeOf(stdout, 7)).toMatchObject({ status: 'failed', attempts: 1, http_status: 404 });
  expect(applyLines(stdout).at(-1)).toMatchObject({ failed: 1 });
});

test('apply stops at a key that may not write, and reports what it did not send as failed', async () => {
  const { writes, reads, quickly } = await openWorkspace({
    widgets: 5,
    onWrite: () => ({ kind: 'answer', status: 401 }),
  });
  const { code, stdout, stderr } = await quickly('apply', '--json', '--concurrency', '1');
  expect(code).toBe(1);
  expect(reads().map((request) => request.status)).toEqual([200, 200]);
  expect(writes().map((request) => request.status)).toEqual([401]);
  expect(stderr).toContain('The API refused the key (401)');
  const outcomes = applyLines(stdout).filter((line) => line.type === 'outcome');
  expect(outcomes.filter((line) => line.attempts === 1)).toMatchObject([
    { status: 'failed', http_status: 401 },
  ]);
  const unsent = outcomes.filter((line) => line.attempts === 0);
  expect(unsent).toHaveLength(4);
  for (const line of unsent) {
    expect(line).toMatchObject({ status: 'failed', http_status: null });
    expect(line.error).toContain('not sent');
  }
  expect(applyLines(stdout).at(-1)).toMatchObject({ type: 'summary', applied: 0, failed: 5 });
});

test('a widget that may not be written fails alone, for apply and for the daemon', async () => {
  const firewall: Ending = { kind: 'answer', status: 403, body: '<title>Blocked</title>' };
  const { quickly, runHere, write, arrival, writes } = await openWorkspace({
    widgets: 3,
    onWrite: ({ body }) => (JSON.stringify(body).includes('<script') ? firewall : undefined),
  });
  write(0, '<script>');
  const { code, stdout } = await quickly('apply', '--json', '--concurrency', '1');
  expect(code).toBe(1);
  expect([0, 1, 2].map((n) => outcomeOf(stdout, n)?.['status'])).toEqual([
    'failed',
    'applied',
    'applied',
  ]);
  expect(outcomeOf(stdout, 0)?.['error']).toContain('may not be written (403)');

  const daemon = runHere();
  await daemon.waitForLog(said('failed', 0));
  write(1, 'second');
  await arrival(1, 'second');
  write(0, 'harmless');
  await arrival(0, 'harmless');
  expect(writes(0).map((request) => request.status)).toEqual([403, 403, 200]);
});

test('a refused key ends apply and plan at their first request, with one line and exit code 1', async () => {
  await Promise.all([['apply'], ['apply', '--json'], ['plan'], ['plan', '--json']].map(expectEnd));
});

async function expectEnd(command: readonly string[]): Promise<void> {
  const { cwd, env, sandbox } = await openWorkspace({ widgets: 3 });
  sandbox.setApiKey('in-another');
  const words = [...command, '--api-url', sandbox.url];
  const { code, stdout, stderr } = await runIn({ cwd, env }, words);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^widget-sync: The API refused the key \(401\).*INSIGHTO_API_KEY.*\n$/);
  expect(sandbox.requests.map(({ method, status }) => [method, status])).toEqual([['GET', 401]]);
}

test.each(['auto', 'off'])(
  'a refused key stops the daemon, and a corrected key file resumes it (--live %s)',
  async (live) => {
    const workspace = await openWorkspace({ widgets: 6, apiKey: 'in-right' });
    const { cwd, sandbox, write, writes, arrival } = workspace;
    writeFile(cwd, 'key', 'in-wrong\n');
    const flags = ['--concurrency', '2', '--rate', '50/s', '--live', live];
    const env = { INSIGHTO_API_KEY_FILE: join(cwd, 'key') };
    const place = [join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync')];
    const daemon = startHere(['run', '--api-url', sandbox.url, ...place, ...flags], env);
    const halt = await daemon.waitForLog(({ msg }) => msg.startsWith('the API refuses the key'));
    expect(halt).toMatchObject({ level: 'error' });
    expect(halt['error']).toContain('The API refused the key (401)');
    write(5, 'second');
    if (live === 'off') await daemon.waitForLog(lookedAtFiles);

    writeFile(cwd, 'key', 'in-right\n');
    await Promise.all([0, 1, 2, 3, 4].map((n) => arrival(n, 'first')));
    await arrival(5, 'second');
    await waitFor(
      sandbox,
      () => sandbox.requests.every(({ status }) => status !== null),
      generousMs,
    );
    // One request was in flight beside the first that was refused, at most; the edit added none.
    const refused = sandbox.requests.filter((request) => request.status === 401);
    expect(refused.length).toBeLessThanOrEqual(live === 'off' ? 2 : 1);
    expect(sandbox.requests.slice(0, refused.length)).toEqual(refused);
    expect(writes(5).filter(({ status }) => status === 200)).toHaveLength(1);
    expect(writes().filter(({ status }) => status === 200)).toHaveLength(6);
  },
);

test('a daemon whose key may not read says so once, and goes on by hashes alone', async () => {
  const { runHere, write, writes, reads } = await openWorkspace({
    widgets: 3,
    refuseReads: 403,
  });
  const daemon = runHere();
  const blind = ({ msg }: { msg: string }) => msg.startsWith('the account cannot be read');
  expect(await daemon.waitForLog(blind)).toMatchObject({
    level: 'warn',
    error: expect.stringContaining('The key may not read widgets (403)'),
  });
  await Promise.all([0, 1, 2].map((n) => daemon.waitForLog(said('applied', n))));
  write(1, 'second');
  await daemon.waitForLog(({ msg, reason }) => msg === 'applied' && reason === 'edited');
  daemon.signal('SIGHUP');
  const forced = ({ msg, reason }: Record<string, unknown>) =>
    msg === 'applied' && reason === 'forced';
  await daemon.waitForLog(() => daemon.log().filter(forced).length === 3);
  for (const { body } of writes()) {
    expect(Object.keys(body as object).sort()).toEqual(['display_name', 'widget_type']);
  }
  // The list and each widget, at the start and by the sweep: it may have been for a moment only.
  expect(reads().map((request) => request.status)).toEqual(Array(8).fill(403));
  expect(daemon.log().filter(blind)).toHaveLength(1);
  expect(daemon.log().some(({ level }) => level === 'error')).toBe(false);
});

test('where reads are not offered, plan and apply warn once and go on by hashes alone', async () => {
  await Promise.all([
    expectHashesOnly('plan', 403),
    expectHashesOnly('apply', 404),
    expectHashesOnly('apply', 405),
  ]);
});

async function expectHashesOnly(command: string, refuseReads: 403 | 404 | 405): Promise<void> {
  const workspace = await openWorkspace({ widgets: 2, refuseReads });
  const { cwd, env, sandbox, reads, writes } = workspace;
  const { code, stdout, stderr } = await runIn({ cwd, env }, [command, '--api-url', sandbox.url]);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('w1.yaml');
  expect(stderr.match(/the account cannot be read/g)).toHaveLength(1);
  expect(stderr).toContain(`(${refuseReads})`);
  // The list, and the widgets in case only the list is refused, or one of them.
  expect(reads().map((request) => request.status)).toEqual(Array(3).fill(refuseReads));
  expect(writes().map((request) => request.status)).toEqual(command === 'apply' ? [200, 200] : []);
}

test('a field that did not stick is applied, warned about, and not sent again; a respelled one is no news', async () => {
  const { sandbox, runHere, quickly, write, arrival, writes } = await openWorkspace({
    widgets: 3,
    onWrite({ widgetId: id }) {
      const kept = keptInstead.get(id ?? '');
      if (kept === undefined) return undefined;
      sandbox.edit(id ?? '', { widget_type: 'chat', display_name: kept });
      return { kind: 'answer', status: 200, body: confirmation(sandbox.widget(id ?? '')) };
    },
  });
  const daemon = runHere('--log-level', 'debug');
  const warned = said('the API kept another value');
  expect(await daemon.waitForLog(warned)).toMatchObject({
    level: 'warn',
    file: 'w0.yaml',
    field: '/display_name',
    sent: 'first',
    kept: 'Chat with us',
  });
  await Promise.all([0, 1, 2].map((n) => daemon.waitForLog(said('applied', n))));
  daemon.signal('SIGHUP');
  await daemon.waitForLog((line) => line.msg === 'looked' && line['trigger'] === 'signal');
  write(1, 'second');
  await arrival(1, 'second');
  await daemon.waitForLog(() => daemon.log().filter(said('applied', 1)).length === 2);
  daemon.signal('SIGTERM');
  await daemon.finished;

  const { code, stdout } = await quickly('apply', '--json');
  expect(code).toBe(0);
  expect(applyLines(stdout).at(-1)).toMatchObject({ applied: 0, unchanged: 3, failed: 0 });
  expect([0, 1, 2].map((n) => writes(n).length)).toEqual([1, 2, 1]);
  expect(daemon.log().filter(warned)).toHaveLength(1);
});

const keptInstead: ReadonlyMap<string, string> = new Map([
  [widgetId(0), 'Chat with us'],
  [widgetId(2), 'FIRST'],
]);

function confirmation(data: JsonObject | null) {
  return { message: 'Data updated successfully', meta: {}, data };
}

function lookedAtFiles(line: Record<string, unknown>): boolean {
  return line['msg'] === 'looked' && line['trigger'] === 'files';
}
