// `validate`, `plan` and `apply` for programs: the promised shapes, and nothing else on stdout.
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { badFiles, writeBadFiles } from '../support/bad-widget-files.ts';
import { runCommand, temporaryDirectory, writeFile } from '../support/command.ts';
import {
  type PlannedChange,
  readApplyJson,
  readPlanJson,
  readValidateJson,
} from '../support/json-shapes.ts';
import { runHere } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { situationKey, startSituation } from '../support/situation.ts';

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
      runCommand(['validate', '--json'], { cwd, env: trap.env }),
      runCommand(['validate'], { cwd, env: trap.env }),
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
    expect(twins[0]?.detail).toContain('twin-2.yaml:2');
    expect(twins[1]?.detail).toContain('twin-1.yaml:1');

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
    expect(warning_count).toBe(1);
  });

  test('ends with 0 when all is well, needing neither key nor state nor network', async () => {
    const cwd = temporaryDirectory();
    writeFile(cwd, 'widgets/deep/er/a.yml', head(1));
    writeFile(cwd, 'widgets/_shared.yaml', 'not: [a widget');
    writeFile(cwd, 'widgets/.hidden.yaml', 'not: [a widget');
    const trap = await startTrap();
    const fine = await runCommand(['validate', '--json'], { cwd, env: trap.env });
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
  test('print the promised shapes in a rich situation, and apply does what plan says', async () => {
    const { sandbox, run, quickly, change } = await startSituation();
    const first = await quickly('apply', '--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(readApplyJson(first.stdout).summary).toMatchObject({ applied: 5, failed: 0, held: 0 });
    change();
    const already = sandbox.requests.length;

    const planned = await run('plan', '--json');
    expect(planned).toMatchObject({ code: 1, stderr: '' });
    const plan = readPlanJson(planned.stdout);
    expect(sandbox.requests).toHaveLength(already);
    expect(plan.changes.map(describeChange)).toEqual([
      'edited.yaml edited ~/name ~/style_params/b +/user_opening_messages',
      'flaky.yaml new +/widget_type',
      'new.yaml new +/attributes +/name +/widget_type',
      'refused.yaml new +/name +/widget_type',
      'released.yaml edited -/header_color',
      'unknown.yaml new +/widget_type',
    ]);
    expect(plan.held).toMatchObject([
      { file: 'broken.yaml', code: 'yaml-syntax', widget_id: widgetId(5) },
      { file: 'suspended.yaml', code: 'suspended', widget_id: widgetId(6) },
      { file: 'twin-1.yaml', code: 'duplicate-id', widget_id: widgetId(7) },
      { file: 'twin-2.yaml', code: 'duplicate-id', widget_id: widgetId(7) },
      { file: 'unreadable.yaml', code: 'not-a-mapping', widget_id: null },
    ]);
    expect(plan.orphaned).toEqual([{ widget_id: widgetId(4), file: 'orphaned.yaml' }]);
    expect(plan.summary).toMatchObject({ update: 6, unchanged: 1, held: 5, orphaned: 1 });

    const applied = await run('apply', '--json');
    expect(applied.code).toBe(1);
    const { outcomes, summary } = readApplyJson(applied.stdout);
    expect(summary).toMatchObject({ applied: 4, failed: 2, held: 5, unchanged: 1, orphaned: 1 });
    const fates = outcomes.map(
      ({ file, status, attempts, http_status }) => `${file} ${status} ${attempts} ${http_status}`,
    );
    expect(fates.sort()).toEqual([
      'broken.yaml held 0 null',
      'edited.yaml applied 1 200',
      'flaky.yaml applied 3 200',
      'new.yaml applied 1 200',
      'refused.yaml failed 1 422',
      'released.yaml applied 1 200',
      'suspended.yaml held 0 null',
      'twin-1.yaml held 0 null',
      'twin-2.yaml held 0 null',
      'unknown.yaml failed 1 404',
      'unreadable.yaml held 0 null',
    ]);
    const refused = outcomes.find(({ file }) => file === 'refused.yaml');
    expect(refused?.error).toMatch(/422.*\nrefused\.yaml:3:7: .*\/name: too dull/);

    const sent = new Set(sandbox.requests.slice(already).map((request) => request.widgetId));
    expect([...sent].sort()).toEqual(plan.changes.map((change) => change.widget_id).sort());

    // What goes wrong on the way is told beside the results.
    expect(applied.stderr).toMatch(/broken\.yaml:\d+:\d+: error: /);
    expect(applied.stderr).toMatch(/"msg":"not applied, trying again"/);
    expect(`${applied.stdout}${applied.stderr}`).not.toContain(situationKey);

    const left = readPlanJson((await quickly('plan', '--json')).stdout);
    expect(left.changes.map((change) => change.file)).toEqual(['refused.yaml', 'unknown.yaml']);
  });

  test('a plan is made without key, network or a trace, and its exit code says what is pending', async () => {
    const { cwd, sandbox, quickly, change } = await startSituation();
    const plan = async (...args: string[]) => {
      const { code, stdout } = await runCommand(['plan', '--json', ...args], {
        cwd,
        env: { WIDGET_SYNC_API_URL: sandbox.url },
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
});

/** `+` declared, `~` changed, `-` no longer declared. */
function describeChange({ file, reason, fields }: PlannedChange): string {
  const marks = fields.map((field) => {
    if (!('from' in field)) return `+${field.path}`;
    return `${'to' in field ? '~' : '-'}${field.path}`;
  });
  return [file, reason, ...marks].join(' ');
}
