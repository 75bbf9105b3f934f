// `import` where files inherit from fragments: what it writes, and what it says of values that all agree on.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json/json.ts';
import { canonicalJson } from '../../../src/base/json/json.ts';
import { forgetSecrets, registerSecret } from '../../../src/base/secrets.ts';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import { asJson, type WidgetId } from '../../../src/model/widget.ts';
import { put, temporaryDirectory } from '../../documents/temporary-directory.ts';
import { readImportJson } from '../../support/json-shapes.ts';
import { law } from '../../support/law.ts';
import { widgetId } from '../../support/sandbox.ts';
import { few } from '../../support/soak.ts';
import { runImport } from './run-import.ts';

const [ava, bea, cleo] = [widgetId(1), widgetId(2), widgetId(3)];

const base = `remove_branding: true
style_params: {bubble: {size: 56, shadow: true}}
`;
const brand = `# The brand.
extends: _base.yaml

widget_type: chat
header_color: "#14532d"   # green
user_opening_messages: [Hours, Prices]
`;

const files: Readonly<Record<string, string>> = {
  '_base.yaml': base,
  '_brand.yaml': brand,
  'prod/ava.yaml': `extends: ../_brand.yaml\nwidget_id: ${ava}\nname: Ava # hers\n`,
  'prod/bea.yaml': `extends: ../_brand.yaml\nwidget_id: ${bea}\nname: Bea\n`,
  'prod/cleo.yaml': `extends: ../_brand.yaml\nwidget_id: ${cleo}\nheader_color: "#000000"\n`,
};

/** A tree with those files, of which `prod` is the widget directory. */
function treeWith(changed: Readonly<Record<string, string>> = {}) {
  const root = temporaryDirectory();
  for (const [file, text] of Object.entries({ ...files, ...changed })) put(root, file, text);
  const dir = join(root, 'prod');
  const text = (file: string) => readFileSync(join(root, file), 'utf8');
  const all = () =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]),
    );
  return { root, dir, text, all };
}

const open = (root: string, dir: string) => openWidgetDirectory(dir, { root });

/** What is live where each widget is as its file says, and then as `changed` says. */
function liveIn(
  { root, dir }: ReturnType<typeof treeWith>,
  changed: Readonly<Record<WidgetId, JsonObject>> = {},
): Record<WidgetId, JsonObject> {
  const { documents, problems } = open(root, dir).load();
  expect(problems).toEqual([]);
  return Object.fromEntries(
    documents.map(({ widgetId: id, spec }) => [id, { ...asJson(spec), ...changed[id] }]),
  );
}

describe('import --update of files with fragments', () => {
  test('writes the least into the file of the widget, and nothing into a fragment', async () => {
    const tree = treeWith();
    const live = liveIn(tree, {
      [ava]: {
        header_color: '#166534',
        user_opening_messages: ['Hours'],
        style_params: { bubble: { size: 64 } },
      },
    });
    const before = tree.all();
    const { code, stdout, stderr } = await runImport(tree.dir, live, {
      update: true,
      root: { root: tree.root },
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(
      `updated ${tree.dir}/ava.yaml: header_color, style_params.bubble.shadow, style_params.bubble.size, user_opening_messages\n`,
    );
    expect(tree.all()).toEqual({
      ...before,
      'prod/ava.yaml': `extends: ../_brand.yaml
omit:
  - /style_params/bubble/shadow
widget_id: ${ava}
name: Ava # hers
user_opening_messages:
  - Hours
header_color: "#166534"
style_params:
  bubble:
    size: 64
`,
    });
    const again = await runImport(tree.dir, live, { update: true, root: { root: tree.root } });
    expect(again.stdout).toBe('0 files created, 3 unchanged.\n');
  });

  test('takes away what the file said otherwise, once it is live as it is inherited', async () => {
    const tree = treeWith();
    const live = liveIn(tree, { [cleo]: { header_color: '#14532d' } });
    await runImport(tree.dir, live, { update: true, root: { root: tree.root } });
    expect(tree.text('prod/cleo.yaml')).toBe(`extends: ../_brand.yaml\nwidget_id: ${cleo}\n`);
  });

  test('changes no byte where nothing differs, whatever a file repeats of its fragments', async () => {
    const tree = treeWith({
      'prod/cleo.yaml': `extends: [../_brand.yaml]\nwidget_id: ${cleo}\nheader_color: '#14532d'\nstyle_params: {}\nsync: {allow: [no-effect]}\n`,
    });
    const before = tree.all();
    const { stdout } = await runImport(tree.dir, liveIn(tree), {
      update: true,
      root: { root: tree.root },
    });
    expect(stdout).toBe('0 files created, 3 unchanged.\n');
    expect(tree.all()).toEqual(before);
  });

  test('does not write over a file whose fragment has changed since it was read', async () => {
    const tree = treeWith();
    const live = liveIn(tree, { [ava]: { name: 'Eve' } });
    // Between the look at all files and the first edit, somebody edits the brand.
    const stop = Object.defineProperty(new AbortController().signal, 'aborted', {
      get() {
        put(tree.root, '_brand.yaml', brand.replace('#14532d', '#166534'));
        return false;
      },
    });
    const { code, stdout } = await runImport(tree.dir, live, {
      update: true,
      root: { root: tree.root },
      stop,
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/skipped .*ava\.yaml: .*was changed in the meantime; try again/);
    expect(tree.text('prod/ava.yaml')).toBe(files['prod/ava.yaml']);
  });

  test('makes new files beside them as before', async () => {
    const tree = treeWith();
    const other = widgetId(4);
    const live = { ...liveIn(tree), [other]: { widget_type: 'sms', name: 'Dot' } };
    const { stdout } = await runImport(tree.dir, live, { update: true, root: { root: tree.root } });
    expect(stdout).toContain(`created ${tree.dir}/dot.yaml\n`);
    expect(tree.text('prod/dot.yaml')).toMatch(/^widget_type: sms$/m);
    expect(tree.text('prod/dot.yaml')).not.toMatch(/extends/);
  });
});

describe('where all that inherit a value have another one', () => {
  const darker = { header_color: '#052e16' };

  test.each([
    { update: false, outcome: 'left', advice: 'rather than into each file' },
    { update: true, outcome: 'updated', advice: 'and take it out of each file again' },
  ])('the line to edit is named ($outcome)', async ({ update, advice }) => {
    const tree = treeWith();
    // Cleo says otherwise by itself.
    const live = liveIn(tree, { [ava]: darker, [bea]: darker });
    const { stdout } = await runImport(tree.dir, live, { update, root: { root: tree.root } });
    expect(stdout).toContain(
      `agreed  ${tree.root}/_brand.yaml:5: all 2 widgets of this directory that inherit header_color from here have "#052e16"; write it here, ${advice}; the fragment may reach widgets of other directories, too\n`,
    );
    expect(tree.text('_brand.yaml')).toBe(brand);
  });

  test('programs are told too', async () => {
    const tree = treeWith();
    const live = liveIn(tree, { [ava]: darker, [bea]: darker });
    const { stdout } = await runImport(tree.dir, live, { json: true, root: { root: tree.root } });
    readImportJson(stdout);
    expect(JSON.parse(stdout).agreed).toEqual([
      {
        field: '/header_color',
        value: '#052e16',
        widgets: 2,
        origin: { file: '../_brand.yaml', line: 5, column: 1 },
      },
    ]);
  });

  test('a value that all have lost is told as well, at the fragment that has it', async () => {
    const tree = treeWith();
    const less = { style_params: { bubble: { size: 56 } } };
    const live = liveIn(tree, { [ava]: less, [bea]: less, [cleo]: less });
    const { stdout } = await runImport(tree.dir, live, { root: { root: tree.root } });
    expect(stdout).toMatch(
      /_base\.yaml:2: all 3 widgets of this directory that inherit style_params\.bubble\.shadow from here do not have it;/,
    );
  });

  test('an object that all have lost is told by its members', async () => {
    const tree = treeWith();
    const less = { style_params: {} };
    const live = liveIn(tree, { [ava]: less, [bea]: less, [cleo]: less });
    const { stdout } = await runImport(tree.dir, live, { root: { root: tree.root } });
    const told = [...stdout.matchAll(/_base\.yaml:2: .* inherit (\S+) from here do not have it;/g)];
    expect(told.map(([, field]) => field)).toEqual([
      'style_params.bubble.shadow',
      'style_params.bubble.size',
    ]);
  });

  test.each<[string, Record<WidgetId, JsonObject>, Record<string, string>]>([
    ['one has it still', { [ava]: darker }, {}],
    ['they differ', { [ava]: darker, [bea]: { header_color: '#000000' } }, {}],
    [
      'one is suspended',
      { [ava]: darker, [bea]: darker },
      { 'prod/cleo.yaml': `extends: ../_brand.yaml\nwidget_id: ${cleo}\nsync: {suspend: true}\n` },
    ],
    [
      'a key stands in the value',
      { [ava]: { header_color: 'key-of-account' }, [bea]: { header_color: 'key-of-account' } },
      {},
    ],
  ])('nothing is said where %s', async (_, changed, more) => {
    registerSecret('key-of-account');
    onTestFinished(forgetSecrets);
    const tree = treeWith(more);
    const { stdout } = await runImport(tree.dir, liveIn(tree, changed), {
      root: { root: tree.root },
    });
    expect(stdout).toContain('left');
    expect(stdout).not.toContain('agreed');
  });

  test('an asked-for part of the account is not all', async () => {
    const tree = treeWith();
    const live = liveIn(tree, { [ava]: darker, [bea]: darker });
    const { stdout } = await runImport(tree.dir, live, { only: [ava], root: { root: tree.root } });
    expect(stdout).not.toContain('agreed');
  });
});

describe('whatever is live', () => {
  const value = fc.constantFrom<Json>(56, 64, null, 'a: b', [1], { left: true });
  const member = fc.constantFrom('size', 'shadow', 'a/b', 'new');
  const bubble = fc
    .array(fc.tuple(member, value), { maxLength: 3 })
    .map((members) => Object.fromEntries(members));
  const change = fc.record(
    {
      header_color: fc.constantFrom<Json>('#14532d', '#000000', null),
      name: fc.constantFrom<Json>('Ava', null),
      remove_branding: fc.boolean(),
      user_opening_messages: fc.constantFrom<Json>([], ['Hours', 'Prices'], ['Prices']),
      style_params: fc.oneof(
        bubble,
        bubble.map((members) => ({ bubble: members })),
        fc.constant(null),
      ),
    },
    { requiredKeys: [], noNullPrototype: true },
  ) as fc.Arbitrary<JsonObject>;

  law.prop([change, change, change], { numRuns: few(100, { soak: 3000 }) })(
    'the tree reads back as what is live, a second import changes nothing, and no fragment is touched',
    async (...changes) => {
      const tree = treeWith();
      const [first = {}, second = {}, third = {}] = changes;
      const live = liveIn(tree, { [ava]: first, [bea]: second, [cleo]: third });
      const { code } = await runImport(tree.dir, live, { update: true, root: { root: tree.root } });
      expect(code).toBe(0);
      const read = liveIn(tree);
      for (const id of [ava, bea, cleo]) {
        const declared = read[id] ?? {};
        const wanted = Object.keys(declared).map((name) => [name, live[id]?.[name] ?? null]);
        expect(canonicalJson(declared)).toBe(canonicalJson(Object.fromEntries(wanted)));
      }
      expect([tree.text('_base.yaml'), tree.text('_brand.yaml')]).toEqual([base, brand]);
      const after = tree.all();
      await runImport(tree.dir, live, { update: true, root: { root: tree.root } });
      expect(tree.all()).toEqual(after);
    },
  );
});
