import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type ContractFinding,
  checkContract,
  createContractWatch,
} from '../../src/api/schema-drift.ts';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { registerSecret } from '../../src/base/secrets.ts';
import { bodyFields, readOnlyFields } from '../../src/model/widget.ts';
import { widgetId } from './loopback.ts';

const texts = bodyFields.filter((field) => /^(name|display_name|bubble_text)$|_color$/.test(field));

const documented: JsonObject = {
  id: widgetId,
  widget_type: 'chat',
  org_id: null,
  assistant_id: widgetId.toUpperCase(),
  attributes: { deep: [1] },
  user_opening_messages: ['Hello', ''],
  action_buttons: ['a', 7, null, {}],
  remove_branding: false,
  style_params: null,
  ...Object.fromEntries(texts.map((field) => [field, 'text'])),
  conversation_bot_icon: '',
  widget_provider: 'x',
};

describe('what a live widget holds', () => {
  test('is no finding where it is as documented', () => {
    expect(checkContract(documented)).toEqual([]);
    expect(checkContract({})).toEqual([]);
  });

  test.each<[string, Json]>([
    ...texts.map((field): [string, Json] => [field, null]),
    ...['widget_type', 'org_id', 'assistant_id', 'remove_branding', 'style_params'].map(
      (field): [string, Json] => [field, null],
    ),
    ...readOnlyFields
      .filter((field) => field !== 'id')
      .map((field): [string, Json] => [field, null]),
    ['action_buttons', []],
    ['user_opening_messages', []],
    ['attributes', {}],
  ])('may have %s as %j', (field, value) => {
    expect(checkContract({ ...documented, [field]: value })).toEqual([]);
  });

  test.each<[string, Json, string, string]>([
    ['header_color', 7, 'string or null', 'number'],
    ['name', ['a'], 'string or null', 'array'],
    ['name', { a: 1 }, 'string or null', 'object'],
    ['widget_type', 'fax', 'one of the documented strings or null', 'another string'],
    ['widget_type', 7, 'one of the documented strings or null', 'number'],
    ['org_id', 'mine', 'UUID or null', 'another string'],
    ['assistant_id', false, 'UUID or null', 'boolean'],
    ['attributes', null, 'object', 'null'],
    ['attributes', [], 'object', 'array'],
    ['user_opening_messages', null, 'array of string', 'null'],
    ['user_opening_messages', 'Hello', 'array of string', 'string'],
    ['user_opening_messages', ['Hello', 7], 'array of string', 'array with number'],
    ['user_opening_messages', [null], 'array of string', 'array with null'],
    ['action_buttons', {}, 'array', 'object'],
    ['remove_branding', 'yes', 'boolean or null', 'string'],
    ['style_params', [], 'object or null', 'array'],
    ['id', null, 'UUID', 'null'],
    ['id', 'x', 'UUID', 'another string'],
    ['widget_provider', 7, 'string or null', 'number'],
  ])('%s: %j is of another type', (field, value, expected, found) => {
    expect(checkContract({ ...documented, [field]: value })).toEqual([
      {
        field,
        kind: 'type',
        message: `The field ${field} of live widgets is not what the API's documentation says: expected ${expected}, found ${found}`,
      },
    ]);
  });

  test.each<[string, Json, string]>([
    ['hue', 'red', 'string'],
    ['created_at', null, 'null'],
    ['theme', { a: 1 }, 'object'],
    ['constructor', 1.5, 'number'],
    // The names of a file's own fields are no names of the API's.
    ['widget_id', widgetId, 'string'],
    ['sync', {}, 'object'],
  ])('%s: %j is unknown', (field, value, type) => {
    expect(checkContract({ ...documented, [field]: value })).toEqual([
      {
        field,
        kind: 'unknown',
        message: `The API's documentation does not know the field ${field} of live widgets (found ${type}); it is never sent`,
      },
    ]);
  });

  test('is told by names and types, never by values, on one printable line', () => {
    onTestFinished(registerSecret('in-live-secret-7'));
    const findings = checkContract({
      header_color: ['hunter2'],
      hue: 'hunter2',
      'in-live-secret-7\u001b[31m\n': 'hunter2',
    });
    const shown = JSON.stringify(findings);
    expect(findings).toHaveLength(3);
    expect(shown).not.toMatch(/hunter2|in-live-secret/);
    for (const { field, message } of findings) {
      expect(`${field}${message}`).not.toMatch(/\p{Cc}/u);
    }
  });
});

test('a watch says each field once, however many widgets have it', () => {
  const said: ContractFinding[] = [];
  const watch = createContractWatch((finding) => said.push(finding));
  watch.see(documented);
  watch.see({ ...documented, hue: 'red', name: 7 });
  watch.see({ ...documented, hue: null, name: false, depth: 1 });
  watch.see({ ...documented, hue: 'red' });
  expect(said.map(({ field, kind }) => [field, kind])).toEqual([
    ['name', 'type'],
    ['hue', 'unknown'],
    ['depth', 'unknown'],
  ]);
});
