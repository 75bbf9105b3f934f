// Writes that are stored and answered by something that nobody can read.
import { expect, test } from 'vitest';
import type { Ending } from '../../src/sandbox/faults/carry-out-fault.ts';
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

test.each([
  ['case', { display_name: 'Hello' }, { display_name: 'HELLO' }],
  ['blanks around it', { intro_message: ' Hello ' }, { intro_message: 'Hello' }],
  ['a colour', { header_color: '#FFF' }, { header_color: '#ffffff' }],
  ['a member', { style_params: { accent: '#FFF' } }, { style_params: { accent: '#ffffff' } }],
])('an edit of %s alone that was not stored is sent again', async (_, before, edited) => {
  let puts = 0;
  const account = await openAccount({
    live: [{ ...widget, ...before }],
    onRequest({ method }) {
      if (method === 'PUT') puts += 1;
      return method === 'PUT' && puts === 1 ? page : undefined;
    },
  });
  account.declare(0, { ...widget, ...before });
  expect((await account.quickly('apply')).code).toBe(0);
  expect(puts).toBe(0);
  account.declare(0, { ...widget, ...edited });
  expect((await account.quickly('apply')).code).toBe(0);
  expect(puts).toBe(2);
  expect(account.live(0)).toMatchObject(edited);
});

test('a write that was stored in the spelling of the API is found by a read', async () => {
  const account = await openAccount({
    live: [{ ...widget, header_color: '#000000', bubble_text: 'old' }],
    onRequest({ method }) {
      if (method !== 'PUT') return undefined;
      account.edit(0, { header_color: '#ffffff', bubble_text: 'new' });
      return page;
    },
  });
  account.declare(0, { ...widget, header_color: '#FFF', bubble_text: 'new' });
  const requests = await account.requestsOf(async () => {
    expect((await account.quickly('apply')).code).toBe(0);
  });
  expect(putsOf(requests)).toHaveLength(1);
});
