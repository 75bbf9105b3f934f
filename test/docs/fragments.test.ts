// docs/fragments.md, and the agency of examples/ that it tells of.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { composeLayers } from '../../src/documents/compose/compose-layers.ts';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import { asJson } from '../../src/model/widget.ts';
import { accountsTree, keyOf } from '../accounts/accounts-tree.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { agency, appliedAgency, editedAgency, prod } from './agency-example.ts';
import { pageOf, root, sectionOf } from './pages.ts';

const page = pageOf('docs/fragments.md');

/** From the agency's folder. */
const files = readdirSync(agency, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(agency.length + 1))
  .sort();
const yamlFiles = files.filter((file) => file.endsWith('.yaml'));
const textOf = (file: string) => readFileSync(join(agency, file), 'utf8');
const directories = [prod, 'clients/marram/staging', 'clients/quillon/widgets'];
const treeOf = (directory: string) => openWidgetDirectory(join(agency, directory)).load();

/** Without comments that have a line of their own, and without empty lines. */
const declared = (text: string) => text.replace(/^(?:#.*)?\n/gm, '').trimEnd();

function textStartingWith(start: string): string {
  const ofText = page.blocks.filter(({ language }) => language === 'text');
  return ofText.find(({ text }) => text.startsWith(start))?.text.trimEnd() ?? expect.fail();
}

describe('the page', () => {
  test('draws the files that there are', () => {
    const drawn = textStartingWith('examples/agency/');
    const folders: string[] = [];
    const found = drawn
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, lead = '', name = '', told = ''] = /^([│├└─ ]+)([\w.-]+\/?)(.*)/.exec(line) ?? [];
        const depth = lead.length / 4 - 1;
        folders.splice(depth);
        if (!name.endsWith('/')) return [...folders, name].join('/');
        folders.push(name.slice(0, -1));
        const within = told.match(/[\w-]+\.yaml/g) ?? [];
        return within.map((file) => [...folders, file].join('/'));
      });
    expect(found.sort()).toEqual(files);
  });

  const shown = page.blocks.flatMap(({ language, text }) => {
    const [, file] = /^# (clients\/.*\.yaml)\n/.exec(text) ?? [];
    return language === 'yaml' && file !== undefined ? [[file, text] as const] : [];
  });

  test.each(shown)('shows %s as it is', (file, text) => {
    expect(declared(text)).toBe(declared(textOf(file)));
  });

  test('names the order in which fragments are laid over each other', () => {
    const order = sectionOf(page, 'The order').match(/^`_house.*$/m)?.[0] ?? '';
    const named = [...order.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
    const directory = openWidgetDirectory(join(agency, 'clients/marram/staging'));
    const shop = directory.load().documents.find(({ file }) => file === 'shop.yaml');
    const { fragments, own } = directory.compose('shop.yaml', shop?.digest ?? '') ?? expect.fail();
    const layers = [...fragments, own].map(({ file }) => file);
    expect(named.map((file) => file.split('/').at(-1))).toEqual(
      layers.map((file) => file.split('/').at(-1)),
    );
  });

  test.each([
    ['null', 1],
    [{ a: 1 }, { b: 2 }],
    [{ a: 1 }, {}],
    [{ a: 1 }, ['x']],
    [{ a: 1 }, 'x'],
    [['x', 'y'], ['z']],
    ['x', null],
  ])('says what comes of %j and %j', (weaker, stronger) => {
    const composed = composeLayers([{ file: '', value: { v: weaker } }], [], {
      ...{ file: '', value: { v: stronger } },
    });
    const isMerged = JSON.stringify([weaker, stronger]).match(/^\[\{.*\},\{/) !== null;
    expect(composed['v']).toEqual(
      isMerged ? { ...(weaker as object), ...(stronger as object) } : stronger,
    );
  });

  test('says how one widget opts out of a suspension, and that lists of sync replace', () => {
    const optOut = '`sync: {suspend: false}`';
    expect(page.prose).toContain(optOut);
    const line = optOut.slice(1, -1);
    const directory = temporaryDirectory();
    const brand =
      'widget_type: chat\nsync: {suspend: true, reason: unpaid, ignore: [/bubble_text]}\n';
    writeFile(directory, '_brand.yaml', brand);
    const own = [line, '', line.replace('}', ', ignore: [/name]}')];
    for (const [n, more] of own.entries()) {
      const text = `widget_id: ${widgetId(n)}\nextends: _brand.yaml\n${more}`;
      writeFile(directory, `w${n}.yaml`, text);
    }
    const { documents, held, problems } = openWidgetDirectory(directory).load();
    expect(problems).toEqual([]);
    expect(held.map(({ file, code }) => [file, code])).toEqual([['w1.yaml', 'suspended']]);
    expect(documents.map(({ file, sync }) => [file, sync])).toEqual([
      ['w0.yaml', expect.objectContaining({ ignore: ['/bubble_text'] })],
      ['w2.yaml', expect.objectContaining({ ignore: ['/name'] })],
    ]);
  });

  test('records what plan prints', async () => {
    const [recorded, ...others] = page.blocks.filter(({ language }) => language === 'console');
    expect(others).toEqual([]);
    const place = await editedAgency();
    const { code, stdout, stderr } = await runIn(place, ['plan', prod]);
    expect([code, stderr]).toEqual([0, '']);
    expect(recorded?.text).toBe(`$ npx --no -- widget-sync plan ${prod}\n${stdout}`);
  });

  test('quotes what render prints', async () => {
    const { stdout } = await runIn(await appliedAgency(), ['render', `${prod}/shop.yaml`]);
    expect(stdout).toContain(`${textStartingWith('style_params:')}\n`);
  });

  test('quotes what import says where all agree', async () => {
    const place = await appliedAgency();
    for (const { widgetId } of treeOf(prod).documents) {
      place.sandbox.edit(widgetId, { header_color: '#9a3412' });
    }
    const { stdout } = await runIn(place, ['import', prod]);
    expect(stdout).toContain(`${textStartingWith('agreed ')}\n`);
  });
});

test('a flat tree becomes one of fragments without a write, as the page says', async () => {
  const place = await appliedAgency();
  const names = treeOf(prod).documents.map(({ file }) => `${prod}/${file}`);
  const composed = new Map(names.map((file) => [file, place.text(file)]));
  for (const file of names) {
    const { stdout } = await runIn(place, ['render', file]);
    writeFile(place.cwd, file, stdout);
  }
  const plan = async () => (await runIn(place, ['plan', prod])).stdout;
  expect(await plan()).toMatch(/^No changes\. 2 widgets/);
  // Somebody's own change is sent once, and then the tree is flat, and all of it is recorded.
  place.edit(`${prod}/shop.yaml`, 'display_name: Ida', 'display_name: Ada');
  place.edit(`${prod}/catering.yaml`, 'display_name: Marram', 'display_name: Marrams');
  expect(await runIn(place, ['apply', prod, '--rate', '1000/s'])).toMatchObject({ code: 0 });
  const puts = () => place.sandbox.requests.filter(({ method }) => method === 'PUT').length;
  const sent = puts();

  for (const [file, text] of composed) writeFile(place.cwd, file, text);
  place.edit('clients/marram/_shop.yaml', 'display_name: Ida', 'display_name: Ada');
  place.edit('clients/marram/_catering.yaml', 'display_name: Marram', 'display_name: Marrams');
  expect(await plan()).toMatch(/^No changes\. 2 widgets/);
  expect(await runIn(place, ['apply', prod, '--rate', '1000/s'])).toMatchObject({ code: 0 });
  expect(puts()).toBe(sent);
});

describe('the agency', () => {
  test('has three accounts, each with a directory of its own', () => {
    const names = ['marram', 'marram-staging', 'quillon'];
    const tree = accountsTree();
    for (const name of names) tree.write(`keys/${name}`, `${keyOf(name)}\n`);
    for (const file of files) {
      tree.write(file, textOf(file).replaceAll('/etc/widget-sync/keys', tree.at('keys')));
    }
    const look = tree.open().look();
    expect(look).toMatchObject({ problems: [], held: [] });
    expect(look.accounts.map(({ name, directory }) => [name, directory])).toEqual(
      names.map((name, nth) => [name, tree.at(directories[nth] ?? '')]),
    );
  });

  test.each(directories)('%s is valid, and gives no warning', (directory) => {
    const { documents, held, problems, notes } = treeOf(directory);
    expect({ held, problems, notes }).toEqual({ held: [], problems: [], notes: [] });
    expect(documents).toHaveLength(2);
  });

  test('has no file that nobody reads', () => {
    const read = directories.flatMap((directory) => {
      const { documents, fragments } = treeOf(directory);
      return [...documents, ...fragments].map(({ file }) => join(directory, file));
    });
    expect([...new Set(['accounts.yaml', ...read])].sort()).toEqual(yamlFiles);
  });

  test('has staging and production of the same widgets, which differ in what they say', () => {
    const [production, staging] = [prod, 'clients/marram/staging'].map((directory) =>
      treeOf(directory).documents.map(({ spec }) => asJson(spec)),
    );
    expect(staging?.map((spec) => spec['intro_message'])).toEqual(
      production?.map((spec) => spec['intro_message']),
    );
    expect(staging?.map((spec) => spec['header_color'])).not.toEqual(
      production?.map((spec) => spec['header_color']),
    );
  });

  test.each(yamlFiles)('%s names its schema for editors, from its own folder', (file) => {
    const modeline = /^# yaml-language-server: \$schema=(\S+)\n/.exec(textOf(file));
    const kind = /(?:^|\/)_/.test(file)
      ? 'fragment'
      : file === 'accounts.yaml'
        ? 'accounts'
        : 'widget';
    expect(resolve(dirname(join(agency, file)), modeline?.[1] ?? '')).toBe(
      join(root, `schemas/${kind}.schema.json`),
    );
  });

  test('has an owner for each file, and one for looks where a file reaches several widgets', () => {
    const lines = textOf('CODEOWNERS')
      .split('\n')
      .filter((line) => /^[^#]/.test(line));
    const rules = lines.map((line) => line.split(/ +/) as [string, string]);
    const ownerOf = (file: string) =>
      rules.findLast(([pattern]) => fits(pattern, `/${file}`))?.[1] ?? null;
    for (const [pattern] of rules) {
      expect(
        files.some((file) => fits(pattern, `/${file}`)),
        pattern,
      ).toBe(true);
    }
    expect(files.filter((file) => ownerOf(file) === null)).toEqual([]);
    expect(files.filter((file) => ownerOf(file) === '@lamplight/design')).toEqual([
      '_house.yaml',
      'clients/marram/_brand.yaml',
      'clients/quillon/_brand.yaml',
    ]);
  });
});

/** As GitHub reads a pattern of this file: `*` is any part of a name, a folder stands for all in it. */
function fits(pattern: string, file: string): boolean {
  if (pattern === '*') return true;
  const start = pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*');
  return new RegExp(`^${start}${pattern.endsWith('/') ? '' : '$'}`).test(file);
}
