// What lies in a directory and is no plain file: nothing of it is waited for, led away by, or believed,
// and none of it keeps the good file beside it from being read.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { readFile } from '../../../src/documents/tree/read-file.ts';
import { requireRoot } from '../../../src/documents/tree/root-path.ts';
import {
  type ReadTreeOptions,
  readTree,
  type Tree,
} from '../../../src/documents/tree/walk-tree.ts';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import { hostileFiles } from '../../support/hostile-tree.ts';
import { widgetId } from '../../support/sandbox.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

const good = `widget_id: ${widgetId(0)}\nwidget_type: chat\n`;
const isRoot = process.getuid?.() === 0;
const later = () => new Date(Date.now() + 3_600_000);

function walk(dir: string, options: Partial<ReadTreeOptions> = {}): Tree | null {
  return readTree(requireRoot(dir), new Map(), { now: later, onRead: () => {}, ...options });
}

describe.skipIf(process.platform !== 'linux')('beside a good file (Linux)', () => {
  test.each(hostileFiles.map((file) => [file.kind, file] as const))('%s', (_, file) => {
    const dir = temporaryDirectory();
    put(dir, 'good.yaml', good);
    file.make(dir);
    const { documents, problems } = openWidgetDirectory(dir).load();
    expect(documents.map((document) => document.file)).toEqual(['good.yaml']);
    const said = problems.filter(({ file: path }) => path === file.path);
    expect(said.map(({ code }) => code)).toEqual(file.code === null ? [] : [file.code]);
  });

  test('all of them at once are each said once, in a moment', () => {
    const dir = temporaryDirectory();
    put(dir, 'good.yaml', good);
    for (const file of hostileFiles) file.make(dir);
    const startedMs = performance.now();
    const { documents, problems, held } = openWidgetDirectory(dir).load();
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(documents.map((document) => document.file)).toEqual(['good.yaml']);
    const expected = hostileFiles.flatMap(({ path, code }) => (code === null ? [] : [path]));
    expect([...new Set(problems.map(({ file }) => file))].sort()).toEqual(expected.sort());
    // Nothing of what the links lead to was read.
    expect(
      held
        .map(({ widgetId: id }) => id)
        .filter((id) => id !== null)
        .sort(),
    ).toEqual([51, 52, 53, 54, 55, 56].map(widgetId));
  });

  test.skipIf(!isRoot)('a device of its own (needs root to make one)', ({ skip }) => {
    const dir = temporaryDirectory();
    try {
      execFileSync('mknod', [join(dir, 'zero.yaml'), 'c', '1', '5'], { stdio: 'pipe' });
    } catch (error) {
      return skip(`devices cannot be made here: ${error}`);
    }
    put(dir, 'good.yaml', good);
    const { documents, problems } = openWidgetDirectory(dir).load();
    expect(documents).toHaveLength(1);
    expect(problems.map(({ code }) => code)).toEqual(['unreadable-file']);
  });
});

describe('what is another thing by the time it is opened', () => {
  test.skipIf(process.platform === 'win32').each<[string, (path: string) => unknown]>([
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
    ['a folder', (path) => mkdirSync(path)],
  ])('%s: is refused, and not waited for', (_, make) => {
    const path = join(temporaryDirectory(), 'ava.yaml');
    make(path);
    expect(readFile(path, later)).toMatchObject({ finding: { code: 'unreadable-file' } });
  });

  test('nothing any more: that is no finding', () => {
    expect(readFile(join(temporaryDirectory(), 'ava.yaml'), later)).toEqual({ gone: true });
  });

  test.skipIf(process.platform !== 'linux')('an endless device is not read to its end', () => {
    expect(readFile('/dev/zero', later)).toMatchObject({ finding: { code: 'unreadable-file' } });
  });

  /** What happens to the tree as soon as its first file was read; the listing is older. */
  function overtaken(happens: (dir: string) => void) {
    const dir = temporaryDirectory();
    put(dir, 'a.yaml', good);
    put(dir, 'sub/b.yaml', good);
    let hasHappened = false;
    const tree = walk(dir, {
      onRead() {
        if (!hasHappened) happens(dir);
        hasHappened = true;
      },
    });
    return { tree, next: walk(dir)?.files.map(({ path }) => path) };
  }

  test('a folder that becomes a file makes no tree, and the next look finds it', () => {
    const { tree, next } = overtaken((dir) => {
      rmSync(join(dir, 'sub'), { recursive: true });
      writeFileSync(join(dir, 'sub'), '');
    });
    expect(tree).toBeNull();
    expect(next).toEqual(['a.yaml']);
  });

  test('a folder that becomes a file of that name, and a file that becomes a folder', () => {
    const { next } = overtaken((dir) => {
      rmSync(join(dir, 'sub'), { recursive: true });
      writeFileSync(join(dir, 'sub'), '');
      rmSync(join(dir, 'a.yaml'));
      put(dir, 'a.yaml/c.yaml', good);
    });
    expect(next).toEqual(['a.yaml/c.yaml']);
  });

  test.skipIf(process.platform === 'win32')(
    'a name that is a file, a pipe, a folder, a link and nothing in turn never hides the good file',
    async () => {
      const dir = temporaryDirectory();
      put(dir, 'good.yaml', good);
      const turns = spawn('sh', ['-c', turning, 'sh', join(dir, 'x.yaml')], { stdio: 'pipe' });
      const gone = new Promise((resolve) => turns.once('exit', resolve));
      onTestFinished(() => {
        turns.kill('SIGKILL');
      });
      let turned = 0;
      turns.stdout.on('data', (text: Buffer) => {
        turned += text.length;
      });
      let trees = 0;
      while (turned < 60) {
        const paths = walk(dir)?.files.map(({ path }) => path);
        if (paths !== undefined) {
          expect(paths).toContain('good.yaml');
          trees += 1;
        }
        await new Promise(setImmediate);
      }
      turns.kill('SIGKILL');
      // It still makes files until it is gone.
      await gone;
      expect(trees).toBeGreaterThan(0);
    },
  );
});

/** A byte for each turn. */
const turning = `
while :; do
  echo a > "$1"; printf .; rm "$1"
  mkfifo "$1"; printf .; rm "$1"
  mkdir "$1"; printf .; rmdir "$1"
  ln -s "$1" "$1"; printf .; rm "$1"
  ln -s /dev/zero "$1"; printf .; rm "$1"
done`;

describe('more files than anybody keeps', () => {
  const few = { limits: { files: 3 } };
  const limit = /holds more than 3 widget files\. Name a directory that holds widgets only\./;

  test('are refused, in one folder or in many, readable or not; as many as that are read', () => {
    for (const place of ['', 'deep/']) {
      const dir = temporaryDirectory();
      for (const name of ['a', 'b', 'c']) put(dir, `${place}${name}.yaml`, good);
      expect(walk(dir, few)?.files).toHaveLength(3);
      put(dir, 'notes.txt', '');
      put(dir, '_fragment.yaml', '');
      expect(walk(dir, few)?.files).toHaveLength(3);
      mkdirSync(join(dir, 'd.yaml'));
      put(dir, 'd.yaml/d.yaml', '');
      expect(() => walk(dir, few)).toThrow(UsageError);
      expect(() => walk(dir, few)).toThrow(limit);
    }
  });

  test('are not all read before that is said', () => {
    const dir = temporaryDirectory();
    for (let n = 0; n < 50; n += 1) put(dir, `${n}.yaml`, good);
    let reads = 0;
    const count = () => {
      reads += 1;
    };
    expect(() => walk(dir, { ...few, onRead: count })).toThrow(limit);
    expect(reads).toBe(4);
  });
});

describe('more folders or other entries than anybody keeps', () => {
  /** Five folders, the root among them, and eleven entries. */
  function crowded(): string {
    const dir = temporaryDirectory();
    for (const path of ['a/b', 'a/c', 'd']) put(dir, `${path}/ava.yaml`, good);
    for (const name of ['notes.txt', '.hidden', '_shared', 'LICENSE']) put(dir, name, '');
    return dir;
  }

  test.each([
    ['folders', { folders: 5 }, { folders: 4 }, /holds more than 4 folders\. Name a directory/],
    ['entries', { entries: 11 }, { entries: 10 }, /holds more than 10 files and folders\. Name/],
  ])('%s: are refused, and just as many are read', (_, enough, few, words) => {
    const dir = crowded();
    expect(walk(dir, { limits: enough })?.files).toHaveLength(3);
    expect(() => walk(dir, { limits: few })).toThrow(UsageError);
    expect(() => walk(dir, { limits: few })).toThrow(words);
  });

  test('are refused before all of them are looked at', () => {
    const dir = temporaryDirectory();
    for (let n = 0; n < 50; n += 1) put(dir, `${n}/ava.yaml`, good);
    let reads = 0;
    const onRead = () => {
      reads += 1;
    };
    expect(() => walk(dir, { limits: { folders: 40 }, onRead })).toThrow(UsageError);
    expect(reads).toBe(0);
  });
});
