import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { hexOfRgb, ratioText } from '../../src/face/colour.ts';
import { lowContrasts, pairs } from '../../src/face/contrast.ts';
import { law } from '../support/law.ts';
import { inSoak } from '../support/soak.ts';

/** Only the new face reads it. */
const ofNewFace = { style_params: { sub_heading: 'We answer within an hour' } };
const chips = { user_opening_messages: ['Hours?'] };
const buttons = { action_buttons: [{ label: 'Book', link: 'https://shop.example' }] };

/** As words: `header 4.4 of 4.5: header_color #767676`. */
function lowIn(body: JsonObject): string[] {
  return lowContrasts({ widget_type: 'chat', ...body }).map(
    ({ pair, ratio, least, suggestion: { pointer, hex } }) =>
      `${pair} ${ratioText(ratio)} of ${least}: ${pointer.slice(1)} ${hex}`,
  );
}

describe('each pair', () => {
  test.each<[string, JsonObject, string]>([
    [
      'header',
      { header_text_color: '#9ca3af', header_color: '#e5e7eb' },
      'header 2.0 of 4.5: header_text_color #626873',
    ],
    [
      'header, over the default ground',
      { header_text_color: '#1e40af' },
      'header 2.3 of 4.5: header_text_color #040073',
    ],
    [
      'header, under the default text, which is white',
      { header_color: '#f9a8d4' },
      'header 1.8 of 4.5: header_color #a85e88',
    ],
    [
      "assistant's messages",
      { bot_text_message_color: '#9ca3af', bot_message_color: '#e5e7eb' },
      "assistant's messages 2.0 of 4.5: bot_text_message_color #626873",
    ],
    [
      "assistant's messages, under the default text, which is black",
      { bot_message_color: '#1f2937' },
      "assistant's messages 1.4 of 4.5: bot_message_color #6a7586",
    ],
    [
      "visitor's messages",
      { user_text_message_color: 'white', user_message_color: '#16a34a' },
      "visitor's messages 3.2 of 4.5: user_message_color #00893a",
    ],
    [
      "visitor's messages, over the default ground",
      { user_text_message_color: '#fff' },
      "visitor's messages 3.7 of 4.5: user_message_color #2d72e6",
    ],
    [
      'opening suggestions',
      { ...chips, ice_break_color: '#dcfce7' },
      'opening suggestions 1.0 of 4.5: ice_break_color #617d6b',
    ],
    [
      'opening suggestions in white, for which there is no ground to move',
      { ...chips, ice_break_color: '#fff' },
      'opening suggestions 1.0 of 4.5: ice_break_color #767676',
    ],
    [
      'action buttons',
      { ...buttons, action_buttons_color: '#fde68a' },
      'action buttons 1.2 of 4.5: action_buttons_color #8b7506',
    ],
    [
      'action buttons, whose colour is that of the suggestions',
      { ...buttons, ice_break_color: '#dcfce7' },
      'action buttons 1.0 of 4.5: ice_break_color #617d6b',
    ],
    ['launcher', { bot_icon_color: '#4ade80' }, 'launcher 1.7 of 3: bot_icon_color #00ab56'],
    [
      'white on the header of the new face, which its suggestions share',
      { ...chips, ...ofNewFace, header_color: '#93c5fd', header_text_color: '#000' },
      'header 1.8 of 4.5: header_color #4a79ad',
    ],
    [
      'a translucent text, laid over its ground',
      { header_text_color: 'rgb(0 0 0 / 30%)', header_color: '#fff' },
      'header 2.0 of 4.5: header_text_color #767676',
    ],
  ])('%s', (_, body, words) => {
    expect(lowIn(body)).toEqual([words]);
  });

  test('is in the table above', () => {
    expect(pairs.map(({ name }) => name)).toEqual([
      'header',
      "assistant's messages",
      "visitor's messages",
      'opening suggestions',
      'action buttons',
      'launcher',
    ]);
  });
});

describe('nothing is said of', () => {
  test.each<[string, JsonObject]>([
    ['a file without colours', {}],
    ['colours that are set to nothing', { user_message_color: null, user_text_message_color: '' }],
    ['what is no colour', { header_color: 'blue-ish', header_text_color: '#fff' }],
    ['a colour that is no text', { header_color: 7, user_message_color: ['red'] }],
    ['suggestions that the file has none of', { ice_break_color: '#dcfce7' }],
    ['an emptied list of suggestions', { ice_break_color: '#eee', user_opening_messages: [] }],
    ['buttons that the file has none of', { action_buttons_color: '#eee' }],
    ['a launcher without one', { widget_type: 'html', bot_icon_color: '#eee' }],
    ['a stand-in that no script was seen to read', { bubble_color: '#eee' }],
    [
      'what the new face does not paint',
      { ...chips, ...ofNewFace, ice_break_color: '#eee', header_text_color: '#000' },
    ],
    ['a call in the browser', { widget_type: 'web_call', header_color: '#eee' }],
    ['a messenger', { widget_type: 'whatsapp', user_message_color: '#eee' }],
    ['what is just enough', { header_color: '#767676' }],
  ])('%s', (_, body) => {
    expect(lowIn(body)).toEqual([]);
  });
});

test('a colour that chips and buttons share is told once', () => {
  expect(lowIn({ ...chips, ...buttons, ice_break_color: '#dcfce7' })).toHaveLength(1);
});

const byte = fc.integer({ min: 0, max: 255 });
const colour = fc
  .tuple(byte, byte, byte)
  .map((rgb) => hexOfRgb(rgb))
  .chain((hex) => fc.constantFrom(hex, `${hex}80`, 'white', 'black'));
const coloured = fc.record(
  {
    header_color: colour,
    header_text_color: colour,
    bot_message_color: colour,
    bot_text_message_color: colour,
    user_message_color: colour,
    user_text_message_color: colour,
    ice_break_color: colour,
    action_buttons_color: colour,
    bot_icon_color: colour,
  },
  { requiredKeys: [] },
);

law.prop([coloured], { numRuns: inSoak ? 5000 : 800 })(
  'whoever takes every suggestion over has nothing left to mend',
  (colours) => {
    const body: JsonObject = { widget_type: 'chat', ...chips, ...buttons, ...colours };
    const taken = lowContrasts(body).map(({ suggestion: { pointer, hex } }) => [
      pointer.slice(1),
      hex,
    ]);
    expect(lowContrasts({ ...body, ...Object.fromEntries(taken) })).toEqual([]);
  },
);
