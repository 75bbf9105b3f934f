import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confirmationOf, pageOf, widgetOf } from '../../src/api/read-data.ts';
import { type Json, type JsonObject, parseJson } from '../../src/base/json/json.ts';
import { deepestLive } from '../../src/model/widget-fields.ts';
import { law } from '../support/law.ts';
import { firstPage, widgetId } from './loopback.ts';

const other = '00000000-0000-4000-8000-000000000000';

describe('one widget', () => {
  test.each([
    [{ id: widgetId, name: null }],
    [{ id: widgetId.toUpperCase() }],
    [{ id: widgetId, hue: { deep: [1] } }],
  ])('%j is read as it is', (data) => {
    expect(widgetOf(widgetId)(data)).toEqual({ value: data });
  });

  test.each<[Json | undefined, RegExp]>([
    [undefined, /envelope/],
    [null, /envelope/],
    [[], /envelope/],
    ['x', /envelope/],
    [7, /envelope/],
    [{}, /another widget than 3c90c3cc/],
    [{ id: null }, /another widget/],
    [{ id: 7 }, /another widget/],
    [{ id: 'x' }, /another widget/],
    [{ id: other }, /another widget/],
  ])('%j is not the widget asked for', (data, why) => {
    expect(widgetOf(widgetId)(data)).toEqual({ unreadable: expect.stringMatching(why) });
  });
});

describe('a confirmation', () => {
  const nested = (levels: number) =>
    parseJson(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) ?? null;

  test.each<[string, JsonObject, boolean]>([
    ['no deeper than can be handled', { attributes: nested(deepestLive - 1) }, true],
    ['deeper than can be handled', { attributes: nested(deepestLive) }, false],
    ['much deeper', { style_params: nested(20_000) }, false],
    ['deep in a field that is not sent', { hue: nested(20_000) }, true],
  ])('with a widget that is %s', (_, fields, isTaken) => {
    const data = { id: widgetId, ...fields };
    const read = confirmationOf(widgetId)(data, 200);
    expect('value' in read && read.value.widget).toBe(isTaken ? data : null);
  });
});

describe('a page', () => {
  const data: JsonObject = firstPage.data;
  const without = (...fields: string[]): JsonObject =>
    Object.fromEntries(Object.entries(data).filter(([field]) => !fields.includes(field)));
  const readPage = (changes: JsonObject, wanted = 1) => pageOf(wanted)({ ...data, ...changes });

  test('is read as documented', () => {
    expect(pageOf(1)(data)).toEqual({ value: data });
  });

  test('may count in numbers that are written with a fraction or an exponent', () => {
    const counts = parseJson('{"total":1.0,"page":1e0,"size":1e2,"pages":1.00}') as JsonObject;
    expect(readPage(counts)).toEqual({
      value: { ...data, total: 1, page: 1, size: 100, pages: 1 },
    });
  });

  test('of an empty account has no pages', () => {
    const empty = { items: [], total: 0, pages: 0 };
    expect(readPage(empty)).toEqual({ value: { ...data, ...empty } });
  });

  test.each<[string, JsonObject, number, object]>([
    ['without pages', without('pages'), 1, { pages: 1, next_page: null }],
    ['whose pages is null', { ...data, pages: null, total: 201 }, 1, { pages: 3, next_page: 2 }],
    [
      'whose pages is null and that is empty',
      { ...data, items: [], pages: null, total: 0 },
      1,
      { pages: 0 },
    ],
    [
      'without its neighbours',
      { ...without('previous_page', 'next_page'), total: 201, page: 2, pages: 3 },
      2,
      { previous_page: 1, next_page: 3 },
    ],
    [
      'with neighbours of another form',
      { ...data, previous_page: '/widget?page=0', next_page: '' },
      1,
      { previous_page: null, next_page: null },
    ],
    [
      'beyond the last',
      { ...data, items: [], page: 1000 },
      1000,
      { page: 1000, previous_page: 1, next_page: null },
    ],
    [
      'beyond the last of an empty account',
      { ...data, items: [], total: 0, pages: 0, page: 9 },
      9,
      { previous_page: null, next_page: null },
    ],
    ['smaller than asked for', { ...data, size: 50, total: 60, pages: 2 }, 1, { size: 50 }],
    ['with more than is documented', { ...data, links: {} }, 1, { total: 1 }],
  ])('%s is read', (_, page, wanted, expected) => {
    expect(pageOf(wanted)(page)).toMatchObject({ value: expected });
  });

  test('holds what is documented and no more', () => {
    const read = readPage({ links: { self: '/x' } });
    expect(read).toEqual({ value: data });
  });

  const noCounts: Json[] = [null, '1', true, [], {}, -1, 1.5, 1e300];

  test.each<[JsonObject, RegExp]>([
    ...[null, {}, 'x', 7].map((items): [JsonObject, RegExp] => [{ items }, /no list of widgets/]),
    ...[null, 'x', 7, [], {}, { id: null }, { id: 7 }, { id: 'x' }, { id: '' }].map(
      (item): [JsonObject, RegExp] => [
        { items: [{ id: widgetId }, item] },
        /not a widget with an id/,
      ],
    ),
    ...['total', 'page', 'size'].flatMap((field) =>
      noCounts.map((value): [JsonObject, RegExp] => [{ [field]: value }, /total, page or size/]),
    ),
    [{ page: 0 }, /total, page or size/],
    [{ size: 0 }, /total, page or size/],
    ...noCounts
      .filter((value) => value !== null)
      .map((pages): [JsonObject, RegExp] => [{ pages }, /its pages/]),
    [{ total: 0, pages: 0 }, /more widgets \(1\) than its total \(0\)/],
    [{ pages: 1, total: 101 }, /its pages/],
    [{ pages: 0 }, /its pages/],
    [{ page: 2, pages: 2 }, /page 2 instead of 1/],
  ])('with %j is unreadable', (changes, why) => {
    expect(readPage(changes)).toEqual({ unreadable: expect.stringMatching(why) });
  });

  test.each(['items', 'total', 'page', 'size'])('without %s is unreadable', (field) => {
    expect(pageOf(1)(without(field))).toEqual({ unreadable: expect.any(String) });
  });

  law.prop([fc.nat(1_000), fc.integer({ min: 1, max: 100 })])(
    'leads through the whole account, forwards and backwards, whatever its size',
    (total, size) => {
      const seen: number[] = [];
      for (let page: number | null = 1; page !== null; ) {
        const read = pageOf(page)({ items: [], total, page, size });
        if (!('value' in read)) throw new Error(read.unreadable);
        expect(read.value.previous_page).toBe(seen.at(-1) ?? null);
        seen.push(page);
        page = read.value.next_page;
      }
      expect(seen).toHaveLength(Math.max(1, Math.ceil(total / size)));
    },
  );

  law.prop([fc.jsonValue()])('is read or unreadable, whatever the data', (value) => {
    expect(['value', 'unreadable']).toContain(Object.keys(pageOf(1)(value as Json))[0]);
  });
});
