// `sandbox --faults`: a file of faults given to the command, and what it says of them.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { readApplyJson } from '../support/json-shapes.ts';
import { runHere, runIn, waitForOutput } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { startIn } from '../support/start-here.ts';

const widget = `widget_id: ${widgetId(1)}\nwidget_type: chat\nname: Ava\n`;

async function startWith(faults: string) {
  const root = temporaryDirectory();
  writeFile(root, 'widgets/ava.yaml', widget);
  writeFile(root, 'faults.yaml', faults);
  const flags = ['--port', '0', '--seed', 'widgets', '--faults', 'faults.yaml'];
  const server = startIn({ cwd: root, env: {} }, ['sandbox', ...flags]);
  const [, url = ''] = await waitForOutput(server, /at (http:\/\/127\.0\.0\.1:\d+), with 1 widget/);
  await waitForOutput(server, /^Faults: \d+ rules?, seed \d+\.$/m);
  return { root, server, url };
}

test('faults befall the requests that the file names, are told one by one, and summed up', async () => {
  const { root, server, url } = await startWith(
    [
      'seed: 42',
      'faults:',
      '  - kind: lost-answer',
      '    times: 1',
      '  - kind: status',
      '    status: 503',
      '    method: PUT',
      '    times: 1',
    ].join('\n'),
  );
  writeFile(root, 'widgets/ava.yaml', widget.replace('Ava', 'Eve'));
  const env = { INSIGHTO_API_KEY: 'in-e2e-secret' };

  const applied = await runIn({ cwd: root, env }, ['apply', '--api-url', url, '--json']);

  expect(applied.code).toBe(0);
  expect(readApplyJson(applied.stdout).summary).toMatchObject({ applied: 1, failed: 0 });
  server.signal('SIGTERM');
  const { code, stdout, stderr } = await server.finished;
  expect(code).toBe(0);
  const path = `PUT /api/v1/widget/${widgetId(1)}`;
  expect(stderr).toBe(`fault: lost-answer: ${path}\nfault: status: ${path}\n`);
  expect(stdout).toMatch(/^Faults: 1 lost-answer, 1 status in \d+ requests\.\n$/m);
  expect(stdout + stderr).not.toContain('e2e-secret');
});

test('a file whose faults never fire is summed up too', async () => {
  const { server, url } = await startWith('faults: [{kind: reset, method: PUT}]');
  expect((await fetch(`${url}/api/v1/widget?api_key=in-x`)).status).toBe(200);

  server.signal('SIGTERM');

  const { stdout, stderr } = await server.finished;
  expect(stdout).toMatch(/Faults: none in 1 request\.\n$/);
  expect(stderr).toBe('');
});

test('a bad file is refused with its lines before anything listens', async () => {
  const root = temporaryDirectory();
  writeFile(root, 'faults.yaml', 'faults:\n  - kind: statsu\n  - kind: reset\n    tims: 3\n');

  const words = ['sandbox', '--port', '0', '--faults', 'faults.yaml'];
  const { code, stdout, stderr } = await runIn({ cwd: root, env: {} }, words);

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe(
    [
      'widget-sync: faults.yaml:2:5: kind: unknown kind "statsu"; did you mean status?',
      'faults.yaml:4:5: unknown field "tims" of a fault of the kind reset; did you mean times?',
      '',
    ].join('\n'),
  );
});

test('a file that is not there is named', async () => {
  const path = join(temporaryDirectory(), 'none.yaml');
  const { code, stderr } = await runHere(['sandbox', '--port', '0', '--faults', path]);
  expect(code).toBe(1);
  expect(stderr).toContain(`--faults ${path}: expected a file of faults, but there is none`);
});
