// `render` of examples/agency, whose files are laid over each other: what is printed of each declares the same.
import { cpSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import { makeCheckout, temporaryDirectory, writeFile } from '../../support/command.ts';
import { readRenderJson } from '../../support/json-shapes.ts';
import { runIn } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';

const agency = join(import.meta.dirname, '../../../examples/agency');
const names = readdirSync(agency, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml') && name !== 'accounts.yaml')
  .sort();

function openAgency() {
  const cwd = temporaryDirectory();
  makeCheckout(cwd);
  cpSync(agency, cwd, { recursive: true });
  return {
    cwd,
    render: (...args: string[]) => runIn({ cwd, env: {} }, ['render', ...args]),
  };
}

const isFragment = (name: string) => basename(name).startsWith('_');

test('has six widget files and six fragments', () => {
  expect(names.filter(isFragment)).toHaveLength(6);
  expect(names).toHaveLength(12);
});

test.each(names.filter((name) => !isFragment(name)))('of the widget file %s', async (name) => {
  const { cwd, render } = openAgency();
  const printed = await render(name);
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  const { documents } = openWidgetDirectory(join(cwd, dirname(name))).load();
  const { hash, sync, widgetId: id } = documents.find(({ file }) => file === basename(name)) ?? {};
  writeFile(cwd, 'flat/one.yaml', printed.stdout);
  const flat = openWidgetDirectory(join(cwd, 'flat')).load().documents;
  expect(flat).toMatchObject([{ hash, sync, widgetId: id }]);
  const json = await render('--json', name);
  expect(readRenderJson(json.stdout).files).toMatchObject([{ hash, kind: 'widget' }]);
});

test.each(names.filter(isFragment))('of the fragment %s', async (name) => {
  const { cwd, render } = openAgency();
  const printed = await render(name);
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  // A widget over the fragment, and one over what was printed of it.
  const over = (file: string) => `widget_id: ${widgetId(1)}\nwidget_type: chat\nextends: ${file}\n`;
  writeFile(cwd, 'over/one.yaml', over(`../${name}`));
  writeFile(cwd, 'flat/two.yaml', over('_printed.yaml'));
  writeFile(cwd, 'flat/_printed.yaml', printed.stdout);
  const [composed, flat] = ['over', 'flat'].map((folder) => {
    const { documents, problems } = openWidgetDirectory(join(cwd, folder)).load();
    expect(problems).toEqual([]);
    return documents.map(({ hash, spec }) => ({ hash, spec }));
  });
  expect(flat).toEqual(composed);
  expect(composed).toHaveLength(1);
});
