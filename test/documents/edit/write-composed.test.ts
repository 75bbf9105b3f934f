// A composed file as one text: it reads back as it is, and each value has its note.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fromPointer,
  isJsonObject,
  type Json,
  type JsonObject,
} from '../../../src/base/json/json.ts';
import { writeComposed } from '../../../src/documents/edit/write-composed.ts';
import { parse } from '../../../src/documents/parse/parse.ts';
import { valueAt } from '../../../src/model/value-at.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { anyBody, idOf } from '../../plan/fixtures.ts';
import { anyCharacter } from '../../support/any-character.ts';
import { pointersIn } from '../../support/composed.ts';
import { law } from '../../support/law.ts';

function textOf(
  value: JsonObject,
  { widgetId = idOf(1), note = (pointer: string): string | null => pointer } = {} as {
    widgetId?: WidgetId | null;
    note?: (pointer: string) => string | null;
  },
): string {
  const written = writeComposed({ widgetId, value, note });
  if ('problem' in written) throw new Error(written.problem);
  return written.text;
}

test('fields stand in their order, sync last, and a note behind each value', () => {
  const value = {
    sync: { drift: 'report' },
    style_params: { bubble: { size: 56, shadow: true }, none: {} },
    header_color: '#14532d',
    intro_message: 'Hi.\nAsk me.\n',
    user_opening_messages: ['Where is it?', 'Returns?'],
    widget_type: 'chat',
    bubble_text: null,
  };
  expect(textOf(value).split('\n')).toEqual([
    `widget_id: ${idOf(1)}  # /widget_id`,
    'widget_type: chat  # /widget_type',
    'intro_message: |  # /intro_message',
    '  Hi.',
    '  Ask me.',
    'user_opening_messages:  # /user_opening_messages',
    '  - Where is it?',
    '  - Returns?',
    'header_color: "#14532d"  # /header_color',
    'bubble_text: null  # /bubble_text',
    'style_params:',
    '  bubble:',
    '    size: 56  # /style_params/bubble/size',
    '    shadow: true  # /style_params/bubble/shadow',
    '  none: {}  # /style_params/none',
    'sync:',
    '  drift: report  # /sync/drift',
    '',
  ]);
});

test('what has no note has no comment, and a fragment no widget_id', () => {
  const text = textOf({ widget_type: 'chat' }, { widgetId: null, note: () => null });
  expect(text).toBe('widget_type: chat\n');
  expect(textOf({}, { widgetId: null })).toBe('{}\n');
});

test('a note with a line end, or what a terminal would obey, stays one comment', () => {
  const note = () => '_\n\u001b[2J\u2028brand.yaml:1';
  const text = textOf({ widget_type: 'chat' }, { note });
  expect(text.split('\n')).toHaveLength(3);
  expect(parse(new TextEncoder().encode(text)).value).toEqual({
    widget_id: idOf(1),
    widget_type: 'chat',
  });
});

test('what would be too large is told', () => {
  const value = { intro_message: 'x'.repeat(1024 * 1024) };
  expect(writeComposed({ widgetId: null, value, note: () => null })).toEqual({
    problem: 'the text would be larger than 1 MiB',
  });
});

describe('whatever the values', () => {
  const texts = fc.array(anyCharacter, { maxLength: 8 }).map((parts) => parts.join(''));
  const anyValue: fc.Arbitrary<Json> = fc.oneof(
    anyBody,
    texts,
    fc.array(fc.oneof(texts, anyBody), { maxLength: 3 }),
  );
  const names = fc.oneof(fc.constantFrom('header_color', 'a: b_color', 'sync', '#'), texts);
  const bodies = fc.dictionary(names, anyValue, { maxKeys: 5 }) as fc.Arbitrary<JsonObject>;

  law.prop([bodies, fc.boolean()], { numRuns: 2000 })(
    'the text reads back as they are, or there is none',
    (body, isWidget) => {
      const { widget_id: _, ...value } = body;
      const widgetId = isWidget ? idOf(1) : null;
      const written = writeComposed({ widgetId, value, note: (pointer) => `at ${pointer}` });
      // A text that YAML cannot carry, such as half a surrogate, or a key that reads as another one.
      if ('problem' in written) return;
      const read = parse(new TextEncoder().encode(written.text), 'fragment').value;
      expect(read).toEqual(isWidget ? { widget_id: widgetId, ...value } : value);
      const leaves = pointersIn(value).filter((pointer) => {
        const member = valueAt(value, fromPointer(pointer));
        return !isJsonObject(member) || Object.keys(member).length === 0;
      });
      expect(written.text.match(/ {2}# at /g)?.length ?? 0).toBeGreaterThanOrEqual(leaves.length);
    },
  );

  law.prop([anyBody])('of plain names and values there always is one', (body) => {
    expect(writeComposed({ widgetId: null, value: body, note: () => 'x' })).toHaveProperty('text');
  });
});
