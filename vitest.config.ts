import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What waits long, or starts processes, comes first: at the end it would keep one worker busy while the
 * others have nothing left. Vitest itself knows that only from an earlier run.
 */
const slowestFirst = [
  /\/test\/e2e\/(api-limit|editors|edits|git-operations|lost-outputs|no-events|permissions|roots|state-under-fire)\./,
  /\/test\/(browser|chaos)\/|\/test\/e2e\/(explain|loaded-modules|published-trees|restarts|run-accounts|secrets|signals|state-move)\./,
  /\/test\/(e2e\/|cli\/over-accounts\/|docs\/(examples|ci)|deploy\/gitlab|documents\/(edit\/edit-widget|git\/object-store)|state\/file\/lock|deploy\/alerts|cli\/wiring\/notify)/,
];

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = slowestFirst.findIndex((files) => files.test(moduleId));
  return rank === -1 ? slowestFirst.length : rank;
}

const root = fileURLToPath(new URL('.', import.meta.url));

/**
 * Of `npm test`, which has built them: modules of src/ as tsc left them in build/, loaded by Node itself.
 * Vitest would transform each of them, and look up whatever they import by a function at each use.
 */
const builtModules: Plugin = {
  name: 'built-modules',
  enforce: 'pre',
  resolveId(id, importer) {
    if (!id.startsWith('.') || importer === undefined) return null;
    const path = resolve(dirname(importer), id);
    if (!path.startsWith(join(root, 'src/')) || !path.endsWith('.ts')) return null;
    const built = path.slice(join(root, 'src/').length).replace(/ts$/, 'js');
    return { id: join(root, 'build', built), external: true };
  },
};

export default defineConfig(({ mode }) => ({
  plugins: mode === 'built' ? [builtModules] : [],
  test: {
    include: ['test/**/*.test.ts'],
    // As in the bundle. Each worker would wait for the rest of it.
    alias: [
      {
        find: /^undici$/,
        replacement: fileURLToPath(new URL('.build/undici.mjs', import.meta.url)),
      },
    ],
    globalSetup: ['test/support/folder-of-run.ts'],
    setupFiles: [
      'test/support/laws-seed.ts',
      'test/support/temporary-disk.ts',
      'test/support/forget-secrets.ts',
    ],
    // Much of the time goes into waiting, and into loading modules: more workers than cores, which keep
    // what they have loaded.
    maxWorkers: 6,
    isolate: false,
    sequence: { sequencer: SlowestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
}));
