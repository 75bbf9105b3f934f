// Bodies with every field that a picture reads, filled with what breaks whoever draws carelessly: markup,
// halves of characters, marks in piles, colours that are none, values of the wrong kind.

import fc from 'fast-check';
import type { Json, JsonObject } from '../../../src/base/json/json.ts';
import { widgetSchema } from '../../../src/model/widget-schema.ts';
import { json, text } from '../../documents/arbitrary-widgets.ts';

export const hostile: readonly string[] = [
  '<script>alert(1)</script>',
  '"/><image href="https://evil.example/x.svg"/>',
  ']]><!--',
  '&lt;&#0;&amp',
  "' onload='alert(1)",
  '\ud83d',
  '\udc00 half \ud83d',
  '\ufffe\uffff\u0000\u001b[31m',
  '\u202eevil\u202d\u2066x\u2069',
  `z${'\u0300'.repeat(500)}`,
  '👩‍👩‍👧‍👦'.repeat(200),
  '🇳🇴'.repeat(90),
  'x'.repeat(5000),
  'no-break\u00a0'.repeat(300),
  '中文没有空格。'.repeat(120),
  'สวัสดีค่ะ'.repeat(120),
  'مرحبا بكم في متجرنا '.repeat(60),
  'שלום <b>עולם</b>',
  '𝒳𐀀'.repeat(300),
  '-'.repeat(700),
  '）」。'.repeat(300),
  'url(#ground)',
  'red"/><script/>',
  'javascript:alert(1)',
];

const anyText = fc.oneof(fc.constantFrom(...hostile), text);
const any: fc.Arbitrary<Json> = fc.oneof({ weight: 3, arbitrary: anyText }, json);
const colour = fc.oneof(
  fc.constantFrom(
    '#fff',
    '#1F2937',
    'rgb(1 2 3 / 40%)',
    'oklch(0.7 0.1 200)',
    'transparent',
    'red',
  ),
  any,
);
const button = fc.oneof(
  fc.record(
    {
      label: any,
      link: any,
      icon: fc.oneof(fc.constantFrom('call', 'pdf', '__proto__', 'bot'), any),
    },
    { noNullPrototype: true, requiredKeys: [] },
  ),
  any,
);
const style = fc.record(
  {
    placeholder: any,
    sub_heading: any,
    ice_breaker_heading: any,
    cta: fc.oneof(
      fc.record({ heading: any, sub_heading: any }, { noNullPrototype: true, requiredKeys: [] }),
      any,
    ),
    header_name: any,
    logo: any,
    remove_branding: any,
    button_label: any,
    theme: fc.record({ magicBall: fc.record({ bgColor: colour }) }, { noNullPrototype: true }),
  },
  { noNullPrototype: true, requiredKeys: [] },
);

export const widgetTypes: readonly (string | null)[] = widgetSchema.properties.widget_type.enum;

export const hostileBody: fc.Arbitrary<JsonObject> = fc.record(
  {
    widget_type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...widgetTypes) }, any),
    name: any,
    display_name: any,
    intro_message: any,
    bubble_text: any,
    textbox_default_text: any,
    user_opening_messages: fc.oneof(fc.array(any, { maxLength: 30 }), any),
    action_buttons: fc.oneof(fc.array(button, { maxLength: 20 }), any),
    attributes: fc.oneof(fc.dictionary(anyText, json, { maxKeys: 9, noNullPrototype: true }), any),
    style_params: fc.oneof(style, any),
    remove_branding: any,
    header_color: colour,
    header_text_color: colour,
    user_message_color: colour,
    user_text_message_color: colour,
    bot_message_color: colour,
    bot_text_message_color: colour,
    ice_break_color: colour,
    action_buttons_color: colour,
    bot_icon_color: colour,
    bubble_color: colour,
  },
  { noNullPrototype: true, requiredKeys: ['widget_type'] },
) as fc.Arbitrary<JsonObject>;
