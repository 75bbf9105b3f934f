// A commit concerns the widgets that its fragments reach, with what they declare in that commit. What a directory of
// that commit holds is the measure.
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBrought } from '../../../src/documents/git/brought-files.ts';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import type { BroughtFile } from '../../../src/model/commit.ts';
import type { LoadedTree } from '../../../src/model/document.ts';
import { widgetId } from '../../support/sandbox.ts';
import { type Chance, startChance } from '../../support/seeded-random.ts';
import { few } from '../../support/soak.ts';
import { commitAll, copyOf, git, repository } from '../repository.ts';
import { put } from '../temporary-directory.ts';

const now = new Date('2026-03-01T08:00:00Z');

const extending = (n: number, entries: readonly string[], own = '') =>
  `extends: [${entries.join(', ')}]\nwidget_id: ${widgetId(n)}\n${own}`;

/** Two widgets of a brand, one of which says the colour itself, and one without; all above a base. */
function brands(): string {
  return copyOf('two widgets over a brand', () => {
    const root = repository();
    put(root, '_base.yaml', 'widget_type: chat\nbubble_text: Hello\n');
    put(root, 'site/_brand.yaml', 'extends: ../_base.yaml\nheader_color: "#111111"\n');
    put(root, 'site/widgets/a.yaml', extending(1, ['../_brand.yaml']));
    put(
      root,
      'site/widgets/deep/b.yaml',
      extending(2, ['../../_brand.yaml'], 'header_color: "#222222"\n'),
    );
    put(root, 'site/widgets/plain.yaml', `widget_id: ${widgetId(3)}\nwidget_type: chat\n`);
    commitAll(root);
    return root;
  });
}

const directory = (root: string) => join(root, 'site/widgets');
const load = (root: string) => openWidgetDirectory(directory(root)).load();

function brought(
  root: string,
  range = 'HEAD',
  named: string | null = null,
): readonly BroughtFile[] {
  return readBrought(directory(root), { range, root: named, now }).files;
}

/** What is there of the files, in the words of a commit. */
function stated({ documents, held }: LoadedTree): Map<string, string> {
  return new Map([
    ...documents.map(({ file, hash }) => [file, `declared ${hash}`] as const),
    ...held.map(({ file, code }) => [file, code === 'suspended' ? 'suspended' : 'broken'] as const),
  ]);
}

const inWords = (files: readonly BroughtFile[]) =>
  new Map(
    files.map(({ file, content }) => [
      file,
      content.kind === 'declared' ? `declared ${content.hash}` : content.kind,
    ]),
  );

describe('a commit of fragments concerns what they reach', () => {
  test.each<[string, (root: string) => unknown, readonly string[]]>([
    [
      'a value that one of them says itself',
      (root) => put(root, 'site/_brand.yaml', 'extends: ../_base.yaml\nheader_color: "#333333"\n'),
      ['a.yaml', 'deep/b.yaml'],
    ],
    [
      'a fragment that another one extends',
      (root) => put(root, '_base.yaml', 'widget_type: chat\nbubble_text: Hi\n'),
      ['a.yaml', 'deep/b.yaml'],
    ],
    [
      'a comment',
      (root) => put(root, '_base.yaml', '# base\nwidget_type: chat\nbubble_text: Hello\n'),
      [],
    ],
    [
      'a fragment that nobody extends',
      (root) => put(root, 'site/_old.yaml', 'bubble_text: No\n'),
      [],
    ],
    [
      'a file and its fragment',
      (root) => {
        put(root, '_base.yaml', 'widget_type: chat\n');
        put(root, 'site/widgets/plain.yaml', `widget_id: ${widgetId(3)}\nwidget_type: phone\n`);
      },
      ['a.yaml', 'deep/b.yaml', 'plain.yaml'],
    ],
    [
      'a fragment that is gone',
      (root) => rmSync(join(root, '_base.yaml')),
      ['a.yaml', 'deep/b.yaml'],
    ],
    [
      'a broken one',
      (root) => put(root, 'site/_brand.yaml', 'widget_id: x\n'),
      ['a.yaml', 'deep/b.yaml'],
    ],
    [
      'a suspension of all',
      (root) => put(root, '_base.yaml', 'widget_type: chat\nsync: { suspend: true }\n'),
      ['a.yaml', 'deep/b.yaml'],
    ],
    [
      'a moved fragment of the same content, with its files',
      (root) => {
        mkdirSync(join(root, 'site/_kit'));
        renameSync(join(root, 'site/_brand.yaml'), join(root, 'site/_kit/brand.yaml'));
        put(root, 'site/_kit/brand.yaml', 'extends: ../../_base.yaml\nheader_color: "#111111"\n');
        put(root, 'site/widgets/a.yaml', extending(1, ['../_kit/brand.yaml']));
        put(
          root,
          'site/widgets/deep/b.yaml',
          extending(2, ['../../_kit/brand.yaml'], 'header_color: "#222222"\n'),
        );
      },
      ['a.yaml', 'deep/b.yaml'],
    ],
  ])('%s', (_, edit, expected) => {
    const root = brands();
    edit(root);
    commitAll(root);
    const found = inWords(brought(root));
    expect([...found.keys()]).toEqual(expected);
    const there = stated(load(root));
    for (const [file, words] of found) expect(words).toBe(there.get(file));
  });

  test('why a widget is held is told with the place in the fragment', () => {
    const root = brands();
    put(root, 'site/_brand.yaml', 'header_color: "#111111"\nwidget_id: x\n');
    commitAll(root);
    expect(brought(root)[0]).toMatchObject({
      widgetId: widgetId(1),
      content: {
        kind: 'broken',
        code: 'broken-fragment',
        message: expect.stringMatching(/^\.\.\/_brand\.yaml, line 2: /),
      },
    });
  });

  test('links count as the commit has them', () => {
    const root = brands();
    put(root, '_kits/v1/_c.yaml', 'bubble_text: One\n');
    put(root, '_kits/v2/_c.yaml', 'bubble_text: Two\n');
    symlinkSync('v1', join(root, '_kits/now'));
    put(root, 'site/widgets/a.yaml', extending(1, ['../_brand.yaml', '../../_kits/now/_c.yaml']));
    commitAll(root);
    rmSync(join(root, '_kits/now'));
    symlinkSync('v2', join(root, '_kits/now'));
    commitAll(root);
    const there = stated(load(root));
    expect([...inWords(brought(root))]).toEqual([['a.yaml', there.get('a.yaml')]]);
    // What is edited since is of no commit.
    put(root, '_kits/v2/_c.yaml', 'bubble_text: Three\n');
    expect([...inWords(brought(root))]).toEqual([['a.yaml', there.get('a.yaml')]]);
  });

  test('a mistake that only the whole shows is placed in the commit, whatever the files say by now', () => {
    const root = brands();
    put(root, '_base.yaml', 'widget_type: chat\nattributes: {l: [1]}\n');
    const ignoring = 'sync: {ignore: [/attributes/l/0]}\n';
    put(root, 'site/_brand.yaml', `extends: ../_base.yaml\n# why\n${ignoring}`);
    commitAll(root);
    const held = load(root).held[0];
    expect(held?.message).toMatch(/^\.\.\/_brand\.yaml, line 3: /);
    put(root, 'site/_brand.yaml', ignoring);
    const [content] = brought(root).map((one) => one.content);
    expect(content).toMatchObject({ kind: 'broken', message: held?.message });
  });

  test('of a narrower root, what lies above it is outside in the commit, too', () => {
    const root = brands();
    put(root, 'site/_brand.yaml', 'extends: ../_base.yaml\nheader_color: "#333333"\n');
    commitAll(root);
    const found = brought(root, 'HEAD', join(root, 'site'));
    expect(found.map(({ content }) => content.kind)).toEqual(['broken', 'broken']);
    expect(found[0]?.content).toMatchObject({
      message: expect.stringMatching(/_base\.yaml leads out of the source root/),
    });
    const above = brought(root, 'HEAD', dirname(root));
    expect(above.map(({ content }) => content.kind)).toEqual(['declared', 'declared']);
    expect(() => brought(root, 'HEAD', join(root, 'gone'))).toThrow(/^--root: /);
  });
});

/** One edit of fragments, widget files and links. */
function edit(root: string, chance: Chance, k: number): void {
  const colour = `"#${String(k).padStart(6, '0')}"`;
  const fragments = [
    '_base.yaml',
    'site/_brand.yaml',
    'site/_kit/c.yaml',
    'site/widgets/_own.yaml',
  ];
  const n = chance.between(11, 16);
  const up = n > 14 ? '../' : '';
  const names = ['../_brand.yaml', '_own.yaml', '../_kit/c.yaml', '../_gone.yaml', '../_link.yaml'];
  const entries = names.filter(() => chance.between(1, 2) === 1).map((name) => up + name);
  switch (chance.between(1, 6)) {
    case 1:
    case 2: {
      const at = chance.between(0, 3);
      const base = at === 1 ? 'extends: ../_base.yaml\n' : '';
      const broken = chance.between(1, 8) === 1 ? 'omit: [/a]\n' : '';
      put(root, fragments[at] ?? '', `${base}header_color: ${colour}\n${broken}`);
      break;
    }
    case 3:
      rmSync(join(root, fragments[chance.between(1, 3)] ?? ''), { force: true });
      break;
    case 4:
      rmSync(join(root, 'site/_link.yaml'), { force: true });
      symlinkSync(
        chance.between(1, 2) === 1 ? '_brand.yaml' : '_kit/c.yaml',
        join(root, 'site/_link.yaml'),
      );
      break;
    default: {
      const own = `widget_type: chat\ndisplay_name: ${k}\n`;
      const extended = entries.length === 0 ? `widget_id: ${widgetId(n)}\n` : extending(n, entries);
      put(root, `site/widgets/${n > 14 ? 'deep/' : ''}w${n}.yaml`, `${extended}${own}`);
    }
  }
}

const commits = few(12, { soak: 400 });

test(`of ${commits} drawn commits, each tells what a directory of it holds, and all that is otherwise`, () => {
  const chance = startChance();
  const root = brands();
  const before = { tree: load(root) };
  for (let k = 1; k <= commits; k += 1) {
    edit(root, chance, k);
    git(root, 'add', '--all');
    git(root, 'commit', '-q', '--allow-empty', '-m', `Commit ${k}`);
    const tree = load(root);
    const found = inWords(brought(root));
    const there = stated(tree);
    for (const [file, words] of found) expect([file, words]).toEqual([file, there.get(file)]);
    const digests = new Map(before.tree.documents.map(({ file, digest }) => [file, digest]));
    const moved = tree.documents.filter(({ file, digest }) => digests.get(file) !== digest);
    for (const { file } of moved) expect([...found.keys()]).toContain(file);
    before.tree = tree;
  }
});
