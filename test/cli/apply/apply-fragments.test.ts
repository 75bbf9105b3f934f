// Files with fragments on the whole road: what is sent, what is recorded, and what needs neither.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { widgetId } from '../../support/sandbox.ts';
import { openWorkspace } from '../../support/workspace.ts';

test('what two widgets share is sent to both; where a field stands then moves nothing', async () => {
  const { cwd, quickly, sandbox, writes: sent } = await openWorkspace({ widgets: 2 });
  const [root, state] = [join(cwd, 'widgets'), join(cwd, '.widget-sync')];
  const put = (name: string, text: string) => writeFileSync(join(root, name), text);
  const file = (n: number, more = '') =>
    put(
      `w${n}.yaml`,
      `widget_id: ${widgetId(n)}\nextends: _brand.yaml\ndisplay_name: W${n}\n${more}`,
    );
  const recordPath = (n: number) => join(state, 'widgets', `${widgetId(n)}.json`);
  const record = (n: number) => JSON.parse(readFileSync(recordPath(n), 'utf8'));
  const writes = () => sent().length;

  put('_brand.yaml', 'widget_type: chat\nheader_color: "#14532d"\n');
  for (const n of [0, 1]) file(n);
  expect(await quickly('apply')).toMatchObject({ code: 0 });
  expect(readdirSync(join(state, 'widgets'))).toHaveLength(2);
  for (const n of [0, 1]) {
    const wanted = { display_name: `W${n}`, header_color: '#14532d' };
    expect(sandbox.widget(widgetId(n))).toMatchObject(wanted);
    expect(record(n)).toMatchObject({ extends: ['_brand.yaml'], spec: wanted });
  }

  // A comment: no request, and no record is written anew.
  const before = [0, 1].map((n) => statSync(recordPath(n)).mtimeMs);
  const count = writes();
  put('_brand.yaml', '# The brand.\nwidget_type: chat\nheader_color: "#14532d"\n');
  expect((await quickly('apply')).code).toBe(0);
  expect([0, 1].map((n) => statSync(recordPath(n)).mtimeMs)).toEqual(before);
  expect(writes()).toBe(count);

  // A field that moves from the fragment into the files: nothing is sent, and the records follow.
  put('_brand.yaml', 'widget_type: chat\n');
  for (const n of [0, 1]) file(n, 'header_color: "#14532d"\n');
  const digest = record(0).digest;
  expect((await quickly('apply')).code).toBe(0);
  expect(writes()).toBe(count);
  expect(record(0).digest).not.toBe(digest);

  // A file that extends nothing any more has a record as it always had.
  put(
    'w0.yaml',
    `widget_id: ${widgetId(0)}\nwidget_type: chat\ndisplay_name: W0\nheader_color: "#14532d"\n`,
  );
  expect((await quickly('apply')).code).toBe(0);
  expect(writes()).toBe(count);
  expect(record(0)).not.toHaveProperty('extends');

  // A fragment that is gone releases nothing.
  put('_brand.yaml', '');
  put('w1.yaml', `widget_id: ${widgetId(1)}\nextends: _gone.yaml\nwidget_type: chat\n`);
  await quickly('apply');
  expect(writes()).toBe(count);
  expect(sandbox.widget(widgetId(1))).toMatchObject({ header_color: '#14532d' });
});
