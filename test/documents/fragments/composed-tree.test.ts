import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { registerSecret } from '../../../src/base/secrets.ts';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import type { LoadedTree, Problem } from '../../../src/model/document.ts';
import { hashSpec, sha256 } from '../../../src/model/widget.ts';
import { widgetId } from '../../support/sandbox.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

type Files = Readonly<Record<string, string>>;

/** A tree of these files below a folder with `.git`; the widget directory is `widgets` in it. */
function treeOf(files: Files) {
  const top = temporaryDirectory();
  put(top, '.git/HEAD', 'ref: refs/heads/main\n');
  put(top, 'widgets/.keep', '');
  for (const [name, text] of Object.entries(files)) put(top, `widgets/${name}`, text);
  const directory = openWidgetDirectory(join(top, 'widgets'));
  return { top, directory, tree: directory.load() };
}

const widget = (n: number, more = '') => `widget_id: ${widgetId(n)}\n${more}`;
const told = ({ problems }: LoadedTree) =>
  problems
    .filter(({ file }) => file !== '.')
    .map(({ file, range, code, summary }) => {
      const { line, column } = range.start;
      return `${file}:${line}:${column} ${code}: ${summary}`;
    });
const heldIn = ({ held }: LoadedTree) =>
  Object.fromEntries(held.map(({ file, code, message }) => [file, `${code}: ${message}`]));

describe('a file with fragments', () => {
  const files = {
    '_brand.yaml':
      'widget_type: chat\nheader_color: "#14532d"\nstyle_params: {bubble: {size: 56}}\n',
    'prod/_ava.yaml': 'extends: ../_brand.yaml\nbubble_text: Need a hand?\nsync: {drift: report}\n',
    'prod/ava.yaml': widget(
      1,
      'extends: [_ava.yaml]\nomit: [/bubble_text]\nstyle_params: {bubble: {shadow: true}}\nsync: {ignore: [/name]}\n',
    ),
  };

  test('declares what it inherits, and what it says itself', () => {
    const { tree } = treeOf(files);
    const spec = {
      widget_type: 'chat',
      header_color: '#14532d',
      style_params: { bubble: { size: 56, shadow: true } },
    } as const;
    expect(told(tree)).toEqual([]);
    expect(tree.documents).toEqual([
      {
        file: 'prod/ava.yaml',
        widgetId: widgetId(1),
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        extends: ['_ava.yaml'],
        hash: hashSpec(spec),
        spec,
        sync: { drift: 'report', ignore: ['/name'] },
      },
    ]);
    expect(tree.fragments).toEqual([
      { file: '_brand.yaml', widgets: ['prod/ava.yaml'] },
      { file: 'prod/_ava.yaml', widgets: ['prod/ava.yaml'] },
    ]);
  });

  test('has the hash of a flat file with the same body', () => {
    const { tree } = treeOf({
      ...files,
      'flat.yaml': widget(
        2,
        'widget_type: chat\nheader_color: "#14532d"\nstyle_params: {bubble: {shadow: true, size: 56}}\n',
      ),
    });
    const [flat, ava] = tree.documents;
    expect(ava?.hash).toBe(flat?.hash);
    expect(flat?.extends).toBeUndefined();
    expect(flat?.digest).toBe(
      sha256(
        widget(
          2,
          'widget_type: chat\nheader_color: "#14532d"\nstyle_params: {bubble: {shadow: true, size: 56}}\n',
        ),
      ),
    );
  });

  test('may extend what lies above the widget directory, and in a folder of fragments', () => {
    const top = temporaryDirectory();
    put(top, '.git/HEAD', 'ref: refs/heads/main\n');
    put(top, '_base.yaml', 'widget_type: chat\n');
    put(top, '_shared/brand.yaml', 'extends: ../_base.yaml\nname: Brand\n');
    put(top, 'prod/ava.yaml', widget(1, 'extends: ../_shared/brand.yaml\n'));
    const { documents, fragments } = openWidgetDirectory(join(top, 'prod')).load();
    expect(documents[0]?.spec).toEqual({ widget_type: 'chat', name: 'Brand' });
    expect(fragments.map(({ file }) => file)).toEqual(['../_base.yaml', '../_shared/brand.yaml']);
  });

  test('the diamond: what one fragment changes stands, though the next extends the same base', () => {
    const { tree } = treeOf({
      '_brand.yaml': 'widget_type: chat\nheader_color: "#00ff00"\nbubble_text: Hi\n',
      '_dark.yaml': 'extends: _brand.yaml\nheader_color: "#000000"\n',
      '_holiday.yaml': 'extends: _brand.yaml\nbubble_text: Ho ho\n',
      'ava.yaml': widget(1, 'extends: [_dark.yaml, _holiday.yaml]\n'),
    });
    expect(tree.documents[0]?.spec).toMatchObject({
      header_color: '#000000',
      bubble_text: 'Ho ho',
    });
    expect(told(tree)).toEqual([]);
  });

  test('a fragment that suspends holds all that extend it, and says until when', () => {
    const { tree } = treeOf({
      '_client.yaml':
        'widget_type: chat\nsync: {suspend: true, reason: contract ended, until: 2999-01-01}\n',
      'a.yaml': widget(1, 'extends: _client.yaml\n'),
      'b.yaml': widget(2, 'extends: _client.yaml\nomit: [/sync/suspend, /sync/until]\n'),
    });
    expect(heldIn(tree)).toEqual({
      'a.yaml': 'suspended: contract ended, until 2999-01-01T00:00:00.000Z',
    });
    expect(tree.held[0]?.waiting).toMatchObject({ file: 'a.yaml', extends: ['_client.yaml'] });
    expect(tree.nextUntil).toEqual(new Date('2999-01-01'));
    expect(tree.documents.map(({ file }) => file)).toEqual(['b.yaml']);
  });

  test.each([
    ['says so', 'sync: {suspend: false}\n'],
    ['omits the suspension', 'omit: [/sync/suspend]\n'],
  ])('one that opts out is kept, and of the end nothing is told: it %s', (_, more) => {
    const { tree } = treeOf({
      '_client.yaml': `${base}sync: {suspend: true, reason: over, until: 2999-01-01}\n`,
      'a.yaml': widget(1, 'extends: _client.yaml\n'),
      'b.yaml': widget(2, `extends: _client.yaml\n${more}`),
    });
    expect(told(tree)).toEqual([]);
    expect(tree.documents.map(({ file }) => file)).toEqual(['b.yaml']);
    expect(tree.held.map(({ file }) => file)).toEqual(['a.yaml']);
  });

  test('an end with nothing to end is told, in the file that calls it off or where nobody suspends', () => {
    const summary = 'no-effect: sync.until has no effect without suspend: true';
    const { tree } = treeOf({
      '_off.yaml': `${base}sync: {suspend: false, until: 2999-01-01}\n`,
      '_end.yaml': `${base}sync:\n  until: 2999-01-01\n`,
      'a.yaml': widget(1, 'extends: _off.yaml\n'),
      'b.yaml': widget(2, 'extends: _end.yaml\n'),
    });
    expect(told(tree)).toEqual([`_end.yaml:3:10 ${summary}`, `_off.yaml:2:31 ${summary}`]);
  });

  test('an end that has passed is told where it stands, once', () => {
    const { tree } = treeOf({
      '_client.yaml': 'widget_type: chat\nsync:\n  suspend: true\n  until: 2020-01-01\n',
      'a.yaml': widget(1, 'extends: _client.yaml\n'),
      'b.yaml': widget(2, 'extends: _client.yaml\n'),
    });
    expect(told(tree)).toEqual([
      '_client.yaml:4:10 no-effect: sync.until has passed: the widget is no longer suspended',
    ]);
    expect(tree.documents).toHaveLength(2);
  });

  test('_ files that nobody names stay unread', () => {
    const { tree } = treeOf({
      '_old.yaml': ': [ no YAML',
      'a.yaml': widget(1, 'widget_type: chat\n'),
    });
    expect([told(tree), tree.fragments]).toEqual([[], []]);
  });
});

type Row = [string, Files, string[], Files];

const base = 'widget_type: chat\n';

describe('what is wrong is told where it is mended', () => {
  test.each<Row>([
    [
      'a fragment that is not there, with the nearest name',
      { '_brand.yaml': base, 'a.yaml': widget(1, 'extends:\n  - _brnd.yaml\n') },
      ['a.yaml:3:5 missing-fragment: there is no file _brnd.yaml'],
      { 'a.yaml': 'missing-fragment: there is no file _brnd.yaml' },
    ],
    [
      'one that a fragment names in vain: there, once',
      {
        '_brand.yaml': `extends: _base.yaml\n${base}`,
        'a.yaml': widget(1, 'extends: _brand.yaml\n'),
        'b.yaml': widget(2, 'extends: _brand.yaml\n'),
        'c.yaml': widget(3, base),
      },
      ['_brand.yaml:1:10 missing-fragment: there is no file _base.yaml'],
      {
        'a.yaml': 'broken-fragment: _brand.yaml, line 1: there is no file _base.yaml',
        'b.yaml': 'broken-fragment: _brand.yaml, line 1: there is no file _base.yaml',
      },
    ],
    [
      'outside of the source root',
      { 'a.yaml': widget(1, `extends: ../../_x.yaml\n`) },
      ['a.yaml:2:10 fragment-outside: ../../_x.yaml leads out of the source root'],
      { 'a.yaml': 'fragment-outside: ../../_x.yaml leads out of the source root' },
    ],
    [
      'a widget file is no fragment: no id is inherited',
      {
        'a.yaml': widget(1, 'extends: b.yaml\n'),
        'b.yaml': widget(2, base),
      },
      ['a.yaml:2:10 not-a-fragment: b.yaml is no fragment by its name'],
      { 'a.yaml': 'not-a-fragment: b.yaml is no fragment by its name' },
    ],
    [
      'widget_id and omit in a fragment',
      {
        '_x.yaml': `${base}${widget(2)}omit: [/name]\n`,
        'a.yaml': widget(1, 'extends: _x.yaml\n'),
      },
      [
        '_x.yaml:2:1 fragment-field: a fragment cannot say widget_id',
        '_x.yaml:3:1 fragment-field: a fragment cannot say omit',
      ],
      {
        'a.yaml': 'broken-fragment: _x.yaml, line 2: a fragment cannot say widget_id (and 1 more)',
      },
    ],
    [
      'a field that stands twice in a fragment',
      {
        '_x.yaml': `${base}name: a\nname: b\n`,
        'a.yaml': widget(1, 'extends: _x.yaml\n'),
      },
      ['_x.yaml:3:1 duplicate-key: name stands twice'],
      { 'a.yaml': 'broken-fragment: _x.yaml, line 3: name stands twice' },
    ],
    [
      'a name of a field, and its nearest',
      { '_x.yaml': `${base}header_colour: red\n`, 'a.yaml': widget(1, 'extends: _x.yaml\n') },
      ['_x.yaml:2:1 unknown-field: unknown field header_colour'],
      { 'a.yaml': 'broken-fragment: _x.yaml, line 2: unknown field header_colour' },
    ],
    [
      'an empty fragment: what it declared before would be released',
      { '_x.yaml': '', 'a.yaml': widget(1, `extends: _x.yaml\n${base}`) },
      ['_x.yaml:1:1 not-a-mapping: the fragment is empty'],
      { 'a.yaml': 'broken-fragment: _x.yaml, line 1: the fragment is empty' },
    ],
    [
      'a ring, from wherever it is entered',
      {
        '_b.yaml': 'extends: [_a.yaml]\n',
        '_a.yaml': `extends: _b.yaml\n${base}`,
        'a.yaml': widget(1, 'extends: _a.yaml\n'),
        'b.yaml': widget(2, 'extends: _b.yaml\n'),
      },
      ['_b.yaml:1:11 extends-cycle: the fragment extends itself'],
      {
        'a.yaml': 'broken-fragment: _b.yaml, line 1: the fragment extends itself',
        'b.yaml': 'broken-fragment: _b.yaml, line 1: the fragment extends itself',
      },
    ],
    [
      'what only the whole lacks: in the widget file',
      { '_x.yaml': 'name: Brand\n', 'a.yaml': widget(1, 'extends: _x.yaml\n') },
      ['a.yaml:1:1 missing-field: widget_type is missing'],
      { 'a.yaml': 'missing-field: widget_type is missing' },
    ],
    [
      'a type that the file omits: at the entry',
      { '_x.yaml': base, 'a.yaml': widget(1, 'extends: _x.yaml\nomit: [/name, /widget_type]\n') },
      [
        'a.yaml:3:8 no-effect: "/name" is not inherited',
        'a.yaml:3:15 missing-field: widget_type is omitted, and every widget needs one',
      ],
      { 'a.yaml': 'missing-field: widget_type is omitted, and every widget needs one' },
    ],
    [
      'its own errors first',
      { '_x.yaml': 'nope: 1\n', 'a.yaml': widget(1, 'extends: _x.yaml\nnope: 1\n') },
      [
        '_x.yaml:1:1 unknown-field: unknown field nope',
        'a.yaml:3:1 unknown-field: unknown field nope',
      ],
      { 'a.yaml': 'unknown-field: unknown field nope' },
    ],
    [
      'a fragment that is named twice',
      {
        '_dark.yaml': `extends: _x.yaml\n${base}`,
        '_x.yaml': 'name: x\n',
        'a.yaml': widget(1, 'extends: [_dark.yaml, _x.yaml, _dark.yaml]\n'),
      },
      [
        'a.yaml:2:23 no-effect: _x.yaml is extended already',
        'a.yaml:2:32 no-effect: _dark.yaml is extended already',
      ],
      {},
    ],
    [
      'a pointer of omit that nothing inherits',
      {
        '_x.yaml': `${base}bubble_text: Hi\n`,
        'a.yaml': widget(1, 'extends: _x.yaml\nomit: [/bubble_txt, /name, /bubble_text/x]\n'),
      },
      [
        'a.yaml:3:8 no-effect: "/bubble_txt" is not inherited',
        'a.yaml:3:21 no-effect: "/name" is not inherited',
        'a.yaml:3:28 no-effect: "/bubble_text/x" is not inherited',
      ],
      {},
    ],
    [
      'omit in a file that extends nothing',
      { 'a.yaml': widget(1, `${base}omit: [/name]\n`) },
      ['a.yaml:3:8 no-effect: "/name" is not inherited'],
      {},
    ],
    [
      'omit of an entry of a list, or of everything',
      {
        '_x.yaml': `${base}user_opening_messages: [Hi]\nattributes: {l: [1, 2]}\n`,
        'a.yaml': widget(1, 'extends: _x.yaml\nomit: [/user_opening_messages/0, ""]\n'),
        'b.yaml': widget(2, 'extends: _x.yaml\nomit: [/attributes/l/0]\n'),
      },
      [
        'a.yaml:3:8 invalid-value: "/user_opening_messages/0" leads into a list',
        'a.yaml:3:34 invalid-value: "" would omit all that is inherited',
        'b.yaml:3:8 invalid-value: "/attributes/l/0" leads into a list',
      ],
      {
        'a.yaml': 'invalid-value: "/user_opening_messages/0" leads into a list (and 1 more)',
        'b.yaml': 'invalid-value: "/attributes/l/0" leads into a list',
      },
    ],
    [
      'a comment that swallows what a file extends',
      { 'a.yaml': widget(1, `${base}extends: #_x.yaml\n`) },
      ['a.yaml:3:10 swallowed-comment: extends is null: what follows # is a comment'],
      { 'a.yaml': 'swallowed-comment: extends is null: what follows # is a comment' },
    ],
    [
      'extends that is no path',
      { 'a.yaml': widget(1, `${base}extends: {a: 1}\n`) },
      ['a.yaml:3:10 wrong-type: extends must be a text or a list, not a set of fields'],
      { 'a.yaml': 'wrong-type: extends must be a text or a list, not a set of fields' },
    ],
  ])('%s', (_, files, problems, held) => {
    const { tree } = treeOf(files);
    expect(told(tree)).toEqual(problems);
    expect(heldIn(tree)).toEqual(held);
  });

  test.each([
    ['extends', 'a path, such as ../_brand.yaml'],
    ['omit', 'pointers, such as [/bubble_text]'],
  ])('%s that is null: the API has no say in it', (name, expected) => {
    const { tree } = treeOf({ 'a.yaml': widget(1, `${base}${name}:\n`) });
    const [problem] = tree.problems;
    expect(problem?.detail).toContain(`Write ${expected}, or remove the line.`);
    expect(problem?.detail).not.toContain('API');
  });

  test('an id in a fragment is that of a widget file', () => {
    const { tree } = treeOf({
      '_x.yaml': `${base}id: ${widgetId(1)}\n`,
      'a.yaml': widget(1, 'extends: _x.yaml\n'),
    });
    expect(tree.problems[0]).toMatchObject({
      code: 'read-only-field',
      detail: 'Remove it; each widget file says its widget_id.',
    });
  });

  test('what no fragment declares is told with their names', () => {
    const { tree } = treeOf({
      '_house.yaml': 'name: House\n',
      '_brand.yaml': 'extends: _house.yaml\n',
      'a.yaml': widget(1, 'extends: _brand.yaml\n'),
    });
    expect(tree.problems[0]?.detail).toMatch(
      /^Neither the file nor a fragment that it extends \(_house\.yaml, _brand\.yaml\) declares widget_type\./,
    );
  });

  test('an empty object over an inherited one takes nothing away, and says so', () => {
    const house = `${base}style_params: {placeholder: Ask, bubble: {size: 56}}\nattributes: {}\n`;
    const at = (n: number, more: string) => widget(n, `extends: _x.yaml\n${more}`);
    const { tree } = treeOf({
      '_x.yaml': house,
      'a.yaml': at(1, 'style_params: {}\n'),
      'b.yaml': at(2, 'style_params:\n  bubble: {}\n'),
      'c.yaml': at(3, 'style_params: {}\nomit: [/style_params]\n'),
      'd.yaml': at(4, 'style_params: {none: {}}\nattributes: {}\n'),
      'e.yaml': at(5, 'style_params: {}\nsync: {allow: [no-effect]}\n'),
    });
    expect(told(tree)).toEqual([
      'a.yaml:3:15 no-effect: {} takes nothing from the inherited "/style_params"',
      'b.yaml:4:11 no-effect: {} takes nothing from the inherited "/style_params/bubble"',
    ]);
    expect(tree.problems[0]?.detail).toContain('write /style_params under omit as well');
    expect(tree.documents.map(({ spec }) => spec.style_params)).toEqual([
      ...[1, 2].map(() => ({ placeholder: 'Ask', bubble: { size: 56 } })),
      {},
      { placeholder: 'Ask', bubble: { size: 56 }, none: {} },
      { placeholder: 'Ask', bubble: { size: 56 } },
    ]);
  });

  describe('that nobody gives a type', () => {
    const typeless = (...names: string[]) =>
      Object.fromEntries(names.map((name, n) => [name, widget(n + 1, 'extends: _x.yaml\n')]));
    const typed = (n: number) => widget(n, 'extends: _x.yaml\nwidget_type: sms\n');
    const lacks = 'missing-field: widget_type is missing';

    test.each<readonly [string, Files, readonly string[]]>([
      [
        'is told once at the fragment that most files lack it from',
        { '_x.yaml': 'name: X\n', ...typeless('a.yaml', 'b.yaml', 'c.yaml'), 'd.yaml': typed(9) },
        [`_x.yaml:1:1 ${lacks}`],
      ],
      [
        'is told in the files where most others say it themselves',
        {
          '_x.yaml': 'name: X\n',
          ...typeless('a.yaml', 'b.yaml'),
          'c.yaml': typed(8),
          'd.yaml': typed(9),
        },
        [`a.yaml:1:1 ${lacks}`, `b.yaml:1:1 ${lacks}`],
      ],
      [
        'is told in a file that is alone',
        { '_x.yaml': 'name: X\n', ...typeless('a.yaml') },
        [`a.yaml:1:1 ${lacks}`],
      ],
      [
        'is told at the nearest of fragments that reach as many, and beside it in a file with a mistake of its own',
        {
          '_y.yaml': 'name: Y\n',
          '_x.yaml': 'extends: _y.yaml\n',
          ...typeless('a.yaml', 'b.yaml', 'c.yaml'),
          'd.yaml': widget(9, 'extends: _x.yaml\nomit: [/style_params/0]\ncolour: red\n'),
        },
        [`_x.yaml:1:1 ${lacks}`, 'd.yaml:4:1 unknown-field: unknown field colour'],
      ],
      [
        'is told at each of two brands of one house, where a third brand has it',
        {
          '_house.yaml': 'name: House\n',
          ...Object.fromEntries(
            ['oak', 'elm', 'fir', 'yew'].flatMap((brand, b) => [
              [`_${brand}.yaml`, `extends: _house.yaml\n${b > 1 ? 'widget_type: chat\n' : ''}`],
              [`${brand}-1.yaml`, widget(2 * b + 1, `extends: _${brand}.yaml\n`)],
              [`${brand}-2.yaml`, widget(2 * b + 2, `extends: _${brand}.yaml\n`)],
            ]),
          ),
        },
        [`_elm.yaml:1:1 ${lacks}`, `_oak.yaml:1:1 ${lacks}`],
      ],
    ])('%s', (_, files, expected) => {
      const { tree } = treeOf(files);
      expect(told(tree)).toEqual(expected);
      const errors = tree.problems.filter(({ severity }) => severity === 'error');
      const held = new Set(errors.flatMap(({ file, affects }) => affects?.files ?? [file]));
      expect(tree.held.map(({ file }) => file)).toEqual([...held].sort());
    });
  });

  test('says how many widgets it holds, and names the first 20', () => {
    const many = Array.from({ length: 41 }, (_, n) => [
      `w${String(n).padStart(2, '0')}.yaml`,
      widget(n + 1, 'extends: _x.yaml\n'),
    ]);
    const { tree } = treeOf({ '_x.yaml': 'widget_type: chta\n', ...Object.fromEntries(many) });
    const [problem, ...more] = tree.problems.filter(({ file }) => file !== '.');
    expect(more).toEqual([]);
    expect(problem).toMatchObject({
      file: '_x.yaml',
      code: 'invalid-value',
      affects: { count: 41 },
    });
    expect(problem?.affects?.files).toEqual(many.slice(0, 20).map(([name]) => name));
    expect(tree.held.map(({ code }) => code)).toEqual(many.map(() => 'broken-fragment'));
    expect(tree.fragments[0]?.widgets).toHaveLength(41);
  });

  test('contrast is told of the whole, once at the fragment that has the field', () => {
    const { tree } = treeOf({
      '_x.yaml': `${base}header_color: "#ffffff"\n`,
      'a.yaml': widget(1, 'extends: _x.yaml\nheader_text_color: "#eeeeee"\n'),
      'b.yaml': widget(2, 'extends: _x.yaml\nheader_text_color: "#eeeeee"\n'),
      'c.yaml': widget(
        3,
        'extends: _x.yaml\nheader_text_color: "#eeeeee"\nsync: {allow: [low-contrast]}\n',
      ),
      'd.yaml': widget(4, 'extends: _x.yaml\nheader_text_color: "#000000"\n'),
    });
    const low = tree.problems.filter(({ code }) => code === 'low-contrast');
    expect(tree.documents).toHaveLength(4);
    const places = low.map(({ file, range }: Problem) => `${file}:${range.start.line}`);
    // The colour of the text is what would do: it is each file's own.
    expect(places).toEqual(['a.yaml:3', 'b.yaml:3']);
  });

  test('a colour that is none is told at the fragment, with those that have it', () => {
    const { tree } = treeOf({
      '_x.yaml': `${base}header_color: grene\n`,
      'a.yaml': widget(1, 'extends: _x.yaml\n'),
      'b.yaml': widget(2, 'extends: _x.yaml\n'),
      'c.yaml': widget(3, 'extends: _x.yaml\nheader_color: green\n'),
    });
    const found = tree.problems.filter(({ code }) => code === 'not-a-colour');
    expect(found).toMatchObject([
      {
        file: '_x.yaml',
        range: { start: { line: 2, column: 15 } },
        affects: { count: 2, files: ['a.yaml', 'b.yaml'] },
      },
    ]);
  });

  test('what is ignored and declared, in two files', () => {
    const { tree } = treeOf({
      '_x.yaml': `${base}attributes: {l: [1]}\n`,
      '_y.yaml': 'sync:\n  ignore: [/attributes/l/0]\n',
      'a.yaml': widget(1, 'extends: [_x.yaml, _y.yaml]\n'),
      'b.yaml': widget(2, 'extends: _x.yaml\nsync: {ignore: [/attributes]}\n'),
    });
    expect(told(tree)).toEqual([
      '_y.yaml:2:12 invalid-value: "/attributes/l/0" cannot be ignored: attributes.l is a list',
      'b.yaml:3:17 no-effect: attributes is both declared and ignored',
    ]);
    expect(heldIn(tree)).toEqual({
      'a.yaml':
        'broken-fragment: _y.yaml, line 2: "/attributes/l/0" cannot be ignored: attributes.l is a list',
    });
  });

  test('a warning of a fragment may be allowed there, or where it inherits from', () => {
    const texts = { 'a.yaml': widget(1, 'extends: _x.yaml\n') };
    const spelled = `${base}attributes: {n: 1.10}\n`;
    expect(told(treeOf({ ...texts, '_x.yaml': spelled }).tree)).toHaveLength(1);
    const allow = 'sync: {allow: [respelled-number]}\n';
    expect(told(treeOf({ ...texts, '_x.yaml': `${spelled}${allow}` }).tree)).toEqual([]);
    const inherited = { '_x.yaml': `extends: _y.yaml\n${spelled}`, '_y.yaml': allow };
    expect(told(treeOf({ ...texts, ...inherited }).tree)).toEqual([]);
  });

  test('the key in a fragment holds all that extend it', () => {
    const key = 'in-s3cr3t+k9x=z';
    onTestFinished(registerSecret(key));
    const { tree } = treeOf({
      '_x.yaml': `${base}name: ${key}\n`,
      'a.yaml': widget(1, 'extends: _x.yaml\n'),
    });
    expect(told(tree)).toEqual(['_x.yaml:2:7 holds-key: name holds the API key']);
    expect(heldIn(tree)).toEqual({
      'a.yaml': 'broken-fragment: _x.yaml, line 2: name holds the API key',
    });
    expect(JSON.stringify(tree)).not.toContain(key);
  });
});

test('an entry of two lines is another one than two entries', () => {
  const { tree } = treeOf({
    '_a.yaml': base,
    '_b.yaml': 'name: b\n',
    'a.yaml': widget(1, 'extends: "_a.yaml\\n_b.yaml"\n'),
    'b.yaml': widget(2, 'extends: [_a.yaml, _b.yaml]\n'),
  });
  expect(tree.documents.map(({ file }) => file)).toEqual(['b.yaml']);
  expect(tree.held.map(({ file, code }) => `${file} ${code}`)).toEqual(['a.yaml not-a-fragment']);
});

describe('limits', () => {
  const chain = (length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, n) => [
        `_${n}.yaml`,
        n === 0 ? base : `extends: _${n - 1}.yaml\n`,
      ]),
    );

  test('16 fragments may reach a widget, 17 may not', () => {
    const good = treeOf({ ...chain(17), 'a.yaml': widget(1, 'extends: _15.yaml\n') });
    expect([told(good.tree), good.tree.documents.length]).toEqual([[], 1]);
    const { tree } = treeOf({
      ...chain(17),
      '_first.yaml': 'name: x\n',
      'a.yaml': widget(1, 'extends: [_first.yaml, _16.yaml]\n'),
    });
    expect(told(tree)).toEqual([
      'a.yaml:2:24 too-many-fragments: more than 16 fragments reach the widget',
    ]);
  });

  test('1000 fragments are read of an account; what names more is held', () => {
    const files = Object.fromEntries(
      Array.from({ length: 1001 }, (_, n) => n).flatMap((n) => {
        const name = String(n).padStart(4, '0');
        return [
          [`_${name}.yaml`, base],
          [`w${name}.yaml`, widget(n + 1, `extends: _${name}.yaml\n`)],
        ];
      }),
    );
    const { tree } = treeOf(files);
    expect(tree.documents).toHaveLength(1000);
    expect(told(tree)).toEqual([
      'w1000.yaml:2:10 too-many-fragments: _1000.yaml would be one fragment too many',
    ]);
  });

  test('of a list of entries the first 100 are looked at, however many it has', () => {
    const entries = (count: number, of: (n: number) => string) =>
      Array.from({ length: count }, (_, n) => `  - ${of(n)}\n`).join('');
    const { tree } = treeOf({
      '_x.yaml': base,
      'again.yaml': widget(1, `extends:\n${entries(2000, () => '_x.yaml')}`),
      'missing.yaml': widget(2, `extends:\n${entries(2000, (n) => `_${n}.yaml`)}`),
      'omit.yaml': widget(3, `extends: _x.yaml\nomit:\n${entries(2000, (n) => `/x/${n}`)}`),
      'list.yaml': widget(
        4,
        `extends: _x.yaml\nomit:\n${entries(2000, (n) => `/user_opening_messages/${n}`)}`,
      ),
    });
    const all = told(tree);
    expect(all.filter((one) => one.includes('too-many-fragments'))).toEqual([
      'again.yaml:103:5 too-many-fragments: extends has 2000 entries',
      'missing.yaml:103:5 too-many-fragments: extends has 2000 entries',
    ]);
    const countOf = (file: string) => all.filter((one) => one.startsWith(file)).length;
    const counts = ['again', 'missing', 'omit', 'list'].map((name) => countOf(`${name}.yaml`));
    expect(counts).toEqual([100, 101, 100, 100]);
    expect(tree.documents.map(({ file }) => file)).toEqual(['omit.yaml']);
  });

  test('a composed body has at most 1 MiB', () => {
    const text = 'x'.repeat(700 * 1024);
    const { tree } = treeOf({
      '_x.yaml': `${base}attributes: {a: ${text}}\n`,
      'a.yaml': widget(1, `extends: _x.yaml\nattributes: {b: ${text}}\n`),
      'b.yaml': widget(2, 'extends: _x.yaml\n'),
    });
    expect(heldIn(tree)).toEqual({
      'a.yaml': 'file-too-large: the file is larger than 1 MiB with what it extends',
    });
    expect(tree.documents.map(({ file }) => file)).toEqual(['b.yaml']);
  });
});

describe('a whole account that is suspended', () => {
  test('holds every file that could be applied, with what would be, and says why', () => {
    const { top } = treeOf({
      '_x.yaml': base,
      'a.yaml': widget(1, 'extends: _x.yaml\n'),
      'b.yaml': widget(2, `${base}sync: {suspend: true, until: 2999-01-01}\n`),
      'c.yaml': widget(3, 'nope: 1\n'),
    });
    const load = (reason: string | null) =>
      openWidgetDirectory(join(top, 'widgets'), { suspend: { reason } }).load();
    const tree = load('contract ended');
    expect(tree.documents).toEqual([]);
    expect(heldIn(tree)).toMatchObject({
      'a.yaml': 'suspended: the whole account is suspended: contract ended',
      'b.yaml': 'suspended: sync.suspend is true until 2999-01-01T00:00:00.000Z',
      'c.yaml': expect.stringMatching(/^missing-field: /),
    });
    expect(tree.held.map(({ waiting }) => waiting?.file)).toEqual(['a.yaml', 'b.yaml', undefined]);
    expect(load(null).held[0]?.message).toBe('the whole account is suspended');
  });
});

describe('what is printed', () => {
  test('each value with its origin and what it won over, exactly', () => {
    const { directory, tree } = treeOf({
      '_base.yaml': '# the base\n\nwidget_type: chat\nheader_color: "#000000"\n',
      '_brand.yaml':
        'extends: _base.yaml\nstyle_params:\n  bubble:\n    size: 56\nheader_color: "#14532d"\nuser_opening_messages:\n  - Hi\n  - Prices?\n',
      'prod/ava.yaml': widget(
        1,
        'extends: ../_brand.yaml\nstyle_params: {bubble: {shadow: true}}\n',
      ),
    });
    const [document] = tree.documents;
    const composed = directory.compose('prod/ava.yaml', document?.digest ?? '');
    const at = (pointer: string) => {
      const origin = composed?.origin(pointer);
      if (origin == null) return null;
      const text = ({ file, range: { start } }: typeof origin | (typeof origin.over)[number]) =>
        `${file}:${start.line}:${start.column}`;
      return [text(origin), ...origin.over.map(text)];
    };
    expect(composed?.value).toEqual(document?.spec);
    expect(at('/header_color')).toEqual(['_brand.yaml:5:1', '_base.yaml:4:1']);
    expect(at('/widget_type')).toEqual(['_base.yaml:3:1']);
    expect(at('/style_params/bubble/size')).toEqual(['_brand.yaml:4:5']);
    expect(at('/style_params/bubble/shadow')).toEqual(['prod/ava.yaml:3:25']);
    expect(at('/user_opening_messages/1')).toEqual(['_brand.yaml:8:5']);
    expect(at('/name')).toBeNull();
    expect(directory.sourceLine('_brand.yaml', 5)).toBe('header_color: "#14532d"');
    expect(directory.locate('_brand.yaml', sha256('other'), '/header_color')).toBeNull();
    expect(directory.locate('prod/ava.yaml', document?.digest ?? '', '/style_params')).toEqual({
      start: { line: 3, column: 15 },
      end: { line: 3, column: 39 },
    });
  });

  test('a file that extends nothing is composed of itself', () => {
    const { directory, tree } = treeOf({ 'a.yaml': widget(1, base) });
    const composed = directory.compose('a.yaml', tree.documents[0]?.digest ?? '');
    expect(composed?.fragments).toEqual([]);
    expect(composed?.origin('/widget_type')).toMatchObject({
      ...{ file: 'a.yaml', range: { start: { line: 2, column: 1 } }, over: [] },
    });
  });

  test('nothing is said of a file or a fragment that has changed since', () => {
    const { top, directory, tree } = treeOf({
      '_x.yaml': base,
      'a.yaml': widget(1, 'extends: _x.yaml\n'),
    });
    const digest = tree.documents[0]?.digest ?? '';
    expect(directory.compose('a.yaml', digest)).not.toBeNull();
    put(top, 'widgets/_x.yaml', `# else\n${base}`);
    const again = openWidgetDirectory(join(top, 'widgets'));
    again.load();
    rmSync(join(top, 'widgets/_x.yaml'));
    expect(again.compose('a.yaml', digest)).toBeNull();
    expect(again.sourceLine('_x.yaml', 1)).toBeNull();
    expect(again.compose('a.yaml', sha256('other'))).toBeNull();
    expect(again.compose('none.yaml', digest)).toBeNull();
  });
});
