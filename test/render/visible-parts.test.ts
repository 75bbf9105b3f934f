// What visitors will see of a plan: by the table of faces, in words and in numbers.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { countVisible, visibleParts, visibleWords } from '../../src/render/visible-parts.ts';
import { accountOf, changed, documentOf, recordOf, viewsOf } from '../plan/fixtures.ts';

function planOf(...edits: (readonly [before: JsonObject, after: JsonObject])[]) {
  return makePlan(
    viewsOf({
      desired: edits.map(([, after], n) => documentOf(n, after)),
      records: edits.map(([before], n) => recordOf(documentOf(n, before))),
      live: accountOf(edits.map(([before], n) => [n, before])),
    }),
    changed,
  );
}

describe('the parts that a change paints anew', () => {
  test.each<[string, JsonObject, JsonObject, string[]]>([
    ['a colour', { header_color: '#111' }, { header_color: '#222' }, ['header']],
    [
      'two fields of one part',
      { header_color: '#111', display_name: 'A' },
      { header_color: '#222', display_name: 'B' },
      ['header'],
    ],
    ['what nobody sees', { name: 'A', description: 'x' }, { name: 'B', description: 'y' }, []],
    [
      'a field that another one stands before',
      { bubble_color: '#111', bot_icon_color: '#222' },
      { bubble_color: '#333', bot_icon_color: '#222' },
      [],
    ],
    ['a field that is released', { bubble_text: 'Hi', name: 'A' }, { name: 'A' }, ['bubble-card']],
    [
      'a style that only one face knows, in an object that is new',
      {},
      { style_params: { sub_heading: 'Ask', cta: { heading: 'x' } } },
      ['header', 'suggestions'],
    ],
    [
      'a colour of suggestions that there are none of',
      { ice_break_color: '#111' },
      { ice_break_color: '#222' },
      [],
    ],
    [
      'suggestions that come with their colour',
      { user_opening_messages: [] },
      { user_opening_messages: ['Hi'], ice_break_color: '#222' },
      ['suggestions'],
    ],
    [
      'a message of a channel',
      { widget_type: 'sms', header_color: '#111', intro_message: 'a' },
      { widget_type: 'sms', header_color: '#222', intro_message: 'b' },
      ['intro'],
    ],
    [
      'another type of the same scene',
      { widget_type: 'chat' },
      { widget_type: 'leadconnector' },
      [],
    ],
  ])('%s', (_, before, after, parts) => {
    const [change] = planOf([before, after]).changes;
    expect(change === undefined ? null : visibleParts(change).sort()).toEqual(parts.sort());
  });

  test('of another scene are all of them', () => {
    const [change] = planOf([{ widget_type: 'chat' }, { widget_type: 'web_call' }]).changes;
    expect(change && visibleParts(change).sort()).toEqual(['ball', 'branding', 'header']);
  });
});

test('widgets and parts are counted, and parts that are few are named', () => {
  const plan = planOf(
    [{ header_color: '#111' }, { header_color: '#222' }],
    [
      { display_name: 'A', bot_message_color: '#111' },
      { display_name: 'B', bot_message_color: '#222' },
    ],
    [{ name: 'A' }, { name: 'B' }],
  );
  expect(countVisible(plan)).toEqual({ widgets: 2, parts: 3 });
  expect(visibleWords(plan)).toBe(
    'Visible to visitors: 2 widgets, 3 parts (header, assistant bubble)',
  );
});

test.each<[string, ReturnType<typeof planOf>, string | null]>([
  ['only what nobody sees', planOf([{ name: 'A' }, { name: 'B' }]), 'Visible to visitors: nothing'],
  ['nothing', planOf([{ name: 'A' }, { name: 'A' }]), null],
])('where a plan changes %s', (_, plan, words) => {
  expect(visibleWords(plan)).toBe(words);
});
