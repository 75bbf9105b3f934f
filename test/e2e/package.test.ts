// The package as npm makes it, and the files that the image is built from.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { afterAll, expect, test } from 'vitest';
import { wantedFiles } from '../../src/cli/init/wanted-files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Installed beside the bundle, with a licence of their own. */
const apart = ['culori', 'pg', 'pino-pretty'];

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const folder = mkdtempSync(join(tmpdir(), 'widget-sync-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

let packed: Packed | null = null;

/** Of what was built before; once for all tests. */
function pack(): Packed {
  packed ??= packInto(folder);
  return packed;
}

function packInto(destination: string): Packed {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination];
  const [made] = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  return made;
}

const filesOf = ({ files }: Packed): string[] => files.map(({ path }) => path);

function filesOfInit(): string[] {
  const all = (['github', 'gitlab'] as const).flatMap((ci) => wantedFiles(ci));
  return [...new Set(all.map(({ source }) => relative(root, source)))];
}

/** From the root of the repository; not what makes others. */
function filesBelow(folder: string): string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.mjs'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

test('the package holds the command, the schemas, what init places, and nothing else', () => {
  const paths = filesOf(pack());
  const expected =
    /^(LICENSE|README\.md|package\.json|dist\/[\w.-]+\.(js|txt)|schemas\/(output\/)?[\w-]+\.schema\.json|deploy\/(workflows\/[\w-]+\.yml|gitlab-ci\.yml|pre-commit-config\.yaml))$/;
  expect(paths.filter((path) => !expected.test(path))).toEqual([]);
  const needed = [...filesBelow('schemas'), ...filesOfInit()];
  expect(paths).toEqual(expect.arrayContaining(['dist/main.js', 'dist/LICENSES.txt', ...needed]));
});

test('publint finds nothing wrong with the package', async () => {
  const { buffer } = readFileSync(join(folder, pack().filename));
  const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
  expect(messages).toEqual([]);
});

test('nobody can publish it by accident: the name has no owner yet', () => {
  const { private: isPrivate, publishConfig } = JSON.parse(
    readFileSync(`${root}package.json`, 'utf8'),
  );
  expect(isPrivate).toBe(true);
  // What it is published with, once a scope is owned.
  expect(publishConfig).toEqual({ access: 'public', provenance: true });
});

test('the image is built from files that there are and that .dockerignore lets through', () => {
  const linesOf = (file: string) => readFileSync(`${root}${file}`, 'utf8').split('\n');
  const copies = linesOf('Dockerfile').filter((line) => /^COPY (?!--from)/.test(line));
  const sources = copies.flatMap((line) => line.split(' ').slice(1, -1));
  const allowed = linesOf('.dockerignore').filter((line) => line.startsWith('!'));

  expect(sources).toEqual(expect.arrayContaining(['src', '.build', 'tsconfig.json']));
  expect(sources.filter((source) => !existsSync(`${root}${source}`))).toEqual([]);
  expect(new Set(allowed.map((line) => line.slice(1)))).toEqual(new Set(sources));
});

test('the image serves nothing unless it is asked to, and has the command where every message names it', () => {
  const image = readFileSync(`${root}Dockerfile`, 'utf8');
  expect(image).not.toMatch(/WIDGET_SYNC_SERVE=/);
  expect(image).not.toMatch(/^(EXPOSE|HEALTHCHECK) /m);
  expect(image).toContain('ln -s /app/dist/main.js /usr/local/bin/widget-sync');
});

test('the image keeps the packages that are read beside the bundle', () => {
  const [, kept = ''] =
    /filter\(\(name\) => !(\[[^\]]*\])/.exec(readFileSync(`${root}Dockerfile`, 'utf8')) ?? [];
  expect(JSON.parse(kept)).toEqual(apart);
});

test('the licences of the bundled packages go with the command', () => {
  const texts = readFileSync(`${root}dist/LICENSES.txt`, 'utf8');
  const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const bundled = Object.keys(dependencies).filter((name) => !apart.includes(name));

  expect(bundled.filter((name) => !texts.includes(`${name}\n\n`))).toEqual([]);
});
