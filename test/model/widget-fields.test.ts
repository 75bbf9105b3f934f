import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/base/json/json.ts';
import { bodyFields } from '../../src/model/widget.ts';
import {
  declarable,
  isEmpty,
  resetValueOf,
  settableFields,
} from '../../src/model/widget-fields.ts';

const uuid = '3c90c3cc-0d44-4b50-8888-8dd25736052a';

describe('a field of the body', () => {
  test.each<[string, Json]>([
    ['name', null],
    ['widget_type', null],
    ['style_params', null],
    ['attributes', {}],
    ['user_opening_messages', []],
    ['action_buttons', []],
    ['remove_branding', false],
  ])('%s is set back to %j, which is empty', (name, value) => {
    expect(resetValueOf(name)).toEqual(value);
    expect(isEmpty(name, value)).toBe(true);
  });

  test.each<[string, Json]>([
    ['name', ' '],
    ['name', false],
    ['attributes', { a: null }],
    ['user_opening_messages', ['']],
    ['action_buttons', [null]],
    ['remove_branding', true],
  ])('%s is not empty as %j', (name, value) => {
    expect(isEmpty(name, value)).toBe(false);
  });

  test('that the API has learned since has no value to be set back to, and is never sent', () => {
    expect(resetValueOf('unheard_of')).toBeUndefined();
    expect(settableFields({ id: uuid, widget_id: uuid, unheard_of: 1 })).toEqual({});
  });

  // What a file can declare of it, and what a write gives back of it.
  test.each<[string, Json, Json, Json | undefined]>([
    ['org_id', '', null, null],
    ['org_id', uuid, uuid, uuid],
    ['org_id', 'mine', 'mine', undefined],
    ['widget_type', '', null, null],
    ['widget_type', 'hologram', 'hologram', 'hologram'],
    ['style_params', '', null, null],
    ['style_params', {}, {}, {}],
    ['style_params', [], null, undefined],
    ['name', '', '', ''],
    ['name', 5, 5, undefined],
    ['attributes', null, {}, undefined],
    ['attributes', '', {}, undefined],
    ['user_opening_messages', null, [], undefined],
    ['user_opening_messages', ['a', 1], ['a', 1], undefined],
    ['action_buttons', ['a', 1], ['a', 1], ['a', 1]],
    ['remove_branding', null, null, null],
  ])('%s, live %j, is declared as %j and sent as %j', (name, live, declared, sent) => {
    expect(declarable(name, live)).toEqual(declared);
    expect(settableFields({ [name]: live })).toEqual(sent === undefined ? {} : { [name]: sent });
  });

  test.each(bodyFields)('%s can declare, and take back, every kind of nothing', (name) => {
    for (const nothing of [null, '', [], {}]) {
      const declared = declarable(name, nothing);
      expect(isEmpty(name, declared)).toBe(true);
      expect(settableFields({ [name]: declared })).toEqual({ [name]: declared });
    }
  });
});
