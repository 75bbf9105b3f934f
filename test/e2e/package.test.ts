// The package as npm makes it, and the files that the image is built from.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Installed beside the bundle, with a licence of their own. */
const apart = ['culori', 'pg', 'pino-pretty'];

test('the package holds the command, the schemas and nothing else', () => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const [packed] = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: [...stdio] }),
  );
  const paths: string[] = packed.files.map(({ path }: { path: string }) => path);

  const expected =
    /^(LICENSE|README\.md|package\.json|dist\/[\w.-]+|schemas\/(output\/)?[\w-]+\.schema\.json)$/;
  expect(paths.filter((path) => !expected.test(path))).toEqual([]);
  // `import` copies the schema beside the files that it writes.
  const copied = ['schemas/fragment.schema.json', 'schemas/widget.schema.json'];
  expect(paths).toEqual(expect.arrayContaining(['dist/main.js', ...copied]));
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
