import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** More than a reader takes in at one look: a folder beyond it holds two things. */
const mostFiles = 16;

test(`no folder of src holds more than ${mostFiles} files`, () => {
  const src = join(import.meta.dirname, '../../src');
  const folders = readdirSync(src, { recursive: true, withFileTypes: true });
  const counts = new Map<string, number>();
  for (const entry of folders) {
    if (entry.isFile()) counts.set(entry.parentPath, (counts.get(entry.parentPath) ?? 0) + 1);
  }
  expect(counts.size).toBeGreaterThan(20);
  expect([...counts].filter(([, count]) => count > mostFiles)).toEqual([]);
});
