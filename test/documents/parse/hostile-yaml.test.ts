// Contents made to hurt: what takes time or room out of all proportion, what nests without end, and
// names that every object has. Each is one file's problem, or nobody's.
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/base/json/json.ts';
import { readContent } from '../../../src/documents/check/file-content.ts';
import { asJson } from '../../../src/model/widget.ts';
import { evil, harmIn } from '../../support/hostile-tree.ts';
import { widgetId } from '../../support/sandbox.ts';
import { few } from '../../support/soak.ts';

const head = `widget_id: ${widgetId(1)}\nwidget_type: chat\n`;
/** Milliseconds of processor time. Generous: on a machine at rest each takes well under a second. */
const patienceMs = few(4000, { soak: 8000 });
/** As large as a file may be. */
const room = 2 ** 20 - head.length - 100;
/** For what is read to its end: ten times the content may take ten times as long, and no more. */
const part = room / few(30, { soak: 10 });

function read(content: string | Uint8Array) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  expect(bytes.length).toBeLessThanOrEqual(2 ** 20);
  const start = process.cpuUsage();
  const found = readContent(bytes);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(patienceMs);
  for (const { summary, detail } of found.findings.slice(0, 20)) {
    expect(`${summary}${detail}`.length).toBeLessThan(1000);
    expect(harmIn(summary + detail)).toEqual([]);
    expect(summary + detail).not.toContain('\n');
  }
  return { ...found, codes: [...new Set(found.findings.map(({ code }) => code))] };
}

/** As often as it fits. */
function fill(unit: string, size = room): string {
  return unit.repeat(Math.floor(size / unit.length));
}

function lines(line: (n: number) => string): string {
  const all: string[] = [];
  for (let size = 0, n = 0; size < part; n += 1) {
    const one = line(n);
    all.push(one);
    size += one.length;
  }
  return all.join('');
}

const tenfold = (name: string) => `[${Array(10).fill(name).join(',')}]`;
const bomb = Array.from(
  { length: 20 },
  (_, n) => ` a${n}: &a${n} ${n === 0 ? '[x]' : tenfold(`*a${n - 1}`)}\n`,
).join('');
/** Each twice the one before, and one level deeper. */
const ladder = Array.from(
  { length: 100 },
  (_, n) => ` a${n}: &a${n} ${n === 0 ? '[]' : `[*a${n - 1}]`}\n`,
).join('');

describe('a file is read in a moment, whatever it is full of', () => {
  test.each<[string, string, string[]]>([
    ['a bomb of aliases', `${head}attributes:\n${bomb}`, ['alias-bomb']],
    ['aliases that nest', `${head}attributes:\n${ladder}`, ['too-deep']],
    ['an alias of itself', `${head}attributes: &a {a: *a}\n`, ['undefined-alias']],
    ['a merge of itself', `${head}attributes: &a {<<: *a}\n`, ['undefined-alias', 'unknown-field']],
    ['lists in lists', `${head}attributes: ${fill('[')}`, ['too-deep']],
    ['mappings in mappings', `${head}attributes: ${fill('{a: ')}`, ['too-deep']],
    ['dashes', `${head}attributes:\n ${fill('- ')}`, ['too-deep']],
    ['question marks', head + fill('? '), ['too-deep']],
    ['lines that each go deeper', head + deeper(), ['too-deep']],
    ['a key', `${head}? ${fill('k')}\n: 1\n`, ['unknown-field']],
    ['a quoted key', `${head}"${fill('k')}": 1\n`, ['yaml-syntax']],
    ['a text', `${head}name: ${fill('t')}\n`, []],
    ['an id', `widget_id: ${fill('f')}\nwidget_type: chat\n`, ['invalid-format']],
    ['a type', `widget_id: ${widgetId(1)}\nwidget_type: ${fill('c')}\n`, ['invalid-value']],
    ['a number', `${head}attributes: {n: ${fill('9')}}`, ['not-finite-number']],
    ['an alias', `${head}name: *${fill('a')}\n`, ['undefined-alias']],
    ['a tag', `${head}name: !${fill('a')} x\n`, ['unknown-tag']],
    ['halves of characters', `${head}name: "${fill('\\ud800')}"\n`, ['invalid-unicode']],
    ['fields of its own', `${head}attributes:\n${lines((n) => ` k${n}: 1\n`)}`, []],
    ['unknown fields', head + lines((n) => `k${n}: 1\n`), ['unknown-field']],
    ['the same field', head + fill('name: a\n', part), ['duplicate-key']],
    ['wrong messages', `${head}user_opening_messages:\n${fill('- 1\n', part)}`, ['wrong-type']],
    ['wrong pointers', `${head}sync:\n ignore:\n${fill('  - x\n', part)}`, ['invalid-format']],
    ['closing brackets', `${head}name: ${fill('}')}`, ['yaml-syntax']],
    ['quotes', `${head}name: ${fill('"', part)}`, ['yaml-syntax']],
    ['brackets that nothing closes', head + fill('a: [\n', part), ['yaml-syntax']],
    ['conflicts', fill('<<<<<<< a\n', part), ['conflict-marker']],
    ['documents', fill('---\n'), ['multiple-documents']],
    ['comments', head + fill('#\n', part), []],
    ['directives', fill('%A b\n', part), ['yaml-syntax']],
    ['zeros', fill('\0'), ['yaml-syntax']],
  ])('%s', (_, content, codes) => {
    expect(read(content).codes.sort()).toEqual(codes);
  });

  test('bytes that are no text', () => {
    expect(read(new Uint8Array(2 ** 20).fill(0xff)).codes).toEqual(['not-utf8']);
    const bytes = Uint8Array.from({ length: 2 ** 20 }, (_, n) => (n * 7919 + (n >> 8)) % 256);
    expect(read(bytes).codes).toEqual(['not-utf8']);
  });
});

function deeper(): string {
  const levels = Array.from({ length: 1400 }, (_, n) => `${' '.repeat(n)}a:\n`).join('');
  return levels;
}

describe('names that every object has', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then'];

  test.each(names)('%s is an unknown field like any other', (name) => {
    for (const value of ['1', '{a: 1}', '[]', 'null']) {
      const { findings, widget } = read(`${head}${name}: ${value}\n`);
      expect(findings).toMatchObject([{ code: 'unknown-field', range: { start: { line: 3 } } }]);
      expect(findings[0]?.summary).toBe(`unknown field ${name}`);
      expect(widget).toBeNull();
    }
    expect(read(`${head}sync: {${name}: 1}\n`).codes).toEqual(['unknown-field']);
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
  });

  test.each(names)('%s is kept as it is where fields are people’s own, and counts', (name) => {
    const content = `${head}attributes: {${name}: {a: 1, ${name}: x}, b: ${name}}\n`;
    const { widget, findings } = read(content);
    expect(findings).toEqual([]);
    const text = canonicalJson(asJson(widget?.spec ?? { widget_type: 'chat' }));
    const inner = [`"a":1`, `"${name}":"x"`].sort().join();
    const outer = [`"${name}":{${inner}}`, `"b":"${name}"`].sort().join();
    expect(text).toBe(`{"attributes":{${outer}},"widget_type":"chat"}`);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
    const other = read(content.replace('a: 1', 'a: 2')).widget;
    expect(other?.hash).not.toBe(widget?.hash);
  });

  test.each(names)('%s stands twice where it does', (name) => {
    const { codes } = read(`${head}attributes: {${name}: 1, ${name}: 2}\n`);
    expect(codes).toEqual(['duplicate-key']);
  });

  test.each(names)('%s is no type, no policy, no id', (name) => {
    expect(read(`widget_id: ${name}\nwidget_type: ${name}\n`).codes).toEqual([
      'invalid-format',
      'invalid-value',
    ]);
    expect(read(`${head}sync: {drift: ${name}}\n`).codes).toEqual(['invalid-value']);
    expect(read(`${head}name: !${name} x\n`).codes).toEqual(['unknown-tag']);
    expect(read(`${head}name: *${name}\n`).codes).toEqual(['undefined-alias']);
  });
});

describe('what a terminal would obey is harmless in all that is said of', () => {
  const quoted = JSON.stringify(evil);
  test.each([
    ['a field', `${head}${quoted}: 1\n`],
    ['a field of sync', `${head}sync: {${quoted}: 1}\n`],
    ['a value', `${head}remove_branding: ${quoted}\n`],
    ['a value in a list', `${head}user_opening_messages: [[${quoted}]]\n`],
    ['an id', `widget_id: ${quoted}\nwidget_type: ${quoted}\n`],
    ['a pointer', `${head}sync: {ignore: [${quoted}]}\n`],
    ['a time', `${head}sync: {suspend: true, until: ${quoted}}\n`],
    ['a key that stands twice', `${head}attributes: {${quoted}: 1, ${quoted}: 2}\n`],
    ['a key that is no text', `${head}attributes: {[${quoted}]: 1}\n`],
    ['a number that is too large, by its key', `${head}attributes: {${quoted}: 1e999}\n`],
    ['a tag', `${head}name: !a\u009b\u202e\u007f x\n`],
    ['an alias', `${head}name: *a\u009b\u202e\u007f\n`],
    ['a directive', `%YAML \u009b\u202e\u007f\n---\n${head}`],
    ['an unquoted text', `${head}name: @\u009b\u202e\u007f\n`],
    ['a comment taken for a colour', `${head}header_color: #fff\u009b\u202e\u007f\n`],
    ['a whole file', quoted],
  ])('%s', (_, content) => {
    expect(read(content).findings.length).toBeGreaterThan(0);
  });
});
