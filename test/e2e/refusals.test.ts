// What becomes of a change that the API does not confirm, at the built command's edge.
import { expect, test } from 'vitest';
import type { Ending, Fault } from '../../src/sandbox/faults.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { runCommand, startCommand, writeFile } from '../support/command.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { applyLines, generousMs, openWorkspace, outcomeOf, said } from '../support/workspace.ts';

test('500 500 200 is applied in three attempts; a request that hangs, or is reset, in two', async () => {
  const failures: Record<string, Ending[]> = {
    [widgetId(0)]: [500, 500].map((status) => ({ kind: 'answer', status })),
    [widgetId(1)]: [{ kind: 'hang' }],
    [widgetId(2)]: [{ kind: 'reset' }],
  };
  const { sandbox, apply, requestsFor } = await openWorkspace({
    widgets: 4,
    onRequest: ({ widgetId: id }) => failures[id ?? '']?.shift(),
  });
  const { code, stdout, stderr } = await apply('--json', '--timeout', '1s').finished;
  expect(code).toBe(0);
  for (const [n, attempts] of [3, 2, 2, 1].entries()) {
    expect(outcomeOf(stdout, n)).toMatchObject({ status: 'applied', attempts, http_status: 200 });
  }
  const statuses = [0, 1, 2, 3].map((n) => requestsFor(n).map((request) => request.status));
  expect(statuses).toEqual([[500, 500, 200], [null, 200], [null, 200], [200]]);
  expect(stderr).toContain(`No answer from 127.0.0.1:${sandbox.port} within 1 s`);
});

test('the daemon outlives an API that is away, and goes on by itself when it is back', async () => {
  const { sandbox, run, write } = await openWorkspace({ widgets: 2 });
  const daemon = run();
  await Promise.all([0, 1].map((n) => daemon.waitForLog(said('applied', n))));
  await sandbox.close();
  write(0, 'second');
  const failure = await daemon.waitForLog(said('not applied, trying again', 0));
  expect(failure['error']).toMatch(/^No answer from 127\.0\.0\.1:\d+: .*refused/);

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
});

const badColour = 'header_color: reddish\n';

function refuseColour(body: unknown): Fault | undefined {
  if ((body as { header_color?: string }).header_color !== 'reddish') return undefined;
  const detail = [{ loc: ['body', 'header_color'], msg: 'not a colour', type: 'value_error' }];
  return { kind: 'answer', status: 422, body: { detail } };
}

test('apply says file, line and column of a field that the API refused, and applies the others', async () => {
  const workspace = await openWorkspace({
    widgets: 2,
    onRequest: ({ body }) => refuseColour(body),
  });
  workspace.write(0, 'first', badColour);
  const json = await workspace.apply('--json').finished;
  expect(json.code).toBe(1);
  const outcome = outcomeOf(json.stdout, 0);
  expect(outcome).toMatchObject({ status: 'failed', attempts: 1, http_status: 422 });
  expect(outcome?.error).toContain('w0.yaml:4:15: the API refused /header_color: not a colour');
  expect(applyLines(json.stdout).at(-1)).toMatchObject({ type: 'summary', applied: 1, failed: 1 });

  const text = await workspace.apply().finished;
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(/^widgets\/w0\.yaml:4:15: error: the API refused \/header_color/m);
  expect(text.stdout).toContain('0 widgets applied, 1 failed.');
  expect(workspace.requestsFor(0)).toHaveLength(2);
  expect(workspace.requestsFor(1)).toHaveLength(1);
});

test('the daemon sends a refused widget again only after its file changes or on SIGHUP', async () => {
  const { run, write, arrival, requestsFor } = await openWorkspace({
    widgets: 2,
    onRequest: ({ body }) => refuseColour(body),
  });
  write(0, 'first', badColour);
  const daemon = run();
  const refusals = () => daemon.log().filter(said('failed', 0)).length;
  const refused = (times: number) => daemon.waitForLog(() => refusals() === times);
  await refused(1);
  expect(await daemon.waitForLog(said('the API refused /header_color', 0))).toMatchObject({
    level: 'error',
    code: 'refused-by-api',
    line: 4,
    column: 15,
    detail: 'not a colour',
  });
  write(1, 'second');
  await arrival(1, 'second');
  expect(requestsFor(0)).toHaveLength(1);

  daemon.signal('SIGHUP');
  await refused(2);
  write(1, 'third');
  await arrival(1, 'third');
  expect(requestsFor(0)).toHaveLength(2);

  write(0, 'second', badColour);
  await refused(3);
  write(0, 'second', 'header_color: "#ff0000"\n');
  await arrival(0, 'second');
  expect(requestsFor(0).map((request) => request.status)).toEqual([422, 422, 422, 200]);
});

test('a widget that the account does not have is said to be missing, once, and holds up nothing', async () => {
  const { cwd, sandbox, env, run, write, arrival, requestsFor } = await openWorkspace({
    widgets: 2,
  });
  write(7, 'first');
  const flags = ['--api-url', sandbox.url, '--state', 'elsewhere', '--json'];
  const { code, stdout } = await runCommand(['apply', ...flags], { cwd, env });
  expect(code).toBe(1);
  const outcome = outcomeOf(stdout, 7);
  expect(outcome).toMatchObject({ status: 'failed', attempts: 1, http_status: 404 });
  expect(outcome?.error).toMatch(/^This account has no such widget \(404\)/);
  expect(applyLines(stdout).at(-1)).toMatchObject({ applied: 2, failed: 1 });

  const daemon = run();
  const failure = await daemon.waitForLog(said('failed', 7));
  expect(failure['error']).toMatch(/^This account has no such widget \(404\)/);
  write(1, 'second');
  await arrival(1, 'second');
  expect(requestsFor(7).map((request) => request.status)).toEqual([404, 404]);
});

test('apply stops at a refused key, and reports what it did not send as failed', async () => {
  const { sandbox, apply } = await openWorkspace({ widgets: 5 });
  sandbox.setApiKey('in-another');
  const { code, stdout, stderr } = await apply('--json', '--concurrency', '1').finished;
  expect(code).toBe(1);
  expect(sandbox.requests.map((request) => request.status)).toEqual([401]);
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

test('a refused key stops the daemon, and a corrected key file resumes it', async () => {
  const { cwd, sandbox, write, arrival } = await openWorkspace({ widgets: 6, apiKey: 'in-right' });
  writeFile(cwd, 'key', 'in-wrong\n');
  const daemon = startCommand(
    ['run', '--api-url', sandbox.url, '--concurrency', '2', '--rate', '50/s'],
    {
      cwd,
      env: { INSIGHTO_API_KEY_FILE: 'key' },
    },
  );
  const halt = await daemon.waitForLog(({ msg }) => msg.startsWith('the API refuses the key'));
  expect(halt).toMatchObject({ level: 'error' });
  expect(halt['error']).toContain('The API refused the key (401)');
  // One request was in flight beside the first that was refused, at most; an edit adds none.
  write(5, 'second');
  await daemon.waitForLog((line) => line.msg === 'looked' && line['trigger'] === 'files');
  expect(sandbox.requests.length).toBeLessThanOrEqual(2);
  expect(sandbox.requests.every((request) => request.status === 401)).toBe(true);

  writeFile(cwd, 'key', 'in-right\n');
  await Promise.all([0, 1, 2, 3, 4].map((n) => arrival(n, 'first')));
  await arrival(5, 'second');
  expect(sandbox.requests.filter((request) => request.status === 200)).toHaveLength(6);
});

test('a field that did not stick is applied, warned about, and not sent again', async () => {
  const { run, apply, write, arrival, requestsFor } = await openWorkspace({
    widgets: 2,
    onRequest: ({ widgetId: id }) =>
      id === widgetId(0)
        ? { kind: 'answer', status: 200, body: keptInstead(0, 'FIRST') }
        : undefined,
  });
  const daemon = run();
  expect(await daemon.waitForLog(said('the API kept another value', 0))).toMatchObject({
    level: 'warn',
    field: '/display_name',
    sent: 'first',
    kept: 'FIRST',
  });
  expect(daemon.log().filter(said('applied', 0))).toHaveLength(1);
  write(1, 'second');
  await arrival(1, 'second');
  await daemon.waitForLog(() => daemon.log().filter(said('applied', 1)).length === 2);
  expect(requestsFor(0)).toHaveLength(1);

  daemon.signal('SIGTERM');
  await daemon.finished;
  const { code, stdout } = await apply('--json').finished;
  expect(code).toBe(0);
  expect(applyLines(stdout).at(-1)).toMatchObject({ applied: 0, unchanged: 2, failed: 0 });
  expect(requestsFor(0)).toHaveLength(1);
});

function keptInstead(n: number, displayName: string) {
  const data = { id: widgetId(n), widget_type: 'chat', display_name: displayName };
  return { message: 'Data updated successfully', meta: {}, data };
}
