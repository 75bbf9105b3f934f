// The pages lead where they say, name what there is, and can be read in a terminal.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { version } from '../../src/base/version.ts';
import { anchorsOf, namedIn, pageOf, pages, root, sectionOf } from './pages.ts';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** A link's page, as it stands on it, with the place within the repository. */
interface Link {
  readonly file: string;
  readonly anchor: string | null;
}

function linksOf({ path, prose }: { path: string; prose: string }): Link[] {
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)]
    .map(([, inline, reference]) => inline ?? reference ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));
  return targets.map((target) => {
    const [file = '', anchor = null] = target.split('#');
    return { file: file === '' ? path : normalize(join(dirname(path), file)), anchor };
  });
}

describe.each(pages.map((page) => [page.path, page] as const))('%s', (_, page) => {
  test('has no line of prose that is wider than 108 columns', () => {
    const lines = page.prose.split('\n').filter((line) => !/^\||^\[.*\]: /.test(line));
    expect(lines.filter((line) => [...line].length > 108)).toEqual([]);
  });

  test('links to files and headings that there are', () => {
    for (const { file, anchor } of linksOf(page)) {
      expect(existsSync(join(root, file)), `${page.path} → ${file}`).toBe(true);
      if (anchor !== null) {
        expect([...anchorsOf(pageOf(file))], `${page.path} → ${file}`).toContain(anchor);
      }
    }
  });

  test('names only folders, files and tests that there are', () => {
    const places = namedIn(page).filter((name) =>
      /^(src|test|docs|deploy|schemas|widgets|\.ci)\/[^<]*$/.test(name),
    );
    for (const place of places.flatMap(expanded)) {
      expect(isThere(place), `${page.path}: ${place}`).toBe(true);
    }
  });

  test('names only npm scripts that there are', () => {
    const named = [...page.text.matchAll(/npm run ([a-z]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  test('names only keys of the log and of --json that there are', () => {
    const keys = namedIn(page).filter((name) => /^[a-z]+(_[a-z]+)+$/.test(name));
    const isSaid = (key: string) =>
      [key, camelCase(key)].some((name) => allSources().includes(name));
    expect(keys.filter((key) => !isSaid(key))).toEqual([]);
  });
});

/** Of a test, the name without its ending is enough; a star stands for any rest of a name. */
function isThere(place: string): boolean {
  const pattern = place
    .replace(/\/$/, '')
    .split('*')
    .map((part) => part.replace(/[.]/g, '\\$&'))
    .join('[^/]*');
  const wanted = new RegExp(`^${pattern}(\\.test\\.ts)?$`);
  const [top = ''] = place.split('/');
  return entriesOf(top).some((entry) => wanted.test(entry));
}

const entries = new Map<string, string[]>();

function entriesOf(top: string): string[] {
  const known = entries.get(top);
  if (known !== undefined) return known;
  const names = readdirSync(join(root, top), { recursive: true, encoding: 'utf8' });
  const found = [top, ...names.map((name) => `${top}/${name}`)];
  entries.set(top, found);
  return found;
}

/** `a/{b,c}` as `a/b` and `a/c`. */
function expanded(path: string): string[] {
  const [all, inner] = /\{([^}]*)\}/.exec(path) ?? [];
  if (all === undefined || inner === undefined) return [path];
  return inner.split(',').flatMap((one) => expanded(path.replace(all, one)));
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

let sources: string | null = null;

/** What the program may say, in one text. */
function allSources(): string {
  sources ??= ['src', 'schemas'].map(textOf).join('\n');
  return sources;
}

function textOf(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|json)$/.test(name))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n');
}

test('nothing says to run what the registry has under the name of the command', () => {
  const texts = [...pages.map(({ text }) => text), ...['src', 'examples'].map(textOf)];
  expect(texts.join('\n')).not.toMatch(/npx (?!--no -- )(?:-\S+ )*widget-sync/);
});

test('the README has at most 150 lines', () => {
  expect(pageOf('README.md').text.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});

test('every page can be reached from the README', () => {
  const reached = new Set<string>(['README.md']);
  // A set that grows while it is walked is walked to its end.
  for (const path of reached) {
    const page = pages.find((one) => one.path === path);
    for (const { file } of page === undefined ? [] : linksOf(page)) reached.add(file);
  }
  expect(pages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
});

test('the changelog begins with this version', () => {
  const [, newest] = /^## \[(.+)\] \d{4}-\d\d-\d\d$/m.exec(pageOf('CHANGELOG.md').text) ?? [];
  expect(newest).toBe(version);
});

test('the words that a reader has to know are twenty at most', () => {
  const section = sectionOf(pageOf('docs/architecture.md'), 'The words');
  const words = section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1);
  expect(words.length).toBeGreaterThan(10);
  expect(words.length).toBeLessThanOrEqual(20);
});

test('the architecture tells of every room', () => {
  const section = sectionOf(pageOf('docs/architecture.md'), 'The rooms');
  const told = [...section.matchAll(/^\| `([a-z/.]+)` \|/gm)].map(([, room = '']) => room);
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name !== 'sync') return [entry.name];
    return readdirSync(join(root, 'src/sync'), { withFileTypes: true }).flatMap((part) =>
      part.isDirectory() ? [`sync/${part.name}`] : [],
    );
  });
  expect(told.sort()).toEqual(rooms.sort());
});
