// Each field that a visitor sees changes the picture when it alone changes, and has its number there;
// each one that nobody sees is named as such.
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json/json.ts';
import { fromPointer } from '../../../src/base/json/json.ts';
import { paintedIn, sceneOf, slotsOf } from '../../../src/face/faces.ts';
import { type Face, scenes } from '../../../src/face/slots.ts';
import { fieldName } from '../../../src/model/field-name.ts';
import { bodyFields } from '../../../src/model/widget.ts';
import { linesBeneath } from '../../../src/render/picture/lines-beneath.ts';
import { markChanges } from '../../../src/render/picture/mark-changes.ts';
import { draw } from './draw.ts';
import { widgetTypes } from './hostile-bodies.ts';

const buttons = [{ label: 'Track', link: 'https://shop.example', icon: 'call' }];
const shared: JsonObject = { user_opening_messages: ['Hello?'], action_buttons: buttons };
const newFace: JsonObject = { ...shared, style_params: { sub_heading: 'We are here.' } };

/** Two values that a place may hold, of its kind. */
function valuesOf(pointer: string): readonly [Json, Json] {
  const name = fromPointer(pointer).at(-1) ?? '';
  if (/color$/i.test(name)) return ['#0f766e', '#7c2d12'];
  if (name === 'remove_branding') return [false, true];
  if (name === 'user_opening_messages') return [['Hello?'], ['Hello?', 'Where is it?']];
  if (name === 'action_buttons') return [buttons, [{ label: 'Track', icon: 'pdf' }]];
  if (name === 'attributes') return [{ hours: '9–5' }, { hours: '8–6' }];
  // A logo is never fetched: that there is one is all that shows.
  if (name === 'logo') return ['', 'https://shop.example/logo.png'];
  return ['One text', 'Another'];
}

function withValue(
  body: JsonObject,
  [name = '', ...rest]: readonly string[],
  value: Json,
): JsonObject {
  const inner = body[name];
  const within = typeof inner === 'object' && inner !== null ? (inner as JsonObject) : {};
  return { ...body, [name]: rest.length === 0 ? value : withValue(within, rest, value) };
}

/** The new face is that of chats: other scenes have the one. */
function facesOf(type: string): readonly Face[] {
  return ['window', 'page'].includes(sceneOf(type)) ? ['classic', 'new'] : ['classic'];
}

/** Every place that paints in a scene of a type, with each face. */
const painted = Object.keys(scenes).flatMap((type) =>
  facesOf(type).flatMap((face) =>
    slotsOf(sceneOf(type), face).flatMap(([slot, { from }]) =>
      from.map((pointer) => ({ type, face, slot, pointer })),
    ),
  ),
);

describe.each(Object.keys(scenes))('%s', (type) => {
  const places = painted.filter((one) => one.type === type);
  test.each(places)('$pointer paints $slot ($face)', ({ slot, pointer, face }) => {
    const others: JsonObject = { widget_type: type, ...(face === 'new' ? newFace : shared) };
    const [one, other] = valuesOf(pointer);
    const segments = fromPointer(pointer);
    const before = withValue(others, segments, one);
    const after = withValue(others, segments, other);
    expect(paintedIn(slot, after, face).from).toBe(pointer);
    expect(draw(after)).not.toBe(draw(before));
    const { legend, notInPicture, marks } = markChanges(before, after);
    expect(notInPicture).toEqual([]);
    expect(legend.length).toBeGreaterThan(0);
    expect([...marks.values()]).toEqual([legend.map(({ number }) => number)]);
  });
});

describe('a colour', () => {
  const text = (color: string) => ({
    widget_type: 'chat',
    user_message_color: '#000000',
    user_text_message_color: color,
  });

  test('that lets its ground through is painted as it is seen there', () => {
    expect(draw(text('rgb(255 255 255 / 50%)'))).toBe(draw(text('#808080')));
  });

  test('that is none paints nothing: the default shows', () => {
    expect(draw(text('blue-ish'))).toBe(draw(text('#ffffff')));
  });

  test('that the new face does not read is white in its header', () => {
    const header = (color: string) => ({
      ...newFace,
      widget_type: 'chat',
      header_text_color: color,
    });
    expect(draw(header('#123456'))).toBe(draw(header('#ffffff')));
  });
});

describe('what nobody sees', () => {
  test.each([
    ['name', 'Shop', 'Store'],
    ['description', 'a', 'b'],
    ['org_id', null, '7d1f5b0e-9a63-4c1e-b3d5-52f0c8a4e611'],
    ['assistant_id', null, '7d1f5b0e-9a63-4c1e-b3d5-52f0c8a4e611'],
    ['attributes', { a: 1 }, { a: 2 }],
    ['style_params', { auto_open_widget: true }, { auto_open_widget: false }],
    ['style_params', {}, { show_reset_button: true }],
  ] as const)('%s is not in the picture of a chat', (name, one, other) => {
    const before = { widget_type: 'chat', [name]: one as Json };
    const { legend, notInPicture } = markChanges(before, { ...before, [name]: other as Json });
    expect({ legend, size: notInPicture.length }).toEqual({ legend: [], size: 1 });
    expect(notInPicture[0]).toContain(name);
  });

  test('a field that another one stands before', () => {
    const before = { widget_type: 'chat', bot_icon_color: '#111111', bubble_color: '#222222' };
    const after = { ...before, bubble_color: '#333333' };
    expect(markChanges(before, after).notInPicture).toEqual(['bubble_color']);
    expect(linesBeneath(after)).toContain(
      'bubble_color is not painted while bot_icon_color is declared.',
    );
  });
});

test('each field of a widget paints in some scene, or is named among those that do not', () => {
  const paints = new Set(painted.map(({ pointer }) => fromPointer(pointer)[0]));
  const unseen = bodyFields.filter((name) => !paints.has(name));
  expect(unseen).toEqual(['widget_type', 'org_id', 'assistant_id', 'description']);
});

describe('the type', () => {
  test.each(widgetTypes)('%s has a picture', (widgetType) => {
    const svg = draw({ widget_type: widgetType });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="400" height="640"/);
    expect(svg).toContain('<title>Widget without a name, ');
  });

  test('changes the picture as a whole where it is drawn otherwise', () => {
    const before = { widget_type: 'sms', intro_message: 'Hi' };
    const { marks, legend } = markChanges(before, { ...before, widget_type: 'whatsapp' });
    expect([...marks]).toEqual([['all', [1]]]);
    expect(legend).toEqual([
      { number: 1, field: 'widget_type', kind: 'text', before: 'sms', after: 'whatsapp' },
    ]);
  });

  test('is not in the picture where it is drawn alike', () => {
    const before = { widget_type: 'chat' };
    const { notInPicture } = markChanges(before, { widget_type: 'leadconnector' });
    expect(notInPicture).toEqual([fieldName('/widget_type')]);
  });
});
