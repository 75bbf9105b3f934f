import { describe, expect, onTestFinished, test } from 'vitest';
import { registerSecret } from '../../../src/base/secrets.ts';
import { readContent, rememberedContent } from '../../../src/documents/check/file-content.ts';
import { loadTree } from '../../../src/documents/tree/build-tree.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const idA = '3c90c3cc-0d44-4b50-8888-8dd25736052a';
const idB = '0e4f7a92-3b6c-4d18-a5e2-6c9d1f8b7340';
const widget = (id: string, more = '') => `widget_id: ${id}\nwidget_type: chat\n${more}`;

function load(files: Record<string, string>, now = new Date('2026-12-01T12:00:00Z')) {
  // The text stands for its own digest.
  const listed = Object.entries(files).map(([path, digest]) => ({
    path,
    digest,
    settlesInMs: 0,
    youngForMs: 0,
  }));
  return loadTree(listed, (digest) => readContent(encode(digest)), { now });
}

describe('loading a tree', () => {
  test('a file or folder that is named after the key is held, and no other file for its sake', () => {
    const key = 'in-s3cr3t+k9x=z';
    onTestFinished(registerSecret(key));
    const { documents, held, problems } = load({
      [`${key}.yaml`]: widget(idA),
      [`${encodeURIComponent(key)}/b.yaml`]: widget(idB, 'nope: 1'),
      'c.yaml': widget('7b1d4c0e-9a52-4f63-8e17-2d90c5a8b614'),
    });
    expect(documents.map(({ file }) => file)).toEqual(['c.yaml']);
    expect(held.map(({ code, widgetId }) => [code, widgetId]).sort()).toEqual([
      ['holds-key', idB],
      ['holds-key', idA],
    ]);
    expect(problems.map(({ code }) => code).sort()).toEqual([
      'holds-key',
      'holds-key',
      'unknown-field',
    ]);
  });

  test('a broken file holds itself only, and its widget is known', () => {
    const { documents, held, problems } = load({
      'bad.yaml': widget(idA, 'nope: 1'),
      'good.yaml': widget(idB),
    });
    expect(documents.map(({ file, widgetId }) => [file, widgetId])).toEqual([['good.yaml', idB]]);
    expect(held).toEqual([
      { file: 'bad.yaml', widgetId: idA, code: 'unknown-field', message: 'unknown field nope' },
    ]);
    expect(problems.map(({ file, code }) => [file, code])).toEqual([['bad.yaml', 'unknown-field']]);
  });

  test('two files with one id are both held, each naming the other with its line', () => {
    const { documents, held, problems } = load({
      'a.yaml': widget(idA),
      'b/copy.yaml': `# copied\n${widget(idA.toUpperCase(), 'name: Copy')}`,
      'c.yaml': widget(idB),
    });
    expect(documents.map(({ file }) => file)).toEqual(['c.yaml']);
    expect(held.map(({ file, widgetId, code }) => [file, widgetId, code])).toEqual([
      ['a.yaml', idA, 'duplicate-id'],
      ['b/copy.yaml', idA, 'duplicate-id'],
    ]);
    expect(problems.map(({ summary }) => summary)).toEqual([
      expect.stringContaining('b/copy.yaml:2'),
      expect.stringContaining('a.yaml:1'),
    ]);
    expect(problems[1]?.range.start).toEqual({ line: 2, column: 12 });
  });

  test('a suspended file is held without a problem', () => {
    const { documents, held, problems } = load({ 'a.yaml': widget(idA, 'sync: {suspend: true}') });
    expect([documents, problems]).toEqual([[], []]);
    expect(held).toMatchObject([{ file: 'a.yaml', widgetId: idA, code: 'suspended' }]);
    // What waits until the suspension ends.
    expect(held[0]?.waiting).toMatchObject({ file: 'a.yaml', spec: { widget_type: 'chat' } });
  });

  test('a broken file that is suspended has nothing that could wait', () => {
    const { held } = load({ 'a.yaml': widget(idA, 'nope: 1\nsync: {suspend: true}') });
    expect(held[0]).not.toHaveProperty('waiting');
  });

  test('a suspended file and another for the same widget hold each other', () => {
    const { documents, held } = load({
      'a.yaml': widget(idA, 'sync: {suspend: true}'),
      'b.yaml': widget(idA),
    });
    expect(documents).toEqual([]);
    expect(held.map(({ code }) => code)).toEqual(['duplicate-id', 'duplicate-id']);
  });

  // Which of them is the copy cannot be told from which of them is broken.
  test('a broken file and another for the same widget hold each other', () => {
    const { documents, held, problems } = load({
      'broken.yaml': widget(idA, 'nope: 1'),
      'good.yaml': widget(idA),
    });
    expect(documents).toEqual([]);
    expect(held.map(({ file, code }) => [file, code])).toEqual([
      ['broken.yaml', 'unknown-field'],
      ['good.yaml', 'duplicate-id'],
    ]);
    expect(problems.map(({ file, code }) => [file, code])).toEqual([
      ['broken.yaml', 'duplicate-id'],
      ['broken.yaml', 'unknown-field'],
      ['good.yaml', 'duplicate-id'],
    ]);
  });

  test('a file with warnings only is a document', () => {
    const { documents, problems } = load({
      'a.yaml': widget(idA, 'header_color:\n# the shop’s own'),
    });
    expect(documents[0]?.spec).toEqual({ widget_type: 'chat', header_color: null });
    expect(problems.map(({ severity }) => severity)).toEqual(['warning']);
  });

  test('a colour without quotes holds its file, since its null would go live', () => {
    const { documents, held } = load({ 'a.yaml': widget(idA, 'header_color: #fff # ours') });
    expect(documents).toEqual([]);
    expect(held).toMatchObject([{ file: 'a.yaml', code: 'swallowed-comment' }]);
  });

  test('neither widget_id nor sync is part of what is sent', () => {
    const { documents } = load({ 'a.yaml': widget(idA, 'sync: {suspend: false}\nname: Ava') });
    expect(documents[0]?.spec).toEqual({ widget_type: 'chat', name: 'Ava' });
  });

  test('no file at all is a warning', () => {
    expect(load({}).problems).toMatchObject([
      { severity: 'warning', code: 'no-widgets', file: '.' },
    ]);
  });

  test('remembered content still says where its id stands', () => {
    const bytes = encode(`# note\n${widget(idA)}`);
    const known = readContent(bytes).widget;
    if (known === null) throw new Error('the file is valid');
    expect(rememberedContent(bytes, known)).toMatchObject({
      widgetId: idA,
      widget: known,
      idRange: { start: { line: 2, column: 12 } },
    });
  });
});
