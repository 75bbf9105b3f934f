import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closestName } from '../../src/base/suggest-name.ts';
import { bodyFields } from '../../src/model/widget.ts';
import { law } from '../support/law.ts';

describe('the name that was meant', () => {
  test.each([
    ['header_colour', 'header_color'],
    ['headerColor', 'header_color'],
    ['Header-Color', 'header_color'],
    ['header color', 'header_color'],
    ['displayname', 'display_name'],
    ['Display_Name', 'display_name'],
    ['widgettype', 'widget_type'],
    ['nmae', 'name'],
    ['bot_mesage_color', 'bot_message_color'],
    ['style_param', 'style_params'],
  ])('%s is %s', (written, meant) => {
    expect(closestName(written, ['widget_type', ...bodyFields])).toBe(meant);
  });

  test.each(['zzzz', 'x', '', 'greeting', 'webhook_url', 'temperature'])(
    'is not guessed for %j',
    (written) => {
      expect(closestName(written, bodyFields)).toBeNull();
    },
  );

  test('is not looked for in a text that is no name', () => {
    const text = 'name '.repeat(100);
    expect(closestName(text, [text])).toBeNull();
  });

  test('is none where there are no names', () => {
    expect(closestName('name', [])).toBeNull();
  });

  test('has its letters swapped rather than others', () => {
    expect(closestName('rtae', ['state', 'rate'])).toBe('rate');
  });

  test('is the first of several that are as near', () => {
    expect(closestName('ab', ['abc', 'abd'])).toBe('abc');
    expect(closestName('ab', ['abd', 'abc'])).toBe('abd');
  });

  law.prop([fc.constantFrom(...bodyFields)])('is the name itself, in any spelling', (name) => {
    expect(closestName(name, bodyFields)).toBe(name);
    expect(closestName(name.toUpperCase(), bodyFields)).toBe(name);
  });

  law.prop([fc.constantFrom(...bodyFields.filter((name) => name.length > 5)), fc.nat()])(
    'survives a letter that was left out',
    (name, at) => {
      const place = at % name.length;
      const written = name.slice(0, place) + name.slice(place + 1);
      expect(closestName(written, [name])).toBe(name);
    },
  );
});
