// An API whose list says less of a widget than reading that widget does, and that resets what an update
// leaves out: whatever is written, the account holds afterwards all that nobody declared.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { briefItem } from '../../src/sandbox/brief-item.ts';
import type { Ending } from '../../src/sandbox/faults/carry-out-fault.ts';
import { countKinds, openAccount, times } from '../support/account.ts';
import { widgetId } from '../support/sandbox.ts';

/** What people have set in the dashboard, and no file declares. */
const theirs = {
  intro_message: 'Welcome to our shop! Ask me about orders, returns, sizes, or anything else.',
  attributes: { page_id: '17841405793187219', theme: { dark: true, accent: '#0f766e' } },
  user_opening_messages: ['Where is my order?', 'Talk to a human'],
  action_buttons: [{ id: 7, label: 'Book a table' }],
  style_params: { radius: 8 },
};

const declared = (n: number, name = `Widget ${n}`): JsonObject => ({
  widget_type: 'chat',
  display_name: name,
});

/** The members of objects alone: the item has every field that the widget has. */
const withoutMembers = (widget: JsonObject): JsonObject => ({
  ...widget,
  attributes: {},
  style_params: null,
});

const withoutFields = ({ attributes, action_buttons, ...rest }: JsonObject): JsonObject => rest;

const cutTexts = (widget: JsonObject): JsonObject => ({
  ...widget,
  intro_message: `${widget['intro_message']}`.slice(0, 20),
});

const abbreviations: [string, (widget: JsonObject) => JsonObject][] = [
  ['leaves objects and lists out, and cuts texts', briefItem],
  ['leaves fields out', withoutFields],
  ['leaves the members of objects out', withoutMembers],
  ['cuts texts', cutTexts],
];

test.each(abbreviations)(
  'apply and run keep on a replacing server what a list leaves out that %s',
  async (_, listItem) => {
    const live = times(3, (n) => ({ ...declared(n), ...theirs }));
    const account = await openAccount({ live, put: 'replace', listItem });
    for (const n of times(3, (at) => at)) account.declare(n, declared(n, `Edited ${n}`));
    const applied = await account.quickly('apply');
    expect(applied.code, applied.stderr).toBe(0);
    const edited = times(3, (n) => ({ ...declared(n, `Edited ${n}`), ...theirs }));
    expect(account.sandbox.widgets()).toMatchObject(edited);

    const daemon = await account.watchHere();
    account.edit(1, { display_name: 'Set elsewhere', bubble_text: 'new' });
    await daemon.sweep();
    expect(account.sandbox.widgets()).toMatchObject(
      edited.map((widget, n) => (n === 1 ? { ...widget, bubble_text: 'new' } : widget)),
    );
    expect(daemon.lines('drifted').length).toBe(0);
    await daemon.stop();
  },
);

test('a declared field that the list leaves out is neither drift nor null', async () => {
  const { attributes, intro_message } = theirs;
  const file = (n: number): JsonObject => ({ ...declared(n), attributes, intro_message });
  const account = await openAccount({ live: times(3, file), listItem: briefItem });
  for (const n of times(3, (at) => at)) account.declare(n, file(n));
  expect(await account.plan('--log-level', 'warn')).toMatchObject({
    changes: [],
    summary: { adopt: 3, update: 0 },
  });
  const daemon = await account.watchHere();
  const swept = await account.requestsOf(() => daemon.sweep());
  expect(countKinds(swept).put).toBe(0);
  account.edit(2, { attributes: { ...attributes, page_id: '1' } });
  const correcting = await account.requestsOf(() => daemon.sweep());
  expect(countKinds(correcting).put).toBe(1);
  expect(account.live(2)['attributes']).toEqual(attributes);
});

test('a file that declares null where the list leaves a value out says so to the API', async () => {
  const account = await openAccount({
    live: times(2, (n) => ({ ...declared(n), ...theirs })),
    listItem: withoutMembers,
  });
  for (const n of [0, 1]) account.declare(n, { ...declared(n), style_params: null });
  expect(await account.plan('--log-level', 'warn')).toMatchObject({
    changes: [{ fields: [{ path: '/style_params', from: { radius: 8 }, to: null }] }, {}],
  });
});

test('the plan says what the reads cost, and why there are so many', async () => {
  const account = await openAccount({
    live: times(5, (n) => ({ ...declared(n), ...theirs })),
    listItem: briefItem,
  });
  for (const n of times(5, (at) => at)) account.declare(n, declared(n, 'Edited'));
  const asked = await account.requestsOf(async () => {
    const { stdout, stderr } = await account.quickly('plan', '--log-format', 'json');
    // The page twice: somebody might have saved the widget between the two reads.
    expect(stdout).toContain('Cost: 2 list, 5 get and 5 put requests');
    const fields = [
      'intro_message',
      'attributes',
      'user_opening_messages',
      'action_buttons',
      'style_params',
    ];
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'info',
      fields: expect.arrayContaining(fields),
    });
  });
  expect(countKinds(asked)).toEqual({ list: 2, get: 5, put: 0 });
});

test('a list that says all is compared with one read, and an edit in between is none of its faults', async () => {
  const live = times(4, (n) => ({ ...declared(n), ...theirs }));
  const account = await openAccount({
    live,
    put: 'replace',
    onRequest({ method, widgetId: asked }) {
      if (method === 'GET' && asked !== null) account.edit(0, { bubble_text: `saved ${asked}` });
      return undefined;
    },
  });
  for (const n of times(4, (at) => at)) account.declare(n, declared(n, 'Edited'));
  const asked = await account.requestsOf(async () => {
    const applied = await account.quickly('apply');
    expect(applied).toMatchObject({ code: 0, stderr: '' });
  });
  expect(countKinds(asked)).toEqual({ list: 2, get: 1, put: 4 });
  expect(account.sandbox.widgets()).toMatchObject(
    times(4, (n) => ({ ...theirs, ...declared(n, 'Edited') })),
  );
  expect(account.live(0)['bubble_text']).toBe(`saved ${widgetId(0)}`);
});

test('where single widgets may not be read, the list is all there is, which is said once', async () => {
  const account = await openAccount({
    live: times(3, (n) => ({ ...declared(n), ...theirs })),
    put: 'replace',
    onRequest: ({ method, widgetId: asked }) =>
      method === 'GET' && asked !== null
        ? { kind: 'answer', status: 403, body: { detail: 'Not for this key' } }
        : undefined,
  });
  for (const n of times(3, (at) => at)) account.declare(n, declared(n, 'Edited'));
  const { code, stderr } = await account.quickly('apply', '--log-format', 'json');
  expect(code).toBe(0);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(stderr)).toMatchObject({ level: 'warn', msg: /cannot be read one by one/ });
  expect(account.sandbox.widgets()).toMatchObject(
    times(3, (n) => ({ ...theirs, ...declared(n, 'Edited') })),
  );
});

const nested = (levels: number): JsonObject =>
  times(levels, () => null).reduce<JsonObject>((inner) => ({ a: inner }), {});

const noUse: [string, Ending][] = [
  ['may not be read', { kind: 'answer', status: 403, body: { detail: 'Not for this key' } }],
  ['are not found', { kind: 'answer', status: 404, body: { detail: 'Not found' } }],
];

test.each(noUse)(
  'a list is not trusted where the widgets of which it says most %s',
  async (_, ending) => {
    const account = await openAccount({
      live: times(5, (n) => ({ ...declared(n), ...theirs, ...(n < 3 && { bubble_text: 'more' }) })),
      put: 'replace',
      listItem: briefItem,
      onRequest: ({ method, widgetId: asked }) =>
        method === 'GET' && [0, 1, 2].some((n) => widgetId(n) === asked) ? ending : undefined,
    });
    for (const n of times(5, (at) => at)) account.declare(n, declared(n, `Edited ${n}`));
    await account.quickly('apply');
    expect(account.sandbox.widgets()).toMatchObject(
      times(5, (n) => ({ ...theirs, ...(n < 3 ? {} : declared(n, `Edited ${n}`)) })),
    );
  },
);

test('a list is not trusted where the widgets of which it says most nest too deeply', async () => {
  const account = await openAccount({
    live: times(5, (n) => ({
      ...declared(n),
      ...theirs,
      ...(n < 3 && { style_params: nested(300), intro_message: 'x'.repeat(500) }),
    })),
    put: 'replace',
    listItem: briefItem,
  });
  for (const n of times(5, (at) => at)) account.declare(n, declared(n, `Edited ${n}`));
  await account.quickly('apply');
  const others = account.sandbox.widgets().slice(3);
  expect(others).toMatchObject([3, 4].map((n) => ({ ...theirs, ...declared(n, `Edited ${n}`) })));
});

test('import writes whole values', async () => {
  const account = await openAccount({
    live: times(3, (n) => ({ ...declared(n), ...theirs })),
    listItem: briefItem,
  });
  expect(await account.quickly('import', account.dir)).toMatchObject({ code: 0 });
  const written = readFileSync(join(account.dir, 'widget-0.yaml'), 'utf8');
  expect(written).toContain(theirs.intro_message);
  expect(written).toContain('17841405793187219');
});
