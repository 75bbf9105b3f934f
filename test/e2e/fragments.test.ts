// Many widgets that extend one fragment: what people are shown before and after one line of it changes.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFile } from '../support/command.ts';
import { readApplyJson, readPlanJson, readStatusJson } from '../support/json-shapes.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { askEveryMs, generousMs, openWorkspace, outcomeOf, said } from '../support/workspace.ts';

const brand = (colour: string, more = '') =>
  `widget_type: chat\nheader_color: "${colour}"\n${more}`;

type Options = Partial<Parameters<typeof openWorkspace>[0]>;

/** So many widgets over `_brand.yaml`, each with its own name, applied once. */
async function branded(widgets: number, options: Options = {}) {
  const workspace = await openWorkspace({ widgets, ...options });
  const { cwd, env, sandbox } = workspace;
  const quickly = (command: string, ...flags: string[]) =>
    workspace.quickly(command, '--rate', '1000/s', ...flags);
  const own = (n: number, more = '') =>
    writeFile(
      cwd,
      `widgets/w${n}.yaml`,
      `widget_id: ${widgetId(n)}\nextends: [_brand.yaml]\ndisplay_name: Widget ${n}\n${more}`,
    );
  const edit = (text: string) => writeFile(cwd, 'widgets/_brand.yaml', text);
  for (let n = 0; n < widgets; n += 1) own(n);
  edit(brand('#1f2937', 'bubble_text: Hi\n'));
  const applied = await quickly('apply', '--max-changes', 'off');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const status = (...flags: string[]) =>
    runIn({ cwd, env }, ['status', '--api-url', sandbox.url, ...flags]);
  return { ...workspace, quickly, own, edit, status };
}

test('an edit that reaches forty is one plan of forty changes, and too many by itself', async () => {
  const { own, edit, quickly, writes } = await branded(43);
  // Two say otherwise themselves, and one is edited besides.
  for (const n of [40, 41]) own(n, 'header_color: "#000000"\n');
  expect((await quickly('apply')).code).toBe(0);
  edit(brand('#14532d', 'bubble_text: Hi\n'));
  own(42, 'name: Edited\n');
  const before = writes().length;

  const planned = await quickly('plan', '--json');
  expect(planned.code).toBe(1);
  const plan = readPlanJson(planned.stdout);
  expect(plan.fragments).toEqual([{ file: '_brand.yaml', widgets: 43, changes: 41 }]);
  expect(plan.changes).toHaveLength(41);
  for (const { file, fields } of plan.changes) {
    expect(fields.find(({ path }) => path === '/header_color')).toEqual({
      ...{ path: '/header_color', from: '#1f2937', to: '#14532d', by: 'git' },
      origin: { file: '_brand.yaml', line: 2, column: 1 },
    });
    expect(fields).toHaveLength(file === 'w42.yaml' ? 2 : 1);
  }
  expect(plan.changes.find(({ file }) => file === 'w42.yaml')?.fields[1]?.origin).toEqual({
    ...{ file: 'w42.yaml', line: 4, column: 1 },
  });

  const text = await quickly('plan');
  expect(text.stdout.split('\n').slice(0, 6)).toEqual([
    'widgets/_brand.yaml reaches 43 widgets: 41 change, 2 say otherwise themselves',
    '',
    '(1) 41 changes share:',
    '    ~ header_color  "#1f2937" → "#14532d"  widgets/_brand.yaml:2',
    '',
    '~ widgets/w0.yaml   00000000  edited: 1 field changed, see (1)',
  ]);
  expect(text.stdout).toMatch(
    /Would be refused: 41 widgets would change, and this tree uses fragments, where --max-changes allows 10 unless told otherwise: nothing is sent/,
  );

  for (const [flags, words] of [
    [[], /this tree uses fragments, where --max-changes allows 10/],
    [['--max-changes', '25'], /Refused .*: 41 widgets would change, and --max-changes allows 25:/],
  ] as const) {
    const refused = await quickly('apply', ...flags);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(words);
  }
  expect(writes()).toHaveLength(before);

  const json = readApplyJson(
    (await quickly('apply', '--json', '--checksum', plan.checksum)).stdout,
  );
  expect(json.summary).toMatchObject({ applied: 41, unchanged: 2, failed: 0 });
  expect(writes()).toHaveLength(before + 41);
});

test('--max-changes off lets everything through, and fewer than ten go by themselves', async () => {
  const { edit, quickly, sandbox } = await branded(12);
  edit(brand('#14532d', 'bubble_text: Hi\n'));
  expect((await quickly('apply')).code).toBe(1);
  expect((await quickly('apply', '--max-changes', 'off')).code).toBe(0);
  expect(sandbox.widget(widgetId(11))?.['header_color']).toBe('#14532d');
});

test('files that leave their fragment all at once are too many by themselves, too', async () => {
  const { cwd, quickly, writes } = await branded(12);
  const before = writes().length;
  rmSync(join(cwd, 'widgets/_brand.yaml'));
  for (let n = 0; n < 12; n += 1) {
    writeFile(cwd, `widgets/w${n}.yaml`, `widget_id: ${widgetId(n)}\nwidget_type: chat\n`);
  }
  for (const command of ['plan', 'apply']) {
    const { code, stdout } = await quickly(command);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /12 widgets would change, and files have left their fragments, where --max-changes allows 9 unless told otherwise/,
    );
  }
  const { refused } = readPlanJson((await quickly('plan', '--json')).stdout);
  expect(refused).toMatchObject({ changes: 12, most: 9, limit: 'auto', leaving: true });
  expect(writes()).toHaveLength(before);
});

test('a line that a fragment loses is told as released by all that had it', async () => {
  const { edit, quickly } = await branded(12);
  edit(brand('#1f2937'));
  const { stdout, code } = await quickly('plan');
  expect(code).toBe(1);
  expect(stdout.split('\n').slice(0, 4)).toEqual([
    '× released by 12 widgets: bubble_text is set back to empty (all that widgets/_brand.yaml reaches)',
    '',
    '(1) 12 changes share:',
    '    × bubble_text  "Hi" → null  (released)',
  ]);
});

test('a field that moves from the files into their fragment changes nothing', async () => {
  const { own, edit, quickly, writes } = await branded(40);
  for (let n = 0; n < 40; n += 1) own(n, 'name: One name\n');
  expect((await quickly('apply', '--max-changes', 'off')).code).toBe(0);
  const before = writes().length;
  for (let n = 0; n < 40; n += 1) own(n);
  edit(brand('#1f2937', 'bubble_text: Hi\nname: One name\n'));
  const { changes, summary } = readPlanJson((await quickly('plan', '--json')).stdout);
  expect({ changes, unchanged: summary['unchanged'] }).toEqual({ changes: [], unchanged: 40 });
  expect((await quickly('apply')).code).toBe(0);
  expect(writes()).toHaveLength(before);
});

test('one edit that reaches forty is refused as forty, and goes out in one pass once it is approved', async () => {
  const { edit, runHere, quickly, status, writes, sandbox } = await branded(40);
  const daemon = runHere('--max-changes', '25', '--log-level', 'debug');
  await daemon.waitForLog(({ msg }) => msg === 'watching for edits');
  const before = writes().length;
  edit(brand('#14532d', 'bubble_text: Hi\n'));
  const refusal = await daemon.waitForLog(({ msg }) => msg === 'refused: too many changes');
  expect(refusal).toMatchObject({ changes: 40, most: 25 });
  const refused = await quickly('plan', '--max-changes', '25');
  expect(refused.stdout).toContain('40 widgets would change, and --max-changes allows 25');
  expect(writes()).toHaveLength(before);

  const sum = String(refusal['checksum']);
  await expect
    .poll(async () => readStatusJson((await status('--json')).stdout).blocked, {
      ...{ timeout: generousMs, interval: askEveryMs },
    })
    .not.toBeNull();
  expect(await quickly('apply', '--checksum', sum)).toMatchObject({ code: 0 });
  const applied = () => daemon.log().filter(({ msg }) => msg === 'applied').length;
  await daemon.waitForLog(() => applied() === 40, generousMs);
  const looks = daemon.log().filter(({ msg }) => msg === 'looked');
  const since = looks.findIndex(({ trigger }) => trigger === 'approved');
  const sending = looks.slice(since).filter(({ update }) => Number(update) > 0);
  expect(sending).toMatchObject([{ trigger: 'approved', update: 40 }]);
  expect(writes()).toHaveLength(before + 40);
  expect(sandbox.widget(widgetId(39))?.['header_color']).toBe('#14532d');
});

test('the daemon refuses what a fragment changes too much, in one pass, until that is approved', async () => {
  const { edit, runHere, status, own, sandbox } = await branded(12);
  const daemon = runHere();
  await daemon.waitForLog(({ msg }) => msg === 'watching for edits');
  edit(brand('#14532d', 'bubble_text: Hi\n'));
  const refusal = await daemon.waitForLog(({ msg }) => msg === 'refused: too many changes');
  expect(refusal).toMatchObject({ changes: 12, most: 9, limit: 'auto' });
  expect(refusal['detail']).toContain('this tree uses fragments');
  await expect
    .poll(async () => readStatusJson((await status('--json')).stdout).blocked, {
      ...{ timeout: generousMs, interval: askEveryMs },
    })
    .not.toBeNull();
  const { stdout } = await status();
  expect(stdout).toContain('this tree uses fragments, where --max-changes allows 9');
  expect(stdout).toContain(`apply --checksum ${refusal['checksum']}`);
  // A small edit, together with the one that waits, is no reason to let either through.
  own(0, 'name: Edited\n');
  await daemon.waitForLog(
    ({ msg, checksum }) => msg === 'refused: too many changes' && checksum !== refusal['checksum'],
  );
  edit(brand('#1f2937', 'bubble_text: Hi\n'));
  await daemon.waitForLog(said('applied', 0), generousMs);
  expect(sandbox.widget(widgetId(0))).toMatchObject({ name: 'Edited', header_color: '#1f2937' });
});

test('a value that the API refuses is shown at the line of the fragment that says it', async () => {
  const detail = [{ loc: ['body', 'header_color'], msg: 'too dark', type: 'value_error' }];
  const {
    edit,
    quickly,
    status: ask,
    runHere,
  } = await branded(2, {
    onWrite: ({ body }) =>
      (body as { header_color?: string }).header_color === '#000000'
        ? { kind: 'answer', status: 422, body: { detail } }
        : undefined,
  });
  edit(`# Darker.\n${brand('#000000', 'bubble_text: Hi\n')}`);
  const text = await quickly('apply');
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(
    /^widgets\/_brand\.yaml:3:1: error: the API refused header_color \[refused-by-api\] too dark \(refused for 2 widgets: widgets\/w0\.yaml, widgets\/w1\.yaml\)$/m,
  );
  expect(text.stdout.match(/^failed /gm)).toHaveLength(2);
  expect(text.stdout.match(/refused-by-api/g)).toHaveLength(1);
  const json = await quickly('apply', '--json');
  expect(outcomeOf(json.stdout, 0)?.error).toContain('_brand.yaml:3:1: the API refused');
  const status = readStatusJson((await ask('--json')).stdout);
  const failed = status.widgets.filter(({ state }) => state === 'failed');
  expect(failed).toHaveLength(2);
  expect(JSON.stringify(failed)).toContain('(at _brand.yaml:3)');

  const daemon = runHere();
  const logged = await daemon.waitForLog(({ msg }) => msg === 'the API refused header_color');
  expect(logged).toMatchObject({ file: '_brand.yaml', line: 3, column: 1, widgets: 1 });
});

test('a broken fragment holds what extends it, releases nothing, and the others go on', async () => {
  const { edit, quickly, write, writes } = await branded(5);
  write(4, 'alone');
  expect((await quickly('apply')).code).toBe(0);
  const before = writes().length;
  edit('header_color: [\n');
  write(4, 'still alone');
  const { code, stdout, stderr } = await quickly('apply');
  expect(code).toBe(1);
  expect(stdout.match(/held \(broken-fragment\)/g)).toHaveLength(1);
  expect(stdout).toMatch(
    /^! 4 widgets held \(broken-fragment\): widgets\/_brand\.yaml, line \d: .*\n {4}widgets\/w0\.yaml, widgets\/w1\.yaml, widgets\/w2\.yaml, widgets\/w3\.yaml$/m,
  );
  expect(stdout).not.toContain('released');
  expect(stderr.match(/: error: /g)).toHaveLength(1);
  expect(stderr).toMatch(
    /^widgets\/_brand\.yaml:.* \(holds 4 widgets: widgets\/w0\.yaml, widgets\/w1\.yaml and 2 more\)$/m,
  );
  expect(writes()).toHaveLength(before + 1);

  edit(brand('#1f2937', 'bubble_text: Hi\n'));
  expect((await quickly('apply')).code).toBe(0);
  expect(writes()).toHaveLength(before + 1);
});

test('a type that a fragment loses is one mistake there, one row, and in JSON all widgets', async () => {
  const { cwd, env, edit, quickly, status, writes } = await branded(6);
  const before = writes().length;
  edit('header_color: "#1f2937"\nbubble_text: Hi\n');
  const checked = await runIn({ cwd, env }, ['validate', 'widgets']);
  const errors = checked.stdout.split('\n').filter((line) => line.includes(': error: '));
  expect(errors).toEqual([
    expect.stringMatching(
      /^widgets\/_brand\.yaml:1:1: error: widget_type is missing \[missing-field\] Neither this fragment, .* \(holds 6 widgets: widgets\/w0\.yaml, widgets\/w1\.yaml and 4 more\)$/,
    ),
  ]);
  const { code, stdout } = await quickly('apply');
  expect(code).toBe(1);
  const row = 'held (broken-fragment): widgets/_brand.yaml, line 1: widget_type is missing';
  expect(stdout.split('\n').slice(0, 2)).toEqual([
    `! 6 widgets ${row}`,
    '    widgets/w0.yaml, widgets/w1.yaml, widgets/w2.yaml, 3 more',
  ]);
  expect((await quickly('plan', '--format', 'markdown')).stdout).toMatch(
    /^- 6 widgets held \(broken-fragment\): .*widget&#95;type is missing \(widgets\/w0\.yaml, .*3 more\)$/m,
  );
  const shown = await status();
  expect(shown.stdout).toMatch(
    /^6 widgets .* broken-fragment: _brand\.yaml, line 1: widget_type is missing \(w0\.yaml, w1\.yaml, w2\.yaml, 3 more\)$/m,
  );
  const files = Array.from({ length: 6 }, (_, n) => `w${n}.yaml`);
  const plan = readPlanJson((await quickly('plan', '--json')).stdout);
  expect(plan.held.map(({ file }) => file)).toEqual(files);
  const { widgets } = readStatusJson((await status('--json')).stdout);
  expect(widgets.map(({ file }) => file)).toEqual(files);
  expect(writes()).toHaveLength(before);
});

test('the page about plans shows the plan that there is', async () => {
  const page = readFileSync(new URL('../../docs/plan.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('\n## With fragments\n');
  const [, shown] = section.split(/```(?:text)?\n/);
  const { cwd, quickly } = await openWorkspace({ widgets: 6 });
  rmSync(join(cwd, 'widgets'), { recursive: true });
  const names = ['', 'prod/ava', 'prod/ben', 'prod/cleo', 'staging/ava', 'staging/ben'];
  const own = (n: number, more = '') =>
    writeFile(
      cwd,
      `widgets/${names[n]}.yaml`,
      `# ${names[n]}\nwidget_id: ${widgetId(n)}\nextends: ../_brand.yaml\n${more}`,
    );
  for (const n of [1, 2, 4]) own(n);
  own(3, 'header_color: "#000000"\nbubble_text: Ask Cleo\n');
  own(5, 'display_name: Ben (test)\n');
  writeFile(cwd, 'widgets/_brand.yaml', brand('#1f2937', 'bubble_text: Need a hand?\n'));
  expect((await quickly('apply')).code).toBe(0);
  own(5, 'display_name: Ben\n');
  writeFile(cwd, 'widgets/_brand.yaml', brand('#14532d'));
  const { stdout } = await quickly('plan');
  expect(stdout.slice(0, stdout.indexOf('\n\nPlan: ') + 1)).toBe(shown);
});
