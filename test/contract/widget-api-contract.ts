// What any server of the widget API must do, told over HTTP alone, so that every server can be held to
// it. It needs an account of its own: the suite changes the widgets it is given.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

export interface ContractServer {
  /** Without a trailing slash. */
  readonly url: string;
  readonly key: string;
  /** All widgets of the account: 3 to 100 of them, the first with a letter in its lower-case id. */
  readonly widgetIds: readonly string[];
  close(): Promise<void>;
}

/** What the documentation leaves to the server. */
export interface ContractVariant {
  /** What becomes of the body fields that a PUT omits. */
  readonly put: 'merge' | 'replace';
  /** The value that is stored, and given back, in place of the one sent. Default: that very one. */
  readonly normalise?: (field: string, value: unknown) => unknown;
}

/** `stored`: only the cases whose answers depend on the variant. */
export type ContractPart = 'all' | 'stored';

interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: what a server says is looked at, not trusted.
  readonly body: any;
}

const channels = [
  ...['chat', 'html', 'whatsapp', 'phone', 'html_call', 'leadconnector', 'leadconnector_call'],
  ...['sms', 'fb_messenger', 'instagram', 'web_call', 'plivo_call', 'telnyx_call', 'telegram'],
  'render_form',
];
const uuid = '6f1c2f0e-8f0b-4c39-9a52-0c9a3f1d7b11';
const text = { accepts: ['Ava', '', 'Grüße 👋', null], refuses: [7, true, ['a'], { a: 1 }] };
const owner = { accepts: [uuid, null], refuses: ['not-a-uuid', '', 7, [uuid]] };

/** Section by section, the documented type and nullability of every body field. */
const fields: readonly { field: string; accepts: unknown[]; refuses: unknown[] }[] = [
  { field: 'widget_type', accepts: [...channels, null], refuses: ['fax', 'Chat', '', 7, ['chat']] },
  { field: 'org_id', ...owner },
  { field: 'assistant_id', ...owner },
  { field: 'name', ...text },
  { field: 'description', ...text },
  { field: 'display_name', ...text },
  { field: 'intro_message', ...text },
  {
    field: 'attributes',
    accepts: [{}, { nested: { list: [1, null, 'a'] }, off: false }],
    refuses: [null, [], 'a', 7],
  },
  {
    field: 'user_opening_messages',
    accepts: [[], ['Hello', 'Hello', '']],
    refuses: [null, {}, 'Hello', [7], ['Hello', null]],
  },
  { field: 'header_color', ...text },
  { field: 'user_message_color', ...text },
  { field: 'bot_message_color', ...text },
  { field: 'bot_icon_color', ...text },
  { field: 'ice_break_color', ...text },
  { field: 'bubble_color', ...text },
  { field: 'bot_text_message_color', ...text },
  { field: 'user_text_message_color', ...text },
  { field: 'header_text_color', ...text },
  { field: 'action_buttons_color', ...text },
  { field: 'bubble_text', ...text },
  { field: 'textbox_default_text', ...text },
  // A server may read 1 or "yes" as true; what it may not do is guess.
  { field: 'remove_branding', accepts: [true, false, null], refuses: ['perhaps', [], {}, 2] },
  {
    field: 'action_buttons',
    accepts: [[], ['a', 7, null, true, { label: 'Call' }, ['b']]],
    refuses: [null, {}, 'a', 7],
  },
  {
    field: 'style_params',
    accepts: [{}, { radius: 8, font: { family: null } }, null],
    refuses: [[], 'a', 7],
  },
];

const setByServer = [
  'id',
  'conversation_bot_icon',
  'bubble_bot_icon',
  'provider_user_friendly_label',
  'widget_provider',
];

const fieldNames = fields.map(({ field }) => field);

/** What a widget holds in a field that nobody has set. */
function defaultOf(field: string): unknown {
  if (field === 'attributes') return {};
  if (field === 'user_opening_messages' || field === 'action_buttons') return [];
  return field === 'remove_branding' ? false : null;
}

/** Values of a table as one row each, with a title that a person can read. */
function rows(values: 'accepts' | 'refuses') {
  return fields.flatMap((row) =>
    row[values].map((value) => ({ field: row.field, value, shown: JSON.stringify(value) })),
  );
}

export function describeWidgetApi(
  name: string,
  { put: putMode, normalise = (_, value) => value }: ContractVariant,
  start: () => Promise<ContractServer>,
  part: ContractPart = 'all',
): void {
  describe(`the widget API: ${name}`, () => {
    let server: ContractServer;
    let widgetId: string;
    const listPath = '/api/v1/widget';
    const pathOf = (id: string) => `${listPath}/${id}`;

    beforeAll(async () => {
      server = await start();
      widgetId = server.widgetIds[0] ?? '';
    });
    afterAll(() => server.close());

    async function send(path: string, init: RequestInit = {}): Promise<Answer> {
      const response = await fetch(`${server.url}${path}`, init);
      const body = await response.json();
      return { status: response.status, contentType: response.headers.get('content-type'), body };
    }

    function withKey(path: string, query: Record<string, string> = {}): string {
      return `${path}?${new URLSearchParams({ api_key: server.key, ...query })}`;
    }

    const get = (id: string) => send(withKey(pathOf(id)));
    const list = (query: Record<string, string> = {}) => send(withKey(listPath, query));
    const putText = (id: string, body: string) =>
      send(withKey(pathOf(id)), {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body,
      });
    const put = (id: string, body: unknown) => putText(id, JSON.stringify(body));

    describe('PUT one, and what it stores', () => {
      test('answers with the envelope and the whole widget as it now stands', async () => {
        const { status, contentType, body } = await put(widgetId, {
          widget_type: 'chat',
          display_name: 'Ava',
        });

        expect(status).toBe(200);
        expect(contentType).toMatch(/^application\/json/);
        expect(Object.keys(body).sort()).toEqual(['data', 'message', 'meta']);
        expect(body.message).toBe('Data updated successfully');
        expect(body.meta).toEqual({});
        expect(body.data).toMatchObject({
          id: widgetId,
          widget_type: 'chat',
          display_name: 'Ava',
        });
        const everyField = [...fieldNames, ...setByServer];
        expect(Object.keys(body.data)).toEqual(expect.arrayContaining(everyField));
        for (const field of setByServer) expect(body.data[field]).toEqual(expect.any(String));
      });

      test.each(rows('accepts'))('stores $field: $shown', async ({ field, value }) => {
        const answer = await put(widgetId, { widget_type: 'chat', [field]: value });

        expect(answer.status).toBe(200);
        const stored = normalise(field, value);
        expect(answer.body.data[field]).toEqual(stored);
        expect((await get(widgetId)).body.data[field]).toEqual(stored);
      });

      const inUse = {
        widget_type: 'chat',
        bubble_text: 'Hi',
        user_opening_messages: ['One'],
        attributes: { a: 1 },
        remove_branding: true,
        assistant_id: uuid,
      };

      if (putMode === 'merge') {
        test('leaves omitted fields alone', async () => {
          await put(widgetId, inUse);

          const { body } = await put(widgetId, { widget_type: 'chat', intro_message: 'Welcome' });

          expect(body.data).toMatchObject({ ...inUse, intro_message: 'Welcome' });
        });
      } else {
        test('sets omitted fields to their defaults', async () => {
          await put(widgetId, inUse);

          const { body } = await put(widgetId, { widget_type: 'sms', intro_message: 'Welcome' });

          const defaults = fieldNames.map((field) => [field, normalise(field, defaultOf(field))]);
          const declared = { widget_type: 'sms', intro_message: 'Welcome' };
          expect(body.data).toMatchObject({ ...Object.fromEntries(defaults), ...declared });
        });
      }

      test('changes nothing else, where the body repeats every field as it was read', async () => {
        await put(widgetId, { ...inUse, style_params: { radius: 8 }, header_color: '#ABCDEF' });
        const before = (await get(widgetId)).body.data;
        const settable = Object.fromEntries(fieldNames.map((field) => [field, before[field]]));

        const { status, body } = await put(widgetId, { ...settable, intro_message: 'Anew' });

        expect(status).toBe(200);
        expect(body.data).toEqual({ ...before, intro_message: 'Anew' });
      });

      test('replaces objects and arrays as a whole', async () => {
        await put(widgetId, {
          widget_type: 'chat',
          attributes: { a: 1, b: { c: 2 } },
          style_params: { radius: 8 },
          action_buttons: [1, 2],
        });

        const { body } = await put(widgetId, {
          widget_type: 'chat',
          attributes: { b: {} },
          style_params: {},
          action_buttons: [3],
        });

        expect(body.data.attributes).toEqual({ b: {} });
        expect(body.data.style_params).toEqual({});
        expect(body.data.action_buttons).toEqual([3]);
      });

      test('touches no other widget', async () => {
        const other = server.widgetIds[1] ?? '';
        const before = await get(other);

        await put(widgetId, { widget_type: 'chat', name: 'only here' });

        expect((await get(other)).body).toEqual(before.body);
      });
    });

    // The rest is the same whatever a server stores.
    if (part === 'stored') return;

    describe('what PUT one refuses, and what it ignores', () => {
      test.each(rows('refuses'))('refuses $field: $shown', async ({ field, value }) => {
        const before = await get(widgetId);

        const answer = await put(widgetId, { widget_type: 'chat', [field]: value });

        expect(answer.status).toBe(422);
        expectDetails(answer);
        expect(locations(answer, 2)).toEqual([['body', field]]);
        expect((await get(widgetId)).body.data).toEqual(before.body.data);
      });

      test('requires widget_type, and nothing else', async () => {
        const refused = await put(widgetId, { display_name: 'Ava' });
        const accepted = await put(widgetId, { widget_type: null });

        expect(refused.status).toBe(422);
        expect(refused.body.detail).toMatchObject([
          { loc: ['body', 'widget_type'], type: 'missing' },
        ]);
        expect(accepted.status).toBe(200);
      });

      test('reports everything that is wrong with a body at once, stores none of it', async () => {
        await put(widgetId, { widget_type: 'chat', name: 'before' });

        const answer = await put(widgetId, {
          name: 'after',
          header_color: 7,
          org_id: 'mine',
          user_opening_messages: [1, 'Hello', 2],
        });

        expect(answer.status).toBe(422);
        expectDetails(answer);
        expect(locations(answer, 3)).toEqual(
          sorted([
            ['body', 'widget_type'],
            ['body', 'header_color'],
            ['body', 'org_id'],
            ['body', 'user_opening_messages', 0],
            ['body', 'user_opening_messages', 2],
          ]),
        );
        expect((await get(widgetId)).body.data.name).toBe('before');
      });

      test('ignores fields that do not exist and those that only the server sets', async () => {
        const before = (await get(widgetId)).body.data;

        const answer = await put(widgetId, {
          widget_type: 'chat',
          hue: 'red',
          id: uuid,
          widget_provider: 'mine',
          conversation_bot_icon: 7,
        });

        expect(answer.status).toBe(200);
        expect(answer.body.data).not.toHaveProperty('hue');
        for (const field of setByServer) expect(answer.body.data[field]).toBe(before[field]);
      });

      test.each(['{"widget_type": ', 'widget_type: chat', "{'widget_type': null}", '{"a":1,}'])(
        'refuses %s, which is not JSON',
        async (body) => {
          const answer = await putText(widgetId, body);

          expect(answer.status).toBe(422);
          expect(answer.body.detail).toMatchObject([
            { loc: ['body', expect.any(Number)], type: 'json_invalid' },
          ]);
        },
      );

      test.each(['[]', '"chat"', 'null', ''])('refuses the body %j, no object', async (body) => {
        const answer = await putText(widgetId, body);

        expect(answer.status).toBe(422);
        expectDetails(answer);
        expect(locations(answer, 2)).toEqual([['body']]);
      });
    });

    describe('GET one', () => {
      test('answers with the envelope and the widget', async () => {
        const updated = await put(widgetId, { widget_type: 'sms', name: 'read me' });

        const { status, body } = await get(widgetId);

        expect(status).toBe(200);
        expect(body).toEqual({
          message: 'Data retrieved successfully',
          meta: {},
          data: updated.body.data,
        });
      });

      test('takes the id in either case', async () => {
        const upperCase = widgetId.toUpperCase();
        expect(upperCase).not.toBe(widgetId);

        const { status, body } = await get(upperCase);

        expect(status).toBe(200);
        expect(body.data.id).toBe(widgetId);
      });
    });

    describe('GET the list', () => {
      test('gives the first 50 when nothing is said', async () => {
        const total = server.widgetIds.length;
        const pages = Math.ceil(total / 50);

        const { status, body } = await list();

        expect(status).toBe(200);
        expect(body).toMatchObject({ message: 'Data retrieved successfully', meta: {} });
        const { items, ...page } = body.data;
        expect(items).toHaveLength(Math.min(50, total));
        expect(page).toEqual({
          total,
          page: 1,
          size: 50,
          pages,
          previous_page: null,
          next_page: pages > 1 ? 2 : null,
        });
      });

      test.each([1, 2, 100])('walked by next_page at size %i, gives each once', async (size) => {
        const total = server.widgetIds.length;
        const pages = Math.ceil(total / size);
        const seen: string[] = [];

        for (let page: number | null = 1; page !== null; ) {
          const { items, ...rest }: { items: { id: string }[]; next_page: number | null } = (
            await list({ page: String(page), size: String(size) })
          ).body.data;
          const previous_page = page > 1 ? page - 1 : null;
          const next_page: number | null = page < pages ? page + 1 : null;
          expect(rest).toEqual({ total, page, size, pages, previous_page, next_page });
          expect(items.length).toBe(page < pages ? size : total - size * (pages - 1));
          seen.push(...items.map((item) => item.id));
          page = rest.next_page;
        }

        expect(seen.sort()).toEqual([...server.widgetIds].sort());
      });

      test('lists each widget as GET one gives it', async () => {
        const { body } = await list({ size: '1' });
        const [item] = body.data.items;

        expect((await get(item.id)).body.data).toEqual(item);
      });

      test('beyond the end is empty, and leads no further', async () => {
        const { status, body } = await list({ page: '1000', size: '2' });

        expect(status).toBe(200);
        expect(body.data).toMatchObject({
          items: [],
          total: server.widgetIds.length,
          page: 1000,
          size: 2,
          pages: Math.ceil(server.widgetIds.length / 2),
          next_page: null,
        });
      });

      test.each([
        ...['0', '101', '-1', 'ten', '1.5', ''].map((value) => ({ name: 'size', value })),
        ...['0', '-1', 'one', ''].map((value) => ({ name: 'page', value })),
      ])('refuses $name=$value', async ({ name, value }) => {
        const answer = await list({ [name]: value });

        expect(answer.status).toBe(422);
        expectDetails(answer);
        expect(locations(answer, 2)).toEqual([['query', name]]);
      });

      test('reports page and size together', async () => {
        const answer = await list({ page: '0', size: '101' });

        expect(answer.status).toBe(422);
        expect(locations(answer, 2)).toEqual([
          ['query', 'page'],
          ['query', 'size'],
        ]);
      });
    });

    describe('what it refuses everywhere', () => {
      const requests = [
        { what: 'PUT one', method: 'PUT', path: () => pathOf(widgetId) },
        { what: 'GET one', method: 'GET', path: () => pathOf(widgetId) },
        { what: 'GET the list', method: 'GET', path: () => listPath },
      ];
      const keys = [
        { kind: 'no key', query: () => '' },
        { kind: 'an empty key', query: () => '?api_key=' },
        { kind: 'a key without its prefix', query: () => '?api_key=sk-123' },
        { kind: 'a prefix without its key', query: () => '?api_key=in-' },
        { kind: 'the key of somebody else', query: () => `?api_key=${server.key}-not` },
      ];

      test.each(requests.flatMap((request) => keys.map((key) => ({ ...request, ...key }))))(
        '$what with $kind is 401, and changes nothing',
        async ({ method, path, query }) => {
          const before = await get(widgetId);
          const init =
            method === 'GET'
              ? {}
              : { method, body: '{"widget_type":"html","name":"refused"}', headers: json };

          const answer = await send(`${path()}${query()}`, init);

          expect(answer.status).toBe(401);
          expect(answer.body).toEqual({ detail: expect.any(String) });
          expect(JSON.stringify(answer.body)).not.toContain(server.key);
          expect((await get(widgetId)).body).toEqual(before.body);
        },
      );

      test.each(['GET', 'PUT'])('%s of a widget that does not exist is 404', async (method) => {
        const answer = await (method === 'GET' ? get(uuid) : put(uuid, { widget_type: 'chat' }));

        expect(answer.status).toBe(404);
        expect(answer.body).toEqual({ detail: expect.any(String) });
      });

      test('a PUT creates nothing', async () => {
        await put(uuid, { widget_type: 'chat' });

        expect((await list()).body.data.total).toBe(server.widgetIds.length);
      });

      test.each([
        '1',
        'not-a-uuid',
        '3c90c3cc-0d44-4b50-8888-8dd25736052',
        '3c90c3cc-0d44-4b50-8888-8dd25736052g',
      ])('the id %s is 422', async (id) => {
        for (const answer of [await get(id), await put(id, { widget_type: 'chat' })]) {
          expect(answer.status).toBe(422);
          expectDetails(answer);
          expect(locations(answer, 2)).toEqual([['path', 'widget_id']]);
        }
      });

      test.each(['/', '/api/v1/nothing', '/api/v2/widget'])('%s is 404', async (path) => {
        expect(await send(withKey(path))).toMatchObject({
          status: 404,
          body: { detail: 'Not Found' },
        });
      });

      test('a method that no route has is 405', async () => {
        for (const path of [listPath, pathOf(widgetId)]) {
          expect(await send(withKey(path), { method: 'PATCH' })).toMatchObject({
            status: 405,
            body: { detail: 'Method Not Allowed' },
          });
        }
      });
    });
  });
}

const json = { 'content-type': 'application/json' };

function expectDetails({ body }: Answer): void {
  expect(body.detail.length).toBeGreaterThan(0);
  for (const detail of body.detail) {
    expect(detail).toMatchObject({
      loc: expect.any(Array),
      msg: expect.any(String),
      type: expect.any(String),
    });
  }
}

/** Where the errors are, each place once: a server may add what it tried to the end of `loc`. */
function locations({ body }: Answer, depth: number): unknown[][] {
  const places = body.detail.map(({ loc }: { loc: unknown[] }) => loc.slice(0, depth));
  const unique = new Map(places.map((place: unknown[]) => [JSON.stringify(place), place]));
  return sorted([...unique.values()] as unknown[][]);
}

function sorted(places: readonly unknown[][]): unknown[][] {
  return places.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
