import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json/json.ts';
import { readContent } from '../../../src/documents/check/file-content.ts';
import { declaredFields, writeWidgetFile } from '../../../src/documents/edit/write-widget.ts';
import type { Finding } from '../../../src/model/document.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { law } from '../../support/law.ts';
import { hostileTexts, widgetFields } from '../arbitrary-widgets.ts';

const widgetId = '3c90c3cc-0d44-4b50-8888-8dd25736052a' as WidgetId;
const options = { schemaPath: '../schemas/widget.schema.json' };
const head = `# yaml-language-server: $schema=../schemas/widget.schema.json\nwidget_id: ${widgetId}\nwidget_type: chat\n`;

function write(fields: JsonObject): string {
  const written = writeWidgetFile(
    { widgetId, fields: { widget_type: 'chat', ...fields } },
    options,
  );
  return 'text' in written ? written.text : `problem: ${written.problem}`;
}

function read(text: string) {
  return readContent(new TextEncoder().encode(text));
}

/** How a widget looks is its own: what is written has to say the same, and in a form without faults. */
function faultsOfForm(findings: readonly Finding[]): Finding[] {
  const ofLook = ['not-a-colour', 'low-contrast', 'empty-suggestion', 'double-suggestion'];
  return findings.filter(({ code }) => !ofLook.includes(code));
}

/** With a title that fits on a line. */
const named = hostileTexts.map((text) => [JSON.stringify(text).slice(0, 40), text] as const);

describe('a new widget file', () => {
  law.prop([widgetFields], { numRuns: 100 })('reads back as exactly the live values', (fields) => {
    const written = writeWidgetFile({ widgetId, fields }, options);
    const { widget, findings } = read('text' in written ? written.text : '');
    expect(faultsOfForm(findings)).toEqual([]);
    expect(widget?.widgetId).toBe(widgetId);
    expect(widget?.spec).toEqual(declaredFields(fields));
  });

  test.each(named)('carries %s as a text, an entry, a key and a value', (_, text) => {
    const fields = {
      // An empty field says nothing, and is left out.
      ...(text !== '' && { intro_message: text }),
      user_opening_messages: [text, 'next'],
      action_buttons: [{ label: text, deep: [text, [text, { [text]: text }]] }],
      style_params: { [text]: { [text]: text }, last: text },
    };
    const { widget, findings } = read(write(fields));
    expect(faultsOfForm(findings)).toEqual([]);
    expect(widget?.spec).toEqual({ widget_type: 'chat', ...fields });
  });

  test('is written to be read and edited by people', () => {
    const long = `${'We answer questions about orders, sizes and returns. '.repeat(3)}Ask us!`;
    const text = write({
      style_params: { position: 'left', offset: { x: 24, y: 24 }, empty: {} },
      attributes: { locale: 'en-GB', 'font size': '08:00', hours: [] },
      action_buttons: [{ label: 'Orders', tags: ['a', 'b'] }, 'plain', [1, 2]],
      header_color: 'navy',
      bubble_color: '#1f2937',
      user_opening_messages: ['Where is my order?', 'yes', 'a: b'],
      intro_message: 'Hi!\n\n  Ask me.\n',
      description: long,
      name: 'Fernwood – web chat',
      bubble_text: 'no newline\nat the end',
      org_id: null,
      remove_branding: true,
    });
    expect(text).toBe(`${head}name: Fernwood – web chat
description: >-
  We answer questions about orders, sizes and returns. We answer questions about orders, sizes and
  returns. We answer questions about orders, sizes and returns. Ask us!
intro_message: |
  Hi!

    Ask me.
attributes:
  locale: en-GB
  font size: "08:00"
  hours: []
user_opening_messages:
  - Where is my order?
  - "yes"
  - "a: b"
header_color: "navy"
bubble_color: "#1f2937"
bubble_text: |-
  no newline
  at the end
remove_branding: true
action_buttons:
  - label: Orders
    tags:
      - a
      - b
  - plain
  - - 1
    - 2
style_params:
  position: left
  offset:
    x: 24
    y: 24
  empty: {}
`);
  });

  test.each<[string, Json]>([
    ['name', null],
    ['name', ''],
    ['org_id', ''],
    ['style_params', ''],
    ['attributes', {}],
    ['attributes', null],
    ['user_opening_messages', []],
    ['remove_branding', false],
    ['id', 'set by the API'],
    ['widget_provider', 'set by the API'],
    ['unheard_of', 'new in the API'],
  ])('leaves out %s: %j', (name, value) => {
    expect(write({ [name]: value })).toBe(head);
  });

  test.each<[string, JsonObject, string]>([
    [
      'an integer that JSON has rounded',
      { attributes: { a: [2 ** 53] } },
      'attributes.a[0] may be rounded',
    ],
    ['half a character', { name: '\ud800' }, 'name holds half a character'],
    [
      'a type that no file can declare',
      { widget_type: 'hologram' },
      'widget_type cannot be "hologram"',
    ],
    [
      'a value of another type than the API documents',
      { name: 5 },
      'name must be a text or null, not a number',
    ],
    [
      'more than a file may hold',
      { name: 'x'.repeat(2 ** 20) },
      'the file would be larger than 1 MiB',
    ],
    [
      'what nests too deeply',
      { attributes: { a: JSON.parse('['.repeat(70) + ']'.repeat(70)) } },
      'fields and lists nest more than 64 levels deep',
    ],
  ])('is not written for %s', (_, fields, problem) => {
    expect(write(fields)).toBe(`problem: ${problem}`);
  });

  test('is not written for a widget without a type, since every file declares one', () => {
    expect(writeWidgetFile({ widgetId, fields: {} }, options)).toEqual({
      problem: 'widget_type is missing',
    });
  });

  law.prop([fc.constantFrom(...hostileTexts)])(
    'never repeats an override of the reading direction',
    (text) => {
      expect(write({ name: `a${text}\u202e` })).not.toMatch(/[\u202a-\u202e]/);
    },
  );
});
