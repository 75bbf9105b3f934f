import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { type JsonObject, parseJson } from '../../../src/base/json/json.ts';
import { registerSecret } from '../../../src/base/secrets.ts';
import { declaredFields } from '../../../src/documents/edit/write-widget.ts';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import { bodyFields, type WidgetId } from '../../../src/model/widget.ts';
import { hostileTexts, widgetFields } from '../../documents/arbitrary-widgets.ts';
import { put, temporaryDirectory } from '../../documents/temporary-directory.ts';
import { recordOf } from '../../plan/fixtures.ts';
import { readImportJson } from '../../support/json-shapes.ts';
import { widgetId } from '../../support/sandbox.ts';
import { few } from '../../support/soak.ts';
import { type Live, runImport } from './run-import.ts';

const [ava, bea, cleo] = [widgetId(1), widgetId(2), widgetId(3)];

/** An empty widget directory, with the schema where new files expect it. */
function widgetsDirectory(): string {
  const root = temporaryDirectory();
  put(root, 'schemas/widget.schema.json', '{}');
  const dir = join(root, 'widgets');
  mkdirSync(dir);
  return dir;
}

const fileOf = (id: WidgetId, more: string) => `widget_id: ${id}\nwidget_type: chat\n${more}`;
const contentOf = (dir: string, file: string) => readFileSync(join(dir, file), 'utf8');

describe('importing into a directory', () => {
  const many = few(90, { soak: 200 });

  test(`${many} widgets with hostile texts are valid files that declare exactly what is live`, async () => {
    const dir = widgetsDirectory();
    const bodies = fc.sample(widgetFields, { numRuns: many, seed: 7 });
    const live: Record<WidgetId, JsonObject> = Object.fromEntries(
      bodies.map((body, n) => [
        widgetId(n),
        // Many of one name, and every hostile text at least once.
        {
          name: `Widget ${n % 20}`,
          ...body,
          intro_message: hostileTexts[n % hostileTexts.length] ?? '',
        },
      ]),
    );
    const { code, stdout, stderr } = await runImport(dir, live);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^${many} files created, 0 unchanged\\.$`, 'm'));

    const tree = openWidgetDirectory(dir).load();
    // How a widget looks is its own, and no fault of the file.
    const ofLook = ['not-a-colour', 'low-contrast', 'empty-suggestion', 'double-suggestion'];
    expect(tree.problems.filter(({ code }) => !ofLook.includes(code))).toEqual([]);
    expect(tree.held).toEqual([]);
    expect(tree.documents.length).toBe(many);
    for (const document of tree.documents) {
      expect(document.spec).toEqual(declaredFields(live[document.widgetId] ?? {}));
    }

    const again = await runImport(dir, live, { update: true });
    expect(again.stdout).toBe(`0 files created, ${many} unchanged.\n`);
  });

  test('files are named for people, and nothing that is there is overwritten', async () => {
    const dir = widgetsDirectory();
    put(dir, 'Ava.yaml', '# kept for later\n'.repeat(2));
    const live = {
      [ava]: { widget_type: 'chat', name: 'Ava' },
      [bea]: { widget_type: 'chat', name: 'Ava' },
      [cleo]: { widget_type: 'sms', name: null },
    };
    const { stdout } = await runImport(dir, live);
    expect(readdirSync(dir).sort()).toEqual([
      'Ava.yaml',
      `ava-${ava.slice(0, 8)}.yaml`,
      `ava-${bea.slice(0, 8)}.yaml`,
      `sms-${cleo.slice(0, 8)}.yaml`,
    ]);
    expect(contentOf(dir, 'Ava.yaml')).toBe('# kept for later\n'.repeat(2));
    expect(stdout).toContain(`created ${dir}/sms-${cleo.slice(0, 8)}.yaml\n`);
  });

  test('a missing directory is created', async () => {
    const dir = join(temporaryDirectory(), 'new/widgets');
    const { code } = await runImport(dir, { [ava]: { widget_type: 'chat', name: 'Ava' } });
    expect(code).toBe(0);
    expect(readdirSync(dir)).toEqual(['ava.yaml']);
  });

  test('a file in the place of the directory is said so', async () => {
    const path = put(temporaryDirectory(), 'widgets', 'a file');
    await expect(runImport(path, {})).rejects.toThrow(UsageError);
  });

  test('--only imports those widgets, and says which the account lacks and which could not be read', async () => {
    const dir = widgetsDirectory();
    const live: Live = {
      [ava]: { widget_type: 'chat', name: 'Ava' },
      [bea]: { widget_type: 'chat', name: 'Bea' },
      [cleo]: 'absent',
    };
    const unread = widgetId(4);
    const { code, stdout } = await runImport(dir, live, { only: [bea, cleo, unread] });
    expect(readdirSync(dir)).toEqual(['bea.yaml']);
    expect(stdout).toContain(`skipped widget ${cleo}: the account has no such widget\n`);
    expect(stdout).toContain(`skipped widget ${unread}: could not be read; try again\n`);
    expect(code).toBe(1);
  });

  test.each<[string, JsonObject, RegExp]>([
    ['half a character', { name: 'Ava \ud83d' }, /half a character/],
    ['more than a file may hold', { description: 'x'.repeat(2 ** 20) }, /larger than 1 MiB/],
    ['a type of the future', { widget_type: 'hologram' }, /widget_type/],
  ])(
    'a widget that no file can declare is told and counted, and is no failure: %s',
    async (_, fields, why) => {
      const dir = widgetsDirectory();
      const live = {
        [ava]: { widget_type: 'chat', ...fields },
        [bea]: { widget_type: 'chat', name: 'Bea' },
      };
      const { code, stdout } = await runImport(dir, live);
      expect(readdirSync(dir)).toEqual(['bea.yaml']);
      expect(stdout).toContain(`skipped widget ${ava}: cannot be written as a widget file: `);
      expect(stdout).toMatch(why);
      expect(stdout).toContain('1 file created, 0 unchanged, 1 skipped.\n');
      expect(code).toBe(0);
      // Beside what somebody can mend it is no excuse.
      put(dir, 'who.yaml', 'name: "');
      expect((await runImport(dir, live)).code).toBe(1);
    },
  );
});

describe('the API key in a live widget', () => {
  const key = 'in-ABCDEFGH-87654321';
  const reason = (fields: string) =>
    `the API key stands in ${fields} of the live widget, and a file would carry it into git; `;

  test.each<[string, JsonObject, string]>([
    ['as the name', { name: key }, 'name'],
    [
      'within texts',
      { display_name: `my ${key}!`, description: `a\n${key}\n` },
      'description, display_name',
    ],
    ['deep in a list', { action_buttons: [{ headers: [`Bearer ${key}`] }] }, 'action_buttons'],
    ['as a key of a mapping', { attributes: { [key]: 1 } }, 'attributes'],
    [
      'as a URL has it',
      { style_params: { url: 'https://a.example/?k=in-a%2Bb%2Fc' } },
      'style_params',
    ],
  ])('comes into no new file, nor into its name: %s', async (_, fields, named) => {
    onTestFinished(registerSecret(key));
    onTestFinished(registerSecret('in-a+b/c'));
    const dir = widgetsDirectory();
    const live = {
      [ava]: { widget_type: 'chat', name: 'Ava', ...fields },
      [bea]: { widget_type: 'chat', name: 'Bea' },
    };
    const { code, stdout } = await runImport(dir, live);
    expect(readdirSync(dir)).toEqual(['bea.yaml']);
    expect(stdout).toContain(reason(named));
    expect(stdout).toContain('replace the key by a new one there, and import again\n');
    expect(stdout).not.toContain(key);
    expect(code).toBe(1);
  });

  test('is no reason where it stands in what no file declares', async () => {
    onTestFinished(registerSecret(key));
    const dir = widgetsDirectory();
    const live = { [ava]: { widget_type: 'chat', name: 'Ava', widget_provider: key } };
    expect((await runImport(dir, live)).code).toBe(0);
    expect(contentOf(dir, 'ava.yaml')).not.toContain(key);
  });

  test('comes into no file that exists', async () => {
    onTestFinished(registerSecret(key));
    const dir = widgetsDirectory();
    put(dir, 'ava.yaml', fileOf(ava, 'name: Ava\nbubble_text: hi\n'));
    const live = { [ava]: { widget_type: 'chat', name: 'Eva', bubble_text: key } };
    const { code, stdout } = await runImport(dir, live, { update: true });
    expect(contentOf(dir, 'ava.yaml')).toBe(fileOf(ava, 'name: Ava\nbubble_text: hi\n'));
    expect(stdout).toContain(`skipped ${dir}/ava.yaml: ${reason('bubble_text')}`);
    expect(code).toBe(1);
  });
});

test('an account that the API did not list whole is said, and not taken for imported', async () => {
  const dir = widgetsDirectory();
  const live = { [ava]: { widget_type: 'chat', name: 'Ava' } };
  const { code, stderr } = await runImport(dir, live, { missing: 2 });
  expect(readdirSync(dir)).toEqual(['ava.yaml']);
  expect(stderr).toBe(
    'widget-sync: the account has 2 more widgets that the API did not list or give; import again, or name them with --only\n',
  );
  expect(code).toBe(1);
});

describe('an API that spells nothing ""', () => {
  const empties = Object.fromEntries(bodyFields.map((name) => [name, '']));

  test('has its widgets imported, and nothing of that is declared', async () => {
    const dir = widgetsDirectory();
    const live = {
      [ava]: { ...empties, widget_type: 'chat', name: 'Ava' },
      [bea]: { ...empties, attributes: null },
    };
    const { code } = await runImport(dir, live);
    expect(code).toBe(0);
    const lines = (file: string) => contentOf(dir, file).split('\n').slice(2);
    expect(lines('ava.yaml')).toEqual(['widget_type: chat', 'name: Ava', '']);
    expect(lines(`widget-${bea.slice(0, 8)}.yaml`)).toEqual(['widget_type: null', '']);
    expect(openWidgetDirectory(dir).load().problems).toEqual([]);
  });

  test('has its files updated with the nothing that a file may declare', async () => {
    const dir = widgetsDirectory();
    const before =
      `widget_id: ${ava}\nwidget_type: null\norg_id: null\nassistant_id: ${bea}\n` +
      'attributes: {a: 1}\nuser_opening_messages: [hi]\nstyle_params: {b: 2}\n';
    put(dir, 'ava.yaml', before);
    const live = { [ava]: { ...empties, attributes: null } };
    const { code, stdout } = await runImport(dir, live, { update: true });
    expect(code).toBe(0);
    expect(stdout).toContain(': assistant_id, attributes.a, style_params, user_opening_messages\n');
    expect(contentOf(dir, 'ava.yaml')).toBe(
      `widget_id: ${ava}\nwidget_type: null\norg_id: null\nassistant_id: null\n` +
        'attributes: {}\nuser_opening_messages: []\nstyle_params: null\n',
    );
    expect(openWidgetDirectory(dir).load().problems).toEqual([]);
  });
});

describe('files that exist', () => {
  const commented = `# yaml-language-server: $schema=../schemas/widget.schema.json

# The bubble on every page.
${fileOf(ava, '').trim()}
name: 'Ava'   # hers

# Colours of the brand
header_color: "#1F2937" # slate
bubble_color: &brand "#ffffff"
user_opening_messages: # in this order
  - Where is my order? # most asked
  - "Talk to a human"
style_params: { position: left, offset: { x: 24, y: 24 } } # from the edge
attributes:
  # what the agent may ask for
  collect_email: true # always
  greeting: |
    Hello,
    you.
`;
  const live = {
    widget_type: 'chat',
    name: 'Ava',
    header_color: '#111827',
    bubble_color: '#ffffff',
    user_opening_messages: ['Where is my order?', 'Talk to a person'],
    style_params: { position: 'left', offset: { x: 24, y: 32 } },
    attributes: { collect_email: true, greeting: 'Hello,\nfriend.\n' },
    description: 'not declared in the file',
  };

  test('--update changes only the lines of the fields that changed', async () => {
    const dir = widgetsDirectory();
    put(dir, 'ava.yaml', commented);
    const { code, stdout } = await runImport(dir, { [ava]: live }, { update: true });
    expect(code).toBe(0);
    const before = commented.split('\n');
    const after = contentOf(dir, 'ava.yaml').split('\n');
    expect(after.length).toBe(before.length);
    const diff = before.flatMap((line, index) =>
      line === after[index] ? [] : [[line, after[index]]],
    );
    expect(diff).toEqual([
      ['header_color: "#1F2937" # slate', 'header_color: "#111827" # slate'],
      ['  - "Talk to a human"', '  - "Talk to a person"'],
      [
        'style_params: { position: left, offset: { x: 24, y: 24 } } # from the edge',
        'style_params: { position: left, offset: { x: 24, y: 32 } } # from the edge',
      ],
      ['    you.', '    friend.'],
    ]);
    expect(stdout).toContain(
      `updated ${dir}/ava.yaml: attributes.greeting, header_color, style_params.offset.y, user_opening_messages\n`,
    );
  });

  test('without --update they are left, and what differs is said', async () => {
    const dir = widgetsDirectory();
    put(dir, 'team/ava.yaml', fileOf(ava, 'name: Ava'));
    const { code, stdout } = await runImport(dir, { [ava]: { widget_type: 'chat', name: 'Eva' } });
    expect(contentOf(dir, 'team/ava.yaml')).toBe(fileOf(ava, 'name: Ava'));
    expect(stdout).toBe(
      `left    ${dir}/team/ava.yaml: differs in name\n\n` +
        '0 files created, 0 unchanged, 1 left as they are (--update brings the live values in).\n',
    );
    expect(code).toBe(0);
  });

  test('fields that the file says are the dashboard’s, or that the API lacks, are not updated', async () => {
    const dir = widgetsDirectory();
    const text = fileOf(
      ava,
      'name: Ava\nbubble_text: git\nintro_message: kept\nstyle_params: {width: 1, height: 2}\nsync:\n  ignore: [/bubble_text, /style_params/width]\n',
    );
    put(dir, 'ava.yaml', text);
    const now = {
      widget_type: 'chat',
      name: 'Eva',
      bubble_text: 'dashboard',
      style_params: { width: 9, height: 8 },
    };
    const { stdout } = await runImport(dir, { [ava]: now }, { update: true });
    expect(stdout).toContain('ava.yaml: name, style_params.height\n');
    expect(contentOf(dir, 'ava.yaml')).toBe(
      text.replace('Ava', 'Eva').replace('height: 2', 'height: 8'),
    );
  });

  test('a place that is ignored within a list leaves the file alone: it cannot be used', async () => {
    const dir = widgetsDirectory();
    const text = fileOf(
      ava,
      'user_opening_messages: [x, y]\nsync: {ignore: [/user_opening_messages/0]}\n',
    );
    put(dir, 'ava.yaml', text);
    const now = { widget_type: 'chat', user_opening_messages: ['x', 'Y', 'z'] };
    const { stdout } = await runImport(dir, { [ava]: now }, { update: true });
    expect(stdout).toContain(`"/user_opening_messages/0" cannot be ignored`);
    expect(stdout).toContain('1 skipped.');
    expect(contentOf(dir, 'ava.yaml')).toBe(text);
  });

  test('what the API only spells otherwise is no difference, and stays beside one', async () => {
    const dir = widgetsDirectory();
    const text = fileOf(
      ava,
      'header_color: "#ABCDEF"\ndescription: null\nstyle_params: {font: Arial, size: 1}\n',
    );
    put(dir, 'ava.yaml', text);
    const [document] = openWidgetDirectory(dir).load().documents;
    if (document === undefined) throw new Error('the file is no widget');
    const echo = {
      widget_type: 'chat',
      header_color: '#abcdef',
      description: '',
      style_params: { font: 'arial', size: 1 },
    };
    const applied = new Map([[ava, { ...recordOf(document), echo }]]);
    const settled = await runImport(dir, { [ava]: echo }, { update: true, applied });
    expect(settled.stdout).toBe('0 files created, 1 unchanged.\n');

    const moved = { ...echo, description: 'new', style_params: { font: 'arial', size: 2 } };
    const left = await runImport(dir, { [ava]: moved }, { applied });
    expect(left.stdout).toContain('ava.yaml: differs in description, style_params.size\n');
    await runImport(dir, { [ava]: moved }, { update: true, applied });
    expect(contentOf(dir, 'ava.yaml')).toBe(
      text.replace('null', 'new').replace('size: 1', 'size: 2'),
    );
  });

  test('an update keeps the mode of a file, and the link that it is reached by', async () => {
    const dir = widgetsDirectory();
    const target = put(dir, '.content/ava.txt', fileOf(ava, 'name: Ava'));
    chmodSync(target, 0o640);
    symlinkSync(target, join(dir, 'ava.yaml'));
    await runImport(dir, { [ava]: { widget_type: 'chat', name: 'Eva' } }, { update: true });
    expect(lstatSync(join(dir, 'ava.yaml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe(fileOf(ava, 'name: Eva'));
    expect(statSync(target).mode & 0o777).toBe(0o640);
    expect(readdirSync(join(dir, '.content'))).toEqual(['ava.txt']);
  });

  test('invalid and suspended files are left; only the invalid are to be mended', async () => {
    const dir = widgetsDirectory();
    put(dir, 'ava.yaml', fileOf(ava, 'sync: {suspend: true, reason: Christmas}'));
    const live = { [ava]: { widget_type: 'sms' }, [bea]: { widget_type: 'sms' } };
    const suspended = await runImport(dir, live, { only: [ava], update: true });
    expect(suspended.stdout).toContain(`skipped ${dir}/ava.yaml: suspended: Christmas\n`);
    expect(suspended.code).toBe(0);

    put(dir, 'bea.yaml', fileOf(bea, 'nope: 1'));
    put(dir, 'who.yaml', 'name: "');
    const { code, stdout } = await runImport(dir, live, { update: true });
    expect(stdout).toContain(`skipped ${dir}/bea.yaml: the file is invalid: unknown field nope\n`);
    expect(stdout).toContain(`skipped ${dir}/who.yaml: the file is invalid: `);
    expect(code).toBe(1);
    expect(readdirSync(dir).sort()).toEqual(['ava.yaml', 'bea.yaml', 'who.yaml']);
  });
});

describe('the schema that new files name', () => {
  const live = { [bea]: { widget_type: 'chat', name: 'Bea' } };
  const modeline = (path: string) => `# yaml-language-server: $schema=${path}\n`;

  test.each([
    ['a URL', 'ava.yaml', 'https://example.com/widget.json', 'https://example.com/widget.json'],
    ['a path, seen from another folder', 'a/b/ava.yaml', '../../../etc/w.json', '../etc/w.json'],
    ['a path into the directory itself', 'a/ava.yaml', '../_schema.json', './_schema.json'],
  ])('is what another file names: %s', async (_, file, named, expected) => {
    const dir = widgetsDirectory();
    put(dir, file, modeline(named) + fileOf(ava, ''));
    await runImport(dir, live);
    expect(contentOf(dir, 'bea.yaml').startsWith(modeline(expected))).toBe(true);
  });

  test('is the usual one otherwise, and where to copy it from is said once when it is not there', async () => {
    const dir = join(temporaryDirectory(), 'widgets');
    const both = { ...live, [ava]: { widget_type: 'chat', name: 'Ava' } };
    const { stderr } = await runImport(dir, both);
    expect(contentOf(dir, 'bea.yaml').startsWith(modeline('../schemas/widget.schema.json'))).toBe(
      true,
    );
    const copyFrom = /copy it from (.*)\n$/.exec(stderr)?.[1] ?? '';
    expect(stderr.match(/copy it from/g)).toHaveLength(1);
    expect(existsSync(copyFrom)).toBe(true);
  });
});

test('--json lists what was done with every widget', async () => {
  const dir = widgetsDirectory();
  put(dir, 'ava.yaml', fileOf(ava, 'name: Ava'));
  put(dir, 'bea.yaml', fileOf(bea, 'name: Bea'));
  const four = widgetId(4);
  const live = {
    [ava]: { widget_type: 'chat', name: 'Eva' },
    [bea]: { widget_type: 'chat', name: 'Bea' },
    [cleo]: { widget_type: 'chat', name: 'Cleo' },
    [four]: 'absent',
  } as const;
  const only = [ava, bea, cleo, four];
  const { code, stdout } = await runImport(dir, live, { json: true, update: true, only });
  expect(JSON.parse(stdout)).toEqual({
    format_version: '1.0',
    created: [{ widget_id: cleo, file: 'cleo.yaml' }],
    updated: [{ widget_id: ava, file: 'ava.yaml', fields: ['/name'] }],
    unchanged: [{ widget_id: bea, file: 'bea.yaml' }],
    left: [],
    skipped: [{ widget_id: four, file: null, reason: 'the account has no such widget' }],
    summary: { created: 1, updated: 1, unchanged: 1, left: 0, skipped: 1, inexact: 0, total: 4 },
  });
  expect(code).toBe(1);
});

describe('numbers that a file would round', () => {
  const attributes = parseJson(
    '{"page_id":17841405793187219,"ratio":1.10,"most":1e400,"list":[{"id":-10223456789012345678}]}',
  ) as JsonObject;
  const live = { [ava]: { widget_type: 'chat', name: 'Ava', attributes } };
  const inexact = ['/attributes/page_id', '/attributes/most', '/attributes/list/0/id'];

  test('are left out of a new file with their field, told and counted', async () => {
    const dir = widgetsDirectory();
    const { code, stdout } = await runImport(dir, live);
    expect(contentOf(dir, 'ava.yaml')).not.toContain('attributes');
    expect(stdout).toMatch(
      /^created .*ava\.yaml without attributes: it holds attributes\.page_id, /m,
    );
    expect(stdout).toMatch(
      /^1 file created, 0 unchanged, 1 without what a file cannot say exactly\.$/m,
    );
    expect(code).toBe(0);
    // Nothing more is to be done about it.
    expect(await runImport(dir, live, { update: true })).toMatchObject({
      code: 0,
      stdout: '0 files created, 1 unchanged.\n',
    });
  });

  test('are listed by --json', async () => {
    const { stdout } = await runImport(widgetsDirectory(), live, { json: true });
    expect(readImportJson(stdout).created).toEqual([{ widget_id: ava, file: 'ava.yaml', inexact }]);
    expect(JSON.parse(stdout).summary).toMatchObject({ created: 1, inexact: 1 });
  });

  test.each([
    '17841405793187218',
    '9007199254740992',
    '100000000000000000000',
    '-9007199254740994.0',
  ])('are left out too where a JavaScript number happens to be exact: %s', async (id) => {
    const dir = widgetsDirectory();
    const even = {
      widget_type: 'chat',
      name: 'Ava',
      attributes: parseJson(`{"page_id":${id}}`) as JsonObject,
    };
    const { code, stdout } = await runImport(dir, { [ava]: even });
    expect(contentOf(dir, 'ava.yaml')).not.toContain('attributes');
    expect(stdout).toMatch(/^created .*ava\.yaml without attributes: it holds /m);
    expect(code).toBe(0);
  });

  test('leave their field in a file as it is, and what else differs is brought in', async () => {
    const dir = widgetsDirectory();
    put(dir, 'ava.yaml', fileOf(ava, 'name: Eva\nattributes:\n  ratio: 2\n'));
    const first = await runImport(dir, live, { update: true });
    expect(first.stdout).toMatch(
      /^updated .*: name; .*\/attributes\/page_id is more exact .* sync\.ignore, and import again$/m,
    );
    const text = contentOf(dir, 'ava.yaml');
    expect(text).toBe(fileOf(ava, 'name: Ava\nattributes:\n  ratio: 2\n'));
    const again = await runImport(dir, live, { update: true });
    expect(again.stdout).toMatch(/^skipped .*\/attributes\/page_id is more exact/m);
    expect(contentOf(dir, 'ava.yaml')).toBe(text);
    expect([first.code, again.code]).toEqual([1, 1]);
  });

  test("are nobody's matter where the file leaves them to the dashboard", async () => {
    const dir = widgetsDirectory();
    const ignored = 'sync: {ignore: [/attributes/page_id, /attributes/most, /attributes/list]}\n';
    put(dir, 'ava.yaml', fileOf(ava, `name: Ava\nattributes: {ratio: 1}\n${ignored}`));
    const { code, stdout } = await runImport(dir, live, { update: true });
    expect(stdout).toMatch(/^updated .*: attributes\.ratio$/m);
    expect(contentOf(dir, 'ava.yaml')).toContain('attributes: {ratio: 1.1}');
    expect(code).toBe(0);
  });
});

test('told to stop, it ends after the widget at hand and says how many are left', async () => {
  const dir = widgetsDirectory();
  const all = Array.from({ length: 20 }, (_, n) => widgetId(n));
  const live = Object.fromEntries(all.map((id) => [id, { widget_type: 'chat', name: id }]));
  const stop = new AbortController();
  const importing = runImport(dir, live, { stop: stop.signal });
  // The first file is being written by now, or about to be.
  stop.abort();
  const { code, stdout, stderr } = await importing;
  const created = readdirSync(dir).length;
  expect(created).toBeLessThan(20);
  expect(stdout).toContain(`${created} file${created === 1 ? '' : 's'} created`);
  expect(stderr).toBe(
    `widget-sync: stopped: ${20 - created} widgets of 20 not looked at; import again for the rest\n`,
  );
  expect(code).toBe(1);
  expect((await runImport(dir, live)).stdout).toContain(
    `${20 - created} files created, ${created} `,
  );
});
