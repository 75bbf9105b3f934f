import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { buildScene } from '../../../src/render/picture/build-scene.ts';
import { linesBeneath } from '../../../src/render/picture/lines-beneath.ts';
import { markChanges } from '../../../src/render/picture/mark-changes.ts';
import { renderPicture } from '../../../src/render/picture/render-picture.ts';
import { readSvg } from '../../support/strict-svg.ts';

const before: JsonObject = {
  widget_type: 'chat',
  assistant_id: null,
  name: 'Fernwood',
  header_color: '#14532d',
  intro_message: 'Hi!',
  user_opening_messages: ['Where is my order?', 'Which boots?'],
  ice_break_color: '#166534',
  bubble_text: 'Need a hand?',
  bot_icon_color: '#166534',
};
const after: JsonObject = {
  ...before,
  assistant_id: 'b84c2f0a-6e1d-4f57-9c38-1a7be02d94f3',
  header_color: 'blue-ish',
  intro_message: 'Winter sale',
  user_opening_messages: ['Where is my order?', 'Tents'],
  ice_break_color: 'rgb(154 52 18)',
  remove_branding: true,
  bubble_text: '',
  bot_icon_color: '#9a3412',
};

describe('a change', () => {
  const { marks, legend, notInPicture } = markChanges(before, after);

  test('is numbered from top to bottom', () => {
    expect(legend.map(({ number, field, kind }) => [number, field, kind])).toEqual([
      [1, 'header_color', 'colour'],
      [2, 'intro_message', 'text'],
      [3, 'user_opening_messages', 'list'],
      [4, 'ice_break_color', 'colour'],
      [5, 'remove_branding', 'other'],
      [6, 'bubble_text', 'text'],
      [7, 'bot_icon_color', 'colour'],
    ]);
    expect(notInPicture).toEqual(['assistant_id']);
  });

  test('has the same numbers in both pictures, and one badge for several fields of a part', () => {
    const badges = [before, after].map((body) => {
      const { texts } = readSvg(renderPicture(buildScene(body), marks));
      return texts.filter((text) => /^[\d ]+$/.test(text));
    });
    expect(badges).toEqual([
      ['1', '2', '3 4', '5', '6', '7'],
      ['1', '2', '3 4', '5', '6', '7'],
    ]);
  });

  test('says what was where nothing is any more', () => {
    const { texts } = readSvg(renderPicture(buildScene(after), marks));
    expect(texts).toEqual(expect.arrayContaining(['no branding', 'no text']));
    expect(readSvg(renderPicture(buildScene(after))).texts).not.toContain('no text');
  });

  test('has outlines of 2.5 px, dashed, and none without marks', () => {
    const outlines = (svg: string) => svg.match(/stroke-width="2.5" stroke-dasharray="7 4"/g) ?? [];
    expect(outlines(renderPicture(buildScene(before), marks))).toHaveLength(6);
    expect(outlines(renderPicture(buildScene(before)))).toHaveLength(0);
  });

  test('has both values of a colour as a screen shows them', () => {
    expect(legend[0]).toMatchObject({ swatches: { before: '#14532d', after: null } });
    expect(legend[3]).toMatchObject({ swatches: { before: '#166534', after: '#9a3412' } });
  });

  test('says of a list what came and what went', () => {
    expect(legend[2]).toMatchObject({ went: ['Which boots?'], came: ['Tents'] });
  });
});

test('an entry that is there twice, and then once, went once', () => {
  const [entry] = markChanges(
    { widget_type: 'chat', user_opening_messages: ['a', 'a', 'b'] },
    { widget_type: 'chat', user_opening_messages: ['b', 'a'] },
  ).legend;
  expect(entry).toMatchObject({ went: ['a'], came: [] });
});

test('of a button it is told where it leads', () => {
  const button = (link: string) => ({ action_buttons: [{ label: 'Shop', link }] });
  const [entry] = markChanges(
    { widget_type: 'chat', ...button('https://old.example') },
    { widget_type: 'chat', ...button('https://new.example') },
  ).legend;
  expect(entry).toMatchObject({
    went: ['Shop (https://old.example)'],
    came: ['Shop (https://new.example)'],
  });
});

test('settings that come as one mapping paint each for itself', () => {
  const { legend, notInPicture } = markChanges(
    { widget_type: 'chat' },
    { widget_type: 'chat', style_params: { placeholder: 'Write', offset: { x: 1 } } },
  );
  expect(legend).toMatchObject([{ field: 'style_params.placeholder', after: 'Write' }]);
  expect(notInPicture).toEqual(['style_params.offset.x']);
});

test('many numbers on one part are told by the first and the last', () => {
  const attributes = (n: number) => ({ a: n, b: n, c: n, d: n });
  const bodies = [1, 2].map((n) => ({ widget_type: 'phone', attributes: attributes(n) }));
  const [one = {}, other = {}] = bodies;
  const { marks } = markChanges(one, other);
  expect(readSvg(renderPicture(buildScene(other), marks)).texts).toContain('1–4');
});

describe('beneath a picture', () => {
  test('stands what the dashboard keeps', () => {
    expect(linesBeneath({ widget_type: 'sms', intro_message: 'Hi' })).toEqual([
      'not declared here, kept as the dashboard has it: name, display_name, user_opening_messages',
      'drawn as the channel shows a message; phones and versions differ',
    ]);
  });

  test('no field counts as kept where one that goes before it is declared', () => {
    const [kept = ''] = linesBeneath({ widget_type: 'chat', bot_icon_color: '#111111' });
    expect(kept).toMatch(/^not declared here/);
    expect(kept).not.toMatch(/bubble_color|bot_icon_color/);
    expect(kept).toContain('bubble_text');
  });

  test('stands how far it is to be believed', () => {
    const lines = linesBeneath({ widget_type: 'web_call', header_color: '#0e7490' });
    expect(lines[0]).toMatch(/^header_color is not painted/);
    expect(lines.at(-1)).toBe('as the public script of 2025-08 paints it');
  });
});
