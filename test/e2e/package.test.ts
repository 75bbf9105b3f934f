// The package as npm makes it: what somebody gets who installs it.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('the package holds the command, the schemas and nothing else', () => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const [packed] = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: [...stdio] }),
  );
  const paths: string[] = packed.files.map(({ path }: { path: string }) => path);

  const expected =
    /^(LICENSE|README\.md|package\.json|dist\/[\w.-]+|schemas\/(output\/)?\w+\.schema\.json)$/;
  expect(paths.filter((path) => !expected.test(path))).toEqual([]);
  // `import` copies the schema beside the files that it writes.
  expect(paths).toEqual(expect.arrayContaining(['dist/main.js', 'schemas/widget.schema.json']));
});
