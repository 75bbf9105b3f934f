// `render`: files with all that they extend, each value with where it stands.
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { forgetSecrets } from '../../../src/base/secrets.ts';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import { makeCheckout, temporaryDirectory, writeFile } from '../../support/command.ts';
import { readRenderJson, readValidateJson } from '../../support/json-shapes.ts';
import { runHere, runIn } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';

const root = new URL('../../..', import.meta.url).pathname;

function place(files: Readonly<Record<string, string>>) {
  const cwd = temporaryDirectory();
  makeCheckout(cwd);
  for (const [path, text] of Object.entries(files)) writeFile(cwd, path, text);
  return {
    cwd,
    render: (...args: string[]) => runIn({ cwd, env: {} }, ['render', ...args]),
  };
}

const brand = {
  'widgets/_base.yaml': 'widget_type: chat\nheader_color: "#000000"\n',
  'widgets/_brand.yaml': `# The brand.
extends: _base.yaml
header_color: "#14532d"
bubble_text: Need a hand?
style_params: { bubble: { size: 56 } }
user_opening_messages: [Where is it?]
sync: { drift: report }
`,
  'widgets/prod/ava.yaml': `extends: [../_brand.yaml]
omit: [/bubble_text]
widget_id: ${widgetId(1)}
display_name: Ava
user_opening_messages:
  - Hello
style_params:
  bubble: { shadow: true }
`,
};

test('a widget file stands as one, each value with its place and what it won over', async () => {
  const { render } = place(brand);
  expect(await render('widgets/prod/ava.yaml')).toEqual({
    code: 0,
    stderr: '',
    stdout: `widget_id: ${widgetId(1)}
widget_type: chat  # widgets/_base.yaml:1
display_name: Ava  # widgets/prod/ava.yaml:4
user_opening_messages:  # widgets/prod/ava.yaml:5, over widgets/_brand.yaml:6
  - Hello
header_color: "#14532d"  # widgets/_brand.yaml:3, over widgets/_base.yaml:2
style_params:
  bubble:
    size: 56  # widgets/_brand.yaml:5
    shadow: true  # widgets/prod/ava.yaml:8
sync:
  drift: report  # widgets/_brand.yaml:7
`,
  });
});

test('a fragment is checked by itself, and several files follow each other', async () => {
  const { render } = place(brand);
  const { code, stdout, stderr } = await render('widgets/_base.yaml', './widgets/_brand.yaml');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(
    `---
# widgets/_base.yaml
widget_type: chat  # widgets/_base.yaml:1
header_color: "#000000"  # widgets/_base.yaml:2
---
# ./widgets/_brand.yaml
widget_type: chat  # widgets/_base.yaml:1
user_opening_messages:  # ./widgets/_brand.yaml:6
  - Where is it?
header_color: "#14532d"  # ./widgets/_brand.yaml:3, over ./widgets/_base.yaml:2
bubble_text: Need a hand?  # ./widgets/_brand.yaml:4
style_params:
  bubble:
    size: 56  # ./widgets/_brand.yaml:5
sync:
  drift: report  # ./widgets/_brand.yaml:7
`.replace('chat  # widgets/_base.yaml:1\nuser', 'chat  # ./widgets/_base.yaml:1\nuser'),
  );
});

test('as JSON each value has its place in file, line and column', async () => {
  const { render } = place(brand);
  const { code, stdout } = await render('--json', 'widgets/prod/ava.yaml', 'widgets/_base.yaml');
  expect(code).toBe(0);
  const { valid, files } = readRenderJson(stdout);
  expect(valid).toBe(true);
  expect(files.map(({ file, kind, widget_id: id }) => [file, kind, id])).toEqual([
    ['widgets/prod/ava.yaml', 'widget', widgetId(1)],
    ['widgets/_base.yaml', 'fragment', null],
  ]);
  const [ava, base] = files;
  expect(ava?.fields.find(({ path }) => path === '/header_color')).toEqual({
    path: '/header_color',
    value: '#14532d',
    origin: { file: 'widgets/_brand.yaml', line: 3, column: 1 },
    over: [{ file: 'widgets/_base.yaml', line: 2, column: 1 }],
  });
  expect(ava?.fields.find(({ path }) => path === '/style_params/bubble/size')?.origin).toEqual({
    file: 'widgets/_brand.yaml',
    line: 5,
    column: 27,
  });
  expect(ava?.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(base?.hash).toBeNull();
});

describe('with a problem it ends with 1, says it where it is mended, and prints nothing of that file', () => {
  test.each<[string, Readonly<Record<string, string>>, string, RegExp]>([
    [
      'of the file',
      { 'widgets/ava.yaml': `widget_id: ${widgetId(1)}\nwidget_type: chat\nheader_colour: red\n` },
      'widgets/ava.yaml',
      /^widgets\/ava\.yaml:3:1: error: .*\[unknown-field\]/,
    ],
    [
      'of a fragment',
      {
        'widgets/_b.yaml': 'widget_type: chat\nheader_color: 5\n',
        'widgets/ava.yaml': `widget_id: ${widgetId(1)}\nextends: _b.yaml\n`,
      },
      'widgets/ava.yaml',
      /^widgets\/_b\.yaml:2:15: error: .*\[wrong-type\].*\(holds 1 widget: widgets\/ava\.yaml\)/,
    ],
    [
      'that only the whole shows',
      {
        'widgets/_b.yaml': 'bubble_text: Hi\n',
        'widgets/ava.yaml': `widget_id: ${widgetId(1)}\nextends: _b.yaml\n`,
      },
      'widgets/ava.yaml',
      /^widgets\/ava\.yaml:1:1: error: widget_type is missing \[missing-field\]/,
    ],
    [
      'of the entry',
      { 'widgets/ava.yaml': `widget_id: ${widgetId(1)}\nextends: _brnd.yaml\n` },
      'widgets/ava.yaml',
      /^widgets\/ava\.yaml:2:10: error: there is no file _brnd\.yaml \[missing-fragment\]/,
    ],
    [
      'of a fragment by itself',
      { 'widgets/_b.yaml': `widget_id: ${widgetId(1)}\n` },
      'widgets/_b.yaml',
      /^widgets\/_b\.yaml:1:1: error: .*\[fragment-field\]/,
    ],
  ])('%s', async (_, files, file, words) => {
    const { render } = place({
      ...files,
      'widgets/good.yaml': `${brand['widgets/_base.yaml']}widget_id: ${widgetId(2)}\n`,
    });
    const { code, stdout, stderr } = await render(file, 'widgets/good.yaml');
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
    expect(stdout).toMatch(/^---\n# widgets\/good\.yaml\n/);

    const json = await render('--json', file);
    expect(json).toMatchObject({ code: 1, stderr: '' });
    const { valid, files: shown } = readRenderJson(json.stdout);
    expect({ valid, fields: shown[0]?.fields, hash: shown[0]?.hash }).toEqual({
      ...{ valid: false, fields: [], hash: null },
    });
  });

  test.each([
    [['render'], /name the files to print, such as widgets\/ava\.yaml/],
    [['render', 'nothing.yaml'], /There is no file nothing\.yaml/],
    [['render', 'nowhere/nothing.yaml'], /nowhere/],
    [['render', '_nothing.yaml'], /_nothing\.yaml: there is no file/],
    [['render', 'widgets'], /widgets is no widget file: name files that end in/],
    [['render', 'folder.yaml'], /folder\.yaml is a folder: name the files in it/],
  ])('%j is refused', async (args, words) => {
    const { cwd } = place({ 'folder.yaml/x': '' });
    const { code, stdout, stderr } = await runIn({ cwd, env: {} }, args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(words);
  });
});

test('a warning is given on stderr, can be allowed, and fails nothing', async () => {
  const text = `widget_id: ${widgetId(1)}\nextends: [_b.yaml, _b.yaml]\n`;
  const { render } = place({ 'widgets/_b.yaml': 'widget_type: chat\n', 'widgets/ava.yaml': text });
  const told = await render('widgets/ava.yaml');
  expect(told).toMatchObject({ code: 0, stderr: expect.stringContaining('[no-effect]') });
  const allowed = await render('widgets/ava.yaml', '--allow', 'no-effect');
  expect(allowed).toMatchObject({ code: 0, stderr: '', stdout: told.stdout });
});

describe('outside of a checkout', () => {
  const placed = () => {
    const top = temporaryDirectory();
    for (const [path, text] of Object.entries(brand)) writeFile(top, path, text);
    return top;
  };
  const codes = async (cwd: string, args: readonly string[]) =>
    (await runIn({ cwd, env: {} }, args)).code;

  test('the folder of the shell is the root of what lies below it, as validate has it', async () => {
    const top = placed();
    expect(await codes(top, ['validate', 'widgets'])).toBe(0);
    expect(await codes(top, ['render', 'widgets/prod/ava.yaml'])).toBe(0);
    expect(await codes(join(top, 'widgets'), ['render', 'prod/ava.yaml'])).toBe(0);
  });

  test('a file whose fragments lie above that folder is told so, unless --root names another', async () => {
    const cwd = join(placed(), 'widgets/prod');
    const alone = await runIn({ cwd, env: {} }, ['render', 'ava.yaml']);
    expect(alone).toMatchObject({ code: 1, stdout: '' });
    expect(alone.stderr).toContain('[fragment-outside]');
    expect(alone.stderr).toContain(
      'the folder that the command was started in, since no folder above the file holds .git',
    );
    expect(await codes(cwd, ['render', 'ava.yaml', '--root', '../..'])).toBe(0);
  });

  test('an accounts.yaml above makes its folder the root', async () => {
    const top = placed();
    writeFile(top, 'accounts.yaml', 'accounts: {}\n');
    const cwd = join(top, 'widgets/prod');
    expect(await codes(cwd, ['render', 'ava.yaml'])).toBe(0);
    expect(await codes(cwd, ['validate', '.'])).toBe(0);
  });
});

describe('a folder whose name begins with _', () => {
  test('makes fragments of what lies in it, which extend each other', async () => {
    const { cwd, render } = place({
      'w/_dirs/_in.yaml': 'extends: plain.yaml\nname: In\n',
      'w/_dirs/plain.yaml': 'widget_type: chat\n',
      'w/a.yaml': `widget_id: ${widgetId(1)}\nextends: _dirs/_in.yaml\n`,
    });
    expect((await runIn({ cwd, env: {} }, ['validate', 'w'])).code).toBe(0);
    expect(await render('w/_dirs/_in.yaml')).toEqual({
      code: 0,
      stderr: '',
      stdout: 'widget_type: chat  # w/_dirs/plain.yaml:1\nname: In  # w/_dirs/_in.yaml:2\n',
    });
    const inside = await runIn({ cwd: join(cwd, 'w/_dirs'), env: {} }, ['render', 'plain.yaml']);
    expect(inside).toMatchObject({ code: 0, stderr: '' });
    expect(inside.stdout).toMatch(/^widget_type: chat {2}# .*_dirs\/plain\.yaml:1\n$/);
  });

  test('may hold the widget directory: what says a widget_id is a widget file', async () => {
    const { cwd, render } = place({
      '_sites/w/_b.yaml': 'widget_type: chat\n',
      '_sites/w/a.yaml': `widget_id: ${widgetId(1)}\nextends: _b.yaml\n`,
    });
    expect((await runIn({ cwd, env: {} }, ['validate', '_sites/w'])).code).toBe(0);
    expect(await render('_sites/w/a.yaml')).toEqual({
      code: 0,
      stderr: '',
      stdout: `widget_id: ${widgetId(1)}\nwidget_type: chat  # _sites/w/_b.yaml:1\n`,
    });
    expect((await render('_sites/w/_b.yaml')).code).toBe(0);
  });

  test('does not turn a fragment with a widget_id into a widget file', async () => {
    const { render } = place({ 'w/_b.yaml': `widget_id: ${widgetId(1)}\nwidget_type: chat\n` });
    const { code, stderr } = await render('w/_b.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain('a fragment cannot say widget_id');
  });
});

test('the keys of a file of accounts are known, where its variable names one', async () => {
  const key = 'in-accountkey-1234567890';
  const { cwd } = place({
    ...{
      'keys/oak': key,
      'accounts.yaml': 'each: {directory: "{name}", key_file: "keys/{name}"}\n',
    },
    'oak/ava.yaml': `widget_id: ${widgetId(1)}\nwidget_type: chat\nbubble_text: ${key}\n`,
  });
  chmodSync(join(cwd, 'keys/oak'), 0o600);
  onTestFinished(forgetSecrets);
  const render = (env: Record<string, string>, ...flags: string[]) =>
    runIn({ cwd, env }, ['render', 'oak/ava.yaml', ...flags]);
  for (const flags of [[], ['--json']]) {
    const { code, stdout, stderr } = await render(
      { WIDGET_SYNC_ACCOUNTS: 'accounts.yaml' },
      ...flags,
    );
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('holds the API key of the account oak');
    expect(stdout + stderr).not.toContain(key.slice(3));
  }
  const missing = await render({ WIDGET_SYNC_ACCOUNTS: 'other.yaml' });
  expect(missing.stderr).toMatch(/^widget-sync: keys are not known: other\.yaml/);
});

test('what looks like a key is not shown, unless somebody says that it is none', async () => {
  const code = 'in-season-promotion-2026';
  const { render } = place({
    'ava.yaml': `widget_id: ${widgetId(1)}\nwidget_type: chat\nbubble_text: ${code}\nname: Ava\n`,
  });
  for (const flags of [[], ['--json']]) {
    const shown = await render('ava.yaml', ...flags);
    expect(shown.code).toBe(0);
    expect(shown.stderr + shown.stdout).toContain('like-a-key');
    expect(shown.stdout).toContain('[api key]');
    expect(shown.stdout).toContain('Ava');
    expect(shown.stdout + shown.stderr).not.toContain(code.slice(3));
    const allowed = await render('ava.yaml', '--allow', 'like-a-key', ...flags);
    expect(allowed).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(code) });
  }
});

test('a key in a fragment holds what extends it, and is in no output', async () => {
  const key = 'in-fragmentkey-1234567890';
  const { cwd } = place({
    'widgets/_b.yaml': `widget_type: chat\nbubble_text: ${key}\n`,
    'widgets/ava.yaml': `widget_id: ${widgetId(1)}\nextends: _b.yaml\n`,
    'widgets/ben.yaml': `widget_id: ${widgetId(2)}\nextends: _b.yaml\n`,
  });
  const env = { INSIGHTO_API_KEY: key };
  const runs = [
    ['render', 'widgets/ava.yaml'],
    ['render', 'widgets/_b.yaml'],
    ['render', '--json', 'widgets/ava.yaml', 'widgets/_b.yaml'],
    ['validate'],
    ['validate', '--json'],
    ['plan', '--live', 'off'],
    ['plan', '--live', 'off', '--json'],
    ['plan', '--live', 'off', '--format', 'markdown'],
  ];
  for (const args of runs) {
    const { code, stdout, stderr } = await runIn({ cwd, env }, args);
    expect(code, args.join(' ')).toBe(1);
    expect(stdout + stderr).toContain('holds-key');
    expect(stdout + stderr).not.toContain(key);
    expect(stdout + stderr).not.toContain(key.slice(3));
  }
  const { stdout } = await runIn({ cwd, env }, ['validate', '--json']);
  const { diagnostics } = readValidateJson(stdout);
  const [told, ...others] = diagnostics.filter(({ code }) => code === 'holds-key');
  expect(others).toEqual([]);
  expect(told).toMatchObject({
    file: '_b.yaml',
    affects: { count: 2, files: ['ava.yaml', 'ben.yaml'] },
  });
});

describe('what is printed declares the same', () => {
  const names = readdirSync(join(root, 'widgets'), { recursive: true, encoding: 'utf8' });
  const examples = names.filter((name) => /\.ya?ml$/.test(name));

  test.each(examples)('of widgets/%s', async (name) => {
    const cwd = temporaryDirectory();
    const path = join(root, 'widgets', name);
    const printed = await runHere(['render', path]);
    expect(printed).toMatchObject({ code: 0 });
    writeFile(cwd, 'one.yaml', printed.stdout);
    writeFile(cwd, 'two.yaml', readFileSync(path, 'utf8'));
    expect(hashesIn(cwd, 'one.yaml')).toEqual(hashesIn(cwd, 'two.yaml'));
    const json = await runHere(['render', '--json', path]);
    expect(hashesIn(cwd, 'one.yaml')).toMatchObject([
      { hash: readRenderJson(json.stdout).files[0]?.hash },
    ]);
  });

  test('of a file that extends others', async () => {
    const { cwd, render } = place(brand);
    const { stdout } = await render('widgets/prod/ava.yaml');
    const flat = temporaryDirectory();
    writeFile(flat, 'ava.yaml', stdout);
    const composed = openWidgetDirectory(join(cwd, 'widgets')).load().documents;
    const plain = openWidgetDirectory(flat).load().documents;
    const said = (documents: typeof plain) =>
      documents.map(({ widgetId: id, hash, spec, sync }) => ({ id, hash, spec, sync }));
    expect(said(plain)).toEqual(said(composed));
    expect(plain[0]?.spec).toEqual({
      widget_type: 'chat',
      header_color: '#14532d',
      display_name: 'Ava',
      user_opening_messages: ['Hello'],
      style_params: { bubble: { size: 56, shadow: true } },
    });
  });
});

/** Of the one file, alone in a folder. */
function hashesIn(cwd: string, file: string) {
  const folder = join(cwd, `only-${file}`);
  writeFile(folder, file, readFileSync(join(cwd, file), 'utf8'));
  const { documents, held } = openWidgetDirectory(folder).load();
  const waiting = held.flatMap((one) => one.waiting ?? []);
  return [...documents, ...waiting].map(({ widgetId: id, hash, sync }) => ({ id, hash, sync }));
}
