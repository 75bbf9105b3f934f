// What can be said of files does not wait for an API that cannot be reached.

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { startHere } from '../support/start-here.ts';

test('a broken file is told by run and plan while the API is away', async () => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'widgets/a.yaml', `widget_id: ${widgetId(1)}\nwidget_type: chat\nname: A\n`);
  writeFile(cwd, 'widgets/b.yaml', `widget_id: ${widgetId(2)}\nwidget_type: chat\nnmae: B\n`);
  const options = { cwd, env: { INSIGHTO_API_KEY: 'in-test' } };
  // Nothing listens there.
  const away = ['--api-url', 'http://127.0.0.1:9'];

  const place = [join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync')];
  const daemon = startHere(['run', ...place, ...away], options.env);
  await daemon.waitForLog((line) => line['code'] === 'unknown-field' && line['file'] === 'b.yaml');
  await daemon.waitForLog((line) => line.msg === 'cannot look');
  daemon.signal('SIGTERM');
  expect((await daemon.finished).code).toBe(0);
  const status = await runIn(options, ['status', ...away]);
  expect(status).toMatchObject({ code: 1 });
  expect(status.stdout).toMatch(/^Blocked: /m);
  expect(status.stdout).toContain('No pass has succeeded yet');

  const plan = startHere(['plan', ...place, ...away], options.env);
  await expect.poll(() => plan.stderr(), { timeout: 20_000 }).toContain('unknown-field');
  plan.signal('SIGTERM');
  expect(await plan.finished).toMatchObject({ code: 1, stdout: '' });
  expect(plan.stderr()).toContain('stopped before the plan was made');
});
