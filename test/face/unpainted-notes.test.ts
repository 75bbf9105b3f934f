import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { unpaintedNotes } from '../../src/face/unpainted-notes.ts';

const colours = { header_color: 'red', bubble_color: 'blue' };

describe('what is declared and paints nothing', () => {
  test.each<[string, JsonObject, string]>([
    [
      'a field that another one goes before',
      { bubble_color: 'blue', bot_icon_color: 'red' },
      'bubble_color is not painted while bot_icon_color is declared',
    ],
    [
      'a placeholder that is said twice',
      { textbox_default_text: 'Ask', style_params: { placeholder: 'Ask me' } },
      'textbox_default_text is not painted while style_params.placeholder is declared',
    ],
    [
      'looks of a call in the browser',
      { widget_type: 'web_call', ...colours, display_name: 'Reception', bubble_text: 'Talk' },
      'header_color, bubble_color, display_name, bubble_text are not painted: a call in the browser takes its looks from style_params',
    ],
    [
      'colours of a messenger',
      { widget_type: 'whatsapp', ...colours },
      'header_color, bubble_color are not painted: the channel shows messages in its own look',
    ],
    [
      'colours of a telephone',
      { widget_type: 'phone', header_color: 'red' },
      'header_color is not painted: a telephone shows no window',
    ],
    [
      'the launcher of a hosted page',
      { widget_type: 'html', bubble_text: 'Talk' },
      'bubble_text is not painted: a hosted page has no launcher',
    ],
    [
      'the address of a button under another name',
      { action_buttons: [{ label: 'Book', url: 'https://shop.example' }] },
      'action_buttons[0].url is not read',
    ],
    [
      'a setting of style that no script reads',
      { style_params: { position: 'left', placeholder: 'Ask', cta: { heading: 'Hi', size: 4 } } },
      'style_params.position, style_params.cta.size are not read',
    ],
    [
      'colours that only the other face paints',
      { header_text_color: 'red', header_color: 'blue', style_params: { sub_heading: 'Hello' } },
      'header_text_color is painted by the classic face only',
    ],
  ])('%s', (_, body, summary) => {
    const notes = unpaintedNotes({ widget_type: 'chat', ...body });
    expect(notes.map((note) => note.summary)).toEqual([summary]);
    expect(notes[0]?.pointers.length).toBeGreaterThan(0);
    expect(notes[0]?.detail).toMatch(/\.$/);
  });

  test('names that are long, or many, are cut', () => {
    const long = Object.fromEntries(Array.from({ length: 9 }, (_, n) => ['x'.repeat(500) + n, 1]));
    const [note] = unpaintedNotes({ widget_type: 'chat', style_params: long });
    expect(note?.summary).toMatch(/…, 5 more are not read$/);
    expect(note?.summary.length).toBeLessThan(300);
  });

  test.each<[string, JsonObject]>([
    ['nothing', {}],
    ['a classic chat', { ...colours, header_text_color: 'white', ice_break_color: 'red' }],
    ['nothing but empty values', { widget_type: 'web_call', header_color: null, bubble_text: '' }],
    [
      'buttons as the scripts read them',
      { action_buttons: [{ label: 'A', link: 'b', icon: 'pdf' }] },
    ],
    ['buttons that are no sets of fields', { action_buttons: ['A', 4, null] }],
    [
      'settings that are read',
      { style_params: { auto_open_widget: true, show_reset_button: false } },
    ],
    [
      'settings of a channel of which nothing is known',
      { widget_type: 'sms', style_params: { a: 1 } },
    ],
    [
      'a ball',
      { widget_type: 'web_call', style_params: { theme: { magicBall: { bgColor: 'red' } } } },
    ],
    ['a style that is no set of fields', { style_params: null }],
    [
      'a colour of chips beside one of buttons',
      { ice_break_color: 'red', action_buttons_color: 'red' },
    ],
    ['both names of a telephone', { widget_type: 'phone', display_name: 'A', name: 'B' }],
  ])('no note for %s', (_, body) => {
    expect(unpaintedNotes({ widget_type: 'chat', ...body })).toEqual([]);
  });
});
