// The daemon with notifications: what it tells, and that nothing waits for those who are told.
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { forgetSecrets } from '../../../src/base/secrets.ts';
import { type Received, type Respond, startServer } from '../../api/loopback.ts';
import { notifyDirectory, signingSecret } from '../../observe/notify/messages.ts';
import { fastClock } from '../../support/fast-clock.ts';
import { startHere } from '../../support/start-here.ts';
import { allTextBelow, openWorkspace } from '../../support/workspace.ts';

const apiKey = 'in-Zq7xKey0123456789abcdef';

/** A file with webhooks at servers that answer so. */
async function targetsAt(responds: readonly Respond[], events = 'widgets.applied') {
  const files = notifyDirectory();
  const arrivals = new EventEmitter();
  const heard =
    (respond: Respond): Respond =>
    (response, one) => {
      respond(response, one);
      arrivals.emit('one');
    };
  const servers = await Promise.all(responds.map((respond) => startServer(heard(respond))));
  const entries = servers.map(({ baseUrl }, n) => {
    files.write(`url-${n}`, `${baseUrl}/hooks/a-secret-part-of-it`);
    return `  - { to: webhook, url_file: url-${n}, secret_file: secret, events: [${events}] }`;
  });
  files.write('secret', signingSecret);
  files.write('notify.yaml', ['targets:', ...entries].join('\n'));
  onTestFinished(forgetSecrets);
  const received = servers.map((server) => server.received);
  return {
    path: files.path,
    received,
    /** Resolves once each target has been sent so many. */
    async until(count: number) {
      while (received.some(({ length }) => length < count)) await once(arrivals, 'one');
    },
  };
}

const messagesIn = (received: readonly Received[] = []) =>
  received.map(({ body }) => JSON.parse(body));

const dead: readonly Respond[] = [
  () => {},
  (response) => response.writeHead(500).end(),
  (response) => response.socket?.resetAndDestroy(),
];

test('a pass is one message, with its commit and fields, and no secret is anywhere', async () => {
  const { path, received, until } = await targetsAt([(response) => response.end('ok')]);
  const workspace = await openWorkspace({ widgets: 3, apiKey });
  const daemon = workspace.runHere('--notify', path);
  await until(1);
  expect(messagesIn(received[0])).toMatchObject([
    {
      type: 'widgets.applied',
      state: 'happened',
      title: '3 widgets were applied',
      count: 3,
      source: { directory: join(workspace.cwd, 'widgets') },
    },
  ]);
  workspace.write(1, 'second');
  await until(2);
  expect(messagesIn(received[0])[1]).toMatchObject({
    title: 'second was applied',
    text: 'second: display_name (w1.yaml).',
    fields: [{ path: '/display_name' }],
  });
  daemon.signal('SIGTERM');
  const { code, stdout, stderr } = await daemon.finished;
  expect(code).toBe(0);
  const everything =
    stdout + stderr + allTextBelow(workspace.cwd) + JSON.stringify(messagesIn(received[0]));
  expect(everything).not.toMatch(/Zq7xKey|a-secret-part|whsec_/);
});

test('targets that hang, fail and reset hold up no write, and the end for five seconds only', async () => {
  const { path, until } = await targetsAt(dead);
  const workspace = await openWorkspace({ widgets: 2, apiKey });
  const daemon = workspace.runHere('--notify', path);
  await workspace.arrival(1, 'first');
  await until(1);
  for (const name of ['second', 'third']) {
    workspace.write(0, name);
    await workspace.arrival(0, name);
  }
  const stoppedAt = performance.now();
  daemon.signal('SIGTERM');
  const { code, stdout } = await daemon.finished;
  expect(code).toBe(0);
  expect(performance.now() - stoppedAt).toBeLessThan(9000);
  const complaints = stdout
    .split('\n')
    .filter((line) => line.includes('a notification target fails'));
  // The one that hangs is found out at the end.
  expect(complaints).toHaveLength(3);
  expect(stdout).not.toMatch(/a-secret-part|127\.0\.0\.1:\d+\/hooks/);
});

test('a write and a target that both hang are waited for at once: ten seconds for all', async () => {
  const { path, until } = await targetsAt([() => {}]);
  let hangs = false;
  const writes = new EventEmitter();
  const hanging = once(writes, 'hung');
  const workspace = await openWorkspace({
    widgets: 2,
    apiKey,
    onWrite() {
      if (!hangs) return undefined;
      writes.emit('hung');
      return { kind: 'hang' };
    },
  });
  const { cwd, env, sandbox } = workspace;
  const clock = fastClock(5);
  const words = ['run', join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync')];
  const flags = ['--api-url', sandbox.url, '--resync', 'off', '--timeout', '1h'];
  const daemon = startHere([...words, ...flags, '--notify', path], env, clock);
  await until(1);
  hangs = true;
  workspace.write(0, 'second');
  await hanging;
  const stoppedAtMs = clock.monotonicMs();
  daemon.signal('SIGTERM');
  expect((await daemon.finished).code).toBe(0);
  const tookMs = clock.monotonicMs() - stoppedAtMs;
  expect(tookMs).toBeGreaterThan(9000);
  expect(tookMs).toBeLessThan(14_500);
});

test('a file of targets with a mistake keeps the daemon from starting', async () => {
  const { path } = await targetsAt([() => {}], 'widgets.aplied');
  const workspace = await openWorkspace({ widgets: 1, apiKey });
  const { code, stderr } = await workspace.runHere('--notify', path).finished;
  expect(code).toBe(1);
  expect(stderr).toContain('did you mean widgets.applied?');
  expect(workspace.sandbox.requests).toEqual([]);
});
