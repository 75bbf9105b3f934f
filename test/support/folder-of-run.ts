// What all workers of one run share is in one folder, from before their first test until after their last.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const variable = 'FOLDER_OF_RUN';

/** Called by vitest before it starts workers, which inherit the variable. */
export function setup(): void {
  const folder = mkdtempSync(join(tmpdir(), 'widget-sync-run-'));
  // The database server's user copies from there.
  chmodSync(folder, 0o755);
  process.env[variable] = folder;
}

/** Called by vitest once all workers are done. */
export function teardown(): void {
  rmSync(folderOfRun(), { recursive: true, force: true });
}

export function folderOfRun(): string {
  const folder = process.env[variable];
  if (folder === undefined) throw new Error(`${variable} is not set: vitest.config.ts sets it up`);
  return folder;
}
