import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json/json.ts';
import { composeBody } from '../../../src/plan/compare/compose-body.ts';
import { echoOf } from '../../../src/plan/uncertain/server-echo.ts';
import { documentOf, ignoring, liveOf } from '../fixtures.ts';

interface Case {
  readonly spec: JsonObject;
  readonly resets?: JsonObject;
  readonly possiblyLeft?: Record<string, Json[]>;
  readonly ignore?: readonly string[];
  readonly base: JsonObject | null;
  readonly body: JsonObject;
}

const chat = { widget_type: 'chat' };
const uuid = '3c90c3cc-0d44-4b50-8888-8dd25736052a';

describe('a body', () => {
  test.each<[string, Case]>([
    [
      'says again what git does not declare',
      {
        spec: { name: 'a' },
        base: { name: 'b', bubble_text: 'Hi' },
        body: { name: 'a', bubble_text: 'Hi' },
      },
    ],
    [
      'leaves out what only the API sets, and what it does not know',
      {
        spec: {},
        base: { id: uuid, widget_provider: 'x', brand_new: 1, name: 'a' },
        body: { name: 'a' },
      },
    ],
    [
      'leaves out what the API answers and refuses',
      {
        spec: {},
        base: { attributes: null, action_buttons: null, user_opening_messages: [1], name: 7 },
        body: {},
      },
    ],
    [
      'says null where the API spells it ""',
      {
        spec: {},
        base: {
          org_id: '',
          assistant_id: uuid,
          remove_branding: '',
          style_params: '',
          name: '',
          attributes: '',
        },
        body: {
          org_id: null,
          assistant_id: uuid,
          remove_branding: null,
          style_params: null,
          name: '',
        },
      },
    ],
    [
      'sets released fields back, and none that is declared',
      {
        spec: { name: 'a' },
        resets: { bubble_text: null, name: null },
        base: { bubble_text: 'Hi' },
        body: { name: 'a', bubble_text: null },
      },
    ],
    [
      'sets back what an unconfirmed write has left, also where a base too early for it holds what cannot be sent',
      {
        spec: {},
        possiblyLeft: { name: ['a'], bubble_text: ['Hi'], attributes: [{ x: 1 }] },
        base: { name: 'a', bubble_text: 'Hello', attributes: null },
        body: { name: null, bubble_text: 'Hello', attributes: {} },
      },
    ],
    [
      'keeps what is ignored, also of what is declared or released',
      {
        spec: { name: 'a', style_params: { a: 1, w: 1 }, attributes: { x: 1, y: 1 } },
        resets: { bubble_text: null },
        ignore: ['/name', '/style_params/w', '/attributes/y', '/bubble_text'],
        base: { name: 'b', style_params: { a: 2, w: 2 }, attributes: {}, bubble_text: 'Hi' },
        body: { name: 'b', style_params: { a: 1, w: 2 }, attributes: { x: 1 }, bubble_text: 'Hi' },
      },
    ],
    [
      'keeps an ignored type that the schema does not know yet',
      {
        spec: {},
        ignore: ['/widget_type'],
        base: { widget_type: 'hologram' },
        body: { widget_type: 'hologram' },
      },
    ],
    [
      'has a type also where an ignored one is not known',
      { spec: {}, ignore: ['/widget_type'], base: {}, body: {} },
    ],
    [
      'without a base has what git says and nothing that is ignored as a whole',
      {
        spec: { name: 'a', style_params: { a: 1, w: 1 } },
        resets: { bubble_text: null, header_color: null },
        ignore: ['/name', '/style_params/w', '/bubble_text', '/widget_type'],
        base: null,
        body: { style_params: { a: 1, w: 1 }, header_color: null },
      },
    ],
    [
      'without a base and with all ignored is a type',
      { spec: { name: 'a' }, ignore: [''], base: null, body: {} },
    ],
  ])('%s', (_, { spec, resets = {}, possiblyLeft = {}, ignore = [], base, body }) => {
    const document = ignoring(documentOf(1, { ...chat, ...spec }), ...ignore);
    const composed = composeBody(
      { ...document, resets, possiblyLeft },
      base === null ? null : liveOf(base),
    );
    expect(composed).toEqual({ ...chat, ...body });
  });
});

describe('the echo', () => {
  interface Echoed {
    readonly spec: JsonObject;
    readonly ignore?: readonly string[];
    readonly widget: JsonObject;
    readonly echo: JsonObject | null;
  }

  test.each<[string, Echoed]>([
    [
      'of what was stored as sent is none',
      { spec: { name: 'a' }, widget: { name: 'a', bubble_text: 'x' }, echo: null },
    ],
    [
      'has every declared field',
      {
        spec: { name: 'A', bubble_text: 'x' },
        widget: { name: 'a' },
        echo: { name: 'a', bubble_text: 'x' },
      },
    ],
    [
      'is not the value of an ignored field',
      { spec: { name: 'A' }, ignore: ['/name'], widget: { name: 'b' }, echo: null },
    ],
    [
      'is not a value that is ignored inside a field',
      {
        spec: { style_params: { a: 'A', w: 1 } },
        ignore: ['/style_params/w'],
        widget: { style_params: { a: 'a', w: 2 } },
        echo: { style_params: { a: 'a', w: 1 } },
      },
    ],
  ])('%s', (_, { spec, ignore = [], widget, echo }) => {
    expect(echoOf(ignoring(documentOf(1, spec), ...ignore), widget)).toEqual(echo);
  });
});
