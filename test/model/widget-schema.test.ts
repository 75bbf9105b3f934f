import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseInstant } from '../../src/documents/check/parse-timestamp.ts';
import { bodyFields, isUuid, readOnlyFields } from '../../src/model/widget.ts';
import { widgetSchema } from '../../src/model/widget-schema.ts';

interface Field {
  readonly description?: string;
  readonly properties?: Record<string, Field>;
  readonly [keyword: string]: unknown;
}

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/widget.schema.json', import.meta.url), 'utf8'),
) as Field & { properties: Record<string, Field> };

const text = { type: ['string', 'null'] };
const uuid = { type: ['string', 'null'], format: 'uuid' };

/** The body of `PUT /api/v1/widget/{widget_id}`, as its vendor documents it. */
const body: Record<string, object> = {
  widget_type: {
    type: ['string', 'null'],
    enum: [
      'chat',
      'html',
      'whatsapp',
      'phone',
      'html_call',
      'leadconnector',
      'leadconnector_call',
      'sms',
      'fb_messenger',
      'instagram',
      'web_call',
      'plivo_call',
      'telnyx_call',
      'telegram',
      'render_form',
      null,
    ],
  },
  org_id: uuid,
  assistant_id: uuid,
  name: text,
  description: text,
  display_name: text,
  intro_message: text,
  attributes: { type: 'object' },
  user_opening_messages: { type: 'array', items: { type: 'string' } },
  header_color: text,
  user_message_color: text,
  bot_message_color: text,
  bot_icon_color: text,
  ice_break_color: text,
  bubble_color: text,
  bot_text_message_color: text,
  user_text_message_color: text,
  header_text_color: text,
  action_buttons_color: text,
  bubble_text: text,
  textbox_default_text: text,
  remove_branding: { type: ['boolean', 'null'], default: false },
  action_buttons: { type: 'array', items: {} },
  style_params: { type: ['object', 'null'] },
};

test('the module holds what the schema says', () => {
  expect(
    widgetSchema,
    'src/model/widget-schema.ts is not what schemas/widget.schema.json says: run `npm run generate`',
  ).toEqual(schema);
});

describe('a field of the body', () => {
  test.each(Object.entries(body))('%s has the type that the API documents', (name, keywords) => {
    const { description, ...found } = schema.properties[name] ?? {};
    expect(found).toEqual(keywords);
  });

  test('is one of those, and there is no other', () => {
    expect([...bodyFields].sort()).toEqual(Object.keys(body).sort());
    expect(Object.keys(schema.properties).sort()).toEqual(
      [...Object.keys(body), 'widget_id', 'extends', 'omit', 'sync'].sort(),
    );
    expect(schema['additionalProperties']).toBe(false);
  });

  test('is required only where the API requires it, and nothing may be inherited', () => {
    expect(schema['required']).toEqual(['widget_id']);
    expect(schema['if']).toEqual({ required: ['extends'] });
    expect(schema['else']).toEqual({ required: ['widget_type'] });
  });

  test('is never one that only the API sets', () => {
    expect(readOnlyFields).toEqual([
      'id',
      'conversation_bot_icon',
      'bubble_bot_icon',
      'provider_user_friendly_label',
      'widget_provider',
    ]);
    expect(readOnlyFields.filter((name) => name in schema.properties)).toEqual([]);
  });
});

test('the identity is a UUID, and a file says how its widget is kept in these words only', () => {
  expect(schema.properties['widget_id']).toMatchObject({ type: 'string', format: 'uuid' });
  const sync = schema.properties['sync'];
  expect(sync).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: {
      suspend: { type: 'boolean', default: false },
      reason: { type: 'string' },
      until: { type: 'string', format: 'date-or-time' },
      drift: { type: 'string', enum: ['correct', 'report', 'off'] },
      ignore: { type: 'array', items: { type: 'string', format: 'json-pointer' } },
      allow: { type: 'array', items: { type: 'string' } },
    },
  });
  expect(Object.keys(sync?.properties ?? {})).toHaveLength(6);
  expect(sync?.['required']).toBeUndefined();
});

test('every field is described, for whoever writes a file in an editor', () => {
  const described = (field: Field, path: string): string[] => [
    ...((field.description ?? '').length > 10 ? [] : [path]),
    ...Object.entries(field.properties ?? {}).flatMap(([name, part]) =>
      described(part, `${path}/${name}`),
    ),
  ];
  expect(described(schema, '')).toEqual([]);
});

test('no two fields are described alike', () => {
  const all = Object.values(schema.properties).map(({ description }) => description);
  expect(new Set(all).size).toBe(all.length);
});

describe('as a validator', () => {
  const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true });
  ajv.addFormat('uuid', isUuid);
  ajv.addFormat('date-or-time', (text: string) => parseInstant(text) !== null);
  ajv.addFormat('json-pointer', /^(\/([^~/]|~[01])*)*$/);
  const accepts = ajv.compile(schema);
  const base = { widget_id: '3c90c3cc-0d44-4b50-8888-8dd25736052a', widget_type: 'chat' };

  test('it is draft-07 and strict', () => {
    expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#');
    expect(accepts(base)).toBe(true);
  });

  const notNullable = ['attributes', 'user_opening_messages', 'action_buttons'];
  test.each(Object.keys(body))('%s takes null only where the API does', (name) => {
    expect(accepts({ ...base, [name]: null })).toBe(!notNullable.includes(name));
  });

  test.each([
    [{ extends: null }],
    [{ extends: { file: '_brand.yaml' } }],
    [{ extends: ['_brand.yaml', 7] }],
    [{ omit: '/name' }],
    [{ omit: ['name'] }],
    [{ user_opening_messages: ['a', 1] }],
    [{ user_opening_messages: [null] }],
    [{ attributes: [] }],
    [{ style_params: 'x' }],
    [{ remove_branding: 'true' }],
    [{ org_id: 'x' }],
    [{ widget_type: 'Chat' }],
    [{ name: 7 }],
    [{ id: 'x' }],
    [{ sync: { suspended: true } }],
    [{ sync: null }],
    [{ sync: { suspend: 'yes' } }],
    [{ sync: { reason: null } }],
    [{ sync: { until: 'soon' } }],
    [{ sync: { until: '2026-12-24T18:00:00' } }],
    [{ sync: { drift: 'Report' } }],
    [{ sync: { drift: false } }],
    [{ sync: { ignore: '/name' } }],
    [{ sync: { ignore: ['name'] } }],
    [{ sync: { ignore: ['/a~b'] } }],
    [{ widget_id: null }],
  ])('refuses %j', (part) => {
    expect(accepts({ ...base, ...part })).toBe(false);
  });

  test.each([
    [{}],
    [{ suspend: true, reason: 'a campaign', until: '2026-12-24' }],
    [{ suspend: true, until: '2026-12-24T18:00:00+01:00' }],
    [{ drift: 'off', ignore: [] }],
    [{ drift: 'report', ignore: ['/bubble_text', '/style_params/font~1size'] }],
  ])('takes %j as the way a widget is kept', (sync) => {
    expect(accepts({ ...base, sync })).toBe(true);
  });

  test('takes anything as a button', () => {
    expect(accepts({ ...base, action_buttons: [1, 'a', null, {}, [], true] })).toBe(true);
  });
});
