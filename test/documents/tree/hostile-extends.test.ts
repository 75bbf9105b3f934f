// What a file may name under `extends` to be shown what is none of its business: each has its code at its place, and
// nothing outside is opened or shown.
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import type { LoadedTree, Problem } from '../../../src/model/document.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

/** Stands in all files that nobody may see, as a field that would be told of. */
const secret = 'hidden-5ca1ab1e';
const telling = `${secret}: [\n# in-${secret}-0123456789\n`;

interface Scene {
  readonly outer: string;
  /** The source root: it holds `.git`, a key and the widget directory `site`. */
  readonly top: string;
  readonly dir: string;
}

function scene(): Scene {
  const outer = realpathSync(temporaryDirectory());
  const top = join(outer, 'repo');
  const dir = join(top, 'site');
  put(top, '.git/config', telling);
  put(top, 'key', telling);
  put(outer, '_key.yaml', telling);
  put(outer, 'key', telling);
  put(dir, 'good.yaml', `widget_id: ${widgetId(1)}\nwidget_type: chat\n`);
  return { outer, top, dir };
}

/** Long ago, and before the last change: reading the file would set it, as the file system does it by default. */
const neverRead = new Date('2001-01-01T00:00:00Z');

function hide(path: string): () => boolean {
  utimesSync(path, neverRead, new Date());
  return () => statSync(path).atimeMs !== neverRead.getTime();
}

const linkTo = (target: string) => (_: Scene, path: string) => {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
};
const pipe = (path: string) => execFileSync('mkfifo', [path]);
const nothing = () => {};

interface Row {
  readonly what: string;
  readonly entry: string;
  readonly code: string;
  /** Default: the entry in `evil.yaml`. */
  readonly at?: string;
  make(scene: Scene, path: string): unknown;
}

const at = (entry: string) => (code: string) => ({ entry, code });
const x = at('_x.yaml');

const rows: Row[] = [
  { what: 'a file above the root', ...at('../../_key.yaml')('fragment-outside'), make: nothing },
  { what: 'the key above the root', ...at('../../key')('fragment-outside'), make: nothing },
  {
    what: 'a way out and in again',
    ...at('../../repo/_x.yaml')('fragment-outside'),
    make: nothing,
  },
  {
    what: "the system's own",
    ...at('../../../../../../etc/_x.yaml')('fragment-outside'),
    make: nothing,
  },
  { what: 'a link to outside', ...x('fragment-outside'), make: linkTo('../../_key.yaml') },
  { what: 'an absolute link', ...x('fragment-outside'), make: linkTo('/etc/passwd') },
  { what: 'a link to a device', ...x('fragment-outside'), make: linkTo('/dev/zero') },
  { what: 'a link into the process', ...x('fragment-outside'), make: linkTo('/proc/self/environ') },
  {
    what: 'a link to a link to outside',
    ...x('fragment-outside'),
    make(world, path) {
      linkTo('_y.yaml')(world, path);
      linkTo('../../_key.yaml')(world, join(world.dir, '_y.yaml'));
    },
  },
  {
    what: 'a linked folder outside',
    ...at('_kit/_key.yaml')('fragment-outside'),
    make: ({ dir }) => symlinkSync('../..', join(dir, '_kit')),
  },
  { what: 'a link to the key', ...x('not-a-fragment'), make: linkTo('../key') },
  { what: "a link to git's own", ...x('not-a-fragment'), make: linkTo('../.git/config') },
  {
    what: "git's own through a linked folder",
    ...at('_kit/config')('not-a-fragment'),
    make: ({ dir }) => symlinkSync('../.git', join(dir, '_kit')),
  },
  { what: 'the key', ...at('../key')('not-a-fragment'), make: nothing },
  { what: "git's own", ...at('../.git/config')('not-a-fragment'), make: nothing },
  { what: 'a widget file', ...at('good.yaml')('not-a-fragment'), make: nothing },
  { what: 'an address', ...at('https://example.com/_x.yaml')('not-a-fragment'), make: nothing },
  { what: 'a file address', ...at('file:///etc/_x.yaml')('not-a-fragment'), make: nothing },
  { what: 'an absolute path', ...at('/etc/_x.yaml')('not-a-fragment'), make: nothing },
  { what: 'a home directory', ...at('~/_x.yaml')('missing-fragment'), make: nothing },
  { what: 'backslashes', ...at('..\\..\\_key.yaml')('not-a-fragment'), make: nothing },
  { what: 'a zero byte', ...at('_x.yaml\u0000')('not-a-fragment'), make: nothing },
  { what: 'a variable', ...at('$HOME/_x.yaml')('missing-fragment'), make: nothing },
  { what: 'a folder', ...x('not-a-fragment'), make: (_, path) => mkdirSync(path) },
  { what: 'a pipe', ...x('not-a-fragment'), make: (_, path) => pipe(path) },
  {
    what: 'a socket',
    ...x('not-a-fragment'),
    make(_, path) {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
    },
  },
  { what: 'a link to itself', ...x('unreadable-file'), at: '_x.yaml', make: linkTo('_x.yaml') },
  {
    what: 'a mebibyte and a byte',
    ...x('file-too-large'),
    at: '_x.yaml',
    make(_, path) {
      put(dirname(path), '_x.yaml', telling);
      truncateSync(path, 2 ** 20 + 1);
    },
  },
  {
    what: 'a ring of fragments',
    ...x('extends-cycle'),
    at: '_y.yaml',
    make({ dir }) {
      put(dir, '_x.yaml', 'extends: _y.yaml\n');
      put(dir, '_y.yaml', 'extends: _x.yaml\n');
    },
  },
  {
    what: 'seventeen fragments',
    ...x('too-many-fragments'),
    make({ dir }) {
      for (let n = 0; n <= 15; n += 1)
        put(dir, `_${n}.yaml`, n === 15 ? 'bubble_text: a\n' : `extends: _${n + 1}.yaml\n`);
      put(dir, '_x.yaml', 'extends: _0.yaml\n');
    },
  },
  {
    what: 'a fragment that names what is outside',
    ...x('fragment-outside'),
    at: '_x.yaml',
    make: ({ dir }) => put(dir, '_x.yaml', 'extends: ../../_key.yaml\n'),
  },
];

const head = `widget_id: ${widgetId(2)}\nwidget_type: chat\nextends:\n  - `;

/** The one problem that is told besides that of the files it holds. */
function told({ problems }: LoadedTree): Problem {
  const [problem, ...more] = problems.filter(({ code }) => code !== 'broken-fragment');
  expect(more).toEqual([]);
  if (problem === undefined) throw new Error('nothing is told');
  return problem;
}

describe.skipIf(process.platform !== 'linux')('extends (Linux)', () => {
  test.each(rows)('$what', ({ entry, code, at: file = 'evil.yaml', make }) => {
    const world = scene();
    const { outer, dir } = world;
    put(dir, 'evil.yaml', `${head}${JSON.stringify(entry)}\n`);
    make(world, join(dir, entry.replaceAll('\u0000', '')));
    const secrets = ['_key.yaml', 'key', 'repo/key', 'repo/.git/config'];
    const wasRead = secrets.map((name) => hide(join(outer, name)));

    const tree = openWidgetDirectory(dir).load();
    const problem = told(tree);
    expect({ code: problem.code, file: problem.file }).toEqual({ code, file });
    if (file === 'evil.yaml') expect(problem.range.start).toEqual({ line: 4, column: 5 });
    expect(tree.documents.map((document) => document.file)).toEqual(['good.yaml']);
    expect(tree.held.map((held) => held.file)).toEqual(['evil.yaml']);

    expect(JSON.stringify(tree.problems)).not.toContain(secret);
    expect(wasRead.map((was) => was())).toEqual(secrets.map(() => false));
  });

  test('a file that is read can be told by its time', () => {
    const path = put(temporaryDirectory(), 'key', telling);
    const wasRead = hide(path);
    expect(wasRead()).toBe(false);
    readFileSync(path);
    expect(wasRead()).toBe(true);
  });

  test('all of them at once are each told in a moment, and no output shows what they lead to', async () => {
    const world = scene();
    for (const [n, { entry, make }] of rows.entries()) {
      const dir = join(world.dir, `case-${n}`);
      mkdirSync(dir);
      // Each in a folder of its own, one below the directory.
      if (!['_kit/_key.yaml', '_kit/config'].includes(entry)) {
        make({ ...world, dir }, join(dir, entry.replaceAll('\u0000', '')));
      }
      for (let k = 0; k < 5; k += 1) {
        put(
          dir,
          `evil-${k}.yaml`,
          `widget_id: ${widgetId(100 + 5 * n + k)}\nextends: ${JSON.stringify(entry)}\n`,
        );
      }
    }
    const startedMs = performance.now();
    const { documents, held } = openWidgetDirectory(world.dir, { notes: false }).load();
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(documents.map(({ file }) => file)).toEqual(['good.yaml']);
    expect(held).toHaveLength(5 * rows.length);

    const env = { INSIGHTO_API_KEY: 'in-hostile' };
    for (const args of [['validate'], ['validate', '--json']]) {
      const [command = '', ...flags] = args;
      const { stdout, stderr } = await runHere([command, world.dir, ...flags], env);
      for (const { code } of rows) expect(stdout + stderr).toContain(code);
      expect(stdout + stderr).not.toContain(secret);
      // Where the tree lies on this machine is not told, either.
      if (flags.includes('--json')) expect(stdout).not.toContain(world.outer);
    }
  });
});
