// Looks at trees with fragments, one after the other, while their files move.
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { registerSecret } from '../../../src/base/secrets.ts';
import { Snapshots } from '../../../src/documents/tree/snapshot-reader.ts';
import type { KnownContent, WidgetDocument } from '../../../src/model/document.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { widgetId } from '../../support/sandbox.ts';
import { HandClock } from '../hand-clock.ts';
import { commitAll, repository } from '../repository.ts';
import { namesIn, seen, treeOf } from '../snapshot-world.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

const brand = (name: string, more = '') => `${more}widget_type: chat\ndisplay_name: ${name}\n`;
const files = {
  '_brand.yaml': brand('Green'),
  'a.yaml': `widget_id: ${widgetId(1)}\nextends: _brand.yaml\n`,
  'b.yaml': `widget_id: ${widgetId(2)}\nextends: [_brand.yaml]\nname: B\n`,
  'c.yaml': `widget_id: ${widgetId(3)}\nwidget_type: chat\ndisplay_name: Alone\n`,
};
const green = { 'a.yaml': 'Green', 'b.yaml': 'Green', 'c.yaml': 'Alone' };

function worldOf(dir = treeWith(files), recorded: readonly WidgetDocument[] = []) {
  const clock = new HandClock();
  /** The digests that were asked for: each file that is read is asked for before it is parsed. */
  const lookedUp: string[] = [];
  const remember = (digest: string): KnownContent | undefined => {
    lookedUp.push(digest);
    return recorded.find((document) => document.digest === digest);
  };
  const extendsOf = (id: WidgetId) => recorded.find((one) => one.widgetId === id)?.extends;
  return { dir, clock, lookedUp, snapshots: new Snapshots(dir, { clock, remember, extendsOf }) };
}

function treeWith(texts: Readonly<Record<string, string>>): string {
  const dir = temporaryDirectory();
  for (const [name, text] of Object.entries(texts)) put(dir, name, text);
  return dir;
}

/** Of each file what was made of it, to see whether that was made anew. */
const specsOf = (snapshots: Snapshots) =>
  Object.fromEntries(treeOf(snapshots.look()).documents.map(({ file, spec }) => [file, spec]));

test('a fragment that only a record names is not kept, watched or waited for', () => {
  const dir = treeWith({ ...files, '_old.yaml': brand('Old') });
  put(dir, 'a.yaml', `widget_id: ${widgetId(1)}\nextends: _old.yaml\n`);
  const { documents } = treeOf(worldOf(dir).snapshots.look());
  put(dir, 'a.yaml', files['a.yaml']);
  const { snapshots } = worldOf(dir, documents);
  const look = () => treeOf(snapshots.look());
  const namesOf = () => [...(look().places?.values() ?? [])].flatMap((names) => [...names]);
  expect(namesOf()).toContain('_brand.yaml');
  expect(namesOf()).not.toContain('_old.yaml');
  rmSync(join(dir, '_old.yaml'));
  expect(seen(snapshots.look())).toEqual(green);
});

describe('an edit of a fragment', () => {
  test('reaches what extends it, and no widget file is read', () => {
    const { dir, snapshots, lookedUp } = worldOf();
    expect(seen(snapshots.look())).toEqual(green);
    const before = specsOf(snapshots);
    lookedUp.length = 0;
    put(dir, '_brand.yaml', brand('Blue'));
    expect(seen(snapshots.look())).toEqual({
      'a.yaml': 'Blue',
      'b.yaml': 'Blue',
      'c.yaml': 'Alone',
    });
    expect(lookedUp).toEqual([]);
    expect(specsOf(snapshots)['c.yaml']).toBe(before['c.yaml']);
  });

  test('leaves what it does not reach as it was made, whatever came of that', () => {
    const texts = {
      ...files,
      '_other.yaml': brand('Other', 'header_color: grene\n'),
      'd.yaml': `widget_id: ${widgetId(4)}\nextends: _other.yaml\n`,
      'e.yaml': `widget_id: ${widgetId(5)}\nextends: _other.yaml\nsync: {suspend: true}\n`,
      'f.yaml': `widget_id: ${widgetId(6)}\nextends: _other.yaml\nnope: 1\n`,
    };
    const { dir, snapshots, clock } = worldOf(treeWith(texts));
    const named = (of: 'documents' | 'held') =>
      new Map(treeOf(snapshots.look())[of].map((one) => [one.file, one]));
    const before = { documents: named('documents'), held: named('held') };
    const problems = treeOf(snapshots.look()).problems;
    expect(problems.map(({ file, affects }) => [file, affects?.files])).toEqual([
      ['_other.yaml', ['d.yaml', 'e.yaml']],
      ['f.yaml', undefined],
    ]);
    for (const name of ['Blue', 'Red']) {
      clock.pass(2000);
      put(dir, '_brand.yaml', brand(name));
      const documents = named('documents');
      expect(seen(snapshots.look())['a.yaml']).toBe(name);
      for (const file of ['c.yaml', 'd.yaml']) {
        expect(documents.get(file)).toBe(before.documents.get(file));
      }
      expect(named('held').get('e.yaml')).toBe(before.held.get('e.yaml'));
      expect(treeOf(snapshots.look()).problems).toEqual(problems);
    }
  });

  test('that changes a comment only composes nothing, and no digest is another one', () => {
    const { dir, snapshots } = worldOf();
    const before = treeOf(snapshots.look()).documents;
    put(dir, '_brand.yaml', brand('"Green"', '# The brand.\n\n'));
    const after = treeOf(snapshots.look()).documents;
    expect(after).toEqual(before);
    for (const [index, { spec }] of after.entries()) expect(spec).toBe(before[index]?.spec);
  });

  test('that moves its lines moves the places of what is told of the whole', () => {
    const dir = treeWith({ ...files, '_brand.yaml': brand('x\nheader_color: grene') });
    const { snapshots } = worldOf(dir);
    const lines = () =>
      treeOf(snapshots.look()).problems.map(({ code, range }) => `${code} ${range.start.line}`);
    expect(lines()).toEqual(['not-a-colour 3']);
    put(dir, '_brand.yaml', brand('x\nheader_color: grene', '# The brand.\n'));
    expect(lines()).toEqual(['not-a-colour 4']);
  });

  test('is waited for while it is young', () => {
    const { dir, clock, snapshots } = worldOf();
    snapshots.look();
    clock.setAfter(put(dir, '_brand.yaml', brand('Blue')), 40);
    expect(snapshots.look()).toMatchObject({ unsettled: { code: 'moving' } });
    clock.pass(250);
    expect(seen(snapshots.look())).toMatchObject({ 'a.yaml': 'Blue' });
  });

  test('without an end of its last line holds what extends it, while others go on', () => {
    const { dir, clock, snapshots } = worldOf();
    snapshots.look();
    put(dir, 'c.yaml', files['c.yaml'].replace('Alone', 'Edited'));
    const path = put(dir, '_brand.yaml', brand('Blu').trimEnd());
    clock.setAfter(path, 255);
    const { held, ...tree } = treeOf(snapshots.look());
    expect(namesIn({ held, ...tree })).toEqual({
      ...{ 'a.yaml': '(changing-file)', 'b.yaml': '(changing-file)', 'c.yaml': 'Edited' },
    });
    expect(held[0]?.message).toBe('_brand.yaml was being written a moment ago');
    clock.setAfter(path, 2001);
    expect(seen(snapshots.look())).toMatchObject({ 'a.yaml': 'Blu', 'b.yaml': 'Blu' });
  });

  test('in the middle of a look makes it no snapshot', () => {
    const { dir, clock, snapshots } = worldOf();
    snapshots.look();
    put(dir, 'c.yaml', files['c.yaml'].replace('Alone', 'New'));
    // The clock is asked when the widget file is read: then the fragment is still the former.
    clock.interrupt(() => {
      put(dir, '_other.yaml', brand('Blue'));
      renameSync(join(dir, '_other.yaml'), join(dir, '_brand.yaml'));
    });
    expect(snapshots.look()).toMatchObject({ unsettled: { code: 'moving' } });
  });
});

describe('a fragment that is gone', () => {
  test('is looked for once more, then holds what extends it', () => {
    const { dir, clock, snapshots } = worldOf();
    snapshots.look();
    rmSync(join(dir, '_brand.yaml'));
    expect(snapshots.look()).toMatchObject({ unsettled: { code: 'moving', retryInMs: 200 } });
    clock.pass(200);
    const tree = treeOf(snapshots.look());
    expect(namesIn(tree)).toEqual({
      ...{ 'a.yaml': '(missing-fragment)', 'b.yaml': '(missing-fragment)', 'c.yaml': 'Alone' },
    });
    put(dir, '_brand.yaml', brand('Green'));
    expect(seen(snapshots.look())).toEqual(green);
  });

  test('and back meanwhile was never gone', () => {
    const { dir, clock, snapshots } = worldOf();
    snapshots.look();
    renameSync(join(dir, '_brand.yaml'), join(dir, '.brand.tmp'));
    expect(snapshots.look()).toMatchObject({ unsettled: { retryInMs: 200 } });
    clock.pass(100);
    renameSync(join(dir, '.brand.tmp'), join(dir, '_brand.yaml'));
    expect(seen(snapshots.look())).toEqual(green);
  });

  test('is not looked for where nobody names it any more', () => {
    const { dir, snapshots } = worldOf();
    snapshots.look();
    rmSync(join(dir, '_brand.yaml'));
    put(dir, '_new.yaml', brand('New'));
    for (const name of ['a.yaml', 'b.yaml'] as const) {
      put(dir, name, files[name].replace('_brand', '_new'));
    }
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'New', 'b.yaml': 'New', 'c.yaml': 'Alone' });
  });

  test('comes for the first time: what names it is read at once', () => {
    const dir = treeWith({ ...files, '_brand.yaml': brand('Green') });
    rmSync(join(dir, '_brand.yaml'));
    const { snapshots } = worldOf(dir);
    expect(seen(snapshots.look())).toMatchObject({ 'a.yaml': '(missing-fragment)' });
    expect(seen(snapshots.look())).toMatchObject({ 'a.yaml': '(missing-fragment)' });
    put(dir, '_brand.yaml', brand('Green'));
    expect(seen(snapshots.look())).toEqual(green);
  });
});

describe('a look where nothing moved', () => {
  test('gives the same tree, and reads nothing', () => {
    const { snapshots, lookedUp } = worldOf();
    const first = treeOf(snapshots.look());
    lookedUp.length = 0;
    const second = treeOf(snapshots.look());
    expect(second.documents).toBe(first.documents);
    expect(second.fragments).toBe(first.fragments);
    expect(lookedUp).toEqual([]);
  });

  test('sees a link of a fragment that leads elsewhere by now', () => {
    const dir = treeWith({
      ...files,
      '_one/brand.yaml': brand('One'),
      '_two/brand.yaml': brand('Two'),
    });
    rmSync(join(dir, '_brand.yaml'));
    symlinkSync('_one/brand.yaml', join(dir, '_brand.yaml'));
    const { snapshots } = worldOf(dir);
    expect(seen(snapshots.look())).toMatchObject({ 'a.yaml': 'One' });
    symlinkSync('_two/brand.yaml', join(dir, '_link.tmp'));
    renameSync(join(dir, '_link.tmp'), join(dir, '_brand.yaml'));
    expect(seen(snapshots.look())).toMatchObject({ 'a.yaml': 'Two' });
  });

  test('hears of a key that has come into force since', () => {
    const { snapshots } = worldOf(treeWith({ ...files, '_brand.yaml': brand('in-s3cr3t+k9x') }));
    expect(seen(snapshots.look())).toMatchObject({ 'a.yaml': 'in-s3cr3t+k9x' });
    onTestFinished(registerSecret('in-s3cr3t+k9x'));
    expect(seen(snapshots.look())).toMatchObject({ 'a.yaml': '(broken-fragment)' });
  });
});

describe('at a restart', () => {
  test('fragments are parsed, and the widget files that are recorded are not', () => {
    const { dir, snapshots } = worldOf();
    const { documents } = treeOf(snapshots.look());
    const again = worldOf(dir, documents);
    const tree = treeOf(again.snapshots.look());
    expect(tree.documents).toEqual(documents);
    // Recorded content is handed on as it is: it was not made anew.
    for (const [index, { spec }] of tree.documents.entries()) {
      expect(spec).toBe(documents[index]?.spec);
    }
  });

  test('an edit of a fragment then reaches them all the same', () => {
    const { dir, snapshots } = worldOf();
    const again = worldOf(dir, treeOf(snapshots.look()).documents);
    again.snapshots.look();
    put(dir, '_brand.yaml', brand('Blue'));
    const blue = { 'a.yaml': 'Blue', 'b.yaml': 'Blue', 'c.yaml': 'Alone' };
    expect(seen(again.snapshots.look())).toEqual(blue);
    put(dir, '_brand.yaml', brand('Green'));
    expect(seen(again.snapshots.look())).toEqual(green);
  });

  test.each<[string, (dir: string) => void]>([
    ['a fragment was edited meanwhile', (dir) => put(dir, '_brand.yaml', brand('Blue'))],
    [
      'a file extends another one',
      (dir) => {
        put(dir, '_blue.yaml', brand('Blue'));
        put(dir, 'a.yaml', files['a.yaml'].replace('_brand', '_blue'));
        put(dir, 'b.yaml', files['b.yaml'].replace('_brand', '_blue'));
      },
    ],
    [
      'a file extends nothing',
      (dir) => {
        for (const name of ['a.yaml', 'b.yaml'] as const) {
          put(
            dir,
            name,
            `${files[name].replace(/extends.*/, 'widget_type: chat # extends')}display_name: Blue\n`,
          );
        }
      },
    ],
  ])('%s: nothing is taken from the records that is not so', (_, change) => {
    const { dir, snapshots } = worldOf();
    const { documents } = treeOf(snapshots.look());
    change(dir);
    const again = worldOf(dir, documents);
    expect(seen(again.snapshots.look())).toEqual({
      'a.yaml': 'Blue',
      'b.yaml': 'Blue',
      'c.yaml': 'Alone',
    });
    expect(treeOf(again.snapshots.look()).documents).toEqual(
      treeOf(worldOf(dir).snapshots.look()).documents,
    );
  });

  test('a fragment that is gone holds them, and its entry is pointed at', () => {
    const { dir, snapshots } = worldOf();
    const { documents } = treeOf(snapshots.look());
    rmSync(join(dir, '_brand.yaml'));
    const tree = treeOf(worldOf(dir, documents).snapshots.look());
    expect(namesIn(tree)).toMatchObject({ 'a.yaml': '(missing-fragment)' });
    expect(tree.problems[0]?.range.start).toEqual({ line: 2, column: 10 });
  });
});

describe('in a checkout', () => {
  function checkout() {
    const repo = repository();
    const dir = join(repo, 'widgets');
    for (const [name, text] of Object.entries(files)) put(dir, name, text);
    commitAll(repo);
    return { repo, dir };
  }

  test('a commit that changes fragment and files is seen whole', () => {
    const { repo, dir } = checkout();
    const { clock, snapshots } = worldOf(dir);
    expect(seen(snapshots.look())).toEqual(green);
    put(repo, '.git/index.lock', '');
    put(dir, '_brand.yaml', brand('Blue'));
    expect(snapshots.look()).toMatchObject({ unsettled: { code: 'git' } });
    rmSync(join(repo, '.git/index.lock'));
    clock.pass(1000);
    expect(seen(snapshots.look())).toMatchObject({ 'a.yaml': 'Blue' });
  });

  test('a conflict in a fragment is waited for while a merge stands halfway', () => {
    const { repo, dir } = checkout();
    const { snapshots } = worldOf(dir);
    snapshots.look();
    put(repo, '.git/MERGE_HEAD', `${'0'.repeat(40)}\n`);
    put(dir, '_brand.yaml', `<<<<<<< HEAD\n${brand('A')}=======\n${brand('B')}>>>>>>> x\n`);
    expect(snapshots.look()).toMatchObject({
      unsettled: {
        code: 'git',
        message: expect.stringContaining('_brand.yaml has conflict markers'),
      },
    });
  });
});
