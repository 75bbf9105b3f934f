import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { blindView } from '../../../src/model/plan.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { listenerOf } from '../../../src/sync/events.ts';
import { LiveReader } from '../../../src/sync/live/live-reader.ts';
import { priority } from '../../../src/sync/rate/priority.ts';
import { apiError, keyRefused, unavailable } from '../../support/changes.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { openLimiter } from '../../support/open-limiter.ts';
import { widgetId } from '../../support/sandbox.ts';

interface Facts {
  readonly live?: 'auto' | 'off';
  readonly maxAttempts?: number;
  readonly rate?: number;
  readonly concurrency?: number;
}

/** An account of widgets 0 to n - 1 that counts what it is asked. */
function account(size: number, { live = 'auto', maxAttempts = 3, ...facts }: Facts = {}) {
  const clock = new FakeClock();
  const limiter = openLimiter({ limit: facts.rate ?? 1000, windowMs: 1000 }, clock, {
    concurrency: facts.concurrency ?? 4,
  });
  const widgets = Array.from(
    { length: size },
    (_, n): JsonObject => ({ id: widgetId(n), name: `${n}` }),
  );
  /** `list 1`, `get 7`, with the time at which the API was asked. */
  const asked: { readonly what: string; readonly atMs: number }[] = [];
  const told: string[] = [];
  const seen: JsonObject[] = [];
  const world = {
    /** The largest page that this server gives. */
    pageSize: 100,
    /** What the list has of a widget. */
    listItem: (widget: JsonObject) => widget,
    answer: (_what: string, _signal: AbortSignal): Promise<void> | void => {},
  };
  const ask = async (what: string, signal: AbortSignal) => {
    asked.push({ what, atMs: clock.monotonicMs() });
    await world.answer(what, signal);
  };
  const api = {
    async getWidget(id: WidgetId, signal: AbortSignal) {
      await ask(`get ${Number.parseInt(id, 16)}`, signal);
      return widgets.find((widget) => widget['id'] === id) ?? null;
    },
    async listWidgets(page: number, wantedSize: number, signal: AbortSignal) {
      await ask(`list ${page}`, signal);
      const pageSize = Math.min(wantedSize, world.pageSize);
      const items = widgets.slice((page - 1) * pageSize, page * pageSize).map(world.listItem);
      const pages = Math.ceil(widgets.length / pageSize);
      const neighbours = { previous_page: null, next_page: null };
      return { items, total: widgets.length, page, size: pageSize, pages, ...neighbours };
    },
  };
  const emit = listenerOf({
    'account-unreadable': ({ error }) => void told.push(`unreadable ${error.status}`),
    'account-readable': () => void told.push('readable'),
    'read-retried': ({ attempts, retryInMs }) =>
      void told.push(`retry ${attempts} in ${retryInMs}`),
    'widget-unread': ({ widgetId: id }) => void told.push(`unread ${Number.parseInt(id, 16)}`),
    'list-incomplete': ({ fields }) => void told.push(`less ${fields}`),
    'list-uncompared': () => void told.push('uncompared'),
    'widget-read': ({ body }) => void seen.push(body),
  });
  const reader = new LiveReader(
    { live, backoff: { baseMs: 1000, capMs: 60_000 }, maxAttempts },
    { api, limiter, clock, random: () => 0.5, emit },
  );
  const signal = new AbortController().signal;
  const read = (ns: readonly number[], abort: AbortSignal = signal) =>
    reader.read(new Set(ns.map(widgetId)), { priority: 30, signal: abort });
  const sweep = (ns: readonly number[]) =>
    reader.read(new Set(ns.map(widgetId)), { priority: priority.resyncRead, signal });
  /** The requests since this was last asked, sorted. */
  const cost = () =>
    asked
      .splice(0)
      .map(({ what }) => what)
      .sort();
  const counts = () => {
    const all = asked.splice(0);
    const list = all.filter(({ what }) => what.startsWith('list')).length;
    return { list, get: all.length - list };
  };
  return {
    clock,
    limiter,
    reader,
    world,
    widgets,
    asked,
    told,
    seen,
    signal,
    read,
    sweep,
    cost,
    counts,
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
const fail = (error: unknown) => () => Promise.reject(error);
const refuseSingle = (what: string) =>
  what.startsWith('get') ? Promise.reject(apiError({ status: 403 })) : undefined;
const refusing =
  (...refused: readonly string[]) =>
  (what: string) =>
    refused.includes(what) ? Promise.reject(apiError({ status: 403 })) : undefined;

describe('reading some widgets of an account', () => {
  test.each<[string, { size: number; wanted: readonly number[] }, { list: number; get: number }]>([
    ['none', { size: 1000, wanted: [] }, { list: 0, get: 0 }],
    ['one', { size: 1000, wanted: [7] }, { list: 0, get: 1 }],
    ['all of a small account', { size: 100, wanted: range(0, 100) }, { list: 1, get: 1 }],
    ['all of a large account', { size: 1000, wanted: range(0, 1000) }, { list: 10, get: 1 }],
    ['half of a large account', { size: 1000, wanted: range(300, 800) }, { list: 10, get: 1 }],
    ['two on the first page', { size: 1000, wanted: [3, 7] }, { list: 1, get: 1 }],
    ['two elsewhere', { size: 1000, wanted: [503, 707] }, { list: 1, get: 2 }],
    [
      'as many elsewhere as pages are left',
      { size: 301, wanted: [101, 201, 300] },
      { list: 1, get: 3 },
    ],
    [
      'one more than pages are left',
      { size: 301, wanted: [101, 102, 201, 300] },
      { list: 4, get: 1 },
    ],
    ['two of an empty account', { size: 0, wanted: [1, 2] }, { list: 1, get: 2 }],
  ])(
    'costs few requests where its size is not known: %s',
    async (_, { size, wanted }, expected) => {
      const { read, counts } = account(size);
      const view = await read(wanted);
      expect(view?.requests).toEqual(expected);
      expect(counts()).toEqual(expected);
      for (const n of wanted) {
        const found = view?.widgets.get(widgetId(n));
        if (n < size) expect(found).toMatchObject({ body: { name: `${n}` } });
        else expect(found).toBe('absent');
      }
    },
  );

  test.each<[string, readonly number[], { list: number; get: number }]>([
    ['as many as there are pages', range(500, 510), { list: 0, get: 10 }],
    ['more than there are pages', range(500, 511), { list: 10, get: 1 }],
    ['few of which most are on the first page', [1, 2, 3], { list: 0, get: 3 }],
    ['all', range(0, 1000), { list: 10, get: 1 }],
  ])('costs the fewest requests once its size is known: %s', async (_, wanted, expected) => {
    const { read, counts } = account(1000);
    await read([1, 2]);
    counts();
    expect((await read(wanted))?.requests).toEqual(expected);
    expect(counts()).toEqual(expected);
  });

  test('knows how many there are only where the whole of it was read', async () => {
    const { read } = account(250);
    expect((await read(range(0, 250)))?.total).toBe(250);
    expect((await read([1]))?.total).toBeNull();
    expect((await account(50).read([1, 2]))?.total).toBe(50);
  });

  test('reads as many pages as the server says, also where they are smaller than asked for', async () => {
    const { read, world, cost } = account(100);
    world.pageSize = 40;
    const view = await read(range(0, 100));
    expect(cost()).toEqual(['get 10', 'list 1', 'list 2', 'list 3']);
    expect(view?.widgets.size).toBe(100);
    expect([...(view?.widgets.values() ?? [])]).not.toContain('absent');
  });

  test('tells whoever watches the contract of every widget, and when it was read', async () => {
    const { read, seen, clock } = account(3);
    await clock.advance(5000);
    const view = await read([0, 1]);
    expect(seen).toHaveLength(3);
    expect(view?.widgets.get(widgetId(1))).toMatchObject({ readAtMs: clock.now().getTime() });
  });
});

describe('a list that says less than a read of one widget', () => {
  const nameless = ({ id = null }: JsonObject): JsonObject => ({ id });

  test('counts for nothing: what was asked for is read by itself', async () => {
    const { read, world, told, counts, seen } = account(250);
    world.listItem = nameless;
    const view = await read(range(0, 240));
    expect(view?.widgets.size).toBe(240);
    expect(view?.widgets.get(widgetId(201))).toMatchObject({ body: { name: '201' } });
    // Nobody knows which of the others the files once declared.
    expect(view?.total).toBeNull();
    expect(counts()).toEqual({ list: 4, get: 240 });
    expect(seen.every(({ name }) => name !== undefined)).toBe(true);
    expect(told).toEqual(['less name']);
  });

  test('is said once, and again only after it has said all', async () => {
    const { read, sweep, world, told, counts } = account(10);
    world.listItem = nameless;
    await read([1, 2]);
    await sweep([1, 2]);
    expect(told).toEqual(['less name']);
    world.listItem = (widget) => widget;
    counts();
    expect((await sweep(range(0, 10)))?.total).toBe(10);
    expect(counts()).toEqual({ list: 1, get: 1 });
    world.listItem = nameless;
    await sweep(range(0, 10));
    expect(told).toEqual(['less name', 'less name']);
  });

  test('stays one while single reads are refused', async () => {
    const { read, world, told } = account(10);
    world.listItem = nameless;
    await read([1, 2]);
    world.answer = refusing('get 1', 'get 2');
    expect((await read([1, 2]))?.widgets.size).toBe(0);
    expect((await read([1]))?.widgets.size).toBe(0);
    expect(told.filter((line) => !line.startsWith('unread'))).toEqual(['less name']);
  });

  test('is shown by the widget of which there is most to say', async () => {
    const { read, world, told } = account(10);
    world.listItem = (widget) => ({ ...widget, name: `${widget['name']}`.slice(0, 5) });
    await read([1, 2]);
    expect(told).toEqual([]);
    const { widgets, ...longer } = account(10);
    widgets[2] = { ...widgets[2], name: '2 and more' };
    longer.world.listItem = world.listItem;
    await longer.read([1, 2]);
    expect(longer.told).toEqual(['less name']);
  });

  test('is none where somebody saved the widget between the two reads', async () => {
    const { read, world, widgets, told, counts } = account(10);
    world.answer = (what) => {
      if (what.startsWith('get')) widgets[1] = { ...widgets[1], name: '1', intro_message: 'Hi' };
    };
    expect((await read([1, 2]))?.widgets.size).toBe(10);
    expect(told).toEqual([]);
    expect(counts()).toEqual({ list: 2, get: 1 });
  });

  test('is not ruled out while nothing answers: then each is read by itself', async () => {
    const { read, world, clock, told } = account(10);
    const isDown = (what: string) => ['get 1', 'get 2', 'get 3'].includes(what);
    world.answer = (what) => (isDown(what) ? Promise.reject(unavailable) : undefined);
    const view = read([1, 2, 3, 4]);
    await clock.advance(60_000);
    expect([...((await view)?.widgets.keys() ?? [])]).toEqual([widgetId(4)]);
    expect(told).not.toContain('uncompared');
  });

  test('is told by the one widget that may be read, and no longer asked of those that may not', async () => {
    const { read, world, told, cost } = account(10);
    world.answer = (what) => (what === 'get 9' ? undefined : refuseSingle(what));
    await read([1, 2, 3, 4, 5]);
    expect(cost()).toEqual([...range(1, 6).map((n) => `get ${n}`), 'list 1']);
    await read([1, 2, 3, 4, 5]);
    expect(cost()).toEqual(['get 1', 'get 2', 'get 3', 'list 1']);
    expect(told).toEqual(['uncompared']);
    world.listItem = nameless;
    const view = await read([1, 2, 3, 4, 5, 9]);
    expect(view?.widgets.get(widgetId(9))).toMatchObject({ body: { name: '9' } });
    expect(told).toContain('less name');
  });

  test('is not trusted with widgets that may not be read once another was', async () => {
    const { read, world, told } = account(10);
    await read([1]);
    world.listItem = nameless;
    world.answer = refuseSingle;
    expect((await read([1, 2, 3]))?.widgets.size).toBe(0);
    expect(told).toEqual(['unread 1', 'unread 2', 'unread 3']);
  });

  test('is not asked which widget is whole by one that was deleted since', async () => {
    const { read, world, widgets, told } = account(10);
    world.answer = (what) => {
      if (what === 'get 1') widgets.splice(1, 1);
    };
    expect((await read([1, 2]))?.widgets.get(widgetId(2))).toMatchObject({ body: { name: '2' } });
    expect(told).toEqual([]);
  });

  test('is read widget by widget by whoever wants the whole account', async () => {
    const { reader, world, signal, counts } = account(120);
    world.listItem = nameless;
    const view = await reader.readAccount({ priority: 0, signal });
    expect(view).toMatchObject({ total: 120, missing: 0 });
    expect(view?.widgets.get(widgetId(119))).toMatchObject({ body: { name: '119' } });
    expect(counts()).toEqual({ list: 3, get: 121 });
  });
});

describe('a widget that is not on the pages', () => {
  test("is absent only by the API's own word on it", async () => {
    const { read, world, widgets, cost } = account(150);
    // It moves from the second page to the first after the first was read.
    world.answer = async (what) => {
      if (what !== 'list 2') return;
      const [moved] = widgets.splice(120, 1);
      if (moved !== undefined) widgets.unshift(moved);
    };
    const view = await read([...range(0, 150), 777]);
    expect(view?.widgets.get(widgetId(120))).toMatchObject({ body: { name: '120' } });
    expect(view?.widgets.get(widgetId(777))).toBe('absent');
    expect(cost()).toEqual(expect.arrayContaining(['get 120', 'get 777', 'list 1', 'list 2']));
  });

  test('is believed to be absent at once, where reads have succeeded before', async () => {
    const { read, cost } = account(10);
    await read([1]);
    cost();
    expect((await read([777]))?.widgets.get(widgetId(777))).toBe('absent');
    expect(cost()).toEqual(['get 777']);
  });

  test('is asked of the list too, where its 404 is the first word of this server', async () => {
    const { read, cost } = account(10);
    expect((await read([777]))?.widgets.get(widgetId(777))).toBe('absent');
    expect(cost()).toEqual(['get 777', 'list 1']);
  });
});

describe('an account that cannot be read', () => {
  test.each([403, 404, 405])(
    'is left alone after %i, which is said once, and what was asked has its price',
    async (status) => {
      const { read, reader, world, told, cost } = account(10);
      world.answer = fail(apiError({ status }));
      const nothing = { widgets: new Map(), total: null, requests: { list: 1, get: 2 } };
      expect(await read([1, 2])).toEqual({ ...nothing, isBlind: true });
      expect(await read([1, 2])).toEqual(blindView);
      expect(reader.readable).toBe(false);
      expect(told).toEqual([`unreadable ${status}`]);
      expect(cost()).toEqual(['get 1', 'get 2', 'list 1']);
    },
  );

  test('is asked for again by each sweep, silently, until it answers', async () => {
    const { read, sweep, reader, world, told, cost } = account(10);
    world.answer = fail(apiError({ status: 403 }));
    await read([1, 2]);
    cost();
    expect((await sweep([1, 2]))?.widgets.size).toBe(0);
    expect(cost()).toEqual(['get 1', 'get 2', 'list 1']);
    expect(reader.readable).toBe(false);
    expect(told).toEqual(['unreadable 403']);
    world.answer = () => {};
    expect(await sweep([1, 2])).toMatchObject({ total: 10 });
    expect(reader.readable).toBe(true);
    expect((await read([1]))?.isBlind).toBeUndefined();
    expect(told).toEqual(['unreadable 403', 'readable']);
    expect((await read([1]))?.widgets.size).toBe(1);
  });

  test('is not taken for that by one widget that may not be read: the list is asked', async () => {
    const { read, reader, world, told } = account(1000);
    world.answer = (what) =>
      what.startsWith('get') ? Promise.reject(apiError({ status: 403 })) : undefined;
    expect((await read([501]))?.widgets.has(widgetId(501))).toBe(false);
    expect((await read([1]))?.widgets.has(widgetId(1))).toBe(true);
    expect(reader.readable).toBe(true);
    expect(told).toEqual(['unread 501', 'uncompared']);
  });

  test('is not taken for that while the list gives no word', async () => {
    const { read, reader, world, clock, told } = account(10);
    world.answer = (what) =>
      Promise.reject(what.startsWith('get') ? apiError({ status: 403 }) : unavailable);
    const failed = expect(read([1])).rejects.toBe(unavailable);
    await clock.advance(60_000);
    await failed;
    expect(reader.readable).toBe(true);
    expect(told.filter((line) => line.startsWith('unreadable'))).toEqual([]);
  });

  test('is known by a list that is missing as the widget is', async () => {
    const { read, world, told, reader } = account(0);
    world.answer = async (what) => {
      if (what.startsWith('list')) throw apiError({ status: 404 });
    };
    expect((await read([1]))?.widgets.size).toBe(0);
    expect(told).toEqual(['unreadable 404']);
    expect(reader.readable).toBe(false);
  });

  test('may be read again with another key', async () => {
    const { read, reader, world } = account(10);
    world.answer = fail(apiError({ status: 403 }));
    await read([1]);
    world.answer = () => {};
    reader.reset();
    expect((await read([1]))?.widgets.size).toBe(1);
  });

  test('makes a reading of the whole fail, and says why', async () => {
    const { reader, world, signal } = account(10);
    const error = apiError({ status: 403 });
    world.answer = fail(error);
    await expect(reader.readAccount({ priority: 0, signal })).rejects.toBe(error);
  });

  test('by wish is not asked at all, also after a reset', async () => {
    const { read, reader, cost } = account(10, { live: 'off' });
    reader.reset();
    expect(reader.readable).toBe(false);
    expect((await read([1, 2]))?.widgets.size).toBe(0);
    expect(cost()).toEqual([]);
  });
});

describe('an account of which only the list is refused', () => {
  const listRefused = (status: number) => (what: string) =>
    what.startsWith('list') ? Promise.reject(apiError({ status })) : undefined;

  test.each([403, 404, 405])('with %i is read widget by widget', async (status) => {
    const { read, reader, world, told, cost } = account(300);
    world.answer = listRefused(status);
    const view = await read([7, 150, 777]);
    expect(view?.requests).toEqual({ list: 1, get: 3 });
    expect(cost()).toEqual(['get 150', 'get 7', 'get 777', 'list 1']);
    expect(view?.widgets.get(widgetId(150))).toMatchObject({ body: { name: '150' } });
    expect(view?.widgets.get(widgetId(777))).toBe('absent');
    expect(view?.total).toBeNull();
    expect(reader.readable).toBe(true);
    expect(told).toEqual([]);
  });

  test('is known by the first few widgets: some may be missing', async () => {
    const { read, reader, world } = account(10);
    world.answer = listRefused(405);
    const view = await read([776, 777, 3]);
    expect(view?.widgets.get(widgetId(3))).toMatchObject({ body: { name: '3' } });
    expect(view?.widgets.get(widgetId(776))).toBe('absent');
    expect(reader.readable).toBe(true);
  });

  test('is not asked for every widget where none is found', async () => {
    const { read, reader, world, cost } = account(10);
    world.answer = listRefused(404);
    await read(range(500, 600));
    expect(reader.readable).toBe(false);
    expect(cost()).toEqual([...range(500, 510).map((n) => `get ${n}`), 'list 1']);
  });

  test('keeps one widget that is refused too to itself', async () => {
    const { read, reader, world, told } = account(10);
    world.answer = refusing('list 1', 'get 2');
    const view = await read([1, 2, 3]);
    expect([...(view?.widgets.keys() ?? [])].sort()).toEqual([1, 3].map(widgetId));
    expect(reader.readable).toBe(true);
    expect(told).toEqual(['unread 2']);
  });

  const orders = [
    [1, 2, 3],
    [2, 3, 1],
    [3, 1, 2],
  ];
  test.each(orders)(
    'is known by the one that may be read, in whatever order: %i, %i, %i',
    async (...wanted) => {
      const { read, reader, world, told, cost } = account(10);
      world.answer = refusing('list 1', 'get 1', 'get 2');
      const view = await read(wanted);
      expect([...(view?.widgets.keys() ?? [])]).toEqual([widgetId(3)]);
      expect(view?.isBlind).toBeUndefined();
      expect(reader.readable).toBe(true);
      expect([...told].sort()).toEqual(['unread 1', 'unread 2']);
      expect(cost()).toEqual(['get 1', 'get 2', 'get 3', 'list 1']);
    },
  );

  test('and that answers last, is no refusal of the account', async () => {
    const { read, reader, world, clock, told } = account(1000);
    await read([1]);
    const refused = refusing('list 1', 'get 501');
    world.answer = (what) => (what === 'get 502' ? clock.sleep(5000) : refused(what));
    const view = read([501, 502]);
    await clock.advance(5000);
    expect([...((await view)?.widgets.keys() ?? [])]).toEqual([widgetId(502)]);
    expect(reader.readable).toBe(true);
    expect(told).toEqual(['unread 501']);
  });

  test('holds one widget that is refused too, and not the next that is wanted with it', async () => {
    const { read, world, told } = account(3);
    await read([0, 1, 2]);
    world.answer = refusing('list 1', 'get 1');
    await expect(read([1])).rejects.toMatchObject({ status: 403, retry: 'later' });
    expect([...((await read([1, 2]))?.widgets.keys() ?? [])]).toEqual([widgetId(2)]);
    expect(told).toEqual(['unread 1']);
  });
});

describe('a read that fails', () => {
  test('has its price each time it is tried', async () => {
    const { read, world, clock } = account(10);
    world.answer = fail(unavailable);
    const view = read([1, 2]);
    await settle();
    world.answer = () => {};
    await clock.advance(500);
    expect((await view)?.requests).toEqual({ list: 2, get: 1 });
  });

  test('is tried again with growing waits, as often as is allowed', async () => {
    const { read, world, clock, told, asked } = account(10);
    world.answer = fail(unavailable);
    const failed = expect(read([1])).rejects.toBe(unavailable);
    await clock.advance(60_000);
    await failed;
    expect(told).toEqual(['retry 1 in 500', 'retry 2 in 1000']);
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 500, 1500]);
  });

  test('and then succeeds counts like any other', async () => {
    const { read, world, clock } = account(10);
    world.answer = fail(unavailable);
    const view = read([1]);
    await settle();
    world.answer = () => {};
    await clock.advance(500);
    expect((await view)?.widgets.get(widgetId(1))).toMatchObject({ body: { name: '1' } });
  });

  test('holds everybody for as long as the API asks', async () => {
    const { read, world, clock, limiter, asked, signal } = account(10);
    world.answer = fail(apiError({ status: 429, retry: 'later', retryAfterMs: 7000 }));
    const view = read([1]);
    await settle();
    world.answer = () => {};
    let writeMs = Number.NaN;
    void limiter.take(30, signal).then(() => {
      writeMs = clock.monotonicMs();
    });
    await clock.advance(10_000);
    await view;
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 7000]);
    expect(writeMs).toBe(7000);
  });

  test.each([
    ['a refused key', keyRefused],
    ['what is not part of the game', new TypeError('a bug')],
  ])('for good is thrown at once: %s', async (_, error) => {
    const { read, world, cost, reader } = account(10);
    world.answer = fail(error);
    await expect(read([1])).rejects.toBe(error);
    expect(cost()).toEqual(['get 1']);
    expect(reader.readable).toBe(true);
  });
});

test.each([
  ['may not be read', apiError({ status: 403 })],
  ['cannot be read now', unavailable],
])('one widget that %s, where others were, stays unknown and holds nobody up', async (_, error) => {
  const { read, reader, world, clock, told } = account(1000);
  await read([1, 2]);
  world.answer = (what) => (what === 'get 502' ? Promise.reject(error) : undefined);
  const view = read([501, 502, 503]);
  await clock.advance(60_000);
  expect([...((await view)?.widgets.keys() ?? [])].sort()).toEqual([501, 503].map(widgetId));
  expect(told.at(-1)).toBe('unread 502');
  expect(told.filter((line) => line.startsWith('un'))).toHaveLength(1);
  expect(reader.readable).toBe(true);
});

test('a list that fails, where reads have succeeded, does not stop a few single reads', async () => {
  const { read, world, clock } = account(10);
  await read([1, 2]);
  world.answer = (what) => (what === 'list 1' ? Promise.reject(unavailable) : undefined);
  const view = read([3, 4]);
  await clock.advance(60_000);
  expect((await view)?.widgets.size).toBe(2);
});

describe('a read that is called back', () => {
  const hanging = (_what: string, signal: AbortSignal) =>
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(apiError({ status: null, retry: 'later' })));
    });

  test.each<[string, (world: ReturnType<typeof account>) => void | Promise<void>]>([
    ['while nothing may start', ({ limiter }) => limiter.pause()],
    [
      'while it waits as long as the API asks',
      async ({ limiter, signal }) => {
        const error = apiError({ status: 429, retry: 'later', retryAfterMs: 60_000 });
        const slot = await limiter.take(30, signal);
        slot?.ended({ service: 'limited', error, about: 'w1' });
        slot?.release();
      },
    ],
    [
      'while it is on its way',
      ({ world }) => {
        world.answer = hanging;
      },
    ],
    [
      'while it waits to be tried again',
      ({ world }) => {
        world.answer = fail(unavailable);
      },
    ],
  ])('%s comes to nothing, and leaves nothing behind', async (_, arrange) => {
    const one = account(1000);
    await arrange(one);
    const abort = new AbortController();
    const some = one.read([1, 2], abort.signal);
    const whole = one.reader.readAccount({ priority: 0, signal: abort.signal });
    await settle();
    abort.abort();
    expect(await some).toBeNull();
    expect(await whole).toBeNull();
    await settle();
    expect(one.clock.sleeping).toBe(0);
    expect(one.limiter.waiting).toBe(0);
    // All that may be under way together are free.
    one.limiter.start();
    const slots = [1, 2, 3, 4].map(() => one.limiter.take(30, one.signal));
    await one.clock.advance(60_000);
    expect(await Promise.all(slots)).not.toContain(null);
    expect(one.told.filter((line) => line.startsWith('unreadable'))).toEqual([]);
  });
});

describe('the whole account', () => {
  test('is read page by page, with its size', async () => {
    const { reader, signal, cost } = account(250);
    const view = await reader.readAccount({ priority: 0, signal });
    expect(view).toMatchObject({ total: 250, requests: { list: 3, get: 1 } });
    expect(view?.widgets.size).toBe(250);
    expect(cost()).toEqual(['get 100', 'list 1', 'list 2', 'list 3']);
  });

  test('is read at the rate and the concurrency of everything else', async () => {
    const { reader, signal, asked, clock, world } = account(1000, { rate: 4, concurrency: 2 });
    let underWay = 0;
    let most = 0;
    world.answer = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await clock.sleep(10);
      underWay -= 1;
    };
    const view = reader.readAccount({ priority: 0, signal });
    await clock.advance(60_000);
    expect((await view)?.widgets.size).toBe(1000);
    expect(most).toBe(2);
    const perSecond = asked.filter(({ atMs }) => atMs < 1000);
    expect(perSecond).toHaveLength(4);
  });

  test('tells how many widgets the API counts and does not list', async () => {
    const { reader, signal, widgets, cost } = account(250);
    expect(await reader.readAccount({ priority: 0, signal })).toMatchObject({ missing: 0 });
    cost();
    // Without an id it is nobody's.
    for (const n of [7, 120]) widgets[n] = { name: 'nameless' };
    const view = await reader.readAccount({ priority: 0, signal });
    expect(view).toMatchObject({ total: 250, missing: 2 });
    expect(cost()).toHaveLength(7);
  });

  test('that is empty is one page', async () => {
    const { reader, signal, cost } = account(0);
    expect(await reader.readAccount({ priority: 0, signal })).toMatchObject({ total: 0 });
    expect(cost()).toEqual(['list 1']);
  });
});

describe('a read for a write', () => {
  const slot = { ended: () => {}, release: () => {} };

  test('is one request in the slot that the write has', async () => {
    const { reader, signal, limiter, seen, cost } = account(10);
    limiter.pause();
    expect(await reader.readForWrite(widgetId(3), { signal, slot })).toMatchObject({
      body: { name: '3' },
    });
    expect(seen).toHaveLength(1);
    expect(cost()).toEqual(['get 3']);
  });

  test('stops the write of a widget that the account lacks: its fields cannot be kept', async () => {
    const { read, reader, signal, cost } = account(10);
    await read([1]);
    cost();
    await expect(reader.readForWrite(widgetId(77), { signal, slot })).rejects.toMatchObject({
      status: 404,
      retry: 'never',
    });
    expect(cost()).toEqual(['get 77']);
  });

  test.each<[string, (what: string) => Promise<void> | undefined, object]>([
    ['answers, is as absent', () => undefined, { status: 404, retry: 'never' }],
    [
      'gives no word, waits',
      (what) => (what === 'list 1' ? Promise.reject(unavailable) : undefined),
      { status: 404, retry: 'later' },
    ],
  ])('of a widget that is not found first of all, where the list %s', async (_, answer, error) => {
    const { reader, world, signal, told } = account(10);
    world.answer = answer;
    await expect(reader.readForWrite(widgetId(77), { signal, slot })).rejects.toMatchObject(error);
    expect(told).toEqual([]);
  });

  test('lets the write do without where nothing was ever to be read, which is said', async () => {
    const { reader, world, signal, told } = account(10);
    world.answer = fail(apiError({ status: 403 }));
    expect(await reader.readForWrite(widgetId(1), { signal, slot })).toBeNull();
    expect(reader.readable).toBe(false);
    expect(told).toEqual(['unreadable 403']);
  });

  test.each([
    ['is over', unavailable],
    ['is refused', keyRefused],
  ])('that %s is thrown, and not tried again', async (_, error) => {
    const { reader, world, signal, cost, told } = account(10);
    world.answer = fail(error);
    await expect(reader.readForWrite(widgetId(1), { signal, slot })).rejects.toBe(error);
    expect(cost()).toEqual(['get 1']);
    expect(told).toEqual([]);
  });
});

describe('once reads have succeeded', () => {
  const forbidden = apiError({ status: 403 });

  test('a widget that may not be read concerns itself: the list speaks for the account', async () => {
    const { read, reader, world, told } = account(1000);
    await read([1]);
    world.answer = (what) => (what === 'get 502' ? Promise.reject(forbidden) : undefined);
    const view = await read([501, 502]);
    expect([...(view?.widgets.keys() ?? [])]).toContain(widgetId(501));
    expect(view?.widgets.has(widgetId(502))).toBe(false);
    expect(reader.readable).toBe(true);
    expect(told).toEqual(['unread 502']);
  });

  test('an account that is refused holds every write until it can be read again', async () => {
    const { read, sweep, reader, world, told, signal } = account(1000);
    await read([1]);
    world.answer = fail(forbidden);
    const slot = { ended: () => {}, release: () => {} };
    const request = { signal, slot };
    const held = { status: 403, retry: 'later', message: expect.stringContaining('answered 403') };
    await expect(reader.readForWrite(widgetId(1), request)).rejects.toMatchObject(held);
    await expect(read([2, 3])).rejects.toMatchObject(held);
    await expect(sweep([2, 3])).rejects.toMatchObject(held);
    expect(reader.readable).toBe(true);
    world.answer = () => {};
    expect(await reader.readForWrite(widgetId(1), request)).toMatchObject({ body: { name: '1' } });
    expect((await read([2, 3]))?.widgets.size).toBeGreaterThan(0);
    expect(told).toEqual([]);
  });

  test('a widget that may not be read before its write is refused for good: the list answers', async () => {
    const { read, reader, world, signal } = account(1000);
    await read([1]);
    world.answer = (what) => (what === 'get 502' ? Promise.reject(forbidden) : undefined);
    const slot = { ended: () => {}, release: () => {} };
    await expect(reader.readForWrite(widgetId(502), { signal, slot })).rejects.toBe(forbidden);
  });

  test('another key begins anew', async () => {
    const { read, reader, world, told } = account(1000);
    await read([1]);
    reader.reset();
    world.answer = fail(forbidden);
    expect((await read([1]))?.widgets.size).toBe(0);
    expect(told).toEqual(['unreadable 403']);
  });
});
