import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalJson,
  equalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  toPointer,
} from '../../../src/base/json/json.ts';
import {
  composeFragments,
  composeLayers,
  type Layer,
} from '../../../src/documents/compose/compose-layers.ts';
import { editOverFragments } from '../../../src/documents/edit/edit-over-fragments.ts';
import { type Overlay, overlayFor } from '../../../src/documents/edit/overlay.ts';
import { omitFields, pickFields, sameValue, valueAt } from '../../../src/model/value-at.ts';
import { law } from '../../support/law.ts';
import { few } from '../../support/soak.ts';
import { read, style, widgetId, writeInStyle } from './write-in-style.ts';

const layer = (value: JsonObject, file = '_brand.yaml'): Layer => ({ file, value });

/** What the text of a file says, apart from what is its alone. */
function overlayOf(text: string): Overlay {
  const { widget_id: _, extends: __, omit = [], ...own } = read(text) ?? {};
  return { own, omit: omit as string[] };
}

function composed(fragments: readonly Layer[], { own, omit }: Overlay): JsonObject {
  return composeLayers(fragments, omit, layer(own, 'ava.yaml'));
}

function edit(text: string, fragments: readonly Layer[], wanted: JsonObject): string {
  const { own, omit } = overlayOf(text);
  const written = { fragments, omit, own: layer(own, 'ava.yaml') };
  const edited = editOverFragments(text, written, wanted);
  return 'text' in edited ? edited.text : `problem: ${edited.problem}`;
}

describe('a file says the least over its fragments', () => {
  const brand = {
    widget_type: 'chat',
    header_color: '#14532d',
    bubble_text: 'Need a hand?',
    user_opening_messages: ['Hours', 'Prices'],
    style_params: { bubble: { size: 56, shadow: true }, width: 400 },
  };
  const head = `widget_id: ${widgetId}\nextends: _brand.yaml # ours\n`;

  test.each<[string, string, JsonObject, string]>([
    ['a field', '', { header_color: '#166534' }, 'header_color: "#166534"\n'],
    ['a field that becomes null', '', { header_color: null }, 'header_color: null\n'],
    [
      'a leaf',
      '',
      { style_params: { bubble: { size: 64, shadow: true }, width: 400 } },
      'style_params:\n  bubble:\n    size: 64\n',
    ],
    [
      'a whole list',
      '',
      { user_opening_messages: ['Hours', 'Prices', 'Jobs'] },
      'user_opening_messages:\n  - Hours\n  - Prices\n  - Jobs\n',
    ],
    [
      'a member more',
      '',
      { style_params: { bubble: { size: 56, shadow: true, side: 'left' }, width: 400 } },
      'style_params:\n  bubble:\n    side: left\n',
    ],
    [
      'a member less',
      'name: Ava\n',
      { style_params: { bubble: { size: 56 }, width: 400 } },
      'omit:\n  - /style_params/bubble/shadow\nname: Ava\n',
    ],
    [
      'a member less beside others',
      'omit: [/bubble_text] # quiet\n',
      { style_params: { bubble: { size: 56, shadow: true } } },
      'omit: [/bubble_text, /style_params/width] # quiet\n',
    ],
    [
      'nothing of all that is inherited',
      '',
      { style_params: {} },
      'omit:\n  - /style_params\nstyle_params: {}\n',
    ],
    [
      'other members only',
      '',
      { style_params: { theme: 'dark' } },
      'omit:\n  - /style_params\nstyle_params:\n  theme: dark\n',
    ],
    [
      'an object for null',
      'style_params: null\n',
      { style_params: { bubble: { size: 1, shadow: true }, width: 400 } },
      'style_params:\n  bubble:\n    size: 1\n',
    ],
    ['what is inherited again', 'header_color: red # loud\n', { header_color: '#14532d' }, ''],
    [
      'what is inherited again, within a mapping',
      'style_params: {bubble: {size: 60}}\nname: Ava\n',
      { style_params: { bubble: { size: 56, shadow: true }, width: 400 } },
      'name: Ava\n',
    ],
    [
      'what was omitted, as it is inherited',
      'omit: [/bubble_text, /style_params/width]\n',
      { style_params: { bubble: { size: 56, shadow: true }, width: 400 } },
      'omit: [/bubble_text]\n',
    ],
    [
      'what was omitted, and a member more',
      'omit: [/style_params]\nstyle_params: {theme: dark}\n',
      { style_params: { bubble: { size: 56, shadow: true }, width: 400, theme: 'dark' } },
      'style_params: {theme: dark}\n',
    ],
    [
      'what was omitted, with another value in it',
      'omit: [/bubble_text, /style_params]\n',
      { style_params: { bubble: { size: 64, shadow: true }, width: 400 } },
      'omit: [/bubble_text]\nstyle_params:\n  bubble:\n    size: 64\n',
    ],
    [
      'another value beside all that was omitted and is said again: that stays apart',
      'omit: [/style_params]\nstyle_params: {bubble: {size: 56, shadow: true}, width: 1}\n',
      { style_params: { bubble: { size: 56, shadow: true }, width: 2 } },
      'omit: [/style_params]\nstyle_params: {bubble: {size: 56, shadow: true}, width: 2}\n',
    ],
    [
      'what alone was omitted, as it is inherited',
      'omit: [/style_params/width]\nname: Ava\n',
      { style_params: { bubble: { size: 56, shadow: true }, width: 400 } },
      'name: Ava\n',
    ],
    [
      'what was omitted, otherwise than it is inherited',
      'omit: [/style_params/width]\n',
      { style_params: { bubble: { size: 56, shadow: true }, width: 390 } },
      'omit: [/style_params/width]\nstyle_params:\n  width: 390\n',
    ],
    [
      'beside what it repeats',
      'header_color: "#14532d"\nstyle_params: {width: 400, bubble: {size: 50}}\n',
      { style_params: { bubble: { size: 51, shadow: true }, width: 400 } },
      'header_color: "#14532d"\nstyle_params: {width: 400, bubble: {size: 51}}\n',
    ],
    [
      'no more than what is wanted: nothing',
      'header_color: "#14532d"\n',
      {},
      'header_color: "#14532d"\n',
    ],
  ])('%s', (_, more, wanted, expected) => {
    const edited = edit(head + more, [layer(brand)], wanted);
    expect(edited).toBe(head + expected);
    expect(composed([layer(brand)], overlayOf(edited))).toMatchObject(wanted);
  });

  test('a file that is JSON stays JSON', () => {
    const written = { widget_id: widgetId, extends: ['_brand.yaml'], name: 'Ava' };
    const wanted = { style_params: { bubble: { size: 64 } }, header_color: null };
    const edited = edit(JSON.stringify(written, null, 2), [layer(brand)], wanted);
    expect(JSON.parse(edited)).toEqual({
      ...written,
      omit: ['/style_params'],
      header_color: null,
      style_params: { bubble: { size: 64 } },
    });
    expect(Object.keys(JSON.parse(edited)).slice(0, 3)).toEqual(['widget_id', 'extends', 'omit']);
  });

  test('a file that is otherwise than it was composed of is not edited', () => {
    const of = { fragments: [layer(brand)], omit: [], own: layer({ name: 'Ava' }, 'ava.yaml') };
    for (const text of ['name: Bea\n', 'name: Ava\nomit: [/bubble_text]\n']) {
      expect(editOverFragments(head + text, of, { name: 'Cleo' })).toEqual({
        problem: 'it was changed in the meantime; try again',
      });
    }
  });

  test('a value that no file can hold is refused', () => {
    expect(edit(head, [layer(brand)], { name: '\ud800' })).toMatch(/^problem: .*half a character/);
  });
});

// Few names and values, so that layers meet; and names that pointers have to escape.
const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'a/b', '~', '');
const scalar = fc.constantFrom<Json>(null, 1, 2, 'x', 'a: b', [], [1], [{ a: 1 }]);
const { object, value } = fc.letrec<{ object: JsonObject; value: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 2, depthSize: 'small' }, scalar, tie('object')),
  object: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 3 })
    .map((members) => Object.fromEntries(members)),
}));
const body = fc.record(
  {
    widget_type: fc.constantFrom('chat', 'sms'),
    name: fc.constantFrom(null, 'Ava', '#1'),
    header_color: fc.constantFrom(null, 'red', '#fff'),
    user_opening_messages: fc.constantFrom([], ['a'], ['a', 'b: c']),
    action_buttons: fc.array(value, { maxLength: 2 }),
    attributes: object,
    style_params: fc.oneof(object, object, fc.constant(null)),
    sync: fc.constantFrom({ drift: 'report' }, { reason: 'x' }),
  },
  { requiredKeys: [], noNullPrototype: true },
) as fc.Arbitrary<JsonObject>;
const fields = fc.constantFrom('attributes', 'style_params');
const pointers = fc.uniqueArray(
  fc
    .tuple(fields, fc.array(name, { maxLength: 3 }))
    .map(([first, path]) => toPointer([first, ...path])),
  { maxLength: 3 },
);

/** A change of a composed body: which place of it, and what comes there; absent: it goes. */
const change = fc.record({ at: fc.nat(40), to: fc.option(value, { nil: undefined }) });

type World = typeof world extends fc.Arbitrary<infer Drawn> ? Drawn : never;

const world = fc.record({
  fragments: fc
    .array(body, { minLength: 1, maxLength: 3 })
    .map((bodies) => bodies.map((one, n) => layer(one, `_${n}.yaml`))),
  own: body,
  omit: pointers,
  style,
  changes: fc.array(change, { maxLength: 3 }),
  other: body,
});

/** The free settings of a body with changes that dashboards make: a member less, more, or another. */
function changed(
  whole: JsonObject,
  changes: readonly { at: number; to: Json | undefined }[],
): JsonObject {
  return changes.reduce((from, { at, to }) => {
    const places = ['attributes', 'style_params'].flatMap((field) =>
      membersOf(from[field], [field]),
    );
    const path = places[at % (places.length || 1)];
    return path === undefined ? from : (withValue(from, path, to) as JsonObject);
  }, whole);
}

/** Of each object, its members and one that it has not. */
function membersOf(within: Json | undefined, path: string[]): string[][] {
  if (!isJsonObject(within)) return [];
  return [
    [...path, 'new'],
    ...Object.keys(within).flatMap((key) => [
      [...path, key],
      ...membersOf(valueAt(within, [key]), [...path, key]),
    ]),
  ];
}

function withValue(within: Json | undefined, [key, ...rest]: string[], to: Json | undefined): Json {
  const entries = Object.entries(isJsonObject(within) ? within : {});
  if (key === undefined) return to ?? null;
  if (rest.length === 0 && to === undefined) {
    return Object.fromEntries(entries.filter(([name]) => name !== key));
  }
  const inner = valueAt(Object.fromEntries(entries), [key]);
  return Object.fromEntries([...entries, [key, withValue(inner, rest, to)]]);
}

/** Each overlay that says one thing less of what it did not say before. */
function lesser(before: Overlay, { own, omit }: Overlay): Overlay[] {
  const leaves = (of: Json | undefined, path: string[]): string[][] =>
    isJsonObject(of) && Object.keys(of).length > 0
      ? Object.keys(of).flatMap((key) => leaves(valueAt(of, [key]), [...path, key]))
      : [path];
  const isNew = (path: string[]) => !sameValue(valueAt(before.own, path), valueAt(own, path));
  return [
    ...omit
      .filter((pointer) => !before.omit.includes(pointer))
      .map((pointer) => ({ own, omit: omit.filter((one) => one !== pointer) })),
    ...leaves(own, [])
      .filter(isNew)
      .map((path) => ({ own: withValue(own, path, undefined) as JsonObject, omit })),
  ];
}

/** What is wanted of a file that is otherwise as the fields of a composed body say. */
const kinds: readonly [string, (spec: JsonObject, world: World) => JsonObject][] = [
  ['some members', (spec, { changes }) => changed(spec, changes)],
  ['whole fields', (_, { other }) => omitFields(other, { sync: null })],
  [
    'both',
    (spec, { changes, other }) =>
      changed({ ...spec, ...omitFields(other, { sync: null }) }, changes),
  ],
];

describe.each(kinds)('where another value is wanted of %s', (_, wantedOf) => {
  law.prop([world], { numRuns: few(350, { soak: 10_000 }) })(
    'the composed file reads back as wanted, and where nothing is wanted no byte changes',
    (drawn) => {
      const { fragments, own, omit } = drawn;
      const fields = { extends: ['_0.yaml'], ...(omit.length > 0 ? { omit } : {}), ...own };
      const text = writeInStyle(fields, drawn.style);
      fc.pre(text !== null);
      const whole = composed(fragments, { own, omit });
      const spec = omitFields(whole, { sync: null });
      expect(edit(text ?? '', fragments, spec)).toBe(text);

      const wanted = wantedOf(spec, drawn);
      const edited = edit(text ?? '', fragments, wanted);
      expect(canonicalJson(composed(fragments, overlayOf(edited)))).toBe(
        canonicalJson({ ...whole, ...wanted }),
      );
      expect(edit(edited, fragments, wanted)).toBe(edited);
    },
  );

  law.prop([world], { numRuns: few(1000, { soak: 10_000 }) })(
    'nothing of what comes into the file could be left out',
    (drawn) => {
      const { fragments, own, omit } = drawn;
      const spec = omitFields(composed(fragments, { own, omit }), { sync: null });
      const wanted = wantedOf(spec, drawn);
      const overlay = overlayFor(composeFragments(fragments), { own, omit }, wanted);
      for (const less of lesser({ own, omit }, overlay)) {
        expect(equalJson(pickFields(composed(fragments, less), wanted), wanted)).toBe(false);
      }
    },
  );
});
