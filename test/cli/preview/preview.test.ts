import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { openAccount } from '../../support/account.ts';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
import { readPreviewJson } from '../../support/json-shapes.ts';
import { everythingBelow, piecesOfKey, plantedKey, plantKey } from '../../support/planted-key.ts';
import { servePreviewHere } from '../../support/preview-here.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';

function place() {
  const root = temporaryDirectory();
  const declare = (folder: string, n: number, fields: JsonObject) => {
    const text = stringify({ widget_id: widgetId(n), widget_type: 'chat', ...fields });
    writeFile(root, `${folder}/w${n}.yaml`, text);
  };
  for (const folder of ['base', 'widgets']) {
    declare(folder, 0, { name: 'Ava', header_color: '#14532d', bubble_text: 'Hi' });
    declare(folder, 1, { name: 'Ben' });
  }
  const at = (path: string) => `${root}/${path}`;
  return {
    root,
    at,
    declare,
    preview: (...args: string[]) =>
      runHere(['preview', at('widgets'), ...args], { WIDGET_SYNC_STATE: at('state') }),
  };
}

test('what looks like a key is not shown, unless somebody says that it is none', async () => {
  const code = 'in-season-promotion-2026';
  const { declare, preview, at, root } = place();
  declare('widgets', 0, { name: code, bubble_text: `Say ${code}`, style_params: { [code]: 1 } });
  const shown = await preview('--before', at('base'), '--json');
  expect(readPreviewJson(shown.stdout).widgets[0]).toMatchObject({
    ...{ file: 'w0.yaml', name: '[api key]', status: 'changed' },
  });
  const page = await preview('--before', at('base'), '--out', at('page.html'));
  const pictures = await preview('--before', at('base'), '--out', at('pictures/'));
  const printed = [shown, page, pictures].map(({ stdout, stderr }) => stdout + stderr).join();
  rmSync(at('widgets'), { recursive: true });
  expect(printed + everythingBelow(root)).not.toContain(code.slice(3));
});

describe('--json', () => {
  test('shows what looks like a key where that is allowed', async () => {
    const code = 'in-season-promotion-2026';
    const { declare, preview } = place();
    declare('widgets', 0, { name: code });
    const { stdout } = await preview('--allow', 'like-a-key', '--json');
    expect(readPreviewJson(stdout).widgets.map(({ name }) => name)).toContain(code);
  });

  test('says of each widget what changes, with the numbers of the pictures', async () => {
    const { declare, preview, at } = place();
    declare('widgets', 0, { name: 'Ava', header_color: '#7c2d12', org_id: widgetId(9) });
    const { code, stdout, stderr } = await preview('--before', at('base'), '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const shown = readPreviewJson(stdout);
    expect(shown).toMatchObject({
      before: { kind: 'directory', from: at('base') },
      summary: { changed: 1, same: 1, new: 0, alone: 0, broken: 0, errors: 0 },
    });
    expect(shown.widgets[0]).toMatchObject({
      widget_id: widgetId(0),
      file: 'w0.yaml',
      name: 'Ava',
      widget_type: 'chat',
      scene: 'window',
      status: 'changed',
      changes: [
        { field: 'header_color', mark: 1, before: '#14532d', after: '#7c2d12' },
        // No longer declared: it is set back.
        { field: 'bubble_text', mark: 2, before: 'Hi', after: null },
        { field: 'org_id', mark: null, after: widgetId(9) },
      ],
    });
  });

  test('--released leave leaves what is no longer declared', async () => {
    const { declare, preview, at } = place();
    declare('widgets', 0, { name: 'Ava', header_color: '#14532d' });
    const { stdout } = await preview('--before', at('base'), '--json', '--released', 'leave');
    expect(readPreviewJson(stdout).summary).toMatchObject({ changed: 0, same: 2 });
  });

  test('--changed leaves out what is as before', async () => {
    const { declare, preview, at } = place();
    declare('widgets', 1, { name: 'Benedict' });
    const { stdout } = await preview('--before', at('base'), '--json', '--changed');
    const shown = readPreviewJson(stdout);
    expect(shown.widgets.map(({ file }) => file)).toEqual(['w1.yaml']);
    expect(shown.summary).toMatchObject({ changed: 1, left_out: 1 });
  });

  test('a broken file fails, and its widget is shown as it was', async () => {
    const { root, preview, at } = place();
    writeFile(root, 'widgets/w1.yaml', 'widget_id: [\n');
    const { code, stdout, stderr } = await preview('--before', at('base'), '--json');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^\S+\/widgets\/w1\.yaml:\d+:\d+: error: .*\n$/);
    const shown = readPreviewJson(stdout);
    expect(shown.widgets[0]).toMatchObject({ file: 'w1.yaml', status: 'broken', name: 'Ben' });
    expect(shown.widgets[0]?.diagnostics).toMatchObject([{ severity: 'error' }]);
    expect(shown.diagnostics).toEqual([]);
  });

  test('no field both changes and is kept', async () => {
    const { declare, preview, at } = place();
    declare('widgets', 0, { name: 'Ava', header_color: '#14532d' });
    const { stdout } = await preview('--before', at('base'), '--json');
    const { changes, notes } = readPreviewJson(stdout).widgets[0] ?? {};
    expect(changes).toMatchObject([{ field: 'bubble_text', before: 'Hi', after: null }]);
    const kept = notes?.find((note) => note.includes('kept as the dashboard has it'));
    expect(kept).toContain('intro_message');
    expect(kept).not.toContain('bubble_text');
  });

  test('a widget that no file declares any more is told of', async () => {
    const { preview, at } = place();
    rmSync(at('widgets/w1.yaml'));
    const { code, stdout } = await preview('--before', at('base'), '--json');
    const shown = readPreviewJson(stdout);
    expect({ code, ...shown.summary }).toMatchObject({ code: 0, same: 1, orphaned: 1 });
    expect(shown.orphaned).toEqual([{ widget_id: widgetId(1), file: 'w1.yaml', name: 'Ben' }]);
    expect((await preview('--before', at('base'), '--out', at('page.html'))).stdout).toMatch(
      /: nothing differs \(1 widget\), 1 with no file any more, compared with/,
    );
  });

  test.each([
    ['that names its widget', `widget_id: ${widgetId(1)}\nwidget_type: chat\nnope: 1\n`],
    ['that does not', 'widget_id: [\n'],
  ])('a file that is broken in the other directory, %s, is not compared', async (_, text) => {
    const { preview, at, root } = place();
    writeFile(root, 'base/w1.yaml', text);
    const { code, stdout, stderr } = await preview('--before', at('base'), '--json', '--changed');
    const why = `cannot be compared: w1.yaml cannot be used in ${at('base')}`;
    expect({ code, stderr }).toEqual({ code: 0, stderr: `widget-sync: w1.yaml ${why}\n` });
    const shown = readPreviewJson(stdout);
    expect(shown.widgets).toMatchObject([{ file: 'w1.yaml', status: 'alone', uncompared: why }]);
    expect(shown.summary).toMatchObject({ new: 0, left_out: 1, orphaned: 0 });
  });

  test('without a record there is nothing to compare with', async () => {
    const { preview, at } = place();
    expect(readPreviewJson((await preview('--json')).stdout)).toMatchObject({
      before: { kind: 'nothing', from: at('state') },
      summary: { alone: 2 },
    });
    expect(existsSync(at('state')), 'nothing is made').toBe(false);
  });
});

describe('what was applied, and what is live', () => {
  const asked = async (account: Awaited<ReturnType<typeof openAccount>>, ...args: string[]) => {
    const { stdout, stderr } = await account.quickly('preview', '--json', ...args);
    expect(stderr).toBe('');
    return readPreviewJson(stdout);
  };

  test('an edit differs until it is applied', async () => {
    const account = await openAccount({ live: [{}, {}] });
    account.declare(0, { widget_type: 'chat', header_color: '#14532d', bubble_text: 'Hi' });
    account.declare(1, { widget_type: 'chat' });
    expect(await account.quickly('apply')).toMatchObject({ code: 0 });
    expect(await asked(account)).toMatchObject({ summary: { same: 2 } });
    account.declare(0, { widget_type: 'chat', header_color: '#7c2d12' });
    const requests = await account.requestsOf(async () => {
      const shown = await asked(account);
      expect(shown.before.kind).toBe('applied');
      expect(shown.widgets[0]?.changes.map(({ field }) => field)).toEqual([
        'header_color',
        'bubble_text',
      ]);
    });
    expect(requests).toEqual([]);
    expect(await account.quickly('apply')).toMatchObject({ code: 0 });
    expect(await asked(account)).toMatchObject({ summary: { same: 2 } });
  });

  test('a widget without a file stays, and an empty directory is no wish to forget all', async () => {
    const account = await openAccount({ live: [{}, {}] });
    for (const n of [0, 1]) account.declare(n, { widget_type: 'chat', name: `n${n}` });
    expect(await account.quickly('apply')).toMatchObject({ code: 0 });
    const [first, second] = readdirSync(account.dir).sort();
    rmSync(join(account.dir, second ?? ''));
    expect((await asked(account)).orphaned).toMatchObject([{ file: second, name: 'n1' }]);
    rmSync(join(account.dir, first ?? ''));
    const [planned, shown] = await Promise.all(
      (['plan', 'preview'] as const).map((command) => account.quickly(command, '--json')),
    );
    expect(shown).toMatchObject({ code: 1, stdout: '' });
    expect(shown?.stderr).toMatch(/holds no widget file, though 2 widgets were applied/);
    expect(planned?.stderr + (planned?.stdout ?? '')).toContain('holds no widget file');
  });

  test('a state of another API, and one that is not there, are told of', async () => {
    const account = await openAccount({ live: [{}] });
    account.declare(0, { widget_type: 'chat' });
    expect(await account.quickly('apply')).toMatchObject({ code: 0 });
    const state = join(account.dir, '../.widget-sync');
    const looked = (at: string) => runHere(['preview', account.dir, '--json', '--state', at]);
    const { code, stdout, stderr } = await looked(state);
    expect(code).toBe(0);
    expect(readPreviewJson(stdout).before.kind).toBe('applied');
    expect(stderr).toBe((await runHere(['status', '--state', state])).stderr);
    expect(stderr).toContain(`is the state of ${account.sandbox.url}`);
    expect((await looked(`${state}-none`)).stderr).toMatch(/there is no state directory \S+-none:/);
  });

  test('--before live draws what no file declares as it is live', async () => {
    const account = await openAccount({ live: [{ bubble_text: 'Of the dashboard' }] });
    account.declare(0, { widget_type: 'chat', header_color: '#7c2d12' });
    account.declare(1, { widget_type: 'chat' });
    const shown = await asked(account, '--before', 'live');
    expect(shown).toMatchObject({
      before: { kind: 'live', from: account.sandbox.url },
      summary: { changed: 1, new: 1 },
    });
    const out = join(account.dir, '../out/');
    await account.quickly('preview', '--before', 'live', '--out', out);
    const svg = readFileSync(join(out, `pictures/${widgetId(0)}/after.svg`), 'utf8');
    expect(svg).toContain('Of the dashboard');
    expect(svg).toContain('#7c2d12');
  });

  test('--before live tells of the fields that a plan would change', async () => {
    const account = await openAccount({ live: [{}] });
    const common = { widget_type: 'chat', name: 'Ava', action_buttons: [{ label: 'One' }] };
    const released = { bubble_text: 'Hi', user_opening_messages: ['Where?'] };
    const style = { style_params: { placeholder: 'Ask', button: { label: 'Go' } } };
    account.declare(0, { ...common, ...released, ...style, header_color: '#14532d' });
    expect(await account.quickly('apply')).toMatchObject({ code: 0 });
    account.edit(0, { intro_message: 'Of the dashboard', name: 'Drifted', description: 'There' });
    const edited = { style_params: { placeholder: 'Ask me', button: { label: 'Go' } } };
    const ignored = { intro_message: 'Of the file', header_color: '#7c2d12' };
    account.declare(0, { ...common, ...edited, ...ignored }, { ignore: ['/intro_message'] });

    const planned = (await account.plan()).changes.flatMap(({ fields }) => fields);
    const names = planned.map(({ path }) => path.slice(1).replaceAll('/', '.'));
    const [shown] = (await asked(account, '--before', 'live')).widgets;
    expect(shown?.changes.map(({ field }) => field).sort()).toEqual(names.sort());
    expect(names).toHaveLength(5);
  });

  test('--before live needs the key, and nothing else does', async () => {
    const { preview } = place();
    const { code, stderr, stdout } = await preview('--before', 'live');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/no API key: set INSIGHTO_API_KEY/);
  });

  test('a suspended file shows what waits', async () => {
    const { declare, preview, at } = place();
    const sync = { suspend: true, reason: 'after Christmas' };
    declare('widgets', 1, { name: 'Benedict', sync });
    const { code, stdout } = await preview('--before', at('base'), '--json');
    expect(code).toBe(0);
    const shown = readPreviewJson(stdout);
    expect(shown.summary).toMatchObject({ waiting: 1, changed: 0, same: 1 });
    expect(shown.widgets[0]).toMatchObject({
      status: 'waiting',
      held: { code: 'suspended', message: expect.stringContaining('after Christmas') },
    });
  });
});

describe('--out', () => {
  test('a page holds all that it shows', async () => {
    const { declare, preview, at, root } = place();
    declare('widgets', 1, { name: 'Benedict' });
    const { code, stdout } = await preview('--before', at('base'), '--out', at('page.html'));
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `Wrote ${at('page.html')}: 1 changed, 1 as before (2 widgets), compared with the other directory.\n`,
    });
    const page = readFileSync(at('page.html'), 'utf8');
    expect(page.match(/<img src="data:image\/svg\+xml;base64,/g)).toHaveLength(3);
    expect(page.replace(/"data:[^"]*"/g, '')).not.toMatch(
      /<script|<link|<form|(?:src|href)="(?!#)/,
    );
    expect(page).toMatch(
      /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[\w+/=]{44}'; img-src data:;/,
    );
    expect(statSync(at('page.html')).mode & 0o777).toBe(0o666 & ~process.umask());
    expect(readdirSync(root).sort()).toEqual(['base', 'page.html', 'widgets']);
  });

  test('a folder holds the page, its pictures and JSON, and is replaced as a whole', async () => {
    const { declare, preview, at, root } = place();
    declare('widgets', 0, { name: 'Ava', header_color: '#7c2d12' });
    const write = () => preview('--before', at('base'), '--out', at('out/'));
    expect(await write()).toMatchObject({ code: 0 });
    const files = () => readdirSync(at('out'), { recursive: true, encoding: 'utf8' }).sort();
    const [ava, ben] = [`pictures/${widgetId(0)}`, `pictures/${widgetId(1)}`];
    const common = ['.widget-sync-preview', 'index.html', 'pictures', 'preview.json'];
    expect(files()).toEqual(
      [
        ...common,
        ...[ava, ben].flatMap((folder) => [folder, `${folder}/after.svg`, `${folder}/before.svg`]),
      ].sort(),
    );
    const json = readPreviewJson(readFileSync(at('out/preview.json'), 'utf8'));
    expect(json.widgets.map(({ pictures }) => pictures)).toEqual([
      { before: `${ava}/before.svg`, after: `${ava}/after.svg` },
      { before: `${ben}/before.svg`, after: `${ben}/after.svg` },
    ]);
    const page = readFileSync(at('out/index.html'), 'utf8');
    expect([...page.matchAll(/<img src="([^"]+)"/g)].map(([, src]) => src)).toEqual([
      `${ava}/before.svg`,
      `${ava}/after.svg`,
      `${ben}/after.svg`,
    ]);
    const picture = (path: string) => readFileSync(at(`out/${path}.svg`), 'utf8');
    expect(picture(`${ava}/before`)).not.toBe(picture(`${ava}/after`));
    expect(picture(`${ben}/before`), 'a comment on a plan may show both').toBe(
      picture(`${ben}/after`),
    );
    rmSync(at('base'), { recursive: true });
    mkdirSync(at('base'));
    expect(await write()).toMatchObject({ code: 0 });
    expect(files()).not.toContain(`${ava}/before.svg`);
    expect(readdirSync(root).sort(), 'nothing is left behind').toEqual(['base', 'out', 'widgets']);
  });

  test('widgets that look alike have a picture each', async () => {
    const { declare, preview, at } = place();
    for (const n of [0, 1]) declare('widgets', n, { name: 'Twin' });
    expect(await preview('--out', at('out/'))).toMatchObject({ code: 0 });
    const { widgets } = readPreviewJson(readFileSync(at('out/preview.json'), 'utf8'));
    const places = widgets.map(({ pictures }) => pictures.after ?? '');
    expect(places).toEqual([0, 1].map((n) => `pictures/${widgetId(n)}/after.svg`));
    const [one = '', other = ''] = places.map((path) => readFileSync(at(`out/${path}`), 'utf8'));
    expect(one).toBe(other);
  });

  test('an empty folder is filled', async () => {
    const { preview, at } = place();
    mkdirSync(at('out'));
    expect(await preview('--out', at('out/'))).toMatchObject({ code: 0 });
    expect(existsSync(at('out/index.html'))).toBe(true);
  });

  test('a folder that it did not make stays as it is', async () => {
    const { preview, at, root } = place();
    writeFile(root, 'mine/letter.txt', 'dear');
    const before = everythingBelow(root);
    const { code, stderr } = await preview('--out', at('mine/'));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `widget-sync: --out ${at('mine')}/ would be replaced, and holds what no preview has made: letter.txt; name another folder, or take that out\n`,
    });
    expect(await preview('--out', at('widgets/'))).toMatchObject({ code: 1 });
    expect(everythingBelow(root)).toBe(before);
  });

  test('a folder that it made stays as it is once something else is in it', async () => {
    const { preview, at, root } = place();
    const write = () => preview('--out', at('out/'));
    expect(await write()).toMatchObject({ code: 0 });
    expect(await write(), 'again').toMatchObject({ code: 0 });
    for (const name of ['notes.txt', `pictures/${widgetId(0)}/after.xcf`]) {
      writeFile(root, `out/${name}`, 'mine');
      const { code, stderr } = await write();
      expect(code).toBe(1);
      expect(stderr).toContain(`holds what no preview has made: ${name};`);
      expect(readFileSync(at(`out/${name}`), 'utf8')).toBe('mine');
      rmSync(at(`out/${name}`));
    }
  });

  test('what cannot be written is said, and leaves what was there', async () => {
    const { preview, at, root } = place();
    writeFile(root, 'file', 'mine');
    for (const [path, words] of [
      ['file/', 'is not a folder'],
      ['missing/page.html', 'the folder \\S+/missing does not exist'],
      ['missing/out/', 'the folder \\S+/missing does not exist'],
      ['file/page.html', '\\S+/file is not a folder'],
    ] as const) {
      const { code, stderr } = await preview('--out', at(path));
      expect(code, path).toBe(1);
      expect(stderr, path).toMatch(new RegExp(`^widget-sync: --out .*${words}`));
    }
    expect(readFileSync(at('file'), 'utf8')).toBe('mine');
  });
});

describe('--png', () => {
  const browserOf = (root: string, script: string) => {
    writeFile(root, 'browser', `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    chmodSync(join(root, 'browser'), 0o755);
    return ['--png', '--browser', join(root, 'browser')];
  };

  test('starts the browser for each picture, at its size, without the environment', async () => {
    const { preview, at, root } = place();
    const flags = browserOf(
      root,
      'for word in "$@"; do case "$word" in --screenshot=*) { echo "$@"; env; } > "$(echo "$word" | cut -d= -f2)";; esac; done',
    );
    expect(await preview('--out', at('out/'), ...flags)).toMatchObject({ code: 0 });
    const png = readFileSync(at(`out/pictures/${widgetId(1)}/after.png`), 'utf8');
    expect(png).toMatch(/--headless .*--force-device-scale-factor=2 .*--window-size=400,640 /);
    expect(png).toMatch(/ file:\/\/\S*after\.svg$/m);
    expect(png).not.toContain('VITEST');
  });

  test.each([
    [
      'that fails',
      'echo no display >&2; exit 3',
      /no picture: it ended with 3 and said last: no display;/,
    ],
    ['that says nothing', 'exit 1', /made no picture: it ended with 1 and said nothing;/],
    ['that is ended', 'kill -9 $$', /made no picture: it was ended by SIGKILL;/],
    ['that makes nothing', 'exit 0', /made no picture: it ended with 0 and wrote no file;/],
  ])('a browser %s is said, and nothing is written', async (_, script, words) => {
    const { preview, at, root } = place();
    const { code, stderr } = await preview('--out', at('out/'), ...browserOf(root, script));
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
    expect(existsSync(at('out'))).toBe(false);
  });

  test('a bare name is a program of PATH', async () => {
    const { at, root } = place();
    browserOf(root, 'exit 7');
    const words = ['--out', at('out/'), '--png', '--browser', 'browser'];
    const { stderr } = await runHere(['preview', at('widgets'), ...words], { PATH: root });
    expect(stderr).toContain(`${join(root, 'browser')} made no picture: it ended with 7`);
  });

  test('without a browser it says what was looked for', async () => {
    const { preview, at } = place();
    const { code, stderr } = await preview('--png', '--out', at('out/'));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /--png needs a Chromium, and none is here: looked for chromium, .* in the folders of PATH; install one .* --browser <path>/,
    );
  });
});

test.each([
  [['--out', 'page'], /--out: expected a file that ends in \.html, or a folder with a slash/],
  [['--out', ''], /--out/],
  [['--before', ''], /--before/],
  [['--before', 'nowhere'], /--before: .*nowhere does not exist/],
  [['--port', '99999'], /--port: expected a whole number from 0 to 65535/],
  [['--port', '0', '--json'], /--port is for the page that is served/],
  [['--png'], /add --out <folder>\//],
  [['--png', '--out', 'page.html'], /add --out <folder>\//],
  [['--browser', 'x', '--out', 'a/'], /--browser makes the pictures of --png/],
  [
    ['--png', '--out', 'a/', '--browser', '/nowhere'],
    /--browser \/nowhere: there is no such program/,
  ],
  [['--png', '--out', 'a/', '--browser', 'nowhere'], /nowhere: .* in the folders of PATH/],
])('%j is refused', async (args, words) => {
  const { preview } = place();
  const { code, stderr, stdout } = await preview(...args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(words);
});

/** Waits for a page with these words, looking again whenever the preview says that it has changed. */
async function pageReader(url: string): Promise<(words: string) => Promise<void>> {
  const { body } = await fetch(`${url}events`);
  const events = body?.pipeThrough(new TextDecoderStream()).getReader();
  return async (words) => {
    while (!(await (await fetch(url)).text()).includes(words)) {
      expect((await events?.read())?.done, `ended before: ${words}`).toBe(false);
    }
  };
}

describe('served', () => {
  test('follows what is applied beside it, from the first time on', async () => {
    const account = await openAccount({ live: [{}] });
    account.declare(0, { widget_type: 'chat', bubble_text: 'Hi' });
    const flags = [account.dir, '--state', join(account.dir, '../.widget-sync')];
    const { url, stop, stderr } = await servePreviewHere(flags);
    const until = await pageReader(url);
    await until('no widget was applied yet');
    expect(await account.quickly('apply')).toMatchObject({ code: 0 });
    await until('Nothing is left to be applied');
    expect(await stop()).toBe(0);
    expect(stderr()).toMatch(/^widget-sync: there is no state directory \S+: .*\n$/);
  });

  test('stays while no widget file is left, though some were applied', async () => {
    const account = await openAccount({ live: [{}] });
    account.declare(0, { widget_type: 'chat', name: 'Ava' });
    expect(await account.quickly('apply')).toMatchObject({ code: 0 });
    const state = join(account.dir, '../.widget-sync');
    const { url } = await servePreviewHere([account.dir, '--state', state]);
    const until = await pageReader(url);
    const [file = ''] = readdirSync(account.dir);
    rmSync(join(account.dir, file));
    await until('holds no widget file, though 1 widget was applied');
    expect(await (await fetch(url)).text()).toMatch(/Below is what the files said last.*Ava/s);
    account.declare(0, { widget_type: 'chat', name: 'Bea' });
    await until('Bea');
    expect(await (await fetch(url)).text()).not.toContain('holds no widget file');
  });

  test('stays while the directory is gone, and says so', async () => {
    const { root, at, declare } = place();
    const { url } = await servePreviewHere([at('widgets'), '--before', at('base')]);
    const until = await pageReader(url);
    renameSync(at('widgets'), join(root, 'away'));
    await until('Below is what the files said last.');
    expect(await (await fetch(url)).text()).toMatch(/does not exist.*w1\.yaml/s);
    renameSync(join(root, 'away'), at('widgets'));
    declare('widgets', 1, { name: 'Benedict' });
    await until('Benedict');
  });

  test('shows the key nowhere', async () => {
    const { root, at } = place();
    plantKey(at('widgets'), 10);
    const env = { INSIGHTO_API_KEY: plantedKey };
    const { url } = await servePreviewHere([at('widgets'), '--before', at('base')], env);
    const page = await (await fetch(url)).text();
    expect(page).toContain('holds-key');
    expect(piecesOfKey(page)).toEqual([]);
    for (const [svg] of page.matchAll(/\/pictures\/\w+\.svg/g)) {
      expect(piecesOfKey(await (await fetch(new URL(svg, url))).text())).toEqual([]);
    }
    await runHere(['preview', at('widgets'), '--before', at('base'), '--out', `${root}/o/`], env);
    expect(piecesOfKey(everythingBelow(`${root}/o`))).toEqual([]);
  });
});
