// `import --only` takes a widget by the beginning of its id, as the reports shorten it.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countKinds, openAccount } from '../support/account.ts';
import { widgetId } from '../support/sandbox.ts';

const live = ['Ava', 'Bea', 'Cleo'].map((name) => ({ widget_type: 'chat', name }));

test('the beginning of one id stands for its widget, beside whole ids', async () => {
  const account = await openAccount({ live });
  const wanted = ['--only', '00000001', '--only', widgetId(2).toUpperCase()];
  const requests = await account.requestsOf(async () => {
    expect((await account.quickly('import', ...wanted)).code).toBe(0);
  });
  expect(readdirSync(account.dir).sort()).toEqual(['bea.yaml', 'cleo.yaml']);
  // Listed, and one of them compared with a read of its own.
  expect(countKinds(requests)).toMatchObject({ list: 1, get: 1, put: 0 });
  const again = await account.quickly('import', '--only', '00000000-0000-4', '--update');
  expect(again.stdout).toContain('created widgets/ava.yaml\n');
});

test('a whole id that the account lacks is said beside the beginning of one that it has', async () => {
  const account = await openAccount({ live });
  const { code, stdout } = await account.quickly(
    ...(['import', '--only', '00000001', '--only', widgetId(9)] as const),
  );
  expect(readdirSync(account.dir)).toEqual(['bea.yaml']);
  expect(stdout).toContain(`skipped widget ${widgetId(9)}: the account has no such widget\n`);
  expect(code).toBe(1);
});

test.each([
  ['0000', `--only: 0000 begins the ids of 3 widgets, give more of it: ${widgetId(0)}, `],
  [
    'abcd',
    '--only: no widget whose id begins with abcd is listed in the account; give the whole id',
  ],
  // The end of an id.
  ['00000000-0000-4001', '--only: no widget whose id begins with 00000000-0000-4001 is listed'],
  ['000', '--only: expected a widget id (a UUID), or at least its first 4 characters, found "000"'],
])('%s, which begins the id of no one widget, writes nothing', async (start, message) => {
  const account = await openAccount({ live });
  const { code, stdout, stderr } = await account.quickly('import', '--only', start);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`widget-sync: ${message}`);
  expect(readdirSync(account.dir)).toEqual([]);
});
