// What people hear of a real daemon that meets an outage, or a refusal, on a clock that runs ahead.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { fastClock } from '../../support/fast-clock.ts';
import { startHere } from '../../support/start-here.ts';
import { openWebhook } from '../../support/webhook.ts';
import { openWorkspace, said, type Workspace } from '../../support/workspace.ts';

const widgets = 12;

function startOn(clock: Clock, { cwd, env, sandbox }: Workspace, notifyFile: string) {
  const words = ['run', join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync')];
  const flags = ['--api-url', sandbox.url, '--rate', '50/s', '--resync', 'off'];
  // What takes long here because the machine is busy must not pass for a service that hangs.
  flags.push('--timeout', '1h');
  return startHere([...words, ...flags, '--notify', notifyFile], env, clock);
}

test('an outage with all widgets failing is told once, over three restarts, and once when it is over', async () => {
  let isDown = false;
  const workspace = await openWorkspace({
    widgets,
    onRequest: () => (isDown ? { kind: 'status', status: 503 } : undefined),
  });
  const webhook = await openWebhook();
  const clock = fastClock(40);
  const start = () => startOn(clock, workspace, webhook.path);
  let daemon = start();
  await workspace.arrival(widgets - 1, 'first');
  isDown = true;
  for (let n = 0; n < widgets; n += 1) workspace.write(n, 'second');
  await webhook.until(1);
  expect(webhook.told()).toEqual(['service.down raised']);
  for (let restart = 0; restart < 3; restart += 1) {
    daemon.signal('SIGTERM');
    await daemon.finished;
    daemon = start();
    await daemon.waitForLog(said('cannot look'));
  }
  // Whatever keeps it from looking, it is the same outage.
  await clock.sleep(45_000);
  expect(webhook.told()).toEqual(['service.down raised']);
  isDown = false;
  for (let n = 0; n < widgets; n += 1) await workspace.arrival(n, 'second');
  await webhook.until(2);
  // Another while, in which widgets that failed could be told.
  await clock.sleep(45_000);
  expect(webhook.told()).toEqual(['service.down raised', 'service.down cleared']);
}, 60_000);

test('a refused widget is told with its field and line, not again by the next process, and when it is mended', async () => {
  const refusal = { detail: [{ loc: ['body', 'style_params'], msg: 'is not accepted' }] };
  const workspace = await openWorkspace({
    widgets: 2,
    onWrite: ({ body }) =>
      JSON.stringify(body).includes('odd')
        ? { kind: 'answer', status: 422, body: refusal }
        : undefined,
  });
  const webhook = await openWebhook();
  const clock = fastClock(30);
  workspace.write(0, 'Ava', 'style_params:\n  odd: 1\n');
  let daemon = startOn(clock, workspace, webhook.path);
  await webhook.until(1);
  expect(webhook.messages()).toMatchObject([
    {
      type: 'widget.failed',
      title: 'Ava was refused (422)',
      text: 'The API refused the widget (422): style_params: is not accepted (w0.yaml, line 4).',
      widgets: [{ file: 'w0.yaml', name: 'Ava' }],
    },
  ]);
  daemon.signal('SIGTERM');
  await daemon.finished;
  daemon = startOn(clock, workspace, webhook.path);
  await daemon.waitForLog(({ level, file }) => level === 'error' && file === 'w0.yaml');
  await clock.sleep(30_000);
  workspace.write(0, 'Ava');
  await webhook.until(2);
  expect(webhook.messages()).toMatchObject([
    { state: 'raised' },
    { state: 'cleared', title: 'Resolved: Ava was refused (422)' },
  ]);
  expect(webhook.messages()[1].ends).toEqual([webhook.messages()[0].cause]);
}, 60_000);
