import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { isPainted, paintedIn, partOf, sceneOf } from '../../src/face/faces.ts';
import { colourFields, scenes, slots } from '../../src/face/slots.ts';
import { bodyFields } from '../../src/model/widget.ts';
import { bodySchemas } from '../../src/model/widget-fields.ts';

describe('scenes', () => {
  test.each((bodySchemas.get('widget_type')?.enum ?? []).map((type) => [type]))(
    'the type %s has one',
    (type) => {
      if (typeof type === 'string') expect(Object.keys(scenes)).toContain(type);
      else expect(sceneOf(type)).toBe('window');
    },
  );

  test('what is no type has that of a chat', () => {
    expect(['constructor', 'fax', 4, undefined].map((type) => sceneOf(type))).toEqual(
      Array(4).fill('window'),
    );
  });
});

test('every field of the body paints somewhere, or is known not to be in any picture', () => {
  expect(bodyFields.filter((name) => !isPainted(`/${name}`))).toEqual([
    'widget_type',
    'org_id',
    'assistant_id',
    'description',
  ]);
  for (const { from } of Object.values(slots)) {
    for (const pointer of from) expect(bodyFields).toContain(pointer.split('/')[1]);
  }
});

test('the colours are the fields that the schema calls colours', () => {
  expect([...colourFields].sort()).toEqual(bodyFields.filter((n) => n.endsWith('_color')).sort());
});

describe('the part that a field paints', () => {
  const openings = { user_opening_messages: ['Hours?'] };
  const buttons = { action_buttons: [{ label: 'Book', link: 'https://shop.example' }] };
  test.each<[string, string, JsonObject, string | null]>([
    ['the header', '/header_color', {}, 'header'],
    ['an entry of a list', '/user_opening_messages/0', openings, 'suggestions'],
    ['the chips', '/ice_break_color', openings, 'suggestions'],
    ['only the buttons, where there are no chips', '/ice_break_color', buttons, 'buttons'],
    ['nothing, where there are neither', '/ice_break_color', {}, null],
    [
      'nothing, where the buttons have a colour of their own',
      '/ice_break_color',
      { ...buttons, action_buttons_color: 'red' },
      null,
    ],
    ['the launcher', '/bubble_color', {}, 'launcher'],
    ['nothing beside bot_icon_color', '/bubble_color', { bot_icon_color: 'red' }, null],
    [
      'the launcher beside a bot_icon_color of null',
      '/bubble_color',
      { bot_icon_color: null },
      'launcher',
    ],
    ['the text box', '/textbox_default_text', {}, 'textbox'],
    [
      'nothing beside a placeholder',
      '/textbox_default_text',
      { style_params: { placeholder: 'Ask' } },
      null,
    ],
    ['the text box', '/style_params/placeholder', {}, 'textbox'],
    ['nothing', '/style_params/position', {}, null],
    ['nothing in a call in the browser', '/header_color', { widget_type: 'web_call' }, null],
    ['the ball', '/style_params/theme/magicBall/bgColor', { widget_type: 'web_call' }, 'ball'],
    ['no launcher on a hosted page', '/bot_icon_color', { widget_type: 'html' }, null],
    ['the header of a phone', '/display_name', { widget_type: 'whatsapp' }, 'header'],
    ['the name stands in for it', '/name', { widget_type: 'phone' }, 'header'],
    ['nothing in a chat', '/name', {}, null],
  ])('%s: %s', (_, pointer, body, part) => {
    expect(partOf(pointer, { widget_type: 'chat', ...body })).toBe(part);
  });

  test('the new face paints other fields', () => {
    const body = { widget_type: 'chat', ...openings, ...buttons };
    const painted = (name: string) => [partOf(`/${name}`, body), partOf(`/${name}`, body, 'new')];
    expect(painted('header_text_color')).toEqual(['header', null]);
    expect(painted('ice_break_color')).toEqual(['suggestions', null]);
    expect(painted('action_buttons_color')).toEqual(['buttons', null]);
    expect(painted('style_params/sub_heading')).toEqual([null, 'header']);
  });
});

describe('what stands in a slot', () => {
  test.each<[string, JsonObject, unknown]>([
    [
      'the declared value',
      { bot_icon_color: '#123456', bubble_color: 'red' },
      ['#123456', '/bot_icon_color'],
    ],
    [
      'the one that stands in',
      { bot_icon_color: '', bubble_color: 'red' },
      ['red', '/bubble_color'],
    ],
    ["the vendor's default", { bot_icon_color: null }, ['#3b81f6', null]],
  ])('%s', (_, body, expected) => {
    const { value, from } = paintedIn('launcherGround', body);
    expect([value, from]).toEqual(expected);
  });

  test('the new face has defaults of its own', () => {
    expect(paintedIn('assistantGround', {}).value).toBe('#f1f1f0');
    expect(paintedIn('assistantGround', {}, 'new').value).toBe('#e2edff');
  });
});
