// A disk of its own for the state directory, so that it can be full. Only root on Linux may mount one;
// elsewhere the state stands on whatever disk there is, which never becomes full.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../src/base/errors.ts';

export interface StateDisk {
  /** False: there is no disk that could be filled. */
  readonly canFill: boolean;
  fill(): void;
  free(): void;
  remove(): void;
}

export function mountDisk(directory: string): StateDisk {
  const filler = join(directory, 'filler');
  const free = () => rmSync(filler, { force: true });
  if (!mount(directory)) return { canFill: false, fill() {}, free, remove() {} };
  return {
    canFill: true,
    fill: () => fill(filler),
    free,
    remove: () => execFileSync('umount', ['-l', directory]),
  };
}

function mount(directory: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    // A container may be root and still not be allowed to.
    return false;
  }
}

function fill(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (const size of [64 * 1024, 4096, 1]) writeUntilFull(file, 'x'.repeat(size));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, piece: string): void {
  for (;;) {
    try {
      if (writeSync(file, piece) < piece.length) return;
    } catch (error) {
      if (codeOf(error) === 'ENOSPC') return;
      throw error;
    }
  }
}
