import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What waits long, or starts processes, comes first: at the end it would keep one worker busy while the
 * others have nothing left. Vitest itself knows that only from an earlier run.
 */
const slowestFirst = [
  /\/test\/e2e\/(api-limit|editors|edits|git-operations|roots|state-under-fire)/,
  /\/test\/(chaos\/(chaos|regressions)|e2e\/(lost-outputs|no-events|permissions|secrets|signals))/,
  /\/test\/(e2e\/|sync\/resources|documents\/edit\/edit-widget)/,
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

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // As in the bundle. Each worker would wait for the rest of it.
    alias: [
      {
        find: /^undici$/,
        replacement: fileURLToPath(new URL('.build/undici.mjs', import.meta.url)),
      },
    ],
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
});
