// What the commands print for programs: the promised shapes, and nothing else on stdout.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/start-sandbox.ts';
import { badFiles, writeBadFiles } from '../support/bad-widget-files.ts';
import { type Finished, temporaryDirectory, writeFile } from '../support/command.ts';
import {
  type OutcomeLine,
  type PlannedChange,
  type PlannedField,
  readApplyJson,
  readHistoryJson,
  readImportJson,
  readPlanJson,
  readStatusJson,
  readValidateJson,
} from '../support/json-shapes.ts';
import { runHere, runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { situationKey, situationWarning, startSituation } from '../support/situation.ts';
import { startHere } from '../support/start-here.ts';

const head = (n: number) => `widget_id: ${widgetId(n)}\nwidget_type: chat\n`;

/** A listener that stands where the API would be, and notes whoever comes. */
async function startTrap() {
  const visitors: string[] = [];
  const server = createServer((request, response) => {
    visitors.push(request.url ?? '');
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { visitors, env: { WIDGET_SYNC_API_URL: `http://127.0.0.1:${port}` } };
}

describe('validate', () => {
  test('tells every problem of every file in one go, with code, place and words', async () => {
    const cwd = temporaryDirectory();
    const names = writeBadFiles(join(cwd, 'widgets'));
    writeFile(cwd, 'widgets/twin-1.yaml', head(200));
    writeFile(cwd, 'widgets/twin-2.yaml', `# the other\n${head(200)}`);
    const trap = await startTrap();
    const [forPrograms, forPeople] = await Promise.all([
      runIn({ cwd, env: trap.env }, ['validate', '--json']),
      runIn({ cwd, env: trap.env }, ['validate']),
    ]);

    expect(forPrograms).toMatchObject({ code: 1, stderr: '' });
    const { diagnostics } = readValidateJson(forPrograms.stdout);
    const told = diagnostics.filter(({ file }) => names.includes(file));
    expect(told.map(({ file, code, severity }) => [file, code, severity])).toEqual(
      badFiles.map(({ code }, index) => [names[index], code, 'error']),
    );
    for (const [index, { line, column, words }] of badFiles.entries()) {
      const { summary = '', detail = '', range } = told[index] ?? {};
      expect(range?.start, `${names[index]}: ${summary}`).toEqual({ line, column });
      expect(`${summary} ${detail}`).toMatch(words);
    }
    const twins = diagnostics.filter(({ code }) => code === 'duplicate-id');
    expect(twins.map(({ file, range }) => `${file}:${range.start.line}`)).toEqual([
      'twin-1.yaml:1',
      'twin-2.yaml:2',
    ]);
    expect(twins[0]?.summary).toContain('twin-2.yaml:2');
    expect(twins[1]?.summary).toContain('twin-1.yaml:1');

    expect(forPeople).toMatchObject({ code: 1, stderr: '' });
    for (const { file, range, code, summary } of diagnostics) {
      const place = `widgets/${file}:${range.start.line}:${range.start.column}: error: `;
      expect(forPeople.stdout).toContain(`${place}${summary} [${code}] `);
    }
    expect(forPeople.stdout).toMatch(/\n32 errors in 32 widget files\n$/);
    expect(trap.visitors).toEqual([]);
  });

  test('tells several problems of one file, sorted by place', async () => {
    const cwd = temporaryDirectory();
    const bad = 'widget_id: nope\nname: 5\nheader_colour: red\nbubble_color: #fff\nid: x\n';
    writeFile(cwd, 'widgets/bad.yaml', bad);
    const { code, stdout } = await runHere(['validate', '--json', join(cwd, 'widgets')]);
    expect(code).toBe(1);
    const { diagnostics, warning_count } = readValidateJson(stdout);
    expect(diagnostics.map(({ code: one, range }) => `${range.start.line} ${one}`)).toEqual([
      '1 missing-field',
      '1 invalid-format',
      '2 wrong-type',
      '3 unknown-field',
      '4 swallowed-comment',
      '5 read-only-field',
    ]);
    expect(warning_count).toBe(0);
  });

  test('ends with 0 when all is well, needing neither key nor state nor network', async () => {
    const cwd = temporaryDirectory();
    writeFile(cwd, 'widgets/deep/er/a.yml', head(1));
    writeFile(cwd, 'widgets/_shared.yaml', 'not: [a widget');
    writeFile(cwd, 'widgets/.hidden.yaml', 'not: [a widget');
    const trap = await startTrap();
    const fine = await runIn({ cwd, env: trap.env }, ['validate', '--json']);
    expect(fine).toMatchObject({ code: 0, stderr: '' });
    expect(readValidateJson(fine.stdout)).toMatchObject({ valid: true, diagnostics: [] });
    expect(readdirSync(cwd)).toEqual(['widgets']);
    expect(trap.visitors).toEqual([]);
  });

  test('warns of a directory that holds no widget file', async () => {
    const cwd = temporaryDirectory();
    writeFile(cwd, 'widgets/README.md', 'none yet');
    const { code, stdout, stderr } = await runHere(['validate', '--json', join(cwd, 'widgets')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readValidateJson(stdout)).toMatchObject({
      valid: true,
      warning_count: 1,
      diagnostics: [{ severity: 'warning', code: 'no-widgets', file: '.' }],
    });
  });
});

describe('plan and apply', () => {
  const held = [
    'broken.yaml yaml-syntax',
    'suspended.yaml suspended',
    'twin-1.yaml duplicate-id',
    'twin-2.yaml duplicate-id',
    'unreadable.yaml not-a-mapping',
  ];

  test('print the promised shapes in a rich situation, and apply does what plan says', async () => {
    const { cwd, sandbox, run, quickly, change } = await startSituation('auto');
    const first = await quickly('apply', '--json');
    expect(first).toMatchObject({ code: 0, stderr: expect.stringMatching(situationWarning) });
    expect(readApplyJson(first.stdout).summary).toMatchObject({ applied: 8, failed: 0, held: 0 });
    change();
    const already = sandbox.requests.length;

    const planned = await run('plan', '--json');
    expect(planned).toMatchObject({ code: 1, stderr: '' });
    const plan = readPlanJson(planned.stdout);
    // A list does not prove that a widget is not there.
    expect(requestsSince(sandbox, already)).toEqual(['GET 200', 'GET 200', 'GET 404']);
    expect(plan.changes.map(describeChange)).toEqual([
      'drifted.yaml drifted ~/name:dashboard',
      'edited.yaml edited ~/name:both ~/style_params/b:git ~/user_opening_messages:git',
      'flaky.yaml new ~/widget_type:git',
      'new.yaml new +/attributes/a~1b~0c:git ~/name:git ~/widget_type:git',
      'refused.yaml new ~/name:git ~/widget_type:git',
      'released.yaml edited ×/header_color:git',
    ]);
    expect(plan).toMatchObject({
      adopted: [{ widget_id: widgetId(14), file: 'adopted.yaml' }],
      orphaned: [{ widget_id: widgetId(4), file: 'orphaned.yaml' }],
      drifted: [
        {
          file: 'reported.yaml',
          why: 'policy',
          until: null,
          fields: [{ path: '/name', from: 'theirs', to: 'ours', by: 'dashboard' }],
        },
      ],
      ignored: [{ file: 'ignored.yaml', paths: ['/name'] }],
      unmanaged: 1,
      cost: { list: 1, get: 2, put: 6, seconds: 0 },
      summary: { update: 6, adopt: 1, unchanged: 2, drifted: 1, held: 6, orphaned: 1 },
    });
    expect(plan.held.map(({ file, code }) => `${file} ${code}`).sort()).toEqual(
      [...held, 'unknown.yaml not-in-account'].sort(),
    );
    expect(plan.held.map(({ widget_id }) => widget_id)).toContain(null);

    const applied = await run('apply', '--json');
    expect(applied.code).toBe(1);
    const { outcomes, summary } = readApplyJson(applied.stdout);
    expect(summary).toMatchObject({ applied: 5, adopted: 1, failed: 1, held: 6, orphaned: 1 });
    expect(outcomes.map(describeOutcome).sort()).toEqual([
      'adopted.yaml adopted 0 null',
      'broken.yaml held 0 null',
      'drifted.yaml applied 1 200',
      'edited.yaml applied 1 200',
      'flaky.yaml applied 3 200',
      'new.yaml applied 1 200',
      'refused.yaml failed 1 422',
      'released.yaml applied 1 200',
      'reported.yaml drifted 0 null',
      'suspended.yaml held 0 null',
      'twin-1.yaml held 0 null',
      'twin-2.yaml held 0 null',
      'unknown.yaml held 0 null',
      'unreadable.yaml held 0 null',
    ]);
    const refused = outcomes.find(({ file }) => file === 'refused.yaml');
    expect(refused?.error).toMatch(/422.*\nrefused\.yaml:3:7: .*refused name: too dull/);
    const suspended = outcomes.find(({ file }) => file === 'suspended.yaml');
    expect(suspended?.error).toBe('suspended: sync.suspend is true');
    expect(writtenSince(sandbox, already)).toEqual(plan.changes.map((one) => one.widget_id).sort());
    expect(sandbox.widget(widgetId(3))).toMatchObject({ name: 'kept', header_color: null });

    // What goes wrong on the way is told beside the results.
    expect(applied.stderr).toMatch(/broken\.yaml:\d+:\d+: error: /);
    expect(applied.stderr).toMatch(/"msg":"not applied, trying again"/);
    expect(`${applied.stdout}${applied.stderr}`).not.toContain(situationKey);

    const left = readPlanJson((await quickly('plan', '--json')).stdout);
    expect(left.changes.map(({ file }) => file)).toEqual(['refused.yaml']);
    await expectReports(cwd, run);
  });

  /** What `status`, `history` and `import` have to say after that. */
  async function expectReports(cwd: string, run: (...args: string[]) => Promise<Finished>) {
    const [status, history, imported] = await Promise.all([
      run('status', '--json'),
      run('history', '--json', '--limit', '5'),
      run('import', '--json'),
    ]);
    expect(status).toMatchObject({ code: 1, stderr: '' });
    expect(readStatusJson(status.stdout)).toMatchObject({
      command: 'apply',
      directory: 'widgets',
      blocked: null,
      pending: 0,
      failed: [{ file: 'refused.yaml', http_status: 422, attempts: 1 }],
      drifted: [{ file: 'reported.yaml', why: 'policy', fields: ['/name'] }],
      orphaned: [{ file: 'orphaned.yaml' }],
    });
    expect(readStatusJson(status.stdout).applied).toHaveLength(11);
    expect(readStatusJson(status.stdout).held).toHaveLength(6);

    expect(history).toMatchObject({ code: 0, stderr: '' });
    const writes = readHistoryJson(history.stdout);
    expect(writes.map(({ file, reason }) => `${file} ${reason}`).sort()).toEqual([
      'drifted.yaml drifted',
      'edited.yaml edited',
      'flaky.yaml new',
      'new.yaml new',
      'released.yaml edited',
    ]);
    expect(writes.find(({ file }) => file === 'flaky.yaml')).toMatchObject({ attempts: 3 });

    expect(imported.code, 'what is broken cannot be compared').toBe(1);
    const files = readImportJson(imported.stdout);
    expect(files.created.map(({ widget_id }) => widget_id)).toEqual([widgetId(4), widgetId(99)]);
    expect(files.left.map(({ file }) => file).sort()).toEqual(['refused.yaml', 'reported.yaml']);
    expect(files.unchanged.map(({ file }) => file)).toContain('ignored.yaml');
    for (const { file } of files.created) {
      expect(existsSync(join(cwd, 'widgets', String(file)))).toBe(true);
    }
    for (const { stdout, stderr } of [status, history, imported]) {
      expect(`${stdout}${stderr}`).not.toContain(situationKey);
    }
  }

  test('with --live off decide by what was applied alone, and read nothing', async () => {
    const { sandbox, quickly, change } = await startSituation('off');
    const first = await quickly('apply', '--json');
    expect(readApplyJson(first.stdout).summary).toMatchObject({ applied: 8, failed: 0, held: 0 });
    change();
    const already = sandbox.requests.length;
    const plan = readPlanJson((await quickly('plan', '--json')).stdout);
    expect(sandbox.requests).toHaveLength(already);
    expect(plan.changes.map(describeChange)).toEqual([
      'adopted.yaml new +/name:git +/widget_type:git',
      'edited.yaml edited ~/name:git ~/style_params/b:git +/user_opening_messages:git',
      'flaky.yaml new +/widget_type:git',
      'new.yaml new +/attributes:git +/name:git +/widget_type:git',
      'refused.yaml new +/name:git +/widget_type:git',
      'released.yaml edited ×/header_color:git',
      'unknown.yaml new +/widget_type:git',
    ]);
    expect(plan).toMatchObject({
      adopted: [],
      drifted: [],
      ignored: [],
      unmanaged: null,
      cost: { list: 0, get: 0, put: 7, seconds: 0 },
      summary: { update: 7, unchanged: 4, held: 5, orphaned: 1 },
    });
    expect(plan.held.map(({ file, code }) => `${file} ${code}`)).toEqual(held);

    const applied = await quickly('apply', '--json');
    expect(applied.code).toBe(1);
    const { outcomes, summary } = readApplyJson(applied.stdout);
    expect(summary).toMatchObject({ applied: 5, failed: 2, held: 5, unchanged: 4, orphaned: 1 });
    expect(outcomes.map(describeOutcome)).toContain('unknown.yaml failed 1 404');
    expect(writtenSince(sandbox, already)).toEqual(plan.changes.map((one) => one.widget_id).sort());
    expect(sandbox.requests.filter(({ method }) => method !== 'PUT')).toEqual([]);

    const left = readPlanJson((await quickly('plan', '--json')).stdout);
    expect(left.changes.map(({ file }) => file)).toEqual(['refused.yaml', 'unknown.yaml']);
  });

  test('take --drift, --released and --force at their word', async () => {
    const { sandbox, quickly, change } = await startSituation('auto');
    await quickly('apply');
    change();
    const plan = async (...flags: string[]) =>
      readPlanJson((await quickly('plan', '--json', ...flags)).stdout);
    const lenient = await plan('--drift', 'report', '--released', 'leave');
    expect(lenient.drifted.map(({ widget_id }) => widget_id)).toEqual([widgetId(11), widgetId(12)]);
    expect(lenient.changes.map(({ file }) => file)).not.toContain('drifted.yaml');
    expect(lenient.changes.flatMap(({ fields }) => fields.filter((one) => one.released))).toEqual(
      [],
    );

    const already = sandbox.requests.length;
    const forced = readApplyJson((await quickly('apply', '--json', '--force')).stdout);
    expect(forced.summary).toMatchObject({ applied: 9, adopted: 0, unchanged: 0, failed: 1 });
    expect(writtenSince(sandbox, already)).toEqual(
      [1, 2, 3, 8, 9, 10, 11, 12, 13, 14].map(widgetId),
    );
    // Sent, and yet the dashboard's.
    expect(sandbox.widget(widgetId(13))).toMatchObject({ name: 'theirs' });
    expect(sandbox.widget(widgetId(12))).toMatchObject({ name: 'ours' });
  });

  test('a plan with --live off is made without key, network or a trace, and its exit code says what is pending', async () => {
    const { cwd, sandbox, quickly, change } = await startSituation('off');
    const plan = async (...args: string[]) => {
      const flags = ['--live', 'off', '--state', join(cwd, '.widget-sync'), ...args];
      const { code, stdout } = await runHere(['plan', join(cwd, 'widgets'), '--json', ...flags], {
        WIDGET_SYNC_API_URL: sandbox.url,
      });
      return { code, ...readPlanJson(stdout) };
    };
    const [pending, again, ordinary] = await Promise.all([
      plan('--detailed-exitcode'),
      plan('--detailed-exitcode'),
      plan(),
    ]);
    expect([pending.code, ordinary.code]).toEqual([2, 0]);
    expect(again.checksum).toBe(pending.checksum);
    expect(readdirSync(cwd)).toEqual(['widgets']);
    expect(sandbox.requests).toEqual([]);

    expect((await quickly('apply')).code).toBe(0);
    const settled = await plan('--detailed-exitcode');
    expect(settled).toMatchObject({ code: 0, changes: [] });
    expect(settled.checksum).not.toBe(pending.checksum);

    change();
    const invalid = await plan('--detailed-exitcode');
    expect(invalid.code).toBe(1);
    expect(invalid.checksum).not.toBe(settled.checksum);
    expect(existsSync(join(cwd, '.widget-sync'))).toBe(true);
  });

  test('a plan that reads what is live leaves no trace either, and changes nothing there', async () => {
    const { cwd, sandbox, quickly } = await startSituation('auto');
    const before = JSON.stringify(sandbox.widgets());
    const pending = await quickly('plan', '--json', '--detailed-exitcode');
    expect(pending).toMatchObject({ code: 2, stderr: '' });
    expect(readPlanJson(pending.stdout).unmanaged).toBe(7);
    expect(readdirSync(cwd)).toEqual(['widgets']);
    expect(sandbox.requests.map(({ method }) => method)).toEqual(['GET', 'GET']);
    expect(JSON.stringify(sandbox.widgets())).toBe(before);

    expect((await quickly('apply')).code).toBe(0);
    const settled = await quickly('plan', '--json', '--detailed-exitcode');
    expect(settled.code).toBe(0);
    expect(readPlanJson(settled.stdout).summary).toMatchObject({ update: 0, unchanged: 8 });
  });

  test('a widget that the account does not have makes plan and apply end with 1', async () => {
    const { cwd, sandbox, quickly } = await startSituation('auto');
    rmSync(join(cwd, 'widgets'), { recursive: true });
    writeFile(cwd, 'widgets/unknown.yaml', head(404));
    for (const command of ['plan', 'apply']) {
      const { code, stdout, stderr } = await quickly(command);
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
      expect(stdout).toMatch(/unknown\.yaml .* held \(not-in-account\): the account has no widget/);
    }
    expect(sandbox.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect((await quickly('apply', '--live', 'off')).code).toBe(1);
  });
});

test('status says that the key is refused until it no longer is, however many passes follow', async () => {
  const { cwd, sandbox, quickly } = await startSituation('off');
  sandbox.setApiKey('in-another');
  const env = { INSIGHTO_API_KEY: situationKey, WIDGET_SYNC_API_URL: sandbox.url };
  const place = [join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync')];
  const daemon = startHere(['run', ...place, '--live', 'off', '--log-level', 'debug'], env);
  await daemon.waitForLog((line) => line.msg.startsWith('the API refuses the key'), 25_000);
  writeFile(cwd, 'widgets/steady.yaml', `# edited\n${head(1)}`);
  await daemon.waitForLog((line) => line.msg === 'looked' && line['trigger'] === 'files', 25_000);
  daemon.signal('SIGTERM');
  expect((await daemon.finished).code).toBe(0);

  const asked = ['status', '--json', '--state', join(cwd, '.widget-sync')];
  const refused = await runHere(asked, env);
  expect(refused).toMatchObject({ code: 1, stderr: '' });
  expect(readStatusJson(refused.stdout)).toMatchObject({
    command: 'run',
    blocked: expect.stringMatching(/^The API refused the key \(401\)/),
    applied: [],
    failed: [],
  });

  sandbox.setApiKey(situationKey);
  expect(await quickly('apply')).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(situationWarning),
  });
  const settled = await runHere(asked, env);
  expect(settled).toMatchObject({ code: 0, stderr: '' });
  expect(readStatusJson(settled.stdout)).toMatchObject({ command: 'apply', blocked: null });
});

function requestsSince({ requests }: Sandbox, first: number): string[] {
  return requests.slice(first).map(({ method, status }) => `${method} ${status}`);
}

/** The widgets, each once. */
function writtenSince({ requests }: Sandbox, first: number): (string | null)[] {
  const writes = requests.slice(first).filter(({ method }) => method === 'PUT');
  return [...new Set(writes.map(({ widgetId: written }) => written))].sort();
}

function describeOutcome({ file, status, attempts, http_status }: OutcomeLine): string {
  return `${file} ${status} ${attempts} ${http_status}`;
}

/** `+` declared, `~` changed, `×` released, `-` no longer declared; and who is behind it. */
function describeChange({ file, reason, fields }: PlannedChange): string {
  const marks = fields.map((field) => `${markOf(field)}${field.path}:${field.by}`);
  return [file, reason, ...marks].join(' ');
}

function markOf(field: PlannedField): string {
  if (field.released) return '×';
  if (!('from' in field)) return '+';
  return 'to' in field ? '~' : '-';
}
