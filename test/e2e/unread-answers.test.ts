// Writes that are stored and answered by something that nobody can read.
import { expect, test } from 'vitest';
import type { Ending } from '../../src/sandbox/faults.ts';
import { onlyPut, openAccount, putsOf } from '../support/account.ts';

const widget = { widget_type: 'chat', display_name: 'Ava' };
const page: Ending = { kind: 'answer', status: 200, body: '<html>Welcome</html>' };

test('a write that was stored and answered by a page of HTML is found by a read', async () => {
  const account = await openAccount({
    live: [{ bubble_text: 'theirs' }],
    onRequest: ({ method }) =>
      method === 'PUT' ? { kind: 'store-then', ending: page } : undefined,
  });
  account.declare(0, widget);
  const requests = await account.requestsOf(async () => {
    const { code, stdout } = await account.quickly('apply', '--json');
    expect(code).toBe(0);
    expect(stdout).toContain('"status":"applied","attempts":2,"http_status":200');
  });
  expect(onlyPut(requests, 0)).toMatchObject(widget);
  expect(account.live(0)).toMatchObject({ ...widget, bubble_text: 'theirs' });
  const { stdout } = await account.quickly('plan');
  expect(stdout).toContain('No changes.');
});

test('a write that was answered by a page of HTML and not stored is sent again', async () => {
  let puts = 0;
  const account = await openAccount({
    live: [{}],
    onRequest: ({ method }) => {
      if (method !== 'PUT') return undefined;
      puts += 1;
      return puts <= 3 ? page : undefined;
    },
  });
  account.declare(0, widget);
  const requests = await account.requestsOf(async () => {
    expect((await account.quickly('apply')).code).toBe(0);
  });
  expect(putsOf(requests)).toHaveLength(4);
  expect(account.live(0)).toMatchObject(widget);
});

test('no attempt stands upon an older read than the one before', async () => {
  let puts = 0;
  const account = await openAccount({
    live: [{ bubble_text: 'theirs' }],
    onRequest: ({ method }) => {
      if (method !== 'PUT') return undefined;
      puts += 1;
      if (puts === 1) account.edit(0, { bubble_text: 'newer' });
      return puts <= 3 ? page : undefined;
    },
  });
  account.declare(0, widget);
  const requests = await account.requestsOf(async () => {
    expect((await account.quickly('apply')).code).toBe(0);
  });
  expect(putsOf(requests).map(({ body }) => body)).toMatchObject([
    { bubble_text: 'theirs' },
    { bubble_text: 'newer' },
    { bubble_text: 'newer' },
    { bubble_text: 'newer' },
  ]);
});
