import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json/json.ts';
import { editWidgetFile } from '../../../src/documents/edit/edit-widget.ts';
import { parse } from '../../../src/documents/parse/parse.ts';
import { law } from '../../support/law.ts';
import { inSoak } from '../../support/soak.ts';
import { hostileTexts, json, widgetFields } from '../arbitrary-widgets.ts';
import { read, style, widgetId, writeInStyle } from './write-in-style.ts';

const id = `widget_id: ${widgetId}\nwidget_type: chat\n`;

function edit(text: string, wanted: JsonObject): string {
  const edited = editWidgetFile(text, wanted);
  return 'text' in edited ? edited.text : `problem: ${edited.problem}`;
}

test('an edit of a file that is JSON leaves JSON', () => {
  const before = {
    widget_id: widgetId,
    widget_type: 'chat',
    name: null,
    user_opening_messages: ['a'],
  };
  const wanted = { name: 'Bea', user_opening_messages: ['p', 'q'], attributes: { dark: true } };
  const after = edit(JSON.stringify(before, null, 2), wanted);
  expect(JSON.parse(after)).toEqual({ ...before, ...wanted });
});

describe('an edit changes only what has to change', () => {
  test.each<[string, string, JsonObject, string]>([
    ['a plain text', 'name: Ava # hers', { name: 'Bea' }, 'name: Bea # hers'],
    ['spaces before a value', 'name:    Ava', { name: 'Bea' }, 'name:    Bea'],
    ['single quotes', "name: 'Ava'", { name: "It's Bea" }, "name: 'It''s Bea'"],
    ['double quotes', 'name: "Ava"', { name: 'Bea' }, 'name: "Bea"'],
    ['quotes that have to come', 'name: Ava', { name: 'yes' }, 'name: "yes"'],
    ['single quotes that cannot stay', "name: 'Ava'", { name: 'a\nb' }, 'name: "a\\nb"'],
    ['a text that was null', 'name: null # none', { name: 'Bea' }, 'name: Bea # none'],
    ['a text that becomes null', 'name: "Ava"', { name: null }, 'name: null'],
    ['nothing at all', 'name: # none', { name: 'Bea' }, 'name: Bea # none'],
    ['a flag', 'remove_branding: false', { remove_branding: true }, 'remove_branding: true'],
    [
      'a literal block with its header',
      'description: |- # why\n    one\n    two\n\nname: Ava',
      { description: 'one\nthree\n' },
      'description: | # why\n    one\n    three\n\nname: Ava',
    ],
    [
      'a block that needs an indicator',
      'description: |\n  one\nname: Ava',
      { description: ' one\ntwo\n' },
      'description: |2\n   one\n  two\nname: Ava',
    ],
    [
      'a folded block',
      'description: >-\n  one\n  two\nname: Ava',
      { description: 'one two\nthree' },
      'description: >-\n  one two\n\n  three\nname: Ava',
    ],
    [
      'a block that becomes null',
      'description: | # why\n  one\nname: Ava',
      { description: null },
      'description: null # why\nname: Ava',
    ],
    [
      'a plain text that gets lines',
      'description: one # why\nname: Ava',
      { description: 'one\ntwo' },
      'description: |- # why\n  one\n  two\nname: Ava',
    ],
    [
      'a leaf among comments',
      'style_params:\n  # left or right\n  position: left # now\n  offset: { x: 24, y: 24 }',
      { style_params: { position: 'right', offset: { x: 24, y: 8 } } },
      'style_params:\n  # left or right\n  position: right # now\n  offset: { x: 24, y: 8 }',
    ],
    [
      'a key that comes and one that goes, in lines',
      'attributes:\n  a: 1 # one\n  b: 2 # two\n  # below\nname: Ava',
      { attributes: { b: 2, c: { d: [1] } } },
      'attributes:\n  b: 2 # two\n  c:\n    d:\n      - 1\n  # below\nname: Ava',
    ],
    [
      'a key that comes and one that goes, in braces',
      'attributes: { a: 1, b: 2 } # both',
      { attributes: { b: 2, c: 'x, y' } },
      'attributes: { b: 2, c: "x, y" } # both',
    ],
    [
      'entries on lines of their own within brackets',
      'user_opening_messages: [\n  one, # 1\n  two # 2\n]',
      { user_opening_messages: ['one', 'two', 'three'] },
      'user_opening_messages: [\n  one, # 1\n  two, # 2\n  three\n]',
    ],
    [
      'one entry of several lines within brackets that goes',
      'user_opening_messages: [\n  one, # 1\n  two, # 2\n]',
      { user_opening_messages: ['one'] },
      'user_opening_messages: [\n  one, # 1\n]',
    ],
    [
      'one entry of a list',
      'user_opening_messages:\n- one # 1\n- "two"\n',
      { user_opening_messages: ['one', 'deux'] },
      'user_opening_messages:\n- one # 1\n- "deux"\n',
    ],
    [
      'an entry in the middle that goes',
      'user_opening_messages:\n  - one # 1\n  - two # 2\n  - three # 3',
      { user_opening_messages: ['one', 'three'] },
      'user_opening_messages:\n  - one # 1\n  - three # 3',
    ],
    [
      'entries at both ends that come',
      'user_opening_messages:\n  - one # 1\nname: Ava',
      { user_opening_messages: ['zero', 'one'] },
      'user_opening_messages:\n  - zero\n  - one # 1\nname: Ava',
    ],
    [
      'one entry that goes and another that changes',
      'user_opening_messages:\n  # greeting\n  - Hello # shown first\n  # do not touch\n  - By chatting you agree # legal\n  - "Bye" # last\n',
      { user_opening_messages: ['By chatting you agree', 'See you'] },
      'user_opening_messages:\n  # do not touch\n  - By chatting you agree # legal\n  - "See you" # last\n',
    ],
    [
      'two entries that come in the middle',
      `user_opening_messages: ["a", 'b', c] # three`,
      { user_opening_messages: ['a', 'x', 'b', 'y', 'c'] },
      `user_opening_messages: ["a", x, 'b', y, c] # three`,
    ],
    [
      'entries on lines that come, go and change at once',
      'user_opening_messages:\n- a # 1\n- b # 2\n- c # 3\n- d # 4\n- e # 5',
      { user_opening_messages: ['n', 'b', 'm', 'c', 'E', 'f'] },
      'user_opening_messages:\n- n # 1\n- b # 2\n- m\n- c # 3\n- E # 4\n- f # 5',
    ],
    [
      'a mapping of a list that changes where another goes',
      'action_buttons:\n- label: A # a\n  url: u\n- label: B # b\n  url: v\n- label: C # c\n  url: w\n',
      { action_buttons: [{ label: 'B', url: 'v2' }, { label: 'C', url: 'w2' }, 'new'] },
      'action_buttons:\n- label: B # b\n  url: v2\n- label: C # c\n  url: w2\n- new\n',
    ],
    [
      'the first key on a dash',
      'action_buttons:\n  - label: a\n    # where to\n    url: b',
      { action_buttons: [{ url: 'b' }] },
      'action_buttons:\n  -\n    # where to\n    url: b',
    ],
    [
      'a list that becomes empty',
      'user_opening_messages: # said first\n  - one\n  - two\nname: Ava',
      { user_opening_messages: [] },
      'user_opening_messages: [] # said first\nname: Ava',
    ],
    [
      'a mapping that is no longer empty',
      'attributes: {} # none\nname: Ava',
      { attributes: { a: 1 } },
      'attributes: {a: 1} # none\nname: Ava',
    ],
    [
      'a null that becomes a mapping',
      'style_params: null # none\nname: Ava',
      { style_params: { a: { b: 1 } } },
      'style_params: # none\n  a:\n    b: 1\nname: Ava',
    ],
    [
      'an alias, whose anchor stays',
      'name: &n Ava\ndisplay_name: *n # same',
      { name: 'Ava', display_name: 'Bea' },
      'name: &n Ava\ndisplay_name: Bea # same',
    ],
    [
      'an anchor, whose alias is to stay what it was',
      'name: &n Ava\ndisplay_name: *n # same',
      { name: 'Bea' },
      'name: &n Bea\ndisplay_name: Ava # same',
    ],
    [
      'an anchor, whose alias is to follow',
      'name: &n Ava\ndisplay_name: *n',
      { name: 'Bea', display_name: 'Bea' },
      'name: &n Bea\ndisplay_name: *n',
    ],
    [
      'an anchored key that goes, with its alias left behind',
      'attributes:\n  a: &a\n    x: 1\n  b: *a # again',
      { attributes: { b: { x: 1 } } },
      'attributes:\n  b: # again\n    x: 1',
    ],
    [
      'JSON',
      '{"name": "Ava", "attributes": {"a":1}}',
      { name: 'Bea', attributes: { a: [1, '2'] } },
      '{"name": "Bea", "attributes": {"a":[1, "2"]}}',
    ],
    ['a text with a tag', 'name: !!str 5 # five', { name: '6' }, 'name: !!str "6" # five'],
  ])('%s', (_, before, wanted, after) => {
    const isJson = before.startsWith('{');
    const full = (text: string) =>
      isJson
        ? text.replace('{', `{"widget_id": "${widgetId}", "widget_type": "chat", `)
        : id + text;
    expect(edit(full(before), wanted)).toBe(full(after));
  });

  test('a byte order mark, Windows line ends and a missing last one stay', () => {
    const text = `\ufeff${id}name: Ava # hers\ndescription: |\n  one\nattributes:\n  a: 1`;
    const wanted = { name: 'Bea', description: 'two\nthree\n', attributes: { a: 1, b: 'x\ny\n' } };
    const after = `\ufeff${id}name: Bea # hers\ndescription: |\n  two\n  three\nattributes:\n  a: 1\n  b: |\n    x\n    y`;
    const windows = (lines: string) => lines.replaceAll('\n', '\r\n');
    expect(edit(windows(text), wanted)).toBe(windows(after));
  });

  test('nothing changes where everything is as wanted', () => {
    const text = `${id}name:   'Ava'   # hers\nattributes: {a: 1e0,}\n\n\n`;
    expect(edit(text, { name: 'Ava', attributes: { a: 1 } })).toBe(text);
  });

  test('fields that the file does not declare come at its end', () => {
    expect(edit(`${id}# the end\n`, { name: 'Ava' })).toBe(`${id}name: Ava\n# the end\n`);
  });
});

describe('an edit that would not read back is refused', () => {
  test.each<[string, string, JsonObject, RegExp]>([
    ['a broken file', `${id}name: "`, { name: 'a' }, /not well-formed/],
    ['a merge conflict', `${id}<<<<<<< a\n`, { name: 'a' }, /merge conflict/],
    ['an empty file', '', { name: 'a' }, /./],
    ['a list', '- a\n', { name: 'a' }, /./],
    ['half a character', `${id}name: a`, { name: '\ud800' }, /half a character/],
    ['a rounded integer', `${id}attributes: {a: 1}`, { attributes: { a: 2 ** 60 } }, /rounded/],
    ['a value of a wrong type', `${id}name: a`, { name: ['a'] }, /name must be a text/],
    ['too much', `${id}name: a`, { name: 'x'.repeat(2 ** 20) }, /1 MiB/],
  ])('%s', (_, text, wanted, problem) => {
    expect(edit(text, wanted)).toMatch(problem);
    expect(edit(text, wanted)).toMatch(/^problem: /);
  });
});

/** The text of every field, from its name to the end of its value's last line. */
function linesOfFields(text: string): Map<string, string> {
  const { source, value, place } = parse(new TextEncoder().encode(text));
  const names = Object.keys(value ?? {});
  const starts = names.map((name) => source.offset(place(`/${name}`, 'key').start));
  return new Map(
    names.map((name, index) => {
      const block = source.text.slice(starts[index], starts[index + 1]);
      // Comments and empty lines above the next field.
      return [name, block.replace(/(\r?\n(#.*)?(?=\r?\n|$))+$/, '').trimEnd()];
    }),
  );
}

const edits = fc.tuple(widgetFields, widgetFields, style, fc.array(fc.nat(12), { maxLength: 5 }));

describe('whatever the style of a file', () => {
  law.prop([edits], { numRuns: 100 })(
    'the wanted values are what it reads as, and no other field is touched',
    ([fields, other, written, chosen]) => {
      const text = writeInStyle(fields, written);
      fc.pre(text !== null);
      const names = Object.keys(fields);
      const wanted = Object.fromEntries(
        chosen.flatMap((nth) => {
          const name = names[nth % names.length] ?? 'name';
          return Object.hasOwn(other, name) ? [[name, other[name] as Json]] : [];
        }),
      );
      const edited = edit(text ?? '', wanted);
      expect(read(edited)).toEqual({ widget_id: widgetId, ...fields, ...wanted });
      const before = linesOfFields(text ?? '');
      const after = linesOfFields(edited);
      for (const [name, lines] of before) {
        if (!isDeepStrictEqual(fields[name] ?? null, wanted[name] ?? fields[name] ?? null))
          continue;
        if (!Object.hasOwn(wanted, name)) expect(after.get(name)).toBe(lines);
      }
      const comments = (all: string) => all.match(/^#.*/gm) ?? [];
      expect(comments(edited)).toEqual(comments(text ?? ''));
      expect(edit(edited, wanted)).toBe(edited);
    },
  );

  law.prop([json, json, json, style], { numRuns: 60 })(
    'what aliases stand for changes only where it is meant to',
    (shared, one, two, written) => {
      const fields: JsonObject = {
        widget_type: 'chat',
        attributes: { first: shared, kept: one, again: shared },
        action_buttons: [shared, { deep: shared }],
        style_params: { last: shared },
      };
      const text = writeInStyle(fields, written);
      fc.pre(text !== null);
      const wanteds: JsonObject[] = [
        { attributes: { first: two, kept: one, again: shared } },
        { attributes: { kept: one, again: shared } },
        { attributes: {} },
        { attributes: { first: two, kept: one, again: two }, style_params: { last: two } },
        { action_buttons: [{ deep: two }] },
        { style_params: { last: [shared, two] } },
        { style_params: null, action_buttons: [shared] },
      ];
      for (const wanted of wanteds) {
        expect(read(edit(text ?? '', wanted))).toEqual({
          widget_id: widgetId,
          ...fields,
          ...wanted,
        });
      }
    },
  );

  const entries = fc.array(fc.oneof(fc.constantFrom<Json>('a', 'b', 'c d'), json), {
    maxLength: 7,
  });
  law.prop([entries, fc.array(fc.nat(9), { maxLength: 9 }), json, style])(
    'a list comes into any order, with what it says twice and what is new',
    (list, order, added, written) => {
      // The same value at several places is written as an anchor and its aliases.
      const again = order.map((nth) => list[nth] ?? added);
      const fields: JsonObject = {
        widget_type: 'chat',
        action_buttons: [...list, { nested: list }, ...list.slice(0, 2)],
      };
      const text = writeInStyle(fields, written);
      fc.pre(text !== null);
      for (const action_buttons of [
        again,
        [{ nested: again }, ...list],
        [...again, { nested: [] }],
      ]) {
        const edited = edit(text ?? '', { action_buttons });
        expect(read(edited)).toEqual({ widget_id: widgetId, ...fields, action_buttons });
      }
    },
  );

  const words = ['one', 'two', 'three', 'four', 'five', 'six'];
  const wantedWord = fc.constantFrom('keep', 'keep', 'drop', 'change', 'after', 'before');
  law.prop([
    fc.array(wantedWord, { minLength: words.length, maxLength: words.length }),
    fc.constantFrom('lines', 'mappings', 'brackets'),
    fc.constantFrom('\n', '\r\n'),
  ])('a comment stays beside the entry that it was written for', (fates, form, lineEnd) => {
    const isMapping = form === 'mappings';
    const entry = (word: string) => (isMapping ? { label: word, on: true } : word);
    const written = (word: string) => (isMapping ? `label: ${word} # ${word}\n    on: true` : word);
    const lines = words.map((word, at) => {
      if (form !== 'brackets') return `  - ${written(word)}${isMapping ? '' : ` # ${word}`}`;
      return `  ${word}${at === words.length - 1 ? '' : ','} # ${word}`;
    });
    const block = lines.join('\n');
    const list = form === 'brackets' ? ` [\n${block}\n]` : `\n${block}`;
    const text = `${id}action_buttons:${list}\nname: Ava\n`.replaceAll('\n', lineEnd);
    const wanted = words.flatMap((word, at): Json[] => {
      const fate = fates[at];
      if (fate === 'drop') return [];
      if (fate === 'change') return [isMapping ? { label: word, on: false } : `${word}!`];
      if (fate === 'after') return [entry(word), entry(`${word}+`)];
      return fate === 'before' ? [entry(`${word}-`), entry(word)] : [entry(word)];
    });
    const edited = edit(text, { action_buttons: wanted });
    expect(read(edited)?.['action_buttons']).toEqual(wanted);
    for (const [at, word] of words.entries()) {
      if (fates[at] === 'drop' || (fates[at] === 'change' && !isMapping)) continue;
      expect(edited).toMatch(new RegExp(`\\b${word},? +# ${word}\\b`));
    }
  });

  const scraps = [
    ...[
      'a',
      'b: ',
      'c: 1',
      ': ',
      '\n',
      '\n  ',
      '\n    ',
      ' ',
      '- ',
      '? ',
      '[',
      ']',
      '{',
      '}',
      ', ',
    ],
    ...[
      '"x"',
      "'y'",
      '&a ',
      '*a',
      '&b ',
      '*b',
      '!!str ',
      '!!map ',
      '! ',
      '|',
      '>-',
      '|2+',
      '#',
      ' # c',
    ],
    ...['\t', '\r\n', 'null', '5', '{a: 1}', '[b, c]', '\n  k: v', '\n  - v', '\n  # d'],
  ];
  law.prop([fc.array(fc.constantFrom(...scraps), { maxLength: 12 }), json, json], {
    numRuns: 400,
  })(
    'an edit of scraps of YAML gives exactly what was wanted, or says that it cannot',
    (parts, one, two) => {
      const text = `${id}attributes:\n  z: ${parts.join('')}\nname: &n x\n`;
      const before = read(text);
      fc.pre(before !== null);
      for (const wanted of [{ attributes: { z: one, k: two } }, { attributes: { k: one } }]) {
        const edited = editWidgetFile(text, wanted as JsonObject);
        if ('text' in edited) expect(read(edited.text)).toEqual({ ...before, ...wanted });
        else expect(edited.problem).not.toBe('');
      }
    },
  );

  const forms = [
    'name: x',
    "name: 'x'",
    'name: "x"',
    'name: |\n  x',
    'name: >+\n  x\n\n',
    'name: &a x',
  ];
  test.each(forms)('%j can carry every text', (form) => {
    const rests = ['', '\n', '\n# c\nbubble_text: y\n'];
    for (const [n, text] of hostileTexts.entries()) {
      for (const rest of inSoak ? rests : rests.slice(n % 3, (n % 3) + 1)) {
        const wanted = read(edit(id + form + rest, { name: text }));
        expect(wanted?.['name']).toBe(text);
      }
    }
  });
});
