// `npm run demo` and its like: the whole program against a sandbox of its own, without key or account.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCommand, startCommand, temporaryDirectory, writeFile } from '../support/command.ts';
import { readApplyJson, readPlanJson } from '../support/json-shapes.ts';
import { runHere } from '../support/program.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Of the files in widgets/; one more is suspended. */
const pushed = [
  'ava.yaml',
  'harbor-lights-whatsapp.yaml',
  'larkspur-sms.yml',
  'northwind-dental/front-page-call.yaml',
  'northwind-dental/reception-phone.yaml',
];

/** A copy of the repository's widgets to work in, and a temporary directory to look into afterwards. */
function copyExamples() {
  const cwd = join(temporaryDirectory(), 'work');
  const temporary = join(cwd, '../tmp');
  mkdirSync(temporary);
  cpSync(join(repository, 'widgets'), join(cwd, 'widgets'), { recursive: true });
  const expectNoTrace = () => {
    expect(readdirSync(cwd)).toEqual(['widgets']);
    expect(readdirSync(temporary)).toEqual([]);
  };
  return { cwd, env: { TMPDIR: temporary }, expectNoTrace };
}

test('the demo pushes what is stale, says so, pushes an edit, and leaves nothing behind', async () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  expect(scripts.demo).toBe('node dist/main.js run --sandbox');

  const { cwd, env, expectNoTrace } = copyExamples();
  const demo = startCommand(['run', '--sandbox'], { cwd, env });
  const started = await demo.waitForLog((line) => line.msg === 'started', 25_000);
  expect(started).toMatchObject({ directory: 'widgets' });
  expect(started['api_url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  for (const file of pushed) {
    const line = await demo.waitForLog((one) => one.msg === 'applied' && one['file'] === file);
    expect(line).toMatchObject({ attempts: 1, reason: 'new' });
    expect(line['fields'], 'what was stale').not.toEqual([]);
  }
  expect(demo.log().filter((line) => line.msg === 'held')).toMatchObject([
    { file: 'tidepool-telegram.yaml', code: 'suspended' },
  ]);

  const file = 'widgets/larkspur-sms.yml';
  const text = readFileSync(join(cwd, file), 'utf8');
  writeFile(cwd, file, text.replace('Reply 1 to confirm', 'Reply 1 for yes'));
  const edit = await demo.waitForLog((line) => line['reason'] === 'edited', 25_000);
  expect(edit).toMatchObject({
    msg: 'applied',
    file: 'larkspur-sms.yml',
    fields: ['/intro_message'],
  });

  demo.signal('SIGTERM');
  const { code, stdout, stderr } = await demo.finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const counted = demo.log().filter((line) => line.msg === 'applied');
  expect(counted).toHaveLength(pushed.length + 1);
  expect(stdout).not.toContain('in-sandbox');
  expectNoTrace();
});

test('apply and plan take a sandbox too, and leave nothing behind', async () => {
  const { cwd, env, expectNoTrace } = copyExamples();
  const [applied, planned] = await Promise.all([
    // The image sets the variable for every command; a sandbox keeps a state of its own.
    runCommand(['apply', '--sandbox', '--json'], {
      cwd,
      env: { ...env, WIDGET_SYNC_STATE: 'state' },
    }),
    runCommand(['plan', '--sandbox', '--json', '--detailed-exitcode'], { cwd, env }),
  ]);
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  const { outcomes, summary } = readApplyJson(applied.stdout);
  expect(summary).toMatchObject({ applied: 5, failed: 0, held: 1 });
  const sent = outcomes.filter(({ status }) => status === 'applied').map(({ file }) => file);
  expect(sent.sort()).toEqual(pushed);

  expect(planned).toMatchObject({ code: 2, stderr: '' });
  expect(readPlanJson(planned.stdout).changes.map(({ file }) => file)).toEqual(pushed);
  expectNoTrace();
});

test('a sandbox run that cannot start leaves nothing behind either', async () => {
  const { cwd, env, expectNoTrace } = copyExamples();
  const { code, stderr } = await runCommand(['apply', '--sandbox'], {
    cwd,
    env: { ...env, NODE_DEBUG: 'undici' },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/NODE_DEBUG/);
  expectNoTrace();
});

test.each(['run', 'apply', 'plan'])(
  '%s refuses a sandbox together with an API or a state directory',
  async (command) => {
    const { cwd } = copyExamples();
    const args = [command, join(cwd, 'widgets'), '--sandbox'];
    const byFlag = await runHere([...args, '--api-url', 'http://127.0.0.1:9']);
    expect(byFlag).toMatchObject({ code: 1, stdout: '' });
    expect(byFlag.stderr).toMatch(/--sandbox takes the place of the API: .*--api-url/);
    const byVariable = await runHere(args, { WIDGET_SYNC_API_URL: 'http://127.0.0.1:9' });
    expect(byVariable).toMatchObject({ code: 1, stdout: '' });
    expect(byVariable.stderr, 'names what to unset').toMatch(/--sandbox .*WIDGET_SYNC_API_URL/);
    const withState = await runHere([...args, '--state', join(cwd, 'state')]);
    expect(withState).toMatchObject({ code: 1, stdout: '' });
    expect(withState.stderr).toMatch(/--sandbox keeps a state of its own.*leave --state away/);
    expect(readdirSync(cwd)).toEqual(['widgets']);
  },
);
