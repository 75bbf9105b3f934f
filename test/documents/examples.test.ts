import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import { faceOf } from '../../src/face/faces.ts';
import { unpaintedNotes } from '../../src/face/unpainted-notes.ts';
import { asJson, bodyFields } from '../../src/model/widget.ts';
import { directionOf } from '../../src/render/picture/text/plain-text.ts';

const root = join(import.meta.dirname, '../..');
const dir = join(root, 'widgets');
const tree = openWidgetDirectory(dir).load();
const files = [...tree.documents, ...tree.held].map(({ file }) => file);
const texts = new Map(files.map((file) => [file, readFileSync(join(dir, file), 'utf8')]));

describe('the example widgets', () => {
  test('are all valid, at least five of them, one suspended', () => {
    expect(tree.problems).toEqual([]);
    expect(tree.documents.length).toBeGreaterThanOrEqual(5);
    expect(tree.held.map(({ code }) => code)).toEqual(['suspended']);
    // Each shows another channel, and two chats the two faces of one.
    const shown = tree.documents.map(({ spec }) => `${spec.widget_type} ${faceOf(asJson(spec))}`);
    expect(new Set(shown).size).toBe(shown.length);
  });

  test('declare nothing that nobody sees', () => {
    const notes = tree.documents.flatMap(({ spec }) => unpaintedNotes(asJson(spec)));
    expect(notes).toEqual([]);
  });

  test('show a text from right to left', () => {
    const intros = tree.documents.map(({ spec }) => directionOf(spec.intro_message ?? ''));
    expect(intros).toContain('rtl');
  });

  test('together declare every field', () => {
    const declared = new Set(tree.documents.flatMap(({ spec }) => Object.keys(spec)));
    expect(bodyFields.filter((field) => !declared.has(field))).toEqual([]);
  });

  test.each(files)('%s names the schema for editors, from its own folder', (file) => {
    const modeline = /^# yaml-language-server: \$schema=(\S+)\n/.exec(texts.get(file) ?? '');
    expect(resolve(dirname(join(dir, file)), modeline?.[1] ?? '')).toBe(
      join(root, 'schemas/widget.schema.json'),
    );
  });

  test.each([
    ['a block text', /: \|\n/],
    ['a folded text', /: >-\n/],
    ['an anchor', /&[\w-]+\n/],
    ['an alias', /: \*[\w-]+\n/],
    ['null', /: null\n/],
    ['an emptied list', /: \[\]\n/],
  ])('show %s', (_, pattern) => {
    expect([...texts.values()].some((text) => pattern.test(text))).toBe(true);
  });
});
