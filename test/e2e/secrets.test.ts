// The key, and the password of a proxy: where they come from, and that they are shown nowhere.
import { chmodSync, existsSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Fault, FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Finished, type Started, startCommand, writeFile } from '../support/command.ts';
import { startProxy, startTlsFront, tlsCertificate, tlsHost } from '../support/https-proxy.ts';
import { runIn, withoutBackoff } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { startHere } from '../support/start-here.ts';
import {
  allTextBelow,
  generousMs,
  openWorkspace,
  said,
  unreachable,
  type Workspace,
} from '../support/workspace.ts';

test.each<[string, (cwd: string, key: string) => void]>([
  ['rename', replaceByRename],
  ['a swapped link', replaceByLink],
])('a key file replaced by %s is used for the next request', async (_, replace) => {
  const workspace = await openWorkspace({ widgets: 1, apiKey: 'in-one' });
  const { cwd, sandbox, write, arrival } = workspace;
  replace(cwd, 'in-one');
  const place = [join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync')];
  const daemon = startHere(['run', '--api-url', sandbox.url, ...place], {
    INSIGHTO_API_KEY_FILE: join(cwd, 'secrets/key'),
  });
  await daemon.waitForLog(said('applied', 0));
  replace(cwd, 'in-two');
  sandbox.setApiKey('in-two');
  write(0, 'second');
  await arrival(0, 'second');
  expect(sandbox.requests.every((request) => request.status === 200)).toBe(true);
  expect(daemon.log().some((line) => line.level === 'error')).toBe(false);
});

function replaceByRename(cwd: string, key: string): void {
  writeFile(cwd, 'secrets/.key.new', `${key}\n`);
  renameSync(join(cwd, 'secrets/.key.new'), join(cwd, 'secrets/key'));
}

/** As Kubernetes renews a secret: the file is a link through a linked directory, and that is swapped. */
function replaceByLink(cwd: string, key: string): void {
  const secrets = join(cwd, 'secrets');
  writeFile(secrets, `..${key}/key`, key);
  symlinkSync(`..${key}`, join(secrets, '..data.new'));
  renameSync(join(secrets, '..data.new'), join(secrets, '..data'));
  if (!existsSync(join(secrets, 'key'))) symlinkSync('..data/key', join(secrets, 'key'));
}

const apiKey = 'in-s3cr3t+/k9x=';
/** Stands in every spelling of the key that leaves its letters alone. */
const keyCore = 's3cr3t';

test('the daemon shows the key nowhere, whatever the API answers', async () => {
  const workspace = await openWorkspace({
    widgets: 9,
    apiKey,
    onRequest: inTurn(serverError),
    onWrite: leakingAnswers(),
  });
  const { sandbox, run, write, arrival } = workspace;
  const daemon = run('--log-level', 'trace');
  const commandLine = commandLineOf(daemon);
  await daemon.waitForLog(said('not read, trying again'));
  const failed = [1, 2, 4].map((n) => daemon.waitForLog(said('failed', n)));
  const retried = [3, 5, 6, 7, 8].map((n) =>
    daemon.waitForLog(said('not applied, trying again', n)),
  );
  await Promise.all([...failed, ...retried, arrival(0, 'first')]);
  await Promise.all([5, 6, 7, 8].map((n) => daemon.waitForLog(said('applied', n))));

  await sandbox.close();
  write(0, 'second');
  await daemon.waitForLog(unreachable);
  const refusing = await startSandbox({ port: sandbox.port, onRequest: () => refusedKey });
  const halt = await daemon.waitForLog(({ msg }) => msg.startsWith('the API refuses the key'));
  await refusing.close();
  daemon.signal('SIGTERM');
  const { stdout, stderr } = await daemon.finished;

  // What the API said was shown, all but the key in it.
  expect(halt['error']).toContain('[api key]');
  for (const text of [stdout, stderr, commandLine]) expectNoKey(text);
  expectNoKeyInState(workspace);
});

test.each(['apply', 'plan'])('%s shows the key nowhere, in text or JSON', async (command) => {
  await Promise.all([[command], [command, '--json']].map(expectKeyHidden));
});

async function expectKeyHidden(command: string[]): Promise<void> {
  const onWrite = leakingAnswers();
  const workspace = await openWorkspace({ widgets: 9, apiKey, onWrite, ...withoutBackoff });
  const { sandbox, quickly, write } = workspace;
  // What the API repeats in a field comes back with the live state.
  sandbox.edit(widgetId(0), { display_name: leakedUrl, description: told });
  const [name = '', ...flags] = [...command, '--log-level', 'trace'];
  const { stdout, stderr, code } = await quickly(name, ...flags);
  for (const text of [stdout, stderr]) expectNoKey(text);
  expect(stdout).toContain('w8.yaml');
  if (command[0] === 'apply') {
    expect(code).toBe(1);
    expect(stdout).toContain('[api key]');
    expectNoKeyInState(workspace);
    // A widget that the fault hook leaves to the account, which no longer takes the key.
    write(0, 'second');
  } else {
    expect(code).toBe(0);
  }
  if (command.includes('--json')) return;
  sandbox.setApiKey('in-another');
  const refused = await quickly(name, ...flags, '--concurrency', '9');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('The API refused the key (401)');
  for (const text of [refused.stdout, refused.stderr]) expectNoKey(text);
}

test.each(['apply', 'plan', 'run'])('%s holds a file with the key in it', async (command) => {
  const workspace = await openWorkspace({ widgets: 2, apiKey });
  const { cwd, sandbox, runHere, quickly } = workspace;
  const bad = `widget_id: ${widgetId(0)}\nwidget_type: chat\ndisplay_name: "Ask with ${apiKey}"\n`;
  writeFile(cwd, 'widgets/w0.yaml', bad);
  if (command === 'run') {
    const daemon = runHere();
    await daemon.waitForLog(said('applied', 1));
    daemon.signal('SIGTERM');
    const { stdout, stderr } = await daemon.finished;
    for (const text of [stdout, stderr]) expectNoKey(text);
    expect(stderr + stdout).toContain('holds-key');
  } else {
    const { code, stdout, stderr } = await quickly(command);
    expect(code).toBe(1);
    expect(stderr).toContain('w0.yaml:3:15');
    expect(stderr).toContain('display_name holds the API key');
    for (const text of [stdout, stderr]) expectNoKey(text);
  }
  expect(sandbox.requests.filter(({ body }) => JSON.stringify(body).includes(keyCore))).toEqual([]);
  if (command !== 'plan') expectNoKeyInState(workspace);
});

test('a read that fails shows the key nowhere, whatever the API answers', async () => {
  await Promise.all([
    expectReadsHideKey(['plan'], [serverError, redirect, badRequest]),
    expectReadsHideKey(['plan', '--json'], [{ kind: 'reset' }, badRequest]),
    expectReadsHideKey(['apply'], [brokenBody, invalid]),
    expectReadsHideKey(['apply', '--json'], [badGateway, forbidden]),
  ]);
});

async function expectReadsHideKey(command: string[], answers: Fault[]): Promise<void> {
  const onRequest = inTurn(...answers);
  const workspace = await openWorkspace({ widgets: 2, apiKey, onRequest, ...withoutBackoff });
  const { quickly, reads } = workspace;
  const [name = '', ...flags] = [...command, '--log-level', 'trace'];
  const { stdout, stderr, code } = await quickly(name, ...flags);
  // Where the list is not allowed, the two widgets are read one by one.
  expect(reads()).toHaveLength(answers.length + (answers.includes(forbidden) ? 2 : 0));
  // Of these, only reads that are not allowed leave something to do.
  expect(code).toBe(answers.includes(forbidden) ? 0 : 1);
  expect(stderr).toContain('not read, trying again');
  for (const text of [stdout, stderr]) expectNoKey(text);
}

test('a key that the API gives back in a field is not recorded', async () => {
  const data = { id: widgetId(0), display_name: leakedUrl };
  const workspace = await openWorkspace({
    widgets: 1,
    apiKey,
    onWrite: () => ({ kind: 'answer', status: 200, body: { message: apiKey, meta: {}, data } }),
  });
  const { stdout, stderr } = await workspace.quickly('apply', '--log-level', 'trace');
  expect(stdout).toContain('the API kept');
  for (const text of [stdout, stderr]) expectNoKey(text);
  expectNoKeyInState(workspace);
});

test('https goes through the proxy of HTTPS_PROXY, which sees no key and whose password is never shown', async () => {
  const password = 'hunt3r2';
  const workspace = await openWorkspace({ widgets: 1, apiKey });
  const { cwd, env, sandbox, write, arrival } = workspace;
  const proxy = await startProxy(await startTlsFront(sandbox.port));
  writeFile(cwd, 'ca.pem', tlsCertificate);
  const daemon = startCommand(['run', '--api-url', `https://${tlsHost}`, '--log-level', 'trace'], {
    cwd,
    env: {
      ...env,
      HTTPS_PROXY: `http://deploy:${password}@127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: join(cwd, 'ca.pem'),
    },
  });
  await arrival(0, 'first');
  const credentials = Buffer.from(`deploy:${password}`).toString('base64');
  expect(proxy.tunnels[0]).toEqual({
    line: `CONNECT ${tlsHost}:443`,
    authorization: `Basic ${credentials}`,
  });
  await daemon.waitForLog(said('applied', 0));

  proxy.close();
  write(0, 'second');
  await daemon.waitForLog(unreachable);
  daemon.signal('SIGTERM');
  const { stdout, stderr } = await daemon.finished;
  for (const text of [stdout, stderr, allTextBelow(join(cwd, '.widget-sync'))]) {
    expect(text).not.toContain(password);
    expect(text).not.toContain(credentials);
    expectNoKey(text);
  }
});

test('a diagnostic report of the daemon holds no key', async () => {
  const { cwd, sandbox, env } = await openWorkspace({ widgets: 1, apiKey });
  // As an operator asks for one; a fatal error, with --report-on-fatalerror, writes the same.
  const options = '--report-on-signal --report-signal=SIGURG --report-filename=report.json';
  const daemon = startCommand(['run', '--api-url', sandbox.url, '--resync', 'off'], {
    cwd,
    env: { ...env, KEY_OF_A_CLIENT: apiKey, NODE_OPTIONS: options, MARKER: 'in the environment' },
  });
  await daemon.waitForLog(said('applied', 0));
  daemon.signal('SIGURG');
  const report = join(cwd, 'report.json');
  await until(() => existsSync(report) && readFileSync(report, 'utf8').trimEnd().endsWith('}'));
  const text = readFileSync(report, 'utf8');
  expect(text).toContain('in the environment');
  expectNoKey(text);
  daemon.signal('SIGTERM');
  expect((await daemon.finished).code).toBe(0);
});

test.each(['run', 'apply', 'plan'])(
  '%s warns once of a key file that others may read',
  async (command) => {
    const { cwd, sandbox } = await openWorkspace({ widgets: 1, apiKey });
    writeFile(cwd, 'key', apiKey);
    chmodSync(join(cwd, 'key'), 0o644);
    const env = { INSIGHTO_API_KEY_FILE: 'key' };
    const target = ['--api-url', sandbox.url];
    const { code, stdout, stderr } =
      command === 'run' ? await runUntilApplied() : await runIn({ cwd, env }, [command, ...target]);
    expect(code).toBe(0);
    const warnings = `${stdout}${stderr}`.match(
      /INSIGHTO_API_KEY_FILE \(key\) has mode 0644: .*chmod 600/g,
    );
    expect(warnings).toHaveLength(1);
    expectNoKey(stdout + stderr);

    async function runUntilApplied(): Promise<Finished> {
      const daemon = startCommand(['run', ...target], { cwd, env });
      await daemon.waitForLog(said('applied', 0));
      daemon.signal('SIGTERM');
      return await daemon.finished;
    }
  },
);

const leakedUrl = `https://api.example.test/api/v1/widget/x?api_key=${encodeURIComponent(apiKey)}&page=1`;

const told = `${leakedUrl} and ${apiKey}`;
const page = `<html><body><a href="${leakedUrl}">${apiKey}</a></body></html>`;

const invalid: Fault = {
  kind: 'answer',
  status: 422,
  body: {
    detail: [
      { loc: ['body', 'display_name'], msg: told, type: 'value_error', input: told },
      { loc: ['query', apiKey], msg: told, type: 'value_error' },
    ],
  },
};
const redirect: Fault = {
  kind: 'answer',
  status: 302,
  headers: { Location: leakedUrl },
  body: page,
};
const badRequest: Fault = {
  kind: 'answer',
  status: 400,
  headers: { 'X-Url': leakedUrl },
  body: told,
};
const forbidden: Fault = { kind: 'answer', status: 403, body: { detail: told } };
const serverError: Fault = { kind: 'answer', status: 500, body: { detail: told } };
const badGateway: Fault = { kind: 'answer', status: 502, body: page };
const brokenBody: Fault = { kind: 'answer', status: 200, body: `{"message":"${told}` };

/** By widget, what it is answered; everything else succeeds, and from 5 on a second attempt does. */
const leaks: Record<number, Fault> = {
  1: invalid,
  2: { kind: 'answer', status: 404, body: page },
  3: redirect,
  4: badRequest,
  5: serverError,
  6: badGateway,
  7: { kind: 'reset' },
  8: brokenBody,
};
const refusedKey: Fault = { kind: 'answer', status: 401, body: { detail: told } };

function inTurn(...answers: Fault[]): FaultHook {
  return () => answers.shift();
}

function leakingAnswers(): FaultHook {
  const asked = new Set<number>();
  return ({ widgetId: id }) => {
    const n = range.find((candidate) => widgetId(candidate) === id) ?? 0;
    if (n >= 5 && asked.has(n)) return undefined;
    asked.add(n);
    return leaks[n];
  };
}

const range = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** A report is written without an event. */
async function until(condition: () => boolean): Promise<void> {
  const startedMs = performance.now();
  while (!condition()) {
    if (performance.now() - startedMs > generousMs) throw new Error('it did not come to that');
    await setTimeout(20);
  }
}

function commandLineOf({ child }: Started): string {
  const path = `/proc/${child.pid}/cmdline`;
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function expectNoKeyInState({ cwd }: Workspace): void {
  const state = allTextBelow(join(cwd, '.widget-sync'));
  expect(state).toContain('history.ndjson');
  expectNoKey(state);
}

function expectNoKey(text: string): void {
  expect(text).not.toContain(keyCore);
  expect(text).not.toContain(Buffer.from(apiKey).toString('base64'));
}
