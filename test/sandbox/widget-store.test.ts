import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { bodyFields } from '../../src/model/widget.ts';
import { createWidgetStore, type Storage } from '../../src/sandbox/widget-store.ts';
import { widgetId } from '../support/sandbox.ts';

const id = widgetId(1);
const seeded: JsonObject = { widget_type: 'chat', name: 'Ava', header_color: '#FFF' };

function storeOf(storage: Storage = {}, fields: JsonObject = seeded) {
  const store = createWidgetStore(storage);
  store.seed([{ widgetId: id, fields }]);
  return store;
}

const lowerCaseColours = (field: string, value: Json): Json =>
  typeof value === 'string' && field.endsWith('_color') ? value.toLowerCase() : value;
const emptyForNull = (field: string, value: Json): Json =>
  field === 'name' && value === null ? '' : value;

describe('a PUT', () => {
  test.each<[string, Storage, JsonObject, JsonObject]>([
    ['merges by itself', {}, { name: 'B' }, { name: 'B', header_color: '#FFF' }],
    ['leaves what it omits', { put: 'merge' }, {}, { name: 'Ava', header_color: '#FFF' }],
    ['resets what it omits', { put: 'replace' }, {}, { name: null, header_color: null }],
    ['sets a null', { put: 'merge' }, { name: null }, { name: null, header_color: '#FFF' }],
    ['keeps what it drops', { drop: ['name'] }, { name: 'B' }, { name: 'Ava' }],
    ['keeps what it drops', { put: 'replace', drop: ['name'] }, {}, { name: 'Ava' }],
    [
      'normalises',
      { normalise: lowerCaseColours },
      { name: 'B', header_color: '#ABC' },
      { name: 'B', header_color: '#abc' },
    ],
    ['normalises defaults', { put: 'replace', normalise: emptyForNull }, {}, { name: '' }],
    ['ignores other fields', {}, { hue: 'red', id: widgetId(2) }, { id }],
  ])('%s: %o with %j', (_, storage, body, expected) => {
    const store = storeOf(storage);

    const stored = store.put(id, { widget_type: 'chat', ...body });

    expect(stored).toMatchObject(expected);
    expect(stored).not.toHaveProperty('hue');
    expect(store.get(id)).toEqual(stored);
  });

  test('that replaces leaves what is not in a body: the server fields and the unknown', () => {
    const store = storeOf({ put: 'replace' }, { ...seeded, hue: 'red', widget_provider: 'x' });

    store.put(id, { widget_type: 'sms' });

    expect(store.get(id)).toMatchObject({ widget_type: 'sms', hue: 'red', widget_provider: 'x' });
    expect(bodyFields.filter((field) => store.get(id)?.[field] === undefined)).toEqual([]);
  });

  test('keeps no hold of the body it was given', () => {
    const store = storeOf();
    const attributes: JsonObject = { a: 1 };

    store.put(id, { widget_type: 'chat', attributes });
    attributes['a'] = 2;

    expect(store.get(id)).toMatchObject({ attributes: { a: 1 } });
  });
});

describe('an edit by hand', () => {
  test('sets any field but the id, unknown ones and odd types included', () => {
    const store = storeOf({ put: 'replace', drop: ['name'] });

    store.edit(id, { name: 7, hue: 'red', widget_provider: 'x', id: widgetId(2) });

    const expected = { id, name: 7, hue: 'red', widget_provider: 'x', header_color: '#FFF' };
    expect(store.get(id)).toMatchObject(expected);
  });

  test('is normalised like everything that is stored', () => {
    const store = storeOf({ normalise: lowerCaseColours });
    expect(store.get(id)).toMatchObject({ header_color: '#fff' });

    store.edit(id, { bubble_color: 'RED' });

    expect(store.get(id)).toMatchObject({ bubble_color: 'red', name: 'Ava' });
  });
});

test('a widget that does not exist is not written', () => {
  const store = storeOf();
  expect(store.put(widgetId(2), { widget_type: 'chat' })).toBeNull();
  expect(store.edit(widgetId(2), { name: 'B' })).toBeNull();
  expect(store.all()).toHaveLength(1);
});

test('the former widget is the one before its last write, whoever wrote', () => {
  const store = storeOf();
  const formerName = () => store.get(id, 'former')?.['name'];
  expect(formerName()).toBe('Ava');

  store.put(id, { widget_type: 'chat', name: 'B' });
  expect(formerName()).toBe('Ava');

  store.edit(id, { name: 'C' });
  expect(formerName()).toBe('B');
  expect(store.all('former')).toMatchObject([{ name: 'B' }]);
  expect(store.all()).toMatchObject([{ name: 'C' }]);

  store.seed([{ widgetId: id, fields: seeded }]);
  expect(formerName()).toBe('Ava');
});
