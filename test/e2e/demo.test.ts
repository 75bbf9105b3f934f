// `npm run demo` and its like: the whole program against a sandbox of its own, without key or account.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  type Running,
  runCommand,
  startCommand,
  temporaryDirectory,
  writeFile,
} from '../support/command.ts';
import { readApplyJson, readPlanJson } from '../support/json-shapes.ts';
import { runHere, runIn, waitForOutput } from '../support/program.ts';
import { startIn } from '../support/start-here.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Of the files in widgets/; one more is suspended. */
const pushed = [
  'ava.yaml',
  'harbor-lights-whatsapp.yaml',
  'larkspur-sms.yml',
  'loom-and-lantern.yaml',
  'northwind-dental/front-page-call.yaml',
  'northwind-dental/reception-phone.yaml',
  'qamar-perfumes.yaml',
];

/** A copy of the repository's widgets to work in, and a temporary directory to look into afterwards. */
function copyExamples() {
  const cwd = join(temporaryDirectory(), 'work');
  const temporary = join(cwd, '../tmp');
  mkdirSync(temporary);
  // For what runs in this process, too.
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  cpSync(join(repository, 'widgets'), join(cwd, 'widgets'), { recursive: true });
  const expectNoTrace = () => {
    expect(readdirSync(cwd)).toEqual(['widgets']);
    expect(readdirSync(temporary)).toEqual([]);
  };
  return { cwd, env: { TMPDIR: temporary }, expectNoTrace };
}

/** What stands in the output from the first match on; waits for it. */
async function printed(demo: Running, wanted: RegExp): Promise<string> {
  const { index } = await waitForOutput(demo, wanted);
  return demo.stdout().slice(index);
}

test('the demo says what it pushes, what to try, and what comes of it; and leaves nothing behind', async () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  expect(scripts.demo).toBe('node dist/main.js run --sandbox');

  const { cwd, env, expectNoTrace } = copyExamples();
  const edit = (file: string, from: string, to: string) =>
    writeFile(cwd, file, readFileSync(join(cwd, file), 'utf8').replace(from, to));
  const demo = startCommand(['run', '--sandbox'], { cwd, env });
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const recorded = /\n\$ npm run demo\n(.*?)```/s.exec(readme)?.[1]?.split('\n') ?? [];
  const invitation = await printed(demo, /^Try:.*\n(?:.*\n)*Ctrl-C ends the demo\.\n/m);
  const first = demo.stdout();
  for (const file of pushed) {
    expect(first).toMatch(
      new RegExp(`^✓ widgets/${file} {2}\\d+ fields? pushed and live(?:, among them:)?\n {4}`, 'm'),
    );
  }
  expect(recorded.length, 'README.md').toBeGreaterThan(5);
  for (const line of recorded.filter((one) => one !== '…')) expect(first).toContain(`${line}\n`);
  expect(first, 'old and new').toContain('"Ava from Fernwood (old)" → "Ava from Fernwood"\n');
  expect(first).toContain('! widgets/tidepool-telegram.yaml  held (suspended)');
  expect(first.split('\n').length, 'to be read without scrolling').toBeLessThan(45);
  expect(first, 'not the log').not.toMatch(/duration_ms|widget_id|"level"|INFO/);
  expect(invitation).toContain('Try:  edit widgets/ava.yaml and save');

  edit('widgets/ava.yaml', 'Ava from Fernwood', 'Ava of Fernwood');
  await printed(
    demo,
    /^\d\d:\d\d:\d\d ✓ widgets\/ava\.yaml {2}1 field pushed and live\n {4}~ display_name {2}"Ava from Fernwood" → "Ava of Fernwood"\n/m,
  );
  const [url = ''] = /http:[^']+/.exec(invitation) ?? [];
  const live = (await (await fetch(url)).json()) as { data: { display_name: string } };
  expect(live.data.display_name).toBe('Ava of Fernwood');
  const [look = ''] = /history --state \S+/.exec(invitation) ?? [];
  const history = await runCommand(look.split(' '), { cwd, env });
  expect(history.stdout).toMatch(
    /ava\.yaml .*edited .*\n {4}~ display_name {2}"Ava from Fernwood" → "Ava of Fernwood"$/m,
  );

  edit('widgets/ava.yaml', 'bubble_text:', 'bubble_txt:');
  await printed(
    demo,
    /^\S+ ! widgets\/ava\.yaml {2}held \(unknown-field\): its widget stays as it is\nerror: unknown field bubble_txt/m,
  );
  edit('widgets/ava.yaml', 'bubble_txt:', 'bubble_text:');
  await printed(demo, /^\S+ = widgets\/ava\.yaml {2}nothing to push: its values are live\n/m);

  demo.signal('SIGTERM');
  const { code, stdout, stderr } = await demo.finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.match(/✓/g)).toHaveLength(pushed.length + 1);
  expect(stdout).not.toContain('in-sandbox');
  expectNoTrace();
});

test('where a log format is asked for, it is the log that a sandbox run prints', async () => {
  const { cwd, env, expectNoTrace } = copyExamples();
  const daemon = startIn({ cwd, env }, ['run', '--sandbox', '--log-format', 'json']);
  const started = await daemon.waitForLog((line) => line.msg === 'started', 25_000);
  expect(started).toMatchObject({ directory: 'widgets' });
  expect(started['api_url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  for (const file of pushed) {
    const line = await daemon.waitForLog((one) => one.msg === 'applied' && one['file'] === file);
    expect(line).toMatchObject({ attempts: 1, reason: 'new' });
    expect(line['fields'], 'what was stale').not.toEqual([]);
  }
  expect(daemon.log().filter((line) => line.msg === 'held')).toMatchObject([
    { file: 'tidepool-telegram.yaml', code: 'suspended' },
  ]);

  const file = 'widgets/larkspur-sms.yml';
  const text = readFileSync(join(cwd, file), 'utf8');
  writeFile(cwd, file, text.replace('Reply 1 to confirm', 'Reply 1 for yes'));
  const edit = await daemon.waitForLog((line) => line['reason'] === 'edited', 25_000);
  expect(edit).toMatchObject({
    msg: 'applied',
    file: 'larkspur-sms.yml',
    fields: ['/intro_message'],
  });

  daemon.signal('SIGTERM');
  const { code, stdout, stderr } = await daemon.finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const counted = daemon.log().filter((line) => line.msg === 'applied');
  expect(counted).toHaveLength(pushed.length + 1);
  expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('{'))).toEqual([]);
  expect(stdout).not.toContain('in-sandbox');
  expectNoTrace();
});

test('a demo that nobody reads any more ends', async () => {
  const { cwd, env, expectNoTrace } = copyExamples();
  const demo = startCommand(['run', '--sandbox'], { cwd, env });
  await waitForOutput(demo, /Ctrl-C/);
  demo.child.stdout?.destroy();
  const file = 'widgets/larkspur-sms.yml';
  writeFile(cwd, file, readFileSync(join(cwd, file), 'utf8').replace('Reply 1', 'Answer 1'));
  const { code, stderr } = await demo.finished;
  expect(code).toBe(1);
  expect(stderr).toMatch(/its reader has left, EPIPE\): stopping/);
  expectNoTrace();
});

test('apply and plan take a sandbox too, and leave nothing behind', async () => {
  const { cwd, env, expectNoTrace } = copyExamples();
  const [applied, planned] = await Promise.all([
    // The image sets the variable for every command; a sandbox keeps a state of its own.
    runIn({ cwd, env: { ...env, WIDGET_SYNC_STATE: 'state' } }, ['apply', '--sandbox', '--json']),
    runIn({ cwd, env }, ['plan', '--sandbox', '--json', '--detailed-exitcode']),
  ]);
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  const { outcomes, summary } = readApplyJson(applied.stdout);
  expect(summary).toMatchObject({ applied: pushed.length, failed: 0, held: 1 });
  const sent = outcomes.filter(({ status }) => status === 'applied').map(({ file }) => file);
  expect(sent.sort()).toEqual(pushed);

  expect(planned).toMatchObject({ code: 2, stderr: '' });
  expect(readPlanJson(planned.stdout).changes.map(({ file }) => file)).toEqual(pushed);
  expectNoTrace();
});

test('a sandbox run that cannot start leaves nothing behind either', async () => {
  const { cwd, env, expectNoTrace } = copyExamples();
  const place = { cwd, env: { ...env, NODE_DEBUG: 'undici' } };
  const { code, stderr } = await runIn(place, ['apply', '--sandbox']);
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
