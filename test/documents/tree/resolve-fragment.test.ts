// What `extends` may lead to. Pipes without a writer stand wherever nothing may be opened: who opened one to
// read would wait for ever.
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type ResolvedFragment,
  resolveFragment,
} from '../../../src/documents/tree/resolve-fragment.ts';
import { requireRoot } from '../../../src/documents/tree/root-path.ts';
import { findSourceRoot, type SourceRoot } from '../../../src/documents/tree/source-root.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

interface Scene {
  /** Holds the source root, and what is outside of it. */
  readonly outer: string;
  readonly top: string;
  readonly root: SourceRoot;
}

/** `site/clients/acme` is the widget directory, `site` the source root. */
function scene(): Scene {
  const outer = realpathSync(temporaryDirectory());
  const top = join(outer, 'site');
  put(top, 'clients/acme/ava.yaml', '');
  mkdirSync(join(top, '.git'));
  const root = findSourceRoot(requireRoot(join(top, 'clients/acme')), {});
  if ('kind' in root) throw new Error(root.message);
  return { outer, top, root };
}

function namesIn({ places }: ResolvedFragment): string[] {
  return [...places].flatMap(([folder, names]) => [...names].map((name) => join(folder, name)));
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

describe('a fragment', () => {
  test.each([
    ['ava.yaml', '_ava.yaml', '_ava.yaml'],
    ['ava.yaml', '../../_brand.yaml', '../../_brand.yaml'],
    ['../../_kit/brand.yaml', 'base.yaml', '../../_kit/base.yaml'],
  ])('%s says %s', (from, entry, file) => {
    const { root } = scene();
    const path = put(root.widgets, file, 'widget_type: chat\n');
    const found = resolveFragment(root, from, entry);
    expect(found).toMatchObject({ file, path, stats: { size: 18 } });
    const folders = file.startsWith('../../_kit') ? [join(root.top, '_kit')] : [];
    const own = file === '_ava.yaml' ? ['clients/acme', 'clients'] : [];
    const above = [...folders, ...own.map((name) => join(root.top, name))];
    expect(namesIn(found).sort()).toEqual([path, ...above].sort());
  });

  test('behind links, which are all told, is opened by its name without links', () => {
    const { top, root } = scene();
    const path = put(top, '_kits/v2/_brand.yaml', '');
    link('_kits/now', join(top, 'kit'));
    link('v2', join(top, '_kits/now'));
    const found = resolveFragment(root, 'ava.yaml', '../../kit/_brand.yaml');
    expect(found).toMatchObject({ file: '../../kit/_brand.yaml', path });
    const links = [join(top, 'kit'), join(top, '_kits/now')];
    const folders = [join(top, '_kits'), join(top, '_kits/v2')];
    expect(namesIn(found).sort()).toEqual([...links, ...folders, path].sort());
  });

  test('of a volume, in which each name is a link into a hidden folder', () => {
    const volume = realpathSync(temporaryDirectory());
    put(volume, '..2026_03_01/_kit/brand.yaml', '');
    put(volume, '..2026_03_01/prod/ava.yaml', '');
    link('..2026_03_01', join(volume, '..data'));
    for (const name of ['_kit', 'prod']) link(`..data/${name}`, join(volume, name));
    const root = { widgets: volume, top: volume, place: '', by: 'nothing else' } as const;
    // By text: from where the links lead, there is nothing above `prod`.
    const found = resolveFragment(root, 'prod/ava.yaml', '../_kit/brand.yaml');
    expect(found).toMatchObject({
      file: '_kit/brand.yaml',
      path: join(volume, '..2026_03_01/_kit/brand.yaml'),
    });
    expect(namesIn(found)).toContain(join(volume, '..data'));
  });
});

type Row = [
  what: string,
  entry: string,
  code: string,
  words: RegExp,
  make: (scene: Scene, path: string) => unknown,
];

const pipe = (path: string) => execFileSync('mkfifo', [path]);

/** Made outside of the root: a name that is there, and cannot be opened. */
const secret = ({ outer }: Scene) => {
  const path = join(outer, '_key.yaml');
  pipe(path);
  return path;
};

const rows: Row[] = [
  ['a file above the root', '../../../_key.yaml', 'fragment-outside', /--root/, secret],
  ['a missing one above the root', '../../../_no.yaml', 'fragment-outside', /--root/, () => {}],
  [
    'a link to a file outside',
    '_x.yaml',
    'fragment-outside',
    /the link _x\.yaml leads out/,
    (s, path) => link(secret(s), path),
  ],
  [
    'a link to nothing outside',
    '_x.yaml',
    'fragment-outside',
    /the link/,
    (s, path) => link(join(s.outer, '_no.yaml'), path),
  ],
  [
    'a link to a device',
    '_x.yaml',
    'fragment-outside',
    /the link/,
    (_, path) => link('/dev/zero', path),
  ],
  [
    'a link into the process',
    '_x.yaml',
    'fragment-outside',
    /the link/,
    (_, path) => link('/proc/self/environ', path),
  ],
  [
    'a link of two steps to outside',
    '_x.yaml',
    'fragment-outside',
    /the link/,
    (s, path) => {
      link('_y.yaml', path);
      link(`../../../_key.yaml`, join(s.root.widgets, '_y.yaml'));
      secret(s);
    },
  ],
  [
    'a file in a folder that is a link to outside',
    '_kit/_key.yaml',
    'fragment-outside',
    /the link/,
    (s) => {
      secret(s);
      link(s.outer, join(s.root.widgets, '_kit'));
    },
  ],
  [
    'a link to a key below the root',
    '_x.yaml',
    'not-a-fragment',
    /leads to what is no fragment by its name/,
    ({ top }, path) => {
      pipe(join(top, 'key'));
      link('../../key', path);
    },
  ],
  [
    "a link to git's own",
    '_x.yaml',
    'not-a-fragment',
    /by its name/,
    ({ top }, path) => {
      pipe(join(top, '.git/config'));
      link('../../.git/config', path);
    },
  ],
  [
    'a link to a widget file',
    '_x.yaml',
    'not-a-fragment',
    /by its name/,
    (_, path) => link('ava.yaml', path),
  ],
  [
    'a file of a linked folder that is none by its name',
    '_kit/acme.yaml',
    'not-a-fragment',
    /by its name/,
    ({ top, root }) => {
      mkdirSync(join(top, 'keys'));
      pipe(join(top, 'keys/acme.yaml'));
      link('../../keys', join(root.widgets, '_kit'));
    },
  ],
  [
    'the key file itself',
    '../../key',
    'not-a-fragment',
    /no fragment by its name/,
    ({ top }) => pipe(join(top, 'key')),
  ],
  ['a widget file', 'mia.yaml', 'not-a-fragment', /such as _mia\.yaml/, (_, path) => pipe(path)],
  ['an address', 'https://example.com/_x.yaml', 'not-a-fragment', /Nothing is fetched/, () => {}],
  ['an absolute path', '/etc/_x.yaml', 'not-a-fragment', /absolute/, () => {}],
  ['backslashes', '..\\_x.yaml', 'not-a-fragment', /backslashes/, () => {}],
  ['nothing', '', 'not-a-fragment', /empty/, () => {}],
  ['a zero byte', '_x\u0000.yaml', 'not-a-fragment', /control character/, () => {}],
  [
    'a pipe',
    '_x.yaml',
    'not-a-fragment',
    /found a pipe, socket or device/,
    (_, path) => pipe(path),
  ],
  [
    'a socket',
    '_x.yaml',
    'not-a-fragment',
    /found a pipe, socket or device/,
    (_, path) => {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
    },
  ],
  ['a folder', '_x.yaml', 'not-a-fragment', /found a folder/, (_, path) => mkdirSync(path)],
  [
    'a missing file',
    '_brnad.yaml',
    'missing-fragment',
    /Did you mean _brand\.yaml\?/,
    ({ root }) => put(root.widgets, '_brand.yaml', ''),
  ],
  [
    'a missing folder',
    '../../_kti/brand.yaml',
    'missing-fragment',
    /Did you mean \.\.\/\.\.\/_kit\/brand\.yaml\?/,
    ({ top }) => put(top, '_kit/brand.yaml', ''),
  ],
  [
    'a missing one like no other',
    '_x.yaml',
    'missing-fragment',
    /there is no file _x\.yaml/,
    () => {},
  ],
  [
    'a file below a file',
    '_brand.yaml/_x.yaml',
    'missing-fragment',
    /there is no file/,
    ({ root }) => put(root.widgets, '_brand.yaml', ''),
  ],
  [
    'a link to nothing',
    '_x.yaml',
    'missing-fragment',
    /leads to something that is not there/,
    (_, path) => link('_gone.yaml', path),
  ],
  [
    'the longest path',
    `${'a'.repeat(300)}/_x.yaml`,
    'missing-fragment',
    /there is no file/,
    () => {},
  ],
];

describe('an entry that may not be followed says why, and nothing is opened', () => {
  test.each(rows)('%s', (_, entry, code, ...[words, make]) => {
    const world = scene();
    make(world, join(world.root.widgets, entry));
    const { refusal, ...others } = resolveFragment(world.root, 'ava.yaml', entry) as Extract<
      ResolvedFragment,
      { refusal: unknown }
    >;
    expect(Object.keys(others)).toEqual(['places']);
    expect(refusal.code).toBe(code);
    expect(`${refusal.summary}. ${refusal.detail}`).toMatch(words);
    expect(refusal.detail).toMatch(/\.$|\?$/);
    // Nothing that is outside is named, nor where the tree lies on this machine.
    expect(JSON.stringify(refusal)).not.toContain(world.outer);
  });

  test('outside, what is there and what is not cannot be told apart', () => {
    const world = scene();
    const asked = () => resolveFragment(world.root, 'ava.yaml', '_x.yaml');
    link(join(world.outer, '_key.yaml'), join(world.root.widgets, '_x.yaml'));
    const without = asked();
    secret(world);
    expect(asked()).toEqual(without);
  });

  test('it is known where it may appear', () => {
    const { top, root } = scene();
    const of = (entry: string) => namesIn(resolveFragment(root, 'ava.yaml', entry)).sort();
    const way = [join(top, 'clients'), root.widgets];
    expect(of('_x.yaml')).toEqual([...way, join(root.widgets, '_x.yaml')]);
    expect(of('../../_kit/x.yaml')).toEqual([join(top, '_kit')]);
    link('_gone.yaml', join(root.widgets, '_y.yaml'));
    const names = ['_gone.yaml', '_y.yaml'].map((name) => join(root.widgets, name));
    expect(of('_y.yaml')).toEqual([...way, ...names]);
    expect(of('../../../_key.yaml')).toEqual([]);
  });
});

describe('a file that is at fault says so itself', () => {
  test.each<[string, string, RegExp, (path: string) => unknown]>([
    [
      'a byte more than is read',
      'file-too-large',
      /1 MiB/,
      (path) => {
        put(dirname(path), '_x.yaml', '');
        truncateSync(path, 2 ** 20 + 1);
      },
    ],
    [
      'a ring of links',
      'unreadable-file',
      /leads back to itself/,
      (path) => {
        link('_y.yaml', path);
        link('_x.yaml', join(dirname(path), '_y.yaml'));
      },
    ],
    [
      'a link to itself',
      'unreadable-file',
      /leads back to itself/,
      (path) => link('_x.yaml', path),
    ],
  ])('%s', (_, code, words, make) => {
    const { root } = scene();
    make(join(root.widgets, '_x.yaml'));
    const found = resolveFragment(root, 'ava.yaml', '_x.yaml');
    expect(found).toMatchObject({ file: '_x.yaml', finding: { code } });
    expect(JSON.stringify(found)).toMatch(words);
  });

  test('a way of more links than are followed does not lead out', () => {
    const world = scene();
    const { widgets } = world.root;
    for (let n = 0; n < 45; n += 1) link(`_${n + 1}.yaml`, join(widgets, `_${n}.yaml`));
    link(secret(world), join(widgets, '_45.yaml'));
    const found = resolveFragment(world.root, 'ava.yaml', '_0.yaml');
    expect(found).toMatchObject({ finding: { code: 'unreadable-file' } });
  });
});
